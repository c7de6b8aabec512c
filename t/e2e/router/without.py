#!/usr/bin/python3
"""The shim where the router itself stores and archives nothing, and where
somebody's client does not listen (XEP-0352)."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal
from shim import scene, test
from stage import DOMAIN

SHIM = {"offline": {"hooks": ["store", "deliver"], "timeout": 1},
        "judge": {"hooks": ["check", "tap"]}}
OWN = {"csi", "resumption"}


def meet(stage):
    """A judge, somebody who is there and one who is not."""
    judge = stage.component("judge")
    romeo, juliet = stage.users("romeo", "juliet")
    juliet.logout()
    return judge, romeo, juliet


def allow(judge):
    """Allows a message, whatever is copied meanwhile."""
    check = judge.pick(lambda word: word.element == "check", "a check")
    judge.verdict(check)
    return check


@test("tells the sender when nobody stores a message")
def bounced(stage):
    judge, romeo, juliet = meet(stage)
    offline = stage.component("offline")
    for answer in (offline.error, lambda store: None):
        romeo.say(juliet.bare, "one", id="m1")
        allow(judge)
        answer(offline.told("store"))
        romeo.expect("message", type="error", id="m1", sender=juliet.bare,
                     condition="service-unavailable")
    word = offline.told("withdraw", user=juliet.bare)
    offline.send(f"<message{offline.addresses(DOMAIN)}><forget xmlns='urn:"
                 f"x-annex:0' user='{juliet.bare}'>{word.annex.text}</forget>"
                 "</message>")
    offline.settle()
    offline.vanish()
    romeo.say(juliet.bare, "two", id="m2")
    allow(judge)
    romeo.expect("message", type="error", id="m2",
                 condition="service-unavailable")


@test("uses one id for a message from its check to its delivery")
def one_id(stage):
    judge, romeo, juliet = meet(stage)
    offline = stage.component("offline")
    romeo.say(juliet.bare, "one")
    id = allow(judge).get("id")
    store = offline.told("store", id=id)
    offline.result(store)
    juliet, = stage.users("juliet")

    offline.does("deliver", f"<item id='{id}'>" + forwarded(
        f"<message xmlns='jabber:client' from='{romeo.full}' type='chat' "
        f"to='{juliet.bare}'><body>one</body></message>", store.stamp)
        + "</item>", jid=juliet.full)

    equal(juliet.hears(romeo.full, "one").attribute("sid:stanza-id", "id"),
          id)
    dirs = set()
    while dirs != {"out", "in", "shown"}:
        dir = judge.pick(lambda word: word.element == "tap"
                         and word.get("id") == id, "a tap").get("dir")
        dirs |= {"out", "in"} if dir == "both" else {dir}


@test("holds two hundred messages in one write, and keeps their order")
def pipelined(stage):
    judge = stage.component("judge")
    romeo, juliet = stage.users("romeo", "juliet")
    romeo.send("".join(f"<message to='{juliet.full}' type='chat' id='{n}'>"
                       f"<body>{n}</body></message>" for n in range(200)))

    refused = [romeo.expect("message", type="error",
                            condition="resource-constraint").id
               for _ in range(100)]
    equal(refused, [str(n) for n in range(100, 200)])
    checks = [judge.pick(lambda word: word.element == "check", "a check")
              for _ in range(100)]
    for check in reversed(checks):
        judge.verdict(check)

    for number in range(100):
        juliet.hears(romeo.full, str(number))


@test("wakes a client that is inactive for a message that was held")
def inactive(stage):
    judge = stage.component("judge")
    romeo, juliet = stage.users("romeo", "juliet")
    juliet.send("<inactive xmlns='urn:xmpp:csi:0'/>")
    juliet.settle()
    romeo.say(juliet.full, "one")

    allow(judge)

    juliet.hears(romeo.full, "one")


@test("hands over to a client that is inactive")
def delivered(stage):
    offline, (juliet,) = stage.component("offline"), stage.users("juliet")
    juliet.send("<inactive xmlns='urn:xmpp:csi:0'/>")
    juliet.settle()

    offline.does("deliver", "<item id='c1'>" + forwarded(
        f"<message xmlns='jabber:client' from='romeo@{DOMAIN}' type='chat' "
        f"to='{juliet.bare}'><body>one</body></message>") + "</item>",
        jid=juliet.full)

    juliet.hears(f"romeo@{DOMAIN}", "one")


scene(SHIM, OWN)
