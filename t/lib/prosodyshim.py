"""A private Prosody with mod_annex."""
import os
import re
import signal
import socket

import certificate
from client import SECS
from process import (Process, free_port, own_folder, readable_copy,
                     servant)
from user import HEADER

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
PLUGINS = os.environ.get("ANNEX_PROSODY_PLUGINS",
                         SOURCE + "/components/router/prosody")

CONFIG = """
data_path = "{folder}/data"
pidfile = "{folder}/prosody.pid"
plugin_paths = {{ "{plugins}"; "{helpers}" }}
log = {{ {{ levels = {{ min = "{level}" }}, to = "console" }} }}
network_backend = "epoll"
interfaces = {{ "127.0.0.1" }}
local_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {client_port} }}
component_ports = {{ {component_port} }}
component_interfaces = {{ "127.0.0.1" }}
c2s_require_encryption = false
{certificate}
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
{storage}
certificates = "{folder}"
allow_registration = true
default_archive_policy = true
smacks_hibernation_time = {hibernation}
smacks_max_queue_size = {queue}
modules_disabled = {{ {disabled} }}
{federation}
modules_enabled = {{
    "roster", "saslauth", "disco", "ping", "vcard_legacy", "register_ibr",
    "user_account_management",
    "presence", "message", "iq", {modules}
}}

VirtualHost "{domain}"
{host}
{components}
"""

HOST = """
    modules_enabled = {{ "annex" }}
    annex = {shim}
"""

FEDERATION = """
s2s_ports = {{ {port} }}
s2s_require_encryption = false
s2s_secure_auth = false
loopback_ports = {ports}
"""

CERTIFICATE = """
ssl = {{ certificate = "{}", key = "{}" }}
"""

COMPONENT = """
Component "{name}"
    component_secret = "{secret}"
    component_conflict_resolve = "kick_old"
"""

# What Prosody calls its own services.
OWN = {"archive": "mam", "blocking": "blocklist", "carbons": "carbons",
       "csi": "csi_simple", "offline": "offline", "pep": "pep",
       "resumption": "smacks"}


def lua(value):
    """A value as Lua writes it."""
    if isinstance(value, dict):
        return ("{ " + "; ".join(f"[{lua(key)}] = {lua(item)}"
                                 for key, item in value.items()) + " }")
    if isinstance(value, (list, tuple)):
        return "{ " + "; ".join(map(lua, value)) + " }"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)


def names(texts):
    return ", ".join(f'"{text}"' for text in sorted(texts))


class ProsodyShim:
    """hibernation: seconds for which a session can be resumed.  servers:
    the ports of servers that know each other, this one's too, by domain.
    others: more hosts, as they are configured.  modules: more of them, of
    t/lib/prosody.  queue: how many stanzas a session's queue holds.
    storage: where everything is kept.  secure: streams may be encrypted."""

    def __init__(self, folder, domain, shim, own, secret, hibernation=60,
                 servers=None, others="", modules=(), queue=500,
                 storage='storage = "internal"', secure=False):
        user = self.owner = servant("prosody")
        self.domain = domain
        self.folder = own_folder(os.path.join(folder, domain), user)
        own_folder(os.path.join(self.folder, "data"), user)
        plugins = self.plugins = readable_copy(
            PLUGINS, os.path.join(self.folder, "modules"))
        helpers = readable_copy(SOURCE + "/t/lib/prosody",
                                 os.path.join(self.folder, "helpers"))
        self.client_port = free_port()
        self.component_port = free_port()
        self.values = {
            "folder": self.folder, "plugins": plugins, "domain": domain,
            "client_port": self.client_port,
            "component_port": self.component_port,
            "hibernation": hibernation, "queue": queue,
            "storage": storage,
            "certificate": CERTIFICATE.format(
                *certificate.make(self.folder, domain, user))
            if secure else "",
            "helpers": helpers,
            "federation": FEDERATION.format(
                port=servers[domain], ports=lua(servers)) if servers else "",
            "level": os.environ.get("ANNEX_ROUTER_LOG", "info"),
            "modules": names([OWN[name] for name in own] + list(modules)
                             + (["dialback", "loopback"] if servers else [])
                             + (["tls"] if secure else [])),
            "disabled": names(([] if servers else ["s2s"]) +
                              ([] if "offline" in own else ["offline"])),
            "components": "".join(
                COMPONENT.format(name=name, secret=secret)
                for name in sorted(shim)) + others,
        }
        self.path = os.path.join(self.folder, "prosody.cfg.lua")
        self.configure(shim)
        self.process = Process(
            "prosody", ["prosody", "-F", "--config", self.path],
            user=user, folder=self.folder)

    def configure(self, shim):
        with open(self.path, "w") as file:
            file.write(CONFIG.format(
                host=HOST.format(shim=lua(shim)) if shim else "",
                **self.values))

    def tap_folder(self, component):
        """Where copies of messages wait for it."""
        host = self.domain.replace(".", "%2e")
        return os.path.join(self.folder, "data", host, "annex_tap")

    def complaint(self, line):
        """Whether a line of the log says that something is broken, but for
        what an operator is told of taps, and what a test wanted."""
        return (re.search(r"\s(error|critical)\t", line)
                and "taps for" not in line and "on purpose" not in line
                or "Traceback" in line)

    def start(self):
        since = len(self.process.lines)
        self.process.start()
        self.process.wait_line(f"127.0.0.1]:{self.client_port}", since)
        if self.values["components"]:
            self.process.wait_line(f"127.0.0.1]:{self.component_port}",
                                   since)

    def reload(self):
        self.process.child.send_signal(signal.SIGHUP)

    def release(self, components, sessions=True):
        """Waits until nothing is left of connections that were broken before:
        Prosody takes their end before one that is new."""
        with socket.create_connection(("127.0.0.1", self.client_port),
                                      SECS) as connection:
            connection.sendall(HEADER.format(self.domain).encode())
            data = b""
            while b"features>" not in data:
                more = connection.recv(65536)
                assert more, data
                data += more

    def stop(self):
        return self.process.stop()

    def kill(self):
        self.process.kill()
