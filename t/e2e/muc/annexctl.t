#!/usr/bin/python3
"""annexctl, which asks annex-muc on its socket."""
import json
import os
import pty
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
sys.path.append(sys.path[0] + "/../../lib")
from annex import REPORTS, SOURCE, program
from guest import equal
from process import servant
from scene import scene, test

SECS = 30


def environ(**variables):
    kept = {name: value for name, value in os.environ.items()
            if name not in ("NO_COLOR", "ANNEX_FOLDER", "TERM")}
    return dict(kept, LC_ALL="C.UTF-8", TERM="xterm", **variables)


def check(said):
    assert not any(word in said for word in REPORTS), said


def ctl(stage, *words, status=0, **variables):
    """Runs it; what it printed, and what it said besides."""
    done = subprocess.run(
        [program("annexctl"), "-f", stage.folder, *words], text=True,
        capture_output=True, timeout=SECS, env=environ(**variables))
    check(done.stderr)
    equal((done.returncode, words, done.stderr if done.returncode != status
           else ""), (status, words, ""))
    return done.stdout, done.stderr


def on_terminal(stage, *words, columns=80, **variables):
    """All that it writes on a terminal."""
    argv = [program("annexctl"), "-f", stage.folder, *words]
    child, terminal = pty.fork()
    if child == 0:
        import fcntl
        import struct
        import termios
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns,
                                                       0, 0))
        os.execve(argv[0], argv, environ(**variables))
    said = b""
    while True:
        try:
            more = os.read(terminal, 65536)
        except OSError:
            break
        if not more:
            break
        said += more
    os.close(terminal)
    os.waitpid(child, 0)
    check(said.decode())
    return said.decode().replace("\r\n", "\n")


def make(stage, *options):
    """A room that nobody is in."""
    room = stage.room()
    ctl(stage, "muc", "create", str(room), "--owner", "romeo@verona.test",
        *options)
    return room


def destroy(stage, *rooms):
    for room in rooms:
        ctl(stage, "muc", "destroy", str(room))


@test("tells how the component is")
def status(stage):
    out, err = ctl(stage, "muc", "status")
    said = dict(line.split(None, 1) for line in out.splitlines()[1:5])
    equal((said["component"], said["domain"]), ("annex-muc", stage.rooms))
    assert "link                 up" in out, out
    equal(err, "")


@test("shows rows as a table without colours in a file")
def table(stage):
    room = make(stage, "roomname=Café", "publicroom=0")
    out, err = ctl(stage, "muc", "list")
    width = len(str(room))
    equal(out, f"{'Room':{width}}  Name  Occupants  Public  Persistent\n"
               f"{room}  Café          0  no      yes\n")
    equal(err, "1 room.\n")
    destroy(stage, room)


@test("shows colours on a terminal, unless NO_COLOR is set")
def colours(stage):
    room = make(stage)
    said = on_terminal(stage, "muc", "list")
    assert said.startswith("\x1b[1mRoom"), repr(said)
    assert "\x1b[0m\n" in said, repr(said)
    assert "\x1b" not in on_terminal(stage, "muc", "list", NO_COLOR="1")
    said = on_terminal(stage, "muc", "show", "nowhere")
    assert "\x1b[31mannexctl:\x1b[0m there is no room" in said, repr(said)
    destroy(stage, room)


@test("cuts the widest column where a terminal is narrow")
def narrow(stage):
    room = make(stage, "roomname=" + "Long name " * 20)
    said = on_terminal(stage, "muc", "list", columns=90, NO_COLOR="1")
    assert all(len(line) <= 90 for line in said.splitlines()), said
    assert "…" in said, said
    destroy(stage, room)


@test("lets nobody's text steer the terminal")
def control(stage):
    room = make(stage, "roomname=red\t\u009b31m")
    said = on_terminal(stage, "muc", "list", NO_COLOR="1")
    assert "\u009b" not in said and "red ?31m" in said, repr(said)
    destroy(stage, room)


@test("prints rows as JSON")
def as_json(stage):
    room = make(stage, "roomname=Garden")
    out, _ = ctl(stage, "muc", "list", "--json")
    equal(json.loads(out), {"room": str(room), "name": "Garden",
                            "occupants": 0, "public": True,
                            "persistent": True})
    out, _ = ctl(stage, "-j", "muc", "show", str(room))
    assert "roomname=Garden" in json.loads(out)["options"], out
    destroy(stage, room)


@test("does what people in the rooms see")
def effects(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    name = str(room).split("@")[0]
    ctl(stage, "muc", "configure", name, "roomname=New", "moderatedroom=0")
    romeo.told(room, {104})
    juliet.told(room, {104})
    ctl(stage, "muc", "broadcast", "Hear, hear")
    romeo.hears(room.jid, "Hear, hear")
    juliet.hears(room.jid, "Hear, hear")
    ctl(stage, "muc", "kick", name, "juliet", "--reason=Late")
    juliet.sees_gone(room.at("juliet"), {110, 307}, reason="Late")
    romeo.sees_gone(room.at("juliet"), {307})
    ctl(stage, "muc", "affiliate", name, juliet.bare, "admin")
    juliet.expect("message", sender=room.jid)
    out, _ = ctl(stage, "muc", "affiliations", name, "--affiliation",
                 "admin", "--json")
    equal(json.loads(out)["address"], juliet.bare)
    ctl(stage, "muc", "destroy", name, "--reason", "The end")
    romeo.expect("presence", sender=room.at("romeo"), type="unavailable")


@test("helps from what the component declares")
def helps(stage):
    out, _ = ctl(stage, "muc", "--help")
    assert "  destroy               Destroy a room\n" in out, out
    out, _ = ctl(stage, "muc", "destroy", "--help")
    assert out.startswith("Usage: annexctl muc destroy [--reason=TEXT] "
                          "[--venue=ADDRESS] ROOM\n\n"), out
    out, _ = ctl(stage, "muc", "create", "--help")
    assert out.startswith("Usage: annexctl muc create [--owner=ADDRESS] "
                          "ROOM [OPTIONS]...\n\n"), out
    out, _ = ctl(stage, "muc", "list", "--help")
    assert out.startswith("Usage: annexctl muc list [--filter=TEXT] "
                          "[--kind=CHOICE] [--limit=NUMBER]\n"
                          "       [--after=TEXT]\n\n"), out
    assert "--limit NUMBER        Most rooms, 1 to 10000 [100]\n" in out, out
    out, _ = ctl(stage, "--help")
    assert out.endswith("running here:\n  muc\n"), out
    out, _ = ctl(stage, "-f", "/nonexistent", "--help")
    assert out.endswith("running here:\n  (none)\n"), out


@test("knows in its manual all options of rooms")
def manual(stage):
    room = make(stage)
    out, _ = ctl(stage, "muc", "show", str(room), "--json")
    with open(os.path.join(SOURCE, "components/muc/muc.8"),
              encoding="utf-8") as file:
        text = file.read().split(".Sh ROOM OPTIONS\n")[1].split(".Sh ")[0]
    told = {word.strip(",") for line in text.splitlines()
            if line.startswith(".It Cm ") for word in line.split()[2:]} - {""}
    there = {option.split("=")[0] for option in json.loads(out)["options"]}
    # Only this one is not shown.
    equal(sorted(told), sorted(there | {"roomsecret"}))
    destroy(stage, room)


@test("says what was called wrongly")
def wrong(stage):
    for words, status, text in (
            (["muc", "dance"], 2, "annex-muc has no command dance"),
            (["muc", "show"], 2, "room is missing"),
            (["muc", "show", "a", "b"], 2, "b is one word too many"),
            (["muc", "list", "--colour"], 2, "there is no option --colour"),
            (["muc", "list", "--limit"], 2, "--limit needs a value"),
            (["muc", "list", "--limit", "x"], 1, "limit is not a number"),
            (["muc", "list", "--kind=odd"], 1,
             "kind: odd is none of all, public, hidden, "),
            (["muc", "create", "x"], 1, "owner is missing"),
            (["muc", "configure", "x", "a=b"], 1, "there is no room x@"),
            (["muc", "ban", "x", "@"], 1, "address: "),
            (["muc"], 2, "Usage: annexctl muc COMMAND"),
            ([], 2, "Usage: annexctl [OPTION]"),
            (["--odd"], 2, "See annexctl --help."),
            (["bosh", "list"], 3, "annex-bosh is not running: there is no"),
            (["help"], 3, "See annexctl --help."),
            (["-s", "/" + "x" * 200, "muc", "list"], 3, "too long")):
        out, err = ctl(stage, *words, status=status)
        assert text in err, f"{words}: {err}"
        equal(out, "")


@test("says when nobody serves the socket")
def left_behind(stage):
    path = os.path.join(stage.folder, "ghost.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
    _, err = ctl(stage, "ghost", "list", status=3)
    assert "annex-ghost is not running: nobody serves" in err, err
    os.unlink(path)


@test("says when it may not use the socket")
def forbidden(stage):
    user = servant("nobody")
    if user is None:    # not root: the folder can be closed to ourselves
        os.chmod(os.path.join(stage.folder, "muc.sock"), 0)
        _, err = ctl(stage, "muc", "list", status=3)
        os.chmod(os.path.join(stage.folder, "muc.sock"), 0o660)
    else:
        entry = pwd.getpwnam(user)
        copy = os.path.join(stage.folder, "annexctl")
        shutil.copy(program("annexctl"), copy)
        done = subprocess.run(
            ["setpriv", "--reuid", str(entry.pw_uid), "--regid",
             str(entry.pw_gid), "--clear-groups", copy, "-f", stage.folder,
             "muc", "list"], capture_output=True, text=True, timeout=SECS)
        equal(done.returncode, 3)
        err = done.stderr
    assert "you may not use" in err and "member of the group" in err, err


@test("completes what is typed")
def completes(stage):
    def offered(*words):
        done = subprocess.run(
            [program("annexctl"), "--complete", *words], text=True,
            capture_output=True, timeout=SECS,
            env=environ(ANNEX_FOLDER=stage.folder))
        equal(done.returncode, 0)
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    equal(offered("m"), ["muc"])
    equal(offered("-f", stage.folder, "m"), ["muc"])
    equal(offered("-f", "/nonexistent", ""), [])
    equal(offered("--j"), ["--json"])
    equal(offered("-"), ["--folder", "--socket", "--json", "--version",
                         "--help"])
    equal(offered("-f", ""), [])
    equal(offered("muc", "de"), ["destroy"])
    equal(offered("muc", "list", "--k"), ["--kind"])
    equal(offered("muc", "list", "--kind", "p"), ["public", "persistent"])
    equal(offered("muc", "list", "--kind=p"),
          ["--kind=public", "--kind=persistent"])
    equal(offered("muc", "affiliate", "--reason", "x", "r", "a@b", "o"),
          ["owner", "outcast"])
    equal(offered("muc", "dance", ""), [])
    equal(offered("bosh", ""), [])


class Shell:
    """Bash, at which somebody types."""
    def __init__(self, **variables):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvpe("bash", ["bash", "--norc", "-i"],
                       environ(PS1="ready ", **variables))
        self.said = ""

    def type(self, text):
        os.write(self.terminal, text.encode())

    def wait(self, text):
        """Until it is there; forgets all up to it."""
        while text not in self.said:
            ready, _, _ = select.select([self.terminal], [], [], SECS)
            assert ready, f"no {text!r} in {self.said!r}"
            self.said += os.read(self.terminal, 65536).decode()
        self.said = self.said.split(text, 1)[1]

    def close(self):
        self.type("exit\n")
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


@test("completes in bash what is typed there")
def bash(stage):
    script = os.path.join(SOURCE, "components/ctl/annexctl.bash")
    path = os.path.dirname(program("annexctl")) + ":" + os.environ["PATH"]
    shell = Shell(PATH=path, ANNEX_FOLDER=stage.folder)
    shell.wait("ready ")
    shell.type(f". {script}\n")
    shell.wait("ready ")
    for typed, completed in (
            ("m", "muc "),
            ("--js", "--json "),
            ("-f . --vers", "-f . --version "),
            ("muc lis", "muc list "),
            ("muc list --kind pub", "muc list --kind public "),
            ("muc list --kind=pub", "muc list --kind=public "),
            ("muc list --kind=public --li",
             "muc list --kind=public --limit "),
            ("muc list --after a@b:c --ki", "muc list --after a@b:c --kind "),
            ("muc affiliate r@x a@b ow", "muc affiliate r@x a@b owner "),
            ("muc affiliate --reason x:y r a@b ow",
             "muc affiliate --reason x:y r a@b owner "),
            ('muc affiliate --reason "x  y" r a@b ow',
             'muc affiliate --reason "x  y" r a@b owner ')):
        shell.type(f"annexctl {typed}\t")
        shell.wait(f"annexctl {completed}")
        shell.type("\x15\n")    # away with the line
        shell.wait("ready ")
    shell.close()


@test("completes in zsh")
def zsh(stage):
    script = os.path.join(SOURCE, "components/ctl/annexctl.zsh")
    done = subprocess.run(
        ["zsh", "-f", "-c", "_describe() { print -l ${(P)2} }; "
         f"words=(annexctl muc list --kind p); CURRENT=5; . {script}"],
        capture_output=True, text=True, timeout=SECS,
        env=environ(ANNEX_FOLDER=stage.folder, PATH=os.path.dirname(
            program("annexctl")) + ":" + os.environ["PATH"]))
    check(done.stderr)
    equal(done.stdout.splitlines(),
          ["public:Which rooms", "persistent:Which rooms"])


class Slow(threading.Thread):
    """A component that takes its time, as far as its socket shows."""
    description = {"component": "slow", "commands": [
        {"name": "work", "title": "Work", "help": "Works.", "fields": [],
         "columns": [{"name": "n", "type": "uint", "label": "N"}]}]}
    lines = ({"progress": {"done": 1, "total": 4}}, {"row": {"n": 1}},
             {"progress": {"done": 4, "total": 4}}, {"message": "Worked."})

    def __init__(self, folder, last):
        super().__init__(daemon=True)
        self.last = last
        self.path = os.path.join(folder, "slow.sock")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.start()

    def run(self):
        connection, _ = self.listener.accept()
        file = connection.makefile("rw")
        self.answer(file, {"description": self.description}, {"end": True})
        self.work(file)
        connection.close()
        self.listener.close()
        os.unlink(self.path)

    def answer(self, file, *lines):
        file.readline()
        for line in lines:
            file.write(json.dumps(line) + "\n")
        file.flush()

    def work(self, file):
        self.answer(file, *self.lines, *self.last)
        file.close()


@test("draws a bar of long work, on a terminal alone")
def bar(stage):
    end = ({"end": True},)
    slow = Slow(stage.folder, end)
    said = on_terminal(stage, "slow", "work", NO_COLOR="1")
    slow.join()
    assert "\r\x1b[K[#######.......................]  25 %  1/4" in said, \
        repr(said)
    assert said.endswith("\r\x1b[KN\n1\nWorked.\n"), repr(said)
    slow = Slow(stage.folder, end)
    equal(ctl(stage, "slow", "work"), ("N\n1\n", "Worked.\n"))
    slow.join()


@test("says when the component goes away meanwhile")
def gone(stage):
    slow = Slow(stage.folder, ())
    out, err = ctl(stage, "slow", "work", status=3)
    slow.join()
    equal(out, "N\n1\n")
    assert "the connection is lost" in err, err


class Endless(Slow):
    """One whose answer has no end: a row, and more of them when it is to."""
    def __init__(self, folder):
        self.more, self.cut = threading.Event(), threading.Event()
        super().__init__(folder, ())

    def work(self, file):
        row = {"row": {"n": 1}}
        self.answer(file, row)
        try:
            while self.more.wait(SECS):
                file.write((json.dumps(row) + "\n") * 1000)
                file.flush()
        except OSError:
            self.cut.set()


@test("prints JSON as it comes, and ends when nobody reads on")
def closed_early(stage):
    for words, first in ((["--json"], '{"n":1}\n'), ([], "N\n")):
        endless = Endless(stage.folder)
        # A table is drawn when there is more of it.
        if not words:
            endless.more.set()
        child = subprocess.Popen(
            [program("annexctl"), "-f", stage.folder, "slow", "work", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environ())
        equal(child.stdout.readline(), first)
        child.stdout.close()
        endless.more.set()
        equal(child.wait(SECS), -signal.SIGPIPE)
        equal(child.stderr.read(), "")
        child.stderr.close()
        assert endless.cut.wait(SECS), "the command goes on"
        endless.join()


def unwritten(stage, words, **options):
    """It says that the answer cannot be written."""
    done = subprocess.run(
        [program("annexctl"), *words], stderr=subprocess.PIPE, text=True,
        timeout=SECS, env=environ(ANNEX_FOLDER=stage.folder), **options)
    equal((words, done.returncode), (words, 1))
    assert "annexctl: the answer could not be written\n" in done.stderr, \
        done.stderr


@test("says when the answer cannot be written")
def full(stage):
    room = make(stage)
    for words in (["muc", "list"], ["muc", "list", "--json"],
                  ["muc", "status"], ["muc", "--help"], ["--version"],
                  ["muc", "show", str(room)],
                  ["--complete", "muc", "li"]):
        with open("/dev/full", "w", encoding="utf-8") as file:
            unwritten(stage, words, stdout=file)
        unwritten(stage, words, preexec_fn=lambda: os.close(1))
        unwritten(stage, words,
                  preexec_fn=lambda: [os.close(fd) for fd in (0, 1)])
    destroy(stage, room)


@test("asks and answers with what else is closed")
def closed(stage):
    usual, _ = ctl(stage, "muc", "list")
    done = subprocess.run(
        [program("annexctl"), "-f", stage.folder, "muc", "list"],
        stdout=subprocess.PIPE, text=True, timeout=SECS, env=environ(),
        preexec_fn=lambda: [os.close(fd) for fd in (0, 2)])
    equal((done.returncode, done.stdout), (0, usual))


@test("lines up what is not ASCII in any locale")
def locales(stage):
    room = make(stage, "roomname=Café")
    usual, _ = ctl(stage, "muc", "list")
    done = subprocess.run(
        [program("annexctl"), "-f", stage.folder, "muc", "list"],
        capture_output=True, timeout=SECS, env=environ() | {"LC_ALL": "C"})
    equal(done.stdout.decode(), usual)
    destroy(stage, room)


@test("is named in the log")
def logged(stage):
    since = stage.log_length()
    ctl(stage, "muc", "list", "--filter", "x y")
    line = stage.annex.process.wait_line("command: list", since)
    assert f"filter=x y by uid {os.geteuid()}, gid" in line, line


@test("is served again after the component was killed")
def killed(stage):
    path = os.path.join(stage.folder, "muc.sock")
    stage.annex.kill()
    assert os.path.exists(path)
    _, err = ctl(stage, "muc", "list", status=3)
    assert "nobody serves" in err, err
    stage.annex.start()
    ctl(stage, "muc", "list")
    equal(os.stat(path).st_mode & 0o777, 0o660)


@test("takes the socket away with the component")
def stopped(stage):
    stage.annex.stop()
    _, err = ctl(stage, "muc", "list", status=3)
    assert "there is no" in err, err
    stage.annex.start()


scene("""
    admins = { "nurse@verona.test" }
""")
