#!/usr/bin/python3
"""XEP-0045 7.9: a one-to-one chat becomes a conference."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test
from stanza import NS

USER = NS["user"]
DELAY = NS["delay"]
STAMP = "2004-09-29T01:54:37Z"
THREAD = "e0ffe42b28561960c6b12b944a092794b9683a38"


def recalled(author):
    return (f"<thread>{THREAD}</thread><body>Thrice</body>"
            f"<delay xmlns='{DELAY}' from='{author}' "
            f"stamp='{STAMP}'/>")


@test("keeps the time and thread of the history an owner sends")
def history(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    romeo.message(room.jid, recalled(romeo.full))
    stage.hush()
    old, = juliet.enter(room).history

    equal((old.body, old.thread), ("Thrice", THREAD))
    equal(len(old.find_all("delay:delay")), 1)
    equal(old.attribute("delay:delay", "stamp"), STAMP)
    equal(old.attribute("delay:delay", "from"), room.jid)


@test("does not add a delay of its own to the owner's")
def live(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    romeo.message(room.jid, recalled(romeo.full))

    came = juliet.hears(room.at("romeo"), "Thrice", thread=THREAD)
    equal([delay.get("stamp") for delay in came.find_all("delay:delay")],
          [STAMP])


@test("takes no such thing from others")
def others(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.message(room.jid, recalled(juliet.full))

    came = romeo.hears(room.at("juliet"), "Thrice")
    equal(came.find_all("delay:delay"), [])


@test("passes continue and its thread on to all invited")
def invited(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo)
    invites = "".join(
        f"<invite to='{to}'><continue thread='{THREAD}'/></invite>"
        for to in (juliet.full, nurse.bare))

    romeo.message(room.jid, f"<x xmlns='{USER}'>{invites}</x>", None)

    for who in (juliet, nurse):
        came = who.expect("message")
        equal(came.sender.split("/")[0], room.jid)
        equal(came.attribute("user:x/user:invite/user:continue", "thread"),
              THREAD)
    stage.silent()


scene()
