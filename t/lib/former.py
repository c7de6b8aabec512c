"""A router with its own store of messages, which is given up: what it had
stored is imported into annex-offline."""
import itertools
import json
import os
import re
import subprocess
from xml.sax.saxutils import unescape

from annex import program
from client import register
from guest import equal
from mail import arrive
from stage import DOMAIN
from stanza import seconds
from user import User

# As XML, each with something that a format may get wrong.
TEXTS = ["one", "&lt;two&gt; &amp; 'three' \"four\"", "f\u00fcnf \u20ac "
         "\U0001f600", "a\\b\nc\td", "a\nitem({", "]]&gt; ~p &lt;&lt;\"\"",
         "x" * 20000, "last"]

numbers = itertools.count(1)


def begin(stage, *words):
    """annexctl, at work."""
    return subprocess.Popen(
        [program("annexctl"), "-f", stage.folder, "--json", "offline",
         *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ask(stage, *words, status=0):
    """The rows of a command's answer, and what was said besides."""
    child = begin(stage, *words)
    rows, said = child.communicate(timeout=60)
    equal((child.returncode, said if child.returncode != status else ""),
          (status, ""))
    return [json.loads(line) for line in rows.splitlines()], said


def summary(said):
    """Messages read, taken, taken before and skipped."""
    found = re.search(r"(\d+) messages read: (\d+) .*?taken, (\d+) taken "
                      r"before, (\d+) skipped", said)
    assert found, said
    return tuple(map(int, found.groups()))


def expect_all(stage, user, texts, stamps):
    """The user comes back, and gets these messages and no others, sent at
    these times (seconds)."""
    reader = arrive(user)
    got = reader.messages(len(texts))
    for message, text, stamp in zip(got, texts, stamps, strict=True):
        equal(message.body, unescape(text))
        delay, = message.find_all("delay:delay")
        equal((delay.get("from"), seconds(delay.get("stamp"))),
              (DOMAIN, stamp))
    reader.nothing(stage)
    user.logout()


class Former:
    """options: those of the router's class, and its kind."""

    def __init__(self, stage, domain, **options):
        self.stage = stage
        folder = os.path.join(stage.folder, f"former{next(numbers)}")
        os.mkdir(folder, 0o755)
        self.router = stage.new_former(folder, domain, options)

    def leave(self, name, texts, sender="romeo"):
        """Messages for somebody who is away, in the store of the router, which
        has ended when this returns.  The account is at the new one too."""
        return self.leave_all([(sender, name, text) for text in texts])[name]

    def leave_all(self, plan):
        """The same of (sender, user, text); returns the users by name."""
        stage, router = self.stage, self.router
        names = {name: f"{name}{next(stage.shades)}" for _, name, _ in plan}
        senders = {}
        router.start()
        for name in names.values():
            register(router.client_port, router.domain, name)
        for sender, name, text in plan:
            if sender not in senders:
                senders[sender] = User(stage.loop, router.client_port,
                                       router.domain, sender, "house").login()
            senders[sender].say(f"{names[name]}@{router.domain}", text)
            senders[sender].settle()
        for user in senders.values():
            user.logout()
        self.finish()
        return {name: stage.absent_as(own) for name, own in names.items()}

    def finish(self):
        self.router.stop()
