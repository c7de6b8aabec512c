"""A small disk of a test's own, that somebody else can fill."""
import os
import subprocess


class Disk:
    def __init__(self, path, size):
        """Mounts it at that folder."""
        self.path = path
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none",
                        path], check=True)
        self.ballast = os.path.join(path, "ballast")

    def fill(self):
        """Somebody else takes all that is left."""
        with open(self.ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def clear(self):
        os.unlink(self.ballast)

    def unmount(self):
        subprocess.run(["umount", self.path], check=True)


def may_mount():
    return subprocess.run(["unshare", "-m", "--propagation", "unchanged",
                           "mount", "-t", "tmpfs", "none", "/mnt"],
                          capture_output=True).returncode == 0
