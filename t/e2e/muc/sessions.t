#!/usr/bin/python3
"""XEP-0045 7.2.8 and 17: several clients of one user under one nick."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


def two(stage, **options):
    """A room with romeo, and with juliet twice."""
    romeo, juliet = stage.cast("romeo", "juliet")
    balcony = stage.client("juliet", "balcony")
    room = stage.gather(romeo, juliet, **options)
    balcony.enter(room)
    stage.hush()
    return romeo, juliet, balcony, room


@test("shows the second client all occupants, its own nick last with 110")
def enters(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    balcony = stage.client("juliet", "balcony")
    room = stage.gather(romeo, juliet)

    entry = balcony.enter(room)

    equal(entry.nicks, ["romeo"])
    equal((entry.own.sender, entry.own.codes), (room.at("juliet"), {110}))


@test("shows the first client the presence of the second, with 110")
def shown(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    balcony = stage.client("juliet", "balcony")
    room = stage.gather(romeo, juliet)

    balcony.enter(room, content="<show>away</show>")

    juliet.sees(room.at("juliet"), {110}, show="away", jid=balcony.full)
    stage.silent(juliet)


@test("delivers talk to all clients, and takes it from all")
def talk(stage):
    romeo, juliet, balcony, room = two(stage)

    romeo.say(room, "one")
    for who in (romeo, juliet, balcony):
        who.hears(room.at("romeo"), "one", to=who.full)
    for speaker in (juliet, balcony):
        speaker.say(room, "two")
        for who in (romeo, juliet, balcony):
            who.hears(room.at("juliet"), "two", to=who.full)
    stage.silent()


@test("keeps the occupant when one of the clients leaves")
def one_leaves(stage):
    romeo, juliet, balcony, room = two(stage)

    balcony.leave(room)

    balcony.sees_gone(room.at("juliet"), {110})
    stage.settle()
    assert not any(came.type == "unavailable" for came in romeo.inbox)
    assert not any(came.type == "unavailable" for came in juliet.inbox)
    stage.hush()
    juliet.say(room, "still here")
    romeo.hears(room.at("juliet"), "still here")


@test("takes the occupant away when the last client leaves")
def both_leave(stage):
    romeo, juliet, balcony, room = two(stage)
    balcony.leave(room)
    stage.hush()

    juliet.leave(room)

    juliet.sees_gone(room.at("juliet"), {110})
    romeo.sees_gone(room.at("juliet"))
    stage.silent()


@test("counts an occupant once")
def counted(stage):
    romeo, juliet, balcony, room = two(stage)

    form = romeo.info(room).form

    equal(form["muc#roominfo_occupants"], ["2"])


@test("gives a role to all clients of the nick")
def role(stage):
    romeo, juliet, balcony, room = two(stage, moderatedroom=1)

    succeeds(romeo.set_role(room, "juliet", "participant"))

    for who in (juliet, balcony):
        came = who.expect("presence", sender=room.at("juliet"), type=None,
                          role="participant")
        assert 110 in came.codes
    balcony.say(room, "Ay me!")
    stage.settle()
    assert any(came.body == "Ay me!" for came in romeo.inbox)


@test("lets one user be there under two nicks")
def two_nicks(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    balcony = stage.client("juliet", "balcony")
    room = stage.gather(romeo, juliet)

    entry = balcony.enter(room, "sun")

    equal(sorted(entry.nicks), ["juliet", "romeo"])
    romeo.sees(room.at("sun"), jid=balcony.full)


@test("shows the client that is left when the one seen takes another nick")
def parts(stage):
    romeo, juliet, balcony, room = two(stage)

    balcony.presence(room.at("sun"))

    balcony.sees_gone(room.at("juliet"), {303, 110}, nick="sun",
                      role="participant")
    balcony.sees(room.at("sun"), {110})
    balcony.sees(room.at("juliet"))
    for who in (romeo, juliet):
        who.sees(room.at("sun"))
    romeo.sees(room.at("juliet"), jid=juliet.full)
    juliet.sees(room.at("juliet"), {110})
    stage.silent()


scene()
