#!/usr/bin/python3
"""The router's own archive (XEP-0313) beside annex-offline."""
import signal
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from mail import Reader, arrive, scene, test
from stage import DOMAIN

MAM = "urn:xmpp:mam:2"
RESULT = f"{{{MAM}}}result"
SET = "http://jabber.org/protocol/rsm"
# Before it was stored, or after.
GIVEN_UP = ("refused", "withdrawn")


class Archived:
    """What an archive has of a message."""

    def __init__(self, word):
        self.id = word.attribute(RESULT, "id")
        self.ours = [element.get("id") for element in word.find_all(
            f"{RESULT}/forward:forwarded/c:message/sid:stanza-id")
            if element.get("by") == DOMAIN]
        self.body = word.text(f"{RESULT}/forward:forwarded/c:message/c:body")


def catch_up(user, after=None):
    """What came into the user's archive, after an id."""
    since = f"<set xmlns='{SET}'><after>{after}</after></set>" if after else ""
    succeeds(user.ask("set", None, f"<query xmlns='{MAM}'>{since}</query>"))
    found = [word for word in user.inbox if word.has(RESULT)]
    user.inbox = [word for word in user.inbox if not word.has(RESULT)]
    return [Archived(word) for word in found]


def ids(message):
    """Those of a message by whom they are."""
    given = {}
    for element in message.find_all("sid:stanza-id"):
        assert element.get("by") not in given, f"{message}"
        given[element.get("by")] = element.get("id")
    return given


def keep_nothing(user):
    """Tells the archive so."""
    user.login()
    succeeds(user.ask("set", None, f"<prefs xmlns='{MAM}' default='never'>"
                      "<always/><never/></prefs>"))
    user.logout()


def arrive_again(user):
    """Somebody who is there, but was not available."""
    user.send("<presence/>")
    return Reader(user)


def expect_both(archived, messages):
    """The same messages, once each, and known by the same ids."""
    equal([message.body for message in messages],
          [copy.body for copy in archived])
    for copy, message in zip(archived, messages):
        given = ids(message)
        equal(given.pop(message.to.split("/")[0]), copy.id)
        equal(list(given), [DOMAIN])
        assert copy.ours in ([], [given[DOMAIN]]), copy.ours


@test("delivers once what a client has found in the archive by the same id")
def first_the_archive(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one", "two", "three")
    juliet.login(presence=None)

    archived = catch_up(juliet)
    reader = arrive_again(juliet)
    messages = reader.messages(3)

    equal([copy.body for copy in archived], ["one", "two", "three"])
    expect_both(archived, messages)
    reader.nothing(stage)
    equal([copy.id for copy in catch_up(juliet)],
          [copy.id for copy in archived])


@test("leaves nothing in the archive after the last that it delivered")
def first_the_mail(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, "one", "two")
    reader = arrive(juliet)
    messages = reader.messages(2)

    last = ids(messages[1])[juliet.bare]

    equal(catch_up(juliet, last), [])
    expect_both(catch_up(juliet), messages)
    reader.nothing(stage)


@test("delivers to one whose archive keeps nothing")
def no_archive(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    keep_nothing(juliet)
    stage.leave(romeo, juliet, "one", "two")

    reader = arrive(juliet)
    messages = reader.messages(2)

    equal([message.body for message in messages], ["one", "two"])
    for message in messages:
        equal(list(ids(message)), [DOMAIN])
    reader.nothing(stage)
    equal(catch_up(juliet), [])


@test("delivers once what the router's store and the archive have")
def own_store(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.annex.kill()
    romeo.say(juliet.bare, "one")
    romeo.settle()
    stage.annex.start()

    reader = arrive(juliet)
    messages = reader.messages(1)

    expect_both(catch_up(juliet), messages)
    reader.nothing(stage)


@test("delivers once what the component stored too late")
def withdrawn(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    before = stage.counted(*GIVEN_UP)
    since = stage.log_length()
    stage.annex.process.child.send_signal(signal.SIGSTOP)
    romeo.say(juliet.bare, "one")
    stage.router.process.wait_line("did not answer in time", since)
    stage.annex.process.child.send_signal(signal.SIGCONT)
    stage.wait_counted(GIVEN_UP, before + 1)

    reader = arrive(juliet)
    messages = reader.messages(1)

    expect_both(catch_up(juliet), messages)
    reader.nothing(stage)


scene(own={"archive", "offline"})
