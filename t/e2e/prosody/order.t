#!/usr/bin/python3
"""What the shim gathers, and what the router itself sends to a component."""
import sys
from functools import partial
sys.path.append(sys.path[0] + "/../../lib")
from attached import ANNEX, both_ways, forwarded
from guest import equal
from shim import scene, test
from stage import DOMAIN
from stanza import NS

SHIM = {"archive": {"hooks": ["tap"]}, "offline": {"hooks": ["deliver"]}}


@test("writes what it has gathered before what comes later from the router")
def order(stage):
    archive, (romeo, juliet) = (stage.component("archive"),
                                stage.users("romeo", "juliet"))

    romeo.send("".join(
        f"<message to='{juliet.full}' type='chat'><body>{number}</body>"
        f"</message><message to='{archive.domain}' type='chat'><body>"
        f"then {number}</body></message>" for number in range(20)))

    for number in range(20):
        for tap in both_ways(partial(archive.told, "tap")):
            equal(tap.inner.body, str(number))
            archive.ack(int(tap.get("seq")))
        equal(archive.next().body, f"then {number}")


@test("writes what it has gathered before what the router answers")
def answers(stage):
    offline, (juliet,) = stage.component("offline"), stage.users("juliet")
    message = forwarded(f"<message xmlns='jabber:client' to='{juliet.bare}' "
                        f"from='romeo@{DOMAIN}'><body>one</body></message>")

    offline.send(
        f"<iq type='set' id='first'{offline.addresses(DOMAIN)}><deliver "
        f"xmlns='{ANNEX}' jid='{juliet.full}'><item>{message}</item>"
        f"</deliver></iq><iq type='get' id='then'{offline.addresses(DOMAIN)}>"
        f"<query xmlns='{NS['info']}'/></iq>")

    equal([offline.next().id for _ in range(2)], ["first", "then"])


scene(SHIM)
