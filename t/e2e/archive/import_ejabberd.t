#!/usr/bin/python3
"""What ejabberd had archived in Mnesia, taken over from a dump."""
import json
import os
import re
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ.setdefault("ROUTER", "ejabberd")
from asked import run  # noqa: E402
from guest import equal  # noqa: E402
from past import TEXTS, Past, expect_past, summary, take  # noqa: E402
from reader import read, scene, test  # noqa: E402
from stage import DOMAIN  # noqa: E402


class Mnesia(Past):
    def __init__(self, stage, domain, command="dump_table",
                 options=(("table", "archive_msg"),)):
        super().__init__(stage, domain, kind="ejabberd")
        self.place = f"{self.router.folder}/archive.txt"
        self.command, self.arguments = command, dict(options)

    def finish(self):
        self.router.command(self.command, file=self.place, **self.arguments)
        super().finish()

    def text(self):
        with open(self.place, encoding="latin-1") as file:
            return file.read()

    def write(self, text):
        with open(self.place, "w", encoding="latin-1") as file:
            file.write(text)


def stored(stage, body):
    """The ways of all messages of that text."""
    return sorted(int(ways) for ways, in stage.ask(
        f"SELECT ways FROM archive_message WHERE body = '{body}'"))


@test("gives users their old messages, by the ids that they know")
def takes(stage):
    past = Mnesia(stage, DOMAIN)
    people = past.talk(*TEXTS)
    total = 2 * len(TEXTS)

    said = take(stage, "ejabberd", past.place, "--dry-run")
    equal(summary(said), (total, total, 0, 0))
    equal(summary(take(stage, "ejabberd", past.place)), (total, total, 0, 0))
    equal(summary(take(stage, "ejabberd", past.place)), (total, 0, total, 0))

    for one in people:
        expect_past(stage.session(one, "house"), one)
    # Each copy has an id, and is its owner's.
    equal(stored(stage, "last"), [1, 2])


@test("finds messages in a dump of all tables, for another host")
def all_tables(stage):
    past = Mnesia(stage, "mantua.test", "dump", ())
    people = past.talk("of mantua", "two")

    said = take(stage, "ejabberd", past.place)
    equal(summary(said), (4, 0, 0, 4))
    assert "messages of mantua.test are not kept here" in said, said
    said = take(stage, "ejabberd", past.place, "--from", "mantua.test",
                "--host", DOMAIN)
    equal(summary(said), (4, 4, 0, 0))

    for one in people:
        expect_past(stage.session(one, "house"), one)
    equal(stored(stage, "of mantua"), [1, 2])


@test("names what is broken by its line, and takes the rest")
def broken(stage):
    past = Mnesia(stage, DOMAIN)
    _, juliet = past.talk("one", "two", "three")
    parts = re.split(r"(?m)^(?=\{archive_msg,)", past.text())
    of_juliet = {re.search("one|two|three", part).group(): number
                 for number, part in enumerate(parts) if number
                 and f'{{<<"{juliet.name}">>' in part.split("\n")[0]}
    two, three = of_juliet["two"], of_juliet["three"]
    parts[two] = parts[two].replace("[", "[~", 1)
    parts[three] = re.sub(r"\{\d+,\d+,\d+\}", "{now,1,2}", parts[three],
                          count=1)
    past.write("".join(parts) + parts[two][:-20] + "\n{archive_msg,"
               + "{" * 300 + "\n")
    lines = ["".join(parts[:number]).count("\n") + 1
             for number in (two, three)]

    done = run(stage, "import", "ejabberd", past.place)

    equal((done.returncode, summary(done.stderr)), (0, (8, 4, 0, 4)))
    places = [json.loads(line)["place"]
              for line in done.stdout.splitlines() if '"skipped"' in line]
    assert {f"line {line}" for line in lines} < set(places), places
    equal(read(stage.session(juliet, "house")).bodies, ["one"])


scene()
