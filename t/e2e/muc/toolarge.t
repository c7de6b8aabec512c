#!/usr/bin/python3
"""Answers above the largest stanza that the router takes."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, item, succeeds
from scene import scene, test

# More than the 512 KiB that are usual: 6 requests with 100 items of 1 KiB.
REQUESTS, ITEMS, REASON = 6, 100, "x" * 1000


def crowd(romeo, room):
    """Makes a list of outcasts that is too large for one stanza."""
    for request in range(REQUESTS):
        succeeds(romeo.administer(room, *(
            item(jid=f"p{request}x{number}@verona.test",
                 affiliation="outcast", reason=REASON)
            for number in range(ITEMS))))


@test("are an error to the one who asked, and the link stays")
def listed(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    crowd(romeo, room)
    stage.hush()
    since = stage.log_length()

    fails(romeo.list(room, affiliation="outcast"), "resource-constraint",
          "wait")

    juliet.say(room, "still here")
    romeo.hears(room.at("juliet"), "still here")
    juliet.hears(room.at("juliet"), "still here")
    stage.silent()
    assert "router: attached" not in stage.log_since(since)


@test("are given again once they are small enough")
def smaller(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)
    crowd(romeo, room)
    for request in range(2):
        succeeds(romeo.administer(room, *(
            item(jid=f"p{request}x{number}@verona.test", affiliation="none")
            for number in range(ITEMS))))

    rows = succeeds(romeo.list(room, affiliation="outcast")).rows

    equal(len(rows), (REQUESTS - 2) * ITEMS)


scene()
