"""Erlang nodes that know each other, and nobody else."""
import secrets
import socket
import time

from client import SECS
from process import Process, free_port


class Mapper:
    """By whom nodes find each other (epmd)."""

    def __init__(self):
        self.port = free_port()
        self.cookie = secrets.token_hex(8)
        self.process = Process("epmd", ["epmd", "-address", "127.0.0.1",
                                        "-port", str(self.port)])

    def start(self):
        self.process.start()
        end = time.monotonic() + SECS
        while not self.is_ready():
            assert time.monotonic() < end, self.process.tail()

    def is_ready(self):
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.process.stop()


class Node:
    def __init__(self, mapper, name):
        self.name = f"{name}@127.0.0.1"
        self.flags = ["-name", self.name, "-setcookie", mapper.cookie,
                      "-kernel", "inet_dist_use_interface", "{127,0,0,1}"]
        self.environment = {"ERL_EPMD_PORT": str(mapper.port),
                            "ERL_EPMD_ADDRESS": "127.0.0.1"}
