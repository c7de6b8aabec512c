#!/usr/bin/python3
"""What is said in a persistent room goes into the archive where its owner has
chosen that."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
import sqlite3
import time
from contextlib import closing
from client import SECS
from guest import equal, fails, succeeds
from scene import scene, test

WHAT = ("SELECT s.jid, m.resource, r.jid, m.to_resource, m.subject, m.body "
        "FROM archive_message m JOIN archive_address s ON s.id = m.sender "
        "JOIN archive_address r ON r.id = m.recipient ORDER BY serial")

# Of what is nowhere.
TARGET = 24 * "a"
MODERATE = (f"<moderate xmlns='urn:xmpp:message-moderate:1' id='{TARGET}'>"
            "<retract xmlns='urn:xmpp:message-retract:1'/></moderate>")


def archived(stage, room, count):
    """What the room's archives hold, once there is so much of it."""
    end = time.monotonic() + SECS
    while True:
        with closing(sqlite3.connect(stage.database.path)) as connection:
            rows = [row for row in connection.execute(WHAT)
                    if row[2].startswith(f"{room}/")]
        if len(rows) == count:
            return rows
        assert time.monotonic() < end, rows


def garden(stage, *others, **options):
    """An archived room with romeo in it."""
    romeo, = stage.cast("romeo")
    return stage.gather(romeo, *others, persistentroom=1, enablearchiving=1,
                        **options)


@test("keeps talk and subjects, with who said it")
def talk(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)

    romeo.message(room.jid, "<subject>Roses</subject>")
    stage.settle()
    juliet.say(room, "one")
    juliet.presence(room.at("sun"))
    juliet.say(room, "two")

    rows = archived(stage, room, 3)
    equal([row[:2] + row[3:] for row in rows],
          [(romeo.bare, "house", "romeo", "Roses", None),
           (juliet.bare, "house", "juliet", None, "one"),
           (juliet.bare, "house", "sun", None, "two")])


@test("keeps neither private messages nor what passes or is not to be kept")
def left(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)

    juliet.whisper(room, "romeo", "one")
    juliet.message(room.jid, "<composing xmlns="
                   "'http://jabber.org/protocol/chatstates'/>")
    juliet.say(room, "two", content="<no-store xmlns='urn:xmpp:hints'/>")
    juliet.message(room.jid, "<subject>three</subject>")
    juliet.say(room, "four")

    equal([row[5] for row in archived(stage, room, 1)], ["four"])


@test("keeps nothing of a room that is not to be archived")
def others(stage):
    romeo, = stage.cast("romeo")
    temporary = stage.gather(romeo)
    closed = stage.gather(romeo, persistentroom=1)
    room = garden(stage)

    for place in (temporary, closed, room):
        romeo.say(place, "one")

    archived(stage, room, 1)
    equal((archived(stage, temporary, 0), archived(stage, closed, 0)),
          ([], []))


@test("keeps what was said in a temporary room when that has ended")
def temporary(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, enablearchiving=1)
    romeo.say(room, "one")
    archived(stage, room, 1)
    stage.saved()
    stage.annex.kill()
    stage.annex.start()
    romeo.say(room, "two")
    stage.hush()
    for guest in (romeo, juliet):
        guest.leave(room)
    stage.hush()

    romeo.create(room, enablearchiving=1)
    romeo.say(room, "three")

    rows = archived(stage, room, 3)
    equal([row[5] for row in rows], ["one", "two", "three"])
    equal((rows[0][2] == rows[1][2], rows[1][2] == rows[2][2]),
          (True, False))


@test("gives what it keeps the id by which the room names it")
def ids(stage):
    romeo, = stage.cast("romeo")
    room = garden(stage)

    romeo.say(room, "one")
    romeo.message(room.jid, "<subject>two</subject>")

    heard = [romeo.next(), romeo.next()]
    archived(stage, room, 2)
    with closing(sqlite3.connect(stage.database.path)) as connection:
        for came in heard:
            id = came.attribute("sid:stanza-id", "id")
            equal(connection.execute(
                "SELECT count(*) FROM archive_message WHERE uid = ?",
                [id]).fetchone(), (1,))


@test("keeps a room that was destroyed apart from the next of its name")
def again(stage):
    romeo, = stage.cast("romeo")
    room = garden(stage)
    romeo.say(room, "one")
    archived(stage, room, 1)

    succeeds(romeo.destroy(room))
    stage.hush()
    romeo.create(room, persistentroom=1, enablearchiving=1)
    romeo.say(room, "two")

    rows = archived(stage, room, 2)
    equal([row[5] for row in rows], ["one", "two"])
    assert rows[0][2] != rows[1][2], rows


@test("tells by 170 and 171 that a room is archived")
def told(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    succeeds(romeo.configure(room, persistentroom=1, enablearchiving=1))
    juliet.told(room, {104, 170})
    nurse, = stage.cast("nurse")
    equal(nurse.enter(room).own.codes, {110, 170})
    juliet.sees(room.at("nurse"))
    succeeds(romeo.configure(room, enablearchiving=0))
    juliet.told(room, {171})


@test("tells when it came, whatever an owner says of that")
def past(stage):
    romeo, = stage.cast("romeo")
    room = garden(stage)

    for year in (1960, 2001):
        romeo.say(room, f"of {year}", content=(
            f"<delay xmlns='urn:xmpp:delay' from='{romeo.bare}' "
            f"stamp='{year}-01-01T00:00:00Z'/>"))

    equal([row[5] for row in archived(stage, room, 2)],
          ["of 1960", "of 2001"])
    with closing(sqlite3.connect(stage.database.path)) as connection:
        # None is far from the time in its serial.
        equal(connection.execute(
            "SELECT DISTINCT coalesce(stamp, 0) FROM archive_message "
            "WHERE body LIKE 'of %'").fetchall(), [(0,)])


@test("offers owners the choice")
def offered(stage):
    room = garden(stage)

    form = stage.client("romeo").configuration(room).form
    equal(form["muc#roomconfig_enablearchiving"], ["1"])


@test("loses nothing that was said when it is killed")
def killed(stage):
    romeo, = stage.cast("romeo")
    room = garden(stage)
    romeo.say(room, "one")
    archived(stage, room, 1)
    before = stage.metric("annex_muc_archive_messages_total")
    with closing(sqlite3.connect(stage.database.path, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        for number in range(20):
            romeo.say(room, f"number {number}")
        stage.settle()
        end = time.monotonic() + SECS
        while stage.metric("annex_muc_archive_messages_total") < before + 20:
            assert time.monotonic() < end, "never in the journal"
        stage.annex.kill()
    stage.annex.start()

    rows = archived(stage, room, 21)
    equal([row[5] for row in rows][1:],
          [f"number {number}" for number in range(20)])


@test("tells no other room of the same name of a retraction")
def renewed(stage):
    romeo, = stage.cast("romeo")
    room = garden(stage)
    # A subject is in the archive, and in no history.
    romeo.message(room.jid, "<subject>one</subject>")
    target = romeo.next().attribute("sid:stanza-id", "id")
    archived(stage, room, 1)
    with closing(sqlite3.connect(stage.database.path, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        romeo.say(room, "two")
        id = romeo.iq("set", room.jid, MODERATE.replace(TARGET, target))
        succeeds(romeo.destroy(room))
        stage.hush()
        romeo.create(room, persistentroom=1)
        stage.hush()

    fails(romeo.answer(id), "item-not-found")
    stage.silent()


@test("lets no more than some retractions wait for the archive")
def waiting(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)
    romeo.say(room, "one")
    archived(stage, room, 1)
    stage.hush()
    with closing(sqlite3.connect(stage.database.path, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        romeo.say(room, "two")
        juliet.hears(room.at("romeo"), "two")
        asked = [romeo.iq("set", room.jid, MODERATE) for _ in range(101)]
        fails(romeo.answer(asked.pop()), "resource-constraint")
    for id in asked:
        fails(romeo.answer(id), "item-not-found")


scene("""
    archive = "chosen"
    journal = "muc.journal"
    message_rate = 1000
    message_burst = 1000
""")
