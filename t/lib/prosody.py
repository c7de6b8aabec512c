"""A private Prosody; SHIM=1 gives it mod_annex, PATIENCE=3 so many seconds in
which it waits for a client that does not read."""
import os

from process import (Process, free_port, own_folder, readable_copy,
                     servant)

CONFIG = """
data_path = "{folder}/data"
plugin_paths = {{ "{plugins}" }}
pidfile = "{folder}/prosody.pid"
log = {{ {{ levels = {{ min = "info" }}, to = "console" }} }}
interfaces = {{ "127.0.0.1" }}
local_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {client_port} }}
component_ports = {{ {component_port} }}
component_interfaces = {{ "127.0.0.1" }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
storage = "internal"
certificates = "{folder}"
allow_registration = true
modules_disabled = {{ "s2s" }}
{patience}
modules_enabled = {{
    "roster", "saslauth", "disco", "ping", "pep", "vcard_legacy",
    "register_ibr", "presence", "message", "iq",
}}

VirtualHost "{domain}"
{shim}
{component}
"""

SHIM = """
    modules_enabled = {{ "annex" }}
    annex = {{ ["{rooms}"] = {{ hooks = {{ "fanout" }} }} }}
"""
PLUGINS = os.path.abspath(os.path.join(
    os.path.dirname(__file__), "../../components/router/prosody"))

PATIENCE = """
network_settings = {{ send_timeout = {} }}
"""

COMPONENT = """
Component "{rooms}"
    component_secret = "{secret}"
"""

OWN_ROOMS = """
Component "{rooms}" "muc"
"""


class Prosody:
    def __init__(self, folder, domain, rooms, secret, own_rooms):
        user = servant("prosody")
        self.own_rooms = own_rooms
        self.folder = own_folder(os.path.join(folder, "router"), user)
        own_folder(os.path.join(self.folder, "data"), user)
        self.client_port = free_port()
        self.component_port = free_port()
        component = (OWN_ROOMS if own_rooms else COMPONENT).format(
            rooms=rooms, secret=secret)
        shim = SHIM.format(rooms=rooms) if os.environ.get("SHIM") else ""
        patience = os.environ.get("PATIENCE")
        plugins = readable_copy(PLUGINS, os.path.join(self.folder, "modules"))
        config = os.path.join(self.folder, "prosody.cfg.lua")
        with open(config, "w") as file:
            file.write(CONFIG.format(component=component, domain=domain,
                                     folder=self.folder, shim=shim,
                                     plugins=plugins,
                                     patience=PATIENCE.format(patience)
                                     if patience else "",
                                     client_port=self.client_port,
                                     component_port=self.component_port))
        self.process = Process(
            "prosody", ["prosody", "-F", "--config", config],
            user=user, folder=self.folder)

    def start(self):
        since = len(self.process.lines)
        self.process.start()
        self.process.wait_line(f"127.0.0.1]:{self.client_port}", since)
        if not self.own_rooms:
            self.process.wait_line(f"127.0.0.1]:{self.component_port}",
                                   since)

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()
