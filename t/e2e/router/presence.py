#!/usr/bin/python3
"""PROTOCOL 7: who comes and goes."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from shim import scene, test
from stage import DOMAIN

SHIM = {"offline": {"hooks": ["presence"]}, "rooms": {"hooks": ["fanout"]}}
OWN = {"resumption"}
BUSY = ("<presence><show>dnd</show><status>Busy</status><priority>3"
        "</priority><x xmlns='urn:x'/></presence>")


def inner(word):
    return word.find("annex:online/c:presence")


def is_busy(presence):
    """Whether it is BUSY, but for what the router may have added."""
    said = {child.tag.split("}")[1]: child.text for child in presence}
    return (said.get("show"), said.get("status"), said.get("priority"),
            "x" in said) == ("dnd", "Busy", "3", True)


def online(component, user, known=None):
    word = component.told("online", jid=user.full, known=known)
    equal(word.sender, DOMAIN)
    return word


@test("tells of a session that becomes available, as it said")
def comes(stage):
    offline = stage.component("offline")
    juliet = stage.user("juliet", presence=BUSY)

    said = inner(online(offline, juliet))

    equal(said.get("from"), juliet.full)
    equal(said.get("to"), None)
    assert is_busy(said), f"{said}"


@test("tells of each presence that is broadcast, the same one again too")
def each(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    online(offline, juliet)

    for presence in (BUSY, BUSY, "<presence/>"):
        juliet.send(presence)
        said = inner(online(offline, juliet))
        equal(is_busy(said), presence == BUSY)


@test("tells nothing of directed presence")
def directed(stage):
    offline = stage.component("offline")
    juliet, romeo = stage.users("juliet", "romeo")
    for user in (juliet, romeo):
        online(offline, user)

    juliet.send(f"<presence to='{romeo.full}'/>")
    juliet.send(f"<presence to='{romeo.full}' type='unavailable'/>")

    juliet.settle()
    offline.settle()
    offline.silent()


@test("tells of a session that becomes unavailable, and of its end")
def unavailable(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    online(offline, juliet)

    juliet.send("<presence type='unavailable'/>")
    offline.told("offline", jid=juliet.full)

    juliet.logout()
    offline.told("offline", jid=juliet.full)


@test("tells of a session that ends, or breaks")
def ends(stage):
    offline = stage.component("offline")
    for way in ("logout", "vanish"):
        juliet = stage.user("juliet")
        online(offline, juliet)

        getattr(juliet, way)()

        offline.told("offline", jid=juliet.full)


@test("tells of the end of a session that was never available")
def never(stage):
    offline = stage.component("offline")
    juliet = stage.user("juliet", presence=None)
    juliet.settle()

    juliet.logout()

    offline.told("offline", jid=juliet.full)


@test("tells after hello who is available, and only that")
def known(stage):
    juliet = stage.user("juliet", presence=BUSY)
    stage.user("romeo", presence=None)
    nurse = stage.user("nurse")
    nurse.send("<presence type='unavailable'/>")
    nurse.settle()

    offline = stage.component("offline")

    assert is_busy(inner(online(offline, juliet, known="true")))
    offline.settle()
    offline.silent()


@test("goes on telling after hello, in order")
def then(stage):
    juliet = stage.user("juliet")
    offline = stage.component("offline")
    online(offline, juliet, known="true")

    juliet.send(BUSY)
    online(offline, juliet)
    juliet.logout()
    offline.told("offline", jid=juliet.full)


@test("tells nothing of a session that is resumed (XEP-0198)")
def resumed(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet",
                                                             presence=BUSY)
    online(offline, juliet)
    juliet.manage()
    juliet.vanish()

    juliet.resume(0)
    juliet.settle()
    offline.settle()
    assert not offline.inbox, f"{offline.inbox}"

    again = stage.component("offline")
    assert is_busy(inner(online(again, juliet, known="true")))
    juliet.logout()
    again.told("offline", jid=juliet.full)


@test("tells nothing to those who do not have the hook")
def others(stage):
    rooms = stage.component("rooms")
    juliet = stage.user("juliet")
    juliet.settle()
    juliet.logout()

    rooms.settle()
    rooms.silent()


scene(SHIM, OWN)
