#!/usr/bin/python3
"""What happens when annex-archive or its database is away."""
import os
import signal
import sys
import time
sys.path.append(sys.path[0] + "/../../lib")
os.environ["DB"] = "postgres"
from guest import equal  # noqa: E402
from record import say_all, scene, test  # noqa: E402

STOP_SECS = 20


def talk(people, name, count=50):
    """Messages that have arrived; returns their texts."""
    romeo, juliet = people
    texts = [f"{name} {number}" for number in range(count)]
    say_all(romeo, juliet.full, texts)
    for text in texts:
        juliet.hears(romeo.full, text)
    return texts


def stored(stage, name, texts):
    stage.wait_bodies(texts, f"m.body LIKE '{name} %' AND m.ways = 3")


@test("goes on without its database, and writes all when that is back")
def database(stage):
    since = len(stage.annex.process.lines)
    stage.database.stop()
    stage.annex.process.wait_line("store: away", since)
    before = stage.counted("kept")

    texts = talk(stage.users("romeo", "juliet"), "database")

    stage.wait_counted("kept", before + len(texts))
    equal(stage.metric("annex_archive_copies_held"), 0)
    assert stage.metric("annex_journal_entries") >= len(texts), "not there"
    equal(stage.get("/readyz"), (503, "the database is away\n"))
    stage.database.start()
    stored(stage, "database", texts)


@test("stops without its database, and keeps what it has")
def stops(stage):
    stage.database.stop()
    before = stage.counted("kept")
    people = stage.users("romeo", "juliet")
    texts = talk(people, "stopped")
    stage.wait_counted("kept", before + len(texts))

    start = time.monotonic()
    stage.annex.stop()
    assert time.monotonic() - start < STOP_SECS, "it hangs"
    since = stage.annex.launch()
    stage.annex.process.wait_line("waiting for the database", since)
    texts += talk(people, "stopped too")
    stage.database.start()
    stage.annex.process.wait_line("has for us", since)

    stored(stage, "stopped", texts)


@test("gets what the router has for it when it comes back")
def away(stage):
    stage.annex.stop()
    texts = talk(stage.users("romeo", "juliet"), "away")
    stage.begin()
    stored(stage, "away", texts)


@test("takes all again that the link has lost")
def link(stage):
    since = len(stage.annex.process.lines)
    stage.annex.process.child.send_signal(signal.SIGSTOP)
    people = stage.users("romeo", "juliet")
    texts = talk(people, "link")
    with stage.proxy.cut():
        stage.annex.process.child.send_signal(signal.SIGCONT)
    stage.annex.process.wait_line("has for us", since)
    texts += talk(people, "link again")
    stored(stage, "link", texts)


@test("keeps what the router has kept while it was restarted itself")
def router(stage):
    stage.annex.stop()
    texts = talk(stage.users("romeo", "juliet"), "router")
    stage.dismiss()
    stage.router.stop()
    stage.router.start()
    since = stage.annex.launch()
    stage.annex.process.wait_line("has for us", since)
    texts += talk(stage.users("romeo", "juliet"), "router again")
    stored(stage, "router", texts)


scene()
