"""A private jabberd2: its router, session manager and client port, with
Debian's configuration changed where it must be."""
import os
from xml.etree import ElementTree

from process import Process, free_port, own_folder, servant

ETC = "/etc/jabberd2"
USER = "jabber"


def put(root, path, text, **attributes):
    """Sets the text of the element at path, made where it is missing."""
    at = root
    for name in path.split("/"):
        found = at.find(name)
        at = ElementTree.SubElement(at, name) if found is None else found
    at.text = str(text)
    at.attrib.clear()
    at.attrib.update(attributes)


class Jabberd2:
    def __init__(self, folder, domain, rooms, secret, own_rooms):
        self.user = servant(USER)
        self.folder = own_folder(os.path.join(folder, "router"), self.user)
        own_folder(os.path.join(self.folder, "db"), self.user)
        self.domain = domain
        self.client_port = free_port()
        self.component_port = free_port()
        self.write_router(secret)
        self.write("sm", self.change_sm)
        self.write("c2s", self.change_c2s)
        self.parts = [self.part(name) for name in ("router", "sm", "c2s")]

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, change):
        tree = ElementTree.parse(os.path.join(ETC, name + ".xml"))
        root = tree.getroot()
        put(root, "pidfile", self.path(name + ".pid"))
        root.find("log").clear()
        root.find("log").set("type", "stdout")
        change(root)
        tree.write(self.path(name + ".xml"))

    def write_router(self, secret):
        def change(root):
            put(root, "local/ip", "127.0.0.1")
            put(root, "local/port", self.component_port)
            put(root, "local/secret", secret)
            put(root, "local/users", os.path.join(ETC, "router-users.xml"))
        self.write("router", change)

    def change_link(self, root):
        put(root, "router/ip", "127.0.0.1")
        put(root, "router/port", self.component_port)

    def change_sm(self, root):
        self.change_link(root)
        put(root, "local/id", self.domain)
        put(root, "storage/driver", "db")
        put(root, "storage/db/path", self.path("db"))
        put(root, "user/auto-create", "")

    def change_c2s(self, root):
        self.change_link(root)
        put(root, "local/id", self.domain, **{"register-enable": "mu"})
        put(root, "local/ip", "127.0.0.1")
        put(root, "local/port", self.client_port)
        put(root, "authreg/module", "db")
        put(root, "authreg/db/path", self.path("db"))

    def part(self, name):
        return Process(name, ["jabberd2-" + name, "-c",
                              self.path(name + ".xml")],
                       user=self.user, folder=self.folder,
                       env={"PATH": "/usr/sbin:" + os.environ["PATH"]})

    def start(self):
        for part, word in zip(self.parts, ("listening", "ready", "ready")):
            since = len(part.lines)
            part.start()
            part.wait_line(word, since)

    def stop(self):
        for part in reversed(self.parts):
            part.stop()

    def kill(self):
        for part in self.parts:
            part.kill()
