#!/usr/bin/python3
"""annex-offline on a disk that is full, where the router has no store of its
own: what cannot be stored goes back to its sender, nothing else is lost."""
import os
import sys
import time
sys.path.append(sys.path[0] + "/../../lib")
from client import SECS
from disk import Disk, may_mount
from guest import equal
from mail import MailStage, arrive, scene, test
from stage import Sqlite

TEXT = 20000


class SmallStage(MailStage):
    """Its database has a small disk of its own."""

    def new_database(self):
        path = os.path.join(self.folder, "disk")
        os.mkdir(path)
        self.disk = Disk(path, "4m")
        return Sqlite(path)

    def close(self):
        if self.annex is not None:
            self.annex.process.stop()
        if self.database is not None:
            self.disk.unmount()
        super().close()


def long(text):
    return text + "." * TEXT


def fate(stage, romeo, juliet, text):
    """Says something, and waits until it is stored or has come back.  Whether
    it has."""
    before = stage.counted("stored")
    romeo.say(juliet.bare, long(text), id=text)

    def returned():
        romeo.settle()
        return any(word.type == "error" and word.id == text
                   and word.condition == "service-unavailable"
                   for word in romeo.inbox)

    end = time.monotonic() + SECS
    while time.monotonic() < end:
        if (back := returned()) or stage.counted("stored") != before:
            return back
    raise AssertionError(f"{text} is neither stored nor came back")


@test("returns what it cannot store, and loses nothing that it has")
def full(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one", "two")
    since = len(stage.annex.process.lines)
    stage.disk.fill()

    kept, number = ["one", "two"], 0
    # The database may have some room of its own left.
    while not fate(stage, romeo, juliet, f"m{number}"):
        kept.append(long(f"m{number}"))
        number += 1
        assert number < 1000, "never full"
    stage.annex.process.wait_line("store: away", since)
    equal(stage.get("/readyz"), (503, "the database is away\n"))
    equal(fate(stage, romeo, juliet, "n1"), True)
    equal(fate(stage, romeo, juliet, "n2"), True)

    stage.disk.clear()
    stage.annex.process.wait_line("store: linked", since)
    equal(stage.get("/readyz"), (200, "ready\n"))
    stage.leave(romeo, juliet, "last")
    reader = arrive(juliet)
    equal(reader.mail(len(kept) + 1), [*kept, "last"])
    reader.nothing(stage)


@test("hands over and removes what it has when there is room again")
def removes(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one", "two")
    since = len(stage.annex.process.lines)
    stage.disk.fill()
    nurse = stage.absent("nurse")
    number = 0
    while not fate(stage, romeo, nurse, f"m{number}"):
        number += 1
        assert number < 1000, "never full"
    stage.annex.process.wait_line("store: away", since)
    juliet.login(presence=None)
    juliet.send("<presence/>")

    stage.disk.clear()
    stage.annex.process.wait_line("store: linked", since)
    words = [juliet.pick(lambda word: word.kind == "message", "a message")
             for _ in range(2)]
    equal([word.body for word in words], ["one", "two"])
    stage.wait_stored(lambda dump: juliet.bare not in dump)


@test("waits on a full disk before it serves")
def waits(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one")
    stage.annex.stop()
    stage.disk.fill()
    since = stage.annex.launch()
    stage.annex.process.wait_line("waiting for the database", since)
    equal(stage.get("/readyz", since)[0], 503)
    stage.disk.clear()
    stage.annex.process.wait_line("has for us", since)
    stage.leave(romeo, juliet, "two")
    equal(arrive(juliet).mail(2), ["one", "two"])


if not may_mount():
    print("1..0 # SKIP nobody may mount a small disk here")
    sys.exit()
scene(stage_class=SmallStage)
