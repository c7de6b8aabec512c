#!/usr/bin/python3
"""PROTOCOL 2: who may do what, and that nobody else can do anything."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import ANNEX, forwarded
from guest import equal
from shim import scene, test
from stage import DOMAIN

ROSTER, DIARY = "jabber:iq:roster", "urn:x:diary"
SHIM = {
    "all": {"hooks": ["tap", "check", "store", "presence", "route",
                      "deliver", "fanout", "overlay", f"act:{ROSTER}",
                      "act:presence", f"delegate:{DIARY}"], "timeout": 9},
    "none": {"hooks": ["presence"]},
}
ALL, NONE = f"all.{DOMAIN}", f"none.{DOMAIN}"
JULIET = f"juliet@{DOMAIN}"


def message(sender, body="forged"):
    return forwarded(
        f"<message xmlns='jabber:client' from='{sender}' to='{JULIET}/house' "
        f"type='chat' id='x'><body>{body}</body></message>")


def requests(sender):
    """All that a component may ask, as text."""
    return [
        f"<deliver xmlns='{ANNEX}' jid='{JULIET}/house'><item>"
        + message(sender) + "</item></deliver>",
        f"<fanout xmlns='{ANNEX}'><to>{JULIET}/house</to>"
        + message(sender) + "</fanout>",
        f"<overlay xmlns='{ANNEX}' user='{JULIET}' key='x'><show>dnd</show>"
        "</overlay>",
        f"<act xmlns='{ANNEX}' user='{JULIET}'>" + forwarded(
            f"<presence xmlns='jabber:client' to='romeo@{DOMAIN}/house'/>")
        + "</act>",
        f"<delegate xmlns='{ANNEX}' ns='{DIARY}'/>",
        f"<release xmlns='{ANNEX}' id='x' point='send'>"
        + message(f"romeo@{DOMAIN}/house") + "</release>",
        f"<refuse xmlns='{ANNEX}' id='x' point='send'>"
        + message(f"romeo@{DOMAIN}/house") + "</refuse>",
    ]


def people(stage):
    """All is attached; two who have seen each other's words."""
    everything = stage.component("all")
    romeo, juliet = stage.users("romeo", "juliet")
    for user in (romeo, juliet):
        user.forget()
    everything.settle()
    everything.inbox.clear()
    return everything, romeo, juliet


def undisturbed(*users):
    for user in users:
        user.settle()
        assert not [word for word in user.inbox
                    if word.type not in ("error", "result")], \
            "\n".join(map(str, user.inbox))


def untouched(everything):
    """It was told nothing; copies for it from before may still come."""
    everything.settle()
    told = [word for word in everything.inbox
            if word.element != "tap" or word.inner.body == "forged"]
    assert not told, "\n".join(map(str, told))


@test("a client is told that there is no such thing")
def client(stage):
    everything, romeo, juliet = people(stage)

    for request in requests(romeo.full) + requests(ALL):
        for to in (DOMAIN, None):
            answer = romeo.ask("set", to, request)
            equal((answer.type, answer.condition),
                  ("error", "service-unavailable"))

    undisturbed(juliet)
    untouched(everything)


@test("a client cannot pretend to be a component")
def pretender(stage):
    everything, romeo, juliet = people(stage)

    romeo.send(f"<iq type='set' id='p1' from='{ALL}' to='{DOMAIN}'>"
               + requests(ALL)[0] + "</iq>")
    try:
        romeo.settle()
    except AssertionError:
        pass        # a router may end such a stream

    undisturbed(juliet)


@test("a client cannot answer, acknowledge or forget for a component")
def answers(stage):
    everything, romeo, juliet = people(stage)
    romeo.say(juliet.full, "held")
    check = everything.pick(lambda word: word.element == "check", "a check")

    for sender in (romeo, juliet):
        sender.send(f"<iq type='result' id='{check.id}' to='{DOMAIN}'>"
                    f"<verdict xmlns='{ANNEX}' action='allow'/></iq>")
        for word in (f"<ack xmlns='{ANNEX}' seq='99'/>",
                     f"<forget xmlns='{ANNEX}' user='{JULIET}'>x</forget>"):
            sender.send(f"<message to='{DOMAIN}'>{word}</message>")

    undisturbed(juliet)
    everything.verdict(check)
    juliet.pick(lambda word: word.body == "held", "his words")


@test("a component may do only what its hooks are for")
def hooks(stage):
    everything, romeo, juliet = people(stage)
    none = stage.component("none")

    for request in requests(NONE):
        answer = none.ask("set", DOMAIN, request)
        equal((answer.type, answer.condition, answer.error_type),
              ("error", "forbidden", "auth"))

    undisturbed(romeo, juliet)


@test("a component cannot answer for another")
def another(stage):
    everything, romeo, juliet = people(stage)
    none = stage.component("none")
    romeo.say(juliet.full, "held")
    check = everything.pick(lambda word: word.element == "check", "a check")

    none.send(f"<iq type='result' id='{check.id}' from='{NONE}' "
              f"to='{DOMAIN}'><verdict xmlns='{ANNEX}' action='allow'/></iq>")
    none.settle()

    undisturbed(juliet)
    everything.verdict(check)
    juliet.pick(lambda word: word.body == "held", "his words")


@test("a component cannot speak by the name of another")
def borrowed(stage):
    everything, romeo, juliet = people(stage)
    none = stage.component("none")

    for sender in (ALL, DOMAIN, f"x.{ALL}"):
        for request in requests(ALL):
            if none.gone:
                none = stage.component("none")
            none.send(f"<iq type='set' id='b' from='{sender}' "
                      f"to='{DOMAIN}'>{request}</iq>")
            try:
                none.settle()
            except AssertionError:
                pass        # a router may end such a stream

    undisturbed(romeo, juliet)
    untouched(everything)


@test("nor may it speak for users who are not the host's")
def strangers(stage):
    everything, romeo, juliet = people(stage)

    for sender in (f"romeo@{DOMAIN}/house", f"x@{NONE}", DOMAIN):
        everything.refused("forbidden", "fanout",
                           f"<to>{juliet.full}</to>" + message(sender))
    everything.refused("forbidden", "release", message("x@example.org"),
                       id="x", point="send")
    everything.refused("item-not-found", "act", forwarded(
        f"<presence xmlns='jabber:client' to='{romeo.full}'/>"),
        user="x@example.org")

    undisturbed(romeo, juliet)


@test("what is in a stanza's elements reaches nobody's handler")
def elements(stage):
    everything, romeo, juliet = people(stage)

    romeo.message(juliet.full, f"<hello xmlns='{ANNEX}' version='0'/>"
                               f"<tap xmlns='{ANNEX}' seq='1'/>")
    juliet.expect("message", sender=romeo.full)
    romeo.send(f"<message to='{ALL}'><ack xmlns='{ANNEX}' seq='99'/>"
               "</message>")
    came = everything.pick(lambda word: word.sender == romeo.full,
                           "what he sent")
    equal(came.to, ALL)


scene(SHIM)
