"""What people do in rooms, and what they then see: a client that knows
XEP-0045."""
from xml.sax.saxutils import escape

from client import Client, element
from stanza import NS

ROOMCONFIG = "http://jabber.org/protocol/muc#roomconfig"


class Room:
    def __init__(self, jid):
        self.jid = jid

    def __str__(self):
        return self.jid

    def at(self, nick):
        """The occupant of that nick."""
        return f"{self.jid}/{nick}"


class Entry:
    """All that a newcomer was sent, in the order of 7.1."""

    def __init__(self):
        self.others = []
        self.own = None
        self.history = []
        self.subject = None

    @property
    def nicks(self):
        return [other.sender.split("/", 1)[1] for other in self.others]


class Guest(Client):
    # Entering and leaving

    def knock(self, room, nick=None, password=None, history=None, content="",
              id=None):
        """Asks to enter, and does not look at what comes."""
        inner = ""
        if password is not None:
            inner += f"<password>{escape(password)}</password>"
        if history is not None:
            inner += element("history", history, "")
        self.presence(room.at(nick or self.name),
                      content + f"<x xmlns='{NS['muc']}'>{inner}</x>", id=id)

    def enter(self, room, nick=None, **how):
        """Enters, and reads all that comes, up to the subject.  Messages to
        one who is not yet inside, as invitations, do not matter."""
        self.knock(room, nick, **how)
        entry = Entry()
        while entry.own is None:
            stanza = self.next("presence")
            if stanza.kind == "message" and stanza.type in (None, "normal"):
                continue
            self.check(stanza, "presence", {"type": None})
            if 110 in stanza.codes:
                entry.own = stanza
            else:
                entry.others.append(stanza)
        while entry.subject is None:
            stanza = self.expect("message", type="groupchat")
            if stanza.subject is not None and stanza.body is None:
                entry.subject = stanza
            else:
                entry.history.append(stanza)
        return entry

    def create(self, room, nick=None, **options):
        """Makes a room, instant or with these options."""
        entry = self.enter(room, nick)
        answer = self.configure(room, **options)
        assert answer.type == "result", f"not configured: {answer}"
        return entry

    def leave(self, room, nick=None, content=""):
        self.presence(room.at(nick or self.name), content, "unavailable")

    # Talking

    def say(self, room, text, id=None, content=""):
        self.message(room.jid, f"<body>{escape(text)}</body>" + content,
                     id=id)

    def whisper(self, room, nick, text, id=None):
        self.message(room.at(nick), f"<body>{escape(text)}</body>", "chat",
                     id)

    # Running a room

    def configure(self, room, **options):
        return self.ask("set", room.jid, config_form(options))

    def configuration(self, room):
        return self.ask("get", room.jid, f"<query xmlns='{NS['owner']}'/>")

    def administer(self, room, *items):
        """Changes roles or affiliations; items are made by item()."""
        return self.ask("set", room.jid, admin_query(*items))

    def list(self, room, **which):
        """Asks for the list of one role or affiliation."""
        return self.ask("get", room.jid, admin_query(item(**which)))

    def set_role(self, room, nick, role, reason=None):
        return self.administer(room, item(nick=nick, role=role,
                                          reason=reason))

    def set_affiliation(self, room, jid, affiliation, reason=None, nick=None):
        return self.administer(room, item(
            jid=jid, affiliation=affiliation, nick=nick, reason=reason))

    def destroy(self, room, content="", jid=None):
        return self.ask("set", room.jid, (
            f"<query xmlns='{NS['owner']}'>"
            + element("destroy", {"jid": jid}, content) + "</query>"))

    def info(self, to, node=None):
        return self.ask("get", str(to), element(
            "query", {"xmlns": NS["info"], "node": node}, ""))

    def items(self, to):
        return self.ask("get", str(to), f"<query xmlns='{NS['items']}'/>")

    # What is seen

    def sees(self, occupant, codes=(), **wanted):
        """Next comes available presence with exactly these codes."""
        return self.expect("presence", sender=occupant, type=None,
                           codes=set(codes), **wanted)

    def sees_gone(self, occupant, codes=(), **wanted):
        wanted.setdefault("role", "none")
        return self.expect("presence", sender=occupant, type="unavailable",
                           codes=set(codes), **wanted)

    def hears(self, occupant, text, **wanted):
        """Next comes talk to all."""
        return self.expect("message", sender=occupant, type="groupchat",
                           body=text, **wanted)

    def told(self, room, codes, **wanted):
        """Next comes a notice of the room with these codes (10.2.1)."""
        return self.expect("message", sender=room.jid, type="groupchat",
                           codes=set(codes), body=None, **wanted)

    def refused(self, kind, sender, condition, error_type=None, **wanted):
        """Next comes this error.  Where the XEP shows no type, none is
        asked for."""
        if error_type is not None:
            wanted["error_type"] = error_type
        return self.expect(kind, sender=sender, type="error",
                           condition=condition, **wanted)


def equal(found, wanted):
    assert found == wanted, f"wanted {wanted}\nfound {found}"


def item(reason=None, **attributes):
    content = ""
    if reason is not None:
        content = f"<reason>{escape(reason)}</reason>"
    return element("item", attributes, content)


def admin_query(*items):
    return f"<query xmlns='{NS['admin']}'>{''.join(items)}</query>"


def field(name, value):
    values = value if isinstance(value, (list, tuple)) else [value]
    return (f"<field var='{name}'>"
            + "".join(f"<value>{escape(str(each))}</value>"
                      for each in values) + "</field>")


def submit(form_type, fields):
    """A submitted form; fields is a dictionary from var to value(s)."""
    return (f"<x xmlns='{NS['data']}' type='submit'>"
            + field("FORM_TYPE", form_type)
            + "".join(field(*each) for each in fields.items()) + "</x>")


def config_form(options):
    """The form that sets muc#roomconfig_NAME, or asks for an instant room
    when there are no options."""
    if not options:
        form = f"<x xmlns='{NS['data']}' type='submit'/>"
    else:
        form = submit(ROOMCONFIG, {
            "muc#maxhistoryfetch" if name == "maxhistoryfetch"
            else f"muc#roomconfig_{name}": value
            for name, value in options.items()})
    return f"<query xmlns='{NS['owner']}'>{form}</query>"


def succeeds(answer):
    assert answer.type == "result", f"no result: {answer}"
    return answer


def fails(answer, condition, error_type=None):
    """An IQ's answer is this error; where the XEP shows no type, none is
    asked for."""
    assert (answer.type, answer.condition) == ("error", condition), \
        f"wanted {condition}: {answer}"
    assert error_type in (None, answer.error_type), \
        f"wanted type {error_type}: {answer}"
    return answer
