#!/usr/bin/python3
"""PROTOCOL 9: messages handed to a session."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal, succeeds
from shim import scene, test
from stage import DOMAIN

SHIM = {"offline": {"hooks": ["deliver", "store"]},
        "archive": {"hooks": ["tap"]}}
OWN = {"carbons", "offline", "resumption"}
STAMP = "2026-11-29T12:00:00.123Z"
ROMEO = f"romeo@{DOMAIN}/orchard"


def item(body, id=None, to=f"juliet@{DOMAIN}", stamp=STAMP):
    message = (f"<message xmlns='jabber:client' from='{ROMEO}' to='{to}' "
               f"type='chat' id='{body}'><body>{body}</body></message>")
    named = f" id='{id}'" if id else ""
    return f"<item{named}>{forwarded(message, stamp)}</item>"


def stanza_id(message):
    return message.attribute("sid:stanza-id", "id")


@test("hands messages to the session, in order, with their time and id")
def hands(stage):
    offline, (juliet,) = stage.component("offline"), stage.users("juliet")

    answer = offline.does("deliver", item("one", "i1") + item("two", "i2"),
                          jid=juliet.full)

    equal(list(answer.xml), [])
    for body, id in (("one", "i1"), ("two", "i2")):
        came = juliet.hears(ROMEO, body, id=body, type="chat")
        equal(stanza_id(came), id)
        equal(came.attribute("delay:delay", "stamp"), STAMP)
        equal(came.attribute("delay:delay", "from"), DOMAIN)


@test("hands them to that session alone, and copies nothing (XEP-0280)")
def alone(stage):
    offline, (juliet,) = stage.component("offline"), stage.users("juliet")
    phone = stage.user("juliet", "phone")
    for who in (juliet, phone):
        succeeds(who.ask("set", None,
                         "<enable xmlns='urn:xmpp:carbons:2'/>"))
    stage.forget(juliet, phone)

    offline.does("deliver", item("one", to=phone.full), jid=phone.full)

    phone.hears(ROMEO, "one")
    juliet.settle()
    juliet.silent()


@test("hands them to a session that is not available")
def unavailable(stage):
    offline = stage.component("offline")
    juliet = stage.user("juliet", presence=None)

    offline.does("deliver", item("one"), jid=juliet.full)

    juliet.hears(ROMEO, "one")


@test("hands over nothing when there is no such session")
def gone(stage):
    offline, (juliet,) = stage.component("offline"), stage.users("juliet")

    for nobody in (f"juliet@{DOMAIN}/nowhere", juliet.bare, DOMAIN,
                   "juliet@example.org/house", "@@"):
        offline.refused("item-not-found", "deliver", item("one"),
                        jid=nobody)

    juliet.settle()
    juliet.silent()


@test("refuses a request that lacks something")
def lacking(stage):
    offline, (juliet,) = stage.component("offline"), stage.users("juliet")

    for content in ("", "<item/>", "<item>" + forwarded("") + "</item>",
                    item("one") + "<item/>"):
        offline.refused("bad-request", "deliver", content, jid=juliet.full)
    offline.refused("item-not-found", "deliver", item("one"))

    juliet.settle()
    juliet.silent()


@test("does not hand over what it has handed over before")
def once(stage):
    offline, (juliet,) = stage.component("offline"), stage.users("juliet")
    phone = stage.user("juliet", "phone")
    stage.forget(juliet, phone)
    offline.does("deliver", item("one", "once1"), jid=juliet.full)
    juliet.hears(ROMEO, "one")
    offline = stage.component("offline")

    offline.does("deliver", item("one", "once1") + item("two", "once2"),
                 jid=juliet.full)
    offline.does("deliver", item("one", "once1"), jid=phone.full)

    juliet.hears(ROMEO, "two")
    for who in (juliet, phone):
        who.settle()
        who.silent()


@test("remembers that when the configuration changes")
def configured(stage):
    offline, (juliet,) = stage.component("offline"), stage.users("juliet")
    offline.does("deliver", item("one", "c1"), jid=juliet.full)
    juliet.hears(ROMEO, "one")

    stage.configure(dict(SHIM, offline=dict(SHIM["offline"], credit=5)))
    equal(offline.hello().get("credit"), "5")
    offline.does("deliver", item("one", "c1") + item("two", "c2"),
                 jid=juliet.full)

    juliet.hears(ROMEO, "two")
    stage.configure(SHIM)
    offline.hello()


@test("hands over again what it was told to forget")
def forget(stage):
    offline, (juliet,) = stage.component("offline"), stage.users("juliet")
    offline.does("deliver", item("one", "f1") + item("two", "f2"),
                 jid=juliet.full)
    for body in ("one", "two"):
        juliet.hears(ROMEO, body)

    offline.send(f"<message{offline.addresses(DOMAIN)}>"
                 f"<forget xmlns='urn:x-annex:0' user='{juliet.bare}'>"
                 "f1\nf2\nunknown</forget></message>")
    offline.does("deliver", item("one", "f1") + item("two", "f2"),
                 jid=juliet.full)

    for body in ("one", "two"):
        juliet.hears(ROMEO, body)


@test("remembers nothing of a message without an id")
def nameless(stage):
    offline, (juliet,) = stage.component("offline"), stage.users("juliet")

    for _ in range(2):
        offline.does("deliver", item("one"), jid=juliet.full)
        juliet.hears(ROMEO, "one")


@test("replaces an id that a message brings along")
def forged(stage):
    offline, (juliet,) = stage.component("offline"), stage.users("juliet")
    forgery = (f"<stanza-id xmlns='urn:xmpp:sid:0' by='{juliet.bare}' "
               "id='forged'/></message>")

    offline.does("deliver", item("one", "r1").replace("</message>", forgery),
                 jid=juliet.full)

    came = juliet.hears(ROMEO, "one")
    equal([element.get("id") for element in came.find_all("sid:stanza-id")],
          ["r1"])


@test("taps what it handed over")
def shown(stage):
    offline, archive = stage.component("offline"), stage.component("archive")
    juliet, = stage.users("juliet")

    offline.does("deliver", item("one", "s1"), jid=juliet.full)

    tap = archive.pick(lambda word: word.element == "tap"
                       and word.get("id") == "s1", "the tap")
    equal(tap.get("dir"), "shown")
    equal((tap.inner.body, tap.inner.to), ("one", juliet.full))


@test("hands them to the queue of a session that is resumed (XEP-0198)")
def resumed(stage):
    offline, (juliet,) = stage.component("offline"), stage.users("juliet")
    juliet.manage()
    juliet.vanish()

    offline.does("deliver", item("one", "q1"), jid=juliet.full)

    juliet.resume(0)
    came = juliet.hears(ROMEO, "one")
    equal(came.attribute("delay:delay", "stamp"), STAMP)


@test("hands what was not acknowledged to the other session")
def other(stage):
    offline = stage.component("offline")
    for number, priority in enumerate((0, 5)):
        phone = stage.user("juliet", "phone")
        juliet = stage.user("juliet", presence="<presence><priority>"
                            f"{priority}</priority></presence>")
        stage.forget(phone, juliet)
        juliet.manage("false")
        offline.does("deliver", item("one", f"o{number}"), jid=juliet.full)
        offline.send(f"<message{offline.addresses(DOMAIN)}>"
                     f"<forget xmlns='urn:x-annex:0' user='{juliet.bare}'>"
                     f"o{number}</forget></message>")
        offline.settle()
        juliet.hears(ROMEO, "one")
        phone.forget()
        juliet.vanish()

        came = phone.pick(lambda word: word.kind == "message", "a message")

        equal((came.body, stanza_id(came)), ("one", f"o{number}"))
        equal(came.attribute("delay:delay", "stamp"), STAMP)
        phone.forget()
        phone.vanish()
        offline.settle()
        offline.silent()


def unacknowledged(stage, offline, *ids):
    """A session that ends with messages with and without an id."""
    first, last = ids
    juliet = stage.user("juliet")
    juliet.manage("false")
    offline.does("deliver", item("first", first) + item("one") + item("two")
                 + item("last", last), jid=juliet.full)
    for body in ("first", "one", "two", "last"):
        juliet.hears(ROMEO, body)
    juliet.vanish()


@test("hands what had no id to no other session")
def nameless_other(stage):
    offline, romeo = stage.component("offline"), stage.user("romeo", "orchard")
    phone = stage.user("juliet", "phone")

    unacknowledged(stage, offline, "n1", "n2")

    for body in ("first", "last"):
        came = phone.pick(lambda word: word.kind == "message", "a message")
        equal(came.body, body)
    for who in (phone, romeo, offline):
        who.settle()
    assert not [word for word in phone.inbox if word.kind == "message"]
    romeo.silent()
    offline.silent()


@test("knows what was not acknowledged when the configuration has changed")
def reconfigured(stage):
    offline, romeo = stage.component("offline"), stage.user("romeo", "orchard")
    phone, juliet = stage.user("juliet", "phone"), stage.user("juliet")
    stage.forget(phone, juliet)
    juliet.manage("false")
    offline.does("deliver", item("one", "k1") + item("two"), jid=juliet.full)
    for body in ("one", "two"):
        juliet.hears(ROMEO, body)

    stage.configure(dict(SHIM, offline=dict(SHIM["offline"], credit=5)))
    equal(offline.hello().get("credit"), "5")
    juliet.vanish()

    came = phone.pick(lambda word: word.kind == "message", "a message")
    equal((came.body, stanza_id(came)), ("one", "k1"))
    for who in (phone, romeo, offline):
        who.settle()
    assert not [word for word in phone.inbox if word.kind == "message"]
    romeo.silent()
    stage.configure(SHIM)
    offline.hello()
    offline.silent()


@test("asks to store nothing that had no id, and its sender hears nothing")
def nameless_alone(stage):
    offline, romeo = stage.component("offline"), stage.user("romeo", "orchard")

    unacknowledged(stage, offline, "n3", "n4")

    for id, body in (("n3", "first"), ("n4", "last")):
        store = offline.told("store", id=id)
        equal(store.inner.body, body)
        offline.result(store)
    for who in (romeo, offline):
        who.settle()
        who.silent()


scene(SHIM, OWN)
