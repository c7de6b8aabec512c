"""A router with its own archive, which is given up: what it had archived is
imported into annex-archive.

    past = Past(stage, DOMAIN, kind="prosody")
    romeo, juliet = past.talk("one", "two")

A user of it has his archive as he read it there; stage.session() makes him one
of the router that came after it."""
import itertools
import os
import re
import subprocess
from xml.sax.saxutils import unescape

from asked import command, run
from client import register
from guest import equal
from reader import read
from record import say_all
from stanza import seconds
from user import User

# As XML, each with something that a format may get wrong.
TEXTS = ["one", "&lt;two&gt; &amp; 'three' \"four\"", "f\u00fcnf \u20ac "
         "\U0001f600", "a\\b\nc\td", "a\nitem({", "]]&gt; ~p &lt;&lt;\"\"",
         "x" * 20000, "last"]

numbers = itertools.count(1)


class Somebody:
    """A user of the former router, and what he read there."""

    def __init__(self, name, pages):
        self.name = name
        self.ids = [id for page in pages for id in page.ids]
        self.bodies = [body for page in pages for body in page.bodies]
        self.stamps = [seconds(result.stamp) for page in pages
                       for result in page.results]


def read_all(user):
    """All pages of somebody's archive."""
    pages = [read(user, max=50)]
    while not pages[-1].complete:
        pages.append(read(user, max=50, after=pages[-1].last))
    return pages


def expect_past(user, past):
    """He reads what he read before, and goes on where he was."""
    now = Somebody(user.name, read_all(user))
    equal((now.bodies, now.ids), (past.bodies, past.ids))
    for was, stamp in zip(past.stamps, now.stamps, strict=True):
        # Routers tell a part of a second, or none.
        assert abs(was - stamp) < 1, (past.stamps, now.stamps)
    middle = len(past.ids) // 2
    page = read(user, after=past.ids[middle])
    equal(page.ids, past.ids[middle + 1:middle + 1 + len(page.ids)])
    page = read(user, {"ids": [past.ids[middle]]})
    equal(page.bodies, [past.bodies[middle]])


def begin(stage, *words):
    """annexctl, at work."""
    return subprocess.Popen(command(stage, "import", *words),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def summary(said):
    """Messages read, taken, taken before and skipped."""
    found = re.search(r"(\d+) messages read: (\d+) .*?taken, (\d+) taken "
                      r"before, (\d+) skipped", said)
    assert found, said
    return tuple(map(int, found.groups()))


def take(stage, source, place, *options):
    """What the import said."""
    done = run(stage, "import", source, place, *options)
    assert done.returncode == 0, done.stderr
    return done.stderr


def refuse(stage, source, place, *options):
    done = run(stage, "import", source, place, *options)
    equal(done.returncode, 1)
    return done.stderr


class Past:
    """options: those of the router's class, and its kind."""

    def __init__(self, stage, domain, **options):
        self.stage = stage
        folder = os.path.join(stage.folder, f"past{next(numbers)}")
        os.mkdir(folder, 0o755)
        self.router = stage.new_router(folder, domain, {}, {"archive"},
                                       **options)

    def user(self, name):
        router = self.router
        register(router.client_port, router.domain, name)
        return User(self.stage.loop, router.client_port, router.domain, name,
                    "house").login()

    def talk(self, *texts, names=("romeo", "juliet")):
        """What one said to the other, by turns; nobody says anything after
        that."""
        self.router.start()
        people = [self.user(f"{name}{next(self.stage.shades)}")
                  for name in names]
        for text in texts:
            people[0].say(people[1].full, text)
            people[1].hears(people[0].full, unescape(text))
            people.reverse()
        if len(texts) % 2:
            people.reverse()
        return self.leave(people)

    def pour(self, count):
        """So many of one to the other at once."""
        self.router.start()
        people = [self.user(f"{name}{next(self.stage.shades)}")
                  for name in ("romeo", "juliet")]
        texts = [str(number) for number in range(count)]
        say_all(people[0], people[1].full, texts)
        for text in texts:
            people[1].hears(people[0].full, text)
        return self.leave(people)

    def leave(self, people):
        them = [Somebody(user.name, read_all(user)) for user in people]
        for user in people:
            user.logout()
        self.finish()
        return them

    def finish(self):
        self.router.stop()
