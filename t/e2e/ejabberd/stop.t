#!/usr/bin/python3
"""What is under way when ejabberd stops, or when check is taken away."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ["ROUTER"] = "ejabberd"
from guest import equal  # noqa: E402
from shim import scene, test  # noqa: E402
from stage import DOMAIN  # noqa: E402

SHIM = {"judge": {"hooks": ["check"], "timeout": 60},
        "offline": {"hooks": ["store"], "timeout": 60}}


def configure(stage, shim):
    stage.router.configure({f"{name}.{DOMAIN}": given
                            for name, given in shim.items()})
    stage.router.reload()


def replay(stage, name, count):
    """What the router's own store has for somebody."""
    user = stage.user(name, presence=None)
    user.send("<presence/>")
    words = [user.pick(lambda word: word.kind == "message", "a message")
             for _ in range(count)]
    return [word.body for word in words]


@test("lets go what is held when the component judges no more, in order")
def held(stage):
    judge = stage.component("judge")
    romeo, juliet = stage.users("romeo", "juliet")
    for body in ("one", "two", "three"):
        romeo.say(juliet.bare, body)
    checks = [judge.told("check") for _ in range(3)]

    configure(stage, {"judge": {"hooks": ["fanout"]},
                      "offline": SHIM["offline"]})

    for body in ("one", "two", "three"):
        juliet.hears(romeo.full, body)
    equal(judge.hello().get("hooks"), "fanout")
    for check in checks:
        judge.verdict(check)
    romeo.say(juliet.bare, "four")
    juliet.hears(romeo.full, "four")
    configure(stage, SHIM)
    judge.hello()
    romeo.say(juliet.bare, "five")
    judge.verdict(judge.told("check"))
    juliet.hears(romeo.full, "five")


@test("leaves to the router's store what is asked for at a stop")
def stopped(stage):
    offline, romeo = stage.component("offline"), stage.user("romeo")
    stage.user("paris").logout()
    for body in ("one", "two"):
        romeo.say(f"paris@{DOMAIN}", body)
    ids = [offline.told("store").get("id") for _ in range(2)]

    stage.router.stop()
    equal([offline.told("withdraw", user=f"paris@{DOMAIN}").annex.text
           for _ in range(2)], ids)
    stage.router.start()

    equal(replay(stage, "paris", 2), ["one", "two"])


@test("keeps what is held at a stop")
def held_at_stop(stage):
    judge, romeo = stage.component("judge"), stage.user("romeo")
    stage.user("tybalt").logout()
    romeo.say(f"tybalt@{DOMAIN}", "one")
    judge.told("check")

    stage.router.stop()
    stage.router.start()

    equal(replay(stage, "tybalt", 1), ["one"])


scene(SHIM, {"offline"})
