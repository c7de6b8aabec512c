#!/usr/bin/python3
"""How many messages are kept, of whom, and for how long."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from mail import arrive, scene, test

LIMITS = "user_messages = 5\nsender_messages = 3\n"


def returned(sender, count):
    for _ in range(count):
        error = sender.pick(lambda word: word.kind == "message", "an error")
        equal((error.type, error.condition, error.error_type),
              ("error", "service-unavailable", "cancel"))


@test("returns what is above the limit of one sender")
def sender(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    before = stage.counted("bounced")
    stage.leave(romeo, juliet, "1", "2", "3")

    romeo.say(juliet.bare, "4")
    romeo.say(juliet.bare, "5")

    returned(romeo, 2)
    equal(stage.counted("bounced"), before + 2)
    stage.annex.process.wait_line(f"{juliet.bare} has too many: returned")
    equal(arrive(juliet).mail(3), ["1", "2", "3"])


@test("returns what is above the limit of one user")
def user(stage):
    romeo, tybalt = stage.user("romeo"), stage.user("tybalt")
    juliet = stage.absent("juliet")
    stage.leave(romeo, juliet, "1", "2", "3")
    stage.leave(tybalt, juliet, "4", "5")

    tybalt.say(juliet.bare, "6")

    returned(tybalt, 1)
    equal(arrive(juliet).mail(5), ["1", "2", "3", "4", "5"])


@test("has room again once messages were delivered")
def room(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "1", "2", "3")
    equal(arrive(juliet).mail(3), ["1", "2", "3"])
    juliet.logout()
    stage.settle()

    stage.leave(romeo, juliet, "4", "5", "6")
    romeo.say(juliet.bare, "7")

    returned(romeo, 1)
    equal(arrive(juliet).mail(3), ["4", "5", "6"])


@test("knows after a restart how many there are")
def counts(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "1", "2")
    since = len(stage.annex.process.lines)
    stage.annex.stop()
    stage.annex.start()
    stage.annex.process.wait_line("has for us", since)

    stage.leave(romeo, juliet, "3")
    romeo.say(juliet.bare, "4")

    returned(romeo, 1)


@test("drops the oldest of a sender where that is set")
def drop(stage):
    stage.configure(LIMITS + 'at_limit = "drop"')
    romeo, tybalt = stage.user("romeo"), stage.user("tybalt")
    juliet = stage.absent("juliet")
    before = stage.counted("dropped")
    stage.leave(tybalt, juliet, "0")
    stage.leave(romeo, juliet, "1", "2", "3", "4", "5")

    stage.wait_counted("dropped", before + 2)
    stage.annex.process.wait_line(f"{juliet.bare} has too many: dropped")
    equal(arrive(juliet).mail(4), ["0", "3", "4", "5"])


@test("drops the oldest of a user where that is set")
def drop_user(stage):
    stage.configure(LIMITS + 'at_limit = "drop"')
    people = [stage.user(name) for name in ("romeo", "tybalt", "paris")]
    juliet = stage.absent("juliet")
    before = stage.counted("dropped")
    for number, who in enumerate(people):
        stage.leave(who, juliet, f"{number}a", f"{number}b")

    stage.wait_counted("dropped", before + 1)
    reader = arrive(juliet)
    equal(reader.mail(5), ["0b", "1a", "1b", "2a", "2b"])
    reader.nothing(stage)


@test("keeps any number where there is no limit")
def unlimited(stage):
    stage.configure("user_messages = 0\nsender_messages = 0")
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    texts = [str(number) for number in range(250)]

    stage.leave(romeo, juliet, *texts)

    equal(arrive(juliet).mail(250), texts)


@test("removes what nobody fetched in time")
def expires(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "1", "2")
    before = stage.counted("expired")

    stage.configure("expire = 1s")

    stage.wait_counted("expired", before + 2)
    stage.annex.process.wait_line(f"{juliet.bare} did not come: expired")
    arrive(juliet).nothing(stage)


scene(LIMITS)
