#!/usr/bin/python3
"""XEP-0045 9.9: approving requests to register."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, submit, succeeds
from scene import scene, test

QUERY = "<query xmlns='jabber:iq:register'>%s</query>"
REGISTER = "http://jabber.org/protocol/muc#register"


def requested(stage):
    """A members-only room with romeo in it, and what the room sent him when
    juliet asked for the nick sun."""
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, membersonly=1)
    succeeds(juliet.ask("set", room.jid, QUERY % submit(
        REGISTER, {"muc#register_roomnick": "sun"})))
    came = romeo.expect("message", sender=room.jid)
    equal(came.form_type, REGISTER)
    equal(came.form["muc#register_roomnick"], ["sun"])
    return romeo, juliet, room, came


def decide(who, room, came, allow):
    fields = {var: values for var, values in came.form.items()
              if var != "FORM_TYPE"}
    fields["muc#register_allow"] = allow
    who.message(room.jid, submit(REGISTER, fields), None, id=came.id)


def members(romeo, room):
    return [row["jid"] for row in
            romeo.list(room, affiliation="member").rows]


@test("asks the admins of a members-only room, and waits")
def asked(stage):
    romeo, juliet, room, came = requested(stage)

    assert came.form["muc#register_allow"] in (["0"], ["false"]), f"{came}"
    equal(members(romeo, room), [])
    juliet.knock(room, "sun")
    juliet.refused("presence", room.at("sun"), "registration-required",
                   "auth")


@test("registers when an admin approves")
def approved(stage):
    romeo, juliet, room, came = requested(stage)

    decide(romeo, room, came, "1")
    stage.settle()

    equal(members(romeo, room), [juliet.bare])
    juliet.forget()
    juliet.enter(room, "sun")


@test("does not when an admin says no")
def denied(stage):
    romeo, juliet, room, came = requested(stage)

    decide(romeo, room, came, "0")
    stage.settle()

    equal(members(romeo, room), [])


@test("takes approval from no one else")
def forged(stage):
    romeo, juliet, room, came = requested(stage)

    decide(juliet, room, came, "1")
    stage.hush()

    equal(members(romeo, room), [])


scene()
