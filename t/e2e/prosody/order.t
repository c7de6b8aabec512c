#!/usr/bin/python3
"""What the shim gathers, and what the router itself sends to a component."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from shim import scene, test

SHIM = {"archive": {"hooks": ["tap"]}}


@test("writes what it has gathered before what comes later from the router")
def order(stage):
    archive, (romeo, juliet) = (stage.component("archive"),
                                stage.users("romeo", "juliet"))

    romeo.send("".join(
        f"<message to='{juliet.full}' type='chat'><body>{number}</body>"
        f"</message><message to='{archive.domain}' type='chat'><body>"
        f"then {number}</body></message>" for number in range(20)))

    for number in range(20):
        for direction in ("out", "in"):
            tap = archive.told("tap", dir=direction)
            equal(tap.inner.body, str(number))
            archive.ack(int(tap.get("seq")))
        equal(archive.next().body, f"then {number}")


scene(SHIM)
