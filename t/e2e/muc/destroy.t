#!/usr/bin/python3
"""XEP-0045 10.9: destroying a room."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, succeeds
from scene import scene, test

WHY = "<reason>Macbeth doth come.</reason><password>burn</password>"


def going(who, room):
    came = who.expect("presence", sender=room.at(who.name), role="none",
                      type="unavailable")
    assert came.has("user:x/user:destroy"), f"{came}"
    return came


@test("removes everyone with one presence each")
def destroyed(stage):
    cast = romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)

    succeeds(romeo.destroy(room))

    for who in cast:
        going(who, room)
    stage.silent()
    equal(romeo.info(room).condition, "item-not-found")


@test("passes reason, alternate venue and its password on")
def venue(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room, other = stage.gather(romeo, juliet), stage.room()

    succeeds(romeo.destroy(room, WHY, jid=other.jid))

    for who in (romeo, juliet):
        came = going(who, room)
        equal(came.attribute("user:x/user:destroy", "jid"), other.jid)
        equal(came.text("user:x/user:destroy/user:reason"),
              "Macbeth doth come.")
        equal(came.text("user:x/user:destroy/user:password"), "burn")


@test("destroys a persistent room for good")
def persistent(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo, persistentroom=1, roomname="Orchard")

    succeeds(romeo.destroy(room))

    going(romeo, room)
    equal(romeo.enter(room).own.codes, {110, 201})


@test("lets an owner destroy a room from outside")
def outside(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    romeo.leave(room)
    stage.hush()

    succeeds(romeo.destroy(room))

    going(juliet, room)


@test("says forbidden to those who do not own it")
def forbidden(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    nurse.enter(room)
    stage.hush()

    for who in (juliet, nurse):
        fails(who.destroy(room), "forbidden", "auth")
    stage.silent()


@test("says item-not-found when there is no such room")
def nowhere(stage):
    romeo, = stage.cast("romeo")

    fails(romeo.destroy(stage.room()), "item-not-found")


scene()
