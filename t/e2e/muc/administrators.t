#!/usr/bin/python3
"""Administrators of the service."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


@test("may create rooms where others may not")
def create(stage):
    nurse, romeo = stage.cast("nurse", "romeo")

    equal(nurse.enter(stage.room()).own.codes, {110, 201})
    room = stage.room()
    romeo.knock(room)
    romeo.refused("presence", room.at("romeo"), "not-allowed", "cancel")


@test("own every room")
def own(stage):
    nurse, romeo = stage.cast("nurse", "romeo")
    room = stage.gather(nurse, romeo, passwordprotectedroom=0)
    succeeds(nurse.set_affiliation(room, romeo.bare, "owner"))
    succeeds(romeo.set_affiliation(room, nurse.bare, "none"))

    succeeds(nurse.configuration(room))
    succeeds(nurse.destroy(room))


@test("are published as contacts (XEP-0157)")
def contacts(stage):
    romeo, = stage.cast("romeo")

    answer = succeeds(romeo.info(stage.rooms))

    equal(answer.form_type, "http://jabber.org/network/serverinfo")
    assert "nurse@verona.test" in str(answer), f"{answer}"


scene("""
    admins = { "nurse@verona.test" }
    create = { "admins" }
""")
