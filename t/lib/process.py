"""Programs that a test starts, and that never outlive it."""
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import threading
import time

READY_SECS = 60


class ProcessError(Exception):
    pass


given_ports = {}


def claim(port):
    """Whether no other test has that port, or will listen on it soon: who has
    it keeps a name, until the process ends."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0annex-port-{port}")
    except OSError:
        name.close()
        return False
    given_ports[port] = name
    return True


def free_port():
    """A port nobody listens on, and that was not given out before, below those
    the kernel hands out itself, so that a program can have the same one again
    after a restart."""
    while True:
        port = random.randrange(20000, 32000)
        if not claim(port):
            continue
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def own_folder(path, user):
    """Makes a folder that user may write to."""
    os.makedirs(path, exist_ok=True)
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)
    return path


def readable_copy(source, path):
    """A copy of a folder that any user may read: a program that runs as
    another may not be able to look into the folders of ours."""
    shutil.copytree(source, path, dirs_exist_ok=True)
    for folder, _, names in os.walk(path):
        os.chmod(folder, 0o755)
        for name in names:
            os.chmod(os.path.join(folder, name), 0o644)
    return path


def servant(user):
    """Whom a program that refuses root runs as: user, or ourselves."""
    return user if os.geteuid() == 0 else None


class Process:
    """A child in a process group of its own, its output kept line by line."""

    def __init__(self, name, argv, env=None, user=None, folder=None):
        self.name = name
        self.argv = ["setpriv", "--pdeathsig", "KILL"]
        if user is not None:
            self.argv += ["--reuid", user, "--regid",
                          str(pwd.getpwnam(user).pw_gid), "--init-groups"]
        self.argv += ["--"] + argv
        self.env = dict(os.environ, **(env or {}))
        self.folder = folder
        self.child = None
        self.lines = []
        self.news = threading.Condition()

    def start(self):
        self.child = subprocess.Popen(
            self.argv, env=self.env, cwd=self.folder, text=True,
            errors="replace", stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)
        self.reader = threading.Thread(
            target=self._read, args=(self.child.stdout,), daemon=True)
        self.reader.start()

    def _read(self, pipe):
        for line in pipe:
            with self.news:
                self.lines.append(line.rstrip("\n"))
                self.news.notify_all()
        pipe.close()
        with self.news:
            self.news.notify_all()

    def wait_line(self, text, since=0, secs=READY_SECS):
        """Waits for a line with text in it, from line number since on.
        Returns the line."""
        end = time.monotonic() + secs
        with self.news:
            while True:
                for line in self.lines[since:]:
                    if text in line:
                        return line
                if not self.reader.is_alive():
                    raise ProcessError(f"{self.name} ended: {self.tail()}")
                left = end - time.monotonic()
                if left <= 0:
                    raise ProcessError(
                        f"{self.name} never said '{text}': {self.tail()}")
                self.news.wait(min(left, 1))

    def wait_lines(self, text, since=0):
        """The same; returns all such lines there are by now."""
        self.wait_line(text, since)
        return [line for line in self.lines[since:] if text in line]

    def tail(self, count=15):
        return "\n".join(self.lines[-count:])

    def running(self):
        return self.child is not None and self.child.poll() is None

    def wait(self, secs=READY_SECS):
        """Waits for its end; returns the exit status."""
        status = self.child.wait(secs)
        self.reader.join(secs)
        return status

    def stop(self, sig=signal.SIGTERM, secs=20):
        """Asks it to end, then makes it.  Returns the exit status."""
        if self.child is None:
            return None
        if self.running():
            self.child.send_signal(sig)
        try:
            status = self.child.wait(secs)
        except subprocess.TimeoutExpired:
            status = None
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.child.wait(secs)
        self.reader.join(secs)
        return status

    def kill(self):
        return self.stop(signal.SIGKILL)
