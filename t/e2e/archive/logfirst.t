#!/usr/bin/python3
"""With log_first nothing that was delivered is missing, though the router is
killed as well: people write to each other while the router, annex-archive,
with SQLite in it, or PostgreSQL is killed at random, and all at once, each time
with work under way.  What clients got and what the tables have is then compared
by auditor.py, which knows nothing of either.

ANNEX_ROUNDS is how often: 20 times make 20,000 messages; without it, each of
them once.  ANNEX_SEED repeats a run's choices, as far as they were its own."""
import os
import random
import subprocess
import sys
import time
sys.path.append(sys.path[0] + "/../../lib")
from circle import PATIENCE_SECS, Circle  # noqa: E402
from record import RecordStage, scene, test  # noqa: E402
from stage import Sqlite  # noqa: E402

ROUNDS = int(os.environ.get("ANNEX_ROUNDS", "0"))
EACH = 1000 if ROUNDS else 300
TRIES = 5
SEED = int(os.environ.get("ANNEX_SEED", random.randrange(1 << 32)))
POLICY = 'policy "default" { log_first = yes timeout = 30s }'
CHECKED = {"hooks": ["tap", "check"], "fail": "closed", "timeout": 60,
           "parked": 2 * EACH, "parked_bytes": 1 << 24,
           "profiles": [{"name": "default"}]}


class BookStage(RecordStage):
    @property
    def book(self):
        return os.path.join(self.folder, "book")

    @property
    def is_embedded(self):
        return isinstance(self.database, Sqlite)

    @property
    def source(self):
        """Of the rows, as the auditor wants to be told."""
        return ["sqlite", self.database.path] if self.is_embedded else \
            self.database.psql()


class Ruin:
    """All that happens to them."""

    def __init__(self, stage):
        self.stage = stage
        self.random = random.Random(SEED)
        self.circle = Circle(stage, stage.book)
        self.killed = []

    # Each of these returns once all is as before.

    def revive_router(self, since):
        self.stage.router.start()
        # annex-archive has tried for it less and less often meanwhile.
        self.stage.annex.process.wait_line("has for us", since,
                                           PATIENCE_SECS)
        self.circle.rejoin()

    def kill_router(self):
        since = len(self.stage.annex.process.lines)
        self.stage.router.kill()
        return lambda: self.revive_router(since)

    def kill_annex(self):
        self.stage.annex.kill()
        return self.stage.begin

    def kill_postgres(self):
        since = len(self.stage.annex.process.lines)
        self.stage.database.kill()

        def revive():
            self.stage.database.start()
            self.stage.annex.process.wait_line("store: linked", since)
        return revive

    def kill_all(self):
        self.stage.router.kill()
        self.stage.annex.kill()
        if not self.stage.is_embedded:
            self.stage.database.kill()

        def revive():
            self.stage.database.start()
            self.stage.router.start()
            self.stage.begin()
            self.circle.rejoin()
        return revive

    def strike(self, kill):
        """Some of what is written has come by then.  If all has, once
        more."""
        book = self.circle.book
        for _ in range(TRIES):
            end = book.got + EACH
            self.circle.write(EACH)
            self.circle.wait_got(book.got
                                 + self.random.randrange(1, EACH // 2))
            revive = kill()
            under_way = end - book.got
            revive()
            self.circle.finish()
            if under_way:
                break
        self.killed.append(under_way)

    def go_on(self):
        """In any order, each about as often as the others."""
        kinds = [self.kill_router, self.kill_annex, self.kill_all]
        if not self.stage.is_embedded:
            kinds.append(self.kill_postgres)
        kills = [kinds[number % len(kinds)]
                 for number in range(ROUNDS or len(kinds))]
        self.random.shuffle(kills)
        self.circle.finish()
        for kill in kills:
            self.strike(kill)
        self.circle.book.close()

    def wait_stored(self):
        """What was delivered is in the journal at least, and the database
        gets all of that."""
        end = time.monotonic() + PATIENCE_SECS
        while self.stage.metric("annex_journal_entries"):
            assert time.monotonic() < end, "it is not stored"


def audit(stage):
    """Whether the auditor finds all well, and what it says."""
    done = subprocess.run(
        [sys.executable, os.path.join(sys.path[-1], "auditor.py"), "--torn",
         stage.book, *stage.source], stdout=subprocess.PIPE, text=True)
    return done.returncode == 0, done.stdout.strip()


@test("has all that was delivered, though the router is killed as well")
def nothing(stage):
    print(f"# ANNEX_SEED={SEED}")
    ruin = Ruin(stage)
    ruin.go_on()
    ruin.wait_stored()
    well, said = audit(stage)
    print("# " + said.replace("\n", "\n# "))
    print(f"# killed with so many under way: {ruin.killed}")
    assert well, "see what the auditor says"
    assert all(ruin.killed), "there was no work under way"


@test("would see it if one that was delivered were not archived")
def seen(stage):
    well, said = audit(stage)
    assert well, said
    uid, = stage.ask("SELECT uid FROM archive_message WHERE body LIKE 'm1 %'"
                     )[0]
    stage.do(f"DELETE FROM archive_message WHERE uid = '{uid}'")
    well, said = audit(stage)
    assert not well and "1 delivered but not archived" in said.splitlines(), \
        said


scene(POLICY, tap=CHECKED, stage_class=BookStage)
