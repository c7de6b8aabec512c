#!/usr/bin/python3
"""Messages that leave the archive in files."""
import csv
import email
import email.policy
import glob
import hashlib
import json
import mailbox
import os
import re
import subprocess
import sys
sys.path.append(sys.path[0] + "/../../lib")
from asked import ask, command, noted, run
from guest import equal
from record import MANY_SECS, say_all, scene, test
from stage import DOMAIN

COMMANDS = "http://jabber.org/protocol/commands"
BODIES = ["From the orchard\nFrom the balcony", "=cmd()",
          "gr\u00fc\u00df \"dich\", bitte", "x" * 2000]
# More than are read at a time.
MANY = 600
EXTRA = "<x xmlns='urn:x'>kept</x>"


def xml(text):
    return (text.replace("&", "&amp;").replace("<", "&lt;"))


def folder_of(stage, name):
    return os.path.join(stage.folder, name)


def export(stage, name, *words):
    done = run(stage, "export", folder_of(stage, name), *words)
    assert done.returncode == 0, done.stderr
    return folder_of(stage, name)


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8",
              newline="") as file:
        return file.read()


def check(folder):
    """Whether sha256sum finds all as they were; what it says."""
    done = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"],
                          cwd=folder, capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


@test("writes down what is said")
def prepare(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    for number, body in enumerate(BODIES):
        romeo.message(juliet.full, f"<subject>s\u00fc {number}</subject>"
                      f"<body>{xml(body)}</body>" + EXTRA)
    stage.wait_rows("SELECT count(*) FROM archive_message", [("4",)])


@test("exports JSON Lines, with the stanzas")
def lines(stage):
    folder = export(stage, "jsonl")

    rows = [json.loads(line)
            for line in read(folder, "messages.jsonl").splitlines()]

    equal([row["text"] for row in rows], BODIES)
    assert all("kept" in row["stanza"] for row in rows), rows
    equal(check(folder), (True, "messages.jsonl: OK\n"))
    equal(os.stat(folder).st_mode & 0o777, 0o700)
    equal(os.stat(folder + "/messages.jsonl").st_mode & 0o777, 0o600)


@test("exports CSV, of which a spreadsheet makes no formulas")
def table(stage):
    folder = export(stage, "csv", "--format", "csv")

    with open(folder + "/messages.csv", encoding="utf-8",
              newline="") as file:
        rows = list(csv.DictReader(file))

    equal([row["text"] for row in rows],
          ["'" + body if body[0] == "=" else body for body in BODIES])
    equal([row["encrypted"] for row in rows], ["no"] * 4)
    assert check(folder)[0]


def assert_mails(mails):
    for mail, body, number in zip(mails, BODIES, range(4), strict=True):
        text = mail.get_body(("plain",))
        equal(text.get_content().replace("\r\n", "\n").rstrip("\n"), body)
        equal(mail["Subject"], f"s\u00fc {number}")
        equal([str(mail[name]) for name in ("From", "To")],
              [f"romeo@{DOMAIN}", f"juliet@{DOMAIN}"])
        attachment, = mail.iter_attachments()
        assert b"kept" in attachment.get_payload(decode=True)
        assert not mail.defects, mail.defects


@test("exports mail, a file each")
def mails(stage):
    folder = export(stage, "eml", "--format", "eml")
    found = []

    for path in sorted(glob.glob(folder + "/????-??-??/*.eml")):
        with open(path, "rb") as file:
            found.append(email.message_from_binary_file(
                file, policy=email.policy.SMTP))

    assert_mails(found)
    assert check(folder)[0]
    equal(len(read(folder, "SHA256SUMS").splitlines()), 4)


@test("exports an mbox")
def box(stage):
    folder = export(stage, "mbox", "--format", "mbox")

    # Python's leaves what mboxrd has quoted as it is.
    found = [email.message_from_bytes(
        mail.as_bytes().replace(b"\n>From ", b"\nFrom "),
        policy=email.policy.default)
        for mail in mailbox.mbox(folder + "/messages.mbox", create=False)]

    assert_mails(found)
    assert check(folder)[0]


@test("exports those that are asked for")
def some(stage):
    folder = export(stage, "some", "--text", "orchard")
    equal(len(read(folder, "messages.jsonl").splitlines()), 1)
    folder = export(stage, "none", "--participant", f"nobody@{DOMAIN}")
    equal(os.listdir(folder), ["SHA256SUMS"])


@test("shows that a file was changed, and the sums with it")
def tampered(stage):
    folder = export(stage, "changed")
    with open(folder + "/messages.jsonl", "a", encoding="utf-8") as file:
        file.write("{}\n")
    good, said = check(folder)
    assert not good and "messages.jsonl: FAILED" in said, said

    # Whoever writes the sums anew cannot do so in the log.
    entry, = [row for row in ask(stage, "audit", "list")
              if row["action"] == "exported" and folder in row["detail"]]
    said = json.loads(entry["detail"])
    equal((said["messages"], said["files"], said["format"]), (4, 1, "jsonl"))
    sums = read(folder, "SHA256SUMS").encode()
    equal(said["sums"], hashlib.sha256(sums).hexdigest())


@test("exports what is no XML any more as it is, and says so")
def damaged(stage):
    row = json.loads(read(export(stage, "well"), "messages.jsonl")
                     .splitlines()[0])
    where = f"WHERE uid = '{row['id']}'"
    (rest,), = stage.ask(f"SELECT rest FROM archive_message {where}")
    stage.do(f"UPDATE archive_message SET rest = '<x>kept' {where}")

    done = run(stage, "export", folder_of(stage, "damaged"))

    equal(done.returncode, 0)
    assert "Of 1 messages" in done.stderr and "damaged" in done.stderr, done
    folder = folder_of(stage, "damaged")
    found, *others = map(json.loads,
                         read(folder, "messages.jsonl").splitlines())
    equal((found["damaged"], found["rest"], found["text"]),
          (True, "<x>kept", BODIES[0]))
    assert "stanza" not in found, found
    assert all("stanza" in other for other in others), others
    assert check(folder)[0]
    folder = export(stage, "bad", "--format", "eml")
    path = min(glob.glob(folder + "/????-??-??/*.eml"))
    with open(path, "rb") as file:
        mail = email.message_from_binary_file(file,
                                              policy=email.policy.SMTP)
    assert "no XML" in mail["X-XMPP-Damaged"], mail
    attachment, = mail.iter_attachments()
    equal(attachment.get_payload(decode=True), b"<x>kept")
    equal(json.loads(noted(stage)["detail"])["damaged"], 1)
    text = rest.replace("'", "''")
    stage.do(f"UPDATE archive_message SET rest = '{text}' {where}")


@test("takes no folder that is there")
def there(stage):
    folder = export(stage, "twice")
    before = noted(stage)

    done = run(stage, "export", folder)

    equal((done.returncode, done.stderr),
          (1, f"annexctl: {folder}: File exists\n"))
    equal(noted(stage), before)
    assert check(folder)[0]


@test("says where it was written, from wherever it was called")
def relative(stage):
    here = os.getcwd()
    os.chdir(stage.folder)
    try:
        done = run(stage, "export", "here")
    finally:
        os.chdir(here)
    equal(done.returncode, 0)
    equal(json.loads(noted(stage)["detail"])["folder"],
          folder_of(stage, "here"))


@test("ends what it does when the disk is full")
def full(stage):
    folder = folder_of(stage, "full")
    done = subprocess.run(
        ["sh", "-c", "ulimit -f 1; trap '' XFSZ; exec \"$@\"", "sh",
         *command(stage, "export", folder, "--format", "mbox")],
        capture_output=True, text=True, timeout=60)
    equal(done.returncode, 1)
    assert "File too large" in done.stderr, done.stderr
    assert not check(folder)[0]


@test("exports for who is on the machine alone, not by XMPP")
def local(stage):
    cato = stage.user("cato")
    answer = str(cato.ask("set", f"archive.{DOMAIN}",
                          f"<command xmlns='{COMMANDS}' node='export'/>"))
    assert "item-not-found" in answer, answer


@test("tells which messages are about each other, in mail as well")
def linked(stage):
    romeo, nurse = stage.users("romeo", "nurse")
    romeo.say(nurse.full, "hail", id="a1")
    nurse.hears(romeo.full, "hail")
    nurse.message(romeo.full, "<reactions xmlns='urn:xmpp:reactions:0' "
                  "id='a1'><reaction>\U0001f44b</reaction></reactions>"
                  "<body>waves</body>", id="b1")
    whose = "--participant", nurse.bare
    said, waves = stage.wait_body("hail"), stage.wait_body("waves")

    rows = [json.loads(line) for line in read(
        export(stage, "linked", *whose), "messages.jsonl").splitlines()]
    mails = mailbox.mbox(export(stage, "threads", "--format", "mbox", *whose)
                         + "/messages.mbox", create=False)

    first, second = rows
    equal([{key: link[key] for key in ("relation", "id", "from", "text")}
           for link in first["linked"]],
          [{"relation": "reaction", "id": waves, "from": nurse.full,
            "text": "\U0001f44b"}])
    equal(second["about"],
          {"relation": "reaction", "named": "a1", "id": said})
    equal([mail["In-Reply-To"] for mail in mails],
          [None, next(iter(mails))["Message-ID"]])


@test("shows on a terminal how far it is, and nothing of that elsewhere")
def bar(stage):
    tybalt, paris = stage.users("tybalt", "paris")
    say_all(tybalt, paris.full, [f"many {n}" for n in range(MANY)])
    stage.wait_rows("SELECT count(*) FROM archive_message WHERE body LIKE "
                    "'many %'", [(str(MANY),)], MANY_SECS)
    ours, theirs = os.openpty()
    done = subprocess.run(command(stage, "export", folder_of(stage, "bar")),
                          stdout=subprocess.DEVNULL, stderr=theirs,
                          timeout=60)
    shown = os.read(ours, 65536).decode()
    for end in ours, theirs:
        os.close(end)

    equal(done.returncode, 0)
    assert re.search(r"\r\033\[K\[#*\.*\] +\d+ %  \d+/\d+", shown), shown
    assert shown.index(" %  ") < shown.index("SHA-256"), shown
    assert "\033" not in run(stage, "export", folder_of(
        stage, "pipe")).stderr


scene(f'auditors = {{ "cato@{DOMAIN}" }}')
