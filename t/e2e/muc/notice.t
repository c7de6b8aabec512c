#!/usr/bin/python3
"""XEP-0045 10.2.1: telling the occupants of a changed configuration."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import ROOMCONFIG, equal, submit, succeeds
from scene import scene, test


def codes_told(who, room):
    codes = [came.codes for came in who.inbox if came.kind == "message"
             and came.sender == room.jid and came.type == "groupchat"
             and came.body is None and came.subject is None]
    return sorted(code for each in codes for code in each)


def changing(stage, before, after):
    """The codes that all occupants are told by a change of options."""
    romeo, juliet = stage.cast("romeo", "juliet")
    stage.hush()
    room = stage.gather(romeo, juliet, **before)
    succeeds(romeo.configure(room, **after))
    stage.settle()
    equal(codes_told(romeo, room), codes_told(juliet, room))
    return codes_told(juliet, room)


@test("170 when logging is now enabled, 171 when it is not")
def logging(stage):
    equal(changing(stage, {"enablelogging": 0}, {"enablelogging": 1}), [170])
    equal(changing(stage, {"enablelogging": 1}, {"enablelogging": 0}), [171])


@test("172 when the room is now non-anonymous, 173 when semi-anonymous")
def anonymity(stage):
    equal(changing(stage, {"whois": "moderators"}, {"whois": "anyone"}),
          [172])
    equal(changing(stage, {"whois": "anyone"}, {"whois": "moderators"}),
          [173])


@test("104 for all other changes")
def other(stage):
    for before, after in (({}, {"roomname": "Orchard"}),
                          ({}, {"roomdesc": "Behind the wall"}),
                          ({}, {"maxusers": "30"}),
                          ({}, {"moderatedroom": 1}),
                          ({}, {"persistentroom": 1})):
        equal((after, changing(stage, before, after)), (after, [104]))


@test("each code when several things change")
def several(stage):
    equal(changing(stage, {"whois": "moderators", "enablelogging": 0},
                   {"whois": "anyone", "enablelogging": 1,
                    "roomname": "Orchard"}), [104, 170, 172])


@test("nothing when nothing changes")
def nothing(stage):
    equal(changing(stage, {"roomname": "Orchard"}, {"roomname": "Orchard"}),
          [])


@test("102 and 103 when absent members are shown or no longer shown")
def shown(stage):
    option = "{urn:x-annex:0}roomconfig_showabsent"
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    for value, code in (("1", 102), ("0", 103)):
        succeeds(romeo.ask("set", room.jid, (
            "<query xmlns='http://jabber.org/protocol/muc#owner'>"
            + submit(ROOMCONFIG, {option: value}) + "</query>")))
        juliet.told(room, {code})


@test("comes as a groupchat message with nothing but the codes")
def form(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    succeeds(romeo.configure(room, roomname="Orchard"))

    came = juliet.told(room, {104})
    equal([child.tag for child in came.xml if "muc#user" in child.tag],
          ["{http://jabber.org/protocol/muc#user}x"])
    equal([child.tag for child in came.find("user:x")],
          ["{http://jabber.org/protocol/muc#user}status"])


scene()
