"""A raw XML stream: what is sent is a text, what arrives is a Stanza."""
import asyncio
import itertools
from xml.etree.ElementTree import XMLPullParser

from client import SECS
from stanza import Stanza

ids = itertools.count(1)
STREAMS = "{http://etherx.jabber.org/streams}"


class Elements:
    """The elements of a stream as its bytes come in."""

    def __init__(self):
        self.parser = XMLPullParser(("start", "end"))
        self.depth, self.root = 0, None

    def feed(self, data):
        """Those that are complete now; self.root is the header's."""
        self.parser.feed(data)
        for event, element in self.parser.read_events():
            if event == "start":
                self.depth += 1
                if self.depth == 1:
                    self.root = element
            else:
                self.depth -= 1
                if self.depth == 1:
                    self.root.remove(element)
                    yield element


class Wire:
    """Everything that arrives goes into the inbox, in order."""

    def __init__(self, loop, port, name):
        self.loop = loop
        self.port = port
        self.name = name
        self.inbox = []
        self.news = asyncio.Event()
        self.reader = self.writer = self.task = None
        self.gone = True

    def __str__(self):
        return self.name

    def run(self, awaitable):
        return self.loop.run_until_complete(
            asyncio.wait_for(awaitable, SECS))

    # The connection

    def open(self, header):
        """Connects; returns the attributes of the router's header."""
        self.reader, self.writer = self.run(
            asyncio.open_connection("127.0.0.1", self.port))
        self.gone = False
        return self.restart(header)

    def restart(self, header):
        """Begins a stream on the connection."""
        if self.task is not None:
            self.task.cancel()
            self.run(asyncio.wait([self.task]))
        self.elements = Elements()
        self.inbox.clear()
        self.task = self.loop.create_task(self._read())
        self.send(header)
        return self._wait(lambda: self.elements.root is not None
                          and self.elements.root.attrib,
                          "the router's header")

    async def _read(self):
        try:
            while data := await self.reader.read(65536):
                for element in self.elements.feed(self.unpack(data)):
                    self.receive(self.read(element))
                self.news.set()
        except ConnectionError:
            pass
        self.gone = True
        self.news.set()

    def read(self, element):
        return Stanza(element)

    def receive(self, stanza):
        self.inbox.append(stanza)

    def pack(self, data):
        """What is written for it."""
        return data

    def unpack(self, data):
        """What that means which was read."""
        return data

    def vanish(self):
        """Breaks the connection."""
        if self.writer is None:
            return
        self.writer.transport.abort()
        self.run(asyncio.wait([self.task]))
        self.writer = None

    def wait_end(self):
        """Waits until the router has closed the connection."""
        self._wait(lambda: self.gone, "the end")

    # Sending and receiving

    def send(self, text):
        self.writer.write(self.pack(text.encode()))

    def flush(self):
        self.run(self.writer.drain())

    def _wait(self, found, what):
        async def wait():
            while not (result := found()):
                if self.gone:
                    raise AssertionError(
                        f"{self} waited for {what}: the router hung up")
                self.news.clear()
                await self.news.wait()
            return result
        try:
            return self.run(wait())
        except asyncio.TimeoutError:
            seen = "\n".join(map(str, self.inbox))
            raise AssertionError(
                f"{self} waited for {what}; there was:\n{seen}")

    def next(self, what="a stanza"):
        """Takes the next stanza, whatever it is."""
        self._wait(lambda: self.inbox, what)
        return self.inbox.pop(0)

    def expect(self, kind, **wanted):
        """Takes the next stanza, which must be of that kind and have what is
        wanted: each keyword is a property of the stanza."""
        stanza = self.next(f"{kind} {wanted}")
        wrong = {} if stanza.kind == kind else {"kind": stanza.kind}
        for name, value in wanted.items():
            if getattr(stanza, name) != value:
                wrong[name] = getattr(stanza, name)
        if wrong:
            raise AssertionError(f"{self} wanted {kind} {wanted}\n"
                                 f"but there was {wrong} in\n{stanza}")
        return stanza

    def pick(self, right, what):
        """Takes the first stanza that is right, letting all else wait."""
        found = self._wait(
            lambda: [stanza for stanza in self.inbox if right(stanza)], what)
        self.inbox.remove(found[0])
        return found[0]

    def answer(self, id):
        """Waits for the answer to a request, letting all else wait."""
        return self.pick(lambda stanza: stanza.kind == "iq"
                         and stanza.type in ("result", "error")
                         and stanza.id == id, f"the answer to {id}")

    def iq(self, type, to, content, id=None):
        """Sends a request without waiting for the answer; returns its id."""
        id = id or f"w{next(ids)}"
        self.send(f"<iq type='{type}' id='{id}'{self.addresses(to)}>"
                  f"{content}</iq>")
        return id

    def addresses(self, to):
        return f" to='{to}'" if to else ""

    def ask(self, type, to, content):
        """A request and its answer."""
        return self.answer(self.iq(type, to, content))

    def silent(self):
        """Nothing is there that has not been looked at."""
        assert not self.inbox, (f"{self} got more: "
                                + "\n".join(map(str, self.inbox)))
