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


@test("keeps those who stayed when only the component restarts")
def component(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, persistentroom=1)
    stage.annex.stop()
    stage.annex.start()
    stage.hush()
    for who in (romeo, juliet):
        who.enter(room)
    stage.hush()

    romeo.say(room, "again")
    juliet.hears(room.at("romeo"), "again")


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
