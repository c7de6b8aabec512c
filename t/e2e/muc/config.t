#!/usr/bin/python3
"""Configurations that are wrong, and changed ones."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
import signal
from annex import SOURCE, run
from guest import equal, succeeds
from scene import scene, test

GOOD = """router { port = 1 }
muc {
    domain = "rooms.verona.test"
    secret = "capulet"
}
store { schema = "%s/schema" }
""" % SOURCE


def check(stage, text, *options):
    """What annex-muc --check says of a configuration."""
    path = stage.folder + "/other.conf"
    with open(path, "w") as file:
        file.write(text)
    return *run("--check", *options, "-c", path), path


def with_setting(line):
    return GOOD.replace("muc {\n", f"muc {{\n    {line}\n")


@test("a good one is good")
def good(stage):
    equal(check(stage, GOOD)[0], 0)
    equal(check(stage, with_setting(
        "create = { everyone, local, admins, \"a@b.test\", b.test }"))[0], 0)


@test("a wrong one is refused with file, line and reason")
def wrong(stage):
    for text, line, reason in (
            (GOOD + "nonsense { x = 1 }\n", 7, "nonsense"),
            (GOOD.replace("port = 1", "prot = 1"), 1, "prot"),
            (GOOD.replace("port = 1", "port = many"), 1, "port"),
            (GOOD.replace("port = 1", "port = 70000"), 1, "port"),
            (GOOD.replace("secret", "secrets"), 4, "secrets"),
            (GOOD + "log { level = \"loud\" }\n", 7, "loud"),
            (with_setting("create = { local, \"Juliet@verona.test\" }"), 3,
             "muc.create: write 'juliet@verona.test'"),
            (with_setting("create = { \"a b\" }"), 3, "muc.create: 'a b'"),
            (with_setting("local = { \"juliet@verona.test\" }"), 3,
             "muc.local: 'juliet@verona.test' is not a domain"),
            (with_setting("admins = { \"@verona.test\" }"), 3,
             "muc.admins: '@verona.test'"),
            (with_setting("defaults = { \"colour=red\" }"), 3,
             "muc.defaults: no option colour"),
            (with_setting("defaults = { \"passwordprotectedroom=1\" }"), 3,
             "muc.defaults: a password-protected room needs a password")):
        status, said, path = check(stage, text)
        assert status != 0, text
        assert f"{path}:{line}:" in said, said
        assert reason in said, said


@test("one without what must be given is refused by name")
def missing(stage):
    for name in ("domain", "secret"):
        text = "\n".join(line for line in GOOD.splitlines()
                         if name not in line)
        status, said, path = check(stage, text)
        assert status != 0 and name in said and path in said, said


@test("one that is not there is refused")
def absent(stage):
    status, said = run("-c", "/nonexistent/annex.conf")
    assert status != 0
    assert "/nonexistent/annex.conf" in said


@test("a database that is not there is found by --check")
def database(stage):
    text = GOOD.replace("schema =", "url = \"sqlite:/nonexistent/x\"\n"
                        "schema =")
    status, said, _ = check(stage, text)
    assert status != 0 and "/nonexistent/x" in said, said


@test("secrets may come from a file or the environment, and stay secret")
def secrets(stage):
    path = stage.folder + "/secret"
    with open(path, "w") as file:
        file.write("capulet\n")
    equal(check(stage, GOOD.replace("capulet", "file:" + path))[0], 0)
    status, said, _ = check(stage, GOOD.replace("capulet", "${NO_SUCH}"))
    assert status != 0 and "NO_SUCH" in said, said


@test("changes are taken at SIGHUP, and logged")
def reloaded(stage):
    juliet, = stage.cast("juliet")
    since = stage.log_length()
    stage.annex.write("title = \"Halls\"\n create = \"admins\"")

    stage.annex.process.child.send_signal(signal.SIGHUP)
    stage.annex.process.wait_line("title", since)

    stage.settle()
    answer = succeeds(juliet.info(stage.rooms))
    equal(answer.attribute("info:query/info:identity", "name"), "Halls")
    room = stage.room()
    juliet.knock(room)
    juliet.refused("presence", room.at("juliet"), "not-allowed", "cancel")


@test("a wrong one at SIGHUP is refused, and the old one stays")
def kept(stage):
    juliet, = stage.cast("juliet")
    stage.annex.write("")
    since = stage.log_length()
    stage.annex.process.child.send_signal(signal.SIGHUP)
    stage.annex.process.wait_line("title", since)
    stage.annex.write("nonsense = 1")

    since = stage.log_length()
    stage.annex.process.child.send_signal(signal.SIGHUP)
    line = stage.annex.process.wait_line("nonsense", since)

    assert stage.annex.path in line, line
    juliet.enter(stage.room())


@test("what needs a restart is logged as such at SIGHUP")
def restart(stage):
    stage.annex.write("", secret="montague")
    since = stage.log_length()

    stage.annex.process.child.send_signal(signal.SIGHUP)

    line = stage.annex.process.wait_line("restart", since)
    assert "secret" in line and "montague" not in line, line
    stage.annex.write("", secret="capulet")


scene()
