#!/usr/bin/python3
"""XEP-0045 7.2.8: nicks that another one has."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


@test("refuses a nick that another user has")
def taken(stage):
    romeo, paris = stage.cast("romeo", "paris")
    room = stage.gather(romeo)

    paris.knock(room, "romeo", id="n13mt3l")

    paris.refused("presence", room.at("romeo"), "conflict",
                  "cancel", by=room.jid, id="n13mt3l")
    stage.silent()


@test("refuses a nick that is reserved for a member who is not there")
def reserved(stage):
    romeo, paris, juliet = stage.cast("romeo", "paris", "juliet")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member",
                                   nick="sun"))
    stage.hush()

    paris.knock(room, "sun")

    paris.refused("presence", room.at("sun"), "conflict", "cancel",
                  by=room.jid)
    juliet.enter(room, "sun")


@test("compares nicks after Resourceprep")
def prepared(stage):
    romeo, paris = stage.cast("romeo", "paris")
    room = stage.room()
    romeo.create(room, "ro\u212bmeo")

    paris.knock(room, "ro\u00e5meo".replace("\u00e5", "\u00c5"))

    refusal = paris.next()
    equal((refusal.kind, refusal.condition), ("presence", "conflict"))


@test("admits another session of the same user under the same nick")
def own(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    entry = stage.client("juliet", "balcony").enter(room)

    equal(entry.own.codes, {110})


scene()
