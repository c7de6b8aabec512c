#!/usr/bin/python3
"""A database that is slow, full or away delays what is stored, and nothing
else: people who talk meanwhile do not wait for it, as they see by how long
each message takes; and all of it is stored once in the end.

ANNEX_SECS is how long each of these lasts."""
import os
import sys
import time
sys.path.append(sys.path[0] + "/../../lib")
os.environ["DB"] = "postgres"
from disk import Disk, may_mount  # noqa: E402
from guest import equal  # noqa: E402
from record import RecordStage, scene, test  # noqa: E402

SECS = float(os.environ.get("ANNEX_SECS", "4"))
# What a message may take, all but one in a hundred of them, and each: who
# waited for the database would take all of it, and other tests take their part
# of the machine.
MOST_SECS, EACH_SECS = SECS / 4, SECS * 3 / 4
MONTH = "to_char(now() AT TIME ZONE 'UTC', 'YYYYMM')"


class BurdenStage(RecordStage):
    """A part of the database has a small disk of its own."""
    disk = None

    def open(self):
        super().open()
        path = os.path.join(self.folder, "small")
        os.mkdir(path)
        if not may_mount():
            return
        self.disk = Disk(path, "64m")
        os.chmod(path, 0o777)
        place = os.path.join(path, "tables")
        self.database.run(["mkdir", place])
        self.database.sql(f"CREATE TABLESPACE small LOCATION '{place}'")

    def close(self):
        if self.annex is not None:
            self.annex.process.stop()
        self.database.stop()
        if self.disk is not None:
            self.disk.unmount()
        super().close()

    def count(self, name):
        return int(self.ask("SELECT count(*) FROM archive_message "
                            f"WHERE body LIKE '{name} %'")[0][0])


def talk(stage, name):
    """Two talk for so long; returns what was said."""
    romeo, juliet = stage.users("romeo", "juliet")
    begun, took, texts = time.monotonic(), [], []
    while time.monotonic() < begun + SECS:
        texts.append(f"{name} {len(texts)}")
        sent = time.monotonic()
        romeo.say(juliet.full, texts[-1])
        juliet.hears(romeo.full, texts[-1])
        took.append(time.monotonic() - sent)
    took.sort()
    most, each = took[len(took) * 99 // 100], took[-1]
    assert most < MOST_SECS and each < EACH_SECS, \
        f"{len(took)} messages, 99 % in {most:.3f} s, all in {each:.3f} s"
    return texts


def stored(stage, name, texts):
    """All of it is, once."""
    stage.wait_bodies(texts, f"m.body LIKE '{name} %'")
    equal(stage.ask("SELECT count(DISTINCT uid), min(ways), max(ways) FROM "
                    f"archive_message WHERE body LIKE '{name} %'"),
          [(str(len(texts)), "3", "3")])
    equal(stage.metric("annex_journal_aside"), 0)
    stage.wait_well()


@test("delays nobody while its database lets nobody write")
def locked(stage):
    lock = stage.database.lock("archive_message")

    texts = talk(stage, "locked")

    equal(stage.count("locked"), 0)
    lock.communicate()
    stored(stage, "locked", texts)


@test("delays nobody while each write takes long")
def slow(stage):
    stage.database.sql(
        "CREATE FUNCTION wait() RETURNS TRIGGER LANGUAGE plpgsql AS $$ "
        f"BEGIN PERFORM pg_sleep({SECS / 2}); RETURN NULL; END $$",
        "CREATE TRIGGER slow BEFORE INSERT ON archive_message "
        "FOR EACH STATEMENT EXECUTE FUNCTION wait()")

    texts = talk(stage, "slow")

    assert stage.count("slow") < len(texts), "it is not slow"
    stage.database.sql("DROP TRIGGER slow ON archive_message")
    stored(stage, "slow", texts)


@test("delays nobody while the database's disk is full")
def full(stage):
    if stage.disk is None:
        print("# nothing can be mounted here")
        return
    since = len(stage.annex.process.lines)
    stage.database.sql(
        "DO $$ DECLARE part TEXT; BEGIN FOR part IN SELECT format("
        "'ALTER %s %I SET TABLESPACE small', CASE relkind WHEN 'i' THEN "
        "'INDEX' ELSE 'TABLE' END, relname) FROM pg_class "
        "WHERE relkind IN ('r', 'i') AND relname LIKE 'archive_message_' || "
        f"{MONTH} || '%' LOOP EXECUTE part; END LOOP; END $$")
    stage.disk.fill()

    texts = talk(stage, "full")

    stage.annex.process.wait_line("No space left on device", since)
    assert stage.count("full") < len(texts), "it is not full"
    stage.disk.clear()
    stored(stage, "full", texts)


@test("delays nobody while the database is away")
def away(stage):
    since = len(stage.annex.process.lines)
    stage.database.stop()
    stage.annex.process.wait_line("store: away", since)

    texts = talk(stage, "away")

    equal(stage.get("/readyz"), (503, "the database is away\n"))
    stage.database.start()
    stored(stage, "away", texts)


scene(stage_class=BurdenStage)
