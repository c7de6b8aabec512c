"""annex-archive, by itself and beside the routers' own archives.

By itself it is handed copies by a router that does nothing else: how fast it
acknowledges them, by when all are in the tables, and what they take up there.
ANNEX_COPIES says how many the latter is measured with, where 200,000 take too
long."""
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
import urllib.request
from contextlib import closing

from bench import SRC, free_port, program
from routers import HOST, SECRET, Ejabberd, Prosody
from scenes import Scene, cost_us, in_turns, median, rate, show_ratio, \
    show_talk
from stored import Server, Sqlite

DOMAIN = "archive." + HOST
COPIES = int(os.environ.get("ANNEX_COPIES", "200000"))
# For all that waits to come into the tables.
DRAIN_SECS = 600
LOOK_SECS = 0.05

CONFIG = """
router {{ port = {port} }}
store {{
	url = "{url}"
	schema = "{src}/schema"
}}
log {{ level = "{level}" }}
archive {{
	domain = "{domain}"
	secret = "{secret}"
	journal = "{folder}/archive.journal"
	monitor = "127.0.0.1:{monitor}"
	{settings}
}}
"""


class Archive:
    """The command that starts annex-archive, and what it tells."""

    def __init__(self, folder, url, port, level="error", settings=""):
        self.monitor = free_port()
        path = os.path.join(folder, "annex.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(
                port=port, url=url, src=SRC, domain=DOMAIN, secret=SECRET,
                folder=folder, monitor=self.monitor, level=level,
                settings=settings))
        self.argv = [program("annex-archive"), "-c", path]

    def metric(self, name):
        url = f"http://127.0.0.1:{self.monitor}/metrics"
        with urllib.request.urlopen(url, timeout=30) as answer:
            text = answer.read().decode()
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text,
                               re.M)[1])

    def wait_drained(self):
        end = time.monotonic() + DRAIN_SECS
        while self.metric("annex_journal_entries") > 0:
            if time.monotonic() > end:
                raise TimeoutError("it never came into the tables")
            time.sleep(LOOK_SECS)


class Taps:
    """The router that hands over copies."""

    def __init__(self, archive, port, *options):
        self.child = subprocess.Popen(
            [program("t/bench/tap"), "-d", DOMAIN, "-h", HOST,
             "-p", str(port), *map(str, options), "--", *archive.argv],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self, last):
        """What it says up to that name."""
        said = {}
        for line in self.child.stdout:
            name, value = line.split()
            said[name] = float(value)
            if name == last:
                return said
        raise RuntimeError("t/bench/tap ended")

    def end(self):
        self.child.stdin.close()
        said = self.read("later_cpu_seconds")
        if self.child.wait() != 0:
            raise RuntimeError("t/bench/tap found something wrong")
        return said


class SqliteVault(Sqlite):
    taken = 27000

    def rows(self, sql):
        with closing(sqlite3.connect(self.path, timeout=60)) as db:
            return [tuple(map(int, row)) for row in db.execute(sql)]

    def size(self):
        """Of the messages, with their indexes and all that belongs to them."""
        (pages,), = self.rows("PRAGMA page_count")
        (page,), = self.rows("PRAGMA page_size")
        return pages * page


class ServerVault(Server):
    taken = 35000

    def rows(self, sql):
        return [tuple(map(int, line.split("|")))
                for line in self.sql(sql).splitlines()]

    def size(self):
        (size,), = self.rows(
            "SELECT sum(pg_total_relation_size(inhrelid))::bigint "
            "FROM pg_inherits WHERE inhparent = 'archive_message'::regclass")
        return size


VAULTS = (SqliteVault, ServerVault)


def check(database, count):
    """All that was acknowledged is there once."""
    found, = database.rows("SELECT count(*), count(DISTINCT uid) "
                           "FROM archive_message")
    if found != (count, count):
        raise RuntimeError(f"{count} were acknowledged, there are {found}")


def hand_over(folder, database, *options):
    """One run; all is in the tables then."""
    port = free_port()
    archive = Archive(folder, database.url, port)
    before = database.cpu_seconds()
    taps = Taps(archive, port, *options)
    run = taps.read("seconds")
    acked = time.monotonic()
    run["drained"] = archive.metric("annex_journal_drained_total")
    archive.wait_drained()
    run["later_seconds"] = time.monotonic() - acked
    run.update(taps.end())
    if before is not None:
        run["database_cpu_seconds"] = database.cpu_seconds() - before
    check(database, int(run["count"]))
    return run


def with_vault(bench, vault_class, use):
    """What use(folder, database) returns of new ones."""
    folder = tempfile.mkdtemp(dir=bench.folder)
    os.chmod(folder, 0o755)
    database = vault_class(folder)
    try:
        return use(folder, database)
    finally:
        database.stop()
        shutil.rmtree(folder)


def taken(run):
    return run["count"] / run["seconds"]


def stored(run):
    """Messages a second until all were in the tables."""
    return run["count"] / (run["seconds"] + run["later_seconds"])


def drained(run):
    """Those that were not when nothing more came."""
    return (run["count"] - run["drained"]) / run["later_seconds"]


def cpu(run):
    return ((run["cpu_seconds"] + run["later_cpu_seconds"]) * 1e6 /
            run["count"])


def database_cpu(run):
    return run["database_cpu_seconds"] * 1e6 / run["count"]


def alone(bench):
    def use(folder, database):
        return hand_over(folder, database, "-s", bench.seconds)

    runs = in_turns(bench, VAULTS,
                    lambda vault: with_vault(bench, vault, use))
    for vault, of_vault in runs.items():
        name = f"P8 {vault.name}"
        speed = median(of_vault, taken)
        bench.show(f"{name}, messages acknowledged, as they are durable",
                   f"{speed:,.0f}", "/s", f">= {vault.taken:,}",
                   speed >= vault.taken)
        bench.show(f"{name}, until all are in the tables",
                   f"{median(of_vault, stored):,.0f}", "/s")
        bench.show(f"{name}, into the tables while nothing more comes",
                   f"{median(of_vault, drained):,.0f}", "/s")
        bench.show(f"{name}, CPU of each", f"{median(of_vault, cpu):.1f}",
                   "us")
        if "database_cpu_seconds" in of_vault[0]:
            bench.show(f"{name}, the server's CPU of each",
                       f"{median(of_vault, database_cpu):.1f}", "us")


# Beside a router

PEOPLE = 100
WAYS = {
    "alone": {},
    "archived": {"component": DOMAIN, "hooks": ["tap"]},
    "own": {"own_archive": True},
}


def annex(router):
    """With SQLite, as the router's own."""
    archive = Archive(router.folder, f"sqlite:{router.folder}/annex.db",
                      router.component_port, level="info")
    return archive.argv, "has for us"


def quiet(share):
    return lambda run: run[f"quiet_{share}_ms"]


def beside(bench, router_class):
    def run(way):
        with Scene(bench, router_class, annex if way == "archived" else None,
                   **WAYS[way]) as scene:
            return scene.load(program("t/bench/chat"), "-n", PEOPLE,
                              "-s", bench.seconds)

    runs = in_turns(bench, WAYS, run)
    name = f"P8 {router_class.name}"
    for way, of_way in runs.items():
        show_talk(bench, f"{name}, {way}", of_way, WAYS[way].get("component"))
    for way in ("own", "archived"):
        show_ratio(bench, f"{name}, rates, {way} / alone",
                   median(runs[way], rate) / median(runs["alone"], rate))
        show_ratio(bench, f"{name}, router CPU, {way} / alone",
                   median(runs[way], cost_us("router")) /
                   median(runs["alone"], cost_us("router")))
        for share in ("p50", "p99"):
            added = (median(runs[way], quiet(share)) -
                     median(runs["alone"], quiet(share)))
            judged = (way, share) == ("archived", "p99")
            bench.show(f"{name}, {way}, added to one message, {share}",
                       f"{added:.2f}", "ms", "<= 1" if judged else None,
                       added <= 1)


def p8(bench):
    alone(bench)
    for router_class in (Prosody, Ejabberd):
        beside(bench, router_class)


def p9(bench):
    count = COPIES // 10 if bench.quick else COPIES

    def use(folder, database):
        hand_over(folder, database, "-c", count)
        return database.size() / count

    for vault in VAULTS:
        size = with_vault(bench, vault, use)
        judged = vault is ServerVault
        bench.show(f"P9 {vault.name}, {count:,} messages, each with indexes",
                   f"{size:.0f}", "bytes", "<= 450" if judged else None,
                   size <= 450)


FIGURES = {"P8": p8, "P9": p9}
