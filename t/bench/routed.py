"""Rooms as people at a real router have them: the router's own, or those of
annex-muc.

Each run has a router, a component and people of its own.  Runs of the
different ways take turns, so that what else the machine does hits all."""
import os
import shutil
import statistics
import tempfile

from bench import measure, program
from process import Process
from routers import ROOMS, Ejabberd, Prosody

WAYS = ("own", "separate")
# Copies of messages that are under way.
COPIES = 6400


def window(people):
    return max(8, min(64, COPIES // people))


class Scene:
    """A router, and annex-muc where it is to have the rooms."""

    def __init__(self, bench, router_class, way):
        self.folder = tempfile.mkdtemp(dir=bench.folder)
        os.chmod(self.folder, 0o755)
        self.router = router_class(self.folder, way)
        self.muc = None
        if way != "own":
            argv = bench.muc(self.router.component_port, ROOMS, level="info")
            self.muc = Process("annex-muc", argv)

    def __enter__(self):
        self.router.start()
        if self.muc:
            self.muc.start()
            self.muc.wait_line("router: attached")
        return self

    def __exit__(self, *_):
        self.router.kill()
        if self.muc:
            self.muc.kill()
        shutil.rmtree(self.folder)

    def load(self, people, seconds):
        argv = [program("t/bench/load"), "-p", str(self.router.client_port),
                "-r", "room@" + ROOMS, "-n", str(people), "-s", str(seconds),
                "-w", str(window(people)), "-R", str(self.router.pid())]
        if self.muc:
            argv += ["-C", str(self.muc.child.pid)]
        return measure(argv)


def rounds(bench, router_class, people, seconds):
    """The runs of each way."""
    runs = {way: [] for way in WAYS}
    for _ in range(bench.rounds):
        for way in WAYS:
            with Scene(bench, router_class, way) as scene:
                runs[way].append(scene.load(people, seconds))
    return runs


def median(runs, figure):
    return statistics.median(map(figure, runs))


def rate(run):
    return run["deliveries"] / run["talk_seconds"]


def cost_us(who):
    return lambda run: run[f"talk_{who}_cpu"] * 1e6 / run["deliveries"]


def enter_secs(run):
    return run["enter_seconds"]


def ratio(bench, name, value, target=None):
    """target is what it should be at least, or at most when negative."""
    if target is None:
        bench.show(name, f"{value:.2f}", "x")
    elif target < 0:
        bench.show(name, f"{value:.2f}", "x", f"<= {-target}",
                   value <= -target)
    else:
        bench.show(name, f"{value:.2f}", "x", f">= {target}",
                   value >= target)


def show_talk(bench, name, runs):
    for way, of_way in runs.items():
        bench.show(f"{name}, {way}, deliveries",
                   f"{median(of_way, rate):,.0f}", "/s")
        bench.show(f"{name}, {way}, router CPU each",
                   f"{median(of_way, cost_us('router')):.1f}", "us")
        if way != "own":
            bench.show(f"{name}, {way}, component CPU each",
                       f"{median(of_way, cost_us('component')):.2f}", "us")
        for share in ("p50", "p99"):
            bench.show(
                f"{name}, {way}, {share} of one message alone",
                f"{median(of_way, lambda x: x[f'quiet_{share}_ms']):.2f}",
                "ms")


def compare_talk(bench, name, runs, target):
    own = runs["own"]
    for way, of_way in runs.items():
        if way == "own":
            continue
        ratio(bench, f"{name}, {way}, ratio of rates",
              median(of_way, rate) / median(own, rate),
              target if way == "fanout" else None)
        ratio(bench, f"{name}, {way}, ratio of router CPU",
              median(of_way, cost_us("router")) /
              median(own, cost_us("router")))


def compare_enter(bench, name, runs, judged):
    own = median(runs["own"], enter_secs)
    for way, of_way in runs.items():
        secs = median(of_way, enter_secs)
        bench.show(f"{name}, {way}, all are in after", f"{secs:.2f}", "s")
        if way != "own":
            ratio(bench, f"{name}, {way}, ratio of times", secs / own,
                  -0.5 if judged and way == "fanout" else None)


def against_own(bench, name, router_class, target):
    for people in (10, 100) if bench.quick else (10, 100, 500, 1000):
        what = f"{name} {router_class.name} {people}"
        runs = rounds(bench, router_class, people, bench.seconds)
        show_talk(bench, what, runs)
        compare_talk(bench, what, runs,
                     target if people in (100, 500) else None)
        compare_enter(bench, what, runs, False)


def p3(bench):
    against_own(bench, "P3", Prosody, 1.8)


def p4(bench):
    against_own(bench, "P4", Ejabberd, 1.2)


def p5(bench):
    people = 100 if bench.quick else 1000
    for router_class in (Prosody, Ejabberd):
        runs = rounds(bench, router_class, people, 0)
        compare_enter(bench, f"P5 {router_class.name} {people}", runs,
                      not bench.quick)


FIGURES = {"P3": p3, "P4": p4, "P5": p5}
