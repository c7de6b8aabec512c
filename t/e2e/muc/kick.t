#!/usr/bin/python3
"""XEP-0045 8.2: kicking."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, item, succeeds
from scene import scene, test

KICK = ("<query xmlns='http://jabber.org/protocol/muc#admin'>"
        + item(nick="tybalt", role="none", reason="Avaunt!") + "</query>")


@test("removes by 307 with reason and actor, answers, then tells the others")
def kicked(stage):
    romeo, tybalt, nurse = stage.cast("romeo", "tybalt", "nurse")
    room = stage.gather(romeo, tybalt, nurse)

    romeo.iq("set", room.jid, KICK, id="kick1")

    came = tybalt.sees_gone(room.at("tybalt"), {110, 307}, reason="Avaunt!",
                            affiliation="none")
    actor = came.find("user:x/user:item/user:actor")
    assert actor is None or actor.get("nick") == "romeo" or \
        actor.get("jid") == romeo.bare, f"{came}"
    romeo.expect("iq", type="result", id="kick1", sender=room.jid)
    romeo.sees_gone(room.at("tybalt"), {307}, affiliation="none")
    nurse.sees_gone(room.at("tybalt"), {307}, affiliation="none", jid=None)
    stage.silent()


@test("lets the kicked one neither hear nor speak, but come back")
def outside(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo, tybalt)
    succeeds(romeo.set_role(room, "tybalt", "none"))
    stage.hush()

    romeo.say(room, "Peace")
    stage.settle()
    equal(tybalt.inbox, [])
    tybalt.say(room, "Hate")
    tybalt.refused("message", room.jid, "not-acceptable")
    tybalt.enter(room)


@test("removes all sessions of the nick")
def sessions(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    second = stage.client("tybalt", "street")
    room = stage.gather(romeo, tybalt)
    second.enter(room)
    stage.hush()

    succeeds(romeo.set_role(room, "tybalt", "none"))

    for who in (tybalt, second):
        who.sees_gone(room.at("tybalt"), {110, 307})
    equal([row["nick"] for row in romeo.list(room,
                                             role="participant").rows], [])


@test("kicks several at once")
def several(stage):
    romeo, tybalt, nurse = stage.cast("romeo", "tybalt", "nurse")
    room = stage.gather(romeo, tybalt, nurse)

    succeeds(romeo.administer(room, item(nick="tybalt", role="none"),
                              item(nick="nurse", role="none")))
    stage.settle()

    equal(romeo.list(room, role="participant").rows, [])
    for who in (tybalt, nurse):
        assert any({110, 307} == came.codes for came in who.inbox), who


@test("says not-allowed to a kick of somebody above")
def above(stage):
    romeo, nurse, juliet = stage.cast("romeo", "nurse", "juliet")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    nurse.enter(room)
    succeeds(romeo.set_role(room, "juliet", "moderator"))
    stage.hush()

    fails(nurse.set_role(room, "romeo", "none"), "not-allowed", "cancel")
    fails(juliet.set_role(room, "nurse", "none"), "not-allowed", "cancel")
    fails(juliet.set_role(room, "romeo", "none"), "not-allowed", "cancel")
    stage.silent()


@test("says forbidden to those who are no moderators")
def forbidden(stage):
    romeo, juliet, tybalt = stage.cast("romeo", "juliet", "tybalt")
    room = stage.gather(romeo, juliet)

    fails(juliet.set_role(room, "romeo", "none"), "forbidden", "auth")
    fails(tybalt.set_role(room, "juliet", "none"), "forbidden", "auth")
    stage.silent()


@test("says item-not-found when nobody has that nick")
def nobody(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)

    fails(romeo.set_role(room, "tybalt", "none"), "item-not-found")


scene()
