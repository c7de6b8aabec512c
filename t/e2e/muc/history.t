#!/usr/bin/python3
"""XEP-0045 7.2.13 and 7.2.14: what was said before."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
import datetime
import time
from guest import equal, succeeds
from scene import scene, test
from stanza import NS, seconds

SECOND = "%Y-%m-%dT%H:%M:%SZ"


def delay(when):
    return (f"<delay xmlns='{NS['delay']}' from='romeo@verona.test' "
            f"stamp='{when.strftime(SECOND)}'/>")


def told(room, *texts, who):
    for text in texts:
        who.say(room, text)


def bodies(entry):
    return [old.body for old in entry.history]


@test("sends what was said, stamped, from those who said it")
def stamped(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    romeo.say(room, "But soft!", id="m1")
    stage.hush()

    entry = juliet.enter(room)

    equal(bodies(entry), ["But soft!"])
    old = entry.history[0]
    equal((old.sender, old.type, old.to), (room.at("romeo"), "groupchat",
                                           juliet.full))
    equal(old.attribute("delay:delay", "from"), room.jid)
    stamp = old.attribute("delay:delay", "stamp")
    assert abs(time.time() - seconds(stamp)) < 60, stamp
    assert stamp.endswith("Z"), stamp


@test("keeps what those said who have left, in order")
def gone(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, nurse)
    nurse.say(room, "Madam!")
    stage.settle()
    romeo.say(room, "It is my lady")
    stage.settle()
    nurse.say(room, "Anon!")
    nurse.leave(room)
    stage.hush()

    entry = juliet.enter(room)

    equal([(old.sender, old.body) for old in entry.history],
          [(room.at("nurse"), "Madam!"), (room.at("romeo"), "It is my lady"),
           (room.at("nurse"), "Anon!")])


@test("holds neither subjects nor private messages nor what was refused")
def excluded(stage):
    romeo, juliet, tybalt = stage.cast("romeo", "juliet", "tybalt")
    room = stage.gather(romeo, tybalt, moderatedroom=1)
    romeo.message(room.jid, "<subject>Light</subject>")
    romeo.whisper(room, "tybalt", "Peace!")
    tybalt.say(room, "What, drawn?")
    romeo.message(room.jid, "<subject>East</subject><body>Juliet</body>")
    stage.hush()

    entry = juliet.enter(room)

    equal(bodies(entry), ["Juliet"])
    equal(entry.subject.subject, "Light")


@test("limits the number of messages by maxstanzas, to the latest")
def maxstanzas(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo)
    told(room, "one", "two", "three", who=romeo)
    stage.hush()

    equal(bodies(juliet.enter(room, history={"maxstanzas": "2"})),
          ["two", "three"])
    equal(bodies(nurse.enter(room, history={"maxstanzas": "0"})), [])


@test("limits the characters of whole stanzas by maxchars, to the latest")
def maxchars(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo)
    texts = [letter * 10000 for letter in "abc"]
    told(room, *texts, who=romeo)
    stage.hush()

    equal(bodies(juliet.enter(room, history={"maxchars": "25000"})),
          texts[1:])
    equal(bodies(nurse.enter(room, history={"maxchars": "10000"})), [])
    equal(bodies(paris.enter(room, history={"maxchars": "0"})), [])


@test("limits the age by seconds and since")
def age(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo)
    now = datetime.datetime.now(datetime.timezone.utc)
    # Of an owner's words the room believes when they were said (7.9).
    romeo.say(room, "old", content=delay(now - datetime.timedelta(hours=2)))
    romeo.say(room, "new")
    stage.hush()

    equal(bodies(juliet.enter(room, history={"seconds": "3600"})), ["new"])
    equal(bodies(nurse.enter(room, history={"seconds": "10800"})),
          ["old", "new"])
    equal(bodies(paris.enter(room, history={
        "since": (now - datetime.timedelta(hours=1)).strftime(SECOND)})),
        ["new"])


@test("takes since from the stamp of a message, which is sent again")
def stamp(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo)
    now = datetime.datetime.now(datetime.timezone.utc)
    for secs in (3, 2, 1):
        romeo.say(room, f"{secs} s ago",
                  content=delay(now - datetime.timedelta(seconds=secs)))
    stage.hush()
    last = juliet.enter(room).history[1].attribute("delay:delay", "stamp")

    equal(bodies(nurse.enter(room, history={"since": last})),
          ["2 s ago", "1 s ago"])


@test("takes since and seconds that reach further back as no limit")
def far(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo)
    told(room, "one", "two", who=romeo)
    stage.hush()

    equal(bodies(juliet.enter(room, history={
        "since": "1970-01-01T00:00:00Z"})), ["one", "two"])
    equal(bodies(nurse.enter(room, history={"seconds": "86400"})),
          ["one", "two"])


@test("sends the least that any combination of limits allows")
def combined(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo)
    told(room, "one", "two", "three", who=romeo)
    stage.hush()

    equal(bodies(juliet.enter(room, history={
        "maxstanzas": "1", "maxchars": "65000", "seconds": "3600"})),
        ["three"])
    equal(bodies(nurse.enter(room, history={
        "maxstanzas": "3", "maxchars": "0"})), [])


@test("sends no more than muc#maxhistoryfetch")
def room_limit(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, maxhistoryfetch=2)
    told(room, "one", "two", "three", who=romeo)
    stage.hush()

    equal(bodies(juliet.enter(room)), ["two", "three"])
    equal(bodies(nurse.enter(room, history={
        "since": "1970-01-01T00:00:00Z", "maxstanzas": "100"})),
        ["two", "three"])


@test("sends none when muc#maxhistoryfetch is 0")
def no_history(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, maxhistoryfetch=0)
    romeo.say(room, "one")
    succeeds(romeo.configuration(room))

    equal(bodies(juliet.enter(room)), [])


scene()
