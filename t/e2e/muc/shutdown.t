#!/usr/bin/python3
"""XEP-0045 11.2: the service shuts down."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test


@test("tells all occupants of all rooms with 332")
def told(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    garden = stage.gather(romeo, juliet)
    tomb = stage.gather(romeo)
    stage.hush()

    equal(stage.annex.stop(), 0)

    juliet.sees_gone(garden.at("juliet"), {110, 332})
    going = [romeo.next(), romeo.next()]
    equal({(came.sender, came.type, came.role, *sorted(came.codes))
           for came in going},
          {(garden.at("romeo"), "unavailable", "none", 110, 332),
           (tomb.at("romeo"), "unavailable", "none", 110, 332)})
    stage.annex.start()
    stage.silent()


scene()
