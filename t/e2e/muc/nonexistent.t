#!/usr/bin/python3
"""XEP-0045 7.2.11 and 10.1.1: entering a room that does not exist."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test


@test("creates it, with 201, for its first occupant as owner")
def created(stage):
    romeo, = stage.cast("romeo")

    own = romeo.enter(stage.room()).own

    equal(own.codes, {110, 201})
    equal((own.affiliation, own.role), ("owner", "moderator"))


@test("creates none when the presence has a type")
def typed(stage):
    romeo, = stage.cast("romeo")
    room = stage.room()

    romeo.presence(room.at("romeo"),
                   "<x xmlns='http://jabber.org/protocol/muc'/>",
                   "unavailable")

    stage.silent()
    equal(romeo.info(room).condition, "item-not-found")


scene()
