"""annex-offline alone, against a router whose users are away.

ANNEX_USERS and ANNEX_MESSAGES say how many users have how many messages each,
where 75,000 with 100 take too long.
"""
import os
import shutil
import sqlite3
import tempfile

from bench import SRC, free_port, measure, program
from postgres import Postgres, children, wait_until

HOST = "example.net"
DOMAIN = "offline." + HOST
MESSAGES = int(os.environ.get("ANNEX_MESSAGES", "100"))

CONFIG = """
router {{ port = {port} }}
store {{
	url = "{url}"
	schema = "{src}/schema"
}}
log {{ level = "error" }}
offline {{
	domain = "{domain}"
	secret = "any"
	user_messages = 1000000
	sender_messages = 1000000
}}
"""

# All users get a copy of the first message of the first one.
FILL = """
WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL
	SELECT i + 1 FROM n WHERE i < {users} - 1)
INSERT INTO offline_message
	(jid, id, sender, resource, arrived, stamp, stanza)
SELECT 'u' || {name} || '@{host}', 'm' || {name} || '.{number:08d}', sender,
	resource, arrived + {number}, stamp + {number},
	replace(replace(stanza, '00000000', '{number:08d}'),
		'u0000000@', 'u' || {name} || '@')
FROM n, (SELECT * FROM offline_message
	WHERE jid = 'u0000000@{host}' AND id = 'm0000000.00000000') AS t
"""
CLEAR = f"DELETE FROM offline_message WHERE jid <> 'u0000000@{HOST}' " \
    "OR id <> 'm0000000.00000000'"


def cpu_ticks(pid):
    """User's and system's of a process, then those of its dead children."""
    with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
        # What follows the name, which may hold anything.
        fields = file.read().rpartition(")")[2].split()
    return [int(field) for field in fields[11:15]]


def folder_bytes(path):
    return sum(os.path.getsize(os.path.join(folder, name))
               for folder, _, names in os.walk(path) for name in names)


class Sqlite:
    name = "SQLite"
    digits = "printf('%07d', i)"

    def __init__(self, folder):
        self.path = os.path.join(folder, "offline.db")
        self.url = "sqlite:" + self.path

    def sql(self, *statements):
        with sqlite3.connect(self.path) as db:
            for text in statements:
                db.execute(text)
        db.close()

    def cpu_seconds(self):
        """The component's are all."""
        return None

    def tidy(self):
        pass

    def stop(self):
        pass


class Server(Postgres):
    name = "PostgreSQL"
    digits = "lpad(i::text, 7, '0')"

    def __init__(self, folder):
        super().__init__(os.path.join(folder, "pg"), synced=True)
        self.start()
        # Who has made the database may be about to end.
        self.own = int(self.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type "
            "NOT IN ('client backend', 'autovacuum worker')"))

    def cpu_seconds(self):
        """Of what runs and what has ended; one that is about to end is counted
        in neither."""
        server = self.pid()
        wait_until(lambda: len(children(server)) <= self.own,
                   "end its connections")
        ticks = sum(cpu_ticks(server)) + sum(
            sum(cpu_ticks(pid)[:2]) for pid in children(server))
        return ticks / os.sysconf("SC_CLK_TCK")

    def tidy(self):
        self.sql("VACUUM ANALYZE offline_message", "CHECKPOINT")


class Shelf:
    """annex-offline and its database."""

    def __init__(self, folder, database):
        self.config = os.path.join(folder, "annex.conf")
        self.database = database

    def shim(self, *options):
        port = free_port()
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(port=port, url=self.database.url,
                                     src=SRC, domain=DOMAIN))
        before = self.database.cpu_seconds()
        run = measure(
            [program("t/bench/shim"), "-d", DOMAIN, "-h", HOST,
             "-p", str(port), *map(str, options), "--",
             program("annex-offline"), "-c", self.config])
        if before is not None:
            run["database_cpu_seconds"] = self.database.cpu_seconds() - before
        return run

    def fill(self, users):
        """Gives each user as many messages, as they would have come: those of
        one user are not side by side."""
        self.shim("-u", 1000, "-s", 1)
        self.database.sql(CLEAR)
        self.database.sql(*(
            FILL.format(first=0 if number else 1, users=users, host=HOST,
                        number=number, name=self.database.digits)
            for number in range(MESSAGES)))
        self.database.tidy()
        # What was written for this is not to be written during the runs.
        os.sync()


def with_database(bench, database_class):
    users = int(os.environ.get("ANNEX_USERS",
                               "7500" if bench.quick else "75000"))
    folder = tempfile.mkdtemp(dir=bench.folder)
    os.chmod(folder, 0o755)
    database = database_class(folder)
    shelf = Shelf(folder, database)
    try:
        shelf.fill(users)
        size = folder_bytes(folder)
        run = shelf.shim("-u", users, "-m", MESSAGES, "-s", bench.seconds,
                         "-c", 20 if bench.quick else 200)
    finally:
        database.stop()
        shutil.rmtree(folder)
    name = f"O1 {database.name}, {users:,} users"
    bench.show(f"{name}, on the disk for each message",
               f"{size / (users * MESSAGES):,.0f}", "bytes")
    show(bench, name, run)


def show(bench, name, run):
    for share in ("p50", "p99"):
        value = run[f"come_{share}_ms"]
        bench.show(f"{name}, {MESSAGES} messages delivered, {share}",
                   f"{value:.1f}", "ms", "< 50", value < 50)
    for part, what in (("first", "stores for users not heard of before"),
                       ("again", "stores for others")):
        speed = run[f"{part}_count"] / run[f"{part}_seconds"]
        bench.show(f"{name}, {what}", f"{speed:,.0f}", "/s", ">= 10,000",
                   speed >= 10000)
        cost = run[f"{part}_cpu_seconds"] * 1e6 / run[f"{part}_count"]
        bench.show(f"{name}, CPU of each", f"{cost:.1f}", "us")
    if "database_cpu_seconds" in run:
        stores = run["first_count"] + run["again_count"]
        cost = run["database_cpu_seconds"] * 1e6 / stores
        bench.show(f"{name}, the server's CPU of each", f"{cost:.1f}", "us")
    bench.show(f"{name}, RSS", f"{run['rss_kb'] / 1024:.1f}", "MB")


def o1(bench):
    for database_class in (Sqlite, Server):
        with_database(bench, database_class)


FIGURES = {"O1": o1}
