#!/usr/bin/python3
"""XEP-0045 7.12: discovering the reserved nick."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from scene import scene, test

NODE = "x-roomuser-item"


@test("tells a member the reserved nick, outside and inside the room")
def known(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member", nick="sun"))

    for _ in range(2):
        answer = succeeds(juliet.info(room, node=NODE))
        equal(answer.attribute("info:query", "node"), NODE)
        equal([dict(identity.attrib) for identity in
               answer.find_all("info:query/info:identity")],
              [{"category": "conference", "type": "text", "name": "sun"}])
        juliet.enter(room, "sun")


@test("returns an empty query to one who has none")
def unknown(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    answer = succeeds(juliet.info(room, node=NODE))

    equal(list(answer.find("info:query")), [])


@test("admits who has reserved a nick under another one as well")
def another(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member", nick="sun"))
    stage.hush()

    own = juliet.enter(room, "moon").own

    equal((own.sender, own.codes), (room.at("moon"), {110}))


scene()
