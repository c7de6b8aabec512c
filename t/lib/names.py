"""A name server that finds every server of a test on loopback: asked for a
service of one it answers with that one's port at localhost."""
import socket
import struct
import threading

SRV, IN, TTL = 33, 1, 60
NOTHING = 3


def labels(data, start):
    """The labels of the name there, and where it ends."""
    found = []
    while data[start]:
        end = start + 1 + data[start]
        found.append(data[start + 1:end].decode())
        start = end
    return found, start + 1


def packed(name):
    return b"".join(bytes([len(label)]) + label.encode()
                    for label in name.split(".")) + b"\0"


class Names:
    """ports: by domain."""

    def __init__(self, ports):
        self.ports = ports
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            data, client = self.socket.recvfrom(4096)
            self.socket.sendto(self.answer(data), client)

    def port_of(self, domain):
        """A component's is its server's."""
        for server, port in self.ports.items():
            if domain == server or domain.endswith("." + server):
                return port
        return None

    def answer(self, data):
        name, end = labels(data, 12)
        kind, = struct.unpack_from("!H", data, end)
        port = self.port_of(".".join(name[2:]))
        question = data[12:end + 4]
        if kind != SRV or name[:1] != ["_xmpp-server"] or port is None:
            return data[:2] + struct.pack("!HHHHH", 0x8180 | NOTHING, 1, 0, 0,
                                          0) + question
        content = struct.pack("!HHH", 0, 0, port) + packed("localhost")
        return (data[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
                + question + b"\xc0\x0c"
                + struct.pack("!HHIH", SRV, IN, TTL, len(content)) + content)
