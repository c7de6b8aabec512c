#!/usr/bin/python3
"""What Prosody had archived in files, taken over."""
import glob
import json
import os
import re
import sys
import time
sys.path.append(sys.path[0] + "/../../lib")
from asked import ask, run
from client import SECS
from guest import equal
from past import (TEXTS, Past, begin, expect_past, read_all, refuse, summary,
                  take)
from reader import read, scene, test
from stage import DOMAIN


def past_of(stage, domain=DOMAIN):
    past = Past(stage, domain, kind="prosody")
    past.place = past.router.folder + "/data"
    return past


def files(past):
    return sorted(glob.glob(f"{past.place}/*/archive/*.list"))


def count(stage):
    return int(stage.ask("SELECT count(*) FROM archive_message")[0][0])


@test("gives users their old messages, by the ids that they know")
def takes(stage):
    past = past_of(stage)
    people = past.talk(*TEXTS)
    total = 2 * len(TEXTS)

    equal(summary(take(stage, "prosody", past.place)), (total, total, 0, 0))
    had = count(stage)
    equal(summary(take(stage, "prosody", past.place)), (total, 0, total, 0))
    equal(count(stage), had)

    for one in people:
        expect_past(stage.session(one, "house"), one)


@test("puts new messages behind the old ones")
def goes_on(stage):
    past = past_of(stage)
    romeo, juliet = past.talk("one", "two")
    take(stage, "prosody", past.place)
    now, other = stage.session(romeo, "house"), stage.session(juliet, "house")

    now.say(other.full, "three")
    other.hears(now.full, "three")
    stage.wait_body("three")

    page = read(other, after=juliet.ids[-1])
    equal((page.bodies, page.complete), (["three"], True))
    equal(read(other, before="", max=2).bodies, ["two", "three"])


@test("counts what it would take, and takes nothing")
def counts(stage):
    past = past_of(stage)
    romeo, _ = past.talk("one", "two")
    had = count(stage)
    said = take(stage, "prosody", past.place, "--dry-run")
    equal(summary(said), (4, 4, 0, 0))
    equal(count(stage), had)
    equal(read(stage.session(romeo, "house")).bodies, [])


@test("gives them to another host, or says that it is none of ours")
def moves(stage):
    past = past_of(stage, "mantua.test")
    people = past.talk("one", "two")

    done = run(stage, "import", "prosody", past.place)
    equal(summary(done.stderr), (4, 0, 0, 4))
    assert ("4 skipped: messages of mantua.test are not kept here"
            in done.stderr), done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()
            if '"skipped"' in line]
    equal({row["user"] for row in rows},
          {f"{one.name}@mantua.test" for one in people})
    said = take(stage, "prosody", past.place, "--from", "mantua.test",
                "--host", DOMAIN)
    equal(summary(said), (4, 4, 0, 0))

    for one in people:
        user = stage.session(one, "house")
        expect_past(user, one)
        with_other = read(user, {"with": [
            f"{other.name}@{DOMAIN}" for other in people
            if other is not one][0]})
        equal(with_other.bodies, ["one", "two"])


@test("takes only what was sent at some time")
def periods(stage):
    past = past_of(stage)
    past.talk("one", "two")
    said = take(stage, "prosody", past.place, "--until", "2020-01-01")
    equal(summary(said), (0, 0, 0, 0))
    said = take(stage, "prosody", past.place, "--since", "2020-01-01")
    equal(summary(said), (4, 4, 0, 0))


@test("names what is broken, by file and line, and takes the rest")
def broken(stage):
    past = past_of(stage)
    romeo, juliet = past.talk("one", "two", "three", "four")
    path, = [path for path in files(past) if juliet.name in path]
    with open(path, encoding="utf-8") as file:
        items = re.findall(r"item\(.*?\n\}\);\n", file.read(), re.S)
    equal(len(items), 4)
    hostile = ("item((function() os.exit() end)());\n",
               "item({" * 200 + "\n", "item({ [\"name\"] = \"<\"; });\n",
               items[0].replace(juliet.ids[0], "\\255\\254"),
               items[0].replace(juliet.ids[0], "x" * 300),
               items[0].replace(romeo.name, "paris").replace(
                   juliet.name, "nurse"))
    with open(path, "w", encoding="utf-8") as file:
        file.write(items[0] + items[1].replace("{", "{ ~", 1)
                   + "".join(hostile) + "".join(items[2:]) + items[0][:-10])

    done = run(stage, "import", "prosody", past.place)

    equal(done.returncode, 0)
    equal(summary(done.stderr), (8 + 1 + len(hostile), 7, 0,
                                 2 + len(hostile)))
    rows = [json.loads(line) for line in done.stdout.splitlines()
            if '"skipped"' in line]
    name = f"{DOMAIN}/{os.path.basename(path)} line "
    equal(rows[0]["place"], name + str(items[0].count("\n") + 1))
    assert all(row["place"].startswith(name) for row in rows), rows
    equal(read(stage.session(juliet, "house")).bodies,
          ["one", "three", "four"])
    expect_past(stage.session(romeo, "house"), romeo)


def wait_more(stage, had):
    end = time.monotonic() + SECS
    while count(stage) <= had:
        assert time.monotonic() < end, "nothing is taken"


@test("goes on after a kill, and takes nothing twice")
def killed(stage):
    past = past_of(stage)
    people = past.pour(1500)
    before = count(stage)
    running = begin(stage, "prosody", past.place)
    wait_more(stage, before)
    stage.annex.kill()
    assert running.wait(30) != 0, "it was done before the kill"
    stage.begin()
    had = count(stage) - before
    assert 0 < had < 3000, had

    said = take(stage, "prosody", past.place)

    equal(summary(said), (3000, 3000 - had, had, 0))
    equal(count(stage) - before, 3000)
    for one in people:
        user = stage.session(one, "hall")
        equal([id for page in read_all(user) for id in page.ids], one.ids)


@test("keeps what is said meanwhile")
def meanwhile(stage):
    past = past_of(stage)
    _, juliet = past.pour(1500)
    before = count(stage)
    paris, other = stage.users("paris", "nurse")
    running = begin(stage, "prosody", past.place)
    wait_more(stage, before)

    texts = [f"meanwhile {number}" for number in range(20)]
    for text in texts:
        paris.say(other.full, text)
        other.hears(paris.full, text)
    page = read(stage.session(juliet, "hall"), max=10)

    equal(page.ids, juliet.ids[:len(page.ids)])
    _, said = running.communicate(timeout=60)
    equal((running.returncode, summary(said)), (0, (3000, 3000, 0, 0)))
    stage.wait_body(texts[-1])
    equal(read(other).bodies, texts)


@test("is in the audit log, with what it took")
def audited(stage):
    past = past_of(stage)
    past.talk("one", "two")
    take(stage, "prosody", past.place)
    _, last, first = ask(stage, "audit", "list", "--limit", "3")
    equal((first["action"], json.loads(first["detail"])),
          ("import", {"source": "prosody", "place": past.place}))
    equal((last["action"], json.loads(last["detail"])),
          ("imported", {"read": 4, "taken": 4, "taken_before": 0,
                        "skipped": 0, "whole": True}))


@test("says what it cannot read")
def unreadable(stage):
    said = refuse(stage, "prosody", "/nowhere")
    assert "/nowhere: No such file" in said, said
    said = refuse(stage, "prosody", stage.folder)
    assert "no host has a folder named archive" in said, said
    said = refuse(stage, "ejabberd", stage.folder)
    assert "it is no file" in said, said


scene()
