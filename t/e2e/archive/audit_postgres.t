#!/usr/bin/python3
"""A role that cannot change the audit log, as the manual makes it."""
import os
import re
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ["DB"] = "postgres"
from annex import SOURCE
from asked import ask, run
from guest import equal
from postgres import PostgresError
from record import scene, test

HARMS = ("UPDATE audit_entry SET who = 'x'", "DELETE FROM audit_entry",
         "TRUNCATE audit_entry", "DROP TABLE audit_entry",
         "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
         "DROP TRIGGER audit_entry_stays ON audit_entry",
         "CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS TRIGGER "
         "LANGUAGE sql AS 'SELECT NULL'")


def grants():
    """The statements of the manual."""
    path = os.path.join(SOURCE, "components/archive/archive.8")
    with open(path, encoding="utf-8") as file:
        text, = re.findall(r"^ALTER TABLE audit_entry OWNER.*?(?=^\.Ed)",
                           file.read(), re.M | re.S)
    return text.splitlines()


@test("cannot change the log, but add to it")
def separate(stage):
    ask(stage, "search", "--text", "before")
    stage.database.sql("CREATE ROLE auditor", *grants())

    for sql in HARMS:
        try:
            stage.database.sql(sql, user="annex")
        except PostgresError as error:
            assert "must be owner" in str(error) or \
                "permission denied" in str(error), error
        else:
            raise AssertionError(f"it may: {sql}")
    ask(stage, "search", "--text", "after")

    rows = ask(stage, "audit", "list")
    equal([row["detail"] for row in rows],
          ['{"what":"list"}', '{"text":"after"}', '{"text":"before"}'])
    equal(run(stage, "audit", "verify").returncode, 0)


@test("starts and stores as before")
def again(stage):
    stage.annex.stop()
    stage.begin()
    romeo, juliet = stage.users("romeo", "juliet")
    romeo.say(juliet.full, "stored by another role")
    stage.wait_body("stored by another role")


scene()
