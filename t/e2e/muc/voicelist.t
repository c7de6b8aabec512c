#!/usr/bin/python3
"""XEP-0045 8.3 to 8.5: granting and revoking voice."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, item, succeeds
from scene import scene, test


@test("grants voice: first the result, then presence to all")
def granted(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    room = stage.gather(romeo, juliet, paris, moderatedroom=1)

    romeo.iq("set", room.jid, (
        "<query xmlns='http://jabber.org/protocol/muc#admin'>"
        + item(nick="juliet", role="participant", reason="Worthy")
        + "</query>"), id="voice1")

    romeo.expect("iq", type="result", id="voice1", sender=room.jid)
    romeo.sees(room.at("juliet"), role="participant", affiliation="none")
    paris.sees(room.at("juliet"), role="participant", jid=None)
    juliet.sees(room.at("juliet"), {110}, role="participant",
                reason="Worthy")
    stage.silent()
    juliet.say(room, "Ay me!")
    paris.hears(room.at("juliet"), "Ay me!")


@test("keeps in a moderated room who has voice for the next visit")
def visits(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    room = stage.gather(romeo, juliet, moderatedroom=1)
    succeeds(romeo.set_affiliation(room, paris.bare, "member"))
    paris.enter(room)
    succeeds(romeo.set_role(room, "juliet", "participant"))
    succeeds(romeo.set_role(room, "paris", "visitor"))
    for who in (juliet, paris):
        who.leave(room)
    stage.hush()

    equal([who.enter(room).own.role for who in (juliet, paris)],
          ["participant", "visitor"])
    succeeds(romeo.set_role(room, "juliet", "none"))
    stage.hush()
    equal(juliet.enter(room).own.role, "visitor")


@test("revokes voice: first the result, then presence to all")
def revoked(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    room = stage.gather(romeo, juliet, paris)

    romeo.iq("set", room.jid, (
        "<query xmlns='http://jabber.org/protocol/muc#admin'>"
        + item(nick="juliet", role="visitor") + "</query>"), id="voice2")

    romeo.expect("iq", type="result", id="voice2")
    romeo.sees(room.at("juliet"), role="visitor")
    paris.sees(room.at("juliet"), role="visitor")
    juliet.sees(room.at("juliet"), {110}, role="visitor")
    stage.silent()


@test("lists those who have voice")
def listed(stage):
    romeo, juliet, paris, nurse = stage.cast("romeo", "juliet", "paris",
                                             "nurse")
    room = stage.gather(romeo, juliet, paris, nurse, moderatedroom=1)
    succeeds(romeo.set_affiliation(room, nurse.bare, "member"))
    succeeds(romeo.set_role(room, "juliet", "participant"))

    rows = succeeds(romeo.list(room, role="participant")).rows

    equal(sorted(rows, key=lambda row: row["nick"]), [
        {"nick": "juliet", "role": "participant", "affiliation": "none",
         "jid": juliet.full},
        {"nick": "nurse", "role": "participant", "affiliation": "member",
         "jid": nurse.full}])


@test("changes several at once")
def several(stage):
    romeo, juliet, paris, nurse = stage.cast("romeo", "juliet", "paris",
                                             "nurse")
    room = stage.gather(romeo, juliet, paris, nurse, moderatedroom=1)
    succeeds(romeo.set_role(room, "juliet", "participant"))

    succeeds(romeo.administer(room, item(nick="juliet", role="visitor"),
                              item(nick="paris", role="participant"),
                              item(nick="nurse", role="participant")))

    equal({row["nick"] for row in
           romeo.list(room, role="participant").rows}, {"paris", "nurse"})


@test("changes none of several when one may not be changed")
def atomic(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    nurse.enter(room)
    stage.hush()

    fails(nurse.administer(room, item(nick="juliet", role="visitor"),
                           item(nick="romeo", role="visitor")),
          "not-allowed", "cancel")

    stage.silent()


@test("takes voice from no admin or owner")
def protected(stage):
    romeo, nurse, juliet = stage.cast("romeo", "nurse", "juliet")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    succeeds(romeo.set_affiliation(room, juliet.bare, "owner"))
    nurse.enter(room)
    juliet.enter(room)
    stage.hush()

    for who, nick in ((romeo, "nurse"), (romeo, "juliet"),
                      (nurse, "romeo")):
        fails(who.set_role(room, nick, "visitor"), "not-allowed", "cancel")
    stage.silent()


@test("lets a moderator take voice from none of his own level")
def equals(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_affiliation(room, paris.bare, "member"))
    paris.enter(room)
    succeeds(romeo.set_role(room, "juliet", "moderator"))
    stage.hush()

    fails(juliet.set_role(room, "paris", "visitor"), "not-allowed", "cancel")
    stage.silent()


def moderated(stage):
    """A moderated room, with a moderator who is neither admin nor owner."""
    romeo, juliet, paris, nurse = stage.cast("romeo", "juliet", "paris",
                                             "nurse")
    room = stage.gather(romeo, juliet, paris, nurse, moderatedroom=1)
    succeeds(romeo.set_role(room, "juliet", "moderator"))
    stage.hush()
    return juliet, paris, room


@test("lets a moderator without affiliation read and change the voice list")
def moderator(stage):
    juliet, paris, room = moderated(stage)

    equal(succeeds(juliet.list(room, role="participant")).rows, [])
    succeeds(juliet.administer(room, item(nick="paris", role="participant"),
                               item(nick="nurse", role="participant")))
    paris.sees(room.at("paris"), {110}, role="participant")
    paris.sees(room.at("nurse"), role="participant")
    succeeds(juliet.set_role(room, "nurse", "visitor"))
    paris.sees(room.at("nurse"), role="visitor")

    equal(succeeds(juliet.list(room, role="participant")).rows, [
        {"nick": "paris", "role": "participant", "affiliation": "none",
         "jid": paris.full}])
    equal({row["nick"] for row in
           succeeds(juliet.list(room, role="visitor")).rows}, {"nurse"})


@test("keeps from that moderator the other lists")
def others(stage):
    juliet, paris, room = moderated(stage)

    fails(juliet.list(room, role="moderator"), "forbidden", "auth")
    for which in ("owner", "admin", "member", "outcast", "none"):
        fails(juliet.list(room, affiliation=which), "forbidden", "auth")
    fails(juliet.set_role(room, "paris", "moderator"), "forbidden", "auth")
    fails(juliet.set_role(room, "romeo", "participant"), "forbidden", "auth")
    for which in ("owner", "admin", "member", "outcast", "none"):
        fails(juliet.set_affiliation(room, paris.bare, which), "forbidden",
              "auth")
    stage.silent()


@test("refuses those who are no moderators")
def forbidden(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    room = stage.gather(romeo, juliet, paris, moderatedroom=1)

    fails(juliet.set_role(room, "juliet", "participant"), "forbidden",
          "auth")
    fails(juliet.list(room, role="participant"), "forbidden", "auth")
    stage.silent()


@test("says item-not-found when nobody has that nick")
def nobody(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)

    fails(romeo.set_role(room, "tybalt", "visitor"), "item-not-found")


scene()
