#!/usr/bin/python3
"""What is under way when ejabberd stops, or the module alone, or when a hook is
taken away."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ["ROUTER"] = "ejabberd"
from guest import equal  # noqa: E402
from shim import scene, test  # noqa: E402
from stage import DOMAIN  # noqa: E402

SHIM = {"judge": {"hooks": ["check"], "timeout": 60, "profiles": [
            {"users": ["mercutio"], "fail": "closed"},
            {"users": ["romeo", "juliet"]}]},
        "offline": {"hooks": ["store"], "timeout": 60},
        "archive": {"hooks": ["tap"]}}
STATE = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"


def unload(stage):
    """The module stops, the host goes on."""
    stage.router.configure(None)
    stage.router.reload()


def judged(judge, sender, listener, body):
    """It is asked again, and for what it has to say only."""
    sender.message(listener.full, STATE)
    listener.expect("message", body=None)
    sender.say(listener.bare, body)
    judge.verdict(judge.told("check"))
    listener.hears(sender.full, body)


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

    stage.configure(dict(SHIM, judge={"hooks": ["fanout"]}))

    for body in ("one", "two", "three"):
        juliet.hears(romeo.full, body)
    equal(judge.hello().get("hooks"), "fanout")
    for check in checks:
        judge.verdict(check)
    romeo.say(juliet.bare, "four")
    juliet.hears(romeo.full, "four")
    stage.configure(SHIM)
    judge.hello()
    judged(judge, romeo, juliet, "five")


@test("lets go, or not, what is held when the module stops")
def unloaded(stage):
    judge = stage.component("judge")
    romeo, mercutio, juliet = stage.users("romeo", "mercutio", "juliet")
    for body in ("one", "two", "three"):
        romeo.say(juliet.bare, body)
        mercutio.say(juliet.bare, body, id=body)
    for _ in range(6):
        judge.told("check")

    unload(stage)

    for body in ("one", "two", "three"):
        juliet.hears(romeo.full, body)
        mercutio.expect("message", type="error", id=body,
                        condition="resource-constraint")
    romeo.say(juliet.bare, "four")
    juliet.hears(romeo.full, "four")
    stage.configure(SHIM)
    judge.wait_end()
    judged(stage.component("judge"), romeo, juliet, "five")


@test("leaves to the router's store what is asked for when it stops")
def asked(stage):
    offline, romeo = stage.component("offline"), stage.user("romeo")
    stage.user("nurse").logout()
    for body in ("one", "two"):
        romeo.say(f"nurse@{DOMAIN}", body)
    ids = [offline.told("store").get("id") for _ in range(2)]

    unload(stage)

    equal([offline.told("withdraw", user=f"nurse@{DOMAIN}").annex.text
           for _ in range(2)], ids)
    equal(replay(stage, "nurse", 2), ["one", "two"])
    stage.configure(SHIM)


@test("withdraws nothing from one that was not configured meanwhile")
def dropped(stage):
    offline, romeo = stage.component("offline"), stage.user("romeo")
    stage.user("nurse").logout()
    romeo.say(f"nurse@{DOMAIN}", "one")
    offline.told("store")
    offline.vanish()
    equal(replay(stage, "nurse", 1), ["one"])

    stage.configure({"judge": SHIM["judge"]})
    stage.configure(SHIM)

    offline = stage.component("offline")
    offline.settle()
    offline.silent()


def tapped(archive, body):
    """The seq of a copy; there may be others before it."""
    tap = archive.pick(lambda word: word.element == "tap"
                       and word.inner.body == body, f"the copy of {body}")
    return int(tap.get("seq"))


@test("keeps the copies that were not acknowledged when it stops")
def copied(stage):
    archive, romeo = stage.component("archive"), stage.user("romeo")
    for body in ("t1", "t2", "t3"):
        romeo.say(f"offline.{DOMAIN}", body)
    seqs = [tapped(archive, body) for body in ("t1", "t2", "t3")]
    archive.ack(seqs[0])
    archive.settle()

    unload(stage)
    romeo.say(f"offline.{DOMAIN}", "t4")
    romeo.settle()
    stage.configure(SHIM)

    archive = stage.component("archive")
    equal([tapped(archive, body) for body in ("t2", "t3")], [1, 2])
    archive.ack(2)
    archive.settle()
    archive.silent()


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
