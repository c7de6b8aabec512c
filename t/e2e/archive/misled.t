#!/usr/bin/python3
"""annex-archive beside a shim that is broken or hostile: it says so, and goes
on when the shim behaves."""
import itertools
import re
import sqlite3
import sys
import time
from contextlib import closing
sys.path.append(sys.path[0] + "/../../lib")
from attached import ANNEX, forwarded
from client import SECS
from guest import equal
from pretence import scene, test
from stage import DOMAIN

numbers = itertools.count(1)


def chat(text, attributes="type='chat'"):
    return (f"<message xmlns='jabber:client' from='romeo@{DOMAIN}/house' "
            f"to='juliet@{DOMAIN}' {attributes}><body>{text}</body>"
            "</message>")


def tap(stage, content, attributes="dir='both' origin='local'", seq=None):
    """Sends one; returns its number."""
    seq = seq or next(numbers)
    stage.router.tell(f"<tap xmlns='{ANNEX}' seq='{seq}' {attributes}>"
                      f"{content}</tap>")
    return seq


def acked(stage, seq, since):
    stage.router.wait_came(lambda word: word.element == "ack"
                           and word.get("seq") == str(seq),
                           f"the ack of {seq}", since)


def rows(stage, sql):
    with closing(sqlite3.connect(stage.database.path)) as connection:
        return connection.execute(sql).fetchall()


def bodies(stage):
    return [body for body, in rows(
        stage, "SELECT body FROM archive_message ORDER BY serial")]


def refused(stage):
    return int(re.search(r'^annex_archive_copies_total{outcome="refused"} '
                         r'(\d+)$', stage.get("/metrics")[1], re.M)[1])


def works(stage):
    """Messages are acknowledged and kept."""
    since = len(stage.router.came)
    text = f"text {next(numbers)}"
    seq = tap(stage, forwarded(chat(text)),
              f"id='x{text}' dir='both' origin='local'")
    acked(stage, seq, since)
    end = time.monotonic() + SECS
    while text not in bodies(stage):
        assert time.monotonic() < end, f"{text} is not stored"


@test("works with a shim that does as it should")
def good(stage):
    works(stage)
    stage.ready()


@test("says that there is no shim, until one says hello")
def no_hello(stage):
    with stage.unannounced():
        stage.not_ready(stage.missing)
    works(stage)
    stage.ready()


@test("says that it is not given copies")
def no_tap(stage):
    stage.router.hello(hooks="deliver fanout")
    stage.router.settle()
    stage.not_ready(f"mod_annex of {DOMAIN} does not give archive.{DOMAIN}: "
                     "tap")
    stage.router.hello()
    works(stage)
    stage.ready()


@test("acknowledges what it does not understand, and keeps none of it")
def rubbish(stage):
    before, since = bodies(stage), len(stage.router.came)
    good = "id='r1' dir='both' origin='local'"
    for attributes, content in (
            (good, ""), (good, chat("no")), (good, forwarded("")),
            (good, forwarded("<message xmlns='x'/>")),
            (good, forwarded("<presence xmlns='jabber:client'/>")),
            (good, forwarded("<message xmlns='jabber:client'><body>no</body>"
                             "</message>")),
            (good, forwarded("<message xmlns='jabber:client' from='@'>"
                             "<body>no</body></message>")),
            ("id='r1' dir='up' origin='local'", forwarded(chat("no"))),
            ("id='r1' dir='in' origin='mars'", forwarded(chat("no"))),
            ("id='r1'", forwarded(chat("no")))):
        seq = tap(stage, content, attributes)
    acked(stage, seq, since)
    equal(bodies(stage), before)
    works(stage)


# What is beyond the limits, and what is left of the body behind it.
BEYOND = {
    "deep": ("<a>" * 130 + "</a>" * 130, "behind"),
    "many": ("<a/>" * 70000, None),
    "long": ("x" * (5 << 20), None),
    "prefix": ("<a:b/>", "behind"),
    "attribute": ("<a b:c=''/>", "behind"),
}


@test("keeps of what is beyond its limits what is within, and says so")
def beyond(stage):
    counted, lines = refused(stage), stage.log_length()
    since = len(stage.router.came)
    for name, (fault, _) in BEYOND.items():
        seq = tap(stage, forwarded(chat("behind").replace(
            "<body>", fault + "<body>")),
                  f"id='beyond {name}' dir='both' origin='local'")
    acked(stage, seq, since)
    works(stage)
    equal(dict(rows(stage, "SELECT substr(uid, 8), body FROM archive_message "
                           "WHERE uid LIKE 'beyond %' AND flags = 64")),
          {name: body for name, (_, body) in BEYOND.items()})
    # Once, however many they are.
    stage.says("is not whole: elements nested", lines)
    equal(sum("is not whole" in line
              for line in stage.annex.process.lines[lines:]), 1)
    equal(refused(stage), counted)


@test("keeps nothing of a message in which nothing can be read")
def hidden(stage):
    counted, since = refused(stage), len(stage.router.came)
    seq = tap(stage, forwarded(chat("no").replace("<message", "<a:message")
                               .replace("</message", "</a:message")))
    acked(stage, seq, since)
    equal(refused(stage), counted + 1)
    works(stage)


@test("takes nothing for a copy that has no number, or is not the host's")
def forged(stage):
    before = bodies(stage)
    stage.router.tell(f"<tap xmlns='{ANNEX}' id='f1' dir='in' "
                      f"origin='local'>{forwarded(chat('no'))}</tap>")
    for sender in (f"romeo@{DOMAIN}", "elsewhere.test", f"{DOMAIN}/x"):
        stage.router.send(
            f"<message from='{sender}' to='archive.{DOMAIN}'><tap "
            f"xmlns='{ANNEX}' seq='9999' id='f2' dir='in' origin='local'>"
            f"{forwarded(chat('no'))}</tap></message>")
    works(stage)
    equal([body for body in bodies(stage) if body == "no"], [])
    assert len(bodies(stage)) == len(before) + 1, "more than that one"


@test("keeps once what comes with many numbers, by its id")
def repeated(stage):
    since = len(stage.router.came)
    for attributes in ("dir='out'", "dir='in'", "dir='out'", "dir='shown'"):
        seq = tap(stage, forwarded(chat("again and again")),
                  f"id='same' origin='local' {attributes}")
    acked(stage, seq, since)
    works(stage)
    equal(bodies(stage).count("again and again"), 1)


@test("says how many copies never came")
def gaps(stage):
    works(stage)
    since, lines = len(stage.router.came), stage.log_length()
    for _ in range(3):
        next(numbers)
    seq = tap(stage, forwarded(chat("behind the gap")),
              "id='gap' dir='both' origin='local' lost='2'")
    acked(stage, seq, since)
    stage.says("3 copies of messages of " + DOMAIN + " did not come", lines)
    stage.says("the router lost 2 copies of messages of " + DOMAIN, lines)
    works(stage)


@test("keeps a message of 200,000 characters, and one of strange ones")
def large(stage):
    since = len(stage.router.came)
    texts = ["x" * 200000, "\U0001f600 \u0000".replace("\u0000", "")
             + "&lt;&amp;&gt;'\" \\ $1 ?1 {} []"]
    for text in texts:
        seq = tap(stage, forwarded(chat(text)),
                  f"id='l{next(numbers)}' dir='both' origin='local'")
    acked(stage, seq, since)
    works(stage)
    found = bodies(stage)
    assert texts[0] in found, "the long one"
    assert "\U0001f600 <&>'\" \\ $1 ?1 {} []" in found, "the strange one"


scene("archive", 'journal = "archive.journal"')
