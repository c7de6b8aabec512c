#!/usr/bin/python3
"""XEP-0045 6.1 to 6.3: finding the service and its rooms."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, succeeds
from scene import scene, test
from stanza import NS


def found(who, stage):
    answer = succeeds(who.items(stage.rooms))
    return {item.get("jid"): item.get("name")
            for item in answer.find_all("items:query/items:item")}


@test("tells its identity and features")
def identity(stage):
    romeo, = stage.cast("romeo")

    answer = succeeds(romeo.info(stage.rooms))

    equal({(each.get("category"), each.get("type")) for each in
           answer.find_all("info:query/info:identity")},
          {("conference", "text")})
    assert answer.attribute("info:query/info:identity", "name")
    missing = {NS["muc"], NS["info"], NS["items"], NS["ping"],
               "http://jabber.org/protocol/muc#stable_id"} - answer.features
    equal(missing, set())


@test("lists public rooms with their names, hidden ones not")
def rooms(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    open_room = stage.gather(romeo, roomname="A Dark Cave")
    hidden = stage.gather(romeo, publicroom=0)

    listed = found(juliet, stage)

    equal(listed.get(open_room.jid), "A Dark Cave")
    assert hidden.jid not in listed, listed


@test("does not list rooms that are still locked")
def locked(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.room()
    romeo.enter(room)

    assert room.jid not in found(juliet, stage)


@test("lists persistent rooms that are empty")
def empty(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, persistentroom=1)
    romeo.leave(room)
    stage.hush()

    assert room.jid in found(juliet, stage)


@test("pages the list by RSM (XEP-0059)")
def paged(stage):
    romeo, = stage.cast("romeo")
    for _ in range(3):
        stage.gather(romeo)
    everything = sorted(found(romeo, stage))

    seen, last = [], ""
    while True:
        answer = succeeds(romeo.ask("get", stage.rooms, (
            "<query xmlns='http://jabber.org/protocol/disco#items'>"
            "<set xmlns='http://jabber.org/protocol/rsm'><max>2</max>"
            f"{last}</set></query>")))
        page = [item.get("jid") for item in
                answer.find_all("items:query/items:item")]
        if not page:
            break
        assert len(page) <= 2, page
        seen += page
        last = answer.text("items:query/rsm:set/rsm:last")
        last = f"<after>{last}</after>"

    equal(sorted(seen), everything)


@test("answers ping, version, time and uptime")
def entity(stage):
    romeo, = stage.cast("romeo")

    succeeds(romeo.ask("get", stage.rooms, "<ping xmlns='urn:xmpp:ping'/>"))
    version = succeeds(romeo.ask("get", stage.rooms,
                                 "<query xmlns='jabber:iq:version'/>"))
    assert version.text("version:query/version:name")
    time = succeeds(romeo.ask("get", stage.rooms,
                              "<time xmlns='urn:xmpp:time'/>"))
    equal(time.text("time:time/time:tzo"), "+00:00")
    succeeds(romeo.ask("get", stage.rooms,
                       "<query xmlns='jabber:iq:last'/>"))


@test("says service-unavailable to what it does not know")
def unknown(stage):
    romeo, = stage.cast("romeo")

    for type in ("get", "set"):
        fails(romeo.ask(type, stage.rooms, "<query xmlns='urn:unknown'/>"),
              "service-unavailable", "cancel")


scene()
