#!/usr/bin/python3
"""What ejabberd had stored in Mnesia, taken over from a dump."""
import os
import re
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ.setdefault("ROUTER", "ejabberd")
from former import TEXTS, Former, ask, expect_all, summary  # noqa: E402
from guest import equal  # noqa: E402
from mail import arrive, scene, test  # noqa: E402
from stage import DOMAIN  # noqa: E402


class Mnesia(Former):
    def __init__(self, stage, domain, command="dump_table",
                 options=(("table", "offline_msg"),)):
        super().__init__(stage, domain, kind="ejabberd")
        self.path = f"{self.router.folder}/offline.txt"
        self.command, self.arguments = command, dict(options)

    def finish(self):
        self.router.command(self.command, file=self.path, **self.arguments)
        super().finish()

    def text(self):
        with open(self.path, encoding="latin-1") as file:
            return file.read()

    def write(self, text):
        with open(self.path, "w", encoding="latin-1") as file:
            file.write(text)

    def stamps(self, name):
        """When each message of that user came."""
        found = re.findall(
            r"^\{offline_msg,\s*\{<<\"" + name + r"\">>,<<\"[^\"]+\">>\},"
            r"\s*\{(\d+),(\d+),(\d+)\}", self.text(), re.M)
        # The milliseconds that XEP-0082 is written with.
        return sorted(int(mega) * 10 ** 6 + int(secs)
                      + int(micros) // 1000 / 1000
                      for mega, secs, micros in found)


def take(stage, former, *options):
    return ask(stage, "import", "ejabberd", former.path, *options)


@test("takes each message once, in order, with its time")
def takes(stage):
    former = Mnesia(stage, DOMAIN)
    people = former.leave_all(
        [(f"romeo{number % 3}", name, text)
         for number, text in enumerate(TEXTS)
         for name in ("juliet", "nurse", "tybalt")])
    total = 3 * len(TEXTS)

    rows, said = take(stage, former)
    equal((rows, summary(said)), ([], (total, total, 0, 0)))
    rows, said = take(stage, former)
    equal((rows, summary(said)), ([], (total, 0, total, 0)))

    for user in people.values():
        expect_all(stage, user, TEXTS, former.stamps(user.name))
    equal(summary(take(stage, former)[1]), (total, 0, total, 0))
    arrive(people["juliet"]).nothing(stage)


@test("finds messages in a dump of all tables, for another host")
def all_tables(stage):
    former = Mnesia(stage, "mantua.test", "dump", ())
    juliet = former.leave("juliet", ["one", "two"])

    rows, said = take(stage, former)
    equal(summary(said), (2, 0, 0, 2))
    assert "mantua.test are not kept here" in rows[0]["skipped"], rows
    _, said = take(stage, former, "--from", "mantua.test", "--host", DOMAIN)
    equal(summary(said), (2, 2, 0, 0))

    expect_all(stage, juliet, ["one", "two"], former.stamps(juliet.name))


@test("names what is broken or has expired by its line, and takes the rest")
def broken(stage):
    former = Mnesia(stage, DOMAIN)
    juliet = former.leave("juliet", ["one", "two", "three"])
    text = former.text()
    parts = re.split(r"(?m)^(?=\{offline_msg,)", text)
    where = {re.search("one|two|three", part).group(): number
             for number, part in enumerate(parts) if number}
    parts[where["two"]] = parts[where["two"]].replace("[", "[~", 1)
    parts[where["three"]] = parts[where["three"]].replace(
        "never", "{1,2,3}", 1)
    former.write("".join(parts) + parts[where["one"]][:-20])
    lines = ["".join(parts[:number]).count("\n") + 1
             for number in (where["two"], len(parts), where["three"])]

    rows, said = take(stage, former)

    equal(summary(said), (4, 1, 0, 3))
    equal([row["place"] for row in rows], [f"line {line}" for line in lines])
    assert rows[2]["skipped"] == "it has expired", rows
    equal(arrive(juliet).mail(1), ["one"])


scene("user_messages = 0\nsender_messages = 0")
