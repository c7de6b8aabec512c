#!/usr/bin/python3
"""What one request changes for several is shown to all, and then stays."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, item, succeeds
from scene import scene, test


def shown(guest):
    """The affiliation and role that presence gave each, the last counts.
    romeo, who changes them, is shown to new moderators with his address."""
    return {came.sender.split("/")[1]: (came.affiliation, came.role)
            for came in guest.inbox if came.kind == "presence"
            and not came.sender.endswith("/romeo")}


@test("shows all whose voice has changed")
def voice(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse, moderatedroom=1)
    succeeds(romeo.set_role(room, "juliet", "participant"))
    stage.hush()

    succeeds(romeo.administer(room, item(nick="juliet", role="visitor"),
                              item(nick="nurse", role="participant")))

    stage.settle()
    for who in (romeo, juliet, nurse):
        equal(shown(who), {"juliet": ("none", "visitor"),
                                 "nurse": ("none", "participant")})


@test("shows all whose status as moderators has changed")
def moderators(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)
    succeeds(romeo.set_role(room, "juliet", "moderator"))
    stage.hush()

    succeeds(romeo.administer(room, item(nick="juliet", role="participant"),
                              item(nick="nurse", role="moderator")))

    stage.settle()
    for who in (romeo, juliet, nurse):
        equal(shown(who), {"juliet": ("none", "participant"),
                                 "nurse": ("none", "moderator")})


@test("revokes no moderator when one may not be revoked")
def atomic(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, nurse)
    succeeds(romeo.set_affiliation(room, juliet.bare, "admin"))
    juliet.enter(room)
    succeeds(romeo.set_role(room, "nurse", "moderator"))
    stage.hush()

    answer = juliet.administer(room, item(nick="nurse", role="participant"),
                               item(nick="romeo", role="participant"))

    equal((answer.type, answer.condition), ("error", "not-allowed"))
    stage.silent()


@test("shows all whose membership has changed")
def members(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    stage.hush()

    succeeds(romeo.administer(room, item(jid=juliet.bare, affiliation="none"),
                              item(jid=nurse.bare, affiliation="member")))

    stage.settle()
    for who in (romeo, juliet, nurse):
        equal(shown(who), {"juliet": ("none", "participant"),
                                 "nurse": ("member", "participant")})


@test("shows all whose status as admins or owners has changed")
def privileged(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)
    for old, new in (("none", "admin"), ("admin", "owner")):
        succeeds(romeo.set_affiliation(room, juliet.bare, new))
        stage.hush()

        succeeds(romeo.administer(
            room, item(jid=juliet.bare, affiliation=old),
            item(jid=nurse.bare, affiliation=new)))

        stage.settle()
        seen = shown(romeo)
        equal({nick: has[0] for nick, has in seen.items()},
              {"juliet": old, "nurse": new})
        equal(seen["nurse"][1], "moderator")
        equal(shown(juliet), seen)
        equal(shown(nurse), seen)


@test("shows what was changed in all presence from then on")
def stays(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    succeeds(romeo.set_role(room, "juliet", "visitor"))
    stage.hush()

    juliet.presence(room.at("juliet"), "<show>away</show>")

    romeo.sees(room.at("juliet"), affiliation="member", role="visitor")
    juliet.presence(room.at("sun"))
    romeo.sees_gone(room.at("juliet"), {303}, affiliation="member",
                    role="visitor")
    romeo.sees(room.at("sun"), affiliation="member", role="visitor")
    equal([(other.sender, other.affiliation, other.role)
           for other in nurse.enter(room).others if "sun" in other.sender],
          [(room.at("sun"), "member", "visitor")])


scene()
