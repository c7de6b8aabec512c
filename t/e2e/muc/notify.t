#!/usr/bin/python3
"""What a service manager is told (sd_notify), and what it may ask."""
import os
import queue
import signal
import socket
import sys
import threading
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test
from stage import Stage

PATIENCE_SECS = 30
WATCHDOG_USEC = 200000


class Managed(Stage):
    def open(self):
        path = os.path.join(self.folder, "notify")
        self.messages = queue.Queue()
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(path)
        threading.Thread(target=self.listen, daemon=True).start()
        super().open()

    def listen(self):
        """Always, as who sends may have to wait for it."""
        while True:
            self.messages.put(self.manager.recv(4096).decode())

    def build_annex(self):
        super().build_annex()
        self.annex.process.env.update(
            NOTIFY_SOCKET=self.manager.getsockname(),
            WATCHDOG_USEC=str(WATCHDOG_USEC))

    def message(self):
        return self.messages.get(timeout=PATIENCE_SECS)

    def told(self):
        """The lines of the next message that is not the watchdog's."""
        while (text := self.message()) == "WATCHDOG=1":
            pass
        return dict(line.split("=", 1) for line in text.split("\n"))


@test("that it is ready, once it serves")
def ready(stage):
    equal(stage.told(), {"READY": "1", "STATUS": "Running"})
    equal(stage.get("/healthz")[0], 200)


@test("that it lives, again and again")
def watchdog(stage):
    said = [stage.message() for _ in range(5)]

    equal(set(said), {"WATCHDOG=1"})


@test("that it reloads, since when, and that it is ready again")
def reloads(stage):
    stage.annex.write('title = "Halls"')

    stage.annex.process.child.send_signal(signal.SIGHUP)

    message = stage.told()
    equal(set(message), {"RELOADING", "MONOTONIC_USEC"})
    assert int(message["MONOTONIC_USEC"]) > 0
    equal(stage.told(), {"READY": "1", "STATUS": "Running"})


@test("that it stops, which SIGTERM and SIGINT ask for")
def stops(stage):
    for sig in (signal.SIGTERM, signal.SIGINT):
        equal(stage.annex.process.stop(sig), 0)
        equal(stage.told(), {"STOPPING": "1", "STATUS": "Stopping"})
        stage.annex.start()
        equal(stage.told(), {"READY": "1", "STATUS": "Running"})


scene(stage_class=Managed)
