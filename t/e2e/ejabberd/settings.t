#!/usr/bin/python3
"""The way of the shim into ejabberd: its own command installs it, the sample
works, mistakes are told, changes take effect."""
import os
import re
import shutil
import subprocess
import sys
import urllib.error
sys.path.append(sys.path[0] + "/../../lib")
os.environ["ROUTER"] = "ejabberd"
from attached import Attached  # noqa: E402
from ejabberdshim import EjabberdShim  # noqa: E402
from erlang import BUILD, SOURCE  # noqa: E402
from guest import equal  # noqa: E402
from process import own_folder, servant  # noqa: E402
from shim import follows_sample, scene, test  # noqa: E402
from stage import DOMAIN  # noqa: E402
from stanza import NS  # noqa: E402

SHIM = {"rooms": {"hooks": ["fanout"]}, "archive": {"hooks": ["tap"]}}
ROOMS = {"hooks": ["fanout"]}


def configure(stage, shim):
    stage.router.configure({f"{name}.{DOMAIN}": given
                            for name, given in shim.items()})
    stage.router.reload()


def attached(stage, router, name, secret):
    """A component at another router."""
    return Attached(stage.loop, router.component_port,
                    f"{name}.{router.domain}", secret,
                    router.domain).attach()


def sample(stage, change=lambda text: text):
    """An ejabberd that has the sample in a file of its own; the ports and
    the host are what they must be here."""
    path = os.path.join(stage.folder, "sample.yml")
    router = EjabberdShim(stage.folder, "example.org", None, set(), None,
                          extra=f'include_config_file: ["{path}"]')
    with open(SOURCE + "/conf/ejabberd.yml") as file:
        text = change(file.read())
    with open(path, "w") as file:
        file.write(text.replace("5347", str(router.component_port)))
    router.start()
    return router


@test("does what the sample says")
def works(stage):
    router = sample(stage)
    try:
        follows_sample(stage, router)
    finally:
        router.kill()


@test("likes all that the sample says of a judge, which is the default")
def judge(stage):
    router = sample(stage, lambda text: re.sub(
        "(?m)^#(?=     )", " ", text).replace(
            "hosts:\n", 'hosts:\n      "judge.example.org": '
                        '{ password: "x" }\n', 1))
    try:
        hello = attached(stage, router, "judge", "x").hello()
        equal((hello.get("window"), hello.get("credit"), hello.get("fail")),
              ("1000", "64", "closed"))
    finally:
        router.kill()


@test("says what is wrong, and where, and stays as it was")
def wrong(stage):
    rooms = stage.component("rooms")
    lines = stage.router.process.lines
    for complaint, shim in (
            ("no component is named", {}),
            ("rooms.verona.test'->hooks", {"rooms": {"hooks": []}}),
            ("Missing required option", {"rooms": {}}),
            ("there is no hook fly", {"rooms": {"hooks": ["fly"]}}),
            ("act needs what it is for", {"rooms": {"hooks": ["act"]}}),
            ("tap takes nothing after it", {"rooms": {"hooks": ["tap:x"]}}),
            ("credit", {"rooms": {"hooks": ["tap"], "credit": 0}}),
            ("colour", {"rooms": {"hooks": ["tap"], "colour": "red"}}),
            ("profiles are for the hook check",
             {"rooms": {"hooks": ["tap"], "profiles": [{"name": "all"}]}}),
            ("profiles", {"rooms": {"hooks": ["check"], "profiles": []}}),
            ("spool", {"rooms": {"hooks": ["tap"], "spool": 0}}),
            (f"both archive.{DOMAIN} and rooms.{DOMAIN} have the hook check",
             {name: {"hooks": ["check"]} for name in SHIM})):
        since = len(lines)
        try:
            configure(stage, shim)
        except urllib.error.HTTPError:
            pass
        said = stage.router.process.wait_line("reload aborted", since)
        assert complaint in said, f"{complaint}: {said}"
        rooms.fanout(["@"], "<message xmlns='jabber:client' "
                              f"from='{rooms.domain}'/>")
    rooms.silent()
    configure(stage, SHIM)
    lines[:] = [line for line in lines if "reload aborted" not in line]


@test("takes over changes, and tells components of them")
def changes(stage):
    rooms, archive = stage.component("rooms"), stage.component("archive")

    configure(stage, {"rooms": {"hooks": ["fanout", "presence"],
                                "credit": 3}})

    hello = rooms.hello()
    equal((hello.get("hooks"), hello.get("credit")), ("presence fanout", "3"))
    juliet = stage.user("juliet")
    rooms.told("online", jid=juliet.full)
    archive.refused("service-unavailable", "fanout")
    configure(stage, SHIM)
    equal(rooms.hello().get("hooks"), "fanout")
    equal(archive.hello().get("hooks"), "tap")


def delegating(*namespaces):
    return {**SHIM, "archive": {"hooks": ["tap"] + [
        f"delegate:{namespace}" for namespace in namespaces]}}


@test("ends at once what a component answered and may no longer")
def taken(stage):
    archive, (juliet,) = stage.component("archive"), stage.users("juliet")
    configure(stage, delegating("urn:x:diary", "urn:x:notes"))
    archive.hello()
    for namespace in ("urn:x:diary", "urn:x:notes"):
        archive.does("delegate", ns=namespace)

    configure(stage, delegating("urn:x:notes"))

    archive.hello()
    found = juliet.ask("get", juliet.bare, f"<query xmlns='{NS['info']}'/>"
                       ).features
    assert "urn:x:diary" not in found and "urn:x:notes" in found, found
    equal(juliet.ask("get", None, "<query xmlns='urn:x:diary'/>").condition,
          "service-unavailable")
    archive.silent()
    configure(stage, SHIM)
    archive.hello()
    archive.refused("forbidden", "delegate", ns="urn:x:notes")


def change(path, old, new):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert old in text, f"{old} is not in {path}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new, 1))


def make_newer(sources):
    """A module that calls at once what another did not have before."""
    change(sources + "/mod_annex.erl", "\nstart(Host, Opts) ->\n",
           "\nstart(Host, Opts) ->\n    annex_host:novelty(),\n")
    change(sources + "/annex_host.erl", "\n-define(", "\n"
           "-export([novelty/0]).\nnovelty() -> ok.\n-define(")


def make_install(*settings):
    subprocess.run(
        ["make", "-s", "-C", BUILD, "install-dist_ejabberdmoduleDATA",
         "install-dist_ejabberdsourceDATA", *settings],
        check=True, capture_output=True, timeout=60)


def hand_over(home):
    """ejabberd runs as a user of its own."""
    subprocess.run(["chown", "-R", f"--reference={home}", home], check=True)


@test("is installed by module_install, from where make install puts it")
def installed(stage):
    home = own_folder(os.path.join(stage.folder, "contrib"),
                      servant("ejabberd"))
    make_install(f"DESTDIR={stage.folder}/dest", "datadir=/usr/share",
                 "ejabberdmodules=$(pkgdatadir)/ejabberd")
    shutil.copytree(f"{stage.folder}/dest/usr/share/annex/ejabberd/mod_annex",
                    home + "/sources/mod_annex")
    hand_over(home)
    router = EjabberdShim(stage.folder, "padua.test", None, set(), "x",
                          components=["rooms.padua.test"])
    router.process.argv = [word for word in router.process.argv
                           if not word.endswith("/shim")]
    router.process.argv.remove("-pa")
    router.process.env["CONTRIB_MODULES_PATH"] = home
    router.start()
    try:
        rooms = attached(stage, router, "rooms", "x")
        router.command("module_install", module="mod_annex")
        router.configure({"rooms.padua.test": ROOMS})
        router.reload()
        rooms.wait_end()    # what was there before the module comes anew
        rooms = attached(stage, router, "rooms", "x")
        equal(rooms.hello().get("hooks"), "fanout")
        shutil.rmtree(f"{home}/sources/mod_annex")
        make_install("DESTDIR=", f"ejabberdmodules={home}/sources")
        make_newer(f"{home}/sources/mod_annex/src")
        hand_over(home)
        router.command("module_upgrade", module="mod_annex")
        rooms.wait_end()
        equal(attached(stage, router, "rooms", "x").hello().get("hooks"),
              "fanout")
    finally:
        router.kill()


scene(SHIM)
