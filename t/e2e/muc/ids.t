#!/usr/bin/python3
"""By what messages and people are known again: XEP-0359 and XEP-0421."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test
from stanza import NS


def who(stanza):
    """The occupant's id, which is there just once."""
    found, = stanza.find_all("occupant:occupant-id")
    assert 0 < len(found.get("id")) <= 128, f"{stanza}"
    return found.get("id")


def which(stanza):
    """The message's ids, by whom."""
    return [(found.get("by"), found.get("id"))
            for found in stanza.find_all("sid:stanza-id")]


@test("gives what it keeps an id, the same for all and in history")
def kept(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)

    juliet.say(room, "one")
    juliet.say(room, "two")

    heard = [[which(guest.hears(room.at("juliet"), text))
              for text in ("one", "two")] for guest in (romeo, juliet)]
    equal(heard[0], heard[1])
    (by, one), = heard[0][0]
    (_, two), = heard[0][1]
    equal(by, room.jid)
    assert one and two and one != two, heard
    equal([which(old) for old in nurse.enter(room).history], heard[0])


@test("gives no id to what it does not keep")
def passing(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.message(room.jid, "<composing xmlns="
                   "'http://jabber.org/protocol/chatstates'/>")
    juliet.say(room, "two", content="<no-store xmlns='urn:xmpp:hints'/>")

    equal([which(romeo.next()), which(romeo.next())], [[], []])


@test("lets nobody give ids in the room's name")
def forged(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.say(room, "one", content=(
        f"<stanza-id xmlns='{NS['sid']}' by='{room}' id='x'/>"
        f"<stanza-id xmlns='{NS['sid']}' by='{juliet.bare}' id='y'/>"
        f"<origin-id xmlns='{NS['sid']}' id='z'/>"))

    came = romeo.hears(room.at("juliet"), "one")
    equal({by for by, id in which(came) if id != "x"},
          {room.jid, juliet.bare})
    equal(len(which(came)), 2)
    equal(came.attribute("sid:origin-id", "id"), "z")


@test("tells that an occupant is the same by whatever nick and client")
def same(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    balcony = stage.client("juliet", "balcony")
    room = stage.gather(romeo, juliet, changesubject=1)

    juliet.say(room, "one")
    id = who(romeo.hears(room.at("juliet"), "one"))
    balcony.enter(room)
    equal(who(romeo.sees(room.at("juliet"))), id)
    balcony.leave(room, "juliet")
    juliet.presence(room.at("sun"))
    stage.settle()
    assert {who(came) for came in romeo.inbox} == {id}, romeo.inbox
    stage.hush()
    juliet.message(room.jid, "<subject>Roses</subject>")
    juliet.whisper(room, "romeo", "two")
    equal([who(romeo.next()), who(romeo.next())], [id, id])
    juliet.leave(room, "sun")
    equal(who(romeo.sees_gone(room.at("sun"))), id)
    stage.hush()
    entry = juliet.enter(room, "moon")
    equal(who(entry.own), id)
    equal(who(romeo.sees(room.at("moon"))), id)
    equal([who(old) for old in entry.history], [id])
    equal(who(entry.subject), id)
    assert [who(other) for other in entry.others] != [id], entry.others


@test("gives another id in each room")
def elsewhere(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    rooms = [stage.gather(romeo, juliet) for _ in range(2)]

    for room in rooms:
        juliet.say(room, "one")

    ids = {who(romeo.hears(room.at("juliet"), "one")) for room in rooms}
    equal(len(ids), 2)


@test("lets nobody take the id of another")
def stolen(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)
    juliet.say(room, "one")
    id = who(romeo.hears(room.at("juliet"), "one"))
    theft = f"<occupant-id xmlns='{NS['occupant']}' id='{id}'/>"
    stage.hush()

    nurse.say(room, "two", content=theft)
    nurse.presence(room.at("nurse"), theft)
    nurse.message(room.at("romeo"), "<body>three</body>" + theft, "chat")

    came = [who(romeo.next()) for _ in range(3)]
    equal(len(set(came)), 1)
    assert id not in came, came


@test("advertises both, and that it answers a self-ping (XEP-0410)")
def features(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)

    equal({NS["sid"], NS["occupant"],
           "http://jabber.org/protocol/muc#self-ping-optimization"}
          - succeeds(romeo.info(room)).features, set())
    assert NS["occupant"] in succeeds(romeo.info(stage.rooms)).features


@test("keeps a persistent room's ids over a restart")
def restart(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, persistentroom=1)
    juliet.say(room, "one")
    before = romeo.hears(room.at("juliet"), "one")

    if not stage.remembers:
        return
    stage.restart()

    entry = stage.client("juliet").enter(room, "sun")
    equal(who(entry.own), who(before))
    equal([(who(old), which(old)) for old in entry.history],
          [(who(before), which(before))])


scene()
