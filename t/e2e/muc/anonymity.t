#!/usr/bin/python3
"""XEP-0045 7.2.3 and 7.2.4: who sees real addresses."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


@test("shows full addresses to all in a non-anonymous room, warning by 100")
def non_anonymous(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, whois="anyone")

    entry = nurse.enter(room)

    equal(entry.own.codes, {100, 110})
    equal(entry.own.jid, nurse.full)
    equal({other.jid for other in entry.others}, {romeo.full, juliet.full})
    for who in (romeo, juliet):
        who.sees(room.at("nurse"), jid=nurse.full)


@test("shows them to moderators only in a semi-anonymous room")
def semi_anonymous(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, whois="moderators")

    entry = nurse.enter(room)

    equal(entry.own.codes, {110})
    equal([other.jid for other in entry.others], [None, None])
    romeo.sees(room.at("nurse"), jid=nurse.full)
    juliet.sees(room.at("nurse"), jid=None)


@test("shows all addresses to a moderator who enters")
def moderator_enters(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))

    entry = nurse.enter(room)

    equal({other.jid for other in entry.others}, {romeo.full, juliet.full})


@test("hides the address from others when one leaves")
def leaving(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)

    nurse.leave(room)

    nurse.sees_gone(room.at("nurse"), {110})
    romeo.sees_gone(room.at("nurse"), jid=nurse.full)
    juliet.sees_gone(room.at("nurse"), jid=None)


@test("gives talk no trace of the sender's address")
def talk(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    romeo.say(room, "But soft!")

    came = juliet.hears(room.at("romeo"), "But soft!")
    assert romeo.bare not in str(came), f"{came}"


scene()
