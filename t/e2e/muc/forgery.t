#!/usr/bin/python3
"""XEP-0045 17.3: what a client must not make up."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test

USER = "http://jabber.org/protocol/muc#user"
FORGED = (f"<x xmlns='{USER}'><item affiliation='owner' role='moderator'/>"
          "<status code='301'/></x>")
DELAY = ("<delay xmlns='urn:xmpp:delay' from='nurse@verona.test' "
         "stamp='2002-10-13T23:58:37Z'/>")


@test("keeps forged muc#user out of presence")
def presence(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.presence(room.at("juliet"), FORGED)

    came = romeo.sees(room.at("juliet"), affiliation="none",
                      role="participant")
    equal(len(came.find_all("user:x")), 1)


@test("keeps forged muc#user out of the presence of one who enters")
def entering(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    juliet.enter(room, content=FORGED)

    came = romeo.sees(room.at("juliet"), affiliation="none",
                      role="participant")
    equal(len(came.find_all("user:x")), 1)


@test("keeps forged muc#user out of farewells and nick changes")
def leaving(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.presence(room.at("sun"), FORGED)
    romeo.sees_gone(room.at("juliet"), {303}, role="participant",
                    nick="sun")
    romeo.sees(room.at("sun"), affiliation="none", role="participant")
    juliet.leave(room, "sun", FORGED)
    romeo.sees_gone(room.at("sun"), affiliation="none")


@test("keeps forged muc#user out of talk, private messages and subjects")
def messages(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, changesubject=1)

    juliet.message(room.jid, "<body>one</body>" + FORGED)
    juliet.message(room.at("romeo"), "<body>two</body>" + FORGED, "chat")
    juliet.message(room.jid, "<subject>three</subject>" + FORGED)

    talk, whisper, subject = romeo.next(), romeo.next(), romeo.next()
    equal((talk.body, whisper.body, subject.subject),
          ("one", "two", "three"))
    for came in (talk, whisper, subject):
        equal((came.item, came.codes), ({}, set()))


@test("keeps forged delays out of talk, and so out of history")
def delay(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)

    juliet.message(room.jid, "<body>one</body>" + DELAY)

    came = romeo.hears(room.at("juliet"), "one")
    equal(came.find_all("delay:delay"), [])
    old, = nurse.enter(room).history
    equal([each.get("from") for each in old.find_all("delay:delay")],
          [room.jid])


@test("is not misled by an attribute named like from with a prefix")
def prefixed(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.send(f"<message xmlns:x='urn:x' to='{room}' type='groupchat' "
                f"x:from='{romeo.full}' x:to='{romeo.full}' x:type='error'>"
                "<body>one</body></message>")

    romeo.hears(room.at("juliet"), "one")
    juliet.hears(room.at("juliet"), "one")


@test("is not misled by elements of other namespaces with known names")
def namespaces(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.message(room.jid, (
        "<subject xmlns='urn:x'>Mine</subject><body>one</body>"
        "<x xmlns='urn:x'><item affiliation='owner'/></x>"))

    came = romeo.hears(room.at("juliet"), "one", subject=None)
    assert came.has("{urn:x}subject"), f"{came}"


@test("does not pass on the address of another that a client claims")
def sender(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)

    juliet.message(room.jid, (
        f"<body>one</body><x xmlns='{USER}'>"
        f"<item jid='{nurse.full}'/></x>"))

    came = romeo.hears(room.at("juliet"), "one")
    equal(came.item, {})


scene()
