#!/usr/bin/python3
"""XEP-0045 7.6: changing the nick."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


@test("shows the old nick going by 303 and the new one coming, to all")
def changed(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)

    juliet.presence(room.at("sun"), id="ifd1c35")

    romeo.sees_gone(room.at("juliet"), {303}, nick="sun", role="participant",
                    affiliation="none", jid=juliet.full)
    romeo.sees(room.at("sun"), role="participant", jid=juliet.full)
    nurse.sees_gone(room.at("juliet"), {303}, nick="sun", jid=None,
                    role="participant", affiliation="none")
    nurse.sees(room.at("sun"), role="participant", affiliation="none")
    juliet.sees_gone(room.at("juliet"), {303, 110}, nick="sun",
                     role="participant", affiliation="none")
    juliet.sees(room.at("sun"), {110}, role="participant")
    stage.silent()


@test("talks, whispers and leaves under the new nick")
def used(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    juliet.presence(room.at("sun"))
    stage.hush()

    juliet.say(room, "Ay me!")
    romeo.hears(room.at("sun"), "Ay me!")
    romeo.whisper(room, "sun", "She speaks")
    juliet.hears(room.at("sun"), "Ay me!")
    juliet.expect("message", sender=room.at("romeo"), body="She speaks")
    juliet.leave(room, "sun")
    romeo.sees_gone(room.at("sun"))


@test("frees the old nick for others")
def freed(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    room = stage.gather(romeo, juliet)
    juliet.presence(room.at("sun"))
    stage.hush()

    paris.enter(room, "juliet")


@test("carries the availability along")
def availability(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.presence(room.at("sun"), "<show>chat</show>")

    romeo.sees_gone(room.at("juliet"), {303}, role="participant")
    romeo.sees(room.at("sun"), show="chat")


@test("refuses a nick that another user has")
def taken(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.presence(room.at("romeo"), id="ifd1c35")

    juliet.refused("presence", room.at("romeo"), "conflict", "cancel",
                   by=room.jid, id="ifd1c35")
    stage.silent()
    juliet.say(room, "still here")
    romeo.hears(room.at("juliet"), "still here")


@test("refuses a nick that another user has reserved")
def reserved(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    room = stage.gather(romeo, paris)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member", nick="sun"))
    stage.hush()

    paris.presence(room.at("sun"))

    paris.refused("presence", room.at("sun"), "conflict", "cancel",
                  by=room.jid)
    stage.silent()


@test("refuses a nick of spaces")
def invisible(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.presence(room.jid + "/   ")

    refusal = juliet.next()
    equal((refusal.kind, refusal.type), ("presence", "error"))
    stage.silent()


@test("lets a visitor keep the role")
def visitor(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo, tybalt, moderatedroom=1)

    tybalt.presence(room.at("cat"))

    romeo.sees_gone(room.at("tybalt"), {303}, nick="cat", role="visitor")
    romeo.sees(room.at("cat"), role="visitor")


scene()
