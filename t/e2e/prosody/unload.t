#!/usr/bin/python3
"""What becomes of what is under way when Prosody's shim goes alone."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from shim import scene, test
from stage import DOMAIN

SHIM = {"calendar": {"hooks": ["overlay"]},
        "judge": {"hooks": ["check"], "timeout": 60},
        "offline": {"hooks": ["store"], "timeout": 60}}


@test("shows sessions as they are, and goes on with what waited")
def alone(stage):
    calendar, judge, offline = map(stage.component, SHIM)
    juliet, phone = stage.user("juliet"), stage.user("juliet", "phone")
    stage.user("nurse").logout()
    calendar.does("overlay", "<show>dnd</show>", user=juliet.bare, key="k")
    phone.pick(lambda word: word.sender == juliet.full
               and word.text("c:show") == "dnd", "the overlay")
    phone.say(juliet.full, "one")
    judge.told("check")
    phone.say(f"nurse@{DOMAIN}", "two")
    judge.verdict(judge.told("check"))

    juliet.message(DOMAIN, "<thread>annex</thread>", type=None)

    juliet.pick(lambda word: word.body == "one", "the message")
    phone.pick(lambda word: word.sender == juliet.full
               and word.kind == "presence" and not word.text("c:show"),
               "presence without an overlay")
    equal(calendar.answer(calendar.request("overlay", user=juliet.bare,
                                           key="k")).condition,
          "service-unavailable")
    nurse = stage.user("nurse", presence=None)
    nurse.send("<presence/>")
    nurse.pick(lambda word: word.body == "two", "the message")


scene(SHIM, {"offline"}, modules=["unloading"])
