#!/usr/bin/python3
"""What is for many, by ejabberd's multicast service (XEP-0033)."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.environ.pop("SHIM", None)
os.environ.setdefault("MULTICAST", "all")
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test

PEOPLE = [f"p{n}" for n in range(25)]
ADDRESSES = "{http://jabber.org/protocol/address}addresses"


def fill(stage):
    """A room of many, when the service was found."""
    people = stage.cast(*PEOPLE)
    room = stage.gather(*people)
    stage.annex.process.wait_lines("multicast: what is for many of", 0)
    stage.hush()
    return room, people


@test("sends one stanza for twenty, who see no addresses")
def many(stage):
    room, people = fill(stage)
    before = stage.metric("annex_multicast_stanzas_total")

    people[0].say(room, "O Romeo!", id="m1")

    for who in people:
        came = who.hears(room.at("p0"), "O Romeo!", id="m1")
        equal(came.to, who.full)
        assert not came.has(ADDRESSES), f"{came}"
    equal(stage.metric("annex_multicast_stanzas_total") - before, 2)
    equal(stage.metric("annex_multicast_failed_total"), 0)
    stage.silent()


@test("sends presence as well")
def presence(stage):
    room, people = fill(stage)

    people[0].presence(room.at("p0"), "<show>away</show>")

    for who in people[1:]:
        came = who.sees(room.at("p0"), show="away")
        equal(came.to, who.full)
        assert not came.has(ADDRESSES), f"{came}"


@test("keeps the order of what goes to many and what goes to one")
def order(stage):
    room, people = fill(stage)
    romeo, juliet = people[:2]

    for number in range(200):
        romeo.say(room, f"to all {number}")
        romeo.whisper(room, "p1", f"to one {number}")

    for number in range(200):
        juliet.hears(room.at("p0"), f"to all {number}")
        juliet.expect("message", sender=room.at("p0"), type="chat",
                      body=f"to one {number}")


scene("""
	message_rate = 1000
	message_burst = 1000
""")
