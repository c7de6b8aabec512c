"""A component beside a router that only pretends.

    @test("what is expected")
    def anything(stage): ...

    scene("muc", "create = everyone")"""
import subprocess
from contextlib import contextmanager

import scene as plain
from annex import Daemon, program
from guest import equal
from pretender import Pretender
from scene import test  # noqa: F401
from stage import DOMAIN, SECRET, Stage, database


class PretenceStage(Stage):
    def __init__(self, settings):
        self.name, options = settings
        super().__init__(options)

    def open(self):
        domain = f"{self.name}.{DOMAIN}"
        self.router = Pretender(DOMAIN, domain)
        self.router.start()
        self.database = database(self.folder)
        self.database.start()
        self.annex = Daemon(self.name, self.folder,
                            self.router.component_port, domain, SECRET,
                            self.database.url, self.settings)
        self.annex.start()

    def says(self, text, since):
        """Waits for it in the log from that line on."""
        return self.annex.process.wait_line(text, since)

    def status(self, what):
        """What annexctl tells of it, a line each."""
        out = subprocess.run(
            [program("annexctl"), "-f", self.folder, self.name, "status"],
            check=True, capture_output=True, text=True, timeout=30).stdout
        return [line.split(None, 1)[1].strip() for line in out.splitlines()
                if line.split(None, 1)[0] == what]

    # How it is

    @property
    def missing(self):
        """What it says when no shim does."""
        return (f"the router's module mod_annex is not loaded for {DOMAIN}, "
                f"or does not name {self.name}.{DOMAIN}")

    def ready(self):
        equal(self.get("/readyz"), (200, "ready\n"))
        equal(self.status("shims"), ["as needed"])

    def not_ready(self, why):
        equal(self.get("/readyz"), (503, why + "\n"))
        equal(self.status("shims"), [why])

    @contextmanager
    def unannounced(self):
        """The link is a new one, on which the shim says hello at the end."""
        since = self.log_length()
        greeting, self.router.greeting = self.router.greeting, None
        self.router.hang_up()
        self.says("router: attached", since)
        yield since
        self.router.greeting = greeting
        self.router.hello()

    def hush(self):
        """What a test has left of the router's moods."""
        self.router.moods.clear()


def scene(name, settings=""):
    plain.scene((name, settings), PretenceStage)
