#!/usr/bin/python3
"""Nothing is lost: people write to each other while annex-archive and
PostgreSQL are killed at random, each time with work under way, and the
journal's disk fills once.  What clients got and what the tables have is then
compared by auditor.py, which knows nothing of either.

ANNEX_ROUNDS is how often: 20 times make 200,000 messages; without it, 8 times
make 10,000.  ANNEX_SEED repeats a run's choices, as far as they were its
own."""
import os
import random
import subprocess
import sys
import time
sys.path.append(sys.path[0] + "/../../lib")
os.environ["DB"] = "postgres"
from circle import PATIENCE_SECS, Circle  # noqa: E402
from disk import Disk, may_mount  # noqa: E402
from record import RecordStage, scene, test  # noqa: E402

ROUNDS = int(os.environ.get("ANNEX_ROUNDS", "8"))
EACH = 10000 if "ANNEX_ROUNDS" in os.environ else 1250
SEED = int(os.environ.get("ANNEX_SEED", random.randrange(1 << 32)))
# How many may wait when the next round begins: more than the router has room
# for would be lost, as it should be.
BACKLOG = 2 * EACH
LONG = 20000


class SmallStage(RecordStage):
    """Its journal has a disk of its own, where one may be mounted."""
    journal = "disk/archive.journal"
    disk = None

    @property
    def book(self):
        return os.path.join(self.folder, "book")

    def open(self):
        path = os.path.join(self.folder, "disk")
        os.mkdir(path)
        if may_mount():
            # SQLite wants 64 MB beside what waits (journal.h).
            self.disk = Disk(path, "192m")
        super().open()

    def close(self):
        if self.annex is not None:
            self.annex.process.stop()
        if self.disk is not None:
            self.disk.unmount()
        super().close()


class Ruin:
    """All that happens to them."""

    def __init__(self, stage):
        self.stage = stage
        self.random = random.Random(SEED)
        self.circle = Circle(stage, stage.book)
        self.killed = 0

    def stored(self):
        return int(self.stage.ask("SELECT count(*) FROM archive_message")
                   [0][0])

    def write_some(self, count):
        """Returns when some of these have come, but hardly all."""
        come = self.circle.book.got + self.random.randrange(1, count)
        self.circle.write(count)
        self.circle.wait_got(come)

    # Each of these returns whether there was work under way.

    def kill_annex(self, meanwhile):
        self.stage.annex.kill()
        under_way = self.stored() < self.circle.book.sent
        self.circle.write(meanwhile)
        self.stage.begin()
        return under_way

    def kill_postgres(self, meanwhile):
        since = len(self.stage.annex.process.lines)
        self.stage.database.kill()
        under_way = self.stage.metric("annex_journal_entries") > 0
        self.circle.write(meanwhile)
        self.stage.database.start()
        self.stage.annex.process.wait_line("store: linked", since)
        return under_way

    def kill_both(self, meanwhile):
        self.stage.database.kill()
        self.stage.annex.kill()
        self.circle.write(meanwhile)
        self.stage.database.start()
        under_way = self.stored() < self.circle.book.sent
        self.stage.begin()
        return under_way

    def strike(self, kill):
        """If all work was done by then, once more, when it cannot be."""
        self.wait_stored(self.circle.book.sent - BACKLOG)
        self.write_some(EACH // 2)
        self.killed += 1
        if kill(EACH // 2):
            return
        with self.stage.database.lock("archive_message"):
            self.write_some(EACH // 2)
            self.stage.database.wait_blocked()
            self.killed += 1
            assert kill(EACH // 2), "there was no work under way"

    def fill_disk(self):
        """The journal may have some room of its own left.  Who starts anew
        finds the disk full."""
        stage = self.stage
        since = len(stage.annex.process.lines)
        stage.disk.fill()
        for _ in range(100):
            self.circle.write(10, LONG)
            self.circle.wait_got(self.circle.book.sent)
            if stage.metric("annex_journal_up") == 0:
                break
        stage.annex.process.wait_line("journal: away", since)
        self.write_some(EACH // 2)
        stage.annex.kill()
        self.killed += 1
        since = len(stage.annex.process.lines)
        stage.begin()
        stage.disk.clear()
        stage.annex.process.wait_line("journal: linked", since)

    def go_on(self):
        """In any order, each about as often as the others."""
        kinds = [self.kill_annex, self.kill_postgres, self.kill_both]
        kills = [kinds[number % len(kinds)] for number in range(ROUNDS)]
        self.random.shuffle(kills)
        full = self.random.randrange(ROUNDS)
        for number, kill in enumerate(kills):
            if number == full and self.stage.disk is not None:
                self.fill_disk()
            self.strike(kill)

    def wait_stored(self, least):
        """Until the tables have so many, if they ever do: what is wrong is for
        the auditor to say."""
        count, end = -1, 0
        while (now := self.stored()) < least:
            if now != count:
                count, end = now, time.monotonic() + PATIENCE_SECS
            if time.monotonic() > end:
                break


def audit(stage):
    """Whether the auditor finds all well, and what it says."""
    done = subprocess.run(
        [sys.executable, os.path.join(sys.path[-1], "auditor.py"),
         stage.book, *stage.database.psql()],
        stdout=subprocess.PIPE, text=True)
    return done.returncode == 0, done.stdout.strip()


@test("loses nothing, whatever is killed or full")
def nothing(stage):
    print(f"# ANNEX_SEED={SEED}")
    ruin = Ruin(stage)
    ruin.go_on()
    ruin.circle.wait_all()
    ruin.wait_stored(ruin.circle.book.sent)
    well, said = audit(stage)
    print("# " + said.replace("\n", "\n# "))
    print(f"# {ruin.killed} times killed, the disk "
          f"{'never' if stage.disk is None else 'once'} full")
    assert well, "see what the auditor says"


# What may happen to one message in the tables, and what is said of it.
FAULTS = (
    ("DELETE FROM archive_message", "1 delivered but not archived"),
    ("UPDATE archive_message SET id = 'x'", "1 archived but not delivered"),
    ("UPDATE archive_message SET body = 'x'",
     "1 archived otherwise than sent"),
    ("UPDATE archive_message SET uid = 'x'",
     "1 archived by another id than delivered"),
    ("UPDATE archive_message SET ways = 1",
     "1 archived without its sender's or recipient's copy"),
    ("UPDATE archive_message SET serial = "
     "(SELECT max(serial) + 256 FROM archive_message)",
     "1 archived in another order than delivered"),
)


@test("would see it if one message were lost, or anything else but it")
def seen(stage):
    well, said = audit(stage)
    assert well, said
    uid, serial = stage.ask("SELECT uid, serial FROM archive_message "
                            "ORDER BY serial LIMIT 1")[0]
    one = f"WHERE uid = '{uid}' OR serial = {serial}"
    stage.ask(f"CREATE TABLE one AS SELECT * FROM archive_message {one}")
    for fault, wanted in FAULTS:
        stage.ask(f"{fault} {one}")
        well, said = audit(stage)
        assert not well and wanted in said.splitlines(), said
        stage.ask(f"DELETE FROM archive_message {one}")
        stage.ask("INSERT INTO archive_message SELECT * FROM one")
    stage.ask("INSERT INTO archive_message SELECT * FROM one")
    well, said = audit(stage)
    assert not well and "1 archived twice" in said.splitlines(), said


scene(stage_class=SmallStage)
