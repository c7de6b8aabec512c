#!/usr/bin/python3
"""XEP-0045 7.14: leaving a room."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test


@test("tells the one who leaves with 110, and all others")
def told(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)

    juliet.leave(room)

    juliet.sees_gone(room.at("juliet"), {110}, affiliation="none")
    romeo.sees_gone(room.at("juliet"), affiliation="none", jid=juliet.full)
    nurse.sees_gone(room.at("juliet"), affiliation="none", jid=None)
    stage.silent()
    romeo.say(room, "gone")
    nurse.hears(room.at("romeo"), "gone")
    stage.settle()
    equal(juliet.inbox, [])


@test("passes the farewell on")
def farewell(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.leave(room, content="<status>Good night</status>")

    romeo.sees_gone(room.at("juliet"), status="Good night")
    juliet.sees_gone(room.at("juliet"), {110}, status="Good night")


@test("takes a client that goes offline out of the room")
def offline(stage):
    romeo, = stage.cast("romeo")
    tybalt = stage.client("tybalt", "street")
    room = stage.gather(romeo, tybalt)

    tybalt.logout()
    stage.part(tybalt)

    romeo.sees_gone(room.at("tybalt"))


@test("takes a client whose connection breaks out of the room")
def broken(stage):
    romeo, = stage.cast("romeo")
    tybalt = stage.client("tybalt", "street")
    room = stage.gather(romeo, tybalt)

    tybalt.vanish()
    stage.part(tybalt)

    romeo.sees_gone(room.at("tybalt"))


@test("ends a temporary room with its last occupant")
def temporary(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)

    romeo.leave(room)

    romeo.sees_gone(room.at("romeo"), {110})
    equal(romeo.info(room).condition, "item-not-found")
    equal(romeo.enter(room).own.codes, {110, 201})


@test("keeps a persistent room without occupants")
def persistent(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, persistentroom=1)

    romeo.leave(room)

    romeo.sees_gone(room.at("romeo"), {110})
    equal(juliet.enter(room).own.codes, {110})


scene()
