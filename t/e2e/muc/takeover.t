#!/usr/bin/python3
"""Another process, on another machine as it were, takes over a domain."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ["DB"] = "postgres"
from guest import equal, succeeds  # noqa: E402
from scene import scene, test  # noqa: E402


def takes_over(stage):
    """Of the one that was killed only the database is left."""
    os.makedirs(stage.folder + "/elsewhere", exist_ok=True)
    folder, stage.folder = stage.folder, stage.folder + "/elsewhere"
    try:
        stage.build_annex()
    finally:
        stage.folder = folder
    stage.annex.start()


@test("with everybody inside")
def inside(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    garden = stage.gather(romeo, juliet)
    tomb = stage.gather(romeo, juliet, persistentroom=1)
    stage.saved()

    stage.annex.kill()
    takes_over(stage)

    stage.hush()
    for room in garden, tomb:
        juliet.say(room, "Romeo!")
        romeo.hears(room.at("juliet"), "Romeo!")
        juliet.hears(room.at("juliet"), "Romeo!")
    stage.silent()


@test("and waits for the database when that is down as well")
def both(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    stage.saved()

    stage.annex.kill()
    stage.database.kill()
    since = stage.annex.launch()
    stage.annex.process.wait_line("store: away", since)
    stage.database.start()
    stage.annex.process.wait_line("router: attached", since)

    stage.hush()
    juliet.say(room, "Romeo!")
    romeo.hears(room.at("juliet"), "Romeo!")


@test("with everybody but those who entered while the database was away")
def unsaved(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    stage.saved()

    stage.database.kill()
    nurse.enter(room)
    stage.annex.kill()
    stage.database.start()
    stage.annex.start()

    stage.hush()
    nurse.say(room, "Madam!")
    nurse.refused("message", room.jid, "not-acceptable")
    entry = nurse.enter(room)
    equal(sorted(entry.nicks), ["juliet", "romeo"])
    equal(entry.own.codes, {110})


@test("with all that was written when the database came back")
def returned(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    stage.saved()

    stage.database.kill()
    nurse.enter(room)
    nurse.say(room, "Madam!")
    juliet.leave(room)
    succeeds(romeo.configure(room, roomname="Hall"))
    stage.hush()
    since = stage.log_length()
    stage.database.start()
    stage.annex.process.wait_line("store: linked", since)
    stage.saved()
    stage.annex.kill()
    stage.annex.start()

    stage.hush()
    entry = juliet.enter(room)
    equal(sorted(entry.nicks), ["nurse", "romeo"])
    equal([old.body for old in entry.history], ["Madam!"])
    equal(romeo.configuration(room).form["muc#roomconfig_roomname"],
          ["Hall"])


scene()
