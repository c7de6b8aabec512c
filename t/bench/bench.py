"""How figures are got and shown."""
import os
import socket
import subprocess

SRC = os.environ.get("ANNEX_SRCDIR", ".")
BUILD = os.environ.get("ANNEX_BUILDDIR", ".")

# The limits are at work, but nobody reaches them.
MUC = """
router {{ port = {port} }}
store {{
	url = "{url}"
	schema = "{src}/schema"
}}
log {{ level = "{level}" }}
muc {{
	domain = "{domain}"
	secret = "any"
	create = {{"everyone"}}
	defaults = {{{defaults}}}
	max_occupants = 100000
	enter_rate = 1000000000
	enter_burst = 1000000000
	message_rate = 1000000000
	message_burst = 1000000000
	presence_rate = 1000000000
	presence_burst = 1000000000
}}
"""


class Bench:
    def __init__(self, folder, quick):
        self.folder = folder
        self.seconds = 1 if quick else 5
        self.rounds = 1 if quick else 3
        self.quick = quick
        self.databases = 0
        self.failed = []

    def database(self):
        """The path of a new one."""
        self.databases += 1
        return os.path.join(self.folder, f"rooms{self.databases}.db")

    def muc(self, port, domain, url="none", defaults="", level="error"):
        """The command that starts annex-muc."""
        path = os.path.join(self.folder, "annex.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(MUC.format(port=port, url=url, src=SRC, domain=domain,
                                  defaults=defaults, level=level))
        return [program("annex-muc"), "-c", path]

    def show(self, what, value, unit, target=None, good=True):
        """A figure; target says what it should be, good whether it is."""
        note = ""
        if target:
            note = f"{target}{'' if good else '  MISSED'}"
            if not good:
                self.failed.append(what)
        print(f"{what:<64}{value:>12} {unit:<8}{note}", flush=True)


def program(name):
    return os.path.join(BUILD, name)


def measure(argv):
    """What a program says as "name value" lines."""
    out = subprocess.run(argv, check=True, stdout=subprocess.PIPE,
                         text=True).stdout
    said = dict(line.split() for line in out.splitlines())
    return {name: float(value) for name, value in said.items()}


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
