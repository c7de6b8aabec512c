"""Two nodes of ejabberd with one database.  Components are attached to the
first."""
import os

from node import Mapper, Node
from postgres import wait_until


def clustered(stage_class):
    class Clustered(stage_class):
        """stage.second is the other node."""

        def open(self):
            self.mapper = Mapper()
            self.mapper.start()
            first = Node(self.mapper, "first")
            self.second = None
            self.options["node"] = first
            super().open()
            folder = os.path.join(self.folder, "second")
            os.mkdir(folder, 0o755)
            self.second = self.new_router(
                folder, self.router.domain, self.shim, self.own,
                node=Node(self.mapper, "second"))
            self.second.start()
            self.second.join(first)

        def visitor(self, name):
            """Somebody with a session on the second, of whom the first has
            heard."""
            user = self.user(name, router=self.second)
            wait_until(lambda: user.full in
                       self.router.command("connected_users"), "hear of it")
            return user

        def release(self, components):
            super().release(components)
            if self.second is not None and self.second.process.running():
                self.second.release([])

        def verify(self, since):
            super().verify(since)
            said = [line for line in self.second.process.lines
                    if self.second.complaint(line)]
            assert not said, "\n".join(said)

        def log_since(self, start):
            return "\n".join([super().log_since(start), "second:"]
                             + self.second.process.lines[-60:])

        def close(self):
            super().close()
            if self.second is not None:
                self.second.kill()
            self.mapper.stop()

    return Clustered
