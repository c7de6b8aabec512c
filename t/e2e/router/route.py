#!/usr/bin/python3
"""PROTOCOL 8: stanzas for users who do not exist."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from shim import scene, test
from stage import DOMAIN

SHIM = {"gate": {"hooks": ["route"], "timeout": 1},
        "rooms": {"hooks": ["fanout"]}}
NOBODY = f"nobody@{DOMAIN}"
PING = "<ping xmlns='urn:xmpp:ping'/>"


@test("offers messages, presence and queries for nobody")
def offers(stage):
    gate, romeo = stage.component("gate"), stage.user("mercutio")
    romeo.say(f"{NOBODY}/x", "one", id="m1")
    word = gate.told("route")
    equal((word.kind, word.type, word.sender), ("iq", "set", DOMAIN))
    inner = word.inner
    equal((inner.kind, inner.sender, inner.to, inner.id, inner.body),
          ("message", romeo.full, f"{NOBODY}/x", "m1", "one"))
    gate.result(word)
    romeo.send(f"<presence type='subscribe' to='{NOBODY}'/>")
    word = gate.told("route")
    equal((word.inner.kind, word.inner.type), ("presence", "subscribe"))
    gate.result(word)
    for to in (NOBODY, f"{NOBODY}/x"):
        romeo.iq("get", to, PING)
        word = gate.told("route")
        equal((word.inner.kind, word.inner.to), ("iq", to))
        gate.result(word)

    romeo.settle()
    assert not [word for word in romeo.inbox if word.type == "error"]


@test("lets the component answer for them")
def answers(stage):
    gate, romeo = stage.component("gate"), stage.user("romeo")
    rooms = stage.component("rooms")

    rooms.send(f"<message from='x@{rooms.domain}' to='{NOBODY}' type='chat'>"
               "<body>one</body></message>")

    word = gate.told("route")
    equal(word.inner.sender, f"x@{rooms.domain}")
    gate.result(word)
    romeo.settle()


@test("answers as ever when the component does not take it")
def leaves(stage):
    gate, romeo = stage.component("gate"), stage.user("romeo")
    for way in (lambda word: gate.error(word), lambda word: None,
                lambda word: gate.vanish()):
        romeo.say(NOBODY, "one", id="m1")
        request = romeo.iq("get", NOBODY, PING)
        words = [gate.told("route"), gate.told("route")]
        for word in words:
            if not gate.gone:
                way(word)

        error = romeo.pick(lambda word: word.kind == "message", "the error")
        equal((error.type, error.id, error.sender), ("error", "m1", NOBODY))
        romeo.answer(request)


@test("answers as ever, at once, when the component is away")
def away(stage):
    romeo = stage.user("romeo")

    romeo.say(NOBODY, "one")

    romeo.expect("message", type="error", condition="service-unavailable")


@test("offers nothing that is for somebody")
def somebody(stage):
    gate = stage.component("gate")
    romeo, juliet = stage.users("romeo", "juliet")
    stage.user("nurse").logout()

    romeo.say(juliet.bare, "one")
    juliet.hears(romeo.full, "one")
    for to in (f"nurse@{DOMAIN}", f"{juliet.bare}/nowhere"):
        romeo.iq("get", to, PING)
    romeo.send(f"<presence type='probe' to='nurse@{DOMAIN}'/>")
    romeo.settle()

    gate.settle()
    gate.silent()


scene(SHIM)
