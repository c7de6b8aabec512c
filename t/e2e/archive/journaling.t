#!/usr/bin/python3
"""Messages that are mailed to an archive of mail as they come.

ANNEX_ROUNDS is how often something is killed."""
import itertools
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
from asked import ask  # noqa: E402
from guest import equal  # noqa: E402
from journaling import WINDOWS, scene, test  # noqa: E402
from record import MANY_SECS, say_all  # noqa: E402
from stage import Sqlite  # noqa: E402

ROUNDS = int(os.environ.get("ANNEX_ROUNDS", "3"))
EACH_ROUND = 40


def begin(stage, *names):
    stage.sink.mood, stage.sink.verdict = None, "250 taken"
    stage.sink.open()
    return stage.users(*names)


def say(stage, who, whom, text):
    """Returns the message's uid once it is stored."""
    who.say(whom.full, text)
    whom.hears(who.full, text)
    return stage.wait_body(text)


@test("mails a message as an export has it, in ASCII, by TLS")
def one(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")

    romeo.message(juliet.full, "<subject>s\u00fc</subject><body>Gr\u00fc\u00df"
                  "e</body><thread>th</thread><x xmlns='urn:x'/>", id="m1")

    uid = stage.wait_body("Gr\u00fc\u00dfe")
    mail = stage.sink.wait(uid)
    equal((mail.sender, mail["Sender"]), ("annex@archive.example",) * 2)
    equal((mail.address("From"), mail.address("To"), mail["Subject"]),
          (romeo.bare, juliet.bare, "s\u00fc"))
    equal([mail[f"X-XMPP-{name}"] for name in (
        "From", "To", "Type", "Id", "Thread", "Uid", "Encrypted")],
        [romeo.full, juliet.full, "chat", "m1", "th", uid, None])
    equal(mail.body(), "Gr\u00fc\u00dfe")
    assert mail.raw.isascii(), mail.raw
    stanza, = mail.attached()
    assert b"<x xmlns='urn:x'/>" in stanza.replace(b'"', b"'"), stanza
    stage.wait_sent()


@test("has mails of one conversation thread, and no others")
def threads(stage):
    romeo, juliet, mercutio = begin(stage, "romeo", "juliet", "mercutio")

    there = stage.sink.wait(say(stage, romeo, juliet, "there"))
    back = stage.sink.wait(say(stage, juliet, romeo, "back"))
    other = stage.sink.wait(say(stage, romeo, mercutio, "other"))
    romeo.message(juliet.full, "<body>thread</body><thread>t1</thread>")
    thread = stage.sink.wait(stage.wait_body("thread"))

    equal(back.references(), there.references())
    equal(len(there.references()), 1)
    assert other.references() != there.references(), other.raw
    equal(thread.references()[0], there.references()[0])
    equal(len(thread.references()), 2)


@test("mails what was said in some time together, of some people")
def windows(stage):
    romeo, juliet, rosaline = begin(stage, "romeo", "juliet", "rosaline")
    stage.vault.mails.clear()

    uids = [say(stage, rosaline, juliet, "window one"),
            say(stage, juliet, rosaline, "window two")]
    say(stage, romeo, juliet, "no window")

    def ids():
        return [part["Message-ID"] for mail in stage.vault.mails
                for part in mail.attached()]
    wanted = [f"<{uid}@annex.invalid>" for uid in uids]
    stage.vault.wait_for("the window", lambda: len(ids()) >= 2)
    equal(ids(), wanted)
    for mail in stage.vault.mails:
        equal(mail.to, WINDOWS)
        equal(mail.references(), stage.sink.wait(uids[0]).references())
    assert "juliet@" in stage.vault.mails[0]["X-XMPP-Participants"]
    assert "window one" in stage.vault.mails[0].body()
    stage.wait_sent()


@test("tries a mail again that is not taken now, and goes on with others")
def deferred(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    stage.sink.verdict = lambda mail: (
        "451 not now" if mail.body() == "deferred" else "250 taken")

    uid = say(stage, romeo, juliet, "deferred")
    stage.sink.wait_seen(uid)
    stage.sink.wait(say(stage, romeo, juliet, "meanwhile"))

    equal(stage.sink.taken(uid), [])
    stage.sink.verdict = "250 taken"
    stage.sink.wait(uid)
    stage.wait_sent()


@test("sets aside what is refused for good, until it is to be tried again")
def refused(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    stage.sink.verdict = lambda mail: (
        "554 poison" if mail.body() == "refused" else "250 taken")

    uid = say(stage, romeo, juliet, "refused")
    stage.sink.wait_seen(uid)
    stage.sink.wait(say(stage, romeo, juliet, "taken"))
    stage.wait_rows("SELECT reason FROM archive_post_aside",
                    [("554 poison",)])

    equal([(row["journaling"], row["from"], row["to"], row["reason"])
           for row in ask(stage, "journal", "list")],
          [("each", romeo.bare, juliet.bare, "554 poison")])
    equal(stage.ask("SELECT count(*) FROM audit_entry WHERE "
                    "action = 'set-aside'"), [("1",)])
    stage.wait_metric("annex_archive_mails_aside", 1)
    equal(stage.status("alarm"), ["mails of messages were set aside"])
    stage.sink.verdict = "250 taken"
    ask(stage, "journal", "retry")
    stage.sink.wait(uid)
    stage.wait_sent()
    stage.wait_well()


@test("sets nothing aside when the server takes nobody's mails")
def strangers(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    stage.sink.mood = "strangers"

    uid = say(stage, romeo, juliet, "strangers")

    stage.wait_failed(2)
    assert any("550 nobody of that name" in line
               for line in stage.status("journaling")), "no reason"
    stage.sink.mood = None
    stage.sink.wait(uid)
    equal(stage.ask("SELECT count(*) FROM archive_post_aside"), [("0",)])


@test("gives nothing to a server without the TLS that it is to have")
def unknown(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    stage.sink.close()
    uid = say(stage, romeo, juliet, "unknown")
    for options in ({"cert": stage.other}, {"secured": False}):
        false = stage.sink_at(0, **options)
        stage.wait_failed(2)
        false.close()
        equal(false.seen, [])
    stage.sink.open()
    stage.sink.wait(uid, MANY_SECS)
    stage.wait_sent()


@test("sends again what a server has closed the connection on")
def closes(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    stage.sink.mood = "closes"

    uid = say(stage, romeo, juliet, "closes")
    stage.sink.wait_seen(uid)
    equal(stage.sink.taken(uid), [])
    stage.sink.mood = None

    stage.sink.wait(uid)
    stage.wait_sent()


@test("goes on without a server that says nothing, or is away")
def hangs(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    stage.sink.mood = "hangs"
    uid = say(stage, romeo, juliet, "hangs")
    stage.sink.wait_seen(uid)

    texts = [f"hanging {number}" for number in range(100)]
    say_all(romeo, juliet.full, texts)
    for text in texts:
        juliet.hears(romeo.full, text)
    stage.wait_bodies(texts, "m.body LIKE 'hanging %'")
    equal(stage.get("/readyz")[0], 200)
    stage.sink.close()
    stage.sink.mood = None
    away = say(stage, romeo, juliet, "away")
    stage.sink.open()

    stage.sink.wait(uid)
    stage.sink.wait(away)
    stage.wait_sent()


class Strikes:
    """What is killed, in turn."""

    def __init__(self, stage):
        strikes = [self.annex, self.sink]
        if not isinstance(stage.database, Sqlite):
            strikes.append(self.database)
        self.next = itertools.cycle(strikes)
        self.stage = stage

    def strike(self):
        next(self.next)()

    def annex(self):
        self.stage.annex.kill()
        self.stage.begin()

    def sink(self):
        self.stage.sink.close()
        self.stage.sink.open()

    def database(self):
        since = len(self.stage.annex.process.lines)
        self.stage.database.kill()
        self.stage.database.start()
        self.stage.annex.process.wait_line("store: linked", since)


@test("mails each message at least once, whoever is killed")
def killed(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    strikes, texts = Strikes(stage), []
    for number in range(2 * ROUNDS):
        seen = len(stage.sink.seen)
        more = [f"killed {number} {each}" for each in range(EACH_ROUND)]
        say_all(romeo, juliet.full, more)
        texts += more
        stage.sink.wait_for("no mail", lambda: len(stage.sink.seen) > seen)
        strikes.strike()
    stage.wait_bodies(texts, "m.body LIKE 'killed %'")
    stage.wait_sent()

    rows = stage.ask("SELECT uid, body FROM archive_message "
                     "WHERE body LIKE 'killed %'")
    for uid, body in rows:
        mails = stage.sink.taken(uid)
        assert mails, f"{body} was not mailed"
        equal({mail.body() for mail in mails}, {body})
    ids = [mail.id for mail in stage.sink.mails
           if mail.body().startswith("killed ")]
    equal(len(set(ids)), len(texts))
    equal(len({tuple(mail.references()) for mail in stage.sink.mails
               if mail.body().startswith("killed ")}), 1)
    print(f"# {len(texts)} messages, {len(ids) - len(texts)} mails twice")


scene()
