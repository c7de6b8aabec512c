#!/usr/bin/python3
"""Copies of messages on ejabberd's disk."""
import glob
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ["ROUTER"] = "ejabberd"
from guest import equal  # noqa: E402
from shim import scene, test  # noqa: E402

SHIM = {"archive": {"hooks": ["tap"], "window": 2},
        "gate": {"hooks": ["fanout"]}}


def say(stage, *bodies):
    romeo = stage.user("romeo")
    for body in bodies:
        romeo.say(f"gate.{romeo.domain}", body)
    romeo.settle()


def configure(stage, spool):
    shim = {**SHIM, "archive": {**SHIM["archive"], "spool": spool}}
    stage.router.configure({f"{name}.{stage.router.domain}": given
                            for name, given in shim.items()})
    stage.router.reload()


def files(stage):
    return sorted(glob.glob(f"{stage.router.folder}/spool/annex/*/*/*"))


@test("are passed on but for those that are damaged, which are counted")
def damaged(stage):
    stage.component("archive").vanish()
    say(stage, "one", "two", "three", "four")
    stage.router.stop()
    first, *_, last = files(stage)
    for path in (first, last):
        with open(path, "ab") as file:
            file.write(b"\0\0\0\4ruin" + b"\0\0\0\1\0" + bytes(4096))
    stage.router.start()

    archive = stage.component("archive")

    taps = []
    for body in ("one", "two", "three", "four"):
        taps.append(archive.told("tap"))
        equal(taps[-1].inner.body, body)
        archive.ack(int(taps[-1].get("seq")))
    say(stage, "five")
    taps.append(archive.told("tap"))
    archive.ack(int(taps[-1].get("seq")))
    equal([(tap.inner.body, int(tap.get("lost") or 0)) for tap in taps],
          [("one", 0), ("two", 0), ("three", 2), ("four", 0), ("five", 2)])
    archive.settle()
    equal(files(stage), [])


@test("take as much room as a new configuration gives them")
def limit(stage):
    stage.component("archive").vanish()
    configure(stage, 1)
    say(stage, *map(str, range(1, 6)))
    configure(stage, 100000)
    say(stage, "6")

    archive = stage.component("archive")

    taps = []
    for body in ("1", "2", "6"):
        taps.append(archive.told("tap"))
        archive.ack(int(taps[-1].get("seq")))
    equal([(tap.inner.body, tap.get("lost")) for tap in taps],
          [("1", None), ("2", None), ("6", "3")])


scene(SHIM)
