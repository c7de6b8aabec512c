#!/usr/bin/python3
"""PROTOCOL 4: copies of messages that wait on a disk that is full."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
import scene
from disk import Disk, may_mount
from guest import equal
from process import own_folder
from scene import test
from shim import ShimStage
from stage import DOMAIN

WINDOW = 5
SHIM = {"archive": {"hooks": ["tap"], "window": WINDOW},
        "gate": {"hooks": ["fanout"]}}
GATE = f"servant@gate.{DOMAIN}"
BIG = "<big xmlns='urn:x'>" + "x" * 15000 + "</big>"


class SmallStage(ShimStage):
    """The copies have a small disk of their own."""

    def new_router(self, *args, **options):
        router = super().new_router(*args, **options)
        path = os.path.join(router.tap_folder(f"archive.{DOMAIN}"))
        below = os.path.relpath(path, router.folder).split("/")
        for count in range(len(below)):
            own_folder(os.path.join(router.folder, *below[:count + 1]),
                       router.owner)
        self.disk = Disk(path, "256k")
        own_folder(path, router.owner)
        return router

    def close(self):
        if self.router is not None:
            self.router.kill()
            self.disk.unmount()
        super().close()


def say(stage, romeo, first, last, content=""):
    """When this returns the copies are kept, or lost."""
    for number in range(first, last + 1):
        romeo.message(GATE, f"<body>{number}</body>{content}")
    romeo.settle()
    stage.router.release([], sessions=False)


def nothing_left(stage):
    """The last was acknowledged before."""
    stage.router.release([], sessions=False)
    equal(os.listdir(stage.disk.path), [])


def expect(archive, number, lost=None):
    tap = archive.told("tap", lost=lost)
    equal(tap.inner.body, str(number))
    archive.ack(int(tap.get("seq")))


@test("are counted when they are lost, and go on when there is room again")
def full(stage):
    archive, romeo = stage.component("archive"), stage.user("romeo")
    stage.let_go(archive)
    say(stage, romeo, 1, WINDOW + 2)
    since = stage.log_length()
    stage.disk.fill()

    say(stage, romeo, 8, 12, BIG)

    stage.router.process.wait_line("o space left", since)
    stage.disk.clear()
    say(stage, romeo, 13, 14, BIG)
    stage.router.process.wait_line("were lost", since)
    archive = stage.component("archive")
    for number in range(1, 8):
        expect(archive, number)
    expect(archive, 13, lost="5")
    expect(archive, 14)
    say(stage, romeo, 15, 15)
    expect(archive, 15)
    archive.settle()
    archive.silent()
    nothing_left(stage)


@test("go on when the disk was full from the first that waits on it")
def full_at_once(stage):
    archive, romeo = stage.component("archive"), stage.user("romeo")
    stage.let_go(archive)
    say(stage, romeo, 1, WINDOW)
    stage.disk.fill()
    say(stage, romeo, 6, 7, BIG)
    archive = stage.component("archive")
    for number in range(1, 1 + WINDOW):
        expect(archive, number)

    # In memory there is room.
    say(stage, romeo, 8, 8, BIG)

    expect(archive, 8, lost="2")
    stage.disk.clear()
    stage.let_go(archive)
    say(stage, romeo, 9, 9 + WINDOW)
    archive = stage.component("archive")
    for number in range(9, 10 + WINDOW):
        expect(archive, number)
    archive.settle()
    nothing_left(stage)


@test("stay on disk when the router is stopped, whatever finds no room")
def stopped(stage):
    archive, romeo = stage.component("archive"), stage.user("romeo")
    stage.let_go(archive)
    say(stage, romeo, 1, WINDOW + 3)
    stage.disk.fill()
    since = stage.log_length()

    stage.router.stop()

    stage.router.process.wait_line("o space left", since)
    stage.disk.clear()
    stage.router.start()
    archive = stage.component("archive")
    for number in range(WINDOW + 1, WINDOW + 4):
        expect(archive, number)
    archive.settle()
    archive.silent()
    nothing_left(stage)


if not may_mount():
    print("1..0 # SKIP nobody may mount a small disk here")
    sys.exit()
scene.scene((SHIM, set(), {}), SmallStage)
