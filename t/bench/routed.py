"""Rooms as people at a real router have them: the router's own, or those of
annex-muc, which sends each of them a stanza, or one for all through the
router's shim, or one for some of them by its multicast service."""
from bench import program
from routers import ROOMS, Ejabberd, Prosody
from scenes import (Scene, cost_us, in_turns, median, rate, show_ratio,
                    show_talk)

WAYS = {
    "own": {"own_rooms": True},
    "separate": {"component": ROOMS},
    "fanout": {"component": ROOMS, "hooks": ["fanout"]},
    "multicast": {"component": ROOMS, "multicast": True},
}
# ejabberd alone has such a service, and one size shows what it does.
MULTICAST_PEOPLE = 100
# Copies of messages that are under way.
COPIES = 6400


def enter_secs(run):
    return run["enter_seconds"]


def enter_cpu(run):
    return run["enter_router_cpu"]


def ways(router_class, people):
    return [way for way in WAYS if way != "multicast"
            or (router_class, people) == (Ejabberd, MULTICAST_PEOPLE)]


def rounds(bench, router_class, people, seconds):
    """The runs of each way."""
    window = max(8, min(64, COPIES // people))

    def muc(router):
        return (bench.muc(router.component_port, ROOMS, level="info"),
                "hook: " if router.shim else "router: attached")

    def run(way):
        with Scene(bench, router_class, None if way == "own" else muc,
                   **WAYS[way]) as scene:
            return scene.load(program("t/bench/load"), "-r", "room@" + ROOMS,
                              "-n", people, "-s", seconds, "-w", window)

    return in_turns(bench, ways(router_class, people), run)


def compare(bench, name, runs, figure, **target):
    """target is that of fanout."""
    own = median(runs["own"], figure)
    for way, of_way in runs.items():
        if way != "own":
            show_ratio(bench, f"{name}, {way} / own",
                       median(of_way, figure) / own,
                       **(target if way == "fanout" else {}))


def show_enter(bench, name, runs, **target):
    for way, of_way in runs.items():
        bench.show(f"{name}, {way}, all are in after",
                   f"{median(of_way, enter_secs):.2f}", "s")
    compare(bench, f"{name}, times", runs, enter_secs, **target)
    compare(bench, f"{name}, router CPU to enter", runs, enter_cpu)


def against_own(bench, name, router_class, target):
    for people in (10, 100) if bench.quick else (10, 100, 500, 1000):
        what = f"{name} {router_class.name} {people}"
        runs = rounds(bench, router_class, people, bench.seconds)
        for way, of_way in runs.items():
            show_talk(bench, f"{what}, {way}", of_way, way != "own")
        judged = {"least": target} if people in (100, 500) else {}
        compare(bench, f"{what}, rates", runs, rate, **judged)
        compare(bench, f"{what}, router CPU", runs, cost_us("router"))
        show_enter(bench, what, runs)


def p3(bench):
    against_own(bench, "P3", Prosody, 1.8)


def p4(bench):
    against_own(bench, "P4", Ejabberd, 1.2)


def p5(bench):
    people = 100 if bench.quick else 1000
    target = {} if bench.quick else {"most": 0.5}
    for router_class in (Prosody, Ejabberd):
        runs = rounds(bench, router_class, people, 0)
        show_enter(bench, f"P5 {router_class.name} {people}", runs, **target)


FIGURES = {"P3": p3, "P4": p4, "P5": p5}
