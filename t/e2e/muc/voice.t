#!/usr/bin/python3
"""XEP-0045 7.13 and 8.6: requesting and approving voice."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, submit, succeeds
from scene import scene, test

REQUEST = "http://jabber.org/protocol/muc#request"


def request(who, room):
    who.message(room.jid, submit(REQUEST, {"muc#role": "participant"}), None)


def decide(who, room, came, allow):
    fields = {var: values for var, values in came.form.items()
              if var != "FORM_TYPE"}
    fields["muc#request_allow"] = allow
    who.message(room.jid, submit(REQUEST, fields), None, id=came.id)


@test("passes the request to all moderators, and to nobody else")
def asked(stage):
    romeo, nurse, juliet, paris = stage.cast("romeo", "nurse", "juliet",
                                             "paris")
    room = stage.gather(romeo, juliet, paris, moderatedroom=1)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    nurse.enter(room)
    stage.hush()

    request(juliet, room)

    for who in (romeo, nurse):
        came = who.expect("message", sender=room.jid)
        equal(came.form_type, REQUEST)
        equal(came.form["muc#role"], ["participant"])
        equal(came.form["muc#jid"], [juliet.full])
        equal(came.form["muc#roomnick"], ["juliet"])
        assert came.form["muc#request_allow"] in (["0"], ["false"])
        equal(came.attribute("data:x", "type"), "form")
    stage.silent()


@test("gives voice when a moderator approves")
def approved(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, moderatedroom=1)
    request(juliet, room)

    decide(romeo, room, romeo.expect("message"), "true")

    juliet.sees(room.at("juliet"), {110}, role="participant")
    romeo.sees(room.at("juliet"), role="participant")
    juliet.say(room, "Ay me!")
    romeo.hears(room.at("juliet"), "Ay me!")


@test("gives none when a moderator says no")
def denied(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, moderatedroom=1)
    request(juliet, room)

    decide(romeo, room, romeo.expect("message"), "false")

    stage.silent()
    juliet.say(room, "Ay me!")
    juliet.refused("message", room.jid, "forbidden", "auth")


@test("takes approval from moderators only")
def forged(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, moderatedroom=1)
    request(juliet, room)

    decide(juliet, room, romeo.expect("message"), "true")
    stage.settle()

    for who in (romeo, juliet):
        assert not any(came.kind == "presence" for came in who.inbox)
    juliet.forget()
    juliet.say(room, "Ay me!")
    juliet.refused("message", room.jid, "forbidden", "auth")


@test("grants voice to who has the nick still, not to another")
def renamed(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    room = stage.gather(romeo, juliet, paris, moderatedroom=1)
    request(juliet, room)
    came = romeo.expect("message")
    juliet.leave(room)
    stage.settle()
    paris.presence(room.at("juliet"))
    stage.hush()

    decide(romeo, room, came, "true")
    stage.hush()

    paris.say(room, "Mine!")
    paris.refused("message", room.jid, "forbidden", "auth")


scene()
