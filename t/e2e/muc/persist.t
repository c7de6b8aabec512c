#!/usr/bin/python3
"""What a persistent room keeps over restarts and crashes."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
import random
import time
from guest import Room, equal, submit, succeeds
from scene import scene, test

REGISTER = "http://jabber.org/protocol/muc#register"


def garden(stage, **options):
    """A persistent room with something of everything in it, then empty."""
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, persistentroom=1, **options)
    for who, what, nick in (("juliet", "admin", None), ("paris", "member",
                            "count"), ("benvolio", "owner", None)):
        succeeds(romeo.set_affiliation(room, f"{who}@verona.test", what,
                                       nick=nick))
    succeeds(romeo.set_affiliation(room, "tybalt@verona.test", "outcast",
                                   "Hate"))
    romeo.message(room.jid, "<subject>Light &amp; east</subject>")
    romeo.say(room, "one", id="m1")
    romeo.say(room, "two <3", id="m2", content="<thread>t</thread>")
    stage.hush()
    return room


def everything(stage, room):
    """All that can be asked of a room, by one who enters it."""
    romeo, = stage.cast("romeo")
    entry = romeo.enter(room)
    form = romeo.configuration(room).form
    lists = {which: sorted(sorted(row.items()) for row in
                           romeo.list(room, affiliation=which).rows)
             for which in ("owner", "admin", "member", "outcast")}
    ban = romeo.list(room, affiliation="outcast")
    return {
        "codes": entry.own.codes,
        "history": [(old.sender, old.body, old.id, old.thread,
                     old.attribute("delay:delay", "stamp"))
                    for old in entry.history],
        "subject": (entry.subject.sender, entry.subject.subject,
                    entry.subject.attribute("delay:delay", "stamp")),
        "form": {name: sorted(values) for name, values in form.items()},
        "lists": lists,
        "reason": ban.text("admin:query/admin:item/admin:reason"),
    }


def same(after, before):
    for key in before:
        equal((key, after[key]), (key, before[key]))


def noise(length):
    """Letters that a database cannot make shorter."""
    dice = random.Random(length)
    return "".join(dice.choice("abcdefghijklmnopqrstuvwxyz0123456789")
                   for _ in range(length))


def written(stage, *texts):
    """Waits until the database holds all these."""
    end = time.monotonic() + 10
    while not all(text in stage.dump() for text in texts):
        assert time.monotonic() < end, f"{texts} never written"
        stage.settle()


@test("keeps options, lists, nicks, subject and history over a restart")
def restart(stage):
    room = garden(stage, roomname="Orchard", whois="anyone", maxusers=30)
    before = everything(stage, room)

    stage.restart()

    after = everything(stage, room)
    same(after, before)
    equal([old[1] for old in after["history"]], ["one", "two <3"])
    equal(after["subject"][1], "Light & east")
    assert "count" in str(after["lists"]["member"])


@test("keeps what was written when the component is killed")
def killed(stage):
    room = garden(stage, roomname="Tomb")
    before = everything(stage, room)
    written(stage, "Tomb", "two &lt;3", "Hate", room.jid)
    # Who is still inside then is asked whether he is there.
    stage.dismiss()
    stage.wait_stored(lambda text: "@verona.test/house" not in text)

    stage.annex.kill()
    stage.annex.start()

    same(everything(stage, room), before)


@test("keeps people and rooms with the longest addresses")
def longest(stage):
    romeo, = stage.cast("romeo")
    local = noise(599 - len(stage.rooms))
    room = Room(f"{local}@{stage.rooms}")
    stage.places.append(room)
    romeo.create(room, persistentroom=1)
    who = ".".join([noise(1023) + "@" + noise(63)] + [noise(63)] * 15)

    succeeds(romeo.set_affiliation(room, who, "member"))

    written(stage, room.jid, who)


@test("keeps the history of a temporary room that becomes persistent")
def escalated(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    romeo.message(room.jid, "<subject>Light</subject>")
    romeo.say(room, "while temporary")
    succeeds(romeo.set_affiliation(room, juliet.bare, "member", nick="sun"))
    succeeds(romeo.configure(room, persistentroom=1))
    romeo.say(room, "while persistent")
    stage.hush()

    stage.restart()

    room_kept = everything(stage, room)
    equal([old[1] for old in room_kept["history"]],
          ["while temporary", "while persistent"])
    equal(room_kept["subject"][1], "Light")
    assert "sun" in str(room_kept["lists"]["member"])


@test("keeps changes made later as well")
def changed(stage):
    room = garden(stage, roomname="Orchard")
    stage.restart()
    romeo, = stage.cast("romeo")
    romeo.enter(room)
    succeeds(romeo.configure(room, roomname="Vault"))
    succeeds(romeo.set_affiliation(room, "tybalt@verona.test", "none"))
    romeo.message(room.jid, "<subject/>")
    romeo.say(room, "three")
    stage.hush()

    stage.restart()

    kept = everything(stage, room)
    equal(kept["form"]["muc#roomconfig_roomname"], ["Vault"])
    equal(kept["lists"]["outcast"], [])
    equal(kept["subject"][1], "")
    equal([old[1] for old in kept["history"]], ["one", "two <3", "three"])


@test("keeps registrations")
def registered(stage):
    room = garden(stage)
    mercutio, = stage.cast("mercutio")
    succeeds(mercutio.ask("set", room.jid, (
        "<query xmlns='jabber:iq:register'>"
        + submit(REGISTER, {"muc#register_roomnick": "mab"})
        + "</query>")))

    stage.restart()

    mercutio, = stage.cast("mercutio")
    answer = mercutio.info(room, node="x-roomuser-item")
    equal(answer.attribute("info:query/info:identity", "name"), "mab")


@test("serves only from what is stored, when nobody was in a room for long")
def unloaded(stage):
    room = garden(stage, roomname="Orchard", publicroom=1)
    stage.restart()
    romeo, = stage.cast("romeo")

    listed = {item.get("jid"): item.get("name") for item in
              romeo.items(stage.rooms).find_all("items:query/items:item")}

    equal(listed.get(room.jid), "Orchard")
    assert "muc_persistent" in romeo.info(room).features


scene()
