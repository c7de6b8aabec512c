"""A private Prosody with mod_annex."""
import os
import shutil

from process import Process, free_port, own_folder, servant

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
PLUGINS = os.environ.get("ANNEX_PROSODY_PLUGINS",
                         SOURCE + "/components/router/prosody")

CONFIG = """
data_path = "{folder}/data"
pidfile = "{folder}/prosody.pid"
plugin_paths = {{ "{plugins}" }}
log = {{ {{ levels = {{ min = "{level}" }}, to = "console" }} }}
network_backend = "epoll"
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
default_archive_policy = true
smacks_hibernation_time = {hibernation}
modules_disabled = {{ {disabled} }}
modules_enabled = {{
    "roster", "saslauth", "disco", "ping", "vcard_legacy", "register_ibr",
    "presence", "message", "iq", {modules}
}}
{extra}

VirtualHost "{domain}"
    modules_enabled = {{ "annex" }}
    annex = {shim}
{components}
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


class ProsodyShim:
    """hibernation: seconds for which a session can be resumed."""

    def __init__(self, folder, domain, shim, own, secret, hibernation=60,
                 extra=""):
        user = servant("prosody")
        self.domain = domain
        self.folder = own_folder(os.path.join(folder, domain), user)
        own_folder(os.path.join(self.folder, "data"), user)
        # Its user may not be able to look into our folders.
        plugins = os.path.join(self.folder, "modules")
        shutil.copytree(PLUGINS, plugins)
        os.chmod(plugins, 0o755)
        self.client_port = free_port()
        self.component_port = free_port()
        self.values = {
            "folder": self.folder, "plugins": plugins, "domain": domain,
            "client_port": self.client_port,
            "component_port": self.component_port,
            "hibernation": hibernation, "extra": extra,
            "level": os.environ.get("ANNEX_ROUTER_LOG", "info"),
            "modules": ", ".join(f'"{OWN[name]}"' for name in sorted(own)),
            "disabled": '"s2s"' + ("" if "offline" in own
                                   else ', "offline"'),
            "components": "".join(
                COMPONENT.format(name=name, secret=secret)
                for name in sorted(shim)),
        }
        self.path = os.path.join(self.folder, "prosody.cfg.lua")
        self.configure(shim)
        self.process = Process(
            "prosody", ["prosody", "-F", "--config", self.path],
            user=user, folder=self.folder)

    def configure(self, shim):
        with open(self.path, "w") as file:
            file.write(CONFIG.format(shim=lua(shim), **self.values))

    def complaint(self, line):
        """Whether a line of the log says that something is broken."""
        return "\terror\t" in line or "Traceback" in line

    def start(self):
        since = len(self.process.lines)
        self.process.start()
        self.process.wait_line(f"127.0.0.1]:{self.client_port}", since)
        self.process.wait_line(f"127.0.0.1]:{self.component_port}", since)

    def stop(self):
        return self.process.stop()

    def kill(self):
        self.process.kill()
