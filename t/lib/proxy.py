"""A wire between two ports of this machine that can be cut.

Threads of its own pass bytes on, so that it works while a test waits."""
import contextlib
import socket
import threading


class Proxy:
    def __init__(self, port):
        self.target = port
        self.is_cut = False
        self.lock = threading.Lock()
        self.ends = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self._spawn(self._accept)

    @contextlib.contextmanager
    def cut(self):
        """Nothing passes, and all that were connected notice it."""
        with self.lock:
            self.is_cut = True
            self._hang_up(*self.ends)
            self.ends.clear()
        yield
        self.is_cut = False

    def _spawn(self, function, *args):
        threading.Thread(target=function, args=args, daemon=True).start()

    def _accept(self):
        while True:
            near, _ = self.listener.accept()
            with self.lock:
                if self.is_cut:
                    near.close()
                    continue
                try:
                    far = socket.create_connection(("127.0.0.1", self.target))
                except OSError:
                    near.close()
                    continue
                self.ends += [near, far]
            self._spawn(self._pass, near, far)
            self._spawn(self._pass, far, near)

    def _pass(self, source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        self._hang_up(source, sink)

    @staticmethod
    def _hang_up(*ends):
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
