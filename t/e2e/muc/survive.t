#!/usr/bin/python3
"""The component is killed, and its users notice nothing."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test
from stanza import NS

CAPS = ("<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
        "node='http://balcony.example' ver='abc='/>")


def pinged(guest, *rooms):
    """Next each room asks whether the client is there; it says yes."""
    asked = [guest.expect("iq", type="get") for _ in rooms]
    equal({each.sender for each in asked}, {str(room) for room in rooms})
    for each in asked:
        assert each.has("ping:ping"), f"not a ping: {each}"
        guest.send(f"<iq type='result' to='{each.sender}' id='{each.id}'/>")


def killed(stage, meanwhile=lambda: None):
    stage.saved()
    stage.annex.kill()
    meanwhile()
    stage.annex.start()


def balcony(stage, **options):
    """A room with Romeo and Juliet, and something of everything in it."""
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.room()
    romeo.create(room, **options)
    juliet.enter(room, content="<show>away</show>")
    romeo.message(room.jid, "<subject>Light</subject>")
    romeo.say(room, "But soft!")
    succeeds(romeo.set_role(room, "juliet", "moderator"))
    romeo.presence(room.at("Montague"), "<status>below</status>" + CAPS)
    stage.hush()
    return romeo, juliet, room


def left(stage, *rooms):
    """Nobody is asked about these in the next test."""
    for guest in stage.cast("romeo", "juliet"):
        for room in rooms:
            guest.leave(room)
    stage.hush()


@test("tells nobody anything, and talk goes on")
def silence(stage):
    romeo, juliet, garden = balcony(stage)
    _, _, tomb = balcony(stage, persistentroom=1)

    killed(stage)

    pinged(romeo, garden, tomb)
    pinged(juliet, garden, tomb)
    stage.silent()
    for room in garden, tomb:
        romeo.say(room, "It is the east")
        juliet.hears(room.at("Montague"), "It is the east")
        romeo.hears(room.at("Montague"), "It is the east")
    stage.silent()
    left(stage, garden, tomb)


def everything(stage, room):
    """What somebody sees who enters, first of all roles and presence."""
    nurse, = stage.cast("nurse")
    entry = nurse.enter(room)
    nurse.leave(room)
    stage.hush()
    return {
        "others": sorted((other.sender, other.role, other.affiliation,
                          other.show or "", other.status or "",
                          other.attribute("{*}c", "ver") or "")
                         for other in entry.others),
        "codes": entry.own.codes,
        "history": [(old.sender, old.body,
                     old.attribute("delay:delay", "stamp"))
                    for old in entry.history],
        "subject": (entry.subject.sender, entry.subject.subject),
    }


def same_after(stage, **options):
    romeo, juliet, room = balcony(stage, **options)
    before = everything(stage, room)
    equal(before["others"],
          [(room.at("Montague"), "moderator", "owner", "", "below", "abc="),
           (room.at("juliet"), "moderator", "none", "away", "", "")])

    killed(stage)
    stage.hush()

    equal(everything(stage, room), before)
    # Rights as well.
    succeeds(juliet.list(room, role="participant"))
    succeeds(romeo.configure(room, roomname="Capulet's"))
    left(stage, room)


@test("keeps a temporary room as it was, for those who enter later")
def temporary(stage):
    same_after(stage)


@test("keeps a persistent room as it was, for those who enter later")
def persistent(stage):
    same_after(stage, persistentroom=1)


@test("removes those who went away in between, and tells the others")
def absent(stage):
    romeo, juliet, room = balcony(stage)

    def leave():
        juliet.vanish()
        stage.part(juliet)

    killed(stage, leave)

    pinged(romeo, room)
    romeo.sees_gone(room.at("juliet"), {333})
    stage.silent()
    equal(len(everything(stage, room)["others"]), 1)
    left(stage, room)


@test("keeps those whose clients know no pings")
def pingless(stage):
    romeo, juliet, room = balcony(stage)

    killed(stage)

    pinged(romeo, room)
    ping = juliet.expect("iq", type="get", sender=room.jid)
    juliet.send(f"<iq type='error' to='{room.jid}' id='{ping.id}'>"
                "<error type='cancel'><service-unavailable "
                f"xmlns='{NS['stanzas']}'/></error></iq>")
    asked = juliet.expect("iq", type="get", sender=room.jid)
    assert asked.has("info:query"), f"not disco#info: {asked}"
    juliet.send(f"<iq type='result' to='{room.jid}' id='{asked.id}'>"
                f"<query xmlns='{NS['info']}'/></iq>")
    stage.silent()
    juliet.say(room, "Ay me!")
    romeo.hears(room.at("juliet"), "Ay me!")
    left(stage, room)


@test("leaves nothing of a temporary room that all have left in between")
def empty(stage):
    _, _, garden = balcony(stage)
    _, _, tomb = balcony(stage, persistentroom=1)

    killed(stage, stage.dismiss)

    stage.wait_stored(lambda text: garden.jid not in text
                      and "@verona.test/house" not in text)
    assert tomb.jid in stage.dump()
    romeo, = stage.cast("romeo")
    equal(romeo.enter(garden).own.codes, {110, 201})
    left(stage, garden)


@test("lets the owner of a new room go on configuring it")
def locked(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.room()
    romeo.enter(room)

    killed(stage)
    pinged(romeo, room)

    juliet.knock(room)
    juliet.refused("presence", room.at("juliet"), "item-not-found", "cancel")
    succeeds(romeo.configure(room))
    juliet.enter(room)
    left(stage, room)


@test("may be killed again and again")
def again(stage):
    romeo, juliet, room = balcony(stage)
    for number in range(3):
        killed(stage)
        pinged(romeo, room)
        pinged(juliet, room)
        juliet.presence(room.at("juliet"), f"<status>{number}</status>")
        romeo.sees(room.at("juliet"), status=str(number))
        stage.hush()


@test("leaves nobody in the database when it is stopped in good order")
def stopped(stage):
    _, _, garden = balcony(stage)
    _, _, tomb = balcony(stage, persistentroom=1)

    stage.annex.stop()

    text = stage.dump()
    assert garden.jid not in text and tomb.jid in text, text
    assert "@verona.test/house" not in text, text
    stage.annex.start()




scene()
