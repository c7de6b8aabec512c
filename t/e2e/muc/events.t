#!/usr/bin/python3
"""What people do in rooms goes into the archive as events, where that is
wanted."""
import json
import sys
sys.path.append(sys.path[0] + "/../../lib")
import sqlite3
import time
from contextlib import closing
from client import SECS
from guest import equal, succeeds
from scene import scene, test
from stage import Sqlite

JOIN, LEAVE, KICK, INVITATION, CREATION, CONFIGURATION, AFFILIATION, \
    DESTRUCTION = (str(kind) for kind in range(1, 9))
WHAT = ("SELECT e.kind, s.jid, e.resource, r.jid, a.jid, e.detail "
        "FROM archive_event e JOIN archive_address s ON s.id = e.sender "
        "JOIN archive_address r ON r.id = e.recipient "
        "LEFT JOIN archive_address a ON a.id = e.about ORDER BY e.serial")
USER = "http://jabber.org/protocol/muc#user"


def rows_of(stage):
    """As texts; what there is not is empty."""
    if not isinstance(stage.database, Sqlite):
        return [line.split("|") for line
                in stage.database.sql(WHAT).splitlines()]
    with closing(sqlite3.connect(stage.database.path,
                                 timeout=60)) as connection:
        return [["" if cell is None else str(cell) for cell in row]
                for row in connection.execute(WHAT)]


def recorded(stage, room, count):
    """The events of the room once there are so many: kind, who, about whom,
    and details."""
    end = time.monotonic() + SECS
    while True:
        rows = [row for row in rows_of(stage)
                if row[3].startswith(f"{room}/")]
        if len(rows) == count:
            return [(kind, who, about, json.loads(detail) if detail else None)
                    for kind, who, _, _, about, detail in rows]
        assert time.monotonic() < end, rows


def begin(stage, room, owner):
    """What there is to begin with."""
    return [(CREATION, owner.bare, "", None),
            (JOIN, owner.bare, "", {"nick": owner.name}),
            (CONFIGURATION, owner.bare, "", {"persistentroom": "1"})]


@test("records who comes, goes, and has to go")
def people(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    second = stage.client("juliet", "street")
    room = stage.gather(romeo, juliet, persistentroom=1)
    second.enter(room)

    second.leave(room, "juliet")
    stage.settle()
    succeeds(romeo.set_role(room, "juliet", "none", "noise"))
    stage.hush()
    juliet.enter(room)
    juliet.leave(room)
    stage.settle()

    equal(recorded(stage, room, 7), begin(stage, room, romeo) + [
        (JOIN, juliet.bare, "", {"nick": "juliet"}),
        (KICK, romeo.bare, juliet.bare,
         {"nick": "juliet", "status": 307, "reason": "noise"}),
        (JOIN, juliet.bare, "", {"nick": "juliet"}),
        (LEAVE, juliet.bare, "", {"nick": "juliet"})])
    clients = {row[2] for row in rows_of(stage) if row[0] == JOIN
               and row[1] == juliet.bare and row[3].startswith(f"{room}/")}
    equal(clients, {"house"})


@test("records what is done to the room")
def rooms(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, persistentroom=1)

    succeeds(romeo.set_affiliation(room, nurse.bare, "member"))
    romeo.message(room.jid, f"<x xmlns='{USER}'><invite to='{nurse.bare}'>"
                  "<reason>Come</reason></invite></x>", None)
    stage.settle()
    succeeds(romeo.configure(room, passwordprotectedroom=1,
                             roomsecret="sesame"))
    succeeds(romeo.set_affiliation(room, juliet.bare, "outcast"))
    succeeds(romeo.destroy(room, "<reason>over</reason>"))

    equal(recorded(stage, room, 10), begin(stage, room, romeo) + [
        (JOIN, juliet.bare, "", {"nick": "juliet"}),
        (AFFILIATION, romeo.bare, nurse.bare,
         {"was": "none", "is": "member"}),
        (INVITATION, romeo.bare, nurse.bare, {"reason": "Come"}),
        (CONFIGURATION, romeo.bare, "",
         {"passwordprotectedroom": "1", "roomsecret": None}),
        (AFFILIATION, romeo.bare, juliet.bare,
         {"was": "none", "is": "outcast"}),
        (KICK, romeo.bare, juliet.bare, {"nick": "juliet", "status": 301}),
        (DESTRUCTION, romeo.bare, "", {"reason": "over"})])


@test("records nobody as gone after a kill, and everybody at a stop")
def again(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse, persistentroom=1)
    recorded(stage, room, 5)
    stage.saved()

    stage.annex.kill()
    stage.annex.start()
    stage.settle()
    nurse.leave(room)
    recorded(stage, room, 6)
    stage.annex.stop()
    stage.annex.start()

    equal(recorded(stage, room, 8)[5:], [
        (LEAVE, who.bare, "", {"nick": who.name})
        for who in (nurse, romeo, juliet)])


@test("records what one section wants, and no message by that")
def wanted(stage):
    stage.annex.write(stage.settings.replace(
        'events "all" { }', 'group "girls" { users = { '
        '"juliet@verona.test" } } events "some" { kinds = { leave } '
        'groups = { girls } }'))
    stage.annex.stop()
    stage.annex.start()
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, persistentroom=1)

    romeo.say(room, "one")
    juliet.leave(room)
    romeo.leave(room)
    stage.settle()

    equal(recorded(stage, room, 1),
          [(LEAVE, juliet.bare, "", {"nick": "juliet"})])


scene("""
    archive = "chosen"
    journal = "muc.journal"
    events "all" { }
""")
