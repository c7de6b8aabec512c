#!/usr/bin/python3
"""What cannot be handed over to a session of Prosody (PROTOCOL, section 9)."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from shim import scene, test
from stage import DOMAIN

SHIM = {"offline": {"hooks": ["deliver"]}}
ROMEO = f"romeo@{DOMAIN}/orchard"


def items(*bodies):
    """Messages with their bodies for ids."""
    return "".join(f"<item id='{body}'>" + forwarded(
        f"<message xmlns='jabber:client' from='{ROMEO}' type='chat'>"
        f"<body>{body}</body></message>") + "</item>" for body in bodies)


@test("remembers nothing of a request that failed in the middle")
def middle(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    offline.refused("item-not-found", "deliver",
                    items("one", "hang up", "two"), jid=juliet.full)
    juliet.hears(ROMEO, "one")
    juliet.vanish()
    juliet = stage.user("juliet")

    offline.does("deliver", items("one", "two"), jid=juliet.full)

    juliet.hears(ROMEO, "one")
    juliet.hears(ROMEO, "two")


scene(SHIM, modules=["hangup"])
