#!/usr/bin/python3
"""Erasing a person, by annexctl."""
import json
import subprocess
import sys
sys.path.append(sys.path[0] + "/../../lib")
from annex import program
from guest import equal
from record import MESSAGES, scene, test


PLACES = "SELECT uid, serial, stamp FROM archive_message ORDER BY serial"


def ask(stage, *words):
    """The rows of a command's answer."""
    out = subprocess.run(
        [program("annexctl"), "-f", stage.folder, "--json", "archive",
         *words], check=True, capture_output=True, text=True,
        timeout=30).stdout
    return [json.loads(line) for line in out.splitlines()
            if line.startswith("{")]


def counts(stage, user):
    """What erasing somebody says."""
    return [(row["outcome"], row.get("matter"), row["messages"])
            for row in ask(stage, "erase", user.bare)]


def addresses(stage, where):
    return stage.ask(f"SELECT s.jid, r.jid FROM {MESSAGES} WHERE {where} "
                     "ORDER BY m.serial")


def talk(stage, word, *names):
    """Two who say something to each other, and so to a third."""
    romeo, juliet, nurse = stage.users(*names)
    for who, to, text in ((romeo, juliet, "one"), (juliet, romeo, "two"),
                          (romeo, nurse, "three"), (juliet, nurse, "four")):
        who.say(to.full, f"{word} {text}")
        to.hears(who.full, f"{word} {text}")
        stage.wait_body(f"{word} {text}")
    stage.wait_rows("SELECT count(*) FROM archive_message WHERE ways = 3 "
                    f"AND body LIKE '{word} %'", [("4",)])
    return romeo, juliet, nurse


@test("removes what somebody wrote, and the address from what others did")
def erases(stage):
    romeo, juliet, nurse = talk(stage, "first", "romeo", "juliet", "nurse")
    places = stage.ask(PLACES)

    equal(counts(stage, romeo),
          [("text removed", None, 2), ("address replaced", None, 1),
           ("removed", None, 0), ("events removed", None, 0),
           ("attendance replaced", None, 0),
           ("removed before review", None, 0)])

    equal([body for body in stage.bodies() if body],
          ["first two", "first four"])
    equal(stage.ask(PLACES), places)
    equal(stage.ask("SELECT count(*) FROM archive_address "
                    f"WHERE jid = '{romeo.bare}'"), [("0",)])
    (alias, to), (same, other) = addresses(stage, "m.body IS NULL")
    assert alias == same and alias.endswith("@erased.invalid"), alias
    equal((to, other), (juliet.bare, nurse.bare))
    equal(addresses(stage, "m.body = 'first two'"), [(juliet.bare, alias)])


@test("leaves what is held, and goes on when it is held no more")
def held(stage):
    _, juliet, nurse = talk(stage, "second", "paris", "rosaline", "peter")
    ask(stage, "hold-add", "matter", nurse.bare)

    equal(counts(stage, juliet),
          [("text removed", None, 1), ("address replaced", None, 1),
           ("removed", None, 0), ("events removed", None, 0),
           ("attendance replaced", None, 0),
           ("removed before review", None, 0),
           ("held", "matter", 1)])

    equal([body for body in stage.bodies("m.body LIKE 'second %'")],
          ["second one", "second three", "second four"])
    equal(addresses(stage, "m.body = 'second four'"),
          [(juliet.bare, nurse.bare)])
    ask(stage, "hold-remove", "matter")
    stage.wait_rows("SELECT body FROM archive_message WHERE body LIKE "
                    "'second %' ORDER BY serial",
                    [("second one",), ("second three",)])
    stage.wait_rows("SELECT count(*) FROM archive_erasure", [("0",)])


scene(own={"archive"})
