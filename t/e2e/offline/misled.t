#!/usr/bin/python3
"""annex-offline beside a shim that is broken or hostile: it says so in its
log, to /readyz and to annexctl, loses nothing, hands over nothing twice, and
goes on when the shim behaves."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
import itertools

from attached import ANNEX, forwarded
from guest import equal
from pretence import scene, test
from pretender import DO, DUMB, HANG, REFUSE
from stage import DOMAIN

numbers = itertools.count(1)


def absent():
    """Somebody nobody knew before."""
    return f"juliet{next(numbers)}@{DOMAIN}"


def leave(stage, user, *texts):
    """Messages that are stored when this returns."""
    for text in texts:
        answer = stage.router.store(user, f"m{next(numbers)}", text)
        equal((answer.type, answer.has("annex:store")), ("result", False))


def back(stage, user, session="house"):
    stage.router.online(f"{user}/{session}")
    return f"{user}/{session}"


def works(stage):
    """Messages are stored and handed over."""
    user = absent()
    leave(stage, user, "one", "two")
    stage.router.wait_texts(back(stage, user), ["one", "two"])
    gone(stage, user)


def alone(stage, text, since):
    """How often the shim was asked to hand over that one by itself."""
    return sum(word.element == "deliver" and text in str(word)
               and len(word.find_all("annex:deliver/annex:item")) == 1
               for word in stage.router.came[since:])


def gone(stage, user):
    """Nothing of it is left: the database has removed it."""
    stage.wait_stored(lambda dump: user not in dump.replace(
        f"{user}/", ""))


@test("works with a shim that does as it should")
def good(stage):
    works(stage)
    stage.ready()


@test("says that there is no shim, until one says hello")
def no_hello(stage):
    with stage.unannounced() as since:
        stage.says("hook: " + stage.missing, since)
        stage.not_ready(stage.missing)
    works(stage)
    stage.ready()


@test("says which hooks it is not given")
def hooks(stage):
    since = stage.log_length()
    stage.router.hello(hooks="deliver fanout levitate")
    why = (f"mod_annex of {DOMAIN} does not give offline.{DOMAIN}: store, "
           "presence")
    stage.says("hook: " + why, since)
    stage.not_ready(why)
    stage.router.hello()
    works(stage)
    stage.ready()


@test("says that the shim speaks a later protocol, and does without")
def later(stage):
    since = stage.log_length()
    stage.router.hello("urn:x-annex:1")
    stage.says(f"the shim of {DOMAIN} speaks urn:x-annex:1, where "
               "urn:x-annex:0 is known: going on without it", since)
    stage.not_ready(stage.missing)
    equal(stage.router.store(absent(), "m1", "one").condition,
          "service-unavailable")
    stage.router.hello(version="7")
    stage.says("is newer than this program", since)
    works(stage)
    stage.ready()


@test("tries again when the shim does not say that it handed over")
def dumb(stage):
    user, since = absent(), stage.log_length()
    leave(stage, user, "one", "two")
    stage.router.moods["deliver"] = DUMB
    juliet = back(stage, user)

    stage.says(f"messages for {juliet} were not delivered: the router did "
               "not answer", since)
    stage.router.moods.clear()
    stage.says(f"messages for {juliet} are delivered again", since)
    gone(stage, user)
    stage.router.wait_texts(juliet, ["one", "two"])


@test("tries again when the shim does nothing, or refuses")
def hangs(stage):
    for mood, why in ((HANG, "the router did not answer"),
                      (REFUSE, "service-unavailable")):
        user, since = absent(), stage.log_length()
        leave(stage, user, "one", "two")
        stage.router.moods["deliver"] = mood
        juliet = back(stage, user)

        stage.says(f"messages for {juliet} were not delivered: {why}", since)
        leave(stage, user, "three")
        stage.router.moods.clear()
        stage.router.wait_texts(juliet, ["one", "two", "three"])
        stage.says(f"messages for {juliet} are delivered again", since)
        gone(stage, user)


@test("delivers the others when the router refuses one, which stays")
def refused(stage):
    user, since = absent(), stage.log_length()
    texts = ["one", "two", "three", "four", "five"]
    leave(stage, user, *texts)
    stage.router.moods["deliver"] = \
        lambda word: "bad-request" if "three" in str(word) else DO
    juliet = back(stage, user)

    stage.router.wait_texts(juliet, ["one", "two", "four", "five"])
    stage.says(f"for {juliet} was passed over, and stays: bad-request", since)
    assert 'outcome="passed_over"} 1\n' in stage.get("/metrics")[1]
    stage.router.moods.clear()
    leave(stage, user, "six")
    stage.router.wait_texts(juliet, ["one", "two", "four", "five", "six"])
    stage.router.wait_texts(back(stage, user, "tomb"), ["three"])
    gone(stage, user)


def fetch(stage, user, condition):
    """Asks for four, of which the shim does not take the second."""
    since = stage.log_length()
    leave(stage, user, "one", "two", "three", "four")
    stage.router.moods["deliver"] = \
        lambda word: condition if "two" in str(word) else DO

    answer = stage.router.ask(
        f"<delegated xmlns='{ANNEX}'>" + forwarded(
            "<iq xmlns='jabber:client' type='get' id='q' "
            f"from='{user}/house' to='{user}'><offline "
            "xmlns='http://jabber.org/protocol/offline'><fetch/></offline>"
            "</iq>") + "</delegated>")

    stage.router.moods.clear()
    equal(answer.type, "result")
    assert condition in str(answer), answer
    equal(stage.router.texts(f"{user}/house"), ["one", "three", "four"])
    stage.says(f"for {user} cannot be shown: {condition}", since)
    assert user in stage.dump()


@test("shows who asks the others when the router refuses one (XEP-0013)")
def fetched(stage):
    fetch(stage, absent(), "bad-request")


@test("shows who asks the others when the shim fails over one (XEP-0013)")
def fetched_failing(stage):
    fetch(stage, absent(), "internal-server-error")


@test("delivers the others when the shim fails over one, which stays")
def failing(stage):
    user, since = absent(), stage.log_length()
    leave(stage, user, "one", "two", "three")
    stage.router.moods["deliver"] = \
        lambda word: "internal-server-error" if "one" in str(word) else DO
    # Only what fails after a pause counts, and another session makes that
    # short.
    before = len(stage.router.came)
    for number in range(1, 6):
        juliet = back(stage, user, f"place{number}")
        stage.router.wait(lambda: alone(stage, "one", before) > number,
                          "the end of a pause")

    stage.router.wait_texts(juliet, ["two", "three"])
    stage.says(f"for {juliet} was passed over, and stays: "
               "internal-server-error", since)
    stage.router.moods.clear()
    stage.router.wait_texts(back(stage, user, "tomb"), ["one"])
    gone(stage, user)


@test("stores, whatever becomes of its own requests to be asked")
def undelegated(stage):
    for mood, why in ((REFUSE, "service-unavailable"),
                      (HANG, "the router did not answer")):
        since = stage.log_length()
        stage.router.moods["delegate"] = mood
        stage.router.hello()
        works(stage)
        stage.says("the router does not have requests for offline messages "
                   f"answered here: {why}", since)
        stage.router.moods.clear()
    stage.router.hello()


@test("asks who is there of a shim that was started anew")
def epoch(stage):
    user = absent()
    session = back(stage, user)
    stage.router.hello(epoch="e2")
    leave(stage, user, "one")
    stage.router.settle()
    equal(stage.router.texts(session), [])
    stage.router.wait_texts(back(stage, user, "tomb"), ["one"])
    gone(stage, user)


@test("takes no notice of answers to what it did not ask")
def unknown(stage):
    user = absent()
    leave(stage, user, "one")
    stage.router.moods["deliver"] = HANG
    since = len(stage.router.came)
    juliet = back(stage, user)
    asked = stage.router.wait_request("deliver", since)
    for sender in (juliet, user, f"offline.{DOMAIN}", "x" + DOMAIN):
        stage.router.result(asked, sender)
    for id in ("", "x", "&amp;" * 100):
        for type in ("result", "error"):
            stage.router.send(f"<iq type='{type}' id='{id}' from='{DOMAIN}' "
                              f"to='{stage.router.domain}'/>")
    stage.router.settle()
    assert user in stage.dump()

    stage.router.moods.clear()
    stage.router.wait_texts(juliet, ["one"])
    gone(stage, user)


@test("refuses what is no message to store, and stores nothing of it")
def rubbish(stage):
    user = absent()
    message = (f"<message xmlns='jabber:client' from='romeo@{DOMAIN}' "
               f"to='{user}'><body>one</body></message>")
    for attributes, content in (
            (f"user='{user}'", forwarded(message)),
            ("id='x1'", forwarded(message)),
            ("id='x1' user='@'", forwarded(message)),
            ("id='x1' user='juliet@elsewhere.test'", forwarded(message)),
            (f"id='x1' user='{DOMAIN}'", forwarded(message)),
            (f"id='x1' user='{user}'", ""),
            (f"id='x1' user='{user}'", message),
            (f"id='x1' user='{user}'", forwarded("")),
            (f"id='x1' user='{user}'", forwarded("<message xmlns='x'/>"))):
        answer = stage.router.ask(f"<store xmlns='{ANNEX}' {attributes}>"
                                  f"{content}</store>")
        equal((attributes, content, answer.type), (attributes, content,
                                                   "error"))
    for content in ("<online xmlns='urn:x-annex:0' jid='@'/>",
                    f"<online xmlns='urn:x-annex:0' jid='{user}/x'/>",
                    "<offline xmlns='urn:x-annex:0'/>",
                    "<withdraw xmlns='urn:x-annex:0'>x</withdraw>",
                    "<dance xmlns='urn:x-annex:0'/>"):
        stage.router.tell(content)
    stage.router.settle()
    assert user not in stage.dump()
    works(stage)
    stage.ready()


@test("believes nobody but the host")
def forged(stage):
    user = absent()
    leave(stage, user, "one")
    for sender in (user, "elsewhere.test", f"{DOMAIN}/x"):
        stage.router.send(
            f"<message from='{sender}' to='offline.{DOMAIN}'><online "
            f"xmlns='{ANNEX}' jid='{user}/house'><presence "
            f"xmlns='jabber:client' from='{user}/house'/></online></message>")
        equal(stage.router.ask(f"<store xmlns='{ANNEX}' id='x' user='{user}'/>",
                               sender).condition, "service-unavailable")
    stage.router.settle()
    equal(stage.router.texts(f"{user}/house"), [])
    stage.router.wait_texts(back(stage, user), ["one"])


@test("says that the link is lost, and comes back after what is not XML")
def broken(stage):
    user, since = absent(), stage.log_length()
    leave(stage, user, "one")
    stage.router.send("<message><hello</message>")
    stage.says("router: the router sent not XML", since)
    stage.says("has for us", since)
    stage.router.wait_texts(back(stage, user), ["one"])
    works(stage)
    stage.ready()


scene("offline")
