#!/usr/bin/python3
"""XEP-0045 7.11 and 9.5: the member list."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, item, succeeds
from scene import scene, test


def members(who, room):
    answer = succeeds(who.list(room, affiliation="member"))
    return sorted(row["jid"] for row in answer.rows)


@test("lists all members with their nicks, never with a role")
def listed(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member", nick="sun"))
    succeeds(romeo.set_affiliation(room, nurse.bare, "member"))

    rows = {row["jid"]: row for row in
            succeeds(romeo.list(room, affiliation="member")).rows}

    equal(rows[juliet.bare], {"affiliation": "member", "jid": juliet.bare,
                              "nick": "sun"})
    equal(set(rows), {juliet.bare, nurse.bare})
    assert "role" not in rows[nurse.bare]


@test("is changed by what is sent, the rest stays")
def delta(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo)
    succeeds(romeo.administer(
        room, item(jid=juliet.bare, affiliation="member"),
        item(jid=nurse.bare, affiliation="member")))

    succeeds(romeo.administer(
        room, item(jid=juliet.bare, affiliation="none"),
        item(jid=paris.bare, affiliation="member")))

    equal(members(romeo, room), sorted([nurse.bare, paris.bare]))


@test("is not for occupants of a semi-anonymous room")
def semi_anonymous(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse, membersonly=0)
    succeeds(romeo.set_affiliation(room, nurse.bare, "member"))

    for who in (juliet, nurse):
        fails(who.list(room, affiliation="member"), "forbidden", "auth")


@test("is for members of a non-anonymous members-only room, in it or not")
def non_anonymous(stage):
    romeo, juliet, tybalt = stage.cast("romeo", "juliet", "tybalt")
    room = stage.gather(romeo, membersonly=1, whois="anyone")
    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))

    equal(members(juliet, room), [juliet.bare])
    juliet.forget()
    juliet.enter(room)
    equal(members(juliet, room), [juliet.bare])
    fails(tybalt.list(room, affiliation="member"), "forbidden", "auth")


@test("is for the roles of getmemberlist as well")
def getmemberlist(stage):
    romeo, juliet, tybalt = stage.cast("romeo", "juliet", "tybalt")
    room = stage.gather(romeo, tybalt, moderatedroom=1,
                        getmemberlist=["moderator", "participant"])
    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    juliet.enter(room)
    stage.hush()

    equal(members(juliet, room), [juliet.bare])
    fails(tybalt.list(room, affiliation="member"), "forbidden", "auth")
    succeeds(romeo.configure(room, getmemberlist=[
        "moderator", "participant", "visitor"]))
    equal(members(tybalt, room), [juliet.bare])


@test("invites those who are added in a members-only room")
def invited(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, membersonly=1, passwordprotectedroom=1,
                        roomsecret="cauldronburn")

    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))

    stage.settle()
    invite, = [came for came in juliet.inbox
               if came.has("user:x/user:invite")]
    equal((invite.sender, invite.text("user:x/user:password")),
          (room.jid, "cauldronburn"))
    juliet.forget()


@test("invites nobody who is added in an open room")
def uninvited(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    stage.settle()

    assert not any(came.has("user:x/user:invite") for came in juliet.inbox)


@test("drops a reserved nick when an empty one is sent")
def unset(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member", nick="sun"))

    succeeds(romeo.set_affiliation(room, juliet.bare, "member", nick=""))

    paris.enter(room, "sun")
    equal(members(romeo, room), [juliet.bare])


@test("keeps the reserved nick when none is sent")
def kept(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member", nick="sun"))

    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))

    paris.knock(room, "sun")
    paris.refused("presence", room.at("sun"), "conflict", "cancel")


scene()
