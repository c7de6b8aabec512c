#!/usr/bin/python3
"""The shims of two hosts of one Prosody."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from shim import scene, test
from stage import DOMAIN
from user import User

MANTUA = "mantua.test"
ARCHIVE = f"archive.{DOMAIN}"
ROOM = f"garden@rooms.{DOMAIN}/romeo"
SHIM = {"rooms": {"hooks": ["fanout"]}, "archive": {"hooks": ["presence"]}}
OTHERS = f"""
VirtualHost "{MANTUA}"
    modules_enabled = {{ "annex" }}
    annex = {{ ["{ARCHIVE}"] = {{ hooks = {{ "tap", "check" }} }} }}
"""


@test("neither judges nor copies what was sent out by another host's shim")
def fanout(stage):
    rooms, archive = stage.component("rooms"), stage.component("archive")
    archive.hello()
    paris = User(stage.loop, stage.router.client_port, MANTUA, "paris",
                 "house").login()

    rooms.fanout([paris.full],
                 f"<message xmlns='jabber:client' from='{ROOM}' "
                 "type='groupchat'><body>one</body></message>")
    rooms.send(f"<message from='{ROOM}' to='{paris.full}' type='groupchat'>"
               "<body>two</body></message>")

    check = archive.told("check")
    equal((check.sender, check.inner.body), (MANTUA, "two"))
    archive.verdict(check)
    tap = archive.told("tap")
    equal((tap.sender, tap.inner.body), (MANTUA, "two"))
    paris.hears(ROOM, "one")
    paris.hears(ROOM, "two")
    paris.vanish()


scene(SHIM, others=OTHERS)
