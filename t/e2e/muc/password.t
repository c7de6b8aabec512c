#!/usr/bin/python3
"""XEP-0045 7.2.5: rooms that need a password."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test

SECRET = "cauldron & <burn>"


def locked_garden(stage, *people):
    return stage.gather(*people, passwordprotectedroom=1, roomsecret=SECRET)


@test("refuses without a password")
def missing(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = locked_garden(stage, romeo)

    juliet.knock(room, id="n13mt3l")

    juliet.refused("presence", room.at("juliet"), "not-authorized",
                   "auth", by=room.jid, id="n13mt3l")
    stage.silent()


@test("refuses a wrong password")
def wrong(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = locked_garden(stage, romeo)

    for guess in (SECRET + "x", SECRET[:-1], ""):
        juliet.knock(room, password=guess)
        juliet.refused("presence", room.at("juliet"), "not-authorized",
                       "auth", by=room.jid)
    stage.silent()


@test("admits with the password")
def right(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = locked_garden(stage, romeo)

    equal(juliet.enter(room, password=SECRET).own.codes, {110})
    came = romeo.sees(room.at("juliet"))
    assert "cauldron" not in str(came), f"{came}"


@test("says in disco that a password is needed")
def disco(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = locked_garden(stage, romeo)

    features = juliet.info(room).features

    assert "muc_passwordprotected" in features, features
    assert "muc_unsecured" not in features


@test("refuses a configuration with an empty password")
def blank(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)

    answer = romeo.configure(room, passwordprotectedroom=1, roomsecret="")

    equal((answer.type, answer.condition, answer.error_type),
          ("error", "not-acceptable", "modify"))
    assert "muc_unsecured" in romeo.info(room).features


@test("takes the password away again")
def removed(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = locked_garden(stage, romeo)

    succeeds(romeo.configure(room, passwordprotectedroom=0))

    juliet.enter(room)


scene()
