#!/usr/bin/python3
"""Messages to a room that is stored and not in memory: XEP-0045 7.4, 7.5."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
import re
import time
from guest import equal
from scene import scene, test

PATIENCE_SECS = 30


def rooms(stage):
    """How many rooms are in memory."""
    said = re.search(r"^annex_muc_rooms (\d+)$", stage.get("/metrics")[1],
                     re.M)
    return int(said[1])


def wait_until_unloaded(stage):
    end = time.monotonic() + PATIENCE_SECS
    while rooms(stage) > 0:
        assert time.monotonic() < end, "rooms stay in memory"


def unloaded(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo, persistentroom=1)
    stage.places.clear()
    stage.restart()
    equal(rooms(stage), 0)
    return room


@test("says not-acceptable to talk from outside, and unloads the room again")
def talk(stage):
    room = unloaded(stage)
    tybalt, = stage.cast("tybalt")

    tybalt.say(room, "A villain!", id="no1")

    tybalt.refused("message", room.jid, "not-acceptable", "modify", id="no1",
                   by=room.jid)
    wait_until_unloaded(stage)


@test("says not-acceptable to private messages, and unloads the room again")
def whisper(stage):
    room = unloaded(stage)
    tybalt, = stage.cast("tybalt")

    tybalt.whisper(room, "romeo", "A villain!", id="no2")

    tybalt.refused("message", room.at("romeo"), "not-acceptable", "modify",
                   id="no2")
    wait_until_unloaded(stage)


@test("keeps nothing of a room that is not stored")
def nowhere(stage):
    tybalt, = stage.cast("tybalt")
    wait_until_unloaded(stage)
    room = stage.room()
    stage.places.clear()

    tybalt.say(room, "A villain!", id="no3")

    tybalt.refused("message", room.jid, "item-not-found", "cancel", id="no3")
    equal(rooms(stage), 0)


scene("room_idle = 0s")
