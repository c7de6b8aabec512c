#!/usr/bin/python3
"""What routers had stored in databases, taken over."""
import glob
import os
import re
import sqlite3
import sys
from contextlib import closing
sys.path.append(sys.path[0] + "/../../lib")
from former import TEXTS, Former, ask, begin, expect_all, summary
from guest import equal
from mail import arrive, scene, test
from postgres import NAME, Postgres, wait_until
from stage import DOMAIN
from stanza import seconds

PROSODY = ("SELECT \"when\" FROM prosodyarchive WHERE store = 'offline' "
           "AND \"user\" = '{}' ORDER BY sort_id")
PROSODY_SQL = 'storage = "sql"\nsql = {{ {} }}'
EJABBERD = "SELECT xml FROM spool WHERE username = '{}' ORDER BY seq"


def read_stamps(text):
    """In what a query told: seconds, or stanzas with a delay, to the
    millisecond."""
    stamps = re.findall(r"stamp='([^']*)'", text)
    if stamps:
        return [int(seconds(stamp) * 1000) / 1000 for stamp in stamps]
    return [int(line) for line in text.splitlines()]


class Sqlite(Former):
    """query: what tells when a user's messages came, in their order; path:
    of the database, below the router's folder."""

    def __init__(self, stage, source, query, path, **options):
        super().__init__(stage, DOMAIN, **options)
        self.source, self.query = source, query
        self.path = f"{self.router.folder}/{path}"
        self.place = "sqlite:" + self.path

    def stamps(self, name):
        with closing(sqlite3.connect(self.path)) as connection:
            return read_stamps("\n".join(
                str(row[0]) for row in
                connection.execute(self.query.format(name))))


class Server(Former):
    """The same in PostgreSQL."""

    def __init__(self, stage, database, source, query, **options):
        super().__init__(stage, DOMAIN, **options)
        self.source, self.query = source, query
        self.database = database
        self.place = database.tcp_url

    def stamps(self, name):
        return read_stamps(self.database.sql(self.query.format(name)))


def take(stage, former, *options):
    return ask(stage, "import", former.source, former.place, *options)


def try_former(stage, former):
    people = former.leave_all([("romeo", name, text) for text in TEXTS
                               for name in ("juliet", "nurse")])
    total = 2 * len(TEXTS)

    equal(summary(take(stage, former, "--dry-run")[1]), (total, total, 0, 0))
    rows, said = take(stage, former)
    equal((rows, summary(said)), ([], (total, total, 0, 0)))
    equal(summary(take(stage, former)[1]), (total, 0, total, 0))

    for user in people.values():
        expect_all(stage, user, TEXTS, former.stamps(user.name))
    equal(summary(take(stage, former)[1]), (total, 0, total, 0))
    arrive(people["juliet"]).nothing(stage)


def server(stage, name):
    database = Postgres(os.path.join(stage.folder, name))
    database.start()
    return database


@test("takes what Prosody has in SQLite, and leaves the file as it was")
def prosody_sqlite(stage):
    former = Sqlite(stage, "prosody-sql", PROSODY, "data/former.sqlite",
                    kind="prosody",
                    storage=PROSODY_SQL.format('driver = "SQLite3", '
                                               'database = "former.sqlite"'))
    try_former(stage, former)
    with open(former.path, "rb") as file:
        before = file.read()
    take(stage, former)
    with open(former.path, "rb") as file:
        assert file.read() == before, "it was changed"
    equal(glob.glob(former.path + "-*"), [])


@test("takes what Prosody has in PostgreSQL, and logs no password")
def prosody_postgres(stage):
    database = server(stage, "prosody-pg")
    try:
        try_former(stage, Server(
            stage, database, "prosody-sql", PROSODY, kind="prosody",
            storage=PROSODY_SQL.format(
                'driver = "PostgreSQL", host = "127.0.0.1", '
                f'port = {database.port}, database = "{NAME}", '
                f'username = "{NAME}", password = "{NAME}"')))
    finally:
        database.stop()
    for line in stage.annex.process.lines:
        assert f":{NAME}@" not in line, line


def ejabberd_in_sqlite(stage, new):
    former = Sqlite(stage, "ejabberd-sql", EJABBERD, "former.db",
                    kind="ejabberd")
    former.router.values["extra"] = (
        f'sql_type: sqlite\nsql_database: "{former.path}"\n'
        f'default_db: sql\nnew_sql_schema: {new}\n')
    former.router.configure(None)
    try_former(stage, former)


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
        try_former(stage, Server(
            stage, database, "ejabberd-sql", EJABBERD, kind="ejabberd",
            extra='sql_type: pgsql\nsql_server: "127.0.0.1"\n'
                  f'sql_port: {database.port}\nsql_database: {NAME}\n'
                  f'sql_username: {NAME}\nsql_password: {NAME}\n'
                  'default_db: sql\nnew_sql_schema: false\n'))
    finally:
        database.stop()


@test("names rows that are broken, and takes the rest")
def broken(stage):
    path = stage.folder + "/broken.db"
    juliet = stage.absent("juliet")
    message = "<message from='r@b' to='{}'><body>{}</body></message>"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE spool (username text, xml text, "
                           "seq INTEGER PRIMARY KEY)")
        connection.executemany(
            "INSERT INTO spool VALUES (?, ?, ?)",
            [(juliet.name, message.format(juliet.bare, "one"), 3),
             (juliet.name, "<message", 5),
             (juliet.name, None, 6),
             (None, message.format("", ""), 7),
             (juliet.name, message.format(juliet.bare, "two"), 1 << 40)])

    rows, said = ask(stage, "import", "ejabberd-sql", "sqlite:" + path)

    equal(summary(said), (5, 2, 0, 3))
    equal([row["place"] for row in rows], ["row 5", "row 6", "row 7"])
    equal(arrive(juliet).mail(2), ["one", "two"])


@test("says when there is no such database, or no such table")
def missing(stage):
    _, said = ask(stage, "import", "prosody-sql", "sqlite:/nowhere", status=1)
    assert "/nowhere: unable to open" in said, said
    path = stage.folder + "/empty.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE other (one text)")
    _, said = ask(stage, "import", "prosody-sql", "sqlite:" + path, status=1)
    assert "table cannot be read" in said, said
    _, said = ask(stage, "import", "prosody-sql", "none", status=1)
    assert "a database is wanted" in said, said
    _, said = ask(stage, "import", "prosody-sql",
                  "postgresql://127.0.0.1:1/x", status=1)
    assert "refused" in said, said


@test("is cancelled at once while the router's database is silent")
def cancelled(stage):
    database = server(stage, "silent-pg")
    words = "import", "ejabberd-sql", database.tcp_url
    try:
        database.sql("CREATE TABLE spool (username text, xml text, "
                     "seq BIGINT)", user=NAME)
        lock = database.lock("spool", "ACCESS EXCLUSIVE")
        with lock:
            running = begin(stage, *words)
            wait_until(lambda: database.sql("SELECT 1 FROM pg_locks "
                                            "WHERE NOT granted"), "wait")
            _, said = ask(stage, *words, status=1)
            assert "another import is under way" in said, said

            since = len(stage.annex.process.lines)
            running.kill()
            running.communicate()
            stage.annex.process.wait_line(
                "import of ejabberd-sql: cancelled", since)
            _, said = ask(stage, "import", "prosody-sql", "sqlite:/nowhere",
                          status=1)
            assert "unable to open" in said, said
        equal(summary(ask(stage, *words)[1]), (0, 0, 0, 0))
    finally:
        database.stop()


scene("user_messages = 0\nsender_messages = 0")
