#!/usr/bin/python3
"""What operators ask by annexctl."""
import json
import os
import subprocess
import sys
sys.path.append(sys.path[0] + "/../../lib")
from annex import program
from guest import equal
from mail import arrive, scene, test
from stage import DOMAIN

COMMANDS = "http://jabber.org/protocol/commands"


def run(stage, *words):
    return subprocess.run(
        [program("annexctl"), "-f", stage.folder, "--json", "offline",
         *words], capture_output=True, text=True, timeout=30)


def ask(stage, *words, says=""):
    """The rows of a command's answer; says ends what is said besides."""
    done = run(stage, *words)
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(says), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()
            if line.startswith("{")]


@test("counts messages")
def counts(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    equal(ask(stage, "count", "--user", juliet.bare)[0]["messages"], 0)
    stage.leave(romeo, juliet, "one", "two")

    row, = ask(stage, "count", "--user", juliet.bare)

    equal((row["users"], row["messages"]), (1, 2))
    assert row["oldest"].endswith("Z")
    assert ask(stage, "count")[0]["messages"] >= 2


@test("lists users, page by page")
def lists(stage):
    romeo = stage.user("romeo")
    people = [stage.absent("list") for _ in range(3)]
    for user in people:
        stage.leave(romeo, user, "one")
    names = sorted(user.bare for user in people)

    rows = ask(stage, "list", "--after", names[0], "--limit", "2",
               says="2 users.\n")

    equal([row["user"] for row in rows], names[1:])
    equal([row["messages"] for row in rows], [1, 1])
    rows = ask(stage, "list", "--after", names[0], "--limit", "1",
               says=f"There are more: go on after {names[1]}.\n")
    equal([row["user"] for row in rows], names[1:2])


@test("shows from whom a user's messages are")
def shows(stage):
    romeo, tybalt = stage.user("romeo"), stage.user("tybalt")
    juliet = stage.absent("juliet")
    stage.leave(romeo, juliet, "one")
    stage.leave(tybalt, juliet, "two")

    rows = ask(stage, "show", juliet.bare, says="2 messages.\n")

    equal([row["sender"] for row in rows], [romeo.full, tybalt.full])


@test("exports messages whole, as JSON Lines, and leaves them")
def exports(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    texts = [str(number) for number in range(450)]
    stage.leave(romeo, juliet, *texts)

    rows = ask(stage, "export", "--user", juliet.bare,
               says="450 messages.\n")

    equal(len(rows), 450)
    for row, text in zip(rows, texts):
        equal((row["user"], row["sender"]), (juliet.bare, romeo.full))
        assert f"<body>{text}</body>" in row["stanza"], row
    equal(arrive(juliet).mail(450), texts)


@test("removes a user's messages, all or of one sender")
def purges(stage):
    romeo, tybalt = stage.user("romeo"), stage.user("tybalt")
    juliet = stage.absent("juliet")
    before = stage.counted("removed")
    stage.leave(romeo, juliet, "one", "two")
    stage.leave(tybalt, juliet, "three")

    ask(stage, "purge", juliet.bare, "--sender", romeo.bare)
    equal(stage.counted("removed"), before + 2)
    equal(ask(stage, "count", "--user", juliet.bare)[0]["messages"], 1)
    ask(stage, "purge", juliet.bare)

    arrive(juliet).nothing(stage)


@test("removes the one message that is named")
def purges_one(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one", "two", "three")
    middle = ask(stage, "show", juliet.bare)[1]["id"]

    ask(stage, "purge", juliet.bare, "--id", middle,
        says=f"Messages of {juliet.bare} removed: 1.\n")

    ask(stage, "purge", juliet.bare, "--id", middle,
        says=f"Messages of {juliet.bare} removed: 0.\n")
    equal(arrive(juliet).mail(2), ["one", "three"])


@test("takes no domain for a user")
def domains(stage):
    for words in (["show"], ["purge"], ["count", "--user"],
                  ["export", "--user"]):
        done = run(stage, *words, "romeo")
        equal((done.returncode, done.stdout), (1, ""))
        assert "user: romeo is a domain" in done.stderr, done.stderr


@test("imports for who is on the machine alone, not by XMPP")
def imports(stage):
    boss, service = stage.absent_as("boss"), f"offline.{DOMAIN}"
    boss.login()
    rows = boss.ask("get", service, "<query xmlns='http://jabber.org/"
                    f"protocol/disco#items' node='{COMMANDS}'/>")
    assert "purge" in str(rows) and "import" not in str(rows), rows

    answer = boss.ask("set", service,
                      f"<command xmlns='{COMMANDS}' node='import'/>")

    assert "item-not-found" in str(answer), answer
    done = run(stage, "import", "ejabberd", "/nowhere")
    assert "/nowhere: No such file" in done.stderr, done.stderr


scene("user_messages = 0\nsender_messages = 0\n"
      f'admins = {{ "boss@{DOMAIN}" }}')
