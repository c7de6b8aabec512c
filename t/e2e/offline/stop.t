#!/usr/bin/python3
"""annex-offline is stopped or killed while it stores messages, where the router
has no store of its own."""
import os
import signal
import sys
import time
sys.path.append(sys.path[0] + "/../../lib")
os.environ["DB"] = "postgres"
from client import SECS  # noqa: E402
from guest import equal  # noqa: E402
from mail import arrive, scene, test  # noqa: E402
from postgres import wait_until  # noqa: E402


def parked(stage, count):
    end = time.monotonic() + SECS
    while stage.metric("annex_offline_requests_parked") < count:
        assert time.monotonic() < end, "the router did not ask"


def rows(stage, user):
    return int(stage.database.sql("SELECT COUNT(*) FROM offline_message "
                                  f"WHERE jid = '{user.bare}'"))


def begin_to_stop(stage):
    since = len(stage.annex.process.lines)
    stage.annex.process.child.send_signal(signal.SIGTERM)
    stage.annex.process.wait_line("service: stopping", since)


def restart(stage):
    equal(stage.annex.process.wait(), 0)
    since = len(stage.annex.process.lines)
    stage.annex.start()
    stage.annex.process.wait_line("has for us", since)


@test("tells the router what it has stored before it ends")
def stores(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    lock = stage.database.lock("offline_message")
    for text in ("one", "two", "three"):
        romeo.say(juliet.bare, text)
    parked(stage, 3)

    begin_to_stop(stage)
    lock.communicate()
    restart(stage)

    romeo.settle()
    equal([str(word) for word in romeo.inbox if word.kind == "message"], [])
    reader = arrive(juliet)
    equal(reader.mail(3), ["one", "two", "three"])
    reader.nothing(stage)


@test("leaves to the router what comes while it ends")
def refuses(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    other = stage.absent("nurse")
    lock = stage.database.lock("offline_message")
    romeo.say(juliet.bare, "one")
    parked(stage, 1)

    begin_to_stop(stage)
    romeo.say(other.bare, "two", id="m2")
    error = romeo.expect("message", type="error", id="m2")
    lock.communicate()
    restart(stage)

    equal(error.condition, "service-unavailable")
    arrive(other).nothing(stage)
    equal(arrive(juliet).mail(1), ["one"])


@test("removes what was withdrawn from it before it was killed")
def killed(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    before = stage.counted("withdrawn")
    lock = stage.database.lock("offline_message")
    romeo.say(juliet.bare, "one", id="m1")
    romeo.expect("message", type="error", id="m1")
    equal(stage.counted("withdrawn"), before)

    stage.annex.kill()
    lock.communicate()
    wait_until(lambda: rows(stage, juliet) == 1, "store it")
    stage.annex.start()
    stage.wait_counted("withdrawn", 1)

    equal(rows(stage, juliet), 0)
    arrive(juliet).nothing(stage)


scene()
