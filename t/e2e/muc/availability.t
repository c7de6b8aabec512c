#!/usr/bin/python3
"""XEP-0045 7.7: changing the availability."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test


@test("shows the new availability to all")
def changed(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)

    juliet.presence(room.at("juliet"), (
        "<show>xa</show><status>gone where the goblins go</status>"))

    shown = {"show": "xa", "status": "gone where the goblins go",
             "affiliation": "none", "role": "participant"}
    romeo.sees(room.at("juliet"), jid=juliet.full, **shown)
    nurse.sees(room.at("juliet"), jid=None, **shown)
    juliet.sees(room.at("juliet"), {110}, **shown)
    stage.silent()


@test("shows it to those who enter later")
def later(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    romeo.presence(room.at("romeo"), "<show>dnd</show>")
    stage.hush()

    entry = juliet.enter(room)

    equal([other.show for other in entry.others], ["dnd"])


@test("passes extensions on")
def extensions(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    juliet.presence(room.at("juliet"), "<music xmlns='gabber:x:music'/>")

    came = romeo.sees(room.at("juliet"))
    assert came.has("{gabber:x:music}music"), f"{came}"


scene()
