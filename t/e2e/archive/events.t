#!/usr/bin/python3
"""What people do rather than say, as far as the router's module tells it."""
import json
import os
import sys
import time
sys.path.append(sys.path[0] + "/../../lib")
from asked import ask, noted, run
from client import SECS
from guest import equal
from record import scene, test
from stage import DOMAIN

JINGLE = "urn:xmpp:jingle:1"
ROOM = "hall@rooms.test"
OFFER = (f"<jingle xmlns='{JINGLE}' action='session-initiate' sid='s'>"
         "<content creator='initiator' name='f'><description "
         "xmlns='urn:xmpp:jingle:apps:file-transfer:5'><file>"
         "<name>map.png</name><size>7</size></file></description>"
         "</content></jingle>")


def events(stage, count, *words):
    """Those that there are once there are so many, the oldest first."""
    end = time.monotonic() + SECS
    while len(rows := ask(stage, "events", *words)) != count:
        assert time.monotonic() < end, rows
    return rows[::-1]


def brief(row):
    return (row["kind"], row["who"], row["where"], row["about"],
            json.loads(row["detail"]) if row["detail"] else None)


@test("records invitations, each once")
def invitations(stage):
    romeo, juliet = stage.users("romeo", "juliet")

    romeo.send(f"<message to='{juliet.full}'><x xmlns='jabber:x:conference' "
               f"jid='{ROOM}' reason='Come'/></message>")

    row, = events(stage, 1, "--room", ROOM)
    equal(brief(row), ("invitation", romeo.full, ROOM, juliet.bare,
                       {"reason": "Come"}))


@test("records files in messages, which are archived as well")
def urls(stage):
    romeo, juliet = stage.users("romeo", "juliet")

    romeo.send(f"<message to='{juliet.full}' type='chat'><body>a map</body>"
               "<x xmlns='jabber:x:oob'><url>https://up.test/m</url></x>"
               "</message>")

    row, = events(stage, 1, "--kind", "file")
    equal(brief(row), ("file", romeo.full, juliet.bare, None,
                       {"by": "url", "url": "https://up.test/m"}))
    stage.wait_body("a map")


@test("records files that are offered to all in a room")
def shared(stage):
    mercutio, where = stage.user("mercutio"), "square@rooms.test"

    mercutio.send(f"<message to='{where}' type='groupchat'>"
                  "<x xmlns='jabber:x:oob'><url>https://up.test/s</url></x>"
                  "</message>")

    row, = events(stage, 1, "--room", where)
    equal(brief(row), ("file", mercutio.full, where, None,
                       {"by": "url", "url": "https://up.test/s"}))


@test("records what the module asks about, and lets it go on")
def asked(stage):
    tybalt, paris = stage.users("tybalt", "paris")

    tybalt.send(f"<presence type='subscribe' to='{paris.bare}'/>")
    tybalt.send(f"<iq type='set' id='j1' to='{paris.full}'>{OFFER}</iq>")

    rows = events(stage, 2, "--participant", tybalt.bare)
    equal([brief(row) for row in rows], [
        ("subscription", tybalt.full, paris.bare, None, None),
        ("file", tybalt.full, paris.bare, None,
         {"by": "jingle", "name": "map.png", "size": "7"})])
    for kind in "presence", "iq":
        paris.pick(lambda word, kind=kind: word.kind == kind, kind)


@test("records the presence of those whose it is wanted")
def presence(stage):
    nurse = stage.user("nurse")
    stage.user("escalus")
    nurse.send("<presence><show>dnd</show><status>ill</status></presence>")
    nurse.settle()
    nurse.send("<presence type='unavailable'/>")
    nurse.settle()

    rows = events(stage, 3, "--kind", "presence")

    equal([brief(row)[1:3] for row in rows], 3 * [(nurse.full, nurse.bare)])
    equal([json.loads(row["detail"]) for row in rows],
          [{"show": "available"}, {"show": "dnd", "status": "ill"},
           {"show": "unavailable"}])


@test("records what is blocked, which is nowhere else")
def ruled(stage):
    romeo, juliet = stage.users("romeo", "juliet")

    romeo.say(juliet.bare, "no apples", id="m1")
    romeo.expect("message", type="error", id="m1")
    romeo.say(juliet.bare, "a pear")
    juliet.hears(romeo.full, "a pear")

    row, = events(stage, 1, "--kind", "verdict")
    kind, who, where, about, detail = brief(row)
    equal((kind, who, where, about),
          ("verdict", romeo.full, juliet.bare, None))
    stanza = detail.pop("stanza")
    assert "<body>no apples</body>" in stanza, stanza
    equal(detail, {"verdict": "block", "policy": "default", "rule": "fruit",
                   "of": "message"})
    stage.wait_body("a pear")
    stage.wait_rows("SELECT count(*) FROM archive_message "
                    "WHERE body = 'no apples'", [("0",)])


@test("shows them page by page, and writes down who looked")
def shown(stage):
    all_of_them = ask(stage, "events")
    first = ask(stage, "events", "--limit", "2")
    second = ask(stage, "events", "--limit", "2", "--before",
                 first[-1]["serial"])
    equal(first + second, all_of_them[:4])
    row = noted(stage)
    equal((row["action"], json.loads(row["detail"])),
          ("events", {"limit": "2", "before": first[-1]["serial"]}))


@test("exports them beside the messages")
def exported(stage):
    count = len(ask(stage, "events"))
    folder = os.path.join(stage.folder, "out")

    done = run(stage, "export", folder, "--events")

    equal(done.returncode, 0)
    with open(os.path.join(folder, "events.jsonl"), encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    equal(len(rows), count)
    assert any(row.get("detail") == {"reason": "Come"} for row in rows), rows
    with open(os.path.join(folder, "SHA256SUMS"), encoding="utf-8") as file:
        assert "  events.jsonl\n" in file.read()


@test("holds and erases them")
def erased(stage):
    romeo, tybalt = f"romeo@{DOMAIN}", f"tybalt@{DOMAIN}"
    ask(stage, "hold-add", "matter", tybalt)

    for who in romeo, tybalt:
        ask(stage, "erase", who)

    equal(ask(stage, "events", "--participant", romeo), [])
    equal(len(ask(stage, "events", "--participant", tybalt)), 2)
    ask(stage, "hold-remove", "matter")
    stage.wait_rows("SELECT count(*) FROM archive_erasure", [("0",)])
    equal(ask(stage, "events", "--participant", tybalt), [])


scene(f"""
rule "fruit" {{ words = {{ "apples" }} }}
policy "default" {{ rules = {{ "fruit" }} timeout = 8s keep_stanza = yes }}
events "people" {{
    kinds = {{ invitation, subscription, file }}
}}
group "nurses" {{
    users = {{ "nurse@{DOMAIN}" }}
}}
events "nurses" {{
    kinds = {{ presence }}
    groups = {{ nurses }}
}}
""", tap={"hooks": ["tap", "check", "presence"], "timeout": 9,
          "profiles": [{"namespaces": [JINGLE]}]})
