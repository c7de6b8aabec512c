#!/usr/bin/python3
"""What auditors and operators ask of the archive."""
import json
import os
import signal
import sys
sys.path.append(sys.path[0] + "/../../lib")
from asked import ask, noted, run
from guest import equal, succeeds
from record import scene, test
from stage import DOMAIN

COMMANDS = "http://jabber.org/protocol/commands"
SERVICE = f"archive.{DOMAIN}"


def texts(rows):
    return [row["text"] for row in rows]


def by_xmpp(user, name, **fields):
    """What the service answers to a command with these fields."""
    form = "".join(f"<field var='{key}'><value>{value}</value></field>"
                   for key, value in fields.items())
    return str(user.ask("set", SERVICE, f"<command xmlns='{COMMANDS}' "
                        f"node='{name}'><x xmlns='jabber:x:data' "
                        f"type='submit'>{form}</x></command>"))


@test("finds messages by participants, words and time")
def finds(stage):
    romeo, juliet, tybalt = stage.users("romeo", "juliet", "tybalt")
    romeo.say(juliet.full, "a rose by any other name")
    juliet.say(romeo.full, "a Rose again")
    tybalt.say(romeo.full, "peace, no rose")
    stage.wait_body("peace, no rose")
    stage.wait_body("a Rose again")

    rows = ask(stage, "search", "--participant", romeo.bare, "--with",
               juliet.bare, "--text", "rose", says="2 messages.\n")

    equal(sorted(texts(rows)), ["a Rose again", "a rose by any other name"])
    found, = [row for row in rows if row["text"] == "a Rose again"]
    equal((found["from"], found["to"], found["type"], found["encrypted"]),
          (juliet.full, romeo.full, "chat", False))
    equal(found["copies"], "sent, received")
    equal(found["id"], stage.wait_body("a Rose again"))
    equal(len(ask(stage, "search", "--text", "rose")), 3)
    equal(ask(stage, "search", "--text", "rose", "--until", "2020-01-01"),
          [])
    equal(len(ask(stage, "search", "--text", "rose", "--since",
                  "2020-01-01")), 3)


@test("finds and shows what is in another body than the first")
def bodies(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    romeo.message(juliet.full, "<body xml:lang='eo'>saluton</body>"
                  "<body>the poison</body>")
    stage.wait_body("saluton")

    row, = ask(stage, "search", "--text", "poison")

    equal(row["text"], "saluton\nthe poison")


@test("tells what somebody got from what he has blocked (XEP-0191)")
def blocked(stage):
    juliet, paris = stage.users("juliet", "paris")
    succeeds(juliet.ask("set", None, "<block xmlns='urn:xmpp:blocking'><item "
                        f"jid='{paris.bare}'/></block>"))
    paris.say(juliet.bare, "will you marry me")
    stage.wait_body("will you marry me")

    row, = ask(stage, "search", "--text", "marry")

    equal(row["copies"], "sent")


@test("shows the latest first, page by page")
def pages(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    for number in range(5):
        romeo.say(juliet.full, f"page {number}")
    stage.wait_body("page 4")

    rows = ask(stage, "search", "--text", "page", "--limit", "2")
    equal(texts(rows), ["page 4", "page 3"])
    rows = ask(stage, "search", "--text", "page", "--limit", "2",
               "--before", rows[-1]["serial"])
    equal(texts(rows), ["page 2", "page 1"])
    rows = ask(stage, "search", "--text", "page", "--limit", "2",
               "--before", rows[-1]["serial"], says="1 message.\n")
    equal(texts(rows), ["page 0"])


@test("tells which messages are about each other")
def linked(stage):
    romeo, juliet, nurse = stage.users("romeo", "juliet", "nurse")
    romeo.say(juliet.full, "what light", id="a1")
    romeo.message(juliet.full, "<body>what lihgt</body>", id="a2")
    juliet.hears(romeo.full, "what light")
    juliet.hears(romeo.full, "what lihgt")
    romeo.message(juliet.full, "<body>what light there</body><replace "
                  "xmlns='urn:xmpp:message-correct:0' id='a2'/>", id="a3")
    juliet.message(romeo.full, "<reactions xmlns='urn:xmpp:reactions:0' "
                   "id='a2'><reaction>x</reaction></reactions>"
                   "<body>what x</body>", id="b1")
    juliet.message(romeo.full, "<body>what now</body><replace "
                   "xmlns='urn:xmpp:message-correct:0' id='a1'/>", id="b2")
    nurse.message(juliet.full, "<body>what else</body><reply "
                  "xmlns='urn:xmpp:reply:0' id='a1'/>", id="c1")
    for text in "what light there", "what now", "what else":
        stage.wait_body(text)

    rows = {row["text"]: row for row in ask(stage, "search", "--text",
                                            "what")}

    equal({text: (row.get("relation"), row.get("about"), row.get("linked"))
           for text, row in rows.items()}, {
        "what light": (None, None, None),
        "what lihgt": (None, None, "edit 1, reaction 1"),
        "what light there": ("edit", rows["what lihgt"]["id"], None),
        "what x": ("reaction", rows["what lihgt"]["id"], None),
        "what now": ("edit", None, None),
        "what else": ("reply", None, None),
    })


@test("takes hostile words for words")
def hostile(stage):
    for text in ("'; DROP TABLE archive_message; --", "%", "\\", "\"", "(",
                 "$1", "\u202e", "x" * 10000):
        equal(ask(stage, "search", "--text", text), [])
    done = run(stage, "search", "--text", " ".join("abcdefghijklmnopq"))
    equal((done.returncode, done.stdout), (1, ""))
    assert "at most 16 words" in done.stderr, done.stderr
    for words, said in ((["--since", "yesterday"], "is no time"),
                        (["--since", "2026-02-01", "--until", "2026-01-01"],
                         "not after since"),
                        (["--before", "x"], "a serial is wanted"),
                        (["--with", "a@b"], "participant is missing"),
                        (["--participant", "a@b@c"], "participant: ")):
        done = run(stage, "search", *words)
        equal((done.returncode, done.stdout), (1, ""))
        assert said in done.stderr, done.stderr


@test("writes down each search, and shows it")
def audited(stage):
    ask(stage, "search", "--participant", "nobody@nowhere.test", "--text",
        "gr\u00fc\u00df")

    row, searched = ask(stage, "audit", "list", "--limit", "2")

    equal((row["action"], searched["action"]), ("audit", "search"))
    equal(json.loads(searched["detail"]),
          {"participant": "nobody@nowhere.test", "text": "gr\u00fc\u00df"})
    assert searched["who"].startswith(f"uid {os.getuid()}, "), searched
    said = run(stage, "audit", "verify")
    equal(said.returncode, 0)
    assert f"Entries: {row['number']}, all as" in said.stderr, said.stderr
    assert row["hash"] in said.stderr, said.stderr
    assert any(row["hash"] in line for line in stage.annex.process.lines)


@test("lets auditors search by XMPP, and nobody else")
def auditors(stage):
    boss, romeo, juliet = stage.users("boss", "romeo", "juliet")
    cato = stage.user("cato")
    romeo.say(juliet.full, "to be searched")
    stage.wait_body("to be searched")

    for user in boss, romeo:
        for name in "search", "audit":
            assert "forbidden" in by_xmpp(user, name, what="list"), name
    answer = by_xmpp(cato, "search", text="to be searched")

    assert "value>to be searched</" in answer, answer
    assert "completed" in answer, answer
    row = noted(stage)
    equal((row["who"], row["action"]), (cato.full, "search"))
    answer = by_xmpp(cato, "audit", what="verify")
    assert "all as they were written" in answer, answer


@test("takes another list of auditors without a restart")
def reload(stage):
    juliet = stage.user("juliet")
    since = len(stage.annex.process.lines)
    stage.annex.write(stage.settings.replace("cato", "juliet"))
    stage.annex.process.child.send_signal(signal.SIGHUP)
    stage.annex.process.wait_line("archive.auditors", since)
    stage.get("/healthz")

    answer = by_xmpp(juliet, "audit", what="verify")

    assert "all as they were written" in answer, answer


@test("says how large the archive becomes, to administrators too")
def estimates(stage):
    row, = ask(stage, "estimate", "1500", "--characters", "250")
    equal((row["messages"], row["message_bytes"], row["month"]),
          (3000000, 550, "1.6 GB"))
    assert "1.6 GB</" in by_xmpp(stage.user("boss"), "estimate", users=1500,
                                 characters=250)


@test("finds an entry that was changed, and those that are gone")
def tampered(stage):
    for _ in range(3):
        ask(stage, "search", "--text", "nothing")
    last = ask(stage, "audit", "list", "--limit", "1")[0]
    number = last["number"] - 1
    triggers = ["DROP TRIGGER audit_entry_stays ON audit_entry"] \
        if os.environ.get("DB") == "postgres" else \
        ["DROP TRIGGER audit_entry_changed",
         "DROP TRIGGER audit_entry_removed"]
    for sql in (*triggers, "UPDATE audit_entry SET who = 'me' WHERE "
                f"number = {number}"):
        stage.do(sql)

    done = run(stage, "audit", "verify")

    equal(done.returncode, 1)
    assert f"entry {number} is not what was written" in done.stderr, done
    stage.do(f"DELETE FROM audit_entry WHERE number >= {number}")
    equal(run(stage, "audit", "verify").returncode, 0)
    done = run(stage, "audit", "verify", "--hash", last["hash"])
    equal(done.returncode, 1)
    assert "some were removed" in done.stderr, done.stderr


scene(f'auditors = {{ "cato@{DOMAIN}" }}\nadmins = {{ "boss@{DOMAIN}" }}',
      own={"blocking"})
