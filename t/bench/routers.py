"""Routers as they are measured: nothing limits, nothing is written down."""
import json
import os

import erlang
from process import Process, free_port, own_folder, servant
from prosodyshim import PLUGINS, lua

HOST = "example.net"
ROOMS = "rooms." + HOST
SECRET = "any"

PROSODY = """
data_path = "{folder}/data"
pidfile = "{folder}/prosody.pid"
log = {{ {{ levels = {{ min = "info" }}, to = "console" }} }}
interfaces = {{ "127.0.0.1" }}
local_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {client_port} }}
component_ports = {{ {component_port} }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
storage = {storage}
default_archive_policy = true
certificates = "{folder}"
plugin_paths = {{ "{plugins}" }}
allow_registration = true
modules_disabled = {{ "s2s" }}
modules_enabled = {{
    "roster", "saslauth", "disco", "ping", "register_ibr", "presence",
    "message", "iq",
}}
VirtualHost "{host}"
{parts}
"""
PROSODY_SHIM = """
    modules_enabled = {{ "annex" }}
    annex = {given}
"""
PROSODY_ARCHIVE = """
    modules_enabled = {{ "mam" }}
    sql = {{ driver = "SQLite3", database = "archive.db" }}
"""
PROSODY_ROOMS = """
Component "{rooms}" "muc"
    muc_room_locking = false
"""
PROSODY_LINK = """
Component "{component}"
    component_secret = "{secret}"
"""

EJABBERD = """
hosts: ["{host}"]
loglevel: info
auth_method: internal
registration_timeout: infinity
s2s_access: none
listen:
  - port: {client_port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    starttls: false
    access: all
    shaper: none
    backlog: 1024
  - port: {component_port}
    ip: "127.0.0.1"
    module: ejabberd_service
    access: all
    shaper: none
    hosts:
      "{link}": {{ password: "{secret}" }}
modules:
  mod_disco: {{}}
  mod_roster: {{}}
  mod_register:
    access: all
    ip_access: all
{parts}
"""
EJABBERD_ROOMS = """
  mod_muc:
    host: "{rooms}"
    max_users: 100000
    max_users_presence: 100000
    min_message_interval: 0
    min_presence_interval: 0
    default_room_options:
      max_users: 100000
"""
EJABBERD_ARCHIVE = """
  mod_mam:
    default: always
    db_type: sql
sql_type: sqlite
sql_database: "{folder}/archive.db"
"""
EJABBERD_SHIM = """
  mod_annex: {given}
"""
EJABBERD_MULTICAST = """
  mod_multicast:
    access: all
"""
EJABBERD_LIBS = "/usr/lib/x86_64-linux-gnu:/usr/lib/aarch64-linux-gnu"


class Router:
    """own_rooms: it has rooms itself.  own_archive: it archives all messages
    itself, in SQLite.  component: the name of the one that may attach, and
    hooks, what it may do through the shim.  multicast: there is a service that
    sends to many (XEP-0033)."""

    def __init__(self, folder, own_rooms=False, own_archive=False,
                 component=None, hooks=(), multicast=False):
        self.own_rooms = own_rooms
        self.own_archive = own_archive
        self.multicast = multicast
        self.component = component
        self.shim = {component: {"hooks": list(hooks)}} if hooks else None
        self.user = servant(self.name)
        self.folder = own_folder(os.path.join(folder, self.name), self.user)
        self.client_port = free_port()
        self.component_port = free_port()
        self.path = os.path.join(self.folder, self.config_name)
        self.write_config()
        self.process = Process(self.name, self.argv(), user=self.user,
                               env=self.env(), folder=self.folder)

    def write(self, text, parts, **values):
        given = {"folder": self.folder, "host": HOST, "secret": SECRET,
                 "rooms": ROOMS, "component": self.component,
                 "client_port": self.client_port,
                 "component_port": self.component_port, **values}
        parts = "".join(part.format(**given) for part in parts)
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text.format(parts=parts, **given))

    def env(self):
        return {}

    def start(self):
        self.process.start()
        for port in self.ports():
            self.process.wait_line(port)

    def pid(self):
        return self.process.child.pid

    def kill(self):
        self.process.kill()


class Prosody(Router):
    name = "prosody"
    config_name = "prosody.cfg.lua"

    def write_config(self):
        own_folder(os.path.join(self.folder, "data"), self.user)
        parts = [PROSODY_SHIM] if self.shim else []
        parts += [PROSODY_ARCHIVE] if self.own_archive else []
        parts += [PROSODY_ROOMS] if self.own_rooms else []
        parts += [PROSODY_LINK] if self.component else []
        storage = {"archive": "sql"} if self.own_archive else {}
        self.write(PROSODY, parts, plugins=PLUGINS, storage=lua(storage),
                   given=lua(self.shim) if self.shim else "")

    def argv(self):
        return ["prosody", "-F", "--config", self.path]

    def ports(self):
        ports = [self.client_port]
        if self.component:
            ports.append(self.component_port)
        return [f"127.0.0.1]:{port}" for port in ports]


class Ejabberd(Router):
    """An Erlang node without a name: it shares nothing with any other."""
    name = "ejabberd"
    config_name = "ejabberd.yml"

    def write_config(self):
        parts = [EJABBERD_SHIM] if self.shim else []
        parts += [EJABBERD_ROOMS] if self.own_rooms else []
        parts += [EJABBERD_MULTICAST] if self.multicast else []
        # Its end is no longer about modules.
        parts += [EJABBERD_ARCHIVE] if self.own_archive else []
        # Its listener needs some name.
        self.write(EJABBERD, parts, link=self.component or "unused." + HOST,
                   given=json.dumps({"components": self.shim}))

    def argv(self):
        spool = os.path.join(self.folder, "spool")
        return ["erl", "-noinput", "+K", "true", "-pa", erlang.shim(),
                "-mnesia", "dir", f'"{spool}"', "-s", "ejabberd"]

    def env(self):
        return {"EJABBERD_CONFIG_PATH": self.path,
                "EJABBERD_LOG_PATH": os.path.join(self.folder, "log"),
                "ERL_CRASH_DUMP": "/dev/null", "ERL_LIBS": EJABBERD_LIBS,
                "HOME": self.folder}

    def ports(self):
        return [f":{port} for"
                for port in (self.client_port, self.component_port)]
