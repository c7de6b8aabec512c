#!/usr/bin/python3
"""Copies of Prosody that are for both directions (PROTOCOL, section 4)."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from shim import scene, test
from stage import DOMAIN

SHIM = {"archive": {"hooks": ["tap"]}, "judge": {"hooks": ["check"]},
        "gate": {"hooks": ["fanout"]}}
OWN = {"blocking", "carbons", "offline", "resumption"}
BLOCK = "<block xmlns='urn:xmpp:blocking'><item jid='{}'/></block>"


def meet(stage):
    archive = stage.component("archive")
    archive.settle()
    while archive.inbox:
        archive.ack(int(archive.told("tap").get("seq")))
        archive.settle()
    return archive, *stage.users("romeo", "juliet")


def take(archive, **wanted):
    tap = archive.told("tap", **wanted)
    archive.ack(int(tap.get("seq")))
    return tap


def nothing_more(archive):
    archive.settle()
    archive.silent()


@test("are one for an out and an in")
def one(stage):
    archive, romeo, juliet = meet(stage)
    for to in (juliet.full, juliet.bare, romeo.bare):
        romeo.say(to, "one", id="m1")

        tap = take(archive, dir="both", origin="local", lost=None)

        equal((tap.inner.sender, tap.inner.to, tap.inner.id, tap.inner.body),
              (romeo.full, to, "m1", "one"))
        who = romeo if to == romeo.bare else juliet
        came = who.hears(romeo.full, "one")
        equal(came.attribute("sid:stanza-id", "id"), tap.get("id"))
        equal(tap.inner.find("sid:stanza-id"), None)
    nothing_more(archive)


@test("are made of what was held, and of what comes to nobody")
def held(stage):
    archive, romeo, juliet = meet(stage)
    judge = stage.component("judge")
    stage.user("mercutio").logout()
    bodies = {"one": juliet.full, "two": f"mercutio@{DOMAIN}"}
    for body, to in bodies.items():
        romeo.say(to, body)
    checks = [judge.told("check") for _ in bodies]
    judge.allow(*checks)

    for check, body in zip(checks, bodies):
        equal(take(archive, dir="both", id=check.get("id")).inner.body, body)
    juliet.hears(romeo.full, "one")
    nothing_more(archive)


@test("are not made where another module changes the message in between")
def edited(stage):
    archive, romeo, juliet = meet(stage)
    for to in (juliet.full, juliet.bare):
        romeo.say(to, "old")

        out = take(archive, dir="out")
        into = take(archive, dir="in", id=out.get("id"))

        equal((out.inner.body, into.inner.body), ("old", "new"))
        juliet.hears(romeo.full, "new")
    nothing_more(archive)


@test("are not made of what does not come")
def blocked(stage):
    archive, romeo, juliet = meet(stage)
    rosaline = stage.user("rosaline")
    succeeds(rosaline.ask("set", None, BLOCK.format(romeo.bare)))

    romeo.say(rosaline.full, "one")
    romeo.say(f"nobody@{DOMAIN}", "two")
    romeo.say(f"servant@gate.{DOMAIN}", "three")
    romeo.say(juliet.full, "four")

    for body in ("one", "two", "three"):
        equal(take(archive, dir="out").inner.body, body)
    equal(take(archive, dir="both").inner.body, "four")
    nothing_more(archive)


@test("come again as they were")
def again(stage):
    archive, romeo, juliet = meet(stage)
    for body in ("one", "two", "old", "three"):
        romeo.say(juliet.full, body)
    wanted = [("both", "one"), ("both", "two"), ("out", "old"),
              ("in", "new"), ("both", "three")]
    seqs = [int(archive.told("tap").get("seq")) for _ in wanted]

    archive = stage.component("archive")
    taps = [archive.told("tap", seq=str(seq)) for seq in seqs]
    equal([(tap.get("dir"), tap.inner.body) for tap in taps], wanted)
    nothing_more(archive)
    stage.router.stop()
    stage.router.start()

    archive = stage.component("archive")
    taps = [take(archive) for _ in wanted]
    equal([(tap.get("dir"), tap.inner.body) for tap in taps], wanted)
    nothing_more(archive)


scene(SHIM, OWN, modules=["editing"])
