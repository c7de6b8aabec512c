#!/usr/bin/python3
"""XEP-0045 7.8 and 9.5: invitations."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test

USER = "http://jabber.org/protocol/muc#user"


def invitation(*people, reason=None):
    inner = "" if reason is None else f"<reason>{reason}</reason>"
    invites = "".join(f"<invite to={who.bare!r}>{inner}</invite>"
                      for who in people)
    return "<x xmlns=%r>%s</x>" % (USER, invites)


def decline(to, reason):
    return ("<x xmlns=%r><decline to=%r><reason>%s</reason></decline></x>"
            % (USER, to, reason))


def inviter_of(came):
    return came.attribute("user:x/user:invite", "from")


def members(romeo, room):
    return [row["jid"] for row in romeo.list(room,
                                             affiliation="member").rows]


@test("passes an invitation on from the room, with inviter and reason")
def mediated(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    romeo.message(room.jid, invitation(juliet, reason="Come"), None)

    came = juliet.expect("message", sender=room.jid)
    assert came.type in (None, "normal"), f"{came}"
    assert inviter_of(came) in (romeo.bare, romeo.full, room.at("romeo"))
    equal(came.attribute("user:x/user:invite", "to"), None)
    equal(came.text("user:x/user:invite/user:reason"), "Come")
    assert not came.has("user:x/user:password")
    stage.silent()


@test("invites several at once")
def several(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo)

    romeo.message(room.jid, invitation(juliet, nurse), None)

    for who in (juliet, nurse):
        came = who.expect("message", sender=room.jid)
        assert inviter_of(came) is not None, f"{came}"
    stage.silent()


@test("adds the password of a protected room")
def password(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, passwordprotectedroom=1, roomsecret="burn")

    romeo.message(room.jid, invitation(juliet), None)

    came = juliet.expect("message", sender=room.jid)
    equal(came.text("user:x/user:password"), "burn")
    juliet.enter(room, password="burn")


@test("passes a decline on to the inviter")
def declined(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    romeo.message(room.jid, invitation(juliet), None)
    inviter = inviter_of(juliet.expect("message", sender=room.jid))

    juliet.message(room.jid, decline(inviter, "Too busy"), None, id="jk2vs")

    came = romeo.expect("message", sender=room.jid)
    equal(came.attribute("user:x/user:decline", "from").split("/")[0],
          juliet.bare)
    equal(came.text("user:x/user:decline/user:reason"), "Too busy")
    stage.silent()


@test("passes no decline of who was not invited, and tells nothing by it")
def uninvited(stage):
    romeo, juliet, tybalt = stage.cast("romeo", "juliet", "tybalt")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, juliet.bare, "admin"))
    stage.hush()

    for to in (romeo.bare, room.at("romeo"), juliet.bare,
               room.at("nobody"), "rosaline@verona.test"):
        tybalt.message(room.jid, decline(to, "No"), None)
        tybalt.refused("message", room.jid, "item-not-found", "cancel")
    stage.silent()


@test("refuses invitations by outsiders")
def outsider(stage):
    romeo, juliet, tybalt = stage.cast("romeo", "juliet", "tybalt")
    room = stage.gather(romeo)

    tybalt.message(room.jid, invitation(juliet), None)

    tybalt.expect("message", type="error", sender=room.jid)
    stage.silent()


@test("makes those whom an admin invites members of a members-only room")
def members_only(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, membersonly=1)

    romeo.message(room.jid, invitation(juliet), None)

    juliet.expect("message", sender=room.jid)
    equal(members(romeo, room), [juliet.bare])
    equal(juliet.enter(room).own.affiliation, "member")


@test("refuses a mere member's invitation to a members-only room")
def mere_member(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, membersonly=1, allowinvites=0)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    juliet.enter(room)
    stage.hush()

    juliet.message(room.jid, invitation(nurse), None, id="i1")

    juliet.refused("message", room.jid, "forbidden", "auth", id="i1")
    equal(members(romeo, room), [juliet.bare])
    stage.silent()


@test("lets members invite where allowinvites says so, and adds the invited")
def allowed_member(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, membersonly=1, allowinvites=1)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    juliet.enter(room)
    stage.hush()

    juliet.message(room.jid, invitation(nurse), None)

    nurse.expect("message", sender=room.jid)
    equal(set(members(romeo, room)), {juliet.bare, nurse.bare})


@test("makes nobody a member of an open room")
def open_room(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    romeo.message(room.jid, invitation(juliet), None)

    juliet.expect("message", sender=room.jid)
    equal(members(romeo, room), [])


@test("says item-not-found when there is no such user")
def nobody(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)

    romeo.message(room.jid, (
        "<x xmlns='http://jabber.org/protocol/muc#user'>"
        "<invite to='rosaline@verona.test'/></x>"), None, id="i2")

    romeo.refused("message", room.jid, "item-not-found")


@test("admits whoever was invited directly (XEP-0249)")
def direct(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, passwordprotectedroom=1, roomsecret="burn")

    romeo.message(juliet.full, (
        f"<x xmlns='jabber:x:conference' jid='{room}' password='burn'/>"),
        None)

    came = juliet.expect("message", sender=romeo.full)
    juliet.enter(room, password=came.attribute("conference:x", "password"))


scene()
