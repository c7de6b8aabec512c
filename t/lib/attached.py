"""A component that speaks the hook protocol over a raw XEP-0114 stream."""
import hashlib

from stanza import NS, Stanza
from wire import Wire

ANNEX = "urn:x-annex:0"
ACCEPT = "{jabber:component:accept}"
CLIENT = "{jabber:client}"
NS.update({"annex": ANNEX, "forward": "urn:xmpp:forward:0",
           "sid": "urn:xmpp:sid:0"})


class Word(Stanza):
    """A stanza of the protocol."""

    @property
    def annex(self):
        """The element of the protocol in it, None without."""
        return self.find("annex:*")

    @property
    def element(self):
        return (None if self.annex is None
                else self.annex.tag.split("}")[1])

    def get(self, name):
        """An attribute of that element."""
        return self.annex.get(name)

    @property
    def inner(self):
        """The stanza that is forwarded in it."""
        found = self.find("annex:*/forward:forwarded/c:*")
        return None if found is None else Stanza(found)

    @property
    def stamp(self):
        return self.attribute("annex:*/forward:forwarded/delay:delay",
                              "stamp")


def word_of(element):
    """A component's stanzas have a namespace of their own."""
    for part in element.iter():
        if part.tag.startswith(ACCEPT):
            part.tag = CLIENT + part.tag[len(ACCEPT):]
    return Word(element)


def both_ways(take):
    """The out and the in of what one user wrote to another: take(**wanted)
    takes the next tap, which may be both."""
    out = take()
    if out.get("dir") == "both":
        return out, out
    assert out.get("dir") == "out", f"{out}"
    return out, take(dir="in", id=out.get("id"))


class Attached(Wire):
    """The component of a domain.  self.host is the host it speaks to."""

    def __init__(self, loop, port, domain, secret, host):
        super().__init__(loop, port, domain)
        self.domain = domain
        self.secret = secret
        self.host = host

    def attach(self):
        """Connects and says who it is."""
        header = self.open(
            "<stream:stream xmlns='jabber:component:accept' "
            "xmlns:stream='http://etherx.jabber.org/streams' "
            f"to='{self.domain}'>")
        digest = hashlib.sha1((header["id"] + self.secret).encode())
        self.send(f"<handshake>{digest.hexdigest()}</handshake>")
        self.expect("handshake")
        return self

    def read(self, element):
        return word_of(element)

    def addresses(self, to):
        return f" from='{self.domain}' to='{to}'"

    # What the router says

    def told(self, element, **wanted):
        """Takes the next stanza, which must have that element of the
        protocol with these attributes."""
        word = self.next(f"{element} {wanted}")
        if word.element != element:
            raise AssertionError(f"{self} wanted {element}: {word}")
        for name, value in wanted.items():
            found = word.get(name.replace("_", "-"))
            if found != value:
                raise AssertionError(
                    f"{self} wanted {name} {value}, not {found}: {word}")
        return word

    def hello(self):
        return self.told("hello")

    # What it answers

    def result(self, word, content=""):
        self.send(f"<iq type='result' id='{word.id}'"
                  f"{self.addresses(word.sender)}>{content}</iq>")

    def error(self, word, condition="internal-server-error"):
        self.send(f"<iq type='error' id='{word.id}'"
                  f"{self.addresses(word.sender)}><error type='cancel'>"
                  f"<{condition} xmlns='{NS['stanzas']}'/></error></iq>")

    def verdict(self, word, action="allow", content="", **attributes):
        given = "".join(f" {name}='{value}'"
                        for name, value in attributes.items())
        self.result(word, f"<verdict xmlns='{ANNEX}' action='{action}'"
                          f"{given}>{content}</verdict>")

    def allow(self, *checks):
        """Says of several that they may go on."""
        self.send(f"<message{self.addresses(self.host)}>"
                  f"<allow xmlns='{ANNEX}'>"
                  + "\n".join(check.id for check in checks)
                  + "</allow></message>")

    def ack(self, seq):
        self.send(f"<message{self.addresses(self.host)}>"
                  f"<ack xmlns='{ANNEX}' seq='{seq}'/></message>")

    # What it asks

    def request(self, element, content="", **attributes):
        """Asks the shim; returns the id of the request."""
        given = "".join(f" {name}='{value}'"
                        for name, value in attributes.items())
        return self.iq("set", self.host, f"<{element} xmlns='{ANNEX}'"
                                         f"{given}>{content}</{element}>")

    def does(self, element, content="", **attributes):
        """Asks the shim for something that goes well; returns the answer."""
        answer = self.answer(self.request(element, content, **attributes))
        assert answer.type == "result", f"{answer}"
        return answer

    def refused(self, condition, element, content="", **attributes):
        """Asks the shim for something that it refuses."""
        answer = self.answer(self.request(element, content, **attributes))
        assert answer.type == "error", f"{answer}"
        assert answer.condition == condition, f"{answer}"
        return answer

    def fanout(self, recipients, *stanzas):
        return self.does("fanout", "<to>" + "\n".join(map(str, recipients))
                         + "</to>" + "".join(map(forwarded, stanzas)))

    def settle(self):
        """When this returns the router has done all it was asked for."""
        self.answer(self.iq("get", self.host, f"<query xmlns='{NS['info']}'"
                                              "/>"))


def forwarded(stanza, stamp=None):
    """A stanza, as text with its namespace, in <forwarded/>."""
    delay = f"<delay xmlns='{NS['delay']}' stamp='{stamp}'/>" if stamp else ""
    return f"<forwarded xmlns='{NS['forward']}'>{delay}{stanza}</forwarded>"
