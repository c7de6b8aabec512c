#!/usr/bin/python3
"""What was said in rooms that another service had, taken over."""
import itertools
import os
import subprocess
import sys
sys.path.append(sys.path[0] + "/../../lib")
from annex import program
from client import register
from ejabberdshim import EjabberdShim
from guest import equal, succeeds
from lookback import bodies, garden, look, page
from past import TEXTS, summary
from prosodyshim import ProsodyShim
from scene import scene, test
from stage import SECRET
from user import User
from xml.sax.saxutils import unescape

OLD = "mantua.test"
OLD_ROOMS = "rooms." + OLD
# Prosody is waited for until it listens for components as well.
PROSODY_ROOMS = f"""
Component "{OLD_ROOMS}" "muc"
    modules_enabled = {{ "muc_mam" }}
    muc_room_locking = false
    muc_room_default_persistent = true

Component "gate.{OLD}"
    component_secret = "{SECRET}"
"""
PROSODY_SQL = ('storage = "sql"\n'
               'sql = { driver = "SQLite3", database = "past.sqlite" }')
EJABBERD_ROOMS = f"""
  mod_muc:
    host: "{OLD_ROOMS}"
    default_room_options: {{ mam: true, persistent: true }}
"""
numbers = itertools.count(1)


def folder(stage):
    path = os.path.join(stage.folder, f"past{next(numbers)}")
    os.mkdir(path, 0o755)
    return path


def prosody(stage, **options):
    return ProsodyShim(folder(stage), OLD, {}, set(), SECRET,
                       others=PROSODY_ROOMS, **options)


def ejabberd(stage, extra=""):
    router = EjabberdShim(folder(stage), OLD, {}, {"archive"}, SECRET,
                          extra=extra)
    router.values["modules"] += EJABBERD_ROOMS
    if extra:
        router.values["modules"] = router.values["modules"].replace(
            "db_type: mnesia", "db_type: sql")
    router.configure(None)
    return router


def enter(stage, router, name, room):
    register(router.client_port, router.domain, name)
    user = User(stage.loop, router.client_port, router.domain, name,
                "house").login()
    user.send(f"<presence to='{room}/{name}'>"
              "<x xmlns='http://jabber.org/protocol/muc'/></presence>")
    user.pick(lambda word: word.kind == "presence"
              and word.sender == f"{room}/{name}", "the own presence")
    return user


def talk(stage, router, room, texts=TEXTS):
    """Two say these things in a room of that name; returns the ids by which
    they saw them."""
    there = f"{room.jid.split('@')[0]}@{OLD_ROOMS}"
    router.start()
    people = [enter(stage, router, name, there)
              for name in ("romeo", "juliet")]
    ids = []
    for number, text in enumerate(texts):
        who = people[number % 2]
        who.message(there, f"<body>{text}</body>", type="groupchat")
        for one in people:
            heard = one.pick(lambda word: word.kind == "message" and
                             word.body == unescape(text), "what was said")
        ids += [element.get("id")
                for element in heard.find_all("sid:stanza-id")
                if element.get("by") == there]
    equal(len(ids), len(texts))
    for one in people:
        one.logout()
    return ids


def take(stage, source, place, *options):
    done = subprocess.run(
        [program("annexctl"), "-f", stage.folder, "muc", "import", source,
         place, "--from", OLD_ROOMS, "--host", stage.rooms, *options],
        capture_output=True, text=True, timeout=60)
    equal(done.returncode, 0)
    return done.stdout + done.stderr


def try_past(stage, router, source, place, finish=lambda: None):
    romeo, = stage.cast("romeo")
    room = garden(stage)
    ids = talk(stage, router, room)
    finish()
    router.stop()

    said = take(stage, source, place, "--dry-run")
    assert summary(said) == (len(TEXTS), len(TEXTS), 0, 0), said
    equal(summary(take(stage, source, place)),
          (len(TEXTS), len(TEXTS), 0, 0))
    equal(summary(take(stage, source, place)),
          (len(TEXTS), 0, len(TEXTS), 0))
    romeo.say(room, "and now")
    stage.hush()

    results, _ = look(romeo, room)
    equal([result.message.body for result in results],
          [unescape(text) for text in TEXTS] + ["and now"])
    equal([result.id for result in results[:-1]], ids)
    equal([result.message.sender for result in results[:2]],
          [room.at("romeo"), room.at("juliet")])
    equal(bodies(romeo, room, page(after=ids[-2])),
          [unescape(TEXTS[-1]), "and now"])
    # The owner of the room is a moderator.
    succeeds(romeo.ask("set", room.jid,
                       "<moderate xmlns='urn:xmpp:message-moderate:1' "
                       f"id='{ids[0]}'><retract "
                       "xmlns='urn:xmpp:message-retract:1'/></moderate>"))
    stage.hush()
    equal(bodies(romeo, room, page(max=2)), [None, unescape(TEXTS[1])])


@test("takes what Prosody has in files")
def prosody_files(stage):
    router = prosody(stage)
    try_past(stage, router, "prosody", router.folder + "/data")


@test("takes what Prosody has in a database")
def prosody_sql(stage):
    router = prosody(stage, storage=PROSODY_SQL)
    try_past(stage, router, "prosody",
             f"sqlite:{router.folder}/data/past.sqlite")


@test("takes what ejabberd has in Mnesia")
def ejabberd_mnesia(stage):
    router = ejabberd(stage)
    place = f"{router.folder}/archive.txt"
    try_past(stage, router, "ejabberd", place, lambda: router.command(
        "dump_table", file=place, table="archive_msg"))


@test("takes what ejabberd has in a database")
def ejabberd_sql(stage):
    path = f"{stage.folder}/past-rooms/past.db"
    os.mkdir(os.path.dirname(path), 0o777)
    os.chmod(os.path.dirname(path), 0o777)
    router = ejabberd(stage, f'sql_type: sqlite\nsql_database: "{path}"\n'
                             'default_db: sql\nnew_sql_schema: true\n')
    try_past(stage, router, "ejabberd", "sqlite:" + path)


@test("skips what is of rooms that are not here, or have no archive")
def others(stage):
    romeo, = stage.cast("romeo")
    room = garden(stage)
    router = prosody(stage)
    talk(stage, router, room, ["one", "two"])
    router.stop()
    succeeds(romeo.configure(room, enablearchiving=0))
    stage.hush()

    said = take(stage, "prosody", router.folder + "/data")
    equal(summary(said), (2, 0, 0, 2))
    assert "2 skipped: the room has no archive" in said, said
    romeo.destroy(room)
    stage.hush()
    said = take(stage, "prosody", router.folder + "/data")
    equal(summary(said), (2, 0, 0, 2))
    assert "2 skipped: there is no such persistent room here" in said, said


scene('archive = "chosen"\n    journal = "muc.journal"')
