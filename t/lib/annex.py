"""annex-muc as a test starts it."""
import os

from process import Process

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("ANNEX_BUILDDIR", SOURCE)

CONFIG = """
router {{
    host = "127.0.0.1"
    port = {port}
}}
store {{
    url = "{url}"
    schema = "{schema}"
    read_timeout = 2s
}}
log {{
    level = debug
}}
http {{
    listen = "127.0.0.1:0"
}}
muc {{
    domain = "{rooms}"
    secret = "{secret}"
    {settings}
}}
"""


def program(name="annex-muc"):
    for folder in (BUILD, os.path.join(BUILD, "components/muc")):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    raise FileNotFoundError(f"{name} is not in {BUILD}")


class Annex:
    def __init__(self, folder, port, rooms, secret, url, settings):
        self.path = os.path.join(folder, "annex.conf")
        self.values = {"port": port, "rooms": rooms, "secret": secret,
                       "url": url, "schema": os.path.join(SOURCE, "schema")}
        self.write(settings)
        self.process = Process("annex-muc", [program(), "-c", self.path],
                               folder=folder)

    def write(self, settings, **values):
        """Writes the configuration; settings are lines of section muc."""
        self.values.update(values)
        with open(self.path, "w") as file:
            file.write(CONFIG.format(settings=settings, **self.values))

    def start(self):
        """Starts, and waits until it serves."""
        since = self.launch()
        self.process.wait_line("router: attached", since)

    def launch(self):
        """Starts without waiting; returns where its log will go on."""
        since = len(self.process.lines)
        self.process.start()
        return since

    def stop(self):
        return self.process.stop()

    def kill(self):
        self.process.kill()
