#!/usr/bin/python3
"""XEP-0045 7.2.15, 7.3 and 8.1: the subject."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


def subject(text):
    return f"<subject>{text}</subject>"


@test("sends an empty subject when none was ever set")
def never(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    came = juliet.enter(room).subject

    equal((came.subject, came.body, came.type), ("", None, "groupchat"))
    assert came.sender.startswith(room.jid), f"{came}"


@test("reflects a moderator's change to all, with the same id")
def changed(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    romeo.message(room.jid, subject("Fire Burn"), id="lh2bs617")

    for who in (romeo, juliet):
        who.expect("message", sender=room.at("romeo"), type="groupchat",
                   subject="Fire Burn", body=None, id="lh2bs617")
    stage.silent()


@test("sends newcomers the last subject, stamped by the room")
def stamped(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    romeo.message(room.jid, subject("one"))
    romeo.message(room.jid, subject("two"))
    stage.hush()

    came = juliet.enter(room).subject

    equal((came.subject, came.sender), ("two", room.at("romeo")))
    equal(came.attribute("delay:delay", "from"), room.jid)
    assert came.attribute("delay:delay", "stamp").endswith("Z")


@test("keeps the subject when the one who set it has gone")
def kept(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    romeo.message(room.jid, subject("Light"))
    romeo.leave(room)
    stage.hush()

    came = nurse.enter(room).subject

    equal((came.subject, came.sender), ("Light", room.at("romeo")))


@test("takes an empty subject as its removal, and stamps that too")
def removed(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    romeo.message(room.jid, subject("Light"))
    stage.hush()

    romeo.message(room.jid, "<subject/>")

    juliet.expect("message", sender=room.at("romeo"), subject="", body=None)
    came = nurse.enter(room).subject
    equal((came.subject, came.body), ("", None))
    equal(came.attribute("delay:delay", "from"), room.jid)


@test("takes a subject with a body for talk")
def with_body(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    romeo.message(room.jid, subject("Light"))
    stage.hush()

    juliet.message(room.jid, subject("Night") + "<body>Good night</body>")

    romeo.hears(room.at("juliet"), "Good night", subject="Night")
    equal(nurse.enter(room).subject.subject, "Light")


@test("takes a subject with a thread for a message, not a change")
def with_thread(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    romeo.message(room.jid, subject("Light"))
    stage.hush()

    juliet.message(room.jid, subject("Night") + "<thread>t1</thread>")

    romeo.expect("message", sender=room.at("juliet"), thread="t1")
    nurse.knock(room, history={"maxchars": "0"})
    nurse.next(), nurse.next(), nurse.sees(room.at("nurse"), {110})
    equal(nurse.expect("message").subject, "Light")


@test("refuses who may not change it")
def forbidden(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.message(room.jid, subject("Night"), id="lh2bs617")

    juliet.refused("message", room.jid, "forbidden", "auth", by=room.jid,
                   id="lh2bs617")
    stage.silent()


@test("lets participants change it where changesubject allows")
def allowed(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, changesubject=1)

    juliet.message(room.jid, subject("Night"))

    romeo.expect("message", sender=room.at("juliet"), subject="Night")
    succeeds(romeo.configure(room, changesubject=0))
    stage.hush()
    juliet.message(room.jid, subject("Day"))
    juliet.refused("message", room.jid, "forbidden", "auth")


@test("refuses outsiders")
def outsider(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo, changesubject=1)

    tybalt.message(room.jid, subject("Death"))

    tybalt.refused("message", room.jid, "not-acceptable")
    stage.silent()


scene()
