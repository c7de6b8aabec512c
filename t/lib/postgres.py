#!/usr/bin/python3
"""A PostgreSQL of one's own, in a folder, on a port nobody else uses.

As a program: postgres.py start|stop|kill|freeze|thaw DIR; start prints the
URL and leaves the server running.  Exit status 77: it is not installed.
The folder must be one that the user postgres can reach when root runs this.
"""
import glob
import os
import pwd
import re
import signal
import subprocess
import sys
import time

from process import free_port, own_folder, servant

READY_SECS = 60
LONGEST_SOCKET = 90     # the kernel takes 107 bytes
NAME = "annex"          # of role, password and database


class PostgresError(Exception):
    pass


class NoPostgres(PostgresError):
    pass


def program(name):
    found = glob.glob(f"/usr/lib/postgresql/*/bin/{name}")
    if not found:
        raise NoPostgres(f"{name} is missing (Debian package: postgresql)")
    return max(found, key=lambda path: int(re.sub(r"\D", "", path)))


def wait_until(ready, what):
    end = time.monotonic() + READY_SECS
    while not ready():
        if time.monotonic() > end:
            raise PostgresError("PostgreSQL did not " + what)
        time.sleep(0.02)


def children(parent):
    """Processes started by parent."""
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="latin-1") as file:
                # What follows the name, which may hold anything.
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(path.split("/")[2]))
    return found


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Postgres:
    """Another instance with the same folder finds the same server.  What it
    has written survives its own end, and with synced that of the machine."""

    def __init__(self, folder, outlives=False, synced=False):
        self.folder = os.path.abspath(folder)
        self.data = os.path.join(self.folder, "data")
        self.synced = synced
        self.outlives = outlives    # the process that starts it
        self.user = servant("postgres")
        self.child = None

    @property
    def port(self):
        path = os.path.join(self.folder, "port")
        if not os.path.exists(path):
            own_folder(self.folder, self.user)
            with open(path, "w", encoding="ascii") as file:
                file.write(str(free_port()))
        with open(path, encoding="ascii") as file:
            return int(file.read())

    @property
    def has_socket(self):
        return len(self.folder) < LONGEST_SOCKET

    @property
    def tcp_url(self):
        return f"postgresql://{NAME}:{NAME}@127.0.0.1:{self.port}/{NAME}"

    @property
    def url(self):
        if not self.has_socket:
            return self.tcp_url
        return (f"postgresql:///{NAME}?host={self.folder}&port={self.port}"
                f"&user={NAME}")

    def popen(self, argv, stdin=subprocess.DEVNULL, **options):
        env = dict(os.environ, LC_ALL="C.UTF-8")
        if self.user is not None:
            entry = pwd.getpwnam(self.user)
            options.update(user=entry.pw_uid, group=entry.pw_gid,
                           extra_groups=[])
        return subprocess.Popen(argv, env=env, cwd=self.folder,
                                stdin=stdin, **options)

    def run(self, argv):
        child = self.popen(argv, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True)
        said = child.communicate()[0]
        if child.returncode:
            raise PostgresError(f"{argv[0]}: {said.strip()}")
        return said

    def psql(self, user="postgres", database=NAME):
        """The command, which prints unadorned."""
        host = self.folder if self.has_socket else "127.0.0.1"
        return [program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1",
                "-h", host, "-p", str(self.port), "-U", user, "-d", database]

    def sql(self, *statements, **whom):
        """What psql prints for the statements."""
        return self.run(self.psql(**whom) + [
            word for text in statements for word in ("-c", text)])

    def lock(self, table, mode="EXCLUSIVE"):
        """Lets nobody write to a table, or as the mode says, until the process
        that is returned ends, as it does when its input is closed."""
        child = self.popen(self.psql(), stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, text=True)
        child.stdin.write(f"BEGIN; LOCK TABLE {table} IN {mode} MODE;\n"
                          "SELECT 'locked';\n")
        child.stdin.flush()
        child.stdout.readline()
        return child

    def wait_blocked(self):
        """Waits until somebody waits for a lock."""
        wait_until(lambda: self.sql("SELECT 1 FROM pg_locks "
                                    "WHERE NOT granted") != "",
                   "make anybody wait for a lock")

    def create(self):
        self.run([program("initdb"), "-D", self.data, "-U", "postgres",
                  "-A", "trust", "--encoding=UTF8", "--no-locale",
                  "--no-sync"])
        # Over TCP strangers to a password are turned away.
        access = "local all all trust\n" \
            "host all postgres 127.0.0.1/32 trust\n" \
            "host all all 127.0.0.1/32 scram-sha-256\n"
        with open(os.path.join(self.data, "pg_hba.conf"), "w",
                  encoding="ascii") as file:
            file.write(access)

    def pid(self):
        """The server's; None when it does not run."""
        try:
            with open(os.path.join(self.data, "postmaster.pid"),
                      encoding="utf-8") as file:
                pid = int(file.readline())
        except (OSError, ValueError):
            return None
        return pid if is_alive(pid) else None

    def is_ready(self):
        if self.child.poll() is not None:
            with open(os.path.join(self.folder, "log"),
                      encoding="utf-8", errors="replace") as file:
                raise PostgresError("PostgreSQL ended: " + file.read()[-800:])
        try:
            with open(os.path.join(self.data, "postmaster.pid"),
                      encoding="utf-8") as file:
                lines = file.read().split("\n")
        except OSError:
            return False
        return (lines[0] == str(self.child.pid) and len(lines) > 7 and
                lines[7].strip() == "ready")

    def start(self):
        program("postgres")
        if self.pid() is not None:
            return
        own_folder(self.folder, self.user)
        fresh = not os.path.exists(os.path.join(self.data, "PG_VERSION"))
        if fresh:
            self.create()
        settings = ["listen_addresses=127.0.0.1", f"port={self.port}",
                    "unix_socket_directories=" +
                    (self.folder if self.has_socket else ""),
                    "max_connections=30",
                    "fsync=" + ("on" if self.synced else "off")]
        tie = [] if self.outlives else ["setpriv", "--pdeathsig", "KILL", "--"]
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.child = self.popen(
                tie + [program("postgres"), "-D", self.data] +
                [word for text in settings for word in ("-c", text)],
                stdout=log, stderr=log, start_new_session=True)
        wait_until(self.is_ready, "start")
        if fresh:
            self.sql(f"CREATE ROLE {NAME} LOGIN PASSWORD '{NAME}'",
                     f"CREATE DATABASE {NAME} OWNER {NAME}",
                     database="postgres")

    def end(self, signum, pids):
        for pid in pids:
            try:
                os.kill(pid, signum)
            except ProcessLookupError:
                pass

    def gone(self, pids):
        if self.child is not None:
            self.child.poll()
        return not any(is_alive(pid) for pid in pids)

    def stop(self):
        """Breaks off what clients do, in good order."""
        pid = self.pid()
        if pid is None:
            return
        self.end(signal.SIGCONT, [pid] + children(pid))
        self.end(signal.SIGINT, [pid])
        wait_until(lambda: self.gone([pid]), "end")

    def kill(self):
        """As when the power fails."""
        pid = self.pid()
        if pid is None:
            return
        self.end(signal.SIGSTOP, [pid])
        pids = [pid] + children(pid)
        self.end(signal.SIGKILL, pids)
        wait_until(lambda: self.gone(pids), "die")
        # Where nobody buries orphans, its successor would take it for alive.
        for path in (os.path.join(self.data, "postmaster.pid"),
                     os.path.join(self.folder,
                                  f".s.PGSQL.{self.port}.lock")):
            if os.path.exists(path):
                os.unlink(path)

    def freeze(self):
        """It keeps its port and its connections, but does nothing."""
        pid = self.pid()
        self.end(signal.SIGSTOP, [pid] + children(pid))

    def thaw(self):
        pid = self.pid()
        self.end(signal.SIGCONT, [pid] + children(pid))


def main(argv):
    if len(argv) != 3 or argv[1] not in ("start", "stop", "kill", "freeze",
                                         "thaw"):
        print(__doc__, file=sys.stderr)
        return 2
    server = Postgres(argv[2], outlives=True)
    try:
        getattr(server, argv[1])()
    except NoPostgres as why:
        print(why, file=sys.stderr)
        return 77
    except PostgresError as why:
        print(why, file=sys.stderr)
        return 1
    if argv[1] == "start":
        print(server.url)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
