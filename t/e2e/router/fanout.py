#!/usr/bin/python3
"""PROTOCOL 10: one stanza to many."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal, succeeds
from shim import scene, test
from stage import DOMAIN

SHIM = {"rooms": {"hooks": ["fanout"]}}
OWN = {"blocking", "carbons", "csi", "resumption"}
ROOM = f"garden@rooms.{DOMAIN}"
BLOCK = ("<block xmlns='urn:xmpp:blocking'><item jid='{}'/></block>")


def message(body, sender=f"{ROOM}/nurse", type="groupchat", content=""):
    return (f"<message xmlns='jabber:client' type='{type}' from='{sender}' "
            f"id='{body}'><body>{body}</body>{content}</message>")


def presence(nick, content="", type=""):
    return (f"<presence xmlns='jabber:client' from='{ROOM}/{nick}'{type}>"
            f"{content}</presence>")


@test("sends one stanza to each recipient")
def each(stage):
    rooms, people = stage.component("rooms"), stage.users("romeo", "juliet")

    answer = rooms.fanout([who.full for who in people], message("one"))

    equal(list(answer.xml), [])
    for who in people:
        came = who.hears(f"{ROOM}/nurse", "one", id="one", type="groupchat")
        equal(came.to, who.full)


@test("sends several stanzas in order, to each recipient all of them")
def several(stage):
    rooms, people = stage.component("rooms"), stage.users("romeo", "juliet")

    rooms.fanout([who.full for who in people], presence("a", "<show>dnd"
                 "</show>"), message("one"), presence("b"), message("two"))

    for who in people:
        equal(who.expect("presence", sender=f"{ROOM}/a").show, "dnd")
        who.hears(f"{ROOM}/nurse", "one")
        who.expect("presence", sender=f"{ROOM}/b")
        who.hears(f"{ROOM}/nurse", "two")


@test("keeps order with what is sent alone")
def order(stage):
    rooms, (juliet,) = stage.component("rooms"), stage.users("juliet")

    for number in range(0, 20, 2):
        rooms.fanout([juliet.full], message(str(number)))
        rooms.send(f"<message from='{ROOM}/nurse' to='{juliet.full}' "
                   f"type='groupchat'><body>{number + 1}</body></message>")

    for number in range(20):
        juliet.hears(f"{ROOM}/nurse", str(number))


@test("hands over what is in a stanza as it is")
def content(stage):
    rooms, (juliet,) = stage.component("rooms"), stage.users("juliet")
    inner = ("<x xmlns='urn:a' one='&lt;&apos;&amp;'><y xmlns='urn:b'>&lt;b"
             "&gt;</y><z>&#xe4;</z></x>"
             "<forwarded xmlns='urn:xmpp:forward:0'><message "
             "xmlns='jabber:client' to='a@b'><body>old</body></message>"
             "</forwarded>")

    for kind in ("groupchat", "chat"):
        rooms.fanout([juliet.full], message("one", type=kind, content=inner))

        came = juliet.hears(f"{ROOM}/nurse", "one", type=kind)
        equal(came.attribute("{urn:a}x", "one"), "<'&")
        equal(came.text("{urn:a}x/{urn:b}y"), "<b>")
        equal(came.text("{urn:a}x/{urn:a}z"), "ä")
        equal(came.text("forward:forwarded/c:message/c:body"), "old")


@test("replaces the recipient in a stanza")
def replaced(stage):
    rooms, (juliet,) = stage.component("rooms"), stage.users("juliet")

    rooms.fanout([juliet.full], message("one").replace(
        "<message", "<message to='elsewhere@example.org'"))

    equal(juliet.hears(f"{ROOM}/nurse", "one").to, juliet.full)


@test("takes addresses of any kind, and leaves out those that are none")
def addresses(stage):
    rooms, (juliet,) = stage.component("rooms"), stage.users("juliet")
    odd = stage.user("romeo", "a&apos;&amp;&lt;b")

    rooms.fanout(["@", "", "juliet@@/", "JULIET@" + DOMAIN + "/house",
                  odd.full, "a@b@c"], message("one"))

    juliet.hears(f"{ROOM}/nurse", "one")
    odd.hears(f"{ROOM}/nurse", "one")


@test("sends private messages and invitations to the bare address")
def chat(stage):
    rooms, (juliet,) = stage.component("rooms"), stage.users("juliet")

    rooms.fanout([juliet.bare], message("one", ROOM, type="normal"))

    juliet.hears(ROOM, "one")


@test("takes no stanza from outside of the component's domain")
def foreign(stage):
    rooms, (juliet,) = stage.component("rooms"), stage.users("juliet")

    for sender in (f"romeo@{DOMAIN}", f"x@y.rooms.{DOMAIN}", DOMAIN):
        rooms.refused("forbidden", "fanout", f"<to>{juliet.full}</to>"
                      + forwarded(message("good"))
                      + forwarded(message("bad", sender)))

    juliet.settle()
    juliet.silent()


@test("refuses a request that lacks something")
def lacking(stage):
    rooms = stage.component("rooms")

    rooms.refused("bad-request", "fanout")
    rooms.refused("bad-request", "fanout", forwarded(message("one")))
    rooms.refused("bad-request", "fanout", "<to>a@b</to>")
    rooms.refused("bad-request", "fanout", "<to>a@b</to>" + forwarded(""))


@test("answers the sender for a recipient who is gone")
def bounce(stage):
    rooms, (juliet,) = stage.component("rooms"), stage.users("juliet")
    juliet.logout()

    rooms.request("fanout", f"<to>{juliet.full}</to>"
                  + forwarded(message("one")))

    error = rooms.pick(lambda word: word.kind == "message", "the error")
    equal((error.type, error.to, error.sender),
          ("error", f"{ROOM}/nurse", juliet.full))


@test("blocks whom a recipient has blocked (XEP-0191)")
def blocked(stage):
    rooms, people = stage.component("rooms"), stage.users("romeo", "tybalt")
    romeo, tybalt = people
    succeeds(tybalt.ask("set", None, BLOCK.format(ROOM)))
    tybalt.forget()

    rooms.fanout([who.full for who in people], message("one"),
                 presence("nurse"))

    romeo.hears(f"{ROOM}/nurse", "one")
    romeo.expect("presence", sender=f"{ROOM}/nurse")
    tybalt.settle()
    tybalt.silent()


@test("counts and repeats what a broken stream has lost (XEP-0198)")
def resumed(stage):
    rooms, (juliet,) = stage.component("rooms"), stage.users("juliet")
    juliet.manage()
    rooms.fanout([juliet.full], message("one"), message("two"))
    for body in ("one", "two"):
        juliet.hears(f"{ROOM}/nurse", body)
    juliet.vanish()
    rooms.fanout([juliet.full], message("three"), presence("nurse"))

    juliet.resume(1)

    for body in ("two", "three"):
        came = juliet.hears(f"{ROOM}/nurse", body)
        equal(came.to, juliet.full)
    juliet.expect("presence", sender=f"{ROOM}/nurse", to=juliet.full)


@test("holds presence for a client that is inactive (XEP-0352)")
def inactive(stage):
    rooms, (juliet,) = stage.component("rooms"), stage.users("juliet")
    juliet.send("<inactive xmlns='urn:xmpp:csi:0'/>")
    juliet.forget()

    rooms.fanout([juliet.full], presence("a"), presence("b"))
    rooms.fanout([juliet.full], message("one"))

    juliet.send("<active xmlns='urn:xmpp:csi:0'/>")
    for nick in ("a", "b"):
        juliet.expect("presence", sender=f"{ROOM}/{nick}")
    juliet.hears(f"{ROOM}/nurse", "one")


@test("copies a private message to the other clients (XEP-0280)")
def carbon(stage):
    rooms, (juliet,) = stage.component("rooms"), stage.users("juliet")
    phone = stage.user("juliet", "phone", "<presence><priority>-1</priority>"
                                          "</presence>")
    succeeds(phone.ask("set", None, "<enable xmlns='urn:xmpp:carbons:2'/>"))
    stage.forget(juliet, phone)

    rooms.fanout([juliet.full], message("one", type="chat"),
                 message("two"))

    juliet.hears(f"{ROOM}/nurse", "one")
    juliet.hears(f"{ROOM}/nurse", "two")
    copy = phone.expect("message", sender=juliet.bare)
    assert copy.has("{urn:xmpp:carbons:2}received"), f"{copy}"
    phone.settle()
    phone.silent()


@test("sends to five hundred at once")
def many(stage):
    rooms, (juliet,) = stage.component("rooms"), stage.users("juliet")

    rooms.fanout([f"nobody@{DOMAIN}/{n}" for n in range(250)]
                 + [juliet.full]
                 + [f"juliet@{DOMAIN}/{n}" for n in range(250)],
                 presence("nurse"), presence("nurse", type=" type='"
                                                           "unavailable'"))

    juliet.expect("presence", sender=f"{ROOM}/nurse", type=None)
    juliet.expect("presence", sender=f"{ROOM}/nurse", type="unavailable")


scene(SHIM, OWN)
