#!/usr/bin/python3
"""What is under way when Prosody stops, or loads its shim anew."""
import signal
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from shim import scene, test
from stage import DOMAIN

SHIM = {"judge": {"hooks": ["check"], "timeout": 60},
        "offline": {"hooks": ["store"], "timeout": 60}}


def reload(stage):
    """The shim is loaded anew, with other settings each time."""
    judge = stage.shim["judge"]
    judge["window"] = judge.get("window", 1) + 1
    stage.router.configure({f"{name}.{DOMAIN}": given
                            for name, given in stage.shim.items()})
    stage.router.process.child.send_signal(signal.SIGHUP)


def replay(stage, name):
    """What the router's own store has for somebody."""
    user = stage.user(name, presence=None)
    user.send("<presence/>")
    user.settle()
    return [stanza.body for stanza in user.inbox
            if stanza.kind == "message"]


@test("lets go what is held when the shim is loaded anew, in order")
def held(stage):
    judge, (romeo, juliet) = (stage.component("judge"),
                              stage.users("romeo", "juliet"))
    for body in ("one", "two", "three"):
        romeo.say(juliet.bare, body)
    checks = [judge.told("check") for _ in range(3)]
    reload(stage)

    for body in ("one", "two", "three"):
        juliet.hears(romeo.full, body)
    judge.hello()
    for check in checks:
        judge.verdict(check)
    judge.settle()
    romeo.say(juliet.bare, "four")
    judge.verdict(judge.told("check"))
    juliet.hears(romeo.full, "four")


@test("leaves to the router's store what is asked for at that time")
def asked(stage):
    offline, romeo = stage.component("offline"), stage.user("romeo")
    stage.user("nurse").logout()
    for body in ("one", "two"):
        romeo.say(f"nurse@{DOMAIN}", body)
    for _ in range(2):
        offline.told("store")
    reload(stage)
    for _ in range(2):
        offline.told("withdraw", user=f"nurse@{DOMAIN}")
    offline.hello()

    equal(replay(stage, "nurse"), ["one", "two"])


@test("leaves to the router's store what is asked for at a stop")
def stopped(stage):
    offline, romeo = stage.component("offline"), stage.user("romeo")
    stage.user("paris").logout()
    for body in ("one", "two"):
        romeo.say(f"paris@{DOMAIN}", body)
    for _ in range(2):
        offline.told("store")

    equal(stage.router.stop(), 0)
    for _ in range(2):
        offline.told("withdraw", user=f"paris@{DOMAIN}")
    stage.router.start()

    equal(replay(stage, "paris"), ["one", "two"])


@test("keeps what was not acknowledged at a stop")
def unacknowledged(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    juliet.manage()
    romeo.say(juliet.bare, "one")
    juliet.hears(romeo.full, "one")
    juliet.vanish()
    romeo.say(juliet.bare, "two")
    romeo.settle()

    equal(stage.router.stop(), 0)
    stage.router.start()

    equal(replay(stage, "juliet"), ["one", "two"])


@test("keeps what is held at a stop")
def held_at_stop(stage):
    judge, romeo = stage.component("judge"), stage.user("romeo")
    stage.user("tybalt").logout()
    romeo.say(f"tybalt@{DOMAIN}", "one")
    judge.told("check")

    equal(stage.router.stop(), 0)
    stage.router.start()

    equal(replay(stage, "tybalt"), ["one"])


scene(SHIM, {"offline", "resumption"})
