#!/usr/bin/python3
"""XEP-0045 7.2.9: rooms that are full."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


@test("refuses one too many")
def full(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, maxusers=2)

    nurse.knock(room)

    nurse.refused("presence", room.at("nurse"),
                  "service-unavailable", "wait", by=room.jid)
    stage.silent()


@test("admits admins and owners all the same")
def admins(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo, juliet, maxusers=2)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    succeeds(romeo.set_affiliation(room, paris.bare, "owner"))
    stage.hush()

    equal(nurse.enter(room).own.role, "moderator")
    equal(paris.enter(room).own.role, "moderator")


@test("has room again when somebody leaves")
def left(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, maxusers=2)
    juliet.leave(room)
    stage.hush()

    nurse.enter(room)


@test("admits a second client of one who is inside")
def session(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, maxusers=2)

    stage.client("juliet", "balcony").enter(room)


scene()
