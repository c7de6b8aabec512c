#!/usr/bin/python3
"""What comes back from a session that breaks (XEP-0198)."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ["ROUTER"] = "ejabberd"
from attached import forwarded  # noqa: E402
from guest import equal  # noqa: E402
from shim import scene, test  # noqa: E402
from stage import DOMAIN  # noqa: E402

SHIM = {"offline": {"hooks": ["store", "deliver"]}}


@test("is given once to another session of the same priority")
def another(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    phone = stage.user("juliet", "phone")
    juliet.manage()
    offline.does("deliver", "<item id='x1'>" + forwarded(
        f"<message xmlns='jabber:client' from='tybalt@{DOMAIN}' type='chat' "
        f"to='{juliet.bare}'><body>one</body></message>") + "</item>",
        jid=juliet.full)
    juliet.pick(lambda word: word.body == "one", "the message")
    juliet.vanish()

    phone.pick(lambda word: word.type == "unavailable", "the end of juliet")
    phone.pick(lambda word: word.body == "one", "the message")
    phone.settle()
    equal([word.body for word in phone.inbox if word.kind == "message"], [])


scene(SHIM, {"offline", "resumption"}, hibernation=1)
