#!/usr/bin/python3
"""XEP-0045 7.2.7: those who are banned."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import succeeds
from scene import scene, test


@test("refuses the banned with any nick and from any client")
def outcast(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo)
    stage.client("tybalt", "elsewhere")
    succeeds(romeo.set_affiliation(room, tybalt.bare, "outcast"))
    stage.hush()

    for who in (tybalt, stage.client("tybalt", "elsewhere")):
        for nick in ("tybalt", "cat"):
            who.knock(room, nick)
            who.refused("presence", room.at(nick), "forbidden",
                        "auth", by=room.jid)
    stage.silent()


@test("says forbidden although a password is missing as well")
def password(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo, passwordprotectedroom=1, roomsecret="x")
    succeeds(romeo.set_affiliation(room, tybalt.bare, "outcast"))
    stage.hush()

    tybalt.knock(room)

    tybalt.refused("presence", room.at("tybalt"), "forbidden", "auth")


@test("admits again when the ban is lifted")
def lifted(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, tybalt.bare, "outcast"))
    succeeds(romeo.set_affiliation(room, tybalt.bare, "none"))

    tybalt.enter(room)


scene()
