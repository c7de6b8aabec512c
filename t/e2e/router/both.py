#!/usr/bin/python3
"""PROTOCOL 4: copies that are for both directions.

ejabberd's shim makes them of what was held: there a judge lets all go on."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from shim import scene, test
from stage import DOMAIN

JUDGED = os.environ["ROUTER"] == "ejabberd"
SHIM = {"archive": {"hooks": ["tap"]}, "judge": {"hooks": ["check"]},
        "gate": {"hooks": ["fanout"]}}
OWN = {"blocking", "carbons", "offline", "resumption"}
BLOCK = "<block xmlns='urn:xmpp:blocking'><item jid='{}'/></block>"


class Sender:
    """Says things to others, with a judge who allows them, or without.
    Returns the checks."""

    def __init__(self, user, judge):
        self.user, self.judge = user, judge
        self.bare, self.full = user.bare, user.full

    def say(self, to, *bodies, id=None):
        for body in bodies:
            self.user.say(to, body, id=id)
        checks = [self.judge.told("check") for _ in bodies
                  if self.judge]
        if checks:
            self.judge.allow(*checks)
        return checks


def attach(stage):
    archive = stage.component("archive")
    archive.settle()
    while archive.inbox:
        archive.ack(int(archive.told("tap").get("seq")))
        archive.settle()
    return archive


def meet(stage, judged=JUDGED):
    archive = attach(stage)
    judge = stage.component("judge") if judged else None
    romeo, juliet = stage.users("romeo", "juliet")
    return archive, Sender(romeo, judge), juliet


def wait_gone(user, session):
    """Waits until the router has nothing of a session that ended: it answers
    for it."""
    equal(user.ask("get", session, "<ping xmlns='urn:xmpp:ping'/>").type,
          "error")


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
        who = romeo.user if to == romeo.bare else juliet
        came = who.hears(romeo.full, "one")
        equal([element.get("id") for element in
               came.find_all("sid:stanza-id")], [tap.get("id")])
        equal(tap.inner.find("sid:stanza-id"), None)
    nothing_more(archive)


@test("are made of what was held, and of what comes to nobody")
def held(stage):
    archive, romeo, juliet = meet(stage, judged=True)
    stage.user("mercutio").logout()
    checks = romeo.say(juliet.full, "one")
    checks += romeo.say(f"mercutio@{DOMAIN}", "two")

    for check, body in zip(checks, ("one", "two")):
        equal(take(archive, dir="both", id=check.get("id")).inner.body, body)
    juliet.hears(romeo.full, "one")
    nothing_more(archive)


@test("are made of several that are allowed together, in their order")
def several(stage):
    archive, romeo, juliet = meet(stage, judged=True)
    bodies = [str(number) for number in range(20)]

    checks = romeo.say(juliet.full, *bodies)

    for check, body in zip(checks, bodies):
        equal(take(archive, dir="both", id=check.get("id")).inner.body, body)
        juliet.hears(romeo.full, body)
    nothing_more(archive)


@test("are made of what goes on when its sender has gone")
def gone(stage):
    archive, romeo, juliet = meet(stage, judged=False)
    judge = stage.component("judge")
    romeo.say(juliet.full, "one")
    check = judge.told("check")
    romeo.user.logout()
    wait_gone(juliet, romeo.full)

    judge.allow(check)

    equal(take(archive, dir="both").inner.body, "one")
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
