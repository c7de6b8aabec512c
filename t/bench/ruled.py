"""What it takes a message longer to be judged by annex-archive, with a policy
server that takes 5 ms, while people write a thousand a second.

The same router and annex-archive without the check are measured in the same
run; each message is measured from when it was due, so that a queue counts."""
from archived import DOMAIN, Archive
from bench import free_port, program
from process import Process
from routers import Ejabberd, Prosody
from scenes import Scene, in_turns, median, show_ratio

PEOPLE = 100
RATE = 1000
SERVER_MS = 5
SHARES = ("p50", "p99")

POLICY = """
policy "default" {{
    servers = {{ "http://127.0.0.1:{port}/" }}
    log_first = {first}
}}
"""
WAYS = {
    "archived": {"component": DOMAIN, "hooks": ["tap"]},
    "judged": {"component": DOMAIN, "hooks": ["tap", "check"]},
    "judged and logged first": {"component": DOMAIN,
                                "hooks": ["tap", "check"]},
}


class Arbiter:
    """The policy server."""

    def __enter__(self):
        self.port = free_port()
        self.process = Process("arbiter", [
            program("t/bench/arbiter"), "-p", str(self.port),
            "-m", str(SERVER_MS)])
        self.process.start()
        self.process.wait_line("listening")
        return self

    def __exit__(self, *_):
        self.process.kill()


class Court(Scene):
    """With annex-archive as the way wants it."""

    def __init__(self, bench, router_class, way, arbiter):
        self.way, self.arbiter = way, arbiter
        super().__init__(bench, router_class, self.start, **WAYS[way])

    def start(self, router):
        settings = "" if self.way == "archived" else POLICY.format(
            port=self.arbiter.port,
            first="yes" if "logged" in self.way else "no")
        self.archive = Archive(router.folder,
                               f"sqlite:{router.folder}/annex.db",
                               router.component_port, "info", settings)
        return self.archive.argv, "has for us"

    def check(self, count):
        """All were judged, and none went on because there was no verdict."""
        allowed = self.archive.metric(
            'annex_archive_verdicts_total{outcome="allowed"}')
        if allowed != (0 if self.way == "archived" else count):
            raise RuntimeError(f"{allowed} of {count} were allowed")


def added(runs, way, share):
    def figure(run):
        return run[f"pace_{share}_ms"]

    return median(runs[way], figure) - median(runs["archived"], figure)


def show(bench, name, runs):
    for way, of_way in runs.items():
        bench.show(f"{name}, {way}, deliveries", "{:,.0f}".format(
            median(of_way,
                   lambda run: run["deliveries"] / run["pace_seconds"])),
            "/s")
        for share in SHARES:
            value = median(of_way, lambda run: run[f"pace_{share}_ms"])
            bench.show(f"{name}, {way}, a message, {share}",
                       f"{value:.2f}", "ms")
        for who in ("router", "component"):
            cpu = median(of_way, lambda run: run[f"pace_{who}_cpu"] * 1e6 /
                         run["deliveries"])
            bench.show(f"{name}, {way}, {who} CPU each", f"{cpu:.1f}", "us")
    for way in list(WAYS)[1:]:
        for share in SHARES:
            bench.show(f"{name}, {way}, added to a message, {share}",
                       f"{added(runs, way, share):.2f}", "ms")
        show_ratio(bench, f"{name}, {way}, added, p50, by the server's time",
                   added(runs, way, "p50") / SERVER_MS)


def p14(bench):
    for router_class in (Prosody, Ejabberd):
        def run(way):
            with Arbiter() as arbiter, \
                    Court(bench, router_class, way, arbiter) as court:
                said = court.load(program("t/bench/chat"), "-n", PEOPLE,
                                  "-s", bench.seconds, "-m", RATE)
                court.check(said["deliveries"])
                return said

        show(bench, f"P14 {router_class.name}",
             in_turns(bench, WAYS, run))


FIGURES = {"P14": p14}
