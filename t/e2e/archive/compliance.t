#!/usr/bin/python3
"""Messages that are kept whatever anybody asks, for auditors alone."""
import json
import sys
sys.path.append(sys.path[0] + "/../../lib")
from asked import ask
from guest import equal
from reader import MAM, read, scene, test
from stage import DOMAIN

NO_STORE = "<no-store xmlns='urn:xmpp:hints'/>"
STATE = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
RETRACT = "urn:xmpp:message-retract:1"


def found(stage, *people):
    """What an auditor finds of them, the oldest first."""
    return [row["text"] for row in reversed(
        ask(stage, "search", "--participant", people[0].bare, "--with",
            people[1].bare))]


def say(stage, sender, reader, text, content="", **how):
    sender.message(reader.full, f"<body>{text}</body>{content}", **how)
    reader.next()
    return stage.wait_body(text)


@test("keeps what is not to be stored, and shows it to no user")
def hints(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    say(stage, romeo, juliet, "one of hints")
    say(stage, romeo, juliet, "two of hints", NO_STORE)
    say(stage, juliet, romeo, "three of hints", NO_STORE)
    romeo.message(juliet.full, STATE + NO_STORE)
    say(stage, romeo, juliet, "four of hints")

    for user in romeo, juliet:
        equal(read(user).bodies, ["one of hints", "four of hints"])
    equal(found(stage, romeo, juliet),
          ["one of hints", "two of hints", "three of hints",
           "four of hints"])
    equal(stage.ask("SELECT DISTINCT ways FROM archive_message "
                    "WHERE body LIKE 't% of hints'"), [("24",)])


@test("keeps headlines")
def types(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    say(stage, romeo, juliet, "news of types", type="headline")

    equal(read(juliet).bodies, [])
    equal(found(stage, romeo, juliet), ["news of types"])


@test("keeps what users have chosen not to have")
def choices(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    for user in romeo, juliet:
        user.ask("set", None, f"<prefs xmlns='{MAM}' default='never'/>")
    say(stage, romeo, juliet, "one of choices")

    for user in romeo, juliet:
        equal(read(user).bodies, [])
    equal(found(stage, romeo, juliet), ["one of choices"])


@test("keeps what is retracted, and shows users that it was removed")
def retracted(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    say(stage, romeo, juliet, "one of retracted", id="a1")
    say(stage, romeo, juliet, "gone of retracted",
        f"<retract xmlns='{RETRACT}' id='a1'/>")

    for user in romeo, juliet:
        equal(read(user).bodies, [None, "gone of retracted"])
    equal(found(stage, romeo, juliet),
          ["one of retracted", "gone of retracted"])
    stage.wait_rows("SELECT count(*) FROM audit_entry WHERE action = "
                    f"'retracted' AND who = '{romeo.bare}' AND detail LIKE "
                    "'%\"text\":\"unseen\"%'", [("1",)])


@test("does as is asked once nobody is named")
def named(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    stage.configure_annex("preferences = yes\ncompliance \"other\" { "
                          "domains = { \"other.test\" } }")
    romeo.message(juliet.full, "<body>one of named</body>" + NO_STORE)
    juliet.next()
    say(stage, romeo, juliet, "two of named")

    equal(found(stage, romeo, juliet), ["two of named"])
    row = next(row for row in ask(stage, "audit", "list")
               if row["action"] == "configured")
    equal((row["who"], json.loads(row["detail"])),
          ("configuration", {"changes": [{
              "setting": "archive.compliance", "was": '{ "all" }',
              "is": '{ "other" }'}]}))


scene("preferences = yes\n"
      f'compliance "all" {{ domains = {{ "{DOMAIN}" }} }}',
      own={"archive"})
