#!/usr/bin/python3
"""XEP-0045 6.6 and 17.4: IQs to occupants."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, succeeds
from scene import scene, test

VERSION = "<query xmlns='jabber:iq:version'/>"
PING = "<ping xmlns='urn:xmpp:ping'/>"


def answer(who, request, content="", type="result"):
    who.send(f"<iq to='{request.sender}' id='{request.id}' "
             f"type='{type}'>{content}</iq>")


@test("forwards requests and answers, showing no real address")
def forwarded(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    id = juliet.iq("get", room.at("romeo"), VERSION)
    request = romeo.expect("iq", sender=room.at("juliet"), type="get",
                           to=romeo.full)
    assert request.has("version:query"), f"{request}"
    assert juliet.bare not in str(request), f"{request}"
    answer(romeo, request, "<query xmlns='jabber:iq:version'>"
           "<name>Rapier</name></query>")

    came = juliet.expect("iq", sender=room.at("romeo"), type="result", id=id)
    equal(came.text("version:query/version:name"), "Rapier")
    assert romeo.bare not in str(came), f"{came}"


@test("forwards errors the same way, without removing the occupant")
def error(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    id = juliet.iq("get", room.at("romeo"), VERSION)

    answer(romeo, romeo.expect("iq"), (
        "<error type='cancel'><service-unavailable "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"), "error")

    came = juliet.expect("iq", sender=room.at("romeo"), type="error", id=id)
    equal(came.condition, "service-unavailable")
    assert romeo.bare not in str(came), f"{came}"
    stage.silent()


@test("keeps apart requests of the same id by different people")
def same_id(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)
    for who in (juliet, nurse):
        who.iq("get", room.at("romeo"), VERSION, id="same")
    requests = [romeo.expect("iq"), romeo.expect("iq")]

    for request in requests:
        answer(romeo, request, f"<x xmlns='urn:x' for='{request.sender}'/>")

    for who in (juliet, nurse):
        came = who.expect("iq", sender=room.at("romeo"), id="same")
        equal(came.attribute("{urn:x}x", "for"), room.at(who.name))


@test("says bad-request to disco from outside")
def outsider(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo)

    fails(tybalt.info(room.at("romeo")), "bad-request")
    fails(tybalt.items(room.at("romeo")), "bad-request")
    stage.silent()


@test("forwards nothing from outside")
def outside(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo)

    came = tybalt.ask("get", room.at("romeo"), VERSION)

    equal(came.type, "error")
    stage.silent()


@test("says item-not-found when nobody has that nick")
def nobody(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)

    fails(romeo.ask("get", room.at("tybalt"), VERSION), "item-not-found")


@test("fetches the vCard of an occupant")
def vcard(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.ask("set", romeo.bare, (
        "<vCard xmlns='vcard-temp'><FN>Romeo Montague</FN></vCard>")))

    came = succeeds(juliet.ask("get", room.at("romeo"),
                               "<vCard xmlns='vcard-temp'/>"))

    equal(came.sender, room.at("romeo"))
    equal(came.text("vcard:vCard/vcard:FN"), "Romeo Montague")
    assert romeo.bare not in str(came), f"{came}"
    stage.silent()


@test("answers a self-ping at once (XEP-0410)")
def self_ping(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    balcony = stage.client("juliet", "balcony")
    room = stage.gather(romeo, juliet)
    balcony.enter(room)
    stage.hush()

    came = succeeds(juliet.ask("get", room.at("juliet"), PING))

    equal(came.sender, room.at("juliet"))
    stage.silent()


@test("says not-acceptable to a self-ping of one who is outside (XEP-0410)")
def lost(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    fails(juliet.ask("get", room.at("juliet"), PING), "not-acceptable")


@test("does not reflect IQs sent to the room")
def to_room(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    came = juliet.ask("get", room.jid, "<query xmlns='urn:unknown'/>")

    fails(came, "service-unavailable", "cancel")
    stage.silent()


scene()
