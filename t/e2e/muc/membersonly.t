#!/usr/bin/python3
"""XEP-0045 7.2.6: rooms for members only."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test


@test("refuses who is not a member")
def stranger(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, membersonly=1)

    juliet.knock(room)

    juliet.refused("presence", room.at("juliet"),
                   "registration-required", "auth", by=room.jid)
    stage.silent()


@test("admits members, admins and owners")
def member(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo, membersonly=1)
    for who, what in ((juliet, "member"), (nurse, "admin"),
                      (paris, "owner")):
        succeeds(romeo.set_affiliation(room, who.bare, what))
    stage.hush()

    for who, what, role in ((juliet, "member", "participant"),
                            (nurse, "admin", "moderator"),
                            (paris, "owner", "moderator")):
        own = who.enter(room).own
        equal((own.affiliation, own.role), (what, role))


@test("refuses a member who was removed from the list")
def removed(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, membersonly=1)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    succeeds(romeo.set_affiliation(room, juliet.bare, "none"))
    stage.hush()

    juliet.knock(room)

    juliet.refused("presence", room.at("juliet"), "registration-required",
                   "auth")


scene()
