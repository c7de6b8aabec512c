"""A client on a raw stream, for what slixmpp does by itself: nothing is
answered or acknowledged but by the test."""
import base64

from attached import Word
from client import PASSWORD, register
from wire import Wire

SM = "urn:xmpp:sm:3"
HEADER = ("<stream:stream xmlns='jabber:client' version='1.0' "
          "xmlns:stream='http://etherx.jabber.org/streams' to='{}'>")


class User(Wire):
    def __init__(self, loop, port, domain, name, resource):
        super().__init__(loop, port, name)
        self.domain = domain
        self.resource = resource
        self.bare = f"{name}@{domain}"
        self.full = f"{self.bare}/{resource}"
        self.token = None

    def read(self, element):
        return Word(element)

    def authenticate(self):
        """Up to where a resource is bound or a session resumed."""
        register(self.port, self.domain, self.name)
        self.open(HEADER.format(self.domain))
        self.expect("features")
        self.connected()
        proof = base64.b64encode(f"\0{self.name}\0{PASSWORD}".encode())
        self.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' "
                  f"mechanism='PLAIN'>{proof.decode()}</auth>")
        self.expect("success")
        self.begin()
        self.authenticated()

    def begin(self):
        """A new stream on the connection."""
        self.restart(HEADER.format(self.domain))
        self.expect("features")

    def connected(self):
        """For those who then change the connection."""

    def authenticated(self):
        """The same."""

    def login(self, presence="<presence/>"):
        """Comes online, or just binds with no presence."""
        self.authenticate()
        answer = self.ask(
            "set", None, "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            f"<resource>{self.resource}</resource></bind>")
        assert answer.type == "result", f"{answer}"
        self.ask("set", None,
                 "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>")
        if presence:
            self.send(presence)
            self.pick(lambda word: word.kind == "presence"
                      and word.sender.startswith(self.bare + "/"),
                      "the own presence")
        self.forget()
        return self

    def settle(self):
        """When this returns the router has done all it was sent."""
        self.ask("get", self.domain, "<ping xmlns='urn:xmpp:ping'/>")

    def forget(self):
        """Looks at nothing of what has come."""
        self.settle()
        self.inbox.clear()

    def logout(self):
        self.send("</stream:stream>")
        self.wait_end()
        self.vanish()

    def remove(self):
        """Gives up the account (XEP-0077), and with it the session."""
        self.send("<iq type='set' id='remove'><query xmlns='jabber:iq:"
                  "register'><remove/></query></iq>")
        self.wait_end()
        self.vanish()

    # Stream management (XEP-0198)

    def manage(self, resume="true"):
        """Enables it; the session can be resumed from now on, if that is
        asked for."""
        self.send(f"<enable xmlns='{SM}' resume='{resume}'/>")
        enabled = self.pick(lambda word: word.kind == "enabled", "enabled")
        self.token = enabled.id
        assert self.token or resume != "true", f"{enabled}"

    def resume(self, seen):
        """Comes back, having seen so many stanzas."""
        self.authenticate()
        self.send(f"<resume xmlns='{SM}' h='{seen}' previd='{self.token}'/>")
        self.expect("resumed")

    def receive(self, word):
        """Requests to acknowledge are answered by tests alone."""
        if word.xml.tag != f"{{{SM}}}r":
            super().receive(word)

    def acknowledge(self, seen):
        self.send(f"<a xmlns='{SM}' h='{seen}'/>")

    # Talking

    def message(self, to, content, type="chat", id=None):
        named = f" id='{id}'" if id else ""
        kind = f" type='{type}'" if type else ""
        self.send(f"<message to='{to}'{kind}{named}>{content}</message>")

    def say(self, to, text, id=None):
        self.message(to, f"<body>{text}</body>", id=id)

    def hears(self, sender, text, **wanted):
        """The next stanza is that message."""
        return self.expect("message", sender=str(sender), body=text,
                           **wanted)
