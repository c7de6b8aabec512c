#!/usr/bin/python3
"""What Prosody had stored, taken over."""
import glob
import os
import re
import sys
sys.path.append(sys.path[0] + "/../../lib")
from former import TEXTS, Former, ask, begin, expect_all, summary
from guest import equal
from mail import arrive, scene, test
from stage import DOMAIN


class Files(Former):
    def __init__(self, stage, domain):
        super().__init__(stage, domain, kind="prosody")


def files(former):
    return sorted(glob.glob(f"{former.router.folder}/data/*/offline/*.list"))


def stamps(former):
    """When each message came, as its file says."""
    with open(files(former)[0], encoding="utf-8") as file:
        return [int(when) for when in
                re.findall(r'\["when"\] = (\d+)', file.read())]


def take(stage, former, *options):
    return ask(stage, "import", "prosody", former.router.folder + "/data",
               *options)


@test("takes each message once, in order, with its time")
def takes(stage):
    former = Files(stage, DOMAIN)
    juliet = former.leave("juliet", TEXTS)

    rows, said = take(stage, former)
    equal((rows, summary(said)), ([], (len(TEXTS), len(TEXTS), 0, 0)))
    rows, said = take(stage, former)
    equal((rows, summary(said)), ([], (len(TEXTS), 0, len(TEXTS), 0)))

    expect_all(stage, juliet, TEXTS, stamps(former))
    equal(summary(take(stage, former)[1]), (len(TEXTS), 0, len(TEXTS), 0))
    arrive(juliet).nothing(stage)


@test("counts what it would take, and takes nothing")
def counts(stage):
    former = Files(stage, DOMAIN)
    juliet = former.leave("juliet", ["one", "two"])

    _, said = take(stage, former, "--dry-run")

    equal(summary(said), (2, 2, 0, 0))
    equal(ask(stage, "count", "--user", juliet.bare)[0][0]["messages"], 0)


@test("gives them to another host, or says that it is none of ours")
def moves(stage):
    former = Files(stage, "mantua.test")
    juliet = former.leave("juliet", ["one", "two"])

    rows, said = take(stage, former)
    equal(summary(said), (2, 0, 0, 2))
    equal([row["user"] for row in rows], [f"{juliet.name}@mantua.test"] * 2)
    assert "mantua.test are not kept here" in rows[0]["skipped"], rows
    _, said = take(stage, former, "--from", "padua.test", "--host", DOMAIN)
    equal(summary(said), (0, 0, 0, 0))
    _, said = take(stage, former, "--from", "mantua.test", "--host", DOMAIN)
    equal(summary(said), (2, 2, 0, 0))

    expect_all(stage, juliet, ["one", "two"], stamps(former))


@test("delivers at once to those who are there")
def present(stage):
    former = Files(stage, DOMAIN)
    reader = arrive(former.leave("juliet", ["one", "two"]))

    take(stage, former)

    equal(reader.mail(2), ["one", "two"])
    reader.nothing(stage)


@test("names what is broken, by file and line, and takes the rest")
def broken(stage):
    former = Files(stage, DOMAIN)
    juliet = former.leave("juliet", ["one", "two", "three"])
    path, = files(former)
    with open(path, encoding="utf-8") as file:
        first, second, third = re.findall(r"item\(.*?\n\}\);\n", file.read(),
                                          re.S)
    with open(path, "w", encoding="utf-8") as file:
        file.write(first + second.replace("{", "{ ~", 1) + third
                   + first[:-10])
    line = first.count("\n")

    rows, said = take(stage, former)

    equal(summary(said), (4, 2, 0, 2))
    name = f"{DOMAIN}/{os.path.basename(path)}"
    equal([row["place"] for row in rows],
          [f"{name} line {line + 1}",
           f"{name} line {2 * line + third.count(chr(10)) + 1}"])
    equal(arrive(juliet).mail(2), ["one", "three"])


@test("skips what is above a limit, and says so")
def limits(stage):
    former = Files(stage, DOMAIN)
    juliet = former.leave("juliet", ["one", "two", "three"])
    stage.configure("user_messages = 2")

    rows, said = take(stage, former)
    equal(summary(said), (3, 2, 0, 1))
    equal(rows[0]["user"], juliet.bare)
    stage.configure("user_messages = 0\nsender_messages = 0")
    equal(summary(take(stage, former)[1]), (3, 1, 2, 0))

    equal(arrive(juliet).mail(3), ["one", "two", "three"])


@test("goes on after a kill, and takes nothing twice")
def killed(stage):
    former = Files(stage, DOMAIN)
    texts = [str(number) for number in range(3000)]
    juliet = former.leave("juliet", texts)
    before = stage.counted("imported")
    running = begin(stage, "import", "prosody",
                    former.router.folder + "/data")
    stage.wait_counted("imported", before + 1)
    stage.annex.kill()
    assert running.wait(30) != 0, "it was done before the kill"
    since = len(stage.annex.process.lines)
    stage.annex.start()
    stage.annex.process.wait_line("has for us", since)
    had = ask(stage, "count", "--user", juliet.bare)[0][0]["messages"]
    assert had > 0, had

    _, said = take(stage, former)

    equal(summary(said), (3000, 3000 - had, had, 0))
    expect_all(stage, juliet, texts, stamps(former))


@test("says what it cannot read")
def unreadable(stage):
    former = Files(stage, DOMAIN)
    _, said = ask(stage, "import", "prosody", "/nowhere", status=1)
    assert "/nowhere: No such file" in said, said
    _, said = ask(stage, "import", "prosody", former.router.folder, status=1)
    assert "no host has a folder named offline" in said, said


scene("user_messages = 0\nsender_messages = 0")
