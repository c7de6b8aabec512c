"""A private ejabberd; SHIM=1 gives it mod_annex, MULTICAST=all or
MULTICAST=none a multicast service for all or for nobody.

It runs as an Erlang node without a name, so there is no port mapper, no cookie
and no distribution port to share with anyone."""
import os

from process import (Process, free_port, own_folder, readable_copy,
                     servant)

CONFIG = """
hosts: ["{domain}"]
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
    max_stanza_size: 1048576
    backlog: 128
  - port: {component_port}
    ip: "127.0.0.1"
    module: ejabberd_service
    access: all
    shaper: none
    max_stanza_size: 1048576
    backlog: 128
    hosts:
      "{link}": {{ password: "{secret}" }}
modules:
  mod_disco: {{}}
  mod_roster: {{}}
  mod_vcard: {{}}
  mod_register:
    access: all
    ip_access: all
{shim}
{multicast}
{own_rooms}
"""

SHIM = """
  mod_annex:
    components:
      "{rooms}": {{ hooks: [fanout] }}
"""

MULTICAST = """
  mod_multicast:
    access: {access}
"""

OWN_ROOMS = """
  mod_muc:
    host: "{rooms}"
    max_users: 1000
    max_users_presence: 1000
    min_message_interval: 0
    min_presence_interval: 0
    default_room_options:
      members_by_default: false
      moderated: false
      allow_subscription: false
"""

LIBS = "/usr/lib/x86_64-linux-gnu:/usr/lib/aarch64-linux-gnu"


class Ejabberd:
    def __init__(self, folder, domain, rooms, secret, own_rooms):
        user = servant("ejabberd")
        self.folder = own_folder(os.path.join(folder, "router"), user)
        self.client_port = free_port()
        self.component_port = free_port()
        # Without a component of ours its listener still needs some name.
        link = "unused." + domain if own_rooms else rooms
        own_rooms = OWN_ROOMS.format(rooms=rooms) if own_rooms else ""
        self.shimmed = bool(os.environ.get("SHIM"))
        shim = SHIM.format(rooms=rooms) if self.shimmed else ""
        access = os.environ.get("MULTICAST")
        multicast = MULTICAST.format(access=access) if access else ""
        config = os.path.join(self.folder, "ejabberd.yml")
        with open(config, "w") as file:
            file.write(CONFIG.format(
                domain=domain, link=link, shim=shim,
                multicast=multicast, secret=secret,
                own_rooms=own_rooms,
                client_port=self.client_port,
                component_port=self.component_port))
        self.process = Process("ejabberd", self._argv(), user=user,
                               env=self._env(config), folder=self.folder)

    def _argv(self):
        spool = os.path.join(self.folder, "spool")
        beams = []
        if self.shimmed:
            import erlang
            beams = ["-pa", readable_copy(
                erlang.shim(), os.path.join(self.folder, "shim"))]
        return ["erl", "-noinput", "+K", "true", *beams,
                "-mnesia", "dir", f'"{spool}"', "-s", "ejabberd"]

    def _env(self, config):
        return {
            "EJABBERD_CONFIG_PATH": config,
            "EJABBERD_LOG_PATH": os.path.join(self.folder, "ejabberd.log"),
            "ERL_CRASH_DUMP": "/dev/null",
            "ERL_LIBS": LIBS,
            "HOME": self.folder,
        }

    def start(self):
        since = len(self.process.lines)
        self.process.start()
        self.process.wait_line(f":{self.client_port} for", since)
        self.process.wait_line(f":{self.component_port} for", since)

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()
