#!/usr/bin/python3
"""Somebody in a large room of Prosody who does not read any more.  It waits for
a client as long as it goes on to write to it, and then for a while."""
import os
import sys
os.environ.update(ROUTER="prosody", SHIM="1", PATIENCE="3")
sys.path.append(sys.path[0] + "/../../lib")
from audience import Audience  # noqa: E402
from scene import scene, test  # noqa: E402

# More than the kernel keeps for a client.
TEXTS = [f"{number} " + "x" * 16000 for number in range(400)]


@test("is removed when the router gives up, and others hear all")
def removed(stage):
    room = stage.room()
    audience = Audience(stage, room)
    speaker = audience.attentive[0]
    audience.slow.stall()

    audience.talk(TEXTS)

    for listener in audience.attentive:
        listener.pick(lambda word: word.kind == "presence"
                      and word.type == "unavailable"
                      and word.sender == room.at("sloth"), "the end")
    speaker.message(room, "<body>gone</body>", type="groupchat")
    for listener in audience.attentive:
        listener.hears_all(["gone"])
    audience.go()


scene("message_rate = 0")
