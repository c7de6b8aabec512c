#!/usr/bin/python3
"""The archive of a room knows who was shown what was said there."""
import sqlite3
import sys
sys.path.append(sys.path[0] + "/../../lib")
import time
from contextlib import closing
from client import SECS
from guest import equal, succeeds
from scene import scene, test
from stage import Sqlite

SHOWN = ("SELECT a.jid FROM archive_message m JOIN archive_attendance t "
         "ON t.room = m.recipient AND t.first < m.serial "
         "AND t.last > m.serial JOIN archive_address a ON a.id = t.owner "
         "WHERE m.body = '{text}' UNION ALL "
         "SELECT a.jid FROM archive_message m JOIN archive_delivery d "
         "ON d.serial = m.serial JOIN archive_address a ON a.id = d.owner "
         "WHERE m.body = '{text}' ORDER BY 1")


def ask(stage, sql):
    """The first cells of the rows."""
    if isinstance(stage.database, Sqlite):
        with closing(sqlite3.connect(stage.database.path,
                                     timeout=60)) as connection:
            return [row[0] for row in connection.execute(sql)]
    return stage.database.sql(sql).splitlines()


def shown(stage, text):
    """Who was, once that is archived: what comes before it is by then."""
    end = time.monotonic() + SECS
    while not ask(stage, "SELECT uid FROM archive_message "
                         f"WHERE body = '{text}'"):
        assert time.monotonic() < end, f"{text} is not archived"
    return ask(stage, SHOWN.format(text=text))


def garden(stage, *others, **options):
    """An archived room with romeo in it."""
    romeo, = stage.cast("romeo")
    return stage.gather(romeo, *others, persistentroom=1, enablearchiving=1,
                        **options)


@test("has those who are inside, from when they come until they leave")
def inside(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage)

    romeo.say(room, "to myself")
    stage.hush()
    juliet.enter(room)
    stage.hush()
    romeo.say(room, "to both")
    stage.hush()
    juliet.leave(room)
    stage.hush()
    romeo.say(room, "to me again")

    equal(shown(stage, "to me again"), [romeo.bare])
    equal(shown(stage, "to both"), sorted([romeo.bare, juliet.bare]))


@test("has whoever is sent what was said before")
def history(stage):
    romeo, nurse, paris = stage.cast("romeo", "nurse", "paris")
    room = garden(stage)
    romeo.say(room, "early one")
    romeo.say(room, "early two")
    stage.hush()

    nurse.enter(room, history={"maxstanzas": "1"})
    paris.enter(room, history={"maxstanzas": "0"})
    stage.hush()
    romeo.say(room, "late")

    equal(shown(stage, "late"),
          sorted([nurse.bare, paris.bare, romeo.bare]))
    equal(shown(stage, "early two"), sorted([nurse.bare, romeo.bare]))
    equal(shown(stage, "early one"), [romeo.bare])


@test("has each address once, by however many clients")
def clients(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    second = stage.client("juliet", "street")
    room = garden(stage, juliet)
    second.enter(room, "sun")
    stage.hush()

    romeo.say(room, "to two")
    stage.hush()
    second.leave(room, "sun")
    stage.hush()
    romeo.say(room, "to one")
    stage.hush()

    equal(shown(stage, "to one"), sorted([romeo.bare, juliet.bare]))
    equal(shown(stage, "to two"), sorted([romeo.bare, juliet.bare]))


@test("has nobody who was kicked, or banned, from then on")
def kicked(stage):
    romeo, tybalt, paris = stage.cast("romeo", "tybalt", "paris")
    room = garden(stage, tybalt, paris)
    romeo.say(room, "to three")
    stage.hush()

    succeeds(romeo.set_role(room, "tybalt", "none"))
    stage.hush()
    romeo.say(room, "to two of three")
    stage.hush()
    succeeds(romeo.set_affiliation(room, paris.bare, "outcast"))
    stage.hush()
    romeo.say(room, "to one of three")

    equal(shown(stage, "to one of three"), [romeo.bare])
    equal(shown(stage, "to two of three"),
          sorted([paris.bare, romeo.bare]))
    equal(shown(stage, "to three"),
          sorted([paris.bare, romeo.bare, tybalt.bare]))


@test("has all as it was when the process is killed, and who is still there")
def killed(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = garden(stage, juliet, nurse)
    romeo.say(room, "before")
    shown(stage, "before")
    stage.hush()
    nurse.leave(room)
    stage.hush()
    stage.saved()

    stage.annex.kill()
    stage.annex.start()
    romeo.say(room, "after")

    equal(shown(stage, "after"), sorted([romeo.bare, juliet.bare]))
    equal(shown(stage, "before"),
          sorted([juliet.bare, nurse.bare, romeo.bare]))
    # Those of before have an end.
    equal([str(count) for count in ask(stage, "SELECT count(*) FROM "
          "archive_attendance t WHERE last = 9223372036854775807 AND first < "
          "(SELECT serial FROM archive_message WHERE body = 'before')")],
          ["0"])


scene("""
    archive = "chosen"
    journal = "muc.journal"
""")
