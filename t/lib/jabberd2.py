"""A private jabberd2: its router, session manager and client port."""
import glob
import os

from process import Process, free_port, own_folder, servant

LINK = """
  <pidfile>{folder}/{name}.pid</pidfile>
  <log type="stdout"/>
  <router>
    <ip>127.0.0.1</ip>
    <port>{component_port}</port>
    <user>jabberd</user>
    <pass>{secret}</pass>
  </router>
"""

ROUTER = """<router>
  <id>router</id>
  <pidfile>{folder}/router.pid</pidfile>
  <log type="stdout"/>
  <local>
    <ip>127.0.0.1</ip>
    <port>{component_port}</port>
    <users>{folder}/users.xml</users>
    <secret>{secret}</secret>
  </local>
  <aci>
    <acl type="all"><user>jabberd</user></acl>
  </aci>
</router>
"""

USERS = """<users>
  <user><name>jabberd</name><secret>{secret}</secret></user>
</users>
"""

SM = "<sm>" + LINK + """
  <id>sm</id>
  <local><id>{domain}</id></local>
  <storage>
    <path>{modules}</path>
    <driver>db</driver>
    <db><path>{folder}/db</path></db>
  </storage>
  <modules>
    <path>{modules}</path>
{chains}
  </modules>
  <discovery>
    <identity>
      <category>server</category>
      <type>im</type>
      <name>{domain}</name>
    </identity>
  </discovery>
  <user>
    <auto-create/>
  </user>
</sm>
"""

# Which modules see what, in this order.
CHAINS = {
    "in-sess": "validate roster iq-ping disco presence deliver",
    "in-router": "session validate presence",
    "pkt-sm": "iq-ping disco presence",
    "pkt-user": "roster presence disco deliver",
    "pkt-router": "session disco",
    "user-load": "active roster",
    "user-create": "active",
    "user-delete": "active roster",
}

C2S = "<c2s>" + LINK + """
  <id>c2s</id>
  <local>
    <id register-enable="mu">{domain}</id>
    <ip>127.0.0.1</ip>
    <port>{client_port}</port>
  </local>
  <authreg>
    <path>{modules}</path>
    <module>db</module>
    <db><path>{folder}/db</path></db>
    <mechanisms>
      <sasl><plain/></sasl>
    </mechanisms>
  </authreg>
</c2s>
"""


def modules():
    """Debian's folder has the name of the machine's architecture in it."""
    found = glob.glob("/usr/lib/*/jabberd2")
    if not found:
        raise FileNotFoundError("jabberd2 (Debian package: jabberd2)")
    return found[0]


def chains():
    return "\n".join(
        f'<chain id="{name}">' + "".join(
            f"<module>{module}</module>" for module in chain.split())
        + "</chain>" for name, chain in CHAINS.items())


class Jabberd2:
    def __init__(self, folder, domain, rooms, secret, own_rooms):
        self.user = servant("jabber")
        self.folder = own_folder(os.path.join(folder, "router"), self.user)
        own_folder(os.path.join(self.folder, "db"), self.user)
        self.client_port = free_port()
        self.component_port = free_port()
        self.values = {
            "folder": self.folder, "domain": domain, "secret": secret,
            "client_port": self.client_port, "chains": chains(),
            "component_port": self.component_port, "modules": modules(),
        }
        self.write("users", USERS)
        self.parts = [self.part("router", ROUTER), self.part("sm", SM),
                      self.part("c2s", C2S)]

    def write(self, name, text):
        path = os.path.join(self.folder, name + ".xml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.format(name=name, **self.values))
        return path

    def part(self, name, text):
        return Process(name, ["jabberd2-" + name, "-c",
                              self.write(name, text)],
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
