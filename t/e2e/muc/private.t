#!/usr/bin/python3
"""XEP-0045 7.5: private messages."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


@test("delivers from the occupant, marked as private, to one alone")
def delivered(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)

    juliet.whisper(room, "romeo", "I hear some noise", id="hgn27af1")

    came = romeo.expect("message", sender=room.at("juliet"), type="chat",
                        to=romeo.full, body="I hear some noise",
                        id="hgn27af1")
    equal(len(came.find_all("user:x")), 1)
    assert juliet.bare not in str(came), f"{came}"
    stage.silent()


@test("does not mark twice what is marked already")
def marked(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.message(room.at("romeo"), (
        "<body>Hist!</body>"
        "<x xmlns='http://jabber.org/protocol/muc#user'/>"), "chat")

    came = romeo.expect("message", sender=room.at("juliet"), body="Hist!")
    equal(len(came.find_all("user:x")), 1)


@test("delivers messages without a type as well")
def normal(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.message(room.at("romeo"), "<body>Hist!</body>", None)

    came = romeo.expect("message", sender=room.at("juliet"), body="Hist!")
    assert came.type in (None, "normal"), f"{came}"


@test("refuses those of type groupchat")
def groupchat(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.message(room.at("romeo"), "<body>Hist!</body>", id="bx71f29k")

    juliet.refused("message", room.at("romeo"), "bad-request", "modify",
                   by=room.jid, id="bx71f29k")
    stage.silent()


@test("says item-not-found when nobody has that nick")
def nobody(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.whisper(room, "tybalt", "Hist!", id="pm1")

    juliet.refused("message", room.at("tybalt"), "item-not-found", id="pm1")
    stage.silent()


@test("says not-acceptable to one who is not in the room")
def outsider(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo)

    tybalt.whisper(room, "romeo", "Villain!", id="pm2")

    tybalt.refused("message", room.at("romeo"), "not-acceptable", id="pm2")
    stage.silent()


@test("goes to all sessions of the nick")
def sessions(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    balcony = stage.client("juliet", "balcony")
    room = stage.gather(romeo, juliet)
    balcony.enter(room)
    stage.hush()

    romeo.whisper(room, "juliet", "Lady")

    for who in (juliet, balcony):
        who.expect("message", sender=room.at("romeo"), body="Lady",
                   type="chat", to=who.full)
    stage.silent()


def may_whisper(stage, room, who):
    """Tells whether the room passes on what who whispers to romeo."""
    romeo, = stage.cast("romeo")
    stage.hush()
    who.whisper(room, "romeo", "Hist!", id="w")
    stage.settle()
    if romeo.inbox:
        romeo.expect("message", sender=room.at(who.name), body="Hist!")
        return True
    who.expect("message", type="error", sender=room.at("romeo"), id="w")
    return False


@test("obeys allowpm")
def allowpm(stage):
    romeo, juliet, tybalt, nurse = stage.cast("romeo", "juliet", "tybalt",
                                              "nurse")
    room = stage.gather(romeo, tybalt, moderatedroom=1)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    juliet.enter(room)
    nurse.enter(room)

    for value, who_may in (("anyone", [True, True, True]),
                           ("participants", [False, True, True]),
                           ("moderators", [False, False, True]),
                           ("none", [False, False, False])):
        succeeds(romeo.configure(room, allowpm=value))
        equal((value, [may_whisper(stage, room, who)
                       for who in (tybalt, juliet, nurse)]),
              (value, who_may))


scene()
