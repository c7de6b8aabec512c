#!/usr/bin/python3
"""annex-muc beside a shim that is broken or hostile: talk goes on, each hears
all of it once and in order, and fanout is used again when the shim behaves."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
import itertools

from guest import equal
from pretence import scene, test
from pretender import DUMB, HANG, REFUSE
from stage import DOMAIN

NAMES = ("romeo", "juliet", "nurse", "tybalt")
MUC = "http://jabber.org/protocol/muc"
numbers = itertools.count(1)


class Garden:
    """A room that is full, with its talk."""

    def __init__(self, stage):
        self.router = stage.router
        self.room = f"garden{next(numbers)}@{stage.router.domain}"
        self.said = []
        # Nobody was in another room before.
        self.people = [f"{name}{next(numbers)}@{DOMAIN}/house"
                       for name in NAMES]
        for jid in self.people:
            self.enter(jid)

    def enter(self, jid):
        self.router.send(f"<presence from='{jid}' to='{self.room}/"
                         f"{jid.split('@')[0]}'><x xmlns='{MUC}'/>"
                         "</presence>")
        self.router.wait(lambda: any(
            110 in letter.codes for letter in self.router.letters.get(jid, ())
            if letter.kind == "presence"), f"{jid} in {self.room}")
        if jid == self.people[0]:
            self.router.ask(
                f"<query xmlns='{MUC}#owner'><x xmlns='jabber:x:data' "
                "type='submit'/></query>", jid, self.room)

    def talk(self, count):
        """Each says something in turn."""
        for _ in range(count):
            text = f"{len(self.said)}"
            self.router.send(
                f"<message from='{self.people[len(self.said) % 4]}' "
                f"to='{self.room}' type='groupchat'><body>{text}</body>"
                "</message>")
            self.said.append(text)

    def heard(self):
        """Everybody has heard all, and nothing twice."""
        for jid in self.people:
            self.router.wait_texts(jid, self.said)


def fanouts(stage, since=0):
    return sum(word.element == "fanout" for word in stage.router.came[since:])


def goes_on(stage, garden, fanout=True):
    """Talk does, by fanout or not."""
    before = fanouts(stage)
    garden.talk(8)
    garden.heard()
    equal(fanouts(stage) > before, fanout)


@test("uses a shim that does as it should")
def good(stage):
    garden = Garden(stage)
    goes_on(stage, garden)
    equal(stage.get("/readyz"), (200, "ready\n"))


@test("does without one that says nothing after the link was lost")
def no_hello(stage):
    garden = Garden(stage)
    with stage.unannounced():
        goes_on(stage, garden, False)
    goes_on(stage, garden)


@test("does without one that refuses, until it says hello anew")
def refuses(stage):
    garden = Garden(stage)
    since = stage.log_length()
    stage.router.moods["fanout"] = REFUSE
    garden.talk(40)
    stage.says("did not do it", since)
    garden.heard()

    goes_on(stage, garden, False)
    stage.router.moods.clear()
    goes_on(stage, garden, False)
    stage.router.hello(epoch="e2")
    goes_on(stage, garden)


@test("waits no longer than once for one that does not answer")
def dumb(stage):
    garden = Garden(stage)
    since = stage.log_length()
    stage.router.moods["fanout"] = DUMB

    garden.talk(60)

    stage.says("did not do it: remote-server-timeout", since)
    garden.heard()
    goes_on(stage, garden, False)
    stage.router.moods.clear()
    stage.router.hello()
    goes_on(stage, garden)


@test("waits no longer than once for one that does nothing")
def hangs(stage):
    garden = Garden(stage)
    since = stage.log_length()
    stage.router.moods["fanout"] = HANG
    for _ in range(2):      # as many as there is credit for
        stage.router.send(f"<message from='{garden.people[0]}' "
                          f"type='groupchat' to='{garden.room}'>"
                          "<body>in doubt</body></message>")
    stage.says("did not do it: remote-server-timeout", since)

    goes_on(stage, garden, False)
    stage.router.moods.clear()
    stage.router.hello()
    goes_on(stage, garden)


@test("goes on with one that was started anew")
def epoch(stage):
    garden = Garden(stage)
    goes_on(stage, garden)
    garden.talk(20)
    stage.router.hello(epoch="e3")
    garden.talk(20)
    garden.heard()
    goes_on(stage, garden)


@test("does without one that speaks a later protocol, and says so")
def later(stage):
    garden = Garden(stage)
    since = stage.log_length()
    stage.router.hello("urn:x-annex:1")
    stage.says(f"the shim of {DOMAIN} speaks urn:x-annex:1, where "
               "urn:x-annex:0 is known: going on without it", since)

    goes_on(stage, garden, False)
    stage.router.hello(version="7")
    stage.says("is newer than this program", since)
    goes_on(stage, garden)


@test("takes no notice of answers to what it did not ask")
def unknown(stage):
    garden = Garden(stage)
    asked = stage.router.wait_request("fanout")
    for id in ("", "x", "q1", asked.id, "&amp;" * 100):
        for type in ("result", "error"):
            stage.router.send(f"<iq type='{type}' id='{id}' from='{DOMAIN}' "
                              f"to='{stage.router.domain}'/>")
    stage.router.settle()
    goes_on(stage, garden)


@test("takes no answer from somebody else")
def impostor(stage):
    garden = Garden(stage)
    stage.router.settle()
    since = len(stage.router.came)

    def asked(count):
        stage.router.wait(lambda: fanouts(stage, since) >= count,
                          f"{count} requests")
        return [word for word in stage.router.came[since:]
                if word.element == "fanout"]

    stage.router.moods["fanout"] = DUMB
    garden.talk(4)
    first, second = asked(2)
    for sender in (garden.people[0], stage.router.domain, "x" + DOMAIN):
        stage.router.result(first, sender)
    stage.router.result(second)
    # One more, as there is credit for one.
    third, = asked(3)[2:]
    stage.router.moods.clear()
    stage.router.result(first)
    stage.router.result(third)
    garden.heard()
    goes_on(stage, garden)


@test("sends one by one where there is no credit at all, or nonsense")
def credit(stage):
    garden = Garden(stage)
    for credit in ("0", "-5", "many", "99999999999999999999", ""):
        stage.router.hello(credit=credit, window=credit)
        goes_on(stage, garden)


@test("sends separately what does not fit the shim")
def small(stage):
    garden = Garden(stage)
    stage.router.hello(stanza_bytes="1000")
    goes_on(stage, garden, False)
    stage.router.hello()
    goes_on(stage, garden)


@test("takes no notice of rubbish")
def rubbish(stage):
    garden = Garden(stage)
    stage.router.hello(hooks="fanout fly &lt;to&gt; " + "x" * 10000,
                       epoch="", version="new")
    for content in ("<tap xmlns='urn:x-annex:0'/>",
                    "<online xmlns='urn:x-annex:0' jid='@'/>",
                    "<dance xmlns='urn:x-annex:0'><hello/></dance>",
                    "<hello/>", "<hello xmlns='urn:x-annex:'/>"):
        stage.router.tell(content)
    equal(stage.router.ask("<store xmlns='urn:x-annex:0'/>").condition,
          "service-unavailable")
    stage.router.hello()
    goes_on(stage, garden)


@test("comes back after what is not XML")
def broken(stage):
    garden = Garden(stage)
    since = stage.log_length()
    stage.router.send("<message><hello</message>")
    stage.says("hook: ", since)
    goes_on(stage, garden)


scene("muc", """
    create = everyone
    message_rate = 1000
    message_burst = 1000
""")
