#!/usr/bin/python3
"""XEP-0045 17.3: which presence enters and leaves a room."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test

X = "<x xmlns='http://jabber.org/protocol/muc'/>"


@test("ignores unavailable presence from outside")
def outside(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo)

    tybalt.leave(room)
    tybalt.presence(room.at("romeo"), X, "unavailable")
    tybalt.presence(room.jid, "", "unavailable")

    stage.silent()


@test("takes no presence with a type for entering")
def typed(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo)

    for type in ("probe", "subscribe", "subscribed", "unsubscribe",
                 "unsubscribed"):
        tybalt.presence(room.at("tybalt"), X, type)

    stage.settle()
    equal(romeo.inbox, [])
    assert not any(110 in came.codes for came in tybalt.inbox)


@test("takes only unavailable for leaving")
def staying(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    for type in ("probe", "subscribe", "unsubscribe"):
        juliet.presence(room.at("juliet"), "", type)

    stage.hush()
    juliet.say(room, "still here")
    romeo.hears(room.at("juliet"), "still here")


@test("puts role and affiliation into all presence")
def always(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    juliet.enter(room)
    juliet.presence(room.at("juliet"), "<show>away</show>")
    juliet.presence(room.at("sun"))
    juliet.leave(room, "sun")
    stage.settle()

    equal([(came.sender, came.affiliation, came.role)
           for came in romeo.inbox], [
        (room.at("juliet"), "none", "participant"),
        (room.at("juliet"), "none", "participant"),
        (room.at("juliet"), "none", "participant"),
        (room.at("sun"), "none", "participant"),
        (room.at("sun"), "none", "none")])


scene()
