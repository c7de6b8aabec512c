"""A router with its shim, annex-archive, and people who talk.

    @test("what is expected")
    def anything(stage):
        romeo, juliet = stage.users("romeo", "juliet")

    scene("journal_bytes = 2M", own={"archive"}, tap={"window": 20})

settings are lines of the configuration's section archive, tap what the shim
has for it besides its hook.  The component gate is there to send and to hand
over messages."""
import re
import sqlite3
import subprocess
import time
from contextlib import closing

import scene as plain
from annex import Daemon, program
from client import SECS
from guest import equal
from proxy import Proxy
from scene import test  # noqa: F401
from shim import ShimStage
from stage import DOMAIN, SECRET, Sqlite, database

GATE = f"servant@gate.{DOMAIN}"
# One that may take longer where the machine has other things to do.
MANY_SECS = 6 * SECS

# Each message with its addresses.
MESSAGES = (
    "archive_message m JOIN archive_address s ON s.id = m.sender "
    "JOIN archive_address r ON r.id = m.recipient")


class RecordStage(ShimStage):
    journal = "archive.journal"

    def __init__(self, options):
        settings, own, tap, others = options
        super().__init__(({"archive": {"hooks": ["tap"], **tap},
                           "gate": {"hooks": ["fanout", "deliver"]}},
                          own, others))
        self.settings = f'journal = "{self.journal}"\n' + settings

    def open(self):
        super().open()
        self.database = database(self.folder)
        self.database.start()
        self.proxy = Proxy(self.router.component_port)
        self.annex = Daemon("archive", self.folder, self.proxy.port,
                            f"archive.{DOMAIN}", SECRET, self.database.url,
                            self.settings)
        self.begin()

    def begin(self):
        """annex-archive serves when this returns."""
        since = len(self.annex.process.lines)
        self.annex.start()
        self.annex.process.wait_line("has for us", since)

    def verify(self, since):
        super().verify(since)
        self.annex.verify(0)

    def log_since(self, start):
        return "\n".join(["router:", super().log_since(start), "annex:"]
                         + self.annex.process.lines[-60:])

    # What is stored

    def ask(self, sql):
        """The rows, as texts; an SQL NULL is empty."""
        if isinstance(self.database, Sqlite):
            with closing(sqlite3.connect(self.database.path,
                                         timeout=60)) as connection:
                return [tuple("" if cell is None else str(cell)
                              for cell in row)
                        for row in connection.execute(sql)]
        return [tuple(line.split("|"))
                for line in self.database.sql(sql).splitlines()]

    def do(self, sql):
        """Changes something, as may who has all rights."""
        if isinstance(self.database, Sqlite):
            with closing(sqlite3.connect(self.database.path,
                                         timeout=60)) as connection:
                connection.execute(sql)
                connection.commit()
        else:
            self.database.sql(sql)

    def wait_rows(self, sql, wanted, secs=SECS):
        """Waits until the statement has these rows."""
        end = time.monotonic() + secs
        while (rows := self.ask(sql)) != wanted:
            assert time.monotonic() < end, f"wanted {wanted}\nfound {rows}"

    def wait_body(self, body):
        """Waits until a message of that body is stored; returns its uid."""
        sql = f"SELECT uid FROM archive_message WHERE body = '{body}'"
        end = time.monotonic() + SECS
        while not (rows := self.ask(sql)):
            assert time.monotonic() < end, f"{body} is not stored"
        (uid,), = rows
        return uid

    def wait_bodies(self, bodies, where="1 = 1"):
        """Waits until there are that many, which then are these, in order."""
        end = time.monotonic() + MANY_SECS
        count = f"SELECT count(*) FROM archive_message m WHERE {where}"
        while (found := int(self.ask(count)[0][0])) < len(bodies):
            assert time.monotonic() < end, f"{found} of {len(bodies)} stored"
        equal(self.bodies(where), bodies)

    def bodies(self, where="1 = 1"):
        """All texts that are stored, in order."""
        return [body for body, in self.ask(
            "SELECT body FROM archive_message m "
            f"WHERE {where} ORDER BY serial")]

    # How it is

    def counted(self, outcome):
        """How many copies had that outcome since the daemon is there."""
        found = re.search(r'^annex_archive_copies_total{outcome="%s"} (\d+)'
                          % outcome, self.get("/metrics")[1], re.M)
        return int(found[1])

    def wait_metric(self, name, least):
        end = time.monotonic() + SECS
        while (now := self.metric(name)) < least:
            assert time.monotonic() < end, f"{name} is {now}, not {least}"

    def wait_well(self):
        """Waits until nothing is wrong any more."""
        well = ((200, "ready\n"), ["none"])
        end = time.monotonic() + SECS
        while (now := (self.get("/readyz"), self.status("alarm"))) != well:
            assert time.monotonic() < end, now

    def wait_counted(self, outcome, least):
        end = time.monotonic() + SECS
        while (now := self.counted(outcome)) < least:
            assert time.monotonic() < end, f"{now} {outcome}, not {least}"

    def status(self, what):
        """What annexctl tells of it."""
        out = subprocess.run(
            [program("annexctl"), "-f", self.folder, "archive", "status"],
            check=True, capture_output=True, text=True, timeout=30).stdout
        return [line[len(what):].strip() for line in out.splitlines()
                if line.startswith(what + " ")]


def say_all(who, to, texts):
    """Sends messages in one write."""
    who.send("".join(f"<message to='{to}' type='chat'><body>{text}</body>"
                     "</message>" for text in texts))


def scene(settings="", own=(), tap=None, stage_class=RecordStage, **options):
    plain.scene((settings, set(own), tap or {}, options), stage_class)
