#!/usr/bin/python3
"""Stanzas that are held until a reviewer has decided about them."""
import json
import subprocess
import sys
sys.path.append(sys.path[0] + "/../../lib")
from adhoc import Commander, Refused  # noqa: E402
from annex import program  # noqa: E402
from guest import equal  # noqa: E402
from judging import ALLOW, scene, test  # noqa: E402
from record import GATE, say_all  # noqa: E402
from stage import DOMAIN  # noqa: E402
from stanza import seconds  # noqa: E402

POLICIES = """
admins = { "nurse@verona.test" }
reviewers = { "escalus@verona.test" }
held_for = 1d
retention_pause = 1s
policy "strict" { servers = { "{first}" } {tls} timeout = 4s }
policy "patient" {
    servers = { "{second}" } {tls}
    timeout = 4s
    on_failure = spool
}
"""
PROFILES = {
    "timeout": 9, "fail": "closed",
    "profiles": [{"name": "strict", "users": ["romeo"],
                  "namespaces": ["urn:x:offer"]},
                 {"name": "patient", "users": ["paris"]}]}
HOLD = {"verdict": "hold"}


def annexctl(stage, *words):
    """What it says, and how it ends."""
    done = subprocess.run(
        [program("annexctl"), "-f", stage.folder, "--json", "archive",
         *words], capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout + done.stderr


def held(stage, *words):
    status, out = annexctl(stage, "held", *words)
    equal(status, 0)
    return [row for row in map(json.loads, out.splitlines()) if "id" in row]


def hold(stage, text, sender="romeo"):
    """Somebody says something, which is held; returns its row, and who they
    are."""
    romeo, juliet = stage.users(sender, "juliet")
    stage.first.verdict = HOLD
    romeo.say(juliet.bare, text, id="m1")
    uid = stage.first.asked(text)["id"]
    stage.wait_rows("SELECT count(*) FROM archive_held WHERE uid = "
                    f"'{uid}'", [("1",)])
    row, = [row for row in held(stage) if row["id"] == uid]
    return row, romeo, juliet


def grow_late(stage, uid):
    """It was sent an hour ago."""
    stage.do(f"UPDATE archive_held SET stamp = stamp - {3600 * 10**6} "
             f"WHERE uid = '{uid}'")


def sent_times(stage, text):
    """When, as a search tells it, what has that text was sent."""
    status, out = annexctl(stage, "search", "--text", text)
    equal(status, 0)
    return [json.loads(line)["sent"] for line in out.splitlines()
            if line.startswith("{")]


@test("lists what is held, and nobody else knows of it")
def listed(stage):
    row, romeo, juliet = hold(stage, "first")

    equal((row["from"], row["to"], row["profile"], row["text"]),
          (romeo.full, juliet.bare, "strict", "first"))
    assert row["sent"] <= row["held"], row
    assert not row.get("stanza"), row
    whole, = held(stage, "--id", row["id"])
    assert "<body>first</body>" in whole["stanza"], whole
    for who in romeo, juliet:
        who.settle()
        who.silent()
    equal(stage.ask("SELECT count(*) FROM archive_message "
                    "WHERE body = 'first'"), [("0",)])
    equal(stage.verdicts("held"), 1)


@test("lets go on what is released, with the time when it was sent")
def released(stage):
    row, romeo, juliet = hold(stage, "second")
    grow_late(stage, row["id"])
    row, = held(stage, "--id", row["id"])

    equal(annexctl(stage, "release", row["id"])[0], 0)

    came = juliet.hears(romeo.full, "second", id="m1")
    stage.wait_rows("SELECT count(*) FROM audit_entry WHERE action = "
                    f"'release' AND detail LIKE '%{row['id']}%'", [("1",)])
    stamp = came.attribute("delay:delay", "stamp")
    assert abs(seconds(stamp) - seconds(row["sent"])) < 1, f"{came} {row}"
    equal(stage.wait_body("second"), row["id"])
    equal(sent_times(stage, "second"), [row["sent"]])
    assert row["id"] not in [left["id"] for left in held(stage)]
    status, said = annexctl(stage, "release", row["id"])
    assert status != 0 and "nothing of that id" in said, said


@test("leaves a tombstone of what its sender has retracted meanwhile")
def retracted(stage):
    row, romeo, juliet = hold(stage, "taken back")
    grow_late(stage, row["id"])
    stage.first.verdict = ALLOW
    romeo.message(juliet.bare, "<retract id='m1' "
                  "xmlns='urn:xmpp:message-retract:1'/>"
                  "<body>I retracted that</body>", id="r1")
    stage.wait_body("I retracted that")
    juliet.hears(romeo.full, "I retracted that")

    equal(annexctl(stage, "release", row["id"])[0], 0)

    juliet.hears(romeo.full, "taken back", id="m1")
    stage.wait_rows("SELECT count(*) FROM archive_message WHERE uid = "
                    f"'{row['id']}' AND body IS NULL AND rest LIKE "
                    "'<retracted %id=''r1''/>'", [("1",)])


@test("tells the sender of what is rejected, where the policy has a notice")
def told(stage):
    stage.annex.write(stage.settings.replace(
        "timeout = 4s }", 'timeout = 4s notice = "Not so." }'))
    stage.annex.stop()
    stage.begin()
    row, romeo, juliet = hold(stage, "told")

    status, said = annexctl(stage, "reject", row["id"])

    equal(status, 0)
    assert "Its sender was told" in said, said
    error = romeo.expect("message", type="error", id="m1",
                         condition="policy-violation", sender=juliet.bare)
    equal(error.text("c:error/stanzas:text"), "Not so.")
    for who in romeo, juliet:
        who.settle()
        who.silent()
    stage.annex.write(stage.settings)
    stage.annex.stop()
    stage.begin()


@test("removes for good what is rejected")
def rejected(stage):
    row, romeo, juliet = hold(stage, "third")

    equal(annexctl(stage, "reject", row["id"])[0], 0)

    assert row["id"] not in [left["id"] for left in held(stage)]
    status, said = annexctl(stage, "reject", row["id"])
    assert status != 0 and "nothing of that id" in said, said
    stage.first.verdict = ALLOW
    romeo.say(juliet.bare, "after the third")
    juliet.hears(romeo.full, "after the third")


@test("keeps what is rejected of one whom a matter holds, for auditors")
def rejected_held(stage):
    row, romeo, juliet = hold(stage, "third too")
    equal(annexctl(stage, "hold-add", "matter", romeo.bare)[0], 0)

    equal(annexctl(stage, "reject", row["id"], "--reason", "Bad.")[0], 0)

    assert row["id"] not in [left["id"] for left in held(stage)]
    stage.wait_rows("SELECT count(*) FROM archive_event WHERE uid = "
                    f"'{row['id']} reject' AND detail LIKE '%third too%'",
                    [("1",)])
    equal(stage.ask("SELECT count(*) FROM audit_entry WHERE action = 'reject' "
                    "AND detail LIKE '%Bad.%'"), [("1",)])
    equal(annexctl(stage, "hold-remove", "matter")[0], 0)
    juliet.settle()
    juliet.silent()


@test("keeps what is held when it is killed")
def killed(stage):
    row, _romeo, juliet = hold(stage, "fourth")
    stage.annex.kill()
    stage.begin()

    equal(annexctl(stage, "release", row["id"])[0], 0)

    juliet.expect("message", body="fourth")


@test("holds and releases what comes from outside, and offers")
def kinds(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    gate = stage.component("gate")
    stage.first.verdict = HOLD
    gate.send(f"<message from='{GATE}' to='{romeo.bare}' type='chat'>"
              "<body>fifth</body></message>")
    romeo.send(f"<iq type='set' id='i1' to='{juliet.full}'>"
               "<offer xmlns='urn:x:offer'/></iq>")
    stage.wait_rows("SELECT count(*) FROM archive_held WHERE recipient IN "
                    f"('{romeo.bare}', '{juliet.full}')", [("2",)])

    for row in held(stage):
        if row["to"] in (romeo.bare, juliet.full):
            equal(annexctl(stage, "release", row["id"])[0], 0)

    romeo.hears(GATE, "fifth")
    came = juliet.pick(lambda word: word.kind == "iq" and word.id == "i1",
                       "the offer")
    equal([child.tag for child in came.xml], ["{urn:x:offer}offer"])


@test("is reviewed by XMPP by those who are named for it, and no others")
def by_xmpp(stage):
    row, romeo, juliet = hold(stage, "sixth")
    people = [Commander(stage, name) for name in ("escalus", "nurse")]
    for who in people:
        who.to = f"archive.{DOMAIN}"
    escalus, nurse = people

    assert {"held", "release", "reject"} <= set(escalus.nodes())
    assert not {"held", "release", "reject"} & set(nurse.nodes())
    try:
        nurse.run("release", id=row["id"])
        raise AssertionError("it is released")
    except Refused:
        pass
    listed = {line["id"]: line["text"] for line in
              escalus.run("held").rows}
    equal(listed[row["id"]], "sixth")
    escalus.run("release", id=row["id"])

    juliet.hears(romeo.full, "sixth")
    for who in people:
        who.close()


@test("refuses what the database does not take")
def away(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    stage.first.verdict = HOLD
    with stage.locked():
        romeo.say(juliet.bare, "seventh", id="m7")
        romeo.expect("message", type="error", id="m7",
                     condition="resource-constraint")
    stage.wait_rows("SELECT count(*) FROM archive_held WHERE stanza LIKE "
                    "'%seventh%'", [("0",)])


@test("judges in order what nobody judged, once a server works again")
def spooled(stage):
    paris, juliet = stage.users("paris", "juliet")
    stage.second.close()
    texts = [f"eighth {number}" for number in range(10)]

    say_all(paris, juliet.full, texts)

    waiting = "SELECT count(*) FROM archive_held WHERE waits = 'patient'"
    stage.wait_rows(waiting, [("10",)])
    equal([row["text"] for row in held(stage)
           if row["waits"] == "patient"], texts)
    stage.annex.kill()
    stage.begin()
    for who in paris, juliet:
        who.settle()
        who.silent()
    stage.second = stage.judge_at(stage.ports[1])
    stage.second.verdict = lambda question: {
        "eighth 3": {"verdict": "block", "notice": "Too late."},
        "eighth 5": {"verdict": "modify", "append": "late"},
        "eighth 7": HOLD}.get(question["body"], ALLOW)

    for number in (0, 1, 2, 4, 5, 6, 8, 9):
        came = juliet.hears(paris.full, f"eighth {number}"
                            + ("\nlate" if number == 5 else ""))
        assert came.has("delay:delay"), f"{came}"
    stage.wait_rows(waiting, [("0",)])
    error = paris.expect("message", type="error",
                         condition="policy-violation")
    equal(error.text("c:error/stanzas:text"), "Too late.")
    equal([row["text"] for row in held(stage) if "eighth" in row["text"]],
          ["eighth 7"])
    equal(stage.ask("SELECT action, count(*) FROM audit_entry "
                    "WHERE who = 'policy' GROUP BY action ORDER BY action"),
          [("blocked", "1"), ("modified", "1"), ("referred", "1"),
           ("released", "7")])


@test("keeps what a server that hangs does not judge")
def hanging(stage):
    paris, juliet = stage.users("paris", "juliet")
    stage.second.hush()
    paris.say(juliet.full, "ninth")
    stage.wait_rows("SELECT waits FROM archive_held "
                    "WHERE stanza LIKE '%ninth%'", [("patient",)])
    stage.second.speaks.set()
    juliet.hears(paris.full, "ninth")


@test("leaves to reviewers what servers fail with alone, and judges the rest")
def bad(stage):
    paris, juliet = stage.users("paris", "juliet")
    stage.second.verdict = {"verdict": "perhaps"}
    texts = [f"tenth {number}" for number in range(3)]
    say_all(paris, juliet.full, texts)
    stage.wait_rows("SELECT count(*) FROM archive_held "
                    "WHERE waits = 'patient'", [("3",)])

    stage.second.verdict = lambda question: {
        "tenth 0": {"verdict": "perhaps"}}.get(question["body"], ALLOW)

    stage.wait_rows("SELECT waits FROM archive_held "
                    "WHERE stanza LIKE '%tenth%'", [("",)])
    for text in texts[1:]:
        juliet.hears(paris.full, text)
    equal([row["text"] for row in held(stage) if "tenth" in row["text"]],
          texts[:1])


def readdress(stage, uid, recipient):
    """It is for somebody else."""
    stage.do(f"UPDATE archive_held SET recipient = '{recipient}' "
             f"WHERE uid = '{uid}'")


def grow_old(stage, *uids):
    """They have been held for longer than held_for."""
    stage.do(f"UPDATE archive_held SET since = since - {48 * 3600 * 10**6} "
             f"WHERE uid IN ({', '.join(map(repr, uids))})")


@test("lets what nobody decides about go in the end, but for legal holds")
def lapses(stage):
    kept, _, juliet = hold(stage, "eleventh")
    gone, _, _ = hold(stage, "eleventh too")
    equal(annexctl(stage, "hold-add", "matter", juliet.bare)[0], 0)
    readdress(stage, gone["id"], "nobody@else.test")
    grow_old(stage, kept["id"], gone["id"])

    stage.wait_rows("SELECT count(*) FROM archive_held WHERE uid = "
                    f"'{gone['id']}'", [("0",)])
    equal([row["id"] for row in held(stage) if "eleventh" in row["text"]],
          [kept["id"]])
    equal(stage.ask("SELECT who, detail FROM audit_entry "
                    "WHERE action = 'lapsed'")[0][0], "retention")
    equal(annexctl(stage, "hold-remove", "matter")[0], 0)
    stage.wait_rows("SELECT count(*) FROM archive_held WHERE stanza LIKE "
                    "'%eleventh%'", [("0",)])
    equal(stage.ask("SELECT count(*) FROM audit_entry "
                    "WHERE action = 'lapsed'"), [("2",)])


@test("removes what is held of a person who is erased")
def erased(stage):
    left, _, _ = hold(stage, "twelfth")
    gone, _, _ = hold(stage, "twelfth too")
    readdress(stage, gone["id"], f"balthasar@{DOMAIN}/x")

    status, out = annexctl(stage, "erase", f"balthasar@{DOMAIN}")

    equal(status, 0)
    equal([row["messages"] for row in map(json.loads, out.splitlines())
           if row.get("outcome") == "removed before review"], [1])
    equal([row["id"] for row in held(stage) if "twelfth" in row["text"]],
          [left["id"]])


scene(POLICIES, PROFILES)
