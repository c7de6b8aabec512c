#!/usr/bin/python3
"""Somebody in a large room who does not read for a while."""
import os
import sys
os.environ["SHIM"] = "1"
sys.path.append(sys.path[0] + "/../../lib")
from audience import Audience, is_sanitized, peak_bytes  # noqa: E402
from scene import scene, test  # noqa: E402

# More than the kernel keeps for a client.
TEXTS = [f"{number} " + "x" * 16000 for number in range(400)]
# Of memory: more than may wait for the router, less than all hear together.
MOST_BYTES = 32 << 20


@test("hears all of it later, and others at once, while nothing heaps up")
def catches_up(stage):
    audience = Audience(stage, stage.room())
    processes = stage.annex.process, stage.router.process
    before = [peak_bytes(process) for process in processes]
    audience.slow.stall()

    audience.talk(TEXTS)

    if not is_sanitized(stage.annex.process):
        grown = [peak_bytes(process) - bytes
                 for process, bytes in zip(processes, before)]
        assert max(grown) < MOST_BYTES, grown
    audience.slow.go_on()
    audience.slow.hears_all(TEXTS)
    audience.go()


scene("message_rate = 0")
