#!/usr/bin/python3
"""What routers had archived in databases, taken over."""
import os
import sqlite3
import sys
from contextlib import closing
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from past import (TEXTS, Past, begin, expect_past, refuse, summary, take)
from postgres import NAME, Postgres, wait_until
from reader import read, scene, test
from stage import DOMAIN

PROSODY_SQL = 'storage = "sql"\nsql = {{ {} }}'


def server(stage, name):
    database = Postgres(os.path.join(stage.folder, name))
    database.start()
    return database


def try_past(stage, past, source, place):
    people = past.talk(*TEXTS)
    total = 2 * len(TEXTS)

    said = take(stage, source, place, "--dry-run")
    equal(summary(said), (total, total, 0, 0))
    equal(summary(take(stage, source, place)), (total, total, 0, 0))
    equal(summary(take(stage, source, place)), (total, 0, total, 0))

    for one in people:
        expect_past(stage.session(one, "house"), one)


@test("takes what Prosody has in SQLite, and leaves the file as it was")
def prosody_sqlite(stage):
    past = Past(stage, DOMAIN, kind="prosody", storage=PROSODY_SQL.format(
        'driver = "SQLite3", database = "past.sqlite"'))
    path = f"{past.router.folder}/data/past.sqlite"
    try_past(stage, past, "prosody", "sqlite:" + path)
    with open(path, "rb") as file:
        before = file.read()
    take(stage, "prosody", "sqlite:" + path)
    with open(path, "rb") as file:
        assert file.read() == before, "it was changed"


@test("takes what Prosody has in PostgreSQL, and tells no password")
def prosody_postgres(stage):
    database = server(stage, "prosody-pg")
    try:
        past = Past(stage, DOMAIN, kind="prosody",
                    storage=PROSODY_SQL.format(
                        'driver = "PostgreSQL", host = "127.0.0.1", '
                        f'port = {database.port}, database = "{NAME}", '
                        f'username = "{NAME}", password = "{NAME}"'))
        try_past(stage, past, "prosody", database.tcp_url)
    finally:
        database.stop()
    for line in stage.annex.process.lines:
        assert f":{NAME}@" not in line, line
    equal(stage.ask("SELECT count(*) FROM audit_entry WHERE detail LIKE "
                    f"'%:{NAME}@%'"), [("0",)])


def ejabberd_in_sqlite(stage, new):
    past = Past(stage, DOMAIN, kind="ejabberd")
    path = f"{past.router.folder}/past.db"
    past.router.values["extra"] = (
        f'sql_type: sqlite\nsql_database: "{path}"\n'
        f'default_db: sql\nnew_sql_schema: {new}\n')
    in_sql(past.router)
    past.router.configure(None)
    try_past(stage, past, "ejabberd", "sqlite:" + path)


def in_sql(router):
    """Its archive is where all else is."""
    router.values["modules"] = router.values["modules"].replace(
        "db_type: mnesia", "db_type: sql")


@test("takes what ejabberd has in SQLite")
def ejabberd_sqlite(stage):
    ejabberd_in_sqlite(stage, "false")


@test("takes what ejabberd has in SQLite by its new schema")
def ejabberd_new(stage):
    ejabberd_in_sqlite(stage, "true")


@test("takes what ejabberd has in PostgreSQL")
def ejabberd_postgres(stage):
    database = server(stage, "ejabberd-pg")
    try:
        schema = "/usr/share/ejabberd/sql/pg.sql"
        database.run(database.psql(user=NAME) + ["-f", schema])
        past = Past(stage, DOMAIN, kind="ejabberd",
                    extra='sql_type: pgsql\nsql_server: "127.0.0.1"\n'
                          f'sql_port: {database.port}\nsql_database: {NAME}\n'
                          f'sql_username: {NAME}\nsql_password: {NAME}\n'
                          'default_db: sql\nnew_sql_schema: false\n')
        in_sql(past.router)
        past.router.configure(None)
        try_past(stage, past, "ejabberd", database.tcp_url)
    finally:
        database.stop()


# As ejabberd's schema has it, as far as it is read.
ARCHIVE = ("CREATE TABLE archive (username text, timestamp BIGINT, "
           "bare_peer text, xml text, id INTEGER PRIMARY KEY, kind text)")


@test("gives two messages of one id a place each, and names broken rows")
def odd(stage):
    path = stage.folder + "/odd.db"
    romeo, juliet = stage.users("romeo", "juliet")
    when = 1700000000000007
    message = "<message from='{}' to='{}' type='chat'><body>{}</body>" \
              "</message>"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(ARCHIVE)
        connection.executemany(
            "INSERT INTO archive VALUES (?, ?, ?, ?, ?, ?)",
            [(romeo.name, when, "a@b", message.format(romeo.full, "a@b",
                                                      "one"), 3, "chat"),
             (juliet.name, when, "c@d", message.format("c@d", juliet.full,
                                                       "two"), 4, "chat"),
             (juliet.name, when + 1, "c@d", "<message", 5, "chat"),
             (juliet.name, when, "c@d", None, 6, "chat"),
             (juliet.name, -1, "c@d", message.format("c@d", juliet.full,
                                                     "x"), 7, "chat"),
             (juliet.name, when, "c@d", "\x01zip", 8, "chat"),
             ("hall@rooms." + DOMAIN, when, "c@d", message.format(
                 "c@d", "hall@rooms", "x"), 9, "groupchat")])

    said = take(stage, "ejabberd", "sqlite:" + path)

    equal(summary(said), (6, 2, 0, 4))
    page = read(romeo)
    equal((page.bodies, page.ids), (["one"], [str(when)]))
    page = read(juliet)
    equal(page.bodies, ["two"])
    equal(read(juliet, after=page.last).bodies, [])
    equal(summary(take(stage, "ejabberd", "sqlite:" + path)), (6, 0, 2, 4))


@test("says when there is no such database, or no such table")
def missing(stage):
    said = refuse(stage, "prosody", "sqlite:/nowhere")
    assert "/nowhere: unable to open" in said, said
    path = stage.folder + "/empty.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE other (one text)")
    said = refuse(stage, "ejabberd", "sqlite:" + path)
    assert "table cannot be read" in said, said
    said = refuse(stage, "prosody", "postgresql://127.0.0.1:1/x")
    assert "refused" in said, said
    said = refuse(stage, "prosody", "mysql://127.0.0.1/x")
    assert "mysql" in said or "postgresql" in said, said


@test("is cancelled at once while the router's database is silent")
def cancelled(stage):
    database = server(stage, "silent-pg")
    words = "ejabberd", database.tcp_url
    try:
        database.sql(ARCHIVE, user=NAME)
        with database.lock("archive", "ACCESS EXCLUSIVE"):
            running = begin(stage, *words)
            wait_until(lambda: database.sql("SELECT 1 FROM pg_locks "
                                            "WHERE NOT granted"), "wait")
            said = refuse(stage, *words)
            assert "another import is under way" in said, said

            since = len(stage.annex.process.lines)
            running.kill()
            running.communicate()
            stage.annex.process.wait_line(
                "import of ejabberd-sql: cancelled", since)
            said = refuse(stage, "prosody", "sqlite:/nowhere")
            assert "unable to open" in said, said
        equal(summary(take(stage, *words)), (0, 0, 0, 0))
    finally:
        database.stop()


scene()
