#!/usr/bin/python3
"""A database that is down at the start, goes away, and comes back."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ["DB"] = "postgres"
from guest import equal, succeeds  # noqa: E402
from scene import scene, test  # noqa: E402


def subject(room, who, text):
    who.message(room.jid, f"<subject>{text}</subject>")


def talks(room, speaker, hearer):
    speaker.say(room, "But soft!")
    hearer.hears(room.at(speaker.name), "But soft!")


@test("is waited for when it is down at the start")
def waited(stage):
    stage.annex.stop()
    stage.database.stop()

    since = stage.annex.launch()
    stage.annex.process.wait_line("store: away", since)
    equal(stage.get("/healthz", since)[0], 200)
    equal(stage.get("/readyz", since)[0], 503)
    stage.database.start()

    stage.annex.process.wait_line("router: attached", since)
    equal(stage.get("/readyz", since)[0], 200)


@test("may go away without stopping talk in rooms that are in use")
def away(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, persistentroom=1)
    since = stage.log_length()

    stage.database.kill()
    talks(room, romeo, juliet)
    romeo.say(room, "while away")
    subject(room, romeo, "Night")
    succeeds(romeo.configure(room, roomname="Tomb"))
    succeeds(romeo.set_affiliation(room, "paris@verona.test", "member"))
    stage.annex.process.wait_line("store: away", since)
    equal(stage.get("/readyz")[0], 503)
    stage.hush()
    juliet.leave(room)
    juliet.sees_gone(room.at("juliet"), {110})
    stage.database.start()

    stage.annex.process.wait_line("store: linked", since)
    equal(stage.get("/readyz")[0], 200)
    stage.restart()
    romeo, = stage.cast("romeo")
    entry = romeo.enter(room)
    equal([old.body for old in entry.history], ["But soft!", "while away"])
    equal(entry.subject.subject, "Night")
    equal(romeo.configuration(room).form["muc#roomconfig_roomname"],
          ["Tomb"])
    equal([row["jid"] for row in
           romeo.list(room, affiliation="member").rows],
          ["paris@verona.test"])


@test("may hang without stopping talk in rooms that are in use")
def frozen(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, persistentroom=1)

    stage.database.freeze()
    try:
        talks(room, romeo, juliet)
        subject(room, romeo, "Night")
        stage.hush()
    finally:
        stage.database.thaw()

    stage.restart()
    romeo, = stage.cast("romeo")
    equal(romeo.enter(room).subject.subject, "Night")


@test("does not keep people from temporary rooms, which end as they should")
def temporary(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    since = stage.log_length()

    stage.database.kill()
    stage.annex.process.wait_line("store: away", since)
    equal(juliet.enter(room).nicks, ["romeo"])
    romeo.sees(room.at("juliet"))
    talks(room, juliet, romeo)
    juliet.forget()
    subject(room, romeo, "Night")
    succeeds(romeo.configure(room, roomname="Tomb"))
    succeeds(romeo.set_affiliation(room, "paris@verona.test", "member"))
    stage.hush()
    juliet.leave(room)
    juliet.sees_gone(room.at("juliet"), {110})
    entry = juliet.enter(room)
    equal([old.body for old in entry.history], ["But soft!"])
    equal(entry.subject.subject, "Night")
    equal(stage.get("/readyz")[0], 503)
    stage.database.start()

    stage.annex.process.wait_line("store: linked", since)
    stage.saved()
    assert room.jid in stage.dump()
    for who in romeo, juliet:
        who.leave(room)
    stage.wait_stored(lambda text: room.jid not in text)
    stage.hush()


@test("makes those wait who want a room that has yet to be read")
def unread(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, persistentroom=1)
    stage.restart()
    romeo, = stage.cast("romeo")
    stage.database.kill()

    romeo.knock(room)
    romeo.refused("presence", room.at("romeo"), "resource-constraint",
                  "wait")

    since = stage.log_length()
    stage.database.start()
    stage.annex.process.wait_line("store: linked", since)
    equal(romeo.enter(room).own.codes, {110})


scene()
