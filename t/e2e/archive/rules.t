#!/usr/bin/python3
"""Policies that judge by rules of the configuration, before they ask a server
and without one."""
import json
import os
import subprocess
import sys
sys.path.append(sys.path[0] + "/../../lib")
from annex import program  # noqa: E402
from asked import ask, noted, run  # noqa: E402
from guest import equal  # noqa: E402
from judging import scene, test  # noqa: E402
from stage import DOMAIN  # noqa: E402

POLICIES = """
group "traders" { users = { "romeo@%(domain)s" } }
group "analysts" { users = { "juliet@%(domain)s" } }
rule "wall" {
    between = { "group traders", "group analysts" }
    notice = "There is a wall."
}
rule "words" {
    words = { "project x" }
    patterns = { "\\\\d{4}" }
    notice = "Not that."
    condition = "not-allowed"
}
rule "slow" { patterns = { "(aa+)+$" } }
rule "programs" { files = { "*.exe" } notice = "No programs." }
rule "links" { links = { "*.evil.test", "*.b\u00f6se.test" } verdict = hold }
rule "replaced" { words = { "damn" } verdict = replace text = "..." }
rule "outside" { to = { "outside" } silent = yes }
rule "flood" {
    words = { "flood" }
    rate = 3
    rate_period = 1h
    condition = "resource-constraint"
    notice = "Slowly."
}
rule "signed" {
    from = { "user nurse@%(domain)s" }
    verdict = append
    text = "Signed."
}
policy "default" {
    rules = { "wall", "words", "slow", "programs", "links", "replaced",
              "outside", "flood", "signed" }
    notice = "Ask the office."
    timeout = 8s
}
policy "asking" {
    rules = { "words", "signed" }
    servers = { "{first}" } {tls}
    timeout = 4s
}
""" % {"domain": DOMAIN}
PROFILES = {
    "timeout": 9, "fail": "closed",
    "profiles": [
        {"name": "asking", "users": ["nurse"]},
        {"name": "other", "namespaces": ["urn:xmpp:jingle:1"]}]}
JINGLE = ("<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' "
          "sid='s1'><content creator='initiator' name='c'><description "
          "xmlns='urn:xmpp:jingle:apps:file-transfer:5'><file><name>%s"
          "</name></file></description></content></jingle>")

ADDRESSES = ("<addresses xmlns='http://jabber.org/protocol/address'>"
             "<address type='to' jid='%s'/><address type='bcc' jid='%s'/>"
             "</addresses>")
LINK = "<x xmlns='jabber:x:oob'><url>%s</url></x>"
BODILESS = [
    "<subject>%s</subject>",
    "<html xmlns='http://jabber.org/protocol/xhtml-im'><body "
    "xmlns='http://www.w3.org/1999/xhtml'><p>%s</p></body></html>",
    "<x xmlns='jabber:x:oob'><url>https://x.test/</url><desc>%s</desc></x>",
    "<x xmlns='jabber:x:conference' jid='hall@x.test' reason='%s'/>"]


def begin(stage, *names):
    stage.renew()
    return stage.users(*names)


def refused(user, id, condition, text, kind="message"):
    """The user is told why that did not go on."""
    error = user.expect(kind, type="error", id=id, condition=condition)
    equal(error.text("c:error/stanzas:text"), text)


@test("keeps groups apart, and nobody else")
def wall(stage):
    romeo, juliet, tybalt = begin(stage, "romeo", "juliet", "tybalt")

    romeo.say(juliet.bare, "over", id="m1")
    refused(romeo, "m1", "policy-violation", "There is a wall.")
    juliet.say(romeo.bare, "back", id="m2")
    refused(juliet, "m2", "policy-violation", "There is a wall.")
    romeo.send(f"<presence to='{juliet.bare}' type='subscribe' id='p1'/>")
    refused(romeo, "p1", "policy-violation", "There is a wall.", "presence")
    romeo.say(tybalt.bare, "aside")
    tybalt.hears(romeo.full, "aside")
    tybalt.say(juliet.bare, "aside")
    juliet.hears(tybalt.full, "aside")

    equal((stage.verdicts("blocked"), stage.verdicts("allowed")), (3, 2))


@test("blocks words and patterns together, in every language")
def words(stage):
    tybalt, juliet = begin(stage, "tybalt", "juliet")

    tybalt.message(juliet.bare, "<body>none</body><body xml:lang='de'>"
                   "Project\nX: 1234</body>", id="m1")
    refused(tybalt, "m1", "not-allowed", "Not that.")
    tybalt.say(juliet.bare, "\u202epro\u00adj\uff45ct X 1\u200b234", id="m2")
    refused(tybalt, "m2", "not-allowed", "Not that.")
    for text in ("projects x 1234", "Project X"):
        tybalt.say(juliet.bare, text)
        juliet.hears(tybalt.full, text)


@test("judges what goes to addresses that the router alone knows")
def addresses(stage):
    tybalt, juliet = begin(stage, "tybalt", "juliet")

    # Each router has an own library for these letters.
    letters = ("\u200b" if os.environ.get("ROUTER") == "ejabberd"
               else "\u05d0\u17b4\u05d0")
    for number, to in enumerate((f"{juliet.bare}/{letters}",
                                 "bob@xn--i-7iq.test")):
        tybalt.say(to, "project x 1234", id=f"m{number}")
        refused(tybalt, f"m{number}", "not-allowed", "Not that.")
    tybalt.say(f"{juliet.bare}/{letters}", "to letters")
    juliet.expect("message", sender=tybalt.full, body="to letters")
    stage.wait_body("to letters")


@test("lets nothing go on that cannot be read whole")
def deep(stage):
    tybalt, juliet = begin(stage, "tybalt", "juliet")

    tybalt.message(juliet.bare, "<body>deep</body>"
                   + "<a xmlns='urn:x'>" * 130 + "</a>" * 130, id="m1")

    refused(tybalt, "m1", "not-acceptable", "Ask the office.")
    equal(stage.verdicts("failed_closed"), 1)
    # Prosody takes no such request from a client.
    if os.environ.get("ROUTER") == "ejabberd":
        tybalt.send(f"<iq type='set' id='i1' to='{juliet.full}'>"
                    f"{JINGLE % 'a.png'}<y xmlns='urn:y'/></iq>")
        refused(tybalt, "i1", "not-acceptable", "Ask the office.", "iq")


@test("sees what is said without a body, in a room's subject as well")
def bodiless(stage):
    tybalt, juliet = begin(stage, "tybalt", "juliet")

    for number, content in enumerate(BODILESS):
        tybalt.message(juliet.bare, content % "project x 1234",
                       id=f"m{number}")
        refused(tybalt, f"m{number}", "not-allowed", "Not that.")
        tybalt.message(juliet.full, content % "project x")
        juliet.expect("message", sender=tybalt.full, body=None)
    tybalt.message("hall@far.test", BODILESS[0] % "project x 1234",
                   type="groupchat", id="g1")
    refused(tybalt, "g1", "not-allowed", "Not that.")


@test("gives up a pattern that takes too long, as the policy says")
def slow(stage):
    tybalt, juliet = begin(stage, "tybalt", "juliet")

    tybalt.say(juliet.bare, "a" * 5001 + "b", id="m1")

    refused(tybalt, "m1", "resource-constraint", "Ask the office.")
    equal(stage.verdicts("failed_closed"), 1)
    tybalt.say(juliet.bare, "ab")
    juliet.hears(tybalt.full, "ab")


@test("blocks programs, be they a link, a file or an offer of one")
def programs(stage):
    tybalt, juliet = begin(stage, "tybalt", "juliet")

    tybalt.message(juliet.bare, "<body>https://up.test/1/A.EXE</body>"
                   "<x xmlns='jabber:x:oob'><url>https://up.test/1/A.EXE"
                   "</url></x>", id="m1")
    refused(tybalt, "m1", "policy-violation", "No programs.")
    tybalt.message(juliet.bare, LINK % "https://up.test/b%2eexe%20.", id="m2")
    refused(tybalt, "m2", "policy-violation", "No programs.")
    tybalt.send(f"<iq type='set' id='i1' to='{juliet.full}'>"
                f"{JINGLE % 'b.exe'}</iq>")
    refused(tybalt, "i1", "policy-violation", "No programs.", "iq")
    tybalt.send(f"<iq type='set' id='i2' to='{juliet.full}'>"
                f"{JINGLE % 'b.png'}</iq>")
    juliet.pick(lambda word: word.kind == "iq" and word.id == "i2",
                "the offer")


@test("holds links for review")
def links(stage):
    tybalt, juliet = begin(stage, "tybalt", "juliet")

    tybalt.say(juliet.bare, "see http://www.EVIL.test/")
    tybalt.say(juliet.bare, "see https://a.xn--bse-sna.test./")

    stage.wait_rows("SELECT count(*), max(waits) FROM archive_held",
                    [("2", "")])
    uid, = stage.ask("SELECT uid FROM archive_held "
                     "WHERE stanza LIKE '%EVIL%'")[0]
    subprocess.run([program("annexctl"), "-f", stage.folder, "archive",
                    "release", uid], check=True, timeout=30)
    juliet.hears(tybalt.full, "see http://www.EVIL.test/")
    equal(stage.verdicts("held"), 2)


@test("replaces what was said")
def replaced(stage):
    tybalt, juliet = begin(stage, "tybalt", "juliet")

    tybalt.message(juliet.bare, "<subject>damn</subject><body>a</body>",
                   id="m1")

    came = juliet.hears(tybalt.full, "...", id="m1")
    assert "damn" not in f"{came}", f"{came}"
    tybalt.message(juliet.bare, "<subject>damn</subject>", id="m2")
    came = juliet.hears(tybalt.full, "...", id="m2")
    assert "damn" not in f"{came}", f"{came}"


@test("looks at all to whom a multicast service sends it")
def addressed(stage):
    romeo, juliet, tybalt = begin(stage, "romeo", "juliet", "tybalt")
    service = f"multicast.{DOMAIN}"

    romeo.message(service, "<body>over</body>"
                  + ADDRESSES % (tybalt.bare, juliet.bare), id="m1")
    refused(romeo, "m1", "policy-violation", "There is a wall.")
    tybalt.message(service, "<body>out</body>"
                   + ADDRESSES % (romeo.bare, "x@far.test"), id="m2")
    tybalt.say(juliet.bare, "in")
    juliet.hears(tybalt.full, "in")
    tybalt.settle()
    tybalt.silent()

    equal(stage.verdicts("blocked"), 2)


@test("lets nothing out, and tells nobody")
def outside(stage):
    tybalt, juliet = begin(stage, "tybalt", "juliet")

    tybalt.say("x@far.test", "out")
    tybalt.say(juliet.bare, "in")

    juliet.hears(tybalt.full, "in")
    tybalt.settle()
    tybalt.silent()
    equal(stage.verdicts("blocked"), 1)


@test("lets nobody say too much at once")
def flood(stage):
    tybalt, juliet, paris = begin(stage, "tybalt", "juliet", "paris")

    for number in range(5):
        tybalt.say(juliet.bare, f"flood {number}", id=f"m{number}")
        if number < 3:
            juliet.hears(tybalt.full, f"flood {number}")
        else:
            refused(tybalt, f"m{number}", "resource-constraint", "Slowly.")
    paris.say(juliet.bare, "flood too")
    juliet.hears(paris.full, "flood too")


@test("asks a server about what the rules leave open, and adds to it")
def asking(stage):
    nurse, juliet = begin(stage, "nurse", "juliet")

    nurse.say(juliet.bare, "project x 1234", id="m1")
    refused(nurse, "m1", "not-allowed", "Not that.")
    nurse.say(juliet.bare, "one")
    juliet.hears(nurse.full, "one\nSigned.")
    stage.first.verdict = {"verdict": "modify", "append": "Seen."}
    nurse.say(juliet.bare, "two")
    juliet.hears(nurse.full, "two\nSeen.\nSigned.")
    stage.first.verdict = {"verdict": "block", "notice": "No."}
    nurse.say(juliet.bare, "three", id="m2")
    refused(nurse, "m2", "policy-violation", "No.")

    equal([asked["body"] for asked in stage.first.questions],
          ["one", "two", "three"])
    stage.wait_body("two\nSeen.\nSigned.")


@test("tries rules with what is archived, and does nothing")
def tried(stage):
    tybalt, juliet = begin(stage, "tybalt", "juliet")
    for text in ("the first apple 1234", "the second apple 5678",
                 "a pear"):
        tybalt.say(juliet.bare, text)
        stage.wait_body(text)
    path = os.path.join(stage.folder, "new.conf")
    with open(stage.annex.path) as file, open(path, "w") as other:
        other.write(file.read().replace("project x", "apple"))
    fields = "--policy", "default", "--text", "the", "--config", path

    rows = ask(stage, "policy", "test", *fields, "--show", "1",
               says="tried: 2.\n")
    equal((rows[0]["rule"], rows[0]["verdict"], rows[0]["text"]),
          ("words", "block", "the first apple 1234"))
    equal((rows[0]["from"], rows[0]["to"]), (tybalt.full, juliet.bare))
    counts = {row["rule"]: row["messages"] for row in rows[1:]}
    equal((counts["words"], counts["wall"], counts[None]), (2, 0, 0))
    rows = ask(stage, "policy", "test", *fields[:-2])
    equal([row["messages"] for row in rows if row["verdict"] == "open"],
          [2])
    row = noted(stage)
    equal((row["action"], json.loads(row["detail"])["policy"]),
          ("policy", "default"))
    done = run(stage, "policy", "test", "--config", path + "x")
    equal(done.returncode, 1)
    assert "No such file" in done.stderr, done.stderr
    tybalt.say(juliet.bare, "one more apple")
    juliet.expect("message", sender=tybalt.full)


@test("says how many rules there are")
def status(stage):
    begin(stage)
    equal([line for line in stage.status("policy")],
          ['"default": 9 rules, 0 of 0 servers work',
           '"asking": 2 rules, 1 of 1 servers work'])


scene(POLICIES, PROFILES)
