#!/usr/bin/python3
"""PROTOCOL 4: copies of messages."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import both_ways
from guest import equal, succeeds
from shim import scene, test
from stage import DOMAIN

WINDOW = 5
SHIM = {"archive": {"hooks": ["tap"], "window": WINDOW,
                    "window_bytes": 40000, "spool": 450000},
        "gate": {"hooks": ["fanout"]}}
OWN = {"archive", "blocking", "carbons", "offline", "resumption"}
BLOCKING = "<{0} xmlns='urn:xmpp:blocking'><item jid='{1}'/></{0}>"
GATE = f"servant@gate.{DOMAIN}"


class Reader:
    """Reads what an archive is sent, and acknowledges it."""

    def __init__(self, stage):
        self.archive = stage.component("archive")
        self.seq = None

    def next(self, **wanted):
        tap = self.archive.told("tap", **wanted)
        seq = int(tap.get("seq"))
        assert self.seq in (None, seq - 1), f"after {self.seq}: {tap}"
        self.seq = seq
        self.archive.ack(seq)
        return tap

    def both(self):
        """The out and the in of what one user here wrote to another."""
        return both_ways(self.next)

    def bodies(self, count):
        return [self.next().inner.body for _ in range(count)]

    def catch_up(self):
        """Takes what is left from before."""
        self.archive.settle()
        while self.archive.inbox:
            self.next()
            self.archive.settle()
        return self

    def silent(self):
        self.archive.settle()
        self.archive.silent()


def reader(stage):
    return Reader(stage).catch_up()


def send_all(who, to, first, last):
    """Sends messages in one write."""
    who.send("".join(f"<message to='{to}' type='chat'><body>{number}</body>"
                     "</message>" for number in range(first, last + 1)))
    who.settle()


def numbers(first, last):
    return [str(number) for number in range(first, last + 1)]


@test("copies a message once for each direction")
def directions(stage):
    taps, (romeo, juliet) = reader(stage), stage.users("romeo", "juliet")

    romeo.say(juliet.bare, "one", id="m1")

    for tap in taps.both():
        equal((tap.get("origin"), tap.get("lost")), ("local", None))
        assert tap.stamp, f"{tap}"
        equal((tap.sender, tap.inner.sender, tap.inner.to),
              (DOMAIN, romeo.full, juliet.bare))
        equal((tap.inner.id, tap.inner.type, tap.inner.body),
              ("m1", "chat", "one"))
    juliet.hears(romeo.full, "one")
    taps.silent()


@test("puts the id into what is delivered, beside the archive's own")
def stamped(stage):
    taps, (romeo, juliet) = reader(stage), stage.users("romeo", "juliet")

    romeo.message(juliet.bare, "<body>one</body>" + "".join(
        f"<stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='forged'/>"
        for by in (juliet.bare, DOMAIN)))

    id = taps.both()[0].get("id")
    given = {element.get("by"): element.get("id") for element in
             juliet.hears(romeo.full, "one").find_all("sid:stanza-id")}
    equal(given.pop(DOMAIN), id)
    equal(list(given), [juliet.bare])
    assert given[juliet.bare] not in (id, "forged")


@test("copies what comes from and goes to a component")
def component(stage):
    taps, (juliet,) = reader(stage), stage.users("juliet")
    gate = stage.component("gate")

    gate.send(f"<message from='{GATE}' to='{juliet.bare}' type='chat'>"
              "<body>one</body></message>")
    equal(taps.next(dir="in", origin="component").inner.body, "one")
    juliet.say(GATE, "two")
    equal(taps.next(dir="out", origin="local").inner.body, "two")
    taps.silent()


@test("copies messages of any type, with or without a body")
def kinds(stage):
    taps, (romeo, juliet) = reader(stage), stage.users("romeo", "juliet")

    for type, content in (
            ("headline", "<body>x</body>"), ("groupchat", "<body>x</body>"),
            (None, "<subject>x</subject>"),
            ("chat", "<composing xmlns='http://jabber.org/protocol/"
                     "chatstates'/>"),
            ("chat", "<received xmlns='urn:xmpp:receipts' id='1'/>"),
            ("chat", "<encrypted xmlns='urn:xmpp:omemo:2'/>"),
            ("error", "<error type='cancel'><gone xmlns='urn:ietf:params:"
                      "xml:ns:xmpp-stanzas'/></error>")):
        romeo.message(juliet.full, content, type=type)
        for tap in taps.both():
            equal(tap.inner.type, type)
            assert tap.inner.find("*") is not None, f"{tap}"
    taps.silent()


@test("copies what is for somebody who is away")
def absent(stage):
    taps, romeo = reader(stage), stage.user("romeo")
    stage.user("mercutio").logout()

    romeo.say(f"mercutio@{DOMAIN}", "one")

    taps.both()
    taps.silent()


@test("copies what somebody sends to the own account, in both directions")
def oneself(stage):
    taps, romeo = reader(stage), stage.user("romeo")

    romeo.say(romeo.bare, "one")

    for tap in taps.both():
        equal((tap.inner.sender, tap.inner.to), (romeo.full, romeo.bare))
    taps.silent()


@test("copies nothing that somebody has blocked (XEP-0191)")
def blocked(stage):
    taps, (romeo, juliet) = reader(stage), stage.users("romeo", "juliet")
    succeeds(juliet.ask("set", None, BLOCKING.format("block", romeo.bare)))

    juliet.say(romeo.bare, "one")
    juliet.settle()
    taps.silent()
    for to in (juliet.bare, juliet.full):
        romeo.say(to, "two")
        taps.next(dir="out")
        romeo.settle()
        taps.silent()

    succeeds(juliet.ask("set", None, BLOCKING.format("unblock", romeo.bare)))
    romeo.say(juliet.bare, "three")
    for tap in taps.both():
        equal(tap.inner.body, "three")


@test("copies nothing that is for somebody without an account")
def nobody(stage):
    taps, romeo = reader(stage), stage.user("romeo")

    romeo.say(f"nobody@{DOMAIN}", "one")

    taps.next(dir="out")
    taps.silent()


@test("copies neither carbons nor fan-outs nor what is the component's own")
def neither(stage):
    taps, (romeo, juliet) = reader(stage), stage.users("romeo", "juliet")
    gate = stage.component("gate")
    phone = stage.user("juliet", "phone")
    succeeds(phone.ask("set", None, "<enable xmlns='urn:xmpp:carbons:2'/>"))

    for kind in ("groupchat", "chat"):
        gate.fanout([juliet.full], f"<message xmlns='jabber:client' from='"
                    f"{GATE}' type='{kind}'><body>one</body></message>")
    romeo.say(taps.archive.domain, "two")
    equal(taps.archive.next().body, "two")
    taps.archive.send(f"<message from='{taps.archive.domain}' to='"
                      f"{juliet.full}'><body>three</body></message>")
    romeo.say(juliet.full, "four")

    equal(taps.both()[0].inner.body, "four")
    taps.silent()


@test("copies once what a resumed session is sent again (XEP-0198)")
def resumed(stage):
    taps, (romeo, juliet) = reader(stage), stage.users("romeo", "juliet")
    juliet.manage()
    romeo.say(juliet.full, "one")
    taps.both()
    juliet.hears(romeo.full, "one")
    juliet.vanish()

    juliet.resume(0)

    juliet.hears(romeo.full, "one")
    taps.silent()


@test("sends no more than the window without an acknowledgement")
def window(stage):
    taps, romeo = reader(stage), stage.user("romeo")
    archive = taps.archive

    send_all(romeo, GATE, 1, 20)

    archive.settle()
    first = [archive.told("tap") for _ in range(WINDOW)]
    archive.silent()
    equal([tap.inner.body for tap in first], numbers(1, WINDOW))
    archive.ack(int(first[1].get("seq")))
    for number in numbers(WINDOW + 1, WINDOW + 2):
        equal(archive.told("tap").inner.body, number)
    archive.settle()
    archive.silent()
    taps.seq = int(first[-1].get("seq")) + 2
    archive.ack(taps.seq)
    equal(taps.bodies(13), numbers(8, 20))


BIG = "<big xmlns='urn:x'>" + "x" * 15000 + "</big>"


@test("sends no more bytes than that, and one tap, and keeps the order")
def window_bytes(stage):
    taps, romeo = reader(stage), stage.user("romeo")
    archive = taps.archive
    for number in range(1, 8):
        romeo.message(GATE, f"<body>{number}</body>{BIG}")
    romeo.say(GATE, "8")
    romeo.settle()
    for _ in range(2):
        archive.settle()

    first = [archive.told("tap") for _ in range(3)]
    archive.silent()
    equal([tap.inner.body for tap in first], numbers(1, 3))
    archive.ack(int(first[0].get("seq")))
    equal(archive.told("tap").inner.body, "4")
    archive.settle()
    archive.silent()
    taps.seq = int(first[-1].get("seq")) + 1
    archive.ack(taps.seq)
    equal(taps.bodies(4), numbers(5, 8))
    taps.silent()


@test("sends again what was not acknowledged, with its number")
def again(stage):
    taps, romeo = reader(stage), stage.user("romeo")
    send_all(romeo, GATE, 1, 3)
    first = taps.next()
    before = [taps.archive.told("tap") for _ in range(2)]
    taps.archive.settle()

    taps = Reader(stage)

    for tap in before:
        now = taps.next(id=tap.get("id"), seq=tap.get("seq"))
        assert int(now.get("seq")) > int(first.get("seq"))
    taps.silent()


@test("keeps what comes while the component is away, more than in memory")
def away(stage):
    taps, romeo = reader(stage), stage.user("romeo")
    taps.archive.vanish()
    send_all(romeo, GATE, 1, 100)

    taps = Reader(stage)
    equal(taps.bodies(50), numbers(1, 50))
    send_all(romeo, GATE, 101, 120)

    equal(taps.bodies(70), numbers(51, 120))
    taps.silent()


@test("takes two hundred messages in one write")
def pipelined(stage):
    taps, (romeo, juliet) = reader(stage), stage.users("romeo", "juliet")

    send_all(romeo, juliet.full, 1, 200)

    for number in numbers(1, 200):
        juliet.hears(romeo.full, number)
        for tap in taps.both():
            equal(tap.inner.body, number)
    taps.silent()


@test("puts on disk what waits when the router is stopped")
def stopped(stage):
    taps, romeo = reader(stage), stage.user("romeo")
    send_all(romeo, GATE, 1, 40)
    equal(taps.bodies(3), numbers(1, 3))
    taps.archive.settle()

    stage.router.stop()
    stage.router.start()

    taps = Reader(stage)
    equal(taps.next(seq="1").inner.body, "4")
    romeo = stage.user("romeo")
    send_all(romeo, GATE, 41, 45)
    equal(taps.bodies(41), numbers(5, 45))
    taps.silent()


@test("loses nothing on disk when the router is killed")
def killed(stage):
    taps, romeo = reader(stage), stage.user("romeo")
    send_all(romeo, GATE, 1, 40)
    taps.archive.settle()
    stage.router.kill()
    stage.router.start()

    taps = Reader(stage)
    bodies = [taps.next(seq="1").inner.body]
    while bodies[-1] != "40":
        bodies += taps.bodies(1)

    equal(bodies, numbers(int(bodies[0]), 40))
    assert int(bodies[0]) <= 2 * WINDOW + 1, bodies[0]
    taps.silent()


@test("sends nothing before what it could not list on disk")
def unlisted(stage):
    taps, romeo = reader(stage), stage.user("romeo")
    stage.let_go(taps.archive)
    send_all(romeo, GATE, 1, 20)
    stage.router.stop()
    folder = stage.router.tap_folder(taps.archive.domain)
    os.chmod(folder, 0)
    since = stage.log_length()
    stage.router.start()
    try:
        stage.router.process.wait_line("cannot be read", since)
        taps = Reader(stage)
        send_all(stage.user("romeo"), GATE, 21, 21)
        taps.silent()
    finally:
        os.chmod(folder, 0o755)

    send_all(stage.user("romeo"), GATE, 22, 22)

    equal(taps.bodies(20), numbers(1, 20))
    equal(taps.next(lost="1").inner.body, "22")
    taps.silent()


@test("tells in order whose account is removed")
def removed(stage):
    taps, romeo = reader(stage), stage.user("romeo")
    paris = stage.user("paris")
    paris.say(romeo.bare, "one")
    romeo.hears(paris.full, "one")
    paris.remove()
    paris = stage.user("paris")
    paris.say(romeo.bare, "two")

    taps.both()
    tap = taps.next(dir="removed", user=paris.bare, origin=None)
    assert tap.get("id") and tap.inner is None, f"{tap}"
    for tap in taps.both():
        equal(tap.inner.body, "two")
    paris.remove()
    other = taps.next(dir="removed", user=paris.bare)
    assert other.get("id") != tap.get("id"), f"{other}"
    taps.silent()


@test("tells it of one that was removed while the component was away")
def removed_meanwhile(stage):
    taps, romeo = reader(stage), stage.user("romeo")
    paris = stage.user("paris")
    stage.let_go(taps.archive)
    romeo.say(paris.bare, "one")
    paris.hears(romeo.full, "one")
    paris.remove()

    taps = Reader(stage)

    taps.both()
    taps.next(dir="removed", user=paris.bare)
    taps.silent()


@test("counts what is lost when the share of the disk is used up")
def full(stage):
    taps, romeo = reader(stage), stage.user("romeo")
    taps.archive.vanish()
    for number in range(1, 41):
        romeo.message(GATE, f"<body>{number}</body>{BIG}")
    romeo.settle()

    taps = Reader(stage)
    bodies, lost = [], 0
    taps.archive.settle()
    while taps.archive.inbox:
        tap = taps.next(lost=None)
        bodies.append(tap.inner.body)
        taps.archive.settle()
    romeo.say(GATE, "41")
    tap = taps.next()
    while tap.get("lost") is None:      # it was on its way
        bodies.append(tap.inner.body)
        tap = taps.next()
    lost = int(tap.get("lost"))

    equal(bodies, numbers(1, len(bodies)))
    assert len(bodies) > 5, bodies
    equal(lost, 40 - len(bodies))
    romeo.say(GATE, "42")
    equal(taps.next(lost=None).inner.body, "42")


scene(SHIM, OWN)
