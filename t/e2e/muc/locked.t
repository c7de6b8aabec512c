#!/usr/bin/python3
"""XEP-0045 7.2.10 and 17.2: rooms that are not yet configured."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import succeeds
from scene import scene, test


@test("refuses others until the owner has configured the room")
def locked(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.room()
    romeo.enter(room)

    juliet.knock(room)
    juliet.refused("presence", room.at("juliet"), "item-not-found",
                   "cancel", by=room.jid)
    stage.silent()

    succeeds(romeo.configure(room))
    juliet.enter(room)


@test("says item-not-found to messages sent to a locked room")
def message(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.room()
    romeo.enter(room)

    juliet.say(room, "Romeo?", id="m1")

    juliet.refused("message", room.jid, "item-not-found", "cancel", id="m1")
    stage.silent()


@test("says item-not-found to messages sent to no room at all")
def nowhere(stage):
    juliet, = stage.cast("juliet")
    room = stage.room()

    juliet.say(room, "Romeo?", id="m1")
    juliet.refused("message", room.jid, "item-not-found", "cancel", id="m1")
    juliet.whisper(room, "romeo", "Romeo?", id="m2")
    juliet.refused("message", room.at("romeo"), "item-not-found", "cancel",
                   id="m2")


scene()
