#!/usr/bin/python3
"""XEP-0045 11.1 and 18.1.2: errors from occupants."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test

STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"


def bounce(who, kind, to, condition):
    """Sends the error a router would send for somebody unreachable."""
    who.send(f"<{kind} to='{to}' type='error' id='b1'>"
             f"<error type='cancel'><{condition} xmlns='{STANZAS}'/>"
             f"</error></{kind}>")


def removed(stage, condition):
    romeo, tybalt, nurse = stage.cast("romeo", "tybalt", "nurse")
    room = stage.gather(romeo, tybalt, nurse)
    bounce(tybalt, "message", room.jid, condition)
    for who in (romeo, nurse):
        who.sees_gone(room.at("tybalt"), {333})
    tybalt.sees_gone(room.at("tybalt"), {110, 333})


@test("removes by 333, never 307, on each of the six delivery errors")
def six(stage):
    for condition in ("gone", "item-not-found", "recipient-unavailable",
                      "redirect", "remote-server-not-found",
                      "remote-server-timeout"):
        removed(stage, condition)
    stage.silent()


@test("keeps those who send other errors")
def others(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo, tybalt)

    for condition in ("service-unavailable", "not-acceptable", "forbidden",
                      "feature-not-implemented", "resource-constraint"):
        bounce(tybalt, "message", room.jid, condition)
        bounce(tybalt, "message", room.at("romeo"), condition)

    stage.settle()
    equal([came for came in romeo.inbox if came.kind == "presence"], [])
    equal(tybalt.inbox, [])
    tybalt.say(room, "still here")
    tybalt.hears(room.at("tybalt"), "still here")
    stage.hush()


@test("takes presence of type error for leaving")
def presence(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo, tybalt)

    bounce(tybalt, "presence", room.at("tybalt"), "gone")

    romeo.sees_gone(room.at("tybalt"), {333})
    tybalt.sees_gone(room.at("tybalt"), {110, 333})


@test("removes the one session that bounced")
def session(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    second = stage.client("tybalt", "street")
    room = stage.gather(romeo, tybalt)
    second.enter(room)
    stage.hush()

    bounce(second, "message", room.jid, "recipient-unavailable")

    second.sees_gone(room.at("tybalt"), {110, 333})
    tybalt.say(room, "still here")
    stage.settle()
    equal([came.body for came in romeo.inbox if came.body], ["still here"])
    assert not any(came.type == "unavailable" for came in romeo.inbox)
    stage.hush()


@test("answers no error with an error")
def silence(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo)

    bounce(tybalt, "message", room.jid, "gone")
    bounce(tybalt, "message", room.at("romeo"), "gone")
    bounce(tybalt, "presence", room.at("tybalt"), "gone")

    stage.silent()


scene()
