#!/usr/bin/python3
"""The router goes away and comes back; or says no."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test


@test("is found again when it restarts, and the rooms are there")
def restarted(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo, persistentroom=1)
    since = stage.log_length()

    stage.router.kill()
    stage.dismiss()
    stage.router.start()
    stage.annex.process.wait_line("router: attached", since)

    juliet, = stage.cast("juliet")
    equal(juliet.enter(room).own.codes, {110})


@test("takes those who went with it out of the rooms")
def ghosts(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, persistentroom=1)
    since = stage.log_length()

    stage.router.kill()
    stage.dismiss()
    stage.router.start()
    stage.annex.process.wait_line("router: attached", since)
    nurse, = stage.cast("nurse")
    entry = nurse.enter(room)

    seen = set(entry.nicks)
    while seen:
        came = nurse.expect("presence", type="unavailable", codes={333})
        seen.remove(came.sender.split("/")[1])
    stage.silent()


@test("lets those in again who stayed while the component restarted")
def component(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, persistentroom=1)

    equal(stage.annex.stop(), 0)
    for who in (romeo, juliet):
        who.sees_gone(room.at(who.name), {110, 332})
    stage.annex.start()

    stage.silent(romeo, juliet)
    juliet.presence(room.at("juliet"), "<show>away</show>")
    juliet.sees_gone(room.at("juliet"), {110, 307, 333})
    equal(romeo.enter(room).nicks, [])
    equal(juliet.enter(room).nicks, ["romeo"])
    stage.hush()
    romeo.say(room, "again")
    for who in (romeo, juliet):
        who.hears(room.at("romeo"), "again")


@test("that refuses the secret is asked again, and the log says so")
def refused(stage):
    stage.annex.stop()
    stage.annex.write("", secret="montague")
    since = stage.annex.launch()

    line = stage.annex.process.wait_line("secret", since)

    assert "montague" not in line, line
    assert stage.annex.process.running()
    equal(stage.get("/readyz", since)[0], 503)
    stage.annex.stop()
    stage.annex.write("", secret="capulet")
    stage.annex.start()


scene()
