#!/usr/bin/python3
"""XEP-0045 7.2.12: rooms that are logged publicly."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test


@test("warns by 170 on entering")
def warned(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, enablelogging=1)

    equal(juliet.enter(room).own.codes, {110, 170})
    romeo.sees(room.at("juliet"))


@test("does not warn where nothing is logged")
def unlogged(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, enablelogging=0)

    equal(juliet.enter(room).own.codes, {110})


scene()
