#!/usr/bin/python3
"""The journal of annex-archive at its limit: it says so, acknowledges nothing,
and gets all from the router when there is room again."""
import re
import sqlite3
import sys
import time
from contextlib import contextmanager
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from record import MANY_SECS, scene, test

LIMIT = 8 << 20
TEXT = 20000
WINDOW = 20
MANY = LIMIT // TEXT + 60
# Some are tried twice a second.
STILL_SECS = 2


@contextmanager
def locked(stage):
    """Nobody writes to the database meanwhile."""
    connection = sqlite3.connect(stage.database.path, timeout=60,
                                 isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def talk(romeo, juliet, name, count):
    """Long messages that have arrived; returns their beginnings."""
    texts = [f"{name} {number}" for number in range(count)]
    for text in texts:
        romeo.say(juliet.full, text + "." * TEXT)
    for text in texts:
        juliet.hears(romeo.full, text + "." * TEXT)
    return texts


def stored(stage, name, texts):
    stage.wait_rows("SELECT count(*) FROM archive_message WHERE body LIKE "
                    f"'{name} %' AND ways = 3", [(str(len(texts)),)],
                    MANY_SECS)
    equal([body.rstrip(".") for body in
           stage.bodies(f"m.body LIKE '{name} %'")], texts)


def is_full(stage, since):
    """It has said so, and holds no more than it may."""
    stage.wait_metric("annex_archive_copies_held", 1)
    stage.annex.process.wait_line("journal: half full", since)
    stage.annex.process.wait_line("journal: full", since)
    stage.annex.process.wait_line("the journal does not take", since)
    equal(stage.metric("annex_journal_high"), 1)
    status, why = stage.get("/readyz")
    equal((status, why.splitlines()[-1]),
          (503, "the journal takes no more, see the log"))
    assert stage.metric("annex_journal_bytes") <= LIMIT, "too much"
    assert stage.metric("annex_archive_copies_held") <= WINDOW, "too many"
    equal(stage.status("alarm"),
          ["the journal takes no more, see the log"])
    waiting, = stage.status("waiting")
    found = re.match(rf"(\d+) messages, (\d+) bytes of {LIMIT}$", waiting)
    assert found and int(found[1]) > 0, waiting


def stands_still(stage):
    """How many were kept when no more is."""
    kept, since = stage.counted("kept"), time.monotonic()
    end = since + MANY_SECS
    while time.monotonic() < since + STILL_SECS:
        assert time.monotonic() < end, "it goes on"
        if (now := stage.counted("kept")) != kept:
            kept, since = now, time.monotonic()
    return kept


@test("holds back when the journal is full, and goes on when there is room")
def full(stage):
    since = len(stage.annex.process.lines)
    romeo, juliet = stage.users("romeo", "juliet")
    with locked(stage):
        texts = talk(romeo, juliet, "full", MANY)
        is_full(stage, since)
        kept = stands_still(stage)
        texts += talk(romeo, juliet, "full too", 10)
        equal(stage.counted("kept"), kept)
    stored(stage, "full", texts)
    stage.annex.process.wait_line("takes copies of messages again", since)
    equal(stage.metric("annex_archive_copies_held"), 0)
    stage.annex.process.wait_line("journal: no longer half full", since)


@test("has acknowledged nothing that it did not have when it is killed")
def killed(stage):
    since = len(stage.annex.process.lines)
    romeo, juliet = stage.users("romeo", "juliet")
    with locked(stage):
        texts = talk(romeo, juliet, "killed", MANY)
        is_full(stage, since)
        stage.annex.kill()
    stage.begin()
    stored(stage, "killed", texts)


scene("journal_bytes = 8M", tap={"window": WINDOW})
