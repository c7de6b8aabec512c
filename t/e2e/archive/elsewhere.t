#!/usr/bin/python3
"""What our people say and are shown in rooms that annex-muc does not keep: here
those of the router itself."""
import json
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
from asked import ask, run
from guest import equal, succeeds
from reader import read, scene, test
from record import RecordStage
from stage import DOMAIN
from stanza import NS

ROOMS = f"conference.{DOMAIN}"
PROSODY = f"""
Component "{ROOMS}" "muc"
"""
SETTINGS = """
compliance "named" {{ users = {{ {} }} }}
"""


def enter(room, *people):
    """They are inside, and have seen what was said before."""
    for user in people:
        user.send(f"<presence to='{room}/{user.name}'>"
                  f"<x xmlns='{NS['muc']}'/></presence>")
        user.pick(lambda word: word.kind == "message"
                  and word.find("c:subject") is not None, "the subject")
    for user in people:
        user.forget()


def gather(room, owner, *people):
    """A new room, with them inside."""
    enter(room, owner)
    succeeds(owner.ask("set", room, f"<query xmlns='{NS['owner']}'>"
                       f"<x xmlns='{NS['data']}' type='submit'/></query>"))
    enter(room, *people)
    owner.forget()


def watch(stage, *people, rest=""):
    stage.configure_annex(SETTINGS.format(", ".join(
        f'"{user.bare}"' for user in people)) + rest)


def say(room, text, sender, *readers, content=""):
    sender.message(room, f"<body>{text}</body>{content}", "groupchat",
                   id=f"id-{text}".replace(" ", "-"))
    for user in (sender, *readers):
        user.pick(lambda word: word.kind == "message"
                  and word.text("c:body") == text, text)


def texts(stage, *words):
    """Of what a search finds, the oldest first."""
    return [row["text"] for row in ask(stage, "search", *words)][::-1]


def wait_shown(stage, text, *people):
    """Waits until just these were shown it."""
    stage.wait_rows(
        "SELECT o.jid FROM archive_delivery d JOIN archive_message m "
        "ON m.serial = d.serial AND m.recipient = d.room "
        "JOIN archive_address o ON o.id = d.owner "
        f"WHERE m.body = '{text}' ORDER BY o.jid",
        sorted((user.bare,) for user in people))


@test("keeps what is said once, with all who were shown it")
def once(stage):
    romeo, juliet, nurse = stage.users("romeo", "juliet", "nurse")
    room = f"once@{ROOMS}"
    watch(stage, romeo, juliet, nurse)
    gather(room, romeo, juliet, nurse)

    say(room, "one of once", romeo, juliet, nurse)
    say(room, "two of once", juliet, romeo, nurse)

    for text in "one of once", "two of once":
        wait_shown(stage, text, romeo, juliet, nurse)
    equal(texts(stage, "--room", room), ["one of once", "two of once"])
    equal(texts(stage, "--participant", nurse.bare),
          ["one of once", "two of once"])
    equal(texts(stage, "--shown", nurse.bare, "--participant", romeo.bare),
          ["one of once"])
    row = ask(stage, "search", "--text", "one of once")[0]
    equal((row["from"], row["to"], row["type"]),
          (romeo.full, f"{room}/{romeo.name}", "groupchat"))


@test("is in no archive that users read")
def unseen(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    room = f"unseen@{ROOMS}"
    watch(stage, romeo, juliet)
    gather(room, romeo, juliet)

    say(room, "one of unseen", romeo, juliet)

    wait_shown(stage, "one of unseen", romeo, juliet)
    for user in romeo, juliet:
        equal(read(user).bodies, [])


@test("keeps nothing of those whom nobody has named")
def named(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    room = f"named@{ROOMS}"
    watch(stage, juliet)
    gather(room, romeo, juliet)

    say(room, "one of named", romeo, juliet)
    wait_shown(stage, "one of named", juliet)
    row = ask(stage, "search", "--text", "one of named")[0]
    equal((row["from"], row["to"]), (room, f"{room}/{romeo.name}"))

    stage.configure_annex("")
    before = stage.counted("passed_over")
    say(room, "two of named", romeo, juliet)
    stage.wait_counted("passed_over", before + 3)
    stage.configure_annex("rooms_elsewhere = yes")
    say(room, "three of named", romeo, juliet)

    wait_shown(stage, "three of named", romeo, juliet)
    equal(texts(stage, "--room", room), ["one of named", "three of named"])


@test("knows again what is shown to whoever comes later")
def late(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    room = f"late@{ROOMS}"
    watch(stage, romeo, juliet)
    gather(room, romeo)
    say(room, "one of late", romeo)
    wait_shown(stage, "one of late", romeo)

    enter(room, juliet)
    say(room, "two of late", romeo, juliet)

    wait_shown(stage, "one of late", romeo, juliet)
    wait_shown(stage, "two of late", romeo, juliet)
    equal(texts(stage, "--room", room), ["one of late", "two of late"])


@test("exports and holds it, and erases who has said it")
def treated(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    room = f"treated@{ROOMS}"
    watch(stage, romeo, juliet)
    gather(room, romeo, juliet)
    say(room, "one of treated", romeo, juliet)
    wait_shown(stage, "one of treated", romeo, juliet)
    folder = os.path.join(stage.folder, "out")

    equal(run(stage, "export", folder, "--room", room).returncode, 0)
    with open(f"{folder}/messages.jsonl", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    equal([(row["text"], sorted(row["shown"])) for row in rows],
          [("one of treated", sorted([romeo.bare, juliet.bare]))])

    ask(stage, "hold-add", "elsewhere", juliet.bare)
    romeo.vanish()
    ask(stage, "erase", romeo.bare)
    equal(texts(stage, "--room", room), ["one of treated"])
    ask(stage, "hold-remove", "elsewhere")
    stage.wait_rows("SELECT count(*) FROM archive_message "
                    "WHERE body = 'one of treated'", [("0",)])
    equal(texts(stage, "--participant", romeo.bare), [])


@test("tells once what was said when annex-archive was killed meanwhile")
def killed(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    room = f"killed@{ROOMS}"
    stage.configure_annex("rooms_elsewhere = yes")
    gather(room, romeo, juliet)
    wanted = []

    for i in range(3):
        wanted.append(f"before {i} of killed")
        say(room, wanted[-1], romeo, juliet)
        stage.annex.kill()
        wanted.append(f"meanwhile {i} of killed")
        say(room, wanted[-1], romeo, juliet)
        RecordStage.begin(stage)

    for text in wanted:
        wait_shown(stage, text, romeo, juliet)
    equal(texts(stage, "--room", room), wanted)


if os.environ.get("ROUTER") == "ejabberd":
    # With it come rooms.
    scene(own={"pep"})
else:
    scene(others=PROSODY)
