#!/usr/bin/python3
"""PROTOCOL 9: messages handed to a session whose queue has a limit
(XEP-0198)."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal
from shim import scene, test
from stage import DOMAIN

SHIM = {"offline": {"hooks": ["deliver", "store"]}}
QUEUE = 8
USED = 6        # the share that is filled
ROMEO = f"romeo@{DOMAIN}/orchard"


def items(bodies):
    """Messages with their bodies for ids."""
    return "".join(f"<item id='{body}'>" + forwarded(
        f"<message xmlns='jabber:client' from='{ROMEO}' type='chat'>"
        f"<body>{body}</body></message>") + "</item>" for body in bodies)


def names(letter, count):
    return [f"{letter}{number}" for number in range(count)]


def meet(stage, resume="true"):
    """The component, and a session whose queue is empty."""
    offline, juliet = stage.component("offline"), stage.user("juliet")
    juliet.manage(resume)
    return offline, juliet


def hears(juliet, bodies):
    for body in bodies:
        juliet.hears(ROMEO, body)


@test("hands over nothing that would not fit")
def full(stage):
    offline, juliet = meet(stage)
    bodies = names("f", 9)
    offline.does("deliver", items(bodies[:4]), jid=juliet.full)
    hears(juliet, bodies[:4])

    answer = offline.refused("resource-constraint", "deliver",
                             items(bodies[3:8]), jid=juliet.full)

    equal(answer.error_type, "wait")
    juliet.settle()
    juliet.silent()
    juliet.acknowledge(4)
    juliet.settle()
    offline.does("deliver", items(bodies[3:8]), jid=juliet.full)
    hears(juliet, bodies[4:8])


@test("hands over in parts what would never fit")
def large(stage):
    offline, juliet = meet(stage)
    bodies = names("l", USED + 2)

    offline.refused("resource-constraint", "deliver", items(bodies),
                    jid=juliet.full)

    hears(juliet, bodies[:USED])
    juliet.acknowledge(USED)
    juliet.settle()
    offline.does("deliver", items(bodies), jid=juliet.full)
    hears(juliet, bodies[USED:])
    juliet.settle()
    juliet.silent()


@test("refuses to do so with messages that have no id")
def nameless(stage):
    offline, juliet = meet(stage)
    bodies = names("n", USED + 1)

    offline.refused("not-acceptable", "deliver",
                    items(bodies).replace("<item id='n0'>", "<item>"),
                    jid=juliet.full)

    juliet.settle()
    juliet.silent()


@test("leaves room for what else comes")
def room(stage):
    offline, juliet = meet(stage)
    bodies = names("r", USED)
    offline.does("deliver", items(bodies), jid=juliet.full)
    hears(juliet, bodies)
    juliet.vanish()
    romeo = stage.user("romeo")
    romeo.say(juliet.full, "else")
    romeo.settle()

    juliet.resume(0)

    hears(juliet, bodies)
    juliet.hears(romeo.full, "else")


@test("takes back what was not acknowledged when the queue has run over")
def over(stage):
    offline, juliet = meet(stage, resume="false")
    bodies = names("o", USED)
    offline.does("deliver", items(bodies), jid=juliet.full)
    hears(juliet, bodies)
    juliet.acknowledge(1)
    juliet.settle()
    romeo = stage.user("romeo")
    for number in range(QUEUE + 2):
        romeo.message(juliet.full, "<subject>x</subject>", id=str(number))
    romeo.settle()
    juliet.vanish()

    for body in bodies[1:]:
        store = offline.pick(lambda word: word.element == "store"
                             and word.get("id") in bodies, "a message")
        equal((store.get("id"), store.inner.body), (body, body))


scene(SHIM, {"offline", "resumption"}, queue=QUEUE)
