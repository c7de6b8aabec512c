#!/usr/bin/python3
"""Beside a router we know nothing special of: enter, talk, leave."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ["ROUTER"] = "jabberd2"
os.environ.pop("SHIM", None)
from guest import equal  # noqa: E402
from scene import scene, test  # noqa: E402


@test("enter, talk, whisper, leave")
def plain(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.room()

    romeo.create(room)
    equal(juliet.enter(room).nicks, ["romeo"])
    romeo.sees(room.at("juliet"), jid=juliet.full)
    juliet.say(room, "O Romeo!", id="m1")
    for who in (romeo, juliet):
        who.hears(room.at("juliet"), "O Romeo!", id="m1")
    romeo.whisper(room, "juliet", "Lady")
    juliet.expect("message", sender=room.at("romeo"), body="Lady")
    juliet.leave(room)
    juliet.sees_gone(room.at("juliet"), {110})
    romeo.sees_gone(room.at("juliet"))


@test("those whose connection breaks leave too")
def broken(stage):
    romeo, = stage.cast("romeo")
    tybalt = stage.client("tybalt", "street")
    room = stage.gather(romeo, tybalt)

    tybalt.vanish()
    stage.part(tybalt)

    romeo.sees_gone(room.at("tybalt"))


scene()
