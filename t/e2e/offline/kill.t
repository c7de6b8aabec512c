#!/usr/bin/python3
"""annex-offline and PostgreSQL are killed in turn, with stores and deliveries
under way: each message that did not come back to its sender arrives once, in
order, and none that came back does.

ANNEX_ROUNDS is how often: 20 times make 10,000 messages."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ["DB"] = "postgres"
from guest import equal  # noqa: E402
from mail import scene, test  # noqa: E402
from ordeal import Crowd, Ordeal  # noqa: E402

ROUNDS = int(os.environ.get("ANNEX_ROUNDS", "4"))
SIZE = 10
BEFORE, MEANWHILE, AFTER = 30, 10, 10


def kill_annex(stage):
    since = len(stage.annex.process.lines)
    stage.annex.kill()
    stage.annex.start()
    stage.annex.process.wait_line("has for us", since)


def kill_postgres(stage):
    since = len(stage.annex.process.lines)
    stage.database.kill()
    stage.database.start()
    stage.annex.process.wait_line("store: linked", since)


def under_way(stage, ordeal, here, away):
    """Some were handed over and are not removed, others are being read, and
    all that was sent meanwhile waits to be written."""
    assert here.received() & ordeal.stored(), "nothing is handed over"
    assert stage.metric("annex_offline_deliveries") > 0, "nothing is read"
    assert len(ordeal.unstored(away)) >= SIZE * MEANWHILE, "some is written"
    # Each has its namespace and a stamp, and what is removed none.
    assert stage.metric("annex_store_waiting_bytes") > \
        SIZE * MEANWHILE * 100, "nothing is written"


def strike(stage, ordeal, here, away, kill):
    """What was sent before is stored, and half of those who come back have
    something to be removed: as that waits for the lock, so does all that is
    read for the others."""
    half = SIZE // 2
    ordeal.wait_stored(away)
    with stage.database.lock("offline_message"):
        here.come_from(here.people[:half])
        here.people[0]._wait(here.received, "the first message")
        stage.database.wait_blocked()
        here.come_from(here.people[half:])
        before = stage.asked()
        ordeal.write(away, MEANWHILE)
        stage.wait_asked(before + SIZE * MEANWHILE)
        under_way(stage, ordeal, here, away)
        kill(stage)


@test("delivers all messages once and in order, whoever is killed")
def once(stage):
    ordeal = Ordeal(stage)
    away, arrived = Crowd(stage, SIZE), 0
    ordeal.write(away, BEFORE)
    for number in range(ROUNDS):
        here, away = away, Crowd(stage, SIZE)
        ordeal.write(away, BEFORE)
        strike(stage, ordeal, here, away,
               kill_postgres if number % 2 else kill_annex)
        ordeal.write(away, AFTER)
        ordeal.collect()
        arrived += ordeal.judge(here)
        here.go()
    away.come()
    arrived += ordeal.judge(away)
    stage.settle()
    ordeal.judge(away)
    ordeal.collect()
    print(f"# {ordeal.total} messages, {ROUNDS} killed, "
          f"{len(ordeal.bounced)} came back, {arrived} arrived")
    equal(arrived + len(ordeal.bounced), ordeal.total)
    assert len(ordeal.bounced) < ordeal.total / 2


scene("sender_messages = 0")
