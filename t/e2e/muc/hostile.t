#!/usr/bin/python3
"""What a client sends may cost it its stanza, but never the link that all
others use."""
import contextlib
import socket
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test


def survives(stage, *contents):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    since = stage.log_length()

    for content in contents:
        juliet.message(room.jid, content, id="bad")
        juliet.expect("message", type="error", sender=room.jid, id="bad")
        romeo.say(room, "still here")
        romeo.hears(room.at("romeo"), "still here")
        juliet.hears(room.at("romeo"), "still here")
    stage.silent()
    equal([line for line in stage.annex.process.lines[since:]
           if "next attempt" in line], [])


@test("refuses namespaces that routers pass on, but write wrongly")
def namespaces(stage):
    survives(stage, "<body>Thou</body><stream:x/><y stream:z='1'/>"
             "<xml:a xml:b='c' xmlns='urn:d'/>"
             "<x xmlns:e='urn:\u00e9'><e:\u00e9/></x>")


@test("refuses what routers make a hundred times larger")
def namespaced(stage):
    declared = "urn:" + "x" * 1000
    survives(stage, f"<e xmlns:p='{declared}'>"
             + "<p:a/><b xmlns='urn:b'/>" * 9000 + "</e>")


@test("passes long tags on without holding up what follows")
def held_up(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    since = stage.log_length()

    # With blanks, as the router would hold up her own.
    juliet.send(f"<iq type='set' id='long' to='{room.jid}'>"
                f"<a xmlns='urn:a' b='{'x' * 9000}'/></iq>" + " " * 30000)
    stage.annex.process.wait_line(juliet.full, since)
    romeo.say(room, "But soft!")
    romeo.hears(room.at("romeo"), "But soft!")

    stage.part(juliet)
    juliet.vanish()


@test("answers monitors beside silent connections")
def silent(stage):
    said = stage.annex.process.wait_line("http: listening on port ")
    address = ("127.0.0.1", int(said.split()[-1]))
    connections = [socket.create_connection(address, 60) for _ in range(300)]
    for connection in connections:
        # The first are sent away before the last has come.
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"GET /hea")

    equal(stage.get("/healthz")[0], 200)

    for connection in connections:
        connection.close()
    equal(stage.get("/healthz")[0], 200)


scene()
