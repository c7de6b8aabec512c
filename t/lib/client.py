"""An XMPP client: slixmpp opens the stream, the stanzas are ours.

Everything that arrives goes into an inbox in the order of its arrival, and
an expectation looks at the next stanza in it, so that a test that passes has
also seen the order and that nothing came between."""
import asyncio
import copy
import itertools
import logging
import os
import socket
import warnings
from xml.sax.saxutils import quoteattr

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
import slixmpp  # noqa: E402

from cleartext import dial  # noqa: E402
from stanza import Stanza  # noqa: E402

PASSWORD = "balcony"
SECS = int(os.environ.get("ANNEX_TEST_SECS", "10"))
ids = itertools.count(1)


def register(port, domain, name):
    """Makes an account by XEP-0077; one that is there already is fine."""
    with socket.create_connection(("127.0.0.1", port), SECS) as sock:
        sock.sendall((
            "<stream:stream xmlns='jabber:client' version='1.0' "
            "xmlns:stream='http://etherx.jabber.org/streams' "
            f"to='{domain}'>").encode())
        _read_until(sock, (b"</stream:features>",))
        sock.sendall((
            f"<iq type='set' id='account' to='{domain}'>"
            "<query xmlns='jabber:iq:register'>"
            f"<username>{name}</username><password>{PASSWORD}</password>"
            "</query></iq>").encode())
        answer = _read_until(sock, (b"</iq>", b"/>"))
        if b"result" not in answer and b"conflict" not in answer:
            raise AssertionError(f"no account for {name}: {answer}")


def _read_until(sock, ends):
    data = b""
    while not data.endswith(ends):
        more = sock.recv(65536)
        if not more:
            raise AssertionError(f"the router hung up: {data}")
        data += more
    return data


class Stream(slixmpp.ClientXMPP):
    """Opens a stream, then hands over every stanza as it came."""

    def __init__(self, jid):
        super().__init__(jid, PASSWORD, sasl_mech="PLAIN", plugin_config={
            "feature_mechanisms": {"unencrypted_plain": True}})
        self.open = self.loop.create_future()
        self.receive = None
        self.add_event_handler("session_start", self._started)
        self.add_event_handler("failed_all_auth", self._failed)
        self.add_filter("in", self._swallow)

    def _started(self, event):
        if not self.open.done():
            self.open.set_result(True)

    def _failed(self, event):
        if not self.open.done():
            self.open.set_exception(AssertionError("login refused"))

    def incoming_filter(self, xml):
        if self.receive is not None:
            self.receive(Stanza(copy.deepcopy(xml)))
        return xml

    def _swallow(self, stanza):
        return stanza if self.receive is None else None


class Client:
    def __init__(self, loop, port, domain, name, resource):
        self.loop = loop
        self.port = port
        self.name = name
        self.domain = domain
        self.bare = f"{name}@{domain}"
        self.full = f"{self.bare}/{resource}"
        self.inbox = []
        self.news = asyncio.Event()

    def __str__(self):
        return self.name

    # The stream

    def login(self):
        register(self.port, self.domain, self.name)
        self.stream = Stream(self.full)
        dial(self.stream, self.port)
        self._run(self.stream.open)
        self.stream.receive = self._receive
        self.send("<presence/>")
        self.ask("get", self.domain, "<ping xmlns='urn:xmpp:ping'/>")

    def _receive(self, stanza):
        own = (None, self.bare, self.full, self.domain)
        if stanza.sender in own and not self._answers(stanza):
            return
        if (stanza.sender or "").startswith(self.bare + "/"):
            return
        self.inbox.append(stanza)
        self.news.set()

    def _answers(self, stanza):
        return stanza.kind == "iq" and stanza.type in ("result", "error")

    def _run(self, awaitable):
        return self.loop.run_until_complete(
            asyncio.wait_for(awaitable, SECS))

    def logout(self):
        """Ends the stream as clients do; the router sends what is due."""
        self._run(self.stream.disconnect(wait=1.0))
        self._finish()

    def vanish(self):
        """Breaks the connection."""
        self.stream.abort()
        self._finish()

    def _finish(self):
        self.stream.cancel_connection_attempt()
        self.stream._run_out_filters.cancel()
        self._run(asyncio.sleep(0))

    # Sending

    def send(self, text):
        self.stream.send_raw(text)

    def presence(self, to, content="", type=None, id=None):
        self.send(element("presence", {"to": to, "type": type, "id": id},
                          content))

    def message(self, to, content, type="groupchat", id=None):
        self.send(element("message", {"to": to, "type": type, "id": id},
                          content))

    def iq(self, type, to, content, id=None):
        """Sends a request without waiting for the answer; returns its id."""
        id = id or f"q{next(ids)}"
        self.send(element("iq", {"to": to, "type": type, "id": id}, content))
        return id

    # Receiving

    async def _arrival(self):
        while not self.inbox:
            self.news.clear()
            await self.news.wait()
        return self.inbox.pop(0)

    def next(self, what="a stanza"):
        """Takes the next stanza, whatever it is."""
        try:
            return self._run(self._arrival())
        except asyncio.TimeoutError:
            raise AssertionError(f"{self} waited for {what}: nothing came")

    def expect(self, kind, **wanted):
        """Takes the next stanza, which must be of that kind and have what is
        wanted: each keyword is a property of Stanza."""
        stanza = self.next(f"{kind} {wanted}")
        self.check(stanza, kind, wanted)
        return stanza

    def check(self, stanza, kind, wanted):
        if stanza.to not in (self.full, self.bare):
            raise AssertionError(f"{self} got another's stanza: {stanza}")
        wrong = {} if stanza.kind == kind else {"kind": stanza.kind}
        for name, value in wanted.items():
            if getattr(stanza, name) != value:
                wrong[name] = getattr(stanza, name)
        if wrong:
            raise AssertionError(
                f"{self} wanted {kind} {wanted}\n"
                f"but there was {wrong} in\n{stanza}")

    def answer(self, id):
        """Waits for the answer to a request, letting all else wait."""
        async def arrive():
            while True:
                for stanza in self.inbox:
                    if self._answers(stanza) and stanza.id == id:
                        self.inbox.remove(stanza)
                        return stanza
                self.news.clear()
                await self.news.wait()
        try:
            return self._run(arrive())
        except asyncio.TimeoutError:
            raise AssertionError(f"{self} got no answer to request {id}")

    def ask(self, type, to, content):
        """A request and its answer."""
        return self.answer(self.iq(type, to, content))

    def forget(self):
        self.inbox.clear()


def element(name, attributes, content):
    given = "".join(f" {key}={quoteattr(value)}"
                    for key, value in attributes.items() if value is not None)
    return f"<{name}{given}>{content}</{name}>"
