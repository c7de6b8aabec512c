"""A router that is none: it takes one component by XEP-0114, says what people
of its host say, and has a shim that behaves as badly as a test wants.  For what
no real router can be made to do.

It runs beside the test, which tells it by moods how the shim meets a request,
and looks at what came."""
import itertools
import socket
import threading
import time
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError

from attached import ANNEX, forwarded, word_of
from process import free_port
from stanza import Stanza
from wire import Elements

SECS = 60
HEADER = ("<stream:stream xmlns='jabber:component:accept' id='{}' "
          "xmlns:stream='http://etherx.jabber.org/streams' from='{}'>")
HELLO = {"version": "0", "epoch": "e1", "router": "Pretender 1",
         "hooks": "tap check store presence route deliver fanout overlay act "
                  "delegate", "fail": "open", "window": "100", "credit": "2",
         "stanza-bytes": "262144"}

# How the shim meets a request; or a function of the request that returns one,
# or the condition by which it is refused.
DO = "do"           # as it should
DUMB = "dumb"       # it does it, and never says so
HANG = "hang"       # it does nothing
REFUSE = "refuse"


class Pretender:
    def __init__(self, host, domain):
        self.host, self.domain = host, domain
        self.component_port = free_port()
        self.moods = {}
        self.greeting = HELLO
        self.came = []          # all that is not for people, in order
        self.letters = {}       # what people got, by address
        self.handed = set()     # ids of what was delivered, and by whom
        self.news = threading.Condition()
        self.numbers = itertools.count(1)
        self.socket = None
        self.listener = None
        self.kept = None        # what is to be sent at once

    # The stream

    def start(self):
        self.listener = socket.create_server(("127.0.0.1",
                                              self.component_port))
        threading.Thread(target=self._serve, daemon=True).start()

    def kill(self):
        self.listener.close()
        self.hang_up()

    def hang_up(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except (AttributeError, OSError):
            pass                # there is none, or no more

    def _serve(self):
        while True:
            try:
                self.socket, _ = self.listener.accept()
                self._talk(self.socket)
            except (ConnectionError, ParseError):
                pass
            except OSError:
                return

    def _talk(self, link):
        elements, greeted = Elements(), False
        with link:
            while data := link.recv(65536):
                for element in elements.feed(data):
                    self._meet(element)
                if elements.root is not None and not greeted:
                    greeted = True
                    self.send(HEADER.format(next(self.numbers), self.domain))

    def _meet(self, element):
        if element.tag.endswith("}handshake"):
            # Whoever hears that there is a link may have a hello, too.
            self.socket.sendall(("<handshake/>" + (
                self._hello() if self.greeting else "")).encode())
            return
        with self.news:
            self._receive(word_of(element))
            self.news.notify_all()

    def send(self, text):
        if self.kept is not None:
            self.kept.append(text)
        else:
            self.socket.sendall(text.encode())

    @contextmanager
    def at_once(self):
        """What is said within comes to the component together."""
        self.kept = []
        try:
            yield
        finally:
            said, self.kept = "".join(self.kept), None
            self.send(said)

    # What comes from the component

    def _receive(self, word):
        if "@" in (word.to or "") and word.kind != "iq":
            self._post(word.to, word)
            return
        self.came.append(word)
        if word.kind == "iq" and word.type in ("get", "set"):
            self._answer(word)

    def _answer(self, word):
        mood = self.moods.get(word.element, DO)
        if callable(mood):
            mood = mood(word)
        if mood in (DO, DUMB):
            getattr(self, f"_{word.element}", lambda _: None)(word)
        if mood == DO:
            self.result(word)
        elif mood == REFUSE:
            self._refuse(word, "cancel", "service-unavailable")
        elif mood not in (DUMB, HANG):
            self._refuse(word, "modify", mood)

    def _refuse(self, word, type, condition):
        self.send(f"<iq type='error' id='{word.id}' from='{word.to}' "
                  f"to='{word.sender}'><error type='{type}'><{condition} "
                  "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")

    def result(self, word, sender=None):
        """Answers it, as somebody."""
        self.send(f"<iq type='result' id='{word.id}' "
                  f"from='{sender or word.to}' to='{word.sender}'/>")

    def _fanout(self, word):
        for to in word.text("annex:fanout/annex:to").split("\n"):
            for inner in word.find_all("annex:fanout/forward:forwarded/c:*"):
                self._post(to, Stanza(inner))

    def _deliver(self, word):
        for item in word.find_all("annex:deliver/annex:item"):
            one = (word.get("jid").split("/")[0], item.get("id"))
            if one not in self.handed:
                self._post(word.get("jid"), Stanza(item[0][-1]))
            if item.get("id") is not None:
                self.handed.add(one)

    def _post(self, to, stanza):
        self.letters.setdefault(to, []).append(stanza)

    def texts(self, jid):
        """What was said to somebody, in order."""
        return [letter.body for letter in self.letters.get(jid, ())
                if letter.kind == "message" and letter.body is not None]

    def wait(self, found, what):
        """Waits until found() is true; returns that."""
        end = time.monotonic() + SECS
        with self.news:
            while not (result := found()):
                left = end - time.monotonic()
                assert left > 0, f"never came: {what}"
                self.news.wait(left)
        return result

    def wait_texts(self, jid, texts):
        self.wait(lambda: len(self.texts(jid)) >= len(texts),
                  f"{texts} for {jid}")
        assert self.texts(jid) == texts, f"{jid}: {self.texts(jid)}"

    def wait_came(self, right, what, since=0):
        """The first that is right."""
        return self.wait(lambda: next(filter(right, self.came[since:]), None),
                         what)

    def wait_request(self, element, since=0):
        return self.wait_came(lambda word: word.element == element, element,
                              since)

    def answer_to(self, id):
        return self.wait_came(lambda word: word.kind == "iq" and word.id == id
                              and word.type in ("result", "error"),
                              f"the answer to {id}")

    # What it says

    def _hello(self, namespace=ANNEX, **changes):
        words = {**HELLO, **{name.replace("_", "-"): value
                             for name, value in changes.items()}}
        return self._message("<hello xmlns='{}' {}/>".format(
            namespace, " ".join(f"{name}='{value}'"
                                for name, value in words.items())))

    def hello(self, namespace=ANNEX, **changes):
        self.send(self._hello(namespace, **changes))

    def _message(self, content):
        return (f"<message from='{self.host}' to='{self.domain}'>{content}"
                "</message>")

    def tell(self, content):
        self.send(self._message(content))

    def request(self, content, sender=None, to=None, type="set"):
        """Returns its id, for answer_to()."""
        id = f"p{next(self.numbers)}"
        self.send(f"<iq type='{type}' id='{id}' from='{sender or self.host}' "
                  f"to='{to or self.domain}'>{content}</iq>")
        return id

    def ask(self, *words, **options):
        """Returns the answer."""
        return self.answer_to(self.request(*words, **options))

    def settle(self):
        """When this returns the component has done what it was sent."""
        self.ask("<ping xmlns='urn:xmpp:ping'/>", type="get")

    def online(self, jid):
        self.tell(f"<online xmlns='{ANNEX}' jid='{jid}'><presence "
                  f"xmlns='jabber:client' from='{jid}'/></online>")

    def offer(self, user, id, text, sender=None):
        """Asks to store a message whose id that is, as request() does."""
        sender = sender or f"romeo@{self.host}/house"
        return self.request(
            f"<store xmlns='{ANNEX}' id='{id}' user='{user}'>"
            + forwarded(f"<message xmlns='jabber:client' from='{sender}' "
                        f"to='{user}' type='chat'><body>{text}</body>"
                        "</message>") + "</store>")

    def store(self, *words):
        """The same; returns the answer."""
        return self.answer_to(self.offer(*words))
