#!/usr/bin/python3
"""XEP-0045 10.1.1: who may create rooms."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test


@test("lets create who may")
def allowed(stage):
    romeo, = stage.cast("romeo")

    equal(romeo.enter(stage.room()).own.codes, {110, 201})


@test("says not-allowed to all others, and makes no room")
def refused(stage):
    juliet, = stage.cast("juliet")
    room = stage.room()

    juliet.knock(room)

    juliet.refused("presence", room.at("juliet"), "not-allowed",
                   "cancel", by=room.jid)
    equal(juliet.info(room).condition, "item-not-found")


@test("lets them enter rooms that are there")
def others(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    equal(juliet.enter(room).own.codes, {110})


scene('create = "romeo@verona.test"')
