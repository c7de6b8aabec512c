#!/usr/bin/python3
"""What is held for a matter, by annexctl."""
import json
import subprocess
import sys
sys.path.append(sys.path[0] + "/../../lib")
from annex import program
from guest import equal
from record import scene, test


def run(stage, *words):
    return subprocess.run(
        [program("annexctl"), "-f", stage.folder, "--json", "archive",
         *words], capture_output=True, text=True, timeout=30)


def ask(stage, *words, says=""):
    """The rows of a command's answer; says ends what is said besides."""
    done = run(stage, *words)
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(says), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()
            if line.startswith("{")]


@test("holds an address for a matter, lists it and holds it no more")
def hold(stage):
    romeo = stage.user("romeo")

    ask(stage, "hold-add", "Verona v. Mantua", romeo.full,
        "--since", "2026-11-01", "--note", "on paper",
        says=f"Messages of {romeo.bare} are held.\n")

    row, = ask(stage, "hold-list", says="1 hold.\n")
    equal((row["matter"], row["whose"], row["since"], row["note"]),
          ("Verona v. Mantua", romeo.bare, "2026-11-01T00:00:00Z",
           "on paper"))
    assert row.get("until") is None, row
    ask(stage, "hold-remove", "Verona v. Mantua", says="1 hold removed.\n")
    equal(ask(stage, "hold-list", says="0 holds.\n"), [])


@test("refuses to hold twice, or to forget what is not held")
def refuses(stage):
    ask(stage, "hold-add", "one", "capulet.test")

    twice = run(stage, "hold-add", "one", "capulet.test")
    gone = run(stage, "hold-remove", "two")

    assert twice.returncode != 0 and "already" in twice.stderr, twice.stderr
    assert gone.returncode != 0 and "no such hold" in gone.stderr, gone.stderr
    ask(stage, "hold-remove", "one")


@test("keeps what is held when it starts again")
def lasts(stage):
    ask(stage, "hold-add", "one", "capulet.test")

    stage.annex.stop()
    stage.begin()

    row, = ask(stage, "hold-list")
    equal(row["whose"], "capulet.test")
    ask(stage, "hold-remove", "one")


scene(own={"archive"})
