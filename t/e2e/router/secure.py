#!/usr/bin/python3
"""What comes as a bundle, on streams that are encrypted, compressed or both:
deliver and fanout (PROTOCOL, sections 9 and 10)."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal
from secured import Secured
from shim import scene, test
from stage import DOMAIN

SHIM = {"offline": {"hooks": ["deliver", "store"]},
        "rooms": {"hooks": ["fanout"]}}
ROMEO = f"romeo@{DOMAIN}/orchard"
ROOM = f"garden@rooms.{DOMAIN}"
WAYS = {"over TLS": {"tls": True}}
if os.environ["ROUTER"] == "ejabberd":
    WAYS.update({"compressed": {"tls": False, "compress": True},
                 "compressed over TLS": {"compress": True}})
# Short ones and long ones, which are no multiple of anything, and one that
# is longer than what is written at once.
TEXTS = [f"{number}:" + chr(97 + number % 26) * (number * 379 % 3001)
         for number in range(150)] + ["long " + "x" * 40000, "last"]


def client(stage, name, way):
    user = Secured(stage.loop, stage.router.client_port, DOMAIN, name,
                   "house", **WAYS[way])
    stage.people.setdefault((name, "house"), []).append(user)
    return user.login()


def each_way(name):
    """A test for each."""
    def add(function):
        for way in WAYS:
            test(f"{name} {way}")(
                lambda stage, way=way: function(stage, way))
        return function
    return add


def item(id, text):
    return f"<item id='{id}'>" + forwarded(
        f"<message xmlns='jabber:client' from='{ROMEO}' type='chat'>"
        f"<body>{text}</body></message>") + "</item>"


def presence(nick, status):
    return (f"<presence xmlns='jabber:client' from='{ROOM}/{nick}'>"
            f"<status>{status}</status></presence>")


@each_way("hands over many messages at once, whole and in order,")
def deliver(stage, way):
    offline, juliet = stage.component("offline"), client(stage, "juliet", way)

    offline.does("deliver", "".join(
        item(f"{way} {number}", text) for number, text in enumerate(TEXTS)),
        jid=juliet.full)

    for text in TEXTS:
        juliet.hears(ROMEO, text)
    juliet.settle()
    juliet.silent()


@each_way("sends many stanzas at once, whole and in order,")
def fanout(stage, way):
    rooms, tybalt = stage.component("rooms"), stage.user("tybalt")
    people = [client(stage, name, way) for name in ("romeo", "juliet")]
    people.append(tybalt)

    for _ in range(3):
        rooms.request("fanout", "<to>" + "\n".join(
            who.full for who in people) + "</to>" + "".join(
                forwarded(presence(number, text))
                for number, text in enumerate(TEXTS)))

    for who in people:
        for _ in range(3):
            for number, text in enumerate(TEXTS):
                equal(who.expect("presence",
                                 sender=f"{ROOM}/{number}").status, text)
        who.settle()
        who.silent()


@each_way("takes nothing from others when somebody breaks off")
def broken(stage, way):
    rooms, tybalt = stage.component("rooms"), stage.user("tybalt")
    juliet = client(stage, "juliet", way)
    all_at_once = "".join(forwarded(presence(number, text))
                          for number, text in enumerate(TEXTS))
    to = f"<to>{juliet.full}\n{tybalt.full}</to>"

    for _ in range(3):
        rooms.request("fanout", to + all_at_once)
    juliet.expect("presence")
    juliet.vanish()
    rooms.request("fanout", to + all_at_once)

    for _ in range(4):
        for number, text in enumerate(TEXTS):
            equal(tybalt.expect("presence",
                                sender=f"{ROOM}/{number}").status, text)
    tybalt.settle()
    tybalt.silent()
    client(stage, "juliet", way).settle()


@each_way("repeats what a broken stream has lost (XEP-0198)")
def resumed(stage, way):
    offline, juliet = stage.component("offline"), client(stage, "juliet", way)
    rooms = stage.component("rooms")
    juliet.manage()
    juliet.vanish()

    offline.does("deliver", item(f"{way} one", "one")
                 + item(f"{way} two", "two"), jid=juliet.full)
    rooms.fanout([juliet.full], presence("nurse", "three"),
                 presence("nurse", "four"))

    juliet.resume(0)
    for text in ("one", "two"):
        juliet.hears(ROMEO, text)
    for text in ("three", "four"):
        equal(juliet.expect("presence").status, text)


scene(SHIM, {"resumption"}, secure=True)
