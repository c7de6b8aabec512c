#!/usr/bin/python3
"""XEP-0045 9.3 and 9.4: granting and revoking membership."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, item, succeeds
from scene import scene, test


def change(**attributes):
    return ("<query xmlns=%r>%s</query>" % (
        "http://jabber.org/protocol/muc#admin", item(**attributes)))


@test("grants: first the result, then presence to all")
def granted(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)

    romeo.iq("set", room.jid, change(jid=juliet.bare, affiliation="member",
                                     reason="Worthy"), id="member1")

    romeo.expect("iq", type="result", id="member1")
    romeo.sees(room.at("juliet"), affiliation="member", role="participant",
               jid=juliet.full)
    nurse.sees(room.at("juliet"), affiliation="member", jid=None)
    juliet.sees(room.at("juliet"), {110}, affiliation="member",
                reason="Worthy")
    stage.silent()


@test("revokes: first the result, then presence to all")
def revoked(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    stage.hush()

    romeo.iq("set", room.jid, change(jid=juliet.bare, affiliation="none"),
             id="member2")

    romeo.expect("iq", type="result", id="member2")
    for who in (romeo, nurse):
        who.sees(room.at("juliet"), affiliation="none", role="participant")
    juliet.sees(room.at("juliet"), {110}, affiliation="none")
    stage.silent()


@test("gives a visitor voice with the membership in a moderated room")
def voice(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, moderatedroom=1)

    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))

    juliet.sees(room.at("juliet"), {110}, affiliation="member",
                role="participant")


@test("removes from a members-only room by 321, with that presence alone")
def removed(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, membersonly=1)
    for who in (juliet, nurse):
        succeeds(romeo.set_affiliation(room, who.bare, "member"))
        stage.hush()
        who.enter(room)
    stage.hush()

    succeeds(romeo.set_affiliation(room, juliet.bare, "none"))

    juliet.sees_gone(room.at("juliet"), {110, 321}, affiliation="none")
    for who in (romeo, nurse):
        who.sees_gone(room.at("juliet"), {321}, affiliation="none")
    stage.silent()


@test("removes all clients of the user")
def sessions(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    balcony = stage.client("juliet", "balcony")
    room = stage.gather(romeo, membersonly=1)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    juliet.enter(room)
    balcony.enter(room, "sun")
    stage.hush()

    succeeds(romeo.set_affiliation(room, juliet.bare, "none"))
    stage.settle()

    for who, nick in ((juliet, "juliet"), (balcony, "sun")):
        equal([(came.sender, came.codes) for came in who.inbox
               if 110 in came.codes], [(room.at(nick), {110, 321})])


@test("shows the change of all clients of one user")
def several_clients(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    balcony = stage.client("juliet", "balcony")
    room = stage.gather(romeo, juliet)
    balcony.enter(room, "sun")
    stage.hush()

    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    stage.settle()

    equal({(came.sender, came.affiliation) for came in romeo.inbox},
          {(room.at("juliet"), "member"), (room.at("sun"), "member")})


@test("says forbidden to all but admins and owners")
def forbidden(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_role(room, "juliet", "moderator"))
    stage.hush()

    for who in (juliet, paris):
        fails(who.set_affiliation(room, who.bare, "member"), "forbidden",
              "auth")
    stage.silent()


@test("refuses role and affiliation in one item")
def both(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    fails(romeo.ask("set", room.jid, change(
        nick="juliet", jid=juliet.bare, affiliation="member",
        role="moderator")), "bad-request")
    stage.silent()


@test("refuses what makes no sense")
def nonsense(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    for wrong in ({"affiliation": "king", "jid": juliet.bare},
                  {"affiliation": "member"}, {"jid": juliet.bare},
                  {"role": "king", "nick": "juliet"}, {"role": "visitor"},
                  {"affiliation": "member", "jid": "@"}):
        answer = romeo.ask("set", room.jid, change(**wrong))
        equal((answer.type, answer.error_type), ("error", "modify"))
    stage.silent()


scene()
