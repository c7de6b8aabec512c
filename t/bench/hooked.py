"""What tap and check cost those who write to each other."""
from bench import program
from routers import HOST, SECRET, Ejabberd, Prosody
from scenes import Scene, cost_us, in_turns, median, show_ratio, show_talk

JUDGE = "judge." + HOST
WAYS = {
    "alone": {},
    "judged": {"component": JUDGE, "hooks": ["tap", "check"]},
}
PEOPLE = 100


def judge(router):
    return ([program("t/bench/judge"), "-d", JUDGE,
             "-p", str(router.component_port), "-s", SECRET],
            "says hello")


def p13(bench):
    for router_class in (Prosody, Ejabberd):
        def run(way):
            with Scene(bench, router_class, judge if WAYS[way] else None,
                       **WAYS[way]) as scene:
                return scene.load(program("t/bench/chat"), "-n", PEOPLE,
                                  "-s", bench.seconds)

        runs = in_turns(bench, WAYS, run)
        name = f"P13 {router_class.name}"
        for way, of_way in runs.items():
            show_talk(bench, f"{name}, {way}", of_way, WAYS[way])
        show_ratio(bench, f"{name}, router CPU, judged / alone",
                   median(runs["judged"], cost_us("router")) /
                   median(runs["alone"], cost_us("router")), most=1.5)


FIGURES = {"P13": p13}
