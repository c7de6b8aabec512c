#!/usr/bin/python3
"""Stanzas that are held until a policy server has judged them."""
import json
import os
import signal
import sqlite3
import sys
import time
sys.path.append(sys.path[0] + "/../../lib")
from client import SECS  # noqa: E402
import described  # noqa: E402
from guest import equal  # noqa: E402
from judging import ALLOW, policyserver, scene, test  # noqa: E402
from process import Process  # noqa: E402
from record import GATE, say_all  # noqa: E402
from stage import DOMAIN  # noqa: E402

POLICIES = """
policy "strict" {
    servers = { "{first}", "{second}" } {tls}
    timeout = 4s
    notice = "Ask the office."
}
policy "lax" {
    servers = { "{first}" } {tls}
    timeout = 1s
    on_failure = open
}
policy "logged" {
    log_first = yes
    timeout = 8s
}
policy "default" {
    servers = { "{second}" } {tls}
}
"""
PROFILES = {
    "timeout": 9, "fail": "closed", "parked": 300, "parked_bytes": 4000000,
    "profiles": [
        {"name": "strict", "users": ["romeo", "rosaline"],
         "namespaces": ["urn:x:offer"]},
        {"name": "lax", "users": ["mercutio"]},
        {"name": "logged", "users": ["paris"]},
        {"name": "other", "users": ["nurse"]},
        {"users": ["tybalt"]}]}
HTML = ("<html xmlns='http://jabber.org/protocol/xhtml-im'><body "
        "xmlns='http://www.w3.org/1999/xhtml'>old</body></html>")
RECEIPT = "<request xmlns='urn:xmpp:receipts'/>"


def begin(stage, *names):
    stage.renew()
    return stage.users(*names)


@test("asks about a message, and lets it go on")
def allow(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")

    romeo.message(juliet.bare, "<subject>su</subject><body>one</body>"
                  "<body xml:lang='fr'>un</body><thread>th</thread>", id="m1")

    came = juliet.hears(romeo.full, "one", id="m1")
    asked = stage.first.asked("one")
    equal({name: asked[name] for name in (
        "host", "point", "direction", "profile", "kind", "type", "from",
        "to", "subject", "body", "thread", "encrypted")},
        {"host": DOMAIN, "point": "send", "direction": "local",
         "profile": "strict", "kind": "message", "type": "chat",
         "from": romeo.full, "to": juliet.bare, "subject": "su",
         "body": "one", "thread": "th", "encrypted": False})
    equal([one["text"] for one in asked["bodies"]], ["one", "un"])
    equal(asked["bodies"][1]["lang"], "fr")
    equal(asked["subjects"][0]["text"], "su")
    equal(came.attribute("sid:stanza-id", "id"), asked["id"])
    assert "<body>one</body>" in asked["xml"], asked
    assert asked["time"].endswith("Z"), asked
    equal(stage.wait_body("one"), asked["id"])
    equal((stage.second.questions, stage.verdicts("allowed")), ([], 1))


@test("asks about what comes from outside, and about subscriptions and IQs")
def kinds(stage):
    # A request for a subscription is repeated whenever who sent it comes.
    rosaline, juliet = begin(stage, "rosaline", "juliet")
    gate = stage.component("gate")

    gate.send(f"<message from='{GATE}' to='{rosaline.bare}' type='chat'>"
              "<body>knock</body></message>")
    rosaline.hears(GATE, "knock")
    rosaline.send(f"<presence to='{juliet.bare}' type='subscribe'/>")
    rosaline.send(f"<iq type='set' id='i1' to='{juliet.full}'>"
               "<offer xmlns='urn:x:offer'/></iq>")
    juliet.pick(lambda word: word.kind == "iq" and word.id == "i1",
                "the offer")

    # Two may be on their way at once.
    equal(sorted((asked["point"], asked["direction"], asked["kind"],
                  asked["type"]) for asked in stage.first.questions),
          [("receive", "in", "message", "chat"),
           ("send", "local", "iq", "set"),
           ("send", "local", "subscription", "subscribe")])


@test("tells the sender of a message that is blocked")
def block(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    for verdict, condition, text in (
            ({}, "policy-violation", "Ask the office."),
            ({"notice": "Not to her."}, "policy-violation", "Not to her."),
            ({"condition": "not-allowed"}, "not-allowed", "Ask the office.")):
        stage.first.verdict = {"verdict": "block", **verdict}
        romeo.say(juliet.bare, "blocked", id="m1")
        error = romeo.expect("message", type="error", id="m1",
                             condition=condition)
        equal(error.text("c:error/stanzas:text"), text)
    stage.first.verdict = {"verdict": "block", "silent": True}
    romeo.say(juliet.bare, "silent")
    stage.first.asked("silent")
    stage.first.verdict = ALLOW
    romeo.say(juliet.bare, "last")

    juliet.hears(romeo.full, "last")
    romeo.settle()
    romeo.silent()
    stage.wait_body("last")
    equal(stage.ask("SELECT count(*) FROM archive_message WHERE body IN "
                    "('blocked', 'silent')"), [("0",)])
    equal(stage.verdicts("blocked"), 4)


@test("changes a message, and nothing stays of what it said")
def modify(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    stage.first.verdict = {"verdict": "modify", "body": "new & <clean>"}

    romeo.message(juliet.bare, "<subject>old</subject><body>old</body>"
                  f"<body xml:lang='de'>old</body>{HTML}{RECEIPT}"
                  "<x xmlns='urn:x'>old</x>", id="m1")

    came = juliet.hears(romeo.full, "new & <clean>", id="m1")
    assert "old" not in f"{came}", f"{came}"
    assert came.has("{urn:xmpp:receipts}request"), f"{came}"
    stage.wait_body("new & <clean>")
    equal(stage.verdicts("modified"), 1)


@test("adds to a message, in each language")
def append(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    stage.first.verdict = {"verdict": "modify", "append": "Example Ltd."}

    romeo.message(juliet.bare, "<body>one</body><body xml:lang='de'>eins"
                  f"</body>{HTML}<x xmlns='urn:x'/>")

    came = juliet.expect("message", body="one\nExample Ltd.")
    equal([body.text for body in came.find_all("c:body")],
          ["one\nExample Ltd.", "eins\nExample Ltd."])
    assert came.has("{urn:x}x") and "old" not in f"{came}", f"{came}"


@test("does not pretend to have changed what cannot be changed")
def unchangeable(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    stage.first.verdict = {"verdict": "modify", "append": "x"}

    for id, children in (
            ("m1", "<body>secret</body><encrypted xmlns='"
                   "urn:xmpp:omemo:2'/>"),
            # As it is escaped, it is larger than a component may send.
            ("m2", f"<body>{'>' * 140000}</body>")):
        romeo.message(juliet.bare, children, id=id)
        romeo.expect("message", type="error", id=id,
                     condition="resource-constraint")
    equal((stage.verdicts("failed_closed"), stage.verdicts("modified")),
          (2, 0))


@test("asks the next server when one fails")
def failover(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    stage.second.verdict = {"verdict": "modify", "append": "second"}
    for mood in ("fails", "closes", "strange"):
        stage.first.mood = mood
        romeo.say(juliet.bare, mood)
        juliet.hears(romeo.full, mood + "\nsecond")
        equal((stage.first.count(mood) > 0, stage.second.count(mood)),
              (True, 1))


@test("asks the next server when one says nothing")
def hanging(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    stage.second.verdict = {"verdict": "modify", "append": "second"}
    stage.first.hush()

    start = time.monotonic()
    romeo.say(juliet.bare, "one")

    juliet.hears(romeo.full, "one\nsecond")
    assert time.monotonic() - start < 4, "it waited too long"


@test("leaves out a server that fails again and again, and comes back to it")
def left_out(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    stage.second.verdict = {"verdict": "modify", "append": "second"}
    stage.first.mood = "fails"
    since = len(stage.annex.process.lines)
    for number in range(3):
        romeo.say(juliet.bare, f"bad {number}")
        juliet.hears(romeo.full, f"bad {number}\nsecond")
    stage.annex.process.wait_line("it is left out", since)

    romeo.say(juliet.bare, "next")
    juliet.hears(romeo.full, "next\nsecond")
    equal(stage.first.count("next"), 0)

    stage.first.mood = None
    end = time.monotonic() + SECS
    while not stage.first.count("again"):
        assert time.monotonic() < end, "it is never asked again"
        romeo.say(juliet.bare, "again")
        juliet.expect("message", sender=romeo.full)
    stage.annex.process.wait_line("answers again", since)
    romeo.say(juliet.bare, "well")
    juliet.hears(romeo.full, "well")


@test("refuses what nobody judges, or lets it go on, as the policy says")
def failing(stage):
    romeo, juliet, mercutio = begin(stage, "romeo", "juliet", "mercutio")
    stage.first.close()
    stage.second.mood = "closes"

    romeo.say(juliet.bare, "one", id="m1")
    mercutio.say(juliet.bare, "two")

    error = romeo.expect("message", type="error", id="m1",
                         condition="resource-constraint")
    equal(error.text("c:error/stanzas:text"), "Ask the office.")
    juliet.hears(mercutio.full, "two")
    stage.wait_body("two")
    equal((stage.verdicts("failed_closed"), stage.verdicts("failed_open")),
          (1, 1))
    for number in range(2):
        mercutio.say(juliet.bare, f"more {number}")
        juliet.hears(mercutio.full, f"more {number}")
    status, text = stage.get("/readyz")
    equal(status, 503)
    assert 'no server of the policy "lax" answers' in text, text
    stage.first = stage.judge_at(stage.ports[0])


@test("gives a server that hangs no more than its time")
def late(stage):
    mercutio, juliet = begin(stage, "mercutio", "juliet")
    stage.first.hush()

    start = time.monotonic()
    mercutio.say(juliet.bare, "late")

    juliet.hears(mercutio.full, "late")
    assert time.monotonic() - start < 3, "it waited too long"


@test("speaks to nobody whom it does not know, nor to who does not know it")
def strangers(stage):
    mercutio, juliet = begin(stage, "mercutio", "juliet")
    for wrong in ({"name": "other"}, {"clients": "other"}):
        stage.first.close()
        stage.first = stage.judge_at(stage.ports[0], **wrong)
        stage.first.verdict = {"verdict": "block"}
        since = len(stage.annex.process.lines)

        mercutio.say(juliet.bare, "one")

        juliet.hears(mercutio.full, "one")
        equal(stage.first.questions, [])
        stage.annex.process.wait_line("fails", since)


@test("has a policy for profiles without one of their own")
def default(stage):
    nurse, tybalt, juliet = begin(stage, "nurse", "tybalt", "juliet")
    for who, profile in ((nurse, "other"), (tybalt, "")):
        who.say(juliet.bare, who.name)
        juliet.hears(who.full, who.name)
        equal(stage.second.asked(who.name)["profile"], profile)
    equal(stage.first.questions, [])


@test("keeps two hundred messages of a session in order")
def pipelined(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")

    def rule(question):
        # Those that are asked about first are answered last.
        if int(question["body"].split()[1]) % 10 == 0:
            stage.first.asked(f"number {int(question['body'][7:]) + 5}")
        return ALLOW

    stage.first.verdict = rule
    texts = [f"number {number}" for number in range(200)]

    say_all(romeo, juliet.full, texts)

    for text in texts:
        juliet.hears(romeo.full, text)
    equal((len(stage.first.questions), stage.verdicts("allowed")),
          (200, 200))
    assert len(stage.first.connections) <= 64, "too many connections"
    stage.wait_bodies(texts, "m.body LIKE 'number %' AND m.ways = 3")


@test("lets a message go on only when the journal has it")
def logged(stage):
    paris, juliet = begin(stage, "paris", "juliet")
    journal = sqlite3.connect(os.path.join(stage.folder, stage.journal),
                              timeout=SECS, isolation_level=None)
    journal.execute("BEGIN IMMEDIATE")
    paris.say(juliet.bare, "logged")
    stage.wait_metric("annex_hook_events_total", 1)
    for _ in range(3):
        juliet.settle()
        juliet.silent()
    journal.execute("COMMIT")
    journal.close()

    juliet.hears(paris.full, "logged")
    stage.wait_rows("SELECT ways FROM archive_message "
                    "WHERE body = 'logged'", [("3",)])
    stage.annex.kill()
    stage.begin()
    equal(stage.ask("SELECT count(*) FROM archive_message "
                    "WHERE body = 'logged'"), [("1",)])


# What a server may answer, and what not; policy.yaml says which is which.
ANSWERS = (
    {"verdict": "allow"}, {"verdict": "hold"}, {"verdict": "block"},
    {"verdict": "block", "condition": "not-allowed", "notice": "n" * 1024},
    {"verdict": "block", "condition": "undefined-condition"},
    {"verdict": "block", "silent": True},
    {"verdict": "modify", "body": "new"},
    {"verdict": "modify", "body": ""},
    {"verdict": "modify", "append": "more"},
    {}, [], "allow", None, {"verdict": "perhaps"}, {"verdict": None},
    {"verdict": "allow", "notice": "No."}, {"verdict": "hold", "body": "x"},
    {"verdict": "block", "condition": "no-such-condition"},
    {"verdict": "block", "notice": "n" * 1025},
    {"verdict": "block", "notice": 1}, {"verdict": "block", "silent": "yes"},
    {"verdict": "block", "body": "x"}, {"verdict": "modify"},
    {"verdict": "modify", "body": "x", "append": "y"},
    {"verdict": "modify", "body": None}, {"verdict": "modify", "text": "x"})
OUTCOMES = ("allowed", "blocked", "modified", "held", "failed_closed")


@test("takes the answers that policy.yaml describes, and no others")
def answers(stage):
    nurse, juliet = begin(stage, "nurse", "juliet")
    valid = [not described.faults("Verdict", answer) for answer in ANSWERS]
    equal(valid, [True] * 9 + [False] * (len(ANSWERS) - 9))
    for number, answer in enumerate(ANSWERS):
        counts = [stage.verdicts(outcome) for outcome in OUTCOMES]
        stage.second.verdict = answer

        nurse.say(juliet.bare, f"answered {number}")

        end = time.monotonic() + SECS
        while (now := [stage.verdicts(outcome) for outcome in OUTCOMES]) \
                == counts:
            assert time.monotonic() < end, f"{answer}"
        assert (now[-1] == counts[-1]) == valid[number], f"{answer}: {now}"
        # Or it would be left out.
        stage.second.verdict = ALLOW
        nurse.say(juliet.bare, f"well {number}")
        stage.second.asked(f"well {number}")
        stage.wait_body(f"well {number}")


@test("has a server to begin with, that follows rules")
def beginner(stage):
    rules = os.path.join(stage.folder, "rules")
    with open(rules, "w") as file:
        json.dump([{"if": {"direction": "local", "bodies": "\\bold\\b"},
                    "then": {"verdict": "modify", "body": "new"}}], file)
    mercutio, juliet = begin(stage, "mercutio", "juliet")
    stage.first.close()
    (cert, key), (ours, _) = (stage.certificates[name]
                              for name in ("localhost", "annex"))
    server = Process("policyserver", [
        sys.executable, policyserver.__file__, "--port", str(stage.ports[0]),
        "--cert", cert, "--key", key, "--clients", ours, rules])
    server.start()
    server.wait_line("listening")

    mercutio.message(juliet.bare, "<body>one</body>"
                     "<body xml:lang='en'>an OLD one</body>")
    mercutio.say(juliet.bare, "a bold one")

    juliet.hears(mercutio.full, "new")
    juliet.hears(mercutio.full, "a bold one")
    equal((stage.verdicts("modified"), stage.verdicts("allowed")), (1, 1))
    server.stop()
    stage.first = stage.judge_at(stage.ports[0])


def take_over(stage, settings):
    since = len(stage.annex.process.lines)
    stage.annex.write(settings)
    stage.annex.process.child.send_signal(signal.SIGHUP)
    stage.annex.process.wait_line("archive.policy", since)


@test("knows by probes which servers work, before anything is asked")
def probed(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    old = stage.settings
    take_over(stage, old.replace("timeout = 4s", """timeout = 4s
        probe = "/healthz" probe_pause = 1s"""))
    stage.second.verdict = {"verdict": "modify", "append": "second"}
    since = len(stage.annex.process.lines)
    stage.first.mood = "fails"
    stage.annex.process.wait_line("it is left out", since)
    equal(stage.status("policy")[0], '"strict": 0 rules, 1 of 2 servers work')

    romeo.say(juliet.bare, "one")
    juliet.hears(romeo.full, "one\nsecond")
    equal(stage.first.questions, [])

    stage.first.mood = None
    stage.annex.process.wait_line("answers again", since)
    romeo.say(juliet.bare, "two")
    juliet.hears(romeo.full, "two")
    equal(stage.first.count("two"), 1)
    take_over(stage, old)


@test("takes over other policies without a restart")
def reload(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    stage.first.verdict = {"verdict": "block"}
    old = stage.settings
    take_over(stage, f'journal = "{stage.journal}"')

    romeo.say(juliet.bare, "one")
    juliet.hears(romeo.full, "one")
    equal(stage.first.questions, [])

    take_over(stage, old)
    romeo.say(juliet.bare, "two", id="m2")
    romeo.expect("message", type="error", id="m2",
                 condition="policy-violation")


scene(POLICIES, PROFILES, own={"carbons"})
