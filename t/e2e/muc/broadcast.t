#!/usr/bin/python3
"""XEP-0045 7.2.2, 7.7 and 16.5.3: presencebroadcast."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


@test("hides those whose role is not broadcast from all but themselves")
def hidden(stage):
    romeo, juliet, tybalt = stage.cast("romeo", "juliet", "tybalt")
    room = stage.gather(romeo, juliet, presencebroadcast=["moderator"])

    entry = tybalt.enter(room)

    equal(entry.nicks, ["romeo"])
    equal(entry.own.codes, {110})
    stage.settle()
    equal(juliet.inbox, [])
    tybalt.presence(room.at("tybalt"), "<show>away</show>")
    tybalt.sees(room.at("tybalt"), {110}, show="away")
    stage.settle()
    equal(juliet.inbox, [])


@test("shows them when they get a role that is broadcast")
def promoted(stage):
    romeo, juliet, tybalt = stage.cast("romeo", "juliet", "tybalt")
    room = stage.gather(romeo, juliet, tybalt,
                        presencebroadcast=["moderator"])

    succeeds(romeo.set_role(room, "tybalt", "moderator"))

    juliet.sees(room.at("tybalt"), role="moderator")


@test("shows visitors where visitors are broadcast")
def visitors(stage):
    romeo, juliet, tybalt = stage.cast("romeo", "juliet", "tybalt")
    room = stage.gather(romeo, juliet, moderatedroom=1,
                        presencebroadcast=["moderator", "visitor"])

    tybalt.enter(room)

    juliet.sees(room.at("tybalt"), role="visitor")


@test("shows nobody's address where it is about to be hidden")
def anonymous(stage):
    romeo, juliet, tybalt = stage.cast("romeo", "juliet", "tybalt")
    roles = ["moderator", "participant"]
    room = stage.gather(romeo, juliet, moderatedroom=1, whois="anyone",
                        presencebroadcast=roles)
    succeeds(romeo.set_role(room, "juliet", "participant"))
    tybalt.enter(room)
    stage.hush()

    succeeds(romeo.configure(room, whois="moderators",
                             presencebroadcast=[*roles, "visitor"]))

    juliet.sees(room.at("tybalt"), role="visitor", jid=None)
    romeo.sees(room.at("tybalt"), role="visitor", jid=tybalt.full)


@test("shows nobody's address who is hidden before all are shown")
def hidden_before(stage):
    romeo, juliet, tybalt = stage.cast("romeo", "juliet", "tybalt")
    roles = ["moderator", "participant"]
    room = stage.gather(romeo, juliet, moderatedroom=1, whois="moderators",
                        presencebroadcast=[*roles, "visitor"])
    succeeds(romeo.set_role(room, "juliet", "participant"))
    tybalt.enter(room)
    stage.hush()

    succeeds(romeo.configure(room, whois="anyone", presencebroadcast=roles))

    juliet.sees_gone(room.at("tybalt"), jid=None)
    romeo.sees_gone(room.at("tybalt"), jid=tybalt.full)


scene()
