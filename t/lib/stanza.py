"""A received stanza, read by what the tests ask of it."""
from datetime import datetime
from xml.etree import ElementTree

NS = {
    "c": "jabber:client",
    "address": "http://jabber.org/protocol/address",
    "admin": "http://jabber.org/protocol/muc#admin",
    "conference": "jabber:x:conference",
    "data": "jabber:x:data",
    "delay": "urn:xmpp:delay",
    "info": "http://jabber.org/protocol/disco#info",
    "items": "http://jabber.org/protocol/disco#items",
    "muc": "http://jabber.org/protocol/muc",
    "occupant": "urn:xmpp:occupant-id:0",
    "owner": "http://jabber.org/protocol/muc#owner",
    "ping": "urn:xmpp:ping",
    "register": "jabber:iq:register",
    "rsm": "http://jabber.org/protocol/rsm",
    "sid": "urn:xmpp:sid:0",
    "stanzas": "urn:ietf:params:xml:ns:xmpp-stanzas",
    "time": "urn:xmpp:time",
    "user": "http://jabber.org/protocol/muc#user",
    "vcard": "vcard-temp",
    "version": "jabber:iq:version",
}


def seconds(stamp):
    """Of a time as XEP-0082 writes it, since 1970."""
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


class Stanza:
    def __init__(self, element):
        self.xml = element
        self.kind = element.tag.split("}")[1]
        self.sender = element.get("from")
        self.to = element.get("to")
        self.type = element.get("type")
        self.id = element.get("id")

    def __str__(self):
        return ElementTree.tostring(self.xml, encoding="unicode")

    def find(self, path):
        """The first element at a path of the prefixes above, or None."""
        return self.xml.find(path, NS)

    def find_all(self, path):
        return self.xml.findall(path, NS)

    def has(self, path):
        return self.find(path) is not None

    def text(self, path):
        """An element's text, "" when it is empty, None when absent."""
        found = self.find(path)
        return None if found is None else (found.text or "").strip()

    def attribute(self, path, name):
        found = self.find(path)
        return None if found is None else found.get(name)

    # Messages

    @property
    def body(self):
        return self.text("c:body")

    @property
    def subject(self):
        return self.text("c:subject")

    @property
    def thread(self):
        return self.text("c:thread")

    # What the room says of an occupant.  More than one muc#user element is
    # forbidden (7.2.2), as is a second item in presence.

    @property
    def codes(self):
        return {int(status.get("code"))
                for status in self.find_all("user:x/user:status")}

    @property
    def item(self):
        items = self.find_all("user:x/user:item")
        assert len(items) <= 1, f"several items: {self}"
        return dict(items[0].attrib) if items else {}

    @property
    def affiliation(self):
        return self.item.get("affiliation")

    @property
    def role(self):
        return self.item.get("role")

    @property
    def jid(self):
        return self.item.get("jid")

    @property
    def nick(self):
        return self.item.get("nick")

    @property
    def reason(self):
        return self.text("user:x/user:item/user:reason")

    @property
    def show(self):
        return self.text("c:show")

    @property
    def status(self):
        return self.text("c:status")

    # Errors

    @property
    def condition(self):
        found = [child.tag.split("}")[1]
                 for child in self.find_all("c:error/stanzas:*")
                 if not child.tag.endswith("}text")]
        return found[0] if found else None

    @property
    def error_type(self):
        return self.attribute("c:error", "type")

    @property
    def by(self):
        return self.attribute("c:error", "by")

    # Forms

    @property
    def form(self):
        """The fields of a form: a dictionary from var to a list of values."""
        return {field.get("var"): [value.text or "" for value in
                                   field.findall("data:value", NS)]
                for field in self.xml.findall(".//data:x/data:field", NS)
                if field.get("var") is not None}

    @property
    def form_type(self):
        return (self.form.get("FORM_TYPE") or [None])[0]

    # Service discovery

    @property
    def features(self):
        return {feature.get("var")
                for feature in self.find_all("info:query/info:feature")}

    @property
    def rows(self):
        """The items of an answer in muc#admin, as dictionaries."""
        return [dict(item.attrib)
                for item in self.find_all("admin:query/admin:item")]
