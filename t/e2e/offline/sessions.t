#!/usr/bin/python3
"""Sessions that come and go while messages are delivered."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from mail import arrive, scene, test
from stage import DOMAIN

AWAY = "<presence><priority>-1</priority></presence>"
TEXTS = [str(number) for number in range(250)]


@test("goes on to the session it began with when another comes")
def another(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    other = stage.session(juliet.name, "garden")
    other.login(presence=None)
    stage.leave(romeo, juliet, *TEXTS)

    reader = arrive(juliet)
    first = reader.mail(1)
    other.send("<presence/>")

    equal(first + reader.mail(249), TEXTS)
    stage.settle()
    equal([word for word in other.inbox if word.kind == "message"], [])


@test("goes on to another session when the first ends meanwhile")
def ends(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    other = stage.session(juliet.name, "garden")
    watching = arrive(other, AWAY)
    stage.leave(romeo, juliet, *TEXTS)

    juliet.login(presence=None)
    juliet.send("<presence/><presence type='unavailable'/>")
    other.send("<presence/>")

    other.pick(lambda word: word.body == TEXTS[-1], "the last message")
    other.settle()
    juliet.settle()
    got = [[word.body for word in user.inbox if word.kind == "message"]
           for user in (juliet, other)]
    equal(got[0] + got[1], TEXTS[:-1])
    equal(watching.user, other)


@test("delivers to the one that takes messages, whichever came last")
def taking(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    away = stage.session(juliet.name, "garden")
    stage.leave(romeo, juliet, "one")
    watching = arrive(away, AWAY)
    reader = arrive(juliet)
    arrive(stage.session(juliet.name, "hall"), AWAY)

    equal(reader.mail(1), ["one"])
    watching.nothing(stage)


@test("stores again what a broken session had not acknowledged (XEP-0198)")
def resumption(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one", "two")
    juliet.login(presence=None)
    juliet.manage()
    juliet.send("<presence/>")
    first = [juliet.pick(lambda word: word.kind == "message", "it")
             for _ in range(2)]
    before = stage.counted("stored")
    juliet.vanish()
    stage.wait_counted("stored", before + 2)

    reader = arrive(stage.session(juliet.name, "house"))

    second = reader.messages(2)
    equal([word.body for word in second], ["one", "two"])
    equal([ids(word) for word in second], [ids(word) for word in first])
    for word in second:
        equal(len(word.find_all("delay:delay")), 1)
    reader.nothing(stage)


@test("delivers nothing again that was acknowledged (XEP-0198)")
def acknowledged(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one")
    juliet.login(presence=None)
    juliet.manage()
    juliet.send("<presence/>")
    juliet.pick(lambda word: word.kind == "message", "it")
    juliet.acknowledge(1 + len(juliet.inbox))
    juliet.settle()
    juliet.vanish()

    reader = arrive(stage.session(juliet.name, "house"))

    reader.nothing(stage)


@test("does not deliver twice what was handed over before a kill")
def kill(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, *TEXTS)
    reader = arrive(juliet)
    got = [reader.message().body]
    stage.annex.kill()
    since = len(stage.annex.process.lines)
    stage.annex.start()
    stage.annex.process.wait_line("has for us", since)

    equal(got + reader.mail(249), TEXTS)
    reader.nothing(stage)


def ids(word):
    return [element.get("id")
            for element in word.find_all("sid:stanza-id")
            if element.get("by").endswith(DOMAIN)]


scene("sender_messages = 0", own={"resumption"}, hibernation=1)
