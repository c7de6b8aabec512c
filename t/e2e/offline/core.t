#!/usr/bin/python3
"""Stored while somebody is away, and delivered on return."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from mail import arrive, scene, test
from stage import DOMAIN
from stanza import seconds

AWAY = "<presence><priority>-1</priority></presence>"


@test("delivers in order, with the time when each was sent (XEP-0203)")
def order(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    texts = [str(number) for number in range(20)]
    stage.leave(romeo, juliet, *texts)

    got = arrive(juliet).messages(20)

    equal([message.body for message in got], texts)
    stamps = [seconds(message.attribute("delay:delay", "stamp"))
              for message in got]
    equal(stamps, sorted(stamps))
    for message in got:
        equal(len(message.find_all("delay:delay")), 1)
        equal(message.attribute("delay:delay", "from"), DOMAIN)
        equal((message.sender, message.to.split("/")[0], message.type),
              (romeo.full, juliet.bare, "chat"))


@test("delivers once")
def once(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one")
    reader = arrive(juliet)
    equal(reader.mail(1), ["one"])
    juliet.logout()

    reader = arrive(juliet)

    reader.nothing(stage)


@test("keeps messages from a session of negative priority")
def negative(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one")
    reader = arrive(juliet, AWAY)
    reader.nothing(stage)

    stage.leave(romeo, juliet, "two")
    reader.nothing(stage)

    juliet.send("<presence/>")
    equal(reader.mail(2), ["one", "two"])


@test("delivers to one of several sessions")
def several(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    other = stage.session(juliet.name, "garden")
    stage.leave(romeo, juliet, "one")
    watching = arrive(other, AWAY)

    equal(arrive(juliet).mail(1), ["one"])

    watching.nothing(stage)


@test("knows who is there after a restart")
def restart(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    reader = arrive(juliet, AWAY)
    stage.leave(romeo, juliet, "one")
    stage.annex.stop()
    juliet.send("<presence/>")
    juliet.settle()

    stage.annex.start()

    equal(reader.mail(1), ["one"])


@test("keeps messages over a restart")
def lasting(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one", "two")

    stage.annex.kill()
    stage.annex.start()

    equal(arrive(juliet).mail(2), ["one", "two"])


def give_up(juliet):
    """Somebody else gets the name."""
    juliet.login(presence=None)
    juliet.remove()
    return arrive(juliet)


@test("delivers nothing of an account that was removed to the next one")
def removed(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    other = stage.absent("mercutio")
    stage.leave(romeo, juliet, "one", "two")
    stage.leave(romeo, other, "three")

    reader = give_up(juliet)

    reader.nothing(stage)
    juliet.logout()
    stage.leave(romeo, juliet, "four")
    equal(arrive(juliet).mail(1), ["four"])
    equal(arrive(other).mail(1), ["three"])


@test("hears of it when it comes back")
def removed_meanwhile(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one")
    stage.annex.stop()
    reader = give_up(juliet)

    stage.annex.start()

    reader.nothing(stage)


scene()
