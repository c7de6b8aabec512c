"""A private ejabberd with mod_annex."""
import json
import os
import urllib.request

import certificate
import erlang
from ejabberd import LIBS
from names import Names
from process import (Process, free_port, own_folder, readable_copy,
                     servant)

CONFIG = """
hosts: {hosts}
loglevel: {level}
auth_method: internal
registration_timeout: infinity
s2s_access: {federating}
disable_sasl_mechanisms: ["digest-md5"]
listen:
  - port: {client_port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    {privacy}
    access: all
    shaper: none
    max_stanza_size: 1048576
    backlog: 128
{components}
{federation}
  - port: {command_port}
    ip: "127.0.0.1"
    module: ejabberd_http
    request_handlers:
      /api: mod_http_api
      /released: released
{outgoing}
api_permissions:
  "tests":
    who: {{ ip: "127.0.0.1/8" }}
    what: "*"
modules:
  mod_disco: {{}}
  mod_ping: {{}}
  mod_roster: {{}}
  mod_vcard: {{}}
  mod_http_api: {{}}
  mod_register:
    access: all
    ip_access: all
{modules}
{shim}
{others}
{extra}
"""

COMPONENTS = """
  - port: {component_port}
    ip: "127.0.0.1"
    module: ejabberd_service
    access: all
    shaper: none
    max_stanza_size: 1048576
    backlog: 128
    hosts:
{names}
"""

FEDERATION = """
  - port: {port}
    ip: "127.0.0.1"
    module: ejabberd_s2s_in
"""
CERTIFICATES = """
certfiles: {}
"""
OUTGOING = """
outgoing_s2s_families: [ipv4]
s2s_use_starttls: false
"""
INETRC = """
{{resolv_conf, "/dev/null"}}.
{{nameserver, {{127, 0, 0, 1}}, {port}}}.
"""

# What ejabberd calls its own services.
OWN = {
    "archive": "mod_mam: { default: always, db_type: mnesia }",
    "blocking": "mod_blocking: {}\n  mod_privacy: {}",
    "carbons": "mod_carboncopy: {}",
    "csi": "mod_client_state: {}",
    "offline": "mod_offline: {}",
    "pep": "mod_caps: {}\n  mod_muc: {}\n"
           "  mod_pubsub: { plugins: [flat, pep] }",
    "resumption": "mod_stream_mgmt: { resume_timeout: %s, "
                  "max_resume_timeout: 600, resend_on_timeout: if_offline, "
                  "max_ack_queue: %q }",
}


def yaml(value):
    """A value as YAML writes it, on one line: JSON is part of it."""
    return json.dumps(value)


def shim_options(given):
    """Times are written in seconds; econf wants units where they are less."""
    if isinstance(given, dict):
        return {name: f"{int(value * 1000)} ms" if name == "timeout"
                else shim_options(value) for name, value in given.items()}
    if isinstance(given, (list, tuple)):
        return [shim_options(value) for value in given]
    return given


class EjabberdShim:
    """hibernation: seconds for which a session can be resumed.  Without a
    shim components are those that may attach, if any.  servers: the ports of
    servers that know each other, this one's too, by domain.  others: the shims
    of more hosts, by domain; names of components are whole there.  queue: how
    many stanzas a session's queue holds.  secure: streams may be encrypted, and
    compressed.  modules: more of them, of t/lib/ejabberd."""

    def __init__(self, folder, domain, shim, own, secret, hibernation=60,
                 extra="", components=(), servers=None, others=None,
                 queue=5000, secure=False, modules=()):
        user = self.owner = servant("ejabberd")
        self.domain = domain
        self.folder = own_folder(os.path.join(folder, domain), user)
        self.client_port = free_port()
        self.component_port = free_port()
        self.command_port = free_port()
        self.values = {
            "hosts": yaml([domain] + list(others or {})),
            "client_port": self.client_port,
            "component_port": self.component_port,
            "command_port": self.command_port,
            "privacy": "starttls: " + ("true\n    zlib: true" if secure
                                       else "false"),
            "extra": extra + (CERTIFICATES.format(yaml(certificate.make(
                self.folder, domain, user))) if secure else ""),
            "federating": "all" if servers else "none",
            "federation": FEDERATION.format(
                port=servers[domain]) if servers else "",
            "outgoing": OUTGOING if servers else "",
            "level": os.environ.get("ANNEX_ROUTER_LOG", "info"),
            "components": self.listener(
                sorted({*(shim or components),
                        *(name for given in (others or {}).values()
                          for name in given)}), secret),
            "modules": "\n".join(
                ["  " + OWN[name].replace("%s", str(hibernation))
                 .replace("%q", str(queue))
                 for name in sorted(own)]
                + [f"  mod_{name}: {{}}" for name in modules]
                + (["  mod_s2s_dialback: {}"] if servers else [])),
        }
        self.path = os.path.join(self.folder, "ejabberd.yml")
        self.others = others or {}
        self.configure(shim or None)
        spool = os.path.join(self.folder, "spool")
        self.process = Process(
            "ejabberd",
            ["erl", "-noinput", "+K", "true", "-pa", readable_copy(
                erlang.shim(), os.path.join(self.folder, "shim")),
             "-pa", readable_copy(
                erlang.helpers(), os.path.join(self.folder, "helpers")),
             "-mnesia", "dir", f'"{spool}"', "-s", "ejabberd"],
            user=user, folder=self.folder, env={
                "EJABBERD_CONFIG_PATH": self.path,
                "EJABBERD_LOG_PATH": os.path.join(self.folder,
                                                  "ejabberd.log"),
                "ERL_CRASH_DUMP": "/dev/null", "ERL_LIBS": LIBS,
                "ERL_INETRC": self.name_server(servers),
                "HOME": self.folder})

    def name_server(self, servers):
        """The file by which Erlang knows it."""
        if not servers:
            return ""
        self.names = Names(servers)
        path = os.path.join(self.folder, "inetrc")
        with open(path, "w") as file:
            file.write(INETRC.format(port=self.names.port))
        return path

    def listener(self, names, secret):
        return COMPONENTS.format(
            component_port=self.component_port,
            names="\n".join(f'      "{name}": {{ password: "{secret}" }}'
                            for name in names)) if names else ""

    def configure(self, shim):
        """What is below modules is for all hosts."""
        given = "" if shim is None or self.others else (
            "  mod_annex: " + yaml({"components": shim_options(shim)}))
        hosts = {host: {"modules": {"mod_annex": {"components":
                                                  shim_options(shim)}}}
                 for host, shim in {self.domain: shim, **self.others}.items()
                 if shim}
        with open(self.path, "w") as file:
            file.write(CONFIG.format(
                shim=given, others="append_host_config: " + yaml(hosts)
                if self.others else "", **self.values))

    def tap_folder(self, component):
        """Where copies of messages wait for it."""
        return os.path.join(self.folder, "spool/annex", self.domain,
                            component)

    def command(self, name, **arguments):
        """What ejabberdctl would do, which needs a node with a name."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.command_port}/api/{name}",
            json.dumps(arguments).encode(),
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def reload(self):
        self.command("reload_config")

    def release(self, components, sessions=True):
        """Waits until nothing is left of these components' streams, nor of all
        sessions.  Whom it is about has gone."""
        path = "/".join(["everybody" if sessions else "components",
                         *components])
        urllib.request.urlopen(
            f"http://127.0.0.1:{self.command_port}/released/{path}",
            timeout=30).close()

    def complaint(self, line):
        """Whether a line of the log says that something is broken, but for
        what an operator is told of taps."""
        return ("[error]" in line and "opies of messages" not in line
                or "[critical]" in line or "CRASH" in line)

    def start(self):
        since = len(self.process.lines)
        self.process.start()
        for port in [self.client_port, self.command_port] + (
                [self.component_port] if self.values["components"] else []):
            self.process.wait_line(f":{port} for", since)

    def stop(self):
        return self.process.stop()

    def kill(self):
        self.process.kill()
