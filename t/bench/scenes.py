"""A router, a component and the people at its client port, for one run.

Each run has its own, so that no run finds what another has left; the runs of
the different ways take turns, so that what else the machine does hits all."""
import os
import shutil
import statistics
import tempfile

from bench import measure
from process import Process


class Scene:
    """command(router) returns what starts the component, and the line by which
    it says that it is attached; None is no component."""

    def __init__(self, bench, router_class, command=None, **options):
        self.folder = tempfile.mkdtemp(dir=bench.folder)
        os.chmod(self.folder, 0o755)
        self.router = router_class(self.folder, **options)
        self.command = command
        self.component = None

    def __enter__(self):
        self.router.start()
        if self.command:
            argv, ready = self.command(self.router)
            self.component = Process("component", argv)
            self.component.start()
            self.component.wait_line(ready)
        return self

    def __exit__(self, *_):
        self.router.kill()
        if self.component:
            self.component.kill()
        shutil.rmtree(self.folder)

    def load(self, *argv):
        """What a load says that knows where to measure."""
        pids = ["-R", str(self.router.pid())]
        if self.component:
            pids += ["-C", str(self.component.child.pid)]
        return measure([*map(str, argv), "-p", str(self.router.client_port),
                        *pids])


def in_turns(bench, ways, run):
    """What run(way) returns, by way, of several rounds."""
    runs = {way: [] for way in ways}
    for _ in range(bench.rounds):
        for way in ways:
            runs[way].append(run(way))
    return runs


def median(runs, figure):
    return statistics.median(map(figure, runs))


def rate(run):
    return run["deliveries"] / run["talk_seconds"]


def cost_us(who):
    return lambda run: run[f"talk_{who}_cpu"] * 1e6 / run["deliveries"]


def show_talk(bench, name, runs, components):
    """Of one way."""
    bench.show(f"{name}, deliveries", f"{median(runs, rate):,.0f}", "/s")
    bench.show(f"{name}, router CPU each",
               f"{median(runs, cost_us('router')):.1f}", "us")
    if components:
        bench.show(f"{name}, component CPU each",
                   f"{median(runs, cost_us('component')):.2f}", "us")
    for share in ("p50", "p99"):
        value = median(runs, lambda run: run[f"quiet_{share}_ms"])
        bench.show(f"{name}, one message alone, {share}", f"{value:.2f}",
                   "ms")


def show_ratio(bench, name, value, least=None, most=None):
    target, good = None, True
    if least is not None:
        target, good = f">= {least}", value >= least
    elif most is not None:
        target, good = f"<= {most}", value <= most
    bench.show(name, f"{value:.2f}", "x", target, good)
