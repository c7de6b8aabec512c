#!/usr/bin/python3
"""XEP-0045 18.1: telling those whose affiliation changed while absent."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import ROOMCONFIG, equal, submit, succeeds
from scene import scene, test


@test("sends 101 from the room to the account")
def told(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    for affiliation in ("member", "admin", "owner", "none"):
        succeeds(romeo.set_affiliation(room, juliet.bare, affiliation))

        came = juliet.expect("message", sender=room.jid, codes={101})
        equal(came.to.split("/")[0], juliet.bare)
        assert came.type in (None, "normal"), f"{came}"


@test("sends none to those who are inside and see it")
def inside(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))

    juliet.sees(room.at("juliet"), {110}, affiliation="member")
    stage.settle()
    equal(juliet.inbox, [])


def garden(stage):
    """Where romeo is, and juliet, the sun, is not but shown."""
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member", nick="sun"))
    succeeds(romeo.ask("set", room.jid, (
        "<query xmlns='http://jabber.org/protocol/muc#owner'>" + submit(
            ROOMCONFIG, {"{urn:x-annex:0}roomconfig_showabsent": "1"})
        + "</query>")))
    stage.hush()
    return room


@test("shows absent members where the room is so configured")
def shown(stage):
    nurse, = stage.cast("nurse")
    room = garden(stage)

    nurse.knock(room)

    nurse.sees(room.at("romeo"))
    nurse.sees_gone(room.at("sun"), affiliation="member", jid=None)
    nurse.sees(room.at("nurse"), {110})


@test("shows who is not there by the same id as when he is")
def same(stage):
    juliet, nurse = stage.cast("juliet", "nurse")
    room = garden(stage)

    nurse.knock(room)
    nurse.sees(room.at("romeo"))
    absent = nurse.sees_gone(room.at("sun"))
    stage.hush()
    juliet.enter(room, "sun")

    there = nurse.sees(room.at("sun"), affiliation="member")
    id = there.attribute("occupant:occupant-id", "id")
    assert id, f"{there}"
    equal(absent.attribute("occupant:occupant-id", "id"), id)


scene()
