#!/usr/bin/python3
"""What cannot be handed over to a session of Prosody (PROTOCOL, section 9)."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal
from shim import scene, test
from stage import DOMAIN

SHIM = {"offline": {"hooks": ["deliver"]}}
QUEUE = 5
ROMEO = f"romeo@{DOMAIN}/orchard"


def items(*bodies):
    """Messages with their bodies for ids."""
    return "".join(f"<item id='{body}'>" + forwarded(
        f"<message xmlns='jabber:client' from='{ROMEO}' type='chat'>"
        f"<body>{body}</body></message>") + "</item>" for body in bodies)


@test("remembers nothing of a request that failed in the middle")
def middle(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    offline.refused("item-not-found", "deliver",
                    items("one", "hang up", "two"), jid=juliet.full)
    juliet.hears(ROMEO, "one")
    juliet.vanish()
    juliet = stage.user("juliet")

    offline.does("deliver", items("one", "two"), jid=juliet.full)

    juliet.hears(ROMEO, "one")
    juliet.hears(ROMEO, "two")


@test("hands over nothing that would not fit into the queue (XEP-0198)")
def full(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    juliet.manage()
    offline.does("deliver", items("f1", "f2", "f3"), jid=juliet.full)
    for body in ("f1", "f2", "f3"):
        juliet.hears(ROMEO, body)

    answer = offline.refused("resource-constraint", "deliver",
                             items("f3", "f4", "f5", "f6"), jid=juliet.full)

    equal(answer.error_type, "wait")
    juliet.settle()
    juliet.silent()
    juliet.acknowledge(3)
    juliet.settle()
    offline.does("deliver", items("f3", "f4", "f5", "f6"), jid=juliet.full)
    for body in ("f4", "f5", "f6"):
        juliet.hears(ROMEO, body)


@test("hands over in parts what would never fit")
def large(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    juliet.manage()
    bodies = [f"l{number}" for number in range(QUEUE + 2)]

    offline.refused("resource-constraint", "deliver", items(*bodies),
                    jid=juliet.full)

    for body in bodies[:QUEUE]:
        juliet.hears(ROMEO, body)
    juliet.acknowledge(QUEUE)
    juliet.settle()
    offline.does("deliver", items(*bodies), jid=juliet.full)
    for body in bodies[QUEUE:]:
        juliet.hears(ROMEO, body)
    juliet.settle()
    juliet.silent()


@test("refuses to do so with messages that have no id")
def nameless(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    juliet.manage()
    bodies = [f"n{number}" for number in range(QUEUE + 1)]

    offline.refused("not-acceptable", "deliver",
                    items(*bodies).replace("<item id='n0'>", "<item>"),
                    jid=juliet.full)

    juliet.settle()
    juliet.silent()


scene(SHIM, {"resumption"}, modules=["hangup"], queue=QUEUE)
