#!/usr/bin/python3
"""XEP-0045 10.1: creating a room."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test

CANCEL = ("<query xmlns='http://jabber.org/protocol/muc#owner'>"
          "<x xmlns='jabber:x:data' type='cancel'/></query>")


@test("unlocks an instant room")
def instant(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.room()
    own = romeo.enter(room).own
    equal((own.codes, own.affiliation, own.role),
          ({110, 201}, "owner", "moderator"))

    answer = romeo.configure(room)

    succeeds(answer)
    equal((answer.sender, list(answer.xml)), (room.jid, []))
    juliet.enter(room)


@test("configures a reserved room by a form")
def reserved(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.room()
    romeo.enter(room)
    form = succeeds(romeo.configuration(room))
    equal(form.form_type, "http://jabber.org/protocol/muc#roomconfig")
    equal(form.attribute("owner:query/data:x", "type"), "form")

    succeeds(romeo.configure(room, roomname="A Dark Cave", whois="anyone"))

    entry = juliet.enter(room)
    equal(entry.own.codes, {100, 110})
    equal(romeo.info(room).attribute("info:query/info:identity", "name"),
          "A Dark Cave")


@test("destroys the room when its first configuration is cancelled")
def cancelled(stage):
    romeo, = stage.cast("romeo")
    room = stage.room()
    romeo.enter(room)

    succeeds(romeo.ask("set", room.jid, CANCEL))

    came = romeo.expect("presence", sender=room.at("romeo"),
                        type="unavailable", role="none")
    assert came.has("user:x/user:destroy"), f"{came}"
    equal(romeo.info(room).condition, "item-not-found")


@test("destroys the room when the owner leaves before configuring it")
def left(stage):
    romeo, = stage.cast("romeo")
    room = stage.room()
    romeo.enter(room)

    romeo.leave(room)

    came = romeo.expect("presence", sender=room.at("romeo"),
                        type="unavailable", role="none")
    assert came.has("user:x/user:destroy"), f"{came}"
    stage.silent()
    equal(romeo.info(room).condition, "item-not-found")


@test("refuses bad options, keeps the room locked, and takes good ones")
def refused(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.room()
    romeo.enter(room)

    answer = romeo.configure(room, passwordprotectedroom=1, roomsecret="")

    equal((answer.type, answer.condition, answer.error_type),
          ("error", "not-acceptable", "modify"))
    juliet.knock(room)
    juliet.refused("presence", room.at("juliet"), "item-not-found", "cancel")
    succeeds(romeo.configure(room))
    juliet.enter(room)


@test("lets several people create rooms at once")
def many(stage):
    cast = stage.cast("romeo", "juliet", "nurse")
    rooms = [stage.room() for _ in cast]
    for who, room in zip(cast, rooms):
        who.knock(room)

    for who, room in zip(cast, rooms):
        who.sees(room.at(who.name), {110, 201})


scene()
