#!/usr/bin/python3
"""What goes into rooms that the shims of two hosts know."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal
from shim import scene, test
from stage import DOMAIN
from user import User

PADUA = "padua.test"    # before the other by name
ROOM = f"hall@rooms.{DOMAIN}"
SHIM = {"judge": {"hooks": ["check"], "timeout": 9},
        "rooms": {"hooks": ["fanout"]}, "gate": {"hooks": ["route"]}}
HERE = {f"{name}.{DOMAIN}": given for name, given in SHIM.items()}


def beside():
    """The other host, as the router's class has it."""
    if os.environ.get("ROUTER") == "ejabberd":
        return {PADUA: HERE}
    from prosodyshim import HOST, lua
    return f'VirtualHost "{PADUA}"\n' + HOST.format(shim=lua(HERE))


def meet(stage):
    """A judge, rooms and a gate, which both hosts have said hello to."""
    components = [stage.component(name) for name in ("judge", "rooms", "gate")]
    for component in components:
        component.hello()
    return components


def says(who, text):
    who.message(ROOM, f"<body>{text}</body>", "groupchat")


@test("has it judged once, by the first of them or by the sender's")
def once(stage):
    judge, rooms, gate = meet(stage)
    juliet = stage.user("juliet")
    paris = User(stage.loop, stage.router.client_port, PADUA, "paris",
                 "house").login()

    gate.send(f"<message from='{gate.domain}' to='{ROOM}'><body>one</body>"
              "</message>")
    check = judge.told("check", point="receive")
    equal((check.sender, check.inner.body), (PADUA, "one"))
    judge.verdict(check)
    rooms.expect("message", body="one")
    for who, host in ((juliet, DOMAIN), (paris, PADUA)):
        says(who, "two")
        check = judge.told("check", point="send")
        equal((check.sender, check.inner.body), (host, "two"))
        judge.verdict(check)
        rooms.expect("message", body="two")

    for one in judge, rooms:
        one.settle()
        one.silent()
    paris.vanish()


@test("lets go what was kept, by whichever of them, and judges it no more")
def kept(stage):
    judge, rooms, gate = meet(stage)
    message = (f"<message xmlns='jabber:client' from='{gate.domain}' "
               f"to='{ROOM}'><body>one</body></message>")

    for host in DOMAIN, PADUA:
        judge.host = host
        judge.does("release", forwarded(message), id="1", point="receive")
        rooms.expect("message", sender=gate.domain, body="one")

    for one in judge, rooms:
        one.settle()
        one.silent()


scene(SHIM, others=beside())
