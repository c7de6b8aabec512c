#!/usr/bin/python3
"""XEP-0045 10.3 to 10.5: granting and revoking ownership."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, item, succeeds
from scene import scene, test


def owners(who, room):
    answer = succeeds(who.list(room, affiliation="owner"))
    return sorted(row["jid"] for row in answer.rows)


@test("grants: first the result, then presence to all")
def granted(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)

    romeo.iq("set", room.jid, (
        "<query xmlns='http://jabber.org/protocol/muc#admin'>"
        + item(jid=juliet.bare, affiliation="owner") + "</query>"),
        id="owner1")

    romeo.expect("iq", type="result", id="owner1")
    for who in (romeo, nurse):
        who.sees(room.at("juliet"), affiliation="owner", role="moderator")
    juliet.sees(room.at("juliet"), {110}, affiliation="owner",
                role="moderator")
    equal(owners(juliet, room), sorted([juliet.bare, romeo.bare]))


@test("revokes, and tells all")
def revoked(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)
    succeeds(romeo.set_affiliation(room, juliet.bare, "owner"))
    stage.hush()

    succeeds(romeo.set_affiliation(room, juliet.bare, "admin"))

    for who in (romeo, nurse):
        who.sees(room.at("juliet"), affiliation="admin", role="moderator")
    juliet.sees(room.at("juliet"), {110}, affiliation="admin")
    equal(owners(romeo, room), [romeo.bare])


@test("uses the bare address of a full one")
def full(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    succeeds(romeo.set_affiliation(room, juliet.full, "owner"))

    equal(owners(romeo, room), sorted([juliet.bare, romeo.bare]))


@test("says conflict to the last owner who would go")
def last(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)

    for affiliation in ("admin", "member", "none"):
        fails(romeo.set_affiliation(room, romeo.bare, affiliation),
              "conflict")
    equal(owners(romeo, room), [romeo.bare])
    stage.silent()


@test("lets an owner go when there is another")
def other(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, juliet.bare, "owner"))
    stage.hush()

    succeeds(romeo.set_affiliation(room, romeo.bare, "admin"))

    romeo.sees(room.at("romeo"), {110}, affiliation="admin")
    equal(owners(juliet, room), [juliet.bare])


@test("says conflict when several items would leave no owner")
def all_of_them(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, juliet.bare, "owner"))

    fails(romeo.administer(room, item(jid=romeo.bare, affiliation="none"),
                           item(jid=juliet.bare, affiliation="none")),
          "conflict")

    equal(owners(romeo, room), sorted([juliet.bare, romeo.bare]))


@test("exchanges owners in one request, in either order")
def exchanged(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    succeeds(romeo.administer(room, item(jid=romeo.bare, affiliation="none"),
                              item(jid=juliet.bare, affiliation="owner")))

    equal(owners(juliet, room), [juliet.bare])


@test("is changed by owners only")
def forbidden(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    nurse.enter(room)
    stage.hush()

    for who in (juliet, nurse, paris):
        fails(who.set_affiliation(room, who.bare, "owner"), "forbidden",
              "auth")
        fails(who.set_affiliation(room, romeo.bare, "none"), "forbidden",
              "auth")
    equal(owners(romeo, room), [romeo.bare])


@test("is listed to owners only in a semi-anonymous room")
def listed(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    nurse.enter(room)

    for who in (juliet, nurse):
        fails(who.list(room, affiliation="owner"), "forbidden", "auth")
    equal(succeeds(romeo.list(room, affiliation="owner")).rows,
          [{"affiliation": "owner", "jid": romeo.bare}])


scene()
