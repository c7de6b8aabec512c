#!/usr/bin/python3
"""Where rooms are persistent by default, one that nobody has configured is
not yet a room: nothing of it is in the database."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


def stored(stage):
    """The database after the component has written all it had to."""
    stage.settle()
    stage.dismiss()
    equal(stage.annex.stop(), 0)
    text = stage.dump()
    stage.annex.start()
    return text


def busy(stage):
    """A room not yet configured, in which everything has been done that
    would be written."""
    romeo, = stage.cast("romeo")
    room = stage.room("locked")
    romeo.enter(room)
    succeeds(romeo.set_affiliation(room, "tybalt@verona.test", "outcast"))
    romeo.message(room.jid, "<subject>Topic of mine</subject>")
    romeo.say(room, "Talk of mine")
    stage.hush()
    return romeo, room


def traces(text, room):
    return [each for each in (room.jid, "Topic of mine", "Talk of mine",
                              "tybalt")
            if each in text]


@test("once its creator has left")
def left(stage):
    romeo, room = busy(stage)
    romeo.leave(room)
    romeo.expect("presence", type="unavailable", sender=room.at("romeo"))

    equal(traces(stored(stage), room), [])
    romeo, = stage.cast("romeo")
    equal(romeo.enter(room).own.codes, {110, 201})


@test("once its creator has cancelled the configuration")
def cancelled(stage):
    romeo, room = busy(stage)
    succeeds(romeo.ask("set", room.jid, (
        "<query xmlns='http://jabber.org/protocol/muc#owner'>"
        "<x xmlns='jabber:x:data' type='cancel'/></query>")))

    equal(traces(stored(stage), room), [])


@test("once its creator's connection broke")
def broken(stage):
    romeo, room = busy(stage)
    juliet, = stage.cast("juliet")
    romeo.vanish()
    stage.part(romeo)
    while juliet.info(room).type != "error":
        stage.settle()

    equal(traces(stored(stage), room), [])


@test("once the component has ended with its creator still there")
def stopped(stage):
    _, room = busy(stage)

    equal(traces(stored(stage), room), [])


@test("while all of one that was configured stays")
def configured(stage):
    romeo, room = busy(stage)
    succeeds(romeo.configure(room))

    equal(traces(stored(stage), room),
          [room.jid, "Topic of mine", "Talk of mine", "tybalt"])


scene('defaults = "persistentroom=1"')
