#!/usr/bin/python3
"""XEP-0045 9.1: banning."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, item, succeeds
from scene import scene, test


def banning(jid, reason=None):
    return ("<query xmlns=%r>%s</query>" % (
        "http://jabber.org/protocol/muc#admin",
        item(jid=jid, affiliation="outcast", reason=reason)))


@test("answers, removes by 301 with the reason, and tells the others")
def banned(stage):
    romeo, tybalt, nurse = stage.cast("romeo", "tybalt", "nurse")
    room = stage.gather(romeo, tybalt, nurse)

    romeo.iq("set", room.jid, banning(tybalt.bare, "Treason"), id="ban1")

    romeo.expect("iq", type="result", id="ban1", sender=room.jid)
    romeo.sees_gone(room.at("tybalt"), {301}, affiliation="outcast",
                    jid=tybalt.full)
    nurse.sees_gone(room.at("tybalt"), {301}, affiliation="outcast",
                    jid=None)
    tybalt.sees_gone(room.at("tybalt"), {110, 301}, affiliation="outcast",
                     reason="Treason")
    stage.silent()


@test("removes all clients of the user, whatever their nick")
def sessions(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    second = stage.client("tybalt", "street")
    third = stage.client("tybalt", "tavern")
    room = stage.gather(romeo, tybalt)
    second.enter(room, "tybalt")
    third.enter(room, "cat")
    stage.hush()

    succeeds(romeo.set_affiliation(room, tybalt.bare, "outcast"))

    for who, nick in ((tybalt, "tybalt"), (second, "tybalt"),
                      (third, "cat")):
        came = [each for each in drain(stage, who)
                if 110 in each.codes]
        equal([(each.sender, each.codes) for each in came],
              [(room.at(nick), {110, 301})])


def drain(stage, who):
    stage.settle()
    came, who.inbox = who.inbox, []
    return came


@test("bans one who is not there, and by a full address as well")
def absent(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo)

    succeeds(romeo.set_affiliation(room, tybalt.full, "outcast"))

    equal([row["jid"] for row in
           romeo.list(room, affiliation="outcast").rows], [tybalt.bare])
    stage.hush()
    tybalt.knock(room)
    tybalt.refused("presence", room.at("tybalt"), "forbidden", "auth")


@test("says not-allowed to an admin who bans an owner")
def owner(stage):
    romeo, nurse = stage.cast("romeo", "nurse")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    nurse.enter(room)
    stage.hush()

    fails(nurse.set_affiliation(room, romeo.bare, "outcast"),
          "not-allowed", "cancel")
    stage.silent()


@test("says conflict to one who bans himself")
def oneself(stage):
    romeo, nurse, juliet = stage.cast("romeo", "nurse", "juliet")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    succeeds(romeo.set_affiliation(room, juliet.bare, "owner"))
    stage.hush()

    for who in (romeo, nurse):
        fails(who.set_affiliation(room, who.bare, "outcast"), "conflict")
    stage.silent()


@test("says forbidden to all but admins and owners")
def forbidden(stage):
    romeo, juliet, tybalt, paris = stage.cast("romeo", "juliet", "tybalt",
                                              "paris")
    room = stage.gather(romeo, juliet, tybalt)
    succeeds(romeo.set_role(room, "juliet", "moderator"))
    stage.hush()

    for who in (juliet, tybalt, paris):
        fails(who.set_affiliation(room, tybalt.bare, "outcast"),
              "forbidden", "auth")
    stage.silent()


@test("lets an owner ban another owner")
def fellow(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_affiliation(room, juliet.bare, "owner"))
    stage.hush()

    succeeds(romeo.set_affiliation(room, juliet.bare, "outcast"))

    juliet.sees_gone(room.at("juliet"), {110, 301}, affiliation="outcast")


scene()
