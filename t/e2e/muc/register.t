#!/usr/bin/python3
"""XEP-0045 7.10: registering with a room."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, submit, succeeds
from scene import scene, test

QUERY = "<query xmlns='jabber:iq:register'>%s</query>"
REGISTER = "http://jabber.org/protocol/muc#register"


def request(who, room):
    return who.ask("get", room.jid, QUERY % "")


def register(who, room, nick):
    return who.ask("set", room.jid, QUERY % submit(
        REGISTER, {"muc#register_roomnick": nick}))


@test("asks for a nick with a form")
def form(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    answer = succeeds(request(juliet, room))

    equal(answer.form_type, REGISTER)
    assert "muc#register_roomnick" in answer.form, f"{answer}"
    assert not answer.has("register:query/register:registered")


@test("makes the user a member with a reserved nick")
def registered(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    room = stage.gather(romeo)

    answer = succeeds(register(juliet, room, "sun"))

    equal(list(answer.xml), [])
    equal(romeo.list(room, affiliation="member").rows,
          [{"affiliation": "member", "jid": juliet.bare, "nick": "sun"}])
    paris.knock(room, "sun")
    paris.refused("presence", room.at("sun"), "conflict", "cancel")
    equal(juliet.enter(room, "sun").own.affiliation, "member")


@test("tells the one who has registered which nick that was")
def known(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    succeeds(register(juliet, room, "sun"))

    answer = succeeds(request(juliet, room))

    assert answer.has("register:query/register:registered"), f"{answer}"
    equal(answer.text("register:query/register:username"), "sun")


@test("shows an occupant's new membership to all")
def inside(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    id = juliet.iq("set", room.jid, QUERY % submit(
        REGISTER, {"muc#register_roomnick": "juliet"}))

    succeeds(juliet.answer(id))
    juliet.sees(room.at("juliet"), {110}, affiliation="member",
                role="participant")
    romeo.sees(room.at("juliet"), affiliation="member", role="participant")
    stage.silent()


@test("says conflict when the nick is reserved by another")
def conflict(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    room = stage.gather(romeo)
    succeeds(register(juliet, room, "sun"))

    fails(register(paris, room, "sun"), "conflict", "cancel")

    equal([row["jid"] for row in
           romeo.list(room, affiliation="member").rows], [juliet.bare])


@test("says bad-request to what is no valid form")
def bad(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    for content in ("", "<nick>sun</nick>",
                    submit("urn:other", {"muc#register_roomnick": "sun"}),
                    submit(REGISTER, {})):
        fails(juliet.ask("set", room.jid, QUERY % content),
              "bad-request", "modify")


@test("says item-not-found where there is no room")
def nowhere(stage):
    juliet, = stage.cast("juliet")
    room = stage.room()

    fails(request(juliet, room), "item-not-found", "cancel")
    fails(register(juliet, room, "sun"), "item-not-found", "cancel")


@test("says not-allowed to the banned")
def banned(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, tybalt.bare, "outcast"))

    fails(request(tybalt, room), "not-allowed", "cancel")
    fails(register(tybalt, room, "cat"), "not-allowed", "cancel")


@test("forgets the nick of one who is banned")
def outcast(stage):
    romeo, tybalt, juliet = stage.cast("romeo", "tybalt", "juliet")
    room = stage.gather(romeo)
    succeeds(register(tybalt, room, "sun"))

    succeeds(romeo.set_affiliation(room, tybalt.bare, "outcast"))

    juliet.enter(room, "sun")
    equal(romeo.list(room, affiliation="outcast").rows,
          [{"affiliation": "outcast", "jid": tybalt.bare}])


scene()
