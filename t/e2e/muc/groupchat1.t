#!/usr/bin/python3
"""XEP-0045 7.2.18: presence without the muc element from outside."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from scene import scene, test


@test("answers an outsider's presence with a kick of 110, 307 and 333")
def kicked(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    juliet.presence(room.at("juliet"))

    juliet.sees_gone(room.at("juliet"), {110, 307, 333},
                     affiliation="none")
    stage.silent()


@test("does so for a room that does not exist, and makes none")
def nowhere(stage):
    juliet, = stage.cast("juliet")
    room = stage.room()

    juliet.presence(room.at("juliet"))

    juliet.sees_gone(room.at("juliet"), {110, 307, 333})
    answer = juliet.info(room)
    assert answer.condition == "item-not-found", f"{answer}"


scene()
