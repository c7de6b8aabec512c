#!/usr/bin/python3
"""The router's own store beside annex-offline."""
import signal
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from mail import arrive, scene, test

# Before it was stored, or after.
GIVEN_UP = ("refused", "withdrawn")


@test("takes what the component does not")
def takes(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one")
    stage.annex.kill()
    romeo.say(juliet.bare, "two")
    romeo.settle()
    since = len(stage.annex.process.lines)
    stage.annex.start()
    stage.annex.process.wait_line("has for us", since)
    stage.leave(romeo, juliet, "three")

    reader = arrive(juliet)

    equal(set(reader.mail(3)), {"one", "two", "three"})
    reader.nothing(stage)


@test("holds nothing that the component has")
def nothing_twice(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one", "two")
    stage.annex.kill()
    reader = arrive(juliet)
    juliet.settle()
    equal([word for word in juliet.inbox if word.kind == "message"], [])
    juliet.logout()
    since = len(stage.annex.process.lines)
    stage.annex.start()
    stage.annex.process.wait_line("has for us", since)

    reader = arrive(juliet)

    equal(reader.mail(2), ["one", "two"])
    reader.nothing(stage)


@test("takes over from a component that hangs, and delivers once")
def hangs(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    before = stage.counted(*GIVEN_UP)
    since = stage.log_length()
    stage.annex.process.child.send_signal(signal.SIGSTOP)
    romeo.say(juliet.bare, "one")
    stage.router.process.wait_line("did not answer in time", since)
    stage.annex.process.child.send_signal(signal.SIGCONT)
    stage.wait_counted(GIVEN_UP, before + 1)

    reader = arrive(juliet)

    equal(reader.mail(1), ["one"])
    reader.nothing(stage)


scene(own={"offline"})
