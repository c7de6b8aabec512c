#!/usr/bin/python3
"""Limits: sizes and rates."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test


@test("refuses messages that are too large")
def message(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.say(room, "x" * 3000, id="big")

    juliet.refused("message", room.jid, "policy-violation", id="big")
    stage.silent()


@test("refuses presence that is too large")
def presence(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.presence(room.at("juliet"), f"<status>{'x' * 2000}</status>")

    juliet.refused("presence", room.at("juliet"), "policy-violation")
    stage.silent()


@test("refuses messages that come too fast, and takes them again later")
def rate(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    for number in range(30):
        juliet.say(room, str(number))
    stage.settle()

    heard = [came.body for came in romeo.inbox]
    refused = [came for came in juliet.inbox if came.type == "error"]
    equal(heard[:5], ["0", "1", "2", "3", "4"])
    equal({(came.condition, came.error_type) for came in refused},
          {("resource-constraint", "wait")})
    equal(len(heard) + len(refused), 30)
    stage.hush()
    while not romeo.inbox:
        juliet.say(room, "again")
        stage.settle()
    romeo.hears(room.at("juliet"), "again")


@test("gives nobody more messages for coming again")
def again(stage):
    romeo, nurse = stage.cast("romeo", "nurse")
    room = stage.gather(romeo, nurse)

    for number in range(10):
        nurse.say(room, str(number))
        nurse.leave(room)
        nurse.knock(room)
    stage.settle()

    refused = [came for came in nurse.inbox if came.type == "error"]
    equal({(came.condition, came.error_type) for came in refused},
          {("resource-constraint", "wait")})
    stage.hush()


@test("refuses who enters too often, and nobody else")
def entering(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo)

    for _ in range(50):
        tybalt.knock(room)
        tybalt.leave(room)
    stage.settle()

    refused = [came for came in tybalt.inbox if came.type == "error"]
    assert 0 < len(refused) < 30, len(refused)
    equal({(came.condition, came.error_type) for came in refused},
          {("resource-constraint", "wait")})
    stage.hush()
    equal(stage.client("paris").enter(room).nicks, ["romeo"])


@test("refuses changes of presence that come too fast")
def changes(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    for number in range(30):
        juliet.presence(room.at("juliet"), f"<status>{number}</status>")
    stage.settle()

    refused = [came for came in juliet.inbox if came.type == "error"]
    seen = [came.text("c:status") for came in romeo.inbox
            if came.kind == "presence"]
    equal(seen[:5], ["0", "1", "2", "3", "4"])
    equal({(came.condition, came.error_type) for came in refused},
          {("resource-constraint", "wait")})
    equal(len(seen) + len(refused), 30)
    stage.hush()


@test("never refuses to let somebody go")
def leaving(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    for show in ("away", "dnd", "xa", "chat") * 3:
        juliet.presence(room.at("juliet"), f"<show>{show}</show>")
    stage.hush()

    juliet.leave(room)

    romeo.sees_gone(room.at("juliet"))


@test("keeps the service's own limit of occupants")
def occupants(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo, juliet, nurse)

    paris.knock(room)

    paris.refused("presence", room.at("paris"), "service-unavailable",
                  "wait")


@test("keeps the limit of clients of one occupant")
def clients(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    balcony, tomb = (stage.client("juliet", place)
                     for place in ("balcony", "tomb"))
    room = stage.gather(romeo, juliet)
    balcony.enter(room)
    stage.hush()

    tomb.knock(room)

    tomb.refused("presence", room.at("juliet"), "resource-constraint",
                 "wait")
    stage.silent()
    balcony.leave(room)
    stage.hush()
    equal(tomb.enter(room).nicks, ["romeo"])


scene("""
    max_message = 2K
    max_presence = 1K
    enter_rate = 1
    enter_burst = 30
    message_rate = 1
    message_burst = 5
    presence_rate = 1
    presence_burst = 5
    max_occupants = 3
    max_clients = 2
""")
