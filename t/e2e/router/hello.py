#!/usr/bin/python3
"""PROTOCOL 2 and 3: who may do what, and hello."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import ANNEX
from guest import equal
from shim import scene, test
from stage import DOMAIN

SHIM = {
    "archive": {"hooks": ["tap", "check", "deliver"], "fail": "closed",
                "window": 7, "window_bytes": 70000},
    "rooms": {"hooks": ["fanout"], "credit": 5},
}
FANOUT = (f"<fanout xmlns='{ANNEX}'><to>juliet@{DOMAIN}/house</to>"
          "<forwarded xmlns='urn:xmpp:forward:0'>"
          "<message xmlns='jabber:client' type='groupchat' from='{}'>"
          "<body>Ho!</body></message></forwarded></fanout>")


@test("says hello first, to each component what is its own")
def hello(stage):
    archive, rooms = stage.attach("archive"), stage.attach("rooms")

    first, second = archive.hello(), rooms.hello()

    equal((first.sender, first.to), (DOMAIN, archive.domain))
    equal((first.get("version"), first.get("fail"), first.get("window"),
           first.get("window-bytes")), ("4", "closed", "7", "70000"))
    equal(set(first.get("hooks").split()), {"tap", "check", "deliver"})
    equal((second.get("fail"), second.get("credit")), ("open", "5"))
    equal(second.get("hooks"), "fanout")
    equal(second.get("epoch"), first.get("epoch"))
    assert first.get("router"), f"{first}"


@test("says hello again to a component that comes back")
def again(stage):
    epoch = stage.attach("rooms").hello().get("epoch")
    stage.components["rooms"].vanish()

    equal(stage.attach("rooms").hello().get("epoch"), epoch)


@test("says hello first to a component that comes while people talk")
def busy(stage):
    juliet, = stage.users("juliet")
    for _ in range(20):
        juliet.send(f"<message to='rooms.{DOMAIN}'><body>x</body></message>"
                    * 100)
        archive = stage.attach("archive")
        archive.hello()
        archive.vanish()
    juliet.settle()


@test("has another epoch when the router was restarted")
def epoch(stage):
    before = stage.attach("rooms").hello().get("epoch")
    stage.router.stop()
    stage.router.start()

    assert stage.attach("rooms").hello().get("epoch") != before


@test("offers the namespace and the hooks that are used")
def disco(stage):
    juliet, = stage.users("juliet")

    features = juliet.ask("get", DOMAIN, (
        "<query xmlns='http://jabber.org/protocol/disco#info'/>")).features

    equal({feature for feature in features if feature.startswith(ANNEX)},
          {ANNEX} | {f"{ANNEX}#{hook}"
                     for hook in ("tap", "check", "deliver", "fanout")})


@test("forbids a component what it does not have")
def forbidden(stage):
    archive, rooms = stage.component("archive"), stage.component("rooms")
    juliet, = stage.users("juliet")

    answer = archive.ask("set", DOMAIN, FANOUT.format(archive.domain))
    equal((answer.type, answer.condition, answer.error_type),
          ("error", "forbidden", "auth"))
    rooms.refused("forbidden", "deliver", jid=juliet.full)
    rooms.refused("forbidden", "overlay", user=juliet.bare, key="x")

    juliet.settle()
    juliet.silent()


@test("is nothing to clients")
def client(stage):
    juliet, romeo = stage.users("juliet", "romeo")
    rooms = stage.component("rooms")

    for sender in (romeo.full, rooms.domain):
        answer = romeo.ask("set", DOMAIN, FANOUT.format(sender))
        equal((answer.type, answer.condition),
              ("error", "service-unavailable"))
    romeo.send(f"<message to='{DOMAIN}'><ack xmlns='{ANNEX}' seq='1'/>"
               "</message>")

    for who in (juliet, romeo):
        who.settle()
        assert not [stanza for stanza in who.inbox
                    if stanza.body], f"{who.inbox}"


@test("is nothing to components that are not configured by that name")
def subdomain(stage):
    rooms = stage.component("rooms")

    rooms.send(f"<iq type='set' id='x' from='room@{rooms.domain}' "
               f"to='{DOMAIN}'>{FANOUT.format('room@' + rooms.domain)}</iq>")

    answer = rooms.answer("x")
    equal((answer.type, answer.condition), ("error", "service-unavailable"))


@test("ignores answers to what was not asked")
def unasked(stage):
    rooms = stage.component("rooms")

    rooms.send(f"<iq type='result' id='nothing' from='{rooms.domain}' "
                 f"to='{DOMAIN}'/>")
    rooms.send(f"<iq type='error' id='nothing' from='{rooms.domain}' "
                 f"to='{DOMAIN}'/>")
    rooms.send(f"<message from='{rooms.domain}' to='{DOMAIN}'>"
                 f"<unheard xmlns='{ANNEX}'/></message>")
    rooms.ack(1000)

    rooms.settle()
    rooms.silent()


@test("knows nothing of a later namespace")
def later(stage):
    archive, rooms = stage.component("archive"), stage.component("rooms")
    romeo, juliet = stage.users("romeo", "juliet")
    newer = ANNEX[:-1] + "1"

    answer = rooms.ask("set", DOMAIN, FANOUT.format(rooms.domain)
                       .replace(ANNEX, newer))
    equal((answer.type, answer.condition), ("error", "service-unavailable"))
    romeo.say(juliet.bare, "one", id="m1")
    archive.result(archive.pick(lambda word: word.element == "check", "check"),
                   f"<verdict xmlns='{newer}' action='allow'/>")
    romeo.expect("message", type="error", id="m1",
                 condition="resource-constraint")
    romeo.message(rooms.domain, "<subject>x</subject>")
    tap = archive.pick(lambda word: word.element == "tap", "a copy")
    archive.send(f"<message from='{archive.domain}' to='{DOMAIN}'>"
                 f"<ack xmlns='{newer}' seq='{tap.get('seq')}'/></message>")
    archive.settle()

    again = stage.component("archive").told("tap", seq=tap.get("seq"))

    equal(again.get("id"), tap.get("id"))


@test("refuses a request that nobody knows")
def unknown(stage):
    archive = stage.component("archive")

    archive.refused("service-unavailable", "unheard")


scene(SHIM)
