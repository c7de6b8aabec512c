#!/usr/bin/python3
"""What asks not to be stored, and is archived for auditors alone."""
import sqlite3
import sys
import time
from contextlib import closing
sys.path.append(sys.path[0] + "/../../lib")
from client import SECS
from guest import equal
from lookback import bodies, garden
from scene import scene, test

NO_STORE = "<no-store xmlns='urn:xmpp:hints'/>"


def wait_stored(stage, wanted):
    """Waits until the archive has these texts, each with its ways."""
    end = time.monotonic() + SECS
    while True:
        with closing(sqlite3.connect(stage.database.path)) as connection:
            rows = connection.execute("SELECT body, ways FROM "
                                      "archive_message ORDER BY serial")
            found = list(rows)
        if found == wanted:
            return
        assert time.monotonic() < end, found


@test("keeps it, and shows it to nobody who reads the room's archive")
def unwanted(stage):
    juliet, = stage.cast("juliet")
    room = garden(stage, juliet)

    juliet.message(room.jid, "<body>secret</body>" + NO_STORE)
    said = juliet.hears(room.at("juliet"), "secret")
    juliet.say(room, "open")
    kept = juliet.hears(room.at("juliet"), "open")

    wait_stored(stage, [("secret", 16), ("open", 2)])
    equal(bodies(juliet, room), ["open"])
    equal((said.has("sid:stanza-id"), kept.has("sid:stanza-id")),
          (False, True))


scene('archive = "chosen"\njournal = "muc.journal"\n'
      'archive_unwanted = { "all" }\n')
