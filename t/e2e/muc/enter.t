#!/usr/bin/python3
"""XEP-0045 7.1, 7.2.1 and 7.2.2: entering a room, and in which order."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


@test("sends others, oneself, history, subject and then live talk")
def order(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    romeo.say(room, "But soft!")
    romeo.message(room.jid, "<subject>Light</subject>")
    stage.hush()

    nurse.knock(room)
    stage.settle()
    juliet.say(room, "Ay me!")

    codes = [nurse.next().sender for _ in range(2)]
    equal(sorted(codes), [room.at("juliet"), room.at("romeo")])
    nurse.sees(room.at("nurse"), {110})
    nurse.hears(room.at("romeo"), "But soft!")
    nurse.expect("message", subject="Light", body=None, type="groupchat")
    nurse.hears(room.at("juliet"), "Ay me!")


@test("shows who is there with role and affiliation")
def occupants(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)

    entry = nurse.enter(room)

    shown = {other.sender: (other.affiliation, other.role, other.codes)
             for other in entry.others}
    equal(shown, {
        room.at("romeo"): ("owner", "moderator", set()),
        room.at("juliet"): ("none", "participant", set()),
    })


@test("shows the newcomer to all, with 110 only to himself")
def newcomer(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)

    entry = nurse.enter(room)

    equal(entry.own.codes, {110})
    equal((entry.own.affiliation, entry.own.role), ("none", "participant"))
    for who in (romeo, juliet):
        who.sees(room.at("nurse"), affiliation="none", role="participant")
    stage.silent()


@test("passes show, status and caps on, but not the muc element")
def availability(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    caps = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' " \
           "node='n' ver='v'/>"

    juliet.enter(room, password="secret",
                 content="<show>away</show><status>Ay me</status>" + caps)

    came = romeo.sees(room.at("juliet"), show="away", status="Ay me")
    assert came.has("{http://jabber.org/protocol/caps}c")
    assert not came.has("muc:x")
    assert "secret" not in str(came)


@test("says jid-malformed when there is no nick")
def without_nick(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    juliet.presence(room.jid, "<x xmlns='http://jabber.org/protocol/muc'/>",
                    id="273hs51g")

    juliet.refused("presence", room.jid, "jid-malformed", "modify",
                   by=room.jid, id="273hs51g")
    stage.silent()


@test("sends everything again to one who is inside already")
def again(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    romeo.say(room, "But soft!")
    stage.hush()

    entry = juliet.enter(room)

    equal(entry.nicks, ["romeo"])
    equal(entry.own.codes, {110})
    equal([old.body for old in entry.history], ["But soft!"])
    equal(entry.subject.subject, "")


@test("tells others when entering again changes the presence")
def again_changed(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    entry = juliet.enter(room, content="<show>dnd</show>")

    equal(entry.own.show, "dnd")
    romeo.sees(room.at("juliet"), show="dnd")


@test("gives roles by affiliation in an unmoderated room")
def unmoderated(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, juliet.bare, "admin"))
    succeeds(romeo.set_affiliation(room, nurse.bare, "member"))
    stage.hush()

    entered = [who.enter(room).own.affiliation
               for who in (juliet, nurse, paris)]

    equal(entered, ["admin", "member", "none"])
    roles = {row["nick"]: row["role"]
             for role in ("moderator", "participant")
             for row in romeo.list(room, role=role).rows}
    equal(roles, {"romeo": "moderator", "juliet": "moderator",
                  "nurse": "participant", "paris": "participant"})


@test("gives roles by affiliation in a moderated room")
def moderated(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo, moderatedroom=1)
    succeeds(romeo.set_affiliation(room, juliet.bare, "admin"))
    succeeds(romeo.set_affiliation(room, nurse.bare, "member"))
    stage.hush()

    roles = [who.enter(room).own.role for who in (juliet, nurse, paris)]

    equal(roles, ["moderator", "participant", "visitor"])


scene()
