#!/usr/bin/python3
"""Two processes for one domain, which Prosody refuses to the second."""
import os
import re
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ["ROUTER"] = "prosody"
from annex import Annex  # noqa: E402
from guest import equal  # noqa: E402
from scene import scene, test  # noqa: E402
from stage import SECRET, Stage  # noqa: E402

AGAIN = r"next attempt in ([0-9.]+) s$"


class Rivals(Stage):
    rival = None

    def build_annex(self):
        super().build_annex()
        folder = os.path.join(self.folder, "rival")
        os.mkdir(folder)
        self.rival = Annex(folder, self.router.component_port, self.rooms,
                           SECRET, self.database.url, self.settings)

    def close(self):
        if self.rival is not None:
            self.rival.process.stop()
        super().close()


@test("the second says why it is refused, and harms nobody")
def refused(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    since = stage.log_length()

    stage.rival.launch()
    line = stage.rival.process.wait_line("conflict")

    assert "another" in line and stage.rooms in line, line
    assert float(re.search(AGAIN, line)[1]) >= 1, line
    assert stage.rival.process.running()
    juliet.say(room, "still here")
    for who in (romeo, juliet):
        who.hears(room.at("juliet"), "still here")
    stage.silent()
    assert "router:" not in stage.log_since(since)


@test("the second takes over when the first goes")
def takes_over(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo, persistentroom=1)
    stage.annex.stop()

    stage.rival.process.wait_line("router: attached")

    stage.hush()
    equal(romeo.enter(room).own.affiliation, "owner")
    equal(stage.rival.stop(), 0)
    stage.annex.start()


scene(stage_class=Rivals)
