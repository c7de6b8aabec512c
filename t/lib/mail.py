"""A router with its shim, annex-offline, and people who are away.

    @test("what is expected")
    def anything(stage):
        romeo, juliet = stage.user("romeo"), stage.absent("juliet")

    scene("expire = 90d", own={"resumption"})

settings are lines of the configuration's section offline.  Every test has
people of its own, whatever their names."""
import itertools
import re
import signal
import time

import scene as plain
from annex import Daemon
from client import SECS, register
from guest import equal
from proxy import Proxy
from scene import test  # noqa: F401
from shim import ShimStage
from stage import DOMAIN, SECRET, database
from user import User

NS = "http://jabber.org/protocol/offline"
HOOKS = ["store", "presence", "deliver"]
DELEGATED = [f"delegate:{NS}", "delegate:msgoffline"]


class MailStage(ShimStage):
    def __init__(self, options):
        settings, own, hooks, others = options
        super().__init__(({"offline": {"hooks": hooks, "timeout": 2}}, own,
                          others))
        self.settings = settings
        self.shades = itertools.count(1)

    def open(self):
        super().open()
        self.database = self.new_database()
        self.database.start()
        self.proxy = Proxy(self.router.component_port)
        self.annex = self.new_annex(self.settings)
        self.annex.start()
        self.annex.process.wait_line("has for us")

    def new_former(self, folder, domain, options):
        """A router with its own store instead of ours."""
        return self.new_router(folder, domain, {}, {"offline"}, **options)

    def new_database(self):
        return database(self.folder)

    def new_annex(self, settings):
        return Daemon("offline", self.folder, self.proxy.port,
                      f"offline.{DOMAIN}", SECRET, self.database.url,
                      settings)

    def configure(self, settings):
        """Other settings, by a reload."""
        since = len(self.annex.process.lines)
        self.annex.write(settings)
        self.annex.process.child.send_signal(signal.SIGHUP)
        self.annex.process.wait_line(" again", since)
        self.get("/healthz")

    def cut(self):
        """The link is lost, and comes back."""
        since = len(self.annex.process.lines)
        with self.proxy.cut():
            pass
        self.annex.process.wait_line("has for us", since)

    def revive(self):
        self.annex.revive()

    def verify(self, since):
        super().verify(since)
        self.annex.verify(0)

    def log_since(self, start):
        return "\n".join(["router:", super().log_since(start), "annex:"]
                         + self.annex.process.lines[-60:])

    # People

    def user(self, name, resource="house", presence="<presence/>",
             router=None):
        """Somebody who is there, whom nobody knew before."""
        return super().user(f"{name}{next(self.shades)}", resource, presence,
                            router)

    def absent(self, name="juliet", resource="house", router=None):
        """Somebody with an account, whom nobody knew before."""
        return self.absent_as(f"{name}{next(self.shades)}", resource, router)

    def absent_as(self, name, resource="house", router=None):
        """The same of that very name."""
        router = router or self.router
        register(router.client_port, router.domain, name)
        return self.session(name, resource, router)

    def session(self, name, resource, router=None):
        """A session of that account, which is not there yet."""
        router = router or self.router
        user = User(self.loop, router.client_port, router.domain, name,
                    resource)
        self.people.setdefault((name, resource), []).append(user)
        return user

    # Messages

    def counted(self, *outcomes):
        """How many messages had one of these outcomes."""
        found = re.findall(r'^annex_offline_messages_total'
                           r'{outcome="(\w+)"} (\d+)',
                           self.get("/metrics")[1], re.M)
        return sum(int(count) for outcome, count in found
                   if outcome in outcomes)

    def wait_counted(self, outcome, count):
        """Waits until so many had it, or one of several in a tuple."""
        outcomes = outcome if isinstance(outcome, tuple) else (outcome,)
        end = time.monotonic() + SECS
        while (now := self.counted(*outcomes)) < count:
            assert time.monotonic() < end, f"{now} {outcome}, not {count}"

    def asked(self):
        """How often it was asked to store a message."""
        found = re.search(r'^annex_hook_events_total{event="store"} (\d+)',
                          self.get("/metrics")[1], re.M)
        return int(found[1])

    def wait_asked(self, count):
        end = time.monotonic() + SECS
        while (now := self.asked()) < count:
            assert time.monotonic() < end, f"asked {now} times, not {count}"

    def leave(self, sender, user, *texts):
        """Messages that are stored when this returns."""
        before = self.counted("stored")
        for text in texts:
            sender.say(user.bare, text)
        self.wait_counted("stored", before + len(texts))
        # The router knows, since it has what was said after.
        sender.ask("get", f"offline.{DOMAIN}",
                   "<ping xmlns='urn:xmpp:ping'/>")

    def settle(self):
        """When this returns, what was to be delivered by now was: one
        message has gone the whole way after it."""
        writer = self.user("prospero")
        reader = self.absent("ariel")
        self.leave(writer, reader, "so far")
        equal(arrive(reader).mail(1), ["so far"])


class Reader:
    """What somebody who comes back gets."""

    def __init__(self, user):
        self.user = user

    def message(self):
        return self.user.pick(lambda word: word.kind == "message",
                              "a message")

    def messages(self, count):
        return [self.message() for _ in range(count)]

    def mail(self, count):
        """The texts of the next messages."""
        return [message.body for message in self.messages(count)]

    def nothing(self, stage):
        """No message came that was not looked at, and none will."""
        stage.settle()
        self.user.settle()
        equal([str(word) for word in self.user.inbox
               if word.kind == "message"], [])


def arrive(user, presence="<presence/>"):
    """Comes online without losing what comes along."""
    user.login(presence=None)
    user.send(presence)
    return Reader(user)


def scene(settings="", own=(), hooks=tuple(HOOKS), stage_class=MailStage,
          **options):
    plain.scene((settings, set(own), list(hooks), options), stage_class)
