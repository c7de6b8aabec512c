#!/usr/bin/python3
"""What users retract (XEP-0424) goes out of their archives."""
import sqlite3
import sys
import time
from contextlib import closing
sys.path.append(sys.path[0] + "/../../lib")
from asked import ask
from client import SECS
from guest import equal
from reader import features, read, scene, test
from stanza import NS

RETRACT = "urn:xmpp:message-retract:1"
CORRECT = "urn:xmpp:message-correct:0"
NO_STORE = "<no-store xmlns='urn:xmpp:hints'/>"
NS.update({"retract": RETRACT})


def retract(sender, to, target, id="r1", content=""):
    sender.message(to, f"<retract xmlns='{RETRACT}' id='{target}'/>"
                   "<body>I retracted something</body>" + content, id=id)


def hears_it(reader, sender):
    reader.hears(sender.full, "I retracted something")


def say(sender, reader, text, id, content=""):
    sender.message(reader.full, f"<body>{text}</body>{content}", id=id)
    reader.hears(sender.full, text)


def left(user):
    """Of each message, its text, or the retraction that took it away."""
    return [result.body if result.body is not None
            else result.message.find(f"{{{RETRACT}}}retracted").get("id")
            for result in read(user).results]


def wait_noted(stage, who, text):
    """Waits until the audit log has one retraction of theirs, and what became
    of the text."""
    stage.wait_rows("SELECT count(*) FROM audit_entry WHERE action = "
                    f"'retracted' AND who = '{who.bare}' AND detail LIKE "
                    f"'%\"text\":\"{text}\"%'", [("1",)])


def wait_ours(stage, user):
    """Waits until annex-archive answers, not the router's own archive."""
    end = time.monotonic() + SECS
    while RETRACT + "#tombstone" not in features(user):
        assert time.monotonic() < end, f"{features(user)}"


@test("advertises both (2, 4)")
def advertised(stage):
    found = features(stage.user("romeo"))
    assert {RETRACT, RETRACT + "#tombstone"} <= set(found), found


@test("leaves a tombstone in both archives, and the retraction (4, 5)")
def tombstone(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    say(romeo, juliet, "one", "a1")
    say(romeo, juliet, "two", "a2")
    retract(romeo, juliet.full, "a1")
    hears_it(juliet, romeo)

    for user in romeo, juliet:
        equal(left(user), ["r1", "two", "I retracted something"])
    first = read(juliet).results[0]
    equal((first.message.get("from"), first.message.get("to"),
           first.message.get("id"), first.message.get("type")),
          (romeo.full, juliet.full, "a1", "chat"))
    stamp = first.message.find(f"{{{RETRACT}}}retracted").get("stamp")
    equal(stamp[:2] + stamp[-1], "20Z")
    equal(stage.ask("SELECT count(*) FROM archive_message "
                    "WHERE body = 'one'"), [("0",)])
    wait_noted(stage, romeo, "removed")


@test("takes it from another client of the sender, and for one who is away")
def away(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    garden = stage.session(romeo, "garden")
    say(romeo, juliet, "one", "a1")
    juliet.logout()
    retract(garden, juliet.bare, "a1")

    equal(left(garden), ["r1", "I retracted something"])
    equal(left(stage.session(juliet, "house")),
          ["r1", "I retracted something"])


@test("takes it from nobody else (5)")
def others(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    nurse = stage.user("nurse")
    say(romeo, juliet, "one", "a1")
    for liar, to in (juliet, romeo), (nurse, juliet), (romeo, nurse):
        retract(liar, to.full, "a1")
        hears_it(to, liar)

    equal(left(juliet)[0], "one")
    equal(left(romeo)[0], "one")


@test("takes the edits away as well")
def edits(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    say(romeo, juliet, "one", "a1")
    say(romeo, juliet, "uno", "a2", f"<replace xmlns='{CORRECT}' id='a1'/>")
    say(romeo, juliet, "two", "a3")
    retract(romeo, juliet.full, "a1")
    hears_it(juliet, romeo)

    equal(left(juliet), ["r1", "r1", "two", "I retracted something"])


@test("keeps a retraction that is not to be stored (5)")
def unwanted(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    say(romeo, juliet, "one", "a1")
    retract(romeo, juliet.full, "a1", content=NO_STORE)
    hears_it(juliet, romeo)

    equal(left(juliet), ["r1", "I retracted something"])


@test("shows what is held to auditors alone, until it is held no more")
def held(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    ask(stage, "hold-add", "matter", juliet.bare)
    say(romeo, juliet, "one of held", "a1")
    retract(romeo, juliet.full, "a1")
    hears_it(juliet, romeo)

    equal(left(juliet), ["r1", "I retracted something"])
    equal(left(romeo), ["r1", "I retracted something"])
    wait_noted(stage, romeo, "held")
    row, = ask(stage, "search", "--text", "one held")
    equal(row["from"], romeo.full)
    ask(stage, "hold-remove", "matter")
    stage.wait_rows("SELECT count(*) FROM archive_message "
                    "WHERE body = 'one of held'", [("0",)])
    equal(left(juliet), ["r1", "I retracted something"])


@test("has what waits in the journal retracted, through a kill")
def killed(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    stage.refuse()
    say(romeo, juliet, "one", "a1")
    retract(romeo, juliet.full, "a1")
    hears_it(juliet, romeo)
    stage.wait_metric("annex_journal_entries", 2)
    stage.annex.kill()
    stage.mend()
    stage.annex.start()
    wait_ours(stage, juliet)
    juliet.forget()

    wait_noted(stage, romeo, "removed")
    equal(left(juliet), ["r1", "I retracted something"])


@test("takes what was put aside, and is put back behind its retraction")
def put_back(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    stage.change("CREATE TRIGGER refusal BEFORE INSERT ON archive_message "
                 "WHEN NEW.body = 'one of aside' "
                 "BEGIN SELECT RAISE(ABORT, 'refused'); END",
                 "ALTER TABLE archive_message ADD CONSTRAINT refusal "
                 "CHECK (body <> 'one of aside') NOT VALID")
    say(romeo, juliet, "one of aside", "a1")
    stage.wait_metric("annex_journal_aside", 1)
    retract(romeo, juliet.full, "a1")
    hears_it(juliet, romeo)
    equal(left(juliet), ["I retracted something"])
    stage.annex.stop()
    stage.mend()
    with closing(sqlite3.connect(
            f"{stage.folder}/{stage.journal}")) as journal:
        journal.executescript(
            "INSERT INTO journal_entry (stamp, bytes, text) "
            "SELECT stamp, bytes, text FROM journal_aside; "
            "DELETE FROM journal_aside")
    stage.annex.start()
    wait_ours(stage, juliet)
    juliet.forget()

    wait_noted(stage, romeo, "removed")
    equal(left(juliet), ["I retracted something", "r1"])


@test("keeps it for auditors alone where the operator says so")
def kept(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    stage.annex.stop()
    stage.annex.write(f'journal = "{stage.journal}"\nretract = keep')
    stage.annex.start()
    stage.wait_offered(juliet)
    juliet.forget()
    say(romeo, juliet, "one of kept", "a1")
    say(romeo, juliet, "uno of kept", "a2",
        f"<replace xmlns='{CORRECT}' id='a1'/>")
    retract(romeo, juliet.full, "a1")
    hears_it(juliet, romeo)

    for user in romeo, juliet:
        equal(left(user), ["r1", "r1", "I retracted something"])
    equal([row["text"] for row in ask(stage, "search", "--text", "of kept")],
          ["uno of kept", "one of kept"])
    wait_noted(stage, romeo, "unseen")
    assert RETRACT + "#tombstone" in features(juliet)


scene("retention_pause = 1s", own={"archive"})
