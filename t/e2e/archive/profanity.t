#!/usr/bin/python3
"""profanity, a client for people, shows what its user has in the archive."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
sys.path.append(sys.path[0] + "/../../lib")
from client import PASSWORD, SECS
from reader import MAM, scene, test
from stanza import NS

ACCOUNT = """[reader]
enabled=true
jid={jid}
password={password}
resource=profanity
server=127.0.0.1
port={port}
tls.policy=disable
auth.policy=default
script.start=
"""
PREFERENCES = """[general]
mam=true
[ui]
splash=false
[connection]
account=reader
"""
ESCAPES = re.compile(rb"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])")


def write(folder, path, text):
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


class Profanity:
    """It runs in a terminal of its own; what it wrote there is kept."""

    def __init__(self, stage, user):
        self.home = os.path.join(stage.folder, f"profanity-{user.name}")
        write(self.home, ".config/profanity/profrc", PREFERENCES)
        write(self.home, ".local/share/profanity/accounts", ACCOUNT.format(
            jid=user.bare, password=PASSWORD, port=stage.router.client_port))
        self.seen = b""

    def __enter__(self):
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.execvpe("profanity", ["profanity", "-a", "reader"], {
                "HOME": self.home, "TERM": "xterm", "LANG": "C.UTF-8",
                "PATH": os.environ["PATH"]})
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 50, 160, 0, 0))
        return self

    def __exit__(self, *_):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        os.close(self.terminal)

    def type(self, line):
        os.write(self.terminal, line.encode() + b"\r")

    @property
    def screen(self):
        return ESCAPES.sub(b" ", self.seen).decode(errors="replace")

    def wait(self, *texts):
        """Waits until it has shown all of these."""
        end = time.monotonic() + 3 * SECS
        while missing := [text for text in texts
                          if text not in self.screen]:
            left = end - time.monotonic()
            assert left > 0, f"no {missing} in {self.screen[-4000:]}"
            if select.select([self.terminal], [], [], left)[0]:
                self.seen += os.read(self.terminal, 65536)


def offer(gate):
    """COMPAT: profanity 0.13 does not ask the account what it offers, but the
    host and its services; one that has the feature is enough for it."""
    word = gate.pick(lambda word: word.has("info:query"), "its question")
    gate.result(word, f"<query xmlns='{NS['info']}'><feature var='{MAM}'/>"
                      "</query>")


@test("shows what was said before it came")
def shows(stage):
    # Later versions show ten, and older ones to who scrolls.
    texts = [f"wherefore{number}" for number in range(8)]
    romeo, juliet = stage.talk(*texts)
    gate = stage.component("gate")
    with Profanity(stage, juliet) as profanity:
        offer(gate)
        profanity.wait("logged in successfully")
        profanity.type("/mam on")
        # What it was told before is known when it shows this.
        profanity.type(f"/disco info {gate.domain}")
        offer(gate)
        profanity.wait(MAM)
        profanity.type(f"/msg {romeo.bare}")
        profanity.wait(texts[0], texts[-1])
    requests = stage.metric("annex_archive_requests_total")
    assert requests >= 1, f"{requests} requests"


scene()
