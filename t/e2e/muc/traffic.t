#!/usr/bin/python3
"""XEP-0045 18.1.1: allowable traffic."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import fails
from scene import scene, test


@test("says service-unavailable since no namespace is discarded")
def all_pass(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)

    fails(romeo.info(room, node="http://jabber.org/protocol/muc#traffic"),
          "service-unavailable", "cancel")


scene()
