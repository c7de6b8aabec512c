#!/usr/bin/python3
"""The configuration of Prosody's shim: the sample works, mistakes are told,
changes take effect."""
import os
import signal
import subprocess
import sys
sys.path.append(sys.path[0] + "/../../lib")
from erlang import BUILD
from guest import equal
from prosodyshim import SOURCE, ProsodyShim, lua
from shim import follows_sample, scene, test
from stage import DOMAIN

SHIM = {"rooms": {"hooks": ["fanout"]}, "archive": {"hooks": ["tap"]}}


def judge(stage, text):
    """What prosodyctl mod_annex says of a configuration, and its status."""
    path = os.path.join(stage.folder, "judged.cfg.lua")
    with open(path, "w") as file:
        file.write(f'plugin_paths = {{ "{stage.router.plugins}" }}\n'
                   f'data_path = "{stage.router.folder}/data"\n'
                   f'certificates = "{stage.router.folder}"\n' + text)
    os.chmod(path, 0o644)
    done = subprocess.run(["prosodyctl", "--config", path, "mod_annex"],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout


def host(shim, rest=""):
    return (f'VirtualHost "{DOMAIN}"\nmodules_enabled = {{ "annex" }}\n'
            f"annex = {lua(shim)}\n{rest}")


def reload(stage, shim):
    stage.router.configure({f"{name}.{DOMAIN}": given
                            for name, given in shim.items()})
    since = len(stage.router.process.lines)
    stage.router.process.child.send_signal(signal.SIGHUP)
    return since


@test("finds nothing wrong with the sample")
def sample(stage):
    with open(SOURCE + "/conf/prosody.cfg.lua") as file:
        status, said = judge(stage, file.read())

    equal(status, 0)
    assert "example.org: rooms.example.org: fanout\n" in said, said
    assert ("example.org: offline.example.org: "
            "store presence deliver delegate\n") in said, said


def sampled(stage, plugins=None):
    """A Prosody that has the sample in a file of its own; the port is what it
    must be here.  plugins: where its module is."""
    path = os.path.join(stage.folder, "sample.cfg.lua")
    router = ProsodyShim(stage.folder, "example.net", {}, set(), None,
                         others=f'Include "{path}"')
    with open(SOURCE + "/conf/prosody.cfg.lua") as file:
        text = file.read()
    with open(path, "w") as file:
        file.write(text.replace("5347", str(router.component_port)))
    if plugins is not None:
        router.values["plugins"] = plugins
        router.configure({})
    router.start()
    return router


@test("does what the sample says")
def works(stage):
    router = sampled(stage)
    try:
        follows_sample(stage, router)
    finally:
        router.kill()


@test("is found where make install puts it")
def installed(stage):
    subprocess.run(["make", "-s", "-C", BUILD,
                    "install-dist_prosodypluginDATA",
                    f"DESTDIR={stage.folder}/dest",
                    "prosodyplugins=/usr/lib/prosody/modules"],
                   check=True, capture_output=True, timeout=60)
    router = sampled(stage, f"{stage.folder}/dest/usr/lib/prosody/modules")
    try:
        follows_sample(stage, router)
    finally:
        router.kill()


@test("finds nothing wrong with all that the sample says of a judge")
def judged(stage):
    with open(SOURCE + "/conf/prosody.cfg.lua") as file:
        text = file.read().replace("--[[", "").replace("--]]", "")
    status, said = judge(stage, text + 'Component "judge.example.org"\n'
                         'component_secret = "x"\n')

    equal(status, 0)
    assert "example.org: judge.example.org: tap check\n" in said, said


@test("says what is wrong")
def wrong(stage):
    for shim, rest, words in (
            ({"a.b": {"hooks": ["dance"]}}, "", "there is no hook dance"),
            ({"a.b": {"hooks": ["tap"]}}, "", 'there is no Component "a.b"'),
            ({"a.b": {"hooks": ["tap"]}}, 'Component "a.b" "muc"',
             'there is no Component "a.b"'),
            ({"a.b": {"hooks": ["tap"]}}, 'Component "a.b"',
             'Component "a.b" has no component_secret')):
        status, said = judge(stage, host(shim, rest))

        equal(status, 1)
        assert words in said, said
    status, said = judge(stage, f'VirtualHost "{DOMAIN}"\n')
    equal(status, 1)
    assert "no VirtualHost has annex" in said, said


@test("says hello again with what was changed")
def changed(stage):
    rooms, archive = stage.component("rooms"), stage.component("archive")
    shim = dict(SHIM, rooms={"hooks": ["fanout", "deliver"], "credit": 3})

    reload(stage, shim)

    hello = rooms.hello()
    equal((set(hello.get("hooks").split()), hello.get("credit")),
          ({"fanout", "deliver"}, "3"))
    archive.hello()


@test("keeps taps over a change")
def kept(stage):
    archive, romeo = stage.component("archive"), stage.user("romeo")
    romeo.say(f"nobody@{DOMAIN}", "one")
    archive.told("tap")
    archive.settle()

    reload(stage, dict(SHIM, archive={"hooks": ["tap"], "window": 3}))

    equal(archive.hello().get("window"), "3")
    equal(archive.told("tap", seq="1").inner.body, "one")
    archive.ack(1)
    archive.settle()


@test("goes on as it was when the change is a mistake")
def mistake(stage):
    rooms, juliet = stage.component("rooms"), stage.user("juliet")

    since = reload(stage, {"rooms": {"hooks": ["fan"]}})

    line = stage.router.process.wait_line("annex is not usable", since)
    assert "rooms.verona.test: there is no hook fan" in line, line
    rooms.fanout([juliet.full], f"<message xmlns='jabber:client' from='"
                 f"{rooms.domain}' type='groupchat'><body>one</body>"
                 "</message>")
    juliet.hears(rooms.domain, "one")
    # Which is what was to be said.
    stage.router.process.lines.remove(line)


@test("does not load with a mistake, and says why")
def refused(stage):
    stage.router.configure({f"rooms.{DOMAIN}": {"hooks": ["fan"]}})
    stage.router.stop()
    stage.router.start()

    line = stage.router.process.wait_line("annex is not usable")
    assert "rooms.verona.test: there is no hook fan" in line, line
    juliet, = stage.users("juliet")
    features = juliet.ask("get", DOMAIN, (
        "<query xmlns='http://jabber.org/protocol/disco#info'/>")).features
    assert not [name for name in features if "annex" in name], f"{features}"
    stage.router.process.lines.clear()


scene(SHIM)
