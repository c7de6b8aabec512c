#!/usr/bin/python3
"""Two nodes, of which components are attached to one."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded  # noqa: E402
from cluster import clustered  # noqa: E402
from guest import equal  # noqa: E402
import scene as plain  # noqa: E402
from shim import ShimStage, test  # noqa: E402
from stage import DOMAIN  # noqa: E402

SHIM = {"offline": {"hooks": ["deliver", "store", "presence"]},
        "rooms": {"hooks": ["fanout"]}}
ROMEO = f"romeo@{DOMAIN}/orchard"
ROOM = f"garden@rooms.{DOMAIN}"


def message(text, sender, type):
    return (f"<message xmlns='jabber:client' from='{sender}' type='{type}'>"
            f"<body>{text}</body></message>")


def items(*texts):
    return "".join(f"<item id='{text}'>"
                   + forwarded(message(text, ROMEO, "chat")) + "</item>"
                   for text in texts)


@test("sends one stanza to sessions of both, in order")
def fanout(stage):
    rooms = stage.component("rooms")
    people = [stage.user("romeo"), stage.visitor("juliet")]

    for number in range(0, 40, 2):
        rooms.request("fanout", "<to>" + "\n".join(
            who.full for who in people) + "</to>" + "".join(
                forwarded(message(number + each, ROOM, "groupchat"))
                for each in range(2)))

    for who in people:
        for number in range(40):
            who.hears(ROOM, str(number))


@test("hands messages to a session of the other, once")
def deliver(stage):
    offline = stage.component("offline")
    juliet = stage.visitor("juliet")
    stage.forget(juliet)

    offline.does("deliver", items("one", "two"), jid=juliet.full)
    offline.does("deliver", items("two", "three"), jid=juliet.full)

    for text in ("one", "two", "three"):
        juliet.hears(ROMEO, text)
    juliet.settle()
    juliet.silent()


@test("says when there is no such session any more")
def gone(stage):
    offline = stage.component("offline")
    juliet = stage.visitor("juliet")
    juliet.logout()

    offline.refused("item-not-found", "deliver", items("four"),
                    jid=juliet.full)


@test("tells who comes and goes on the other")
def presence(stage):
    offline = stage.component("offline")
    juliet = stage.user("juliet", router=stage.second)
    equal(offline.told("online").get("jid"), juliet.full)
    juliet.send("<presence><show>away</show></presence>")
    equal(offline.told("online").find("annex:online/c:presence/c:show").text,
          "away")
    stage.let_go(offline)

    offline = stage.component("offline")

    offline.told("online", jid=juliet.full, known="true")
    juliet.logout()
    offline.told("offline", jid=juliet.full)


plain.scene((SHIM, set(), {}), clustered(ShimStage))
