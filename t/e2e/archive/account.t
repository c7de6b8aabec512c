#!/usr/bin/python3
"""Whoever has the name of an account that was removed is another."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from asked import ask
from guest import equal
from reader import MAM, query, read, scene, test


ACCOUNTS = ("SELECT count(*) FROM archive_account c JOIN archive_address a "
            "ON a.id = c.owner WHERE a.jid = '{}'")


def successor(stage, user):
    """The account goes, and somebody gets that name."""
    user.remove()
    return stage.session(user, "house")


def another(stage, user):
    """The same, when the database knows."""
    user.remove()
    stage.wait_rows(ACCOUNTS.format(user.bare), [("1",)])
    return stage.session(user, "house")


def say(sender, reader, text):
    sender.say(reader.full, text)
    reader.hears(sender.full, text)


def prefs(user):
    return user.ask("get", None, f"<prefs xmlns='{MAM}'/>").attribute(
        "mam:prefs", "default")


@test("gives who has a name next nothing of the one before")
def empty(stage):
    romeo, juliet = stage.talk("one", "two")
    before = read(juliet)
    equal(before.bodies, ["one", "two"])

    juliet = another(stage, juliet)

    page = read(juliet)
    equal((page.bodies, page.complete), ([], True))
    metadata = juliet.ask("get", None, f"<metadata xmlns='{MAM}'/>")
    assert not metadata.has("mam:metadata/mam:start"), f"{metadata}"
    say(romeo, juliet, "three")
    say(juliet, romeo, "four")
    equal(read(juliet).bodies, ["three", "four"])
    answer = juliet.ask("set", None, query(after=before.last))
    equal((answer.type, answer.condition), ("error", "item-not-found"))
    equal(read(romeo).bodies, ["one", "two", "three", "four"])


@test("shows auditors all, and when the account was removed")
def auditors(stage):
    romeo, juliet = stage.talk("one")
    juliet = another(stage, juliet)
    say(romeo, juliet, "two")
    equal(read(juliet).bodies, ["two"])

    rows = ask(stage, "search", "--participant", juliet.bare)
    events = ask(stage, "events", "--participant", juliet.bare)

    equal([row["text"] for row in rows], ["two", "one"])
    equal([(row["kind"], row["who"]) for row in events],
          [("removal", juliet.bare)])
    serials = [int(row["serial"]) for row in (*rows, *events)]
    assert serials[1] < serials[2] < serials[0], (rows, events)


@test("has nothing hold that the one before has chosen")
def choice(stage):
    juliet = stage.user("juliet")
    answer = juliet.ask("set", None, f"<prefs xmlns='{MAM}' "
                        "default='never'><always/><never/></prefs>")
    equal(answer.type, "result")
    equal(prefs(juliet), "never")

    juliet = another(stage, juliet)

    equal(prefs(juliet), "always")


@test("hears of it when it comes back")
def away(stage):
    romeo, juliet = stage.talk("one")
    stage.annex.stop()
    say(romeo, juliet, "two")
    juliet = successor(stage, juliet)
    say(romeo, juliet, "later")

    stage.begin()

    stage.wait_body("later")
    equal(read(stage.session(juliet, "garden")).bodies, ["later"])
    equal(read(stage.session(romeo, "orchard")).bodies,
          ["one", "two", "later"])


@test("begins anew by a command, where nobody tells of it")
def closed(stage):
    romeo, juliet = stage.talk("one")
    ask(stage, "close", juliet.bare,
        says=f"The archive of {juliet.bare} begins anew.\n")
    equal(read(juliet).bodies, [])
    say(romeo, juliet, "two")
    equal(read(juliet).bodies, ["two"])
    equal(read(romeo).bodies, ["one", "two"])


@test("knows it still after a restart")
def restart(stage):
    romeo, juliet = stage.talk("one")
    juliet = another(stage, juliet)
    equal(read(juliet).bodies, [])
    stage.annex.kill()

    stage.begin()

    equal(read(stage.session(juliet, "garden")).bodies, [])


scene("preferences = yes")
