#!/usr/bin/python3
"""The link alone is lost: the router, and the people, stay."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from proxy import Proxy
from scene import scene, test
from stage import Stage


class Wire(Stage):
    def build_annex(self):
        super().build_annex()
        self.wire = Proxy(self.router.component_port)
        self.annex.write(self.settings, port=self.wire.port)


def is_lost(stage, since):
    stage.annex.process.wait_line("next attempt in", since)
    equal(stage.get("/readyz")[0], 503)


def answers_ping(guest, room):
    """The room asks whether one is still there."""
    asked = guest.expect("iq", type="get", sender=room.jid)
    assert asked.has("ping:ping"), f"{asked}"
    guest.iq("result", room.jid, "", id=asked.id)


@test("nobody leaves, and talk goes on")
def stay(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    romeo.say(room, "before")
    stage.hush()
    since = stage.log_length()

    with stage.wire.cut():
        is_lost(stage, since)
    stage.annex.process.wait_line("router: attached", since)
    for who in (romeo, juliet):
        answers_ping(who, room)

    stage.silent()
    juliet.say(room, "after")
    for who in (romeo, juliet):
        who.hears(room.at("juliet"), "after")
    entry = nurse.enter(room)
    equal(entry.nicks, ["romeo", "juliet"])
    equal([old.body for old in entry.history], ["before", "after"])


@test("those who went meanwhile leave when it is back")
def gone(stage):
    stage.dismiss()
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    since = stage.log_length()

    with stage.wire.cut():
        is_lost(stage, since)
        juliet.vanish()
        stage.part(juliet)
    stage.annex.process.wait_line("router: attached", since)
    answers_ping(romeo, room)

    romeo.sees_gone(room.at("juliet"), {333})
    stage.silent()


scene(stage_class=Wire)
