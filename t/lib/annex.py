"""A component's daemon as a test starts it."""
import os
import signal
import subprocess

from process import Process, ProcessError

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("ANNEX_BUILDDIR", SOURCE)

CONFIG = """
router {{
    host = "127.0.0.1"
    port = {port}
    hosts = {hosts}
}}
store {{
    url = "{url}"
    schema = "{schema}"
    read_timeout = 2s
}}
log {{
    level = debug
}}
control {{
    folder = "{control}"
}}
{name} {{
    domain = "{domain}"
    secret = "{secret}"
    monitor = "127.0.0.1:0"
    {settings}
}}
"""

# How the sanitizers begin what they say.
REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
           "runtime error: ")
REPORT_LINES = 60


def program(name="annex-muc"):
    path = os.path.join(BUILD, name)
    if os.access(path, os.X_OK):
        return path
    raise FileNotFoundError(f"{name} is not in {BUILD}")


def run(*options):
    """Runs annex-muc to its end, where leaks are told whatever its status.
    Returns the status and all it said."""
    done = subprocess.run([program(), *options], capture_output=True,
                          text=True, timeout=30)
    said = done.stdout + done.stderr
    if any(word in said for word in REPORTS):
        raise ProcessError(said)
    return done.returncode, said


class Daemon:
    """hosts: those whose shim it listens to, none for the usual one."""

    def __init__(self, name, folder, port, domain, secret, url, settings="",
                 hosts=()):
        self.name = f"annex-{name}"
        self.path = os.path.join(folder, f"{self.name}.conf")
        self.values = {"name": name, "port": port, "domain": domain,
                       "secret": secret, "url": url, "control": folder,
                       "hosts": "{" + ", ".join(hosts) + "}",
                       "schema": os.path.join(SOURCE, "schema")}
        self.write(settings)
        self.process = Process(
            self.name, [program(self.name), "-c", self.path], folder=folder)

    def write(self, settings, **values):
        """Writes the configuration; settings are lines of the component's
        section."""
        self.values.update(values)
        with open(self.path, "w") as file:
            file.write(CONFIG.format(settings=settings, **self.values))

    def start(self):
        """Starts, and waits until it serves."""
        since = self.launch()
        self.process.wait_line("hook: " if os.environ.get("SHIM")
                               else "router: attached", since)

    def launch(self):
        """Starts without waiting; returns where its log will go on."""
        since = len(self.process.lines)
        self.process.start()
        return since

    def stop(self):
        """Ends it, which must go well: leaks are told then."""
        since = len(self.process.lines)
        status = self.process.stop()
        if self.process.child is not None and status != 0:
            raise self.death(status, since)
        return status

    def kill(self):
        self.process.kill()

    def verify(self, since):
        """Raises when it has died by itself; line number since of its log
        is from before that."""
        child = self.process.child
        died = child is not None and child.poll() not in (
            None, 0, -signal.SIGKILL)
        if died or self.report(since):
            raise self.death(self.process.stop(), since)

    def death(self, status, since):
        report = self.report(since) or self.process.lines[since:]
        return ProcessError("\n".join([f"{self.name} ended with {status}",
                                       *report[:REPORT_LINES]]))

    def report(self, since):
        """The lines of a sanitizer's report, none when there is none."""
        lines = self.process.lines[since:]
        for number, line in enumerate(lines):
            if any(word in line for word in REPORTS):
                return lines[number:]
        return []

    def revive(self):
        """After a failure, which shall not be one of what follows too."""
        if self.process.child is not None and not self.process.running():
            self.start()


class Annex(Daemon):
    def __init__(self, folder, port, rooms, secret, url, settings):
        super().__init__("muc", folder, port, rooms, secret, url, settings)
