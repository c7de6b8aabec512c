#!/usr/bin/python3
"""The disk of annex-archive's journal is full: it says so, acknowledges
nothing, and gets all from the router when there is room again."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
from disk import Disk, may_mount
from guest import equal
from record import RecordStage, say_all, scene, test

FAILS = "the journal's disk fails, see the log"
TEXT = "." * 20000


class SmallStage(RecordStage):
    """Its journal has a small disk of its own."""
    journal = "disk/archive.journal"
    disk = None

    def open(self):
        path = os.path.join(self.folder, "disk")
        os.mkdir(path)
        self.disk = Disk(path, "16m")
        super().open()

    def close(self):
        if self.annex is not None:
            self.annex.process.stop()
        if self.disk is not None:
            self.disk.unmount()
        super().close()


def talk(people, name, count):
    """Messages that have arrived; returns their texts."""
    romeo, juliet = people
    texts = [f"{name} {number}{TEXT}" for number in range(count)]
    say_all(romeo, juliet.full, texts)
    for text in texts:
        juliet.hears(romeo.full, text)
    return texts


@test("says that its disk is full, and goes on when it is not")
def full(stage):
    people = stage.users("romeo", "juliet")
    texts = talk(people, "before", 3)
    stage.wait_bodies(texts)
    since = len(stage.annex.process.lines)
    stage.disk.fill()

    # The journal may have some room of its own left.
    for number in range(100):
        texts += talk(people, f"full {number}", 10)
        if stage.metric("annex_journal_up") == 0:
            break
    stage.annex.process.wait_line("journal: away", since)
    status, why = stage.get("/readyz")
    equal((status, why), (503, FAILS + "\n"))
    equal(stage.status("alarm"), [FAILS])

    stage.disk.clear()
    stage.annex.process.wait_line("journal: linked", since)
    stage.wait_bodies(texts)
    stage.wait_well()


if not may_mount():
    print("1..0 # SKIP nobody may mount a small disk here")
    sys.exit()
scene(stage_class=SmallStage)
