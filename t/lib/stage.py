"""All that plays together in a test: router, database, component, clients."""
import asyncio
import itertools
import os
import shutil
import sqlite3
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import closing

from client import SECS
from guest import Guest, Room
from stanza import NS

DOMAIN = "verona.test"
SECRET = "capulet"


def router_class():
    name = os.environ.get("ROUTER", "prosody")
    if name == "ejabberd":
        from ejabberd import Ejabberd as router
    elif name == "jabberd2":
        from jabberd2 import Jabberd2 as router
    else:
        from prosody import Prosody as router
    return router


class Memory:
    """No database: everything is kept in memory."""
    url = "none"

    def start(self):
        pass

    def stop(self):
        pass


class Sqlite:
    def __init__(self, folder):
        self.path = os.path.join(folder, "annex.sqlite")
        self.url = "sqlite:" + self.path

    def start(self):
        pass

    def stop(self):
        pass


def database(folder):
    name = os.environ.get("DB", "sqlite")
    if name == "postgres":
        from postgres import Postgres
        return Postgres(os.path.join(folder, "postgres"))
    return Memory() if name == "none" else Sqlite(folder)


class Stage:
    """SERVICE=router plays with the router's own rooms instead of annex-muc:
    a check of the tests themselves."""

    def __init__(self, settings=""):
        self.own_rooms = os.environ.get("SERVICE") == "router"
        self.folder = tempfile.mkdtemp(prefix="annex-e2e-")
        os.chmod(self.folder, 0o755)
        self.rooms = "rooms." + DOMAIN
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self.settings = settings
        self.database = self.router = self.annex = None
        self.clients = {}
        self.places = []
        self.numbers = itertools.count(1)

    def open(self):
        self.router = router_class()(self.folder, DOMAIN, self.rooms, SECRET,
                                     self.own_rooms)
        self.router.start()
        if self.own_rooms:
            return
        self.database = database(self.folder)
        self.database.start()
        self.build_annex()
        self.annex.start()

    def build_annex(self):
        from annex import Annex
        self.annex = Annex(self.folder, self.router.component_port,
                           self.rooms, SECRET, self.database.url,
                           self.settings)

    def close(self):
        self.dismiss()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(
            asyncio.gather(*tasks, return_exceptions=True))
        if self.annex is not None:
            self.annex.process.stop()
        if self.database is not None:
            self.database.stop()
        if self.router is not None:
            self.router.kill()
        if not os.environ.get("ANNEX_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def restart(self):
        """Stops everything in good order, and starts it again."""
        self.dismiss()
        parts = [part for part in (self.router, self.database, self.annex)
                 if part is not None]
        for part in reversed(parts):
            part.stop()
        for part in parts:
            part.start()

    def verify(self, since):
        """The component lives, or its end was wanted."""
        if self.annex is not None:
            self.annex.verify(since)

    def revive(self):
        if self.annex is not None:
            self.annex.revive()

    def log_length(self):
        return len(self.annex.process.lines) if self.annex else 0

    def log_since(self, start):
        return "\n".join(self.annex.process.lines[start:]
                         if self.annex else [])

    # What the component has written and tells

    def dump(self):
        """All that is in the database, as text."""
        if isinstance(self.database, Sqlite):
            with closing(sqlite3.connect(self.database.path)) as connection:
                return "\n".join(connection.iterdump())
        if self.remembers:
            from postgres import NAME, program
            return self.database.run([
                program("pg_dump"), "-h", "127.0.0.1", "-U", "postgres",
                "-p", str(self.database.port), NAME])
        return ""

    def get(self, path, since=0):
        """The status and text of a page of the component, which said its
        port after line number since of its log."""
        said = self.annex.process.wait_lines("http: listening on port ",
                                             since)
        line = said[-1]
        url = f"http://127.0.0.1:{line.split()[-1]}{path}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def metric(self, name):
        """The sum of all that is counted under that name."""
        return sum(float(line.rsplit(" ", 1)[1])
                   for line in self.get("/metrics")[1].splitlines()
                   if line.split("{")[0].split(" ")[0] == name)

    def saved(self):
        """Waits until the database has all there is."""
        end = time.monotonic() + SECS
        while (self.metric("annex_muc_unsaved_rooms")
               or self.metric("annex_store_waiting_writes")):
            assert time.monotonic() < end, "never written"

    def wait_stored(self, right):
        """Waits until right(dump()) is true."""
        end = time.monotonic() + SECS
        while not right(text := self.dump()):
            assert time.monotonic() < end, f"still stored: {text}"

    @property
    def remembers(self):
        """Whether there is a database."""
        return self.database is not None and self.database.url != "none"

    # People and places

    def client(self, name, resource="house"):
        """The session of that account, opened when first asked for."""
        key = (name, resource)
        if key not in self.clients:
            guest = Guest(self.loop, self.router.client_port, DOMAIN, name,
                          resource)
            guest.login()
            self.clients[key] = guest
        return self.clients[key]

    def cast(self, *names):
        return [self.client(name) for name in names]

    def part(self, guest):
        """Somebody who has gone for good."""
        self.clients = {key: client for key, client in self.clients.items()
                        if client is not guest}

    def dismiss(self):
        """Everybody goes; whoever is asked for next comes anew."""
        for client in self.clients.values():
            client.vanish()
        self.clients.clear()

    def room(self, name="garden"):
        """A room that nobody was ever in."""
        room = Room(f"{name}{next(self.numbers)}@{self.rooms}")
        self.places.append(room)
        return room

    def gather(self, owner, *others, **options):
        """A room with these people in it, who have heard all there was."""
        room = self.room()
        owner.create(room, **options)
        for other in others:
            other.enter(room)
        self.hush()
        return room

    # Silence

    def settle(self):
        """When this returns all that was sent has had its effect: each
        client asked the service and the rooms something and was answered,
        and then once more, since effects pass on to others."""
        for _ in range(2):
            asked = [(client, client.iq("get", str(place), (
                          f"<query xmlns='{NS['info']}'/>")))
                     for client in self.clients.values()
                     for place in [self.rooms] + self.places]
            for client, id in asked:
                client.answer(id)

    def hush(self):
        """Forgets all that came."""
        self.settle()
        for client in self.clients.values():
            client.forget()

    def silent(self, *clients):
        """Nothing came that has not been looked at."""
        self.settle()
        for client in clients or self.clients.values():
            assert not client.inbox, (f"{client} got more: "
                                      + "\n".join(map(str, client.inbox)))
