#!/usr/bin/python3
"""What is retracted while the database is away, or the process is killed."""
import sqlite3
import sys
sys.path.append(sys.path[0] + "/../../lib")
import time
from contextlib import closing, contextmanager
from client import SECS
from guest import equal, succeeds
from lookback import bodies, garden, look
from scene import scene, test
from stage import Sqlite
from stanza import NS

RETRACT = "urn:xmpp:message-retract:1"
MODERATE = "urn:xmpp:message-moderate:1"
CORRECT = "urn:xmpp:message-correct:0"
NS.update({"retract": RETRACT, "moderate": MODERATE})
HINT = "<{} xmlns='urn:xmpp:hints'/>"


def ask(stage, sql):
    """The first cells of the rows."""
    if isinstance(stage.database, Sqlite):
        with closing(sqlite3.connect(stage.database.path,
                                     timeout=60)) as connection:
            return [row[0] for row in connection.execute(sql)]
    return stage.database.sql(sql).splitlines()


def wait_texts(stage, wanted):
    """Until the archive has these, of all rooms, and no others."""
    end = time.monotonic() + SECS
    while True:
        texts = ask(stage, "SELECT body FROM archive_message "
                           "WHERE body IS NOT NULL ORDER BY 1")
        if texts == sorted(wanted):
            return
        assert time.monotonic() < end, texts
        time.sleep(0.05)


@contextmanager
def away(stage):
    """Nobody can write to the database."""
    if isinstance(stage.database, Sqlite):
        with closing(sqlite3.connect(stage.database.path,
                                     timeout=60)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    else:
        stage.database.kill()
        yield
        stage.database.start()


def say(guest, room, text, id, more=""):
    """Returns the id that the room gives it."""
    guest.message(room.jid, f"<body>{text}</body>" + more, id=id)
    return guest.hears(room.at(guest.name), text).attribute(
        "sid:stanza-id", "id")


def edit(guest, room, text, id, of):
    return say(guest, room, text, id, f"<replace xmlns='{CORRECT}' "
                                      f"id='{of}'/>")


def retract(guest, room, target, id, hint="store"):
    guest.message(room.jid, f"<retract xmlns='{RETRACT}' id='{target}'/>"
                  + HINT.format(hint), id=id)
    equal(guest.next().attribute("retract:retract", "id"), target)


def moderate(guest, room, target):
    return guest.ask("set", room.jid, (
        f"<moderate xmlns='{MODERATE}' id='{target}'>"
        f"<retract xmlns='{RETRACT}'/><reason>Rude</reason></moderate>"))


def wait_kept(stage, before, count):
    """Until so many more are in the journal."""
    end = time.monotonic() + SECS
    while stage.metric("annex_muc_archive_messages_total") < before + count:
        assert time.monotonic() < end, "never in the journal"


@test("takes what was said in its place with it, in both")
def edits(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = garden(stage, juliet)
    one = say(juliet, room, "one", "m1")
    edit(juliet, room, "one, I say", "m2", "m1")
    say(juliet, room, "two", "m3")
    stage.hush()
    edit(romeo, room, "of romeo's", "m4", "m1")
    stage.hush()
    three = say(juliet, room, "three", "m5")
    edit(juliet, room, "three, I say", "m6", "m5")
    stage.hush()

    retract(juliet, room, one, "r1")
    stage.hush()
    succeeds(moderate(romeo, room, three))
    stage.hush()

    equal(bodies(nurse, room)[:6],
          [None, None, "two", "of romeo's", None, None])
    wait_texts(stage, ["two", "of romeo's"])
    old = nurse.enter(room).history
    equal([each.body for each in old][:6],
          [None, None, "two", "of romeo's", None, None])
    equal(old[5].text("retract:retracted/retract:reason"), "Rude")
    stage.saved()
    equal(ask(stage, "SELECT count(*) FROM muc_history WHERE "
                     "stanza LIKE '%, I say%'"), ask(stage, "SELECT 0"))


@test("is lost by no kill, whether the retraction is archived or not")
def killed(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = garden(stage, juliet)
    said = {text: say(juliet, room, text, text)
            for text in ("one", "two", "three", "four")}
    edit(juliet, room, "one, I say", "e1", "one")
    stage.hush()
    equal(len(look(nurse, room)[0]), 5)
    wait_texts(stage, ["two", "of romeo's", "one", "two", "three", "four",
                       "one, I say"])
    before = stage.metric("annex_muc_archive_messages_total")

    with away(stage):
        # One of them is not in the database when it is retracted.
        said["five"] = say(juliet, room, "five", "five")
        retract(juliet, room, said["one"], "r1")
        retract(juliet, room, said["two"], "r2", "no-store")
        retract(juliet, room, said["five"], "r5")
        succeeds(moderate(romeo, room, said["three"]))
        wait_kept(stage, before, 4)
        stage.annex.kill()
    stage.dismiss()
    stage.annex.start()

    wait_texts(stage, ["two", "of romeo's", "four"])
    nurse, romeo = stage.cast("nurse", "romeo")
    old = nurse.enter(room).history
    shown = [each.body for each in old if each.body is not None]
    equal(shown, ["four"])
    found, _ = look(nurse, room)
    equal([result.message.body for result in found if
           result.message is not None and result.message.body], ["four"])
    tombs = {result.id: result.message for result in found}
    equal(tombs[said["one"]].attribute("retract:retracted", "id"), "r1")
    equal(tombs[said["two"]].attribute("retract:retracted", "id"), "r2")
    equal(tombs[said["three"]].text("retract:retracted/retract:reason"),
          "Rude")


@test("retracts from an archive that is switched off, whatever is killed")
def off(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)
    said = [say(juliet, room, text, text) for text in ("six", "seven")]
    stage.hush()
    succeeds(romeo.configure(room, enablearchiving=0))
    stage.hush()
    other = garden(stage)
    stage.hush()
    wait_texts(stage, ["two", "of romeo's", "four", "six", "seven"])

    with away(stage):
        retract(juliet, room, said[0], "r6")
        succeeds(moderate(romeo, room, said[1]))
        stage.hush()
        # What is put into the journal behind them is there after them.
        before = stage.metric("annex_muc_archive_messages_total")
        romeo.say(other, "eight")
        wait_kept(stage, before, 1)
        stage.annex.kill()
    stage.dismiss()
    stage.annex.start()

    wait_texts(stage, ["two", "of romeo's", "four", "eight"])


@test("is in the audit log soon, though annex-archive does not run")
def logged(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)
    said = [say(juliet, room, text, text) for text in ("nine", "ten")]

    retract(juliet, room, said[0], "r9")
    succeeds(moderate(romeo, room, said[1]))

    wait_texts(stage, ["two", "of romeo's", "four", "eight"])
    end = time.monotonic() + SECS
    while int(ask(stage, "SELECT count(*) FROM archive_retraction")[0]) > 0:
        assert time.monotonic() < end, "never noted"
        time.sleep(0.05)
    equal([sum(uid in detail for detail in ask(stage, (
        f"SELECT detail FROM audit_entry WHERE action = '{action}' "
        f"AND who = '{who.bare}'")))
           for uid, action, who in ((said[0], "retracted", juliet),
                                    (said[1], "moderated", romeo))], [1, 1])


scene('archive = "chosen"\n    journal = "muc.journal"')
