#!/usr/bin/python3
"""XEP-0045 7.4: sending a message to all occupants."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test


@test("reflects to everyone from the occupant's address with the same id")
def reflects(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)

    juliet.say(room, "O Romeo, Romeo!", id="hysf1v37")

    for who in (romeo, juliet, nurse):
        who.hears(room.at("juliet"), "O Romeo, Romeo!", id="hysf1v37")
    stage.silent()


@test("keeps the order of what different people say the same for all")
def ordered(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    for number in range(10):
        romeo.say(room, f"romeo {number}")
        juliet.say(room, f"juliet {number}")

    heard = [[who.next().body for _ in range(20)]
             for who in (romeo, juliet)]
    equal(heard[0], heard[1])
    equal([text for text in heard[0] if text.startswith("romeo")],
          [f"romeo {number}" for number in range(10)])


@test("passes extensions and languages through unchanged")
def extended(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.message(room.jid, (
        "<body xml:lang='it'>O Romeo</body><body>Oh</body>"
        "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
        "<body xmlns='http://www.w3.org/1999/xhtml'><p>O <b>Romeo</b></p>"
        "</body></html><thread>t1</thread>"))

    came = romeo.expect("message", sender=room.at("juliet"), thread="t1")
    equal(came.text("{http://jabber.org/protocol/xhtml-im}html/"
                    "{http://www.w3.org/1999/xhtml}body/"
                    "{http://www.w3.org/1999/xhtml}p/"
                    "{http://www.w3.org/1999/xhtml}b"), "Romeo")
    langs = {body.get("{http://www.w3.org/XML/1998/namespace}lang")
             for body in came.find_all("c:body")}
    assert "it" in langs and len(came.find_all("c:body")) == 2


@test("escapes text as it was")
def escaped(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    text = "<i>'Tis & \"'twas\"</i> ]]> \u2665 \U0001F339"

    juliet.say(room, text)

    romeo.hears(room.at("juliet"), text)


@test("refuses one who is not in the room")
def outsider(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo)

    tybalt.say(room, "A villain!", id="no1")

    tybalt.refused("message", room.jid, "not-acceptable",
                   id="no1")
    stage.silent()


@test("refuses a visitor in a moderated room")
def visitor(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo, tybalt, moderatedroom=1)

    tybalt.say(room, "A villain!", id="no2")

    tybalt.refused("message", room.jid, "forbidden", "auth", id="no2",
                   by=room.jid)
    stage.silent()


scene()
