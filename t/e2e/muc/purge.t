#!/usr/bin/python3
"""Nothing of a temporary room stays in the database."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


def stored(stage):
    """The database after the component has written all it had to."""
    stage.settle()
    stage.dismiss()
    stage.annex.stop()
    text = stage.dump()
    stage.annex.start()
    return text


def talkative(stage, **options):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo, **options)
    succeeds(romeo.set_affiliation(room, "tybalt@verona.test", "outcast"))
    romeo.message(room.jid, "<subject>Topic of mine</subject>")
    romeo.say(room, "Talk of mine")
    stage.hush()
    return romeo, room


def traces(text, room):
    return [each for each in (room.jid, "Topic of mine", "Talk of mine")
            if each in text]


@test("once its last occupant has left")
def left(stage):
    romeo, room = talkative(stage)
    romeo.leave(room)
    stage.hush()

    equal(traces(stored(stage), room), [])


@test("once a persistent room has become temporary, and empty")
def demoted(stage):
    romeo, room = talkative(stage, persistentroom=1)
    succeeds(romeo.configure(room, persistentroom=0))
    romeo.leave(room)
    stage.hush()

    equal(traces(stored(stage), room), [])


@test("once a persistent room has been destroyed")
def destroyed(stage):
    romeo, room = talkative(stage, persistentroom=1)
    succeeds(romeo.destroy(room))
    stage.hush()

    equal(traces(stored(stage), room), [])


@test("once the component has ended with the room still in use")
def in_use(stage):
    romeo, room = talkative(stage)

    equal(traces(stored(stage), room), [])
    romeo, = stage.cast("romeo")
    equal(romeo.enter(room).own.codes, {110, 201})


@test("while all of a persistent room stays")
def persistent(stage):
    romeo, room = talkative(stage, persistentroom=1)

    equal(traces(stored(stage), room),
          [room.jid, "Topic of mine", "Talk of mine"])


scene()
