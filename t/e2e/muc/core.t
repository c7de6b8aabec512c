#!/usr/bin/python3
"""Enter, talk, nick, kick, ban, configure, persist, restart, leave."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


@test("creates, enters and talks")
def enters(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.room()

    entry = romeo.enter(room)
    equal(entry.own.codes, {110, 201})
    equal((entry.own.affiliation, entry.own.role), ("owner", "moderator"))
    succeeds(romeo.configure(room))
    juliet.enter(room)
    romeo.sees(room.at("juliet"), affiliation="none", role="participant",
               jid=juliet.full)

    juliet.say(room, "O Romeo!", id="m1")
    for who in (romeo, juliet):
        who.hears(room.at("juliet"), "O Romeo!", id="m1")
    stage.silent()


@test("lets many in at the same moment, and shows each to each once")
def together(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)
    crowd = stage.cast(*(f"page{number}" for number in range(10)))
    nicks = sorted(who.name for who in (romeo, juliet, nurse, *crowd))

    for number, who in enumerate(crowd):
        juliet.say(room, f"Welcome {number}")
        who.knock(room)
    crowd[-1].say(room, "Thank you")

    stage.settle()
    for who in (*crowd, romeo, juliet, nurse):
        came = list(who.inbox)
        shown = [other.sender for other in came if other.kind == "presence"]
        wanted = nicks if who in crowd else [page.name for page in crowd]
        equal(sorted(shown), [room.at(nick) for nick in wanted])
        if who not in crowd[:-1]:
            assert "Thank you" in [other.body for other in came], f"{who}"
    for who in crowd:
        came = [stanza for stanza in who.inbox if not stanza.has("delay:delay")]
        own = [110 in stanza.codes for stanza in came].index(True)
        senders = [other.sender for other in came[:own]]
        for nick in ("romeo", "juliet", "nurse"):
            assert room.at(nick) in senders, f"{who} got {nick} late"
        assert came[own + 1].subject is not None, f"{who} got no subject"
    stage.hush()


@test("changes a nick")
def nick(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.presence(room.at("capulet"))

    romeo.sees_gone(room.at("juliet"), {303}, nick="capulet",
                    role="participant")
    romeo.sees(room.at("capulet"), role="participant")
    juliet.sees_gone(room.at("juliet"), {303, 110}, nick="capulet",
                     role="participant")
    juliet.sees(room.at("capulet"), {110})
    stage.silent()


@test("kicks, and lets the kicked one come back")
def kick(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo, tybalt)

    succeeds(romeo.set_role(room, "tybalt", "none", "Away!"))

    tybalt.sees_gone(room.at("tybalt"), {110, 307}, reason="Away!")
    romeo.sees_gone(room.at("tybalt"), {307})
    tybalt.enter(room)


@test("bans, and keeps the banned one out")
def ban(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo, tybalt)

    succeeds(romeo.set_affiliation(room, tybalt.bare, "outcast"))

    tybalt.sees_gone(room.at("tybalt"), {110, 301}, affiliation="outcast")
    romeo.sees_gone(room.at("tybalt"), {301}, affiliation="outcast")
    tybalt.knock(room)
    tybalt.refused("presence", room.at("tybalt"), "forbidden", "auth")


@test("configures a room, and tells the occupants")
def configure(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    succeeds(romeo.configure(room, whois="anyone"))
    juliet.told(room, {172})
    succeeds(romeo.configure(room, roomname="Orchard"))
    juliet.told(room, {104})
    form = romeo.configuration(room).form
    assert form["muc#roomconfig_roomname"] == ["Orchard"]
    assert form["muc#roomconfig_whois"] == ["anyone"]


@test("keeps a persistent room over a restart")
def persists(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, persistentroom=1, roomname="Orchard")
    succeeds(romeo.set_affiliation(room, juliet.bare, "admin"))
    romeo.message(room.jid, "<subject>Light</subject>")
    romeo.say(room, "But soft!")
    stage.hush()

    stage.restart()

    romeo, juliet = stage.cast("romeo", "juliet")
    if not stage.remembers:
        equal(juliet.enter(room).own.codes, {110, 201})
        return
    entry = juliet.enter(room)
    equal((entry.own.codes, entry.own.affiliation), ({110}, "admin"))
    equal(entry.subject.subject, "Light")
    equal([old.body for old in entry.history], ["But soft!"])
    assert romeo.configuration(room).form["muc#roomconfig_roomname"] == \
        ["Orchard"]


@test("leaves")
def leave(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.leave(room)

    juliet.sees_gone(room.at("juliet"), {110}, affiliation="none")
    romeo.sees_gone(room.at("juliet"), affiliation="none")
    stage.silent()


scene()
