#!/usr/bin/python3
"""annex-archive and PostgreSQL are killed in turn, with copies on their way
into the journal and messages on theirs into the database: each message is in
the archive once, in order.

ANNEX_ROUNDS is how often: 20 times make 10,000 messages."""
import itertools
import os
import signal
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ["DB"] = "postgres"
from guest import equal  # noqa: E402
from record import say_all, scene, test  # noqa: E402

ROUNDS = int(os.environ.get("ANNEX_ROUNDS", "4"))
BEFORE, MEANWHILE, AFTER = 200, 200, 100


class Talk:
    """Romeo says numbers to juliet."""

    def __init__(self, stage):
        self.romeo, self.juliet = stage.users("romeo", "juliet")
        self.numbers = itertools.count(1)
        self.texts = []

    def go_on(self, count):
        """The router has all of them when this returns."""
        texts = [str(next(self.numbers)) for _ in range(count)]
        self.texts += texts
        say_all(self.romeo, self.juliet.full, texts)
        self.romeo.settle()
        self.juliet.forget()


def kill_annex(stage, talk):
    """It has taken some that the database does not have, and others are on
    their way to it."""
    stage.annex.process.child.send_signal(signal.SIGSTOP)
    talk.go_on(MEANWHILE)
    stage.annex.kill()
    stage.begin()


def kill_postgres(stage, talk):
    """It is at work on some, and more come to the journal."""
    since = len(stage.annex.process.lines)
    before = stage.counted("kept")
    stage.database.kill()
    talk.go_on(MEANWHILE)
    stage.wait_counted("kept", before + MEANWHILE)
    stage.database.start()
    stage.annex.process.wait_line("store: linked", since)


def strike(stage, talk, kill):
    before = stage.counted("kept")
    with stage.database.lock("archive_message"):
        talk.go_on(BEFORE)
        stage.database.wait_blocked()
        stage.wait_counted("kept", before + BEFORE)
        kill(stage, talk)


@test("has each message once and in order, whoever is killed")
def once(stage):
    talk = Talk(stage)
    for number in range(ROUNDS):
        strike(stage, talk, kill_postgres if number % 2 else kill_annex)
        talk.go_on(AFTER)
    stage.wait_bodies(talk.texts, "m.ways = 3")
    equal(stage.ask("SELECT count(*), count(DISTINCT uid) "
                    "FROM archive_message"),
          [(str(len(talk.texts)), str(len(talk.texts)))])
    print(f"# {len(talk.texts)} messages, {ROUNDS} killed")


scene()
