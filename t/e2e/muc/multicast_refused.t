#!/usr/bin/python3
"""A multicast service (XEP-0033) that serves others is not used."""
import os
import sys
os.environ.update(ROUTER="ejabberd", MULTICAST="none")
os.environ.pop("SHIM", None)
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test


@test("sends to each instead")
def refused(stage):
    people = stage.cast("romeo", "juliet", "nurse", "tybalt")
    room = stage.gather(*people)
    stage.annex.process.wait_lines("multicast.verona.test does not serve us",
                                   0)
    stage.hush()

    people[0].say(room, "O Romeo!")

    for who in people:
        who.hears(room.at("romeo"), "O Romeo!")
    equal(stage.metric("annex_multicast_stanzas_total"), 0)


scene()
