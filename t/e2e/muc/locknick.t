#!/usr/bin/python3
"""XEP-0045 7.6, 7.10 and 7.12: nicks that are locked."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


@test("admits with the registered nick instead, and says so by 210")
def entering(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member", nick="sun"))
    stage.hush()

    juliet.knock(room, "moon")

    juliet.sees(room.at("romeo"))
    juliet.sees(room.at("sun"), {110, 210})
    romeo.sees(room.at("sun"))


@test("refuses to change a locked nick")
def changing(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member", nick="sun"))
    juliet.enter(room, "sun")
    stage.hush()

    juliet.presence(room.at("moon"))

    juliet.refused("presence", room.at("moon"), "not-acceptable", "cancel",
                   by=room.jid)
    stage.silent()


@test("tells the locked nick before one enters")
def discovered(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member", nick="sun"))

    answer = juliet.info(room, node="x-roomuser-item")

    equal(answer.attribute("info:query/info:identity", "name"), "sun")


scene("lock_nicks = yes")
