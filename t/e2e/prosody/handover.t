#!/usr/bin/python3
"""What cannot be handed over to a session of Prosody (PROTOCOL, section 9)."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from shim import scene, test
from stage import DOMAIN

SHIM = {"offline": {"hooks": ["deliver", "store"], "timeout": 60}}
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


@test("hands over again what failed, and nothing that was before it")
def failed(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    offline.refused("internal-server-error", "deliver",
                    items("three", "fail", "four"), jid=juliet.full)
    juliet.hears(ROMEO, "three")
    juliet.settle()
    juliet.silent()

    offline.does("deliver", items("three", "fail", "four"), jid=juliet.full)

    juliet.hears(ROMEO, "fail")
    juliet.hears(ROMEO, "four")
    juliet.silent()


@test("takes what comes after one without an id that failed for no such one")
def failed_nameless(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    juliet.manage("false")
    offline.refused("internal-server-error", "deliver",
                    items("fail it").replace(" id='fail it'", "", 1),
                    jid=juliet.full)
    offline.does("deliver", items("kept"), jid=juliet.full)
    juliet.hears(ROMEO, "kept")

    juliet.vanish()

    store = offline.told("store", id="kept")
    assert store.inner.body == "kept", f"{store}"
    offline.result(store)


def unacknowledged(stage, offline, *bodies):
    """A session that ends with them, as others of its user go on."""
    juliet = stage.user("juliet")
    juliet.manage("false")
    offline.does("deliver", items(*bodies), jid=juliet.full)
    for body in bodies:
        juliet.hears(ROMEO, body)
    juliet.vanish()


def gets(user, body):
    """It comes, among the presence of others."""
    user.pick(lambda word: word.body == body, f"the message {body}")


@test("stores what the other session cannot be given, and gives it the rest")
def stored(stage):
    offline, phone = stage.component("offline"), stage.user("juliet", "phone")

    unacknowledged(stage, offline, "fifth", "fail at phone", "sixth")

    store = offline.told("store", id="fail at phone")
    offline.result(store)
    for body in ("fifth", "sixth"):
        gets(phone, body)
    offline.settle()
    offline.silent()
    phone.vanish()


@test("gives all other sessions what one of them cannot be given")
def others(stage):
    offline, tablet = stage.component("offline"), stage.user("juliet", "tablet")
    phone = stage.user("juliet", "phone")
    pad = stage.user("juliet", "pad")

    unacknowledged(stage, offline, "fail at phone")

    for other in (tablet, pad):
        gets(other, "fail at phone")
    offline.settle()
    offline.silent()
    for other in (tablet, phone, pad):
        other.vanish()


def asked(stage, body):
    """A message for one who is away, of which the component is asked."""
    romeo = stage.user("romeo", "orchard")
    offline = stage.component("offline")
    romeo.say(f"juliet@{DOMAIN}", body)
    return romeo, offline, offline.told("store")


@test("gives who came back what another session cannot be given")
def came_back(stage):
    _, offline, store = asked(stage, "fail at phone")
    phone = stage.user("juliet", "phone")
    tablet = stage.user("juliet", "tablet")

    offline.error(store)

    gets(tablet, "fail at phone")
    for one in (phone, tablet):
        one.vanish()


@test("lets fall back what none who came back can be given")
def none_back(stage):
    romeo, offline, store = asked(stage, "fail at phone")
    phone = stage.user("juliet", "phone")

    offline.error(store)

    bounce = romeo.expect("message", type="error")
    assert bounce.condition == "service-unavailable", f"{bounce}"
    phone.vanish()


scene(SHIM, {"resumption"}, modules=["hangup", "failing"])
