#!/usr/bin/python3
"""What is over, by the setting retention, goes; unless it is held."""
import json
import subprocess
import sys
sys.path.append(sys.path[0] + "/../../lib")
from annex import program
from guest import equal
from record import scene, test
from stage import DOMAIN

EME = ("<encryption xmlns='urn:xmpp:eme:0' "
       "namespace='eu.siacs.conversations.axolotl'/>")
MANTUA = "mantua.test"
RULES = (f'"kind remote forever", "kind encrypted 1s", "domain {MANTUA} 1s", '
         '"group passing 1s"')
GROUP = f'group "passing" {{ users = {{ "mercutio@{DOMAIN}" }} }}'


def ask(stage, *words):
    """The rows of a command's answer."""
    out = subprocess.run(
        [program("annexctl"), "-f", stage.folder, "--json", "archive",
         *words], check=True, capture_output=True, text=True,
        timeout=30).stdout
    return [json.loads(line) for line in out.splitlines()
            if line.startswith("{")]


def wait_left(stage, texts):
    """Of those that begin with the same word."""
    word = texts[0].split()[0]
    stage.wait_rows("SELECT body FROM archive_message WHERE body LIKE "
                    f"'{word} %' ORDER BY serial",
                    [(text,) for text in texts])


@test("removes what is over, and nothing else")
def removes(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    romeo.message(juliet.full, EME + "<body>one secret</body>")
    romeo.say(juliet.full, "one open")
    stage.wait_body("one open")

    wait_left(stage, ["one open"])

    stage.wait_metric("annex_archive_expired_total", 3)
    stage.wait_rows("SELECT DISTINCT who FROM audit_entry "
                    "WHERE action = 'expired'", [("retention",)])
    equal(stage.status("retention")[0][:35],
          "all archives were looked through at")


@test("leaves what is held until it is held no more")
def held(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    ask(stage, "hold-add", "matter", juliet.bare)

    romeo.message(juliet.full, EME + "<body>two secret</body>")
    romeo.message(romeo.bare, EME + "<body>two own</body>")
    romeo.say(juliet.full, "two open")

    stage.wait_body("two open")
    wait_left(stage, ["two secret", "two open"])
    rows = ask(stage, "retention")
    equal([row["rule"] for row in rows],
          ["kind remote forever", "kind encrypted 1s",
           f"domain {MANTUA} 1s", "group passing 1s"])
    equal([row["held"] for row in rows], [0, 2, 0, 0])
    ask(stage, "hold-remove", "matter")
    wait_left(stage, ["two open"])


@test("removes what is over for a group, from its members' archives")
def grouped(stage):
    mercutio, juliet = stage.users("mercutio", "juliet")

    mercutio.say(juliet.full, "three")

    stage.wait_rows("SELECT ways FROM archive_message "
                    "WHERE body = 'three'", [("2",)])


scene(f"{GROUP}\nretention = {{{RULES}}}\nretention_pause = 1s",
      own={"archive"})
