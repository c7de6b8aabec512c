#!/usr/bin/python3
"""What happens when annex-offline or its database is away, where the router
has no store of its own."""
import signal
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from mail import arrive, scene, test

# Before it was stored, or after.
GIVEN_UP = ("refused", "withdrawn")


def returned(sender, id):
    error = sender.expect("message", type="error", id=id)
    equal(error.condition, "service-unavailable")


def back(stage, since):
    stage.annex.process.wait_line("has for us", since)


@test("tells the sender at once when the component is away")
def away(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one")
    stage.annex.kill()
    romeo.say(juliet.bare, "two", id="m2")
    returned(romeo, "m2")
    since = len(stage.annex.process.lines)
    stage.annex.start()
    back(stage, since)
    stage.leave(romeo, juliet, "three")

    equal(arrive(juliet).mail(2), ["one", "three"])


@test("tells the sender in time when the component hangs, and stores nothing")
def hangs(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    before = stage.counted(*GIVEN_UP)
    stage.annex.process.child.send_signal(signal.SIGSTOP)
    romeo.say(juliet.bare, "one", id="m1")
    returned(romeo, "m1")

    stage.annex.process.child.send_signal(signal.SIGCONT)

    stage.wait_counted(GIVEN_UP, before + 1)
    stage.leave(romeo, juliet, "two")
    reader = arrive(juliet)
    equal(reader.mail(1), ["two"])
    reader.nothing(stage)


@test("tells the sender when the router's link is lost")
def lost(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one")
    stage.cut()
    stage.leave(romeo, juliet, "two")
    equal(arrive(juliet).mail(2), ["one", "two"])


scene()
