#!/usr/bin/python3
"""XEP-0045 9.6 to 9.8: granting and revoking moderator status."""
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

    romeo.iq("set", room.jid, change(nick="juliet", role="moderator"),
             id="mod1")

    romeo.expect("iq", type="result", id="mod1")
    for who in (romeo, nurse):
        who.sees(room.at("juliet"), role="moderator", affiliation="none")
    juliet.sees(room.at("juliet"), {110}, role="moderator")
    stage.settle()


@test("shows a new moderator the real addresses")
def addresses(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)

    succeeds(romeo.set_role(room, "juliet", "moderator"))

    juliet.sees(room.at("juliet"), {110}, role="moderator")
    juliet.sees(room.at("romeo"), jid=romeo.full)
    juliet.sees(room.at("nurse"), jid=nurse.full)
    stage.hush()
    nurse.presence(room.at("nurse"), "<show>away</show>")
    juliet.sees(room.at("nurse"), jid=nurse.full, show="away")


@test("shows those of all to a new admin as well, but not who saw them before")
def admin_addresses(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    succeeds(romeo.set_affiliation(room, juliet.bare, "admin"))

    juliet.sees(room.at("juliet"), {110}, role="moderator")
    juliet.sees(room.at("romeo"), jid=romeo.full)
    romeo.sees(room.at("juliet"))
    stage.silent()
    succeeds(romeo.configure(room, whois="anyone"))
    succeeds(romeo.set_affiliation(room, juliet.bare, "none"))
    stage.hush()
    succeeds(romeo.set_role(room, "juliet", "moderator"))
    juliet.sees(room.at("juliet"), {110}, role="moderator")
    romeo.sees(room.at("juliet"))
    stage.silent()


@test("revokes: first the result, then presence to all")
def revoked(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)
    succeeds(romeo.set_role(room, "juliet", "moderator"))
    stage.hush()

    romeo.iq("set", room.jid, change(nick="juliet", role="participant"),
             id="mod2")

    romeo.expect("iq", type="result", id="mod2")
    for who in (romeo, nurse):
        who.sees(room.at("juliet"), role="participant")
    juliet.sees(room.at("juliet"), {110}, role="participant")
    stage.silent()


@test("does not revoke from an admin or owner")
def protected(stage):
    romeo, nurse, juliet = stage.cast("romeo", "nurse", "juliet")
    room = stage.gather(romeo)
    for who in (nurse, juliet):
        succeeds(romeo.set_affiliation(room, who.bare, "admin"))
        who.enter(room)
    stage.hush()

    for nick in ("romeo", "juliet"):
        for role in ("participant", "visitor"):
            fails(nurse.set_role(room, nick, role), "not-allowed", "cancel")
    stage.silent()


@test("lists the moderators")
def listed(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)
    succeeds(romeo.set_role(room, "juliet", "moderator"))

    rows = succeeds(romeo.list(room, role="moderator")).rows

    equal(sorted(rows, key=lambda row: row["nick"]), [
        {"nick": "juliet", "role": "moderator", "affiliation": "none",
         "jid": juliet.full},
        {"nick": "romeo", "role": "moderator", "affiliation": "owner",
         "jid": romeo.full}])


@test("changes several at once")
def several(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)
    succeeds(romeo.set_role(room, "juliet", "moderator"))

    succeeds(romeo.administer(room, item(nick="juliet", role="participant"),
                              item(nick="nurse", role="moderator")))

    equal({row["nick"] for row in romeo.list(room, role="moderator").rows},
          {"romeo", "nurse"})


@test("says forbidden to all but admins and owners")
def forbidden(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo, juliet, nurse)
    succeeds(romeo.set_role(room, "juliet", "moderator"))
    stage.hush()

    for who in (juliet, nurse, paris):
        fails(who.set_role(room, "nurse", "moderator"), "forbidden", "auth")
    fails(nurse.list(room, role="moderator"), "forbidden", "auth")
    stage.silent()


scene()
