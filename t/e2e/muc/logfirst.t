#!/usr/bin/python3
"""With log_first nobody is shown what the archive will not have."""
import random
import sqlite3
import sys
sys.path.append(sys.path[0] + "/../../lib")
import time
from contextlib import closing
from client import SECS
from guest import equal
from scene import scene, test

ROUNDS = 5
EACH = 40


def garden(stage, *others):
    """An archived room with romeo in it."""
    romeo, = stage.cast("romeo")
    return stage.gather(romeo, *others, persistentroom=1)


def heard(*guests):
    """The texts that came so far."""
    return {stanza.body for guest in guests for stanza in guest.inbox
            if stanza.kind == "message" and stanza.type == "groupchat"
            and stanza.body}


def archived(stage, texts):
    """How often the archive has each, once it has all."""
    end = time.monotonic() + 4 * SECS
    while True:
        with closing(sqlite3.connect(stage.database.path,
                                     timeout=60)) as connection:
            found = dict(connection.execute(
                "SELECT body, count(*) FROM archive_message GROUP BY body"))
        if texts <= found.keys():
            return found
        assert time.monotonic() < end, texts - found.keys()


def shown_later(stage, guest):
    """The texts that the archive says he was shown as history."""
    with closing(sqlite3.connect(stage.database.path,
                                 timeout=60)) as connection:
        return [body for body, in connection.execute(
            "SELECT m.body FROM archive_message m "
            "JOIN archive_delivery d ON d.serial = m.serial "
            "JOIN archive_address a ON a.id = d.owner "
            "WHERE a.jid = ? ORDER BY 1", (guest.bare,))]


@test("shows all in the order in which it was said")
def order(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)

    for number in range(10):
        romeo.say(room, f"number {number}")
    romeo.message(room.jid, "<subject>Roses</subject>")
    romeo.message(room.jid, "<composing xmlns="
                  "'http://jabber.org/protocol/chatstates'/>")
    romeo.leave(room)

    for number in range(10):
        juliet.hears(room.at("romeo"), f"number {number}")
    equal(juliet.expect("message", sender=room.at("romeo")).subject, "Roses")
    assert "composing" in str(juliet.next())
    juliet.sees_gone(room.at("romeo"))
    stage.hush()
    equal(romeo.enter(room).subject.subject, "Roses")


@test("tells the archive whom it shows what was said before")
def history(stage):
    romeo, nurse = stage.cast("romeo", "nurse")
    room = garden(stage)
    texts = {"early one", "early two"}
    for text in sorted(texts):
        romeo.say(room, text)
    stage.hush()

    nurse.enter(room)
    stage.hush()
    romeo.say(room, "late")
    archived(stage, texts | {"late"})

    equal(shown_later(stage, nurse), sorted(texts))


@test("shows nothing that the archive does not have, whenever it is killed")
def killed(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)
    dice = random.Random(time.time())
    seen = set()

    for round in range(ROUNDS):
        texts = [f"{round} {number}" for number in range(EACH)]
        for text in texts:
            romeo.say(room, text)
        last = texts[dice.randrange(EACH)]
        while juliet.next().body != last:
            pass
        seen |= set(texts[:texts.index(last) + 1])
        stage.annex.kill()
        seen |= heard(romeo, juliet)
        stage.annex.start()
        stage.hush()
        romeo.say(room, f"{round} over")
        juliet.hears(room.at("romeo"), f"{round} over")
        stage.hush()

    found = archived(stage, seen)
    equal({text: found[text] for text in seen if found[text] != 1}, {})


@test("refuses what the journal does not take, and shows nobody that")
def full(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)
    sent = 0
    with closing(sqlite3.connect(stage.database.path, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = []
        while not refused and sent < 400:
            for _ in range(20):
                romeo.say(room, f"large {sent} " + 60000 * "x",
                          id=f"m{sent}")
                sent += 1
            stage.settle()
            refused = [stanza for stanza in romeo.inbox
                       if stanza.type == "error"]
        assert refused, "the journal takes anything"
        shown = heard(juliet)
        equal(len(shown) + len(refused), sent)
        romeo.forget()
        romeo.say(room, "large " + 60000 * "y", id="last")
        romeo.refused("message", room.jid, "resource-constraint", "wait",
                      id="last")
    found = archived(stage, shown)
    equal({found[text] for text in shown}, {1})


scene("""
    archive = "all"
    journal = "muc.journal"
    journal_bytes = 8M
    log_first = yes
    message_rate = 1000
    message_burst = 1000
""")
