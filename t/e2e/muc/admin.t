#!/usr/bin/python3
"""XEP-0045 10.6 to 10.8: granting and revoking admin status."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, item, succeeds
from scene import scene, test


def admins(who, room):
    answer = succeeds(who.list(room, affiliation="admin"))
    return sorted(row["jid"] for row in answer.rows)


@test("grants: first the result, then presence to all")
def granted(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)

    romeo.iq("set", room.jid, (
        "<query xmlns='http://jabber.org/protocol/muc#admin'>"
        + item(jid=nurse.bare, affiliation="admin") + "</query>"),
        id="admin1")

    romeo.expect("iq", type="result", id="admin1")
    for who in (romeo, juliet):
        who.sees(room.at("nurse"), affiliation="admin", role="moderator")
    nurse.sees(room.at("nurse"), {110}, affiliation="admin",
               role="moderator")


@test("revokes: first the result, then presence to all")
def revoked(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    stage.hush()

    romeo.iq("set", room.jid, (
        "<query xmlns='http://jabber.org/protocol/muc#admin'>"
        + item(jid=nurse.bare, affiliation="none") + "</query>"),
        id="admin2")

    romeo.expect("iq", type="result", id="admin2")
    for who in (romeo, juliet):
        who.sees(room.at("nurse"), affiliation="none", role="participant")
    nurse.sees(room.at("nurse"), {110}, affiliation="none",
               role="participant")


@test("uses the bare address of a full one")
def full(stage):
    romeo, nurse = stage.cast("romeo", "nurse")
    room = stage.gather(romeo)

    succeeds(romeo.set_affiliation(room, nurse.full, "admin"))

    equal(admins(romeo, room), [nurse.bare])


@test("changes several at once, the rest stays")
def delta(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo)
    succeeds(romeo.administer(room, item(jid=nurse.bare,
                                         affiliation="admin"),
                              item(jid=paris.bare, affiliation="admin")))

    succeeds(romeo.administer(room, item(jid=nurse.bare, affiliation="none"),
                              item(jid=juliet.bare, affiliation="admin")))

    equal(admins(romeo, room), sorted([juliet.bare, paris.bare]))


@test("is changed by owners only")
def forbidden(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))

    for who in (juliet, nurse, paris):
        fails(who.set_affiliation(room, paris.bare, "admin"), "forbidden",
              "auth")
    fails(nurse.set_affiliation(room, nurse.bare, "none"), "forbidden",
          "auth")
    equal(admins(romeo, room), [nurse.bare])


@test("is listed to owners only in a semi-anonymous room")
def listed(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))

    for who in (juliet, nurse):
        fails(who.list(room, affiliation="admin"), "forbidden", "auth")
    equal(succeeds(romeo.list(room, affiliation="admin")).rows,
          [{"affiliation": "admin", "jid": nurse.bare}])


scene()
