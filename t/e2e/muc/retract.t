#!/usr/bin/python3
"""XEP-0424 and XEP-0425: messages that are retracted, by their author or by a
moderator, in history and in the archive."""
import re
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, succeeds
from lookback import bodies, garden, look
from scene import scene, test
from stanza import NS

RETRACT = "urn:xmpp:message-retract:1"
MODERATE = "urn:xmpp:message-moderate:1"
NS.update({"retract": RETRACT, "moderate": MODERATE})


def say(guest, room, text):
    """Returns the id that the room gives it, to all who are there."""
    guest.say(room, text)
    return guest.hears(room.at(guest.name), text).attribute(
        "sid:stanza-id", "id")


def archived(stage, id):
    """The archive's rows with that id in them, as a dump has them, which
    may be those of a month apart."""
    rows, copied = [], False
    for line in stage.dump().splitlines():
        if line.startswith("COPY ") or line == "\\.":
            copied = ".archive_message" in line
        elif id in line and (copied or line.startswith(
                'INSERT INTO "archive_message"')):
            rows.append(line)
    return rows


def retract(guest, room, target, id="r1"):
    guest.message(room.jid, (
        f"<retract xmlns='{RETRACT}' id='{target}'/>"
        "<store xmlns='urn:xmpp:hints'/>"), id=id)


def moderate(guest, room, target, reason="Rude"):
    return guest.ask("set", room.jid, (
        f"<moderate xmlns='{MODERATE}' id='{target}'>"
        f"<retract xmlns='{RETRACT}'/><reason>{reason}</reason></moderate>"))



@test("leaves of what its author retracts a tombstone in history")
def history(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    target = say(juliet, room, "one")
    romeo.say(room, "two")
    stage.hush()

    retract(juliet, room, target)

    equal(romeo.next().attribute("retract:retract", "id"), target)
    stage.hush()
    old = nurse.enter(room).history
    equal([each.body for each in old], [None, "two", None])
    equal(old[0].attribute("retract:retracted", "id"), "r1")
    equal(old[0].attribute("sid:stanza-id", "id"), target)
    equal(old[0].sender, room.at("juliet"))
    assert old[0].attribute("occupant:occupant-id", "id"), f"{old[0]}"
    equal(old[2].attribute("retract:retract", "id"), target)


@test("leaves what others said as it is")
def other(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = garden(stage, juliet)
    target = say(juliet, room, "one")
    stage.hush()

    retract(romeo, room, target)
    romeo.say(room, "two")
    stage.hush()

    equal([each.body for each in nurse.enter(room).history],
          ["one", None, "two"])
    stage.hush()
    equal(bodies(nurse, room), ["one", None, "two"])


@test("leaves a tombstone in the archive, and the retraction")
def archive(stage):
    juliet, nurse = stage.cast("juliet", "nurse")
    room = garden(stage, juliet)
    target = say(juliet, room, "one")
    stage.hush()

    retract(juliet, room, target, "r7")
    stage.hush()

    (tomb, retraction), _ = look(nurse, room)
    equal((tomb.id, tomb.message.body, tomb.message.sender),
          (target, None, room.at("juliet")))
    equal(tomb.message.attribute("retract:retracted", "id"), "r7")
    assert tomb.message.attribute("retract:retracted", "stamp"), tomb.message
    assert tomb.message.attribute("occupant:occupant-id", "id"), tomb.message
    equal(retraction.message.attribute("retract:retract", "id"), target)
    equal(retraction.message.id, "r7")
    assert "one" not in str(tomb.message)
    rows = archived(stage, target)
    equal(len(rows), 2)
    assert not any("one" in re.split(r"\W+", row) for row in rows), rows


@test("lets moderators retract what others said, and tells all")
def moderated(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = garden(stage, juliet)
    target = say(juliet, room, "one")
    stage.hush()

    succeeds(moderate(romeo, room, target))

    told = [guest.expect("message", sender=room.jid, type="groupchat")
            for guest in (romeo, juliet)]
    for came in told:
        equal(came.attribute("retract:retract", "id"), target)
        equal(came.attribute("retract:retract/moderate:moderated", "by"),
              room.at("romeo"))
        equal(came.text("retract:retract/retract:reason"), "Rude")
        equal(came.find_all("occupant:occupant-id"), [])
    old, = nurse.enter(room).history
    equal((old.body, old.sender), (None, room.at("juliet")))
    equal(old.attribute("retract:retracted/moderate:moderated", "by"),
          room.at("romeo"))
    stage.hush()
    (tomb, retraction), _ = look(nurse, room)
    equal((tomb.id, tomb.message.body), (target, None))
    equal(tomb.message.text("retract:retracted/retract:reason"), "Rude")
    equal((retraction.id, retraction.message.sender, retraction.message.id),
          (told[0].attribute("sid:stanza-id", "id"), room.jid, told[0].id))
    equal(retraction.message.attribute("retract:retract", "id"), target)


@test("lets moderators retract what is in the archive alone")
def old(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)
    target = say(juliet, room, "zero")
    stage.hush()
    for number in range(3):
        juliet.say(room, f"number {number}")
    stage.hush()

    succeeds(moderate(romeo, room, target))

    romeo.expect("message", sender=room.jid, type="groupchat")
    stage.hush()
    equal(bodies(juliet, room)[0], None)


@test("retracts from an archive that is switched off")
def off(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)
    targets = [say(juliet, room, text) for text in ("one", "two", "three")]
    stage.hush()

    succeeds(romeo.configure(room, enablearchiving=0))
    stage.hush()
    retract(juliet, room, targets[0])
    stage.hush()
    succeeds(moderate(romeo, room, targets[1]))
    stage.hush()
    succeeds(romeo.configure(room, enablearchiving=1))
    stage.hush()

    equal(bodies(juliet, room), [None, None, "three"])


@test("refuses all others, and what is not there")
def refused(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    temporary = stage.gather(romeo, juliet)
    room = garden(stage, juliet)
    for place in (temporary, room):
        target = say(juliet, place, "one")
        stage.hush()
        fails(moderate(juliet, place, target), "forbidden")
        fails(moderate(nurse, place, target), "not-acceptable")
        fails(moderate(romeo, place, "nothing"), "item-not-found")
        stage.silent()
        equal([each.body for each in nurse.enter(place).history], ["one"])
        stage.hush()


@test("keeps tombstones over a restart")
def restart(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)
    target = say(juliet, room, "one")
    succeeds(moderate(romeo, room, target))
    stage.hush()
    # Once this is answered the archive has it.
    look(juliet, room)

    stage.restart()

    juliet, = stage.cast("juliet")
    came, = juliet.enter(room).history
    equal((came.body, came.attribute("sid:stanza-id", "id")), (None, target))
    assert came.has("retract:retracted"), f"{came}"
    equal(bodies(juliet, room), [None, None])


@test("keeps a moderator's mark from the message's author, also later")
def mark(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)
    target = say(juliet, room, "one")
    succeeds(moderate(romeo, room, target))
    stage.hush()
    look(juliet, room)
    stage.restart()
    juliet, nurse = stage.cast("juliet", "nurse")
    juliet.enter(room)

    retract(juliet, room, target)
    stage.hush()

    old = nurse.enter(room).history[0]
    equal(old.text("retract:retracted/retract:reason"), "Rude")
    stage.hush()
    tomb = look(nurse, room)[0][0]
    equal(tomb.message.text("retract:retracted/retract:reason"), "Rude")


@test("advertises both")
def features(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)

    equal({RETRACT, RETRACT + "#tombstone", MODERATE}
          - succeeds(romeo.info(room)).features, set())


scene('archive = "chosen"\n    journal = "muc.journal"\n    history = 3')
