#!/usr/bin/python3
"""What is said in rooms of annex-muc goes all the way of annex-archive, on the
same database: it is judged, found, exported, mailed, held, and gone."""
import json
import mailbox
import os
import subprocess
import sys
import time
from email.utils import getaddresses
sys.path.append(sys.path[0] + "/../../lib")
from alongside import BRIEF, DEAR, KEPT, NOTICE, SIGNED, scene, test
from annex import program
from asked import ask, command, run
from client import SECS
from guest import Room, equal, succeeds
from lookback import bodies, look
from record import MESSAGES
from stanza import NS

RETRACT = "urn:xmpp:message-retract:1"


def texts(stage, *words):
    """Of what a search finds, the oldest first; None of what has none."""
    return [row["text"] for row in ask(stage, "search", *words)][::-1]


def say(stage, who, room, text):
    """Returns the id by which it is archived, once it is."""
    who.say(room, text)
    uid = stage.wait_body(text)
    stage.hush()
    return uid


def enter(stage, who, room, history):
    """Comes in, and is shown so much of what was said before."""
    who.enter(room, history={"maxstanzas": str(history)})
    stage.hush()


def retract(stage, who, room, target):
    who.message(room.jid, f"<retract xmlns='{RETRACT}' id='{target}'/>"
                "<store xmlns='urn:xmpp:hints'/>", id="r1")
    stage.hush()


def moderate(stage, who, room, target):
    succeeds(who.ask("set", room.jid, (
        f"<moderate xmlns='urn:xmpp:message-moderate:1' id='{target}'>"
        f"<retract xmlns='{RETRACT}'/></moderate>")))
    stage.hush()


def wait_left(stage, room, wanted):
    """Waits until of all that was said in it only these texts are stored."""
    stage.wait_rows(
        "SELECT m.body FROM archive_message m JOIN archive_address r "
        f"ON r.id = m.recipient WHERE r.jid LIKE '{room}/%' "
        "AND m.body IS NOT NULL ORDER BY m.serial",
        [(text,) for text in wanted])


def wait_over(stage, wanted):
    """Waits until so many are over and held, of what retention names."""
    end = time.monotonic() + SECS
    while (held := [row["held"] for row in ask(stage, "retention")]) != wanted:
        assert time.monotonic() < end, f"wanted {wanted}\nfound {held}"


def count(guest, room):
    """How much of what he and the room said to each other is in his own
    archive."""
    _, answer = look(guest, Room(guest.bare), **{"with": room.jid})
    return answer.text("mam:fin/rsm:set/rsm:count")


@test("blocks what may not be said, before the room has it")
def judged(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    romeo.say(room, "Project X is late", id="b1")
    error = romeo.refused("message", room.jid, "policy-violation", id="b1")
    romeo.whisper(room, "juliet", "of project x", id="b2")
    romeo.refused("message", room.at("juliet"), "policy-violation", id="b2")
    romeo.say(room, "nothing at all")

    equal(error.text("c:error/stanzas:text"), NOTICE)
    juliet.hears(room.at("romeo"), "nothing at all")
    stage.sink.wait(stage.wait_body("nothing at all"))
    equal(bodies(juliet, room), ["nothing at all"])
    equal(texts(stage, "--room", room.jid), ["nothing at all"])
    equal(texts(stage, "--text", "project x"), [])
    equal([mail.body() for mail in stage.sink.seen], ["nothing at all"])


@test("adds to a private message once what is added, wherever it is judged")
def whispered(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    romeo.whisper(room, "juliet", "regards in private")

    juliet.expect("message", sender=room.at("romeo"), type="chat",
                  body=f"regards in private\n{SIGNED}")


def release(stage, sender):
    """What is held of somebody, once it is, goes on; nothing else is held."""
    stage.wait_rows("SELECT count(*) FROM archive_held WHERE sender = "
                    f"'{sender.full}'", [("1",)])
    held, = ask(stage, "held")
    ask(stage, "release", str(held["id"]))
    return held


@test("holds a private message once, wherever it would be judged")
def whispered_perhaps(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)

    romeo.whisper(room, "juliet", "perhaps in private")
    release(stage, romeo)

    juliet.expect("message", sender=room.at("romeo"), type="chat",
                  body="perhaps in private")
    equal(ask(stage, "held"), [])


@test("judges what people of other servers say in a room, as it comes in")
def elsewhere(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)
    nick = room.at("balthasar")
    balthasar = stage.user("balthasar", router=stage.remote)
    balthasar.send(f"<presence to='{nick}'><x xmlns='{NS['muc']}'/>"
                   "</presence>")
    balthasar.pick(lambda word: word.subject is not None, "the subject")
    stage.hush()

    balthasar.message(room.jid, "<body>Project X is late</body>",
                      "groupchat", "b1")
    error = balthasar.pick(lambda word: word.type == "error", "the error")
    equal((error.sender, error.id, error.text("c:error/stanzas:text")),
          (room.jid, "b1", NOTICE))
    balthasar.message(room.jid, "<body>regards to all</body>", "groupchat")
    romeo.hears(nick, f"regards to all\n{SIGNED}")
    balthasar.say(room.at("romeo"), "regards to one")
    romeo.expect("message", sender=nick, type="chat",
                 body=f"regards to one\n{SIGNED}")
    balthasar.message(room.jid, "<body>perhaps elsewhere</body>", "groupchat")
    held = release(stage, balthasar)
    romeo.hears(nick, "perhaps elsewhere")

    equal((held["from"], held["to"]), (balthasar.full, room.jid))
    equal(ask(stage, "held"), [])
    stage.wait_body("perhaps elsewhere")
    equal(texts(stage, "--room", room.jid),
          [f"regards to all\n{SIGNED}", "perhaps elsewhere"])
    balthasar.send(f"<presence to='{nick}' type='unavailable'/>")
    romeo.sees_gone(nick)
    balthasar.vanish()


# To a few a room sends one by one, to more by fanout.
@test("judges what is said once, however many are inside")
def once(stage):
    names = "romeo", "juliet", "nurse", "paris"
    for count in 2, 4:
        romeo, juliet, *_ = people = stage.cast(*names[:count])
        room = stage.gather(*people)

        romeo.say(room, f"regards to {count}")
        signed = juliet.next().body
        romeo.say(room, f"perhaps of {count}")
        stage.wait_rows("SELECT count(*) FROM archive_held WHERE sender = "
                        f"'{romeo.full}'", [("1",)])
        held = ask(stage, "held")
        ask(stage, "release", str(held[0]["id"]))
        stage.wait_body(f"perhaps of {count}")
        stage.hush()

        assert signed.startswith(f"regards to {count}"), signed
        equal(signed.count(SIGNED), 1)
        equal([row["from"] for row in held], [romeo.full])
        equal(ask(stage, "held"), [])


def hold(stage, who):
    """What of his is held, once it is: it was sent an hour ago."""
    stage.wait_rows("SELECT count(*) FROM archive_held WHERE sender = "
                    f"'{who.full}'", [("1",)])
    stage.do(f"UPDATE archive_held SET stamp = stamp - {3600 * 10**6} "
             f"WHERE sender = '{who.full}'")
    return [row for row in ask(stage, "held") if row["from"] == who.full]


@test("lets go on what was held, with its time, by another client of his")
def late(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    juliet.say(room, "perhaps to all")
    held, = hold(stage, juliet)
    juliet.leave(room)
    stage.client("juliet", "balcony").enter(room)
    stage.hush()

    ask(stage, "release", held["id"])

    came = romeo.hears(room.at("juliet"), "perhaps to all")
    equal(came.attribute("delay:delay", "stamp"), held["sent"])
    stage.wait_body("perhaps to all")
    equal([row["sent"] for row in ask(stage, "search", "--room", room.jid)],
          [held["sent"]])
    equal(bodies(romeo, room), ["perhaps to all"])


@test("lets go on what was held between two in a room, with its time")
def late_whisper(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    juliet.whisper(room, "romeo", "perhaps to him")
    held, = hold(stage, juliet)
    juliet.leave(room)
    stage.client("juliet", "balcony").enter(room)
    stage.hush()

    ask(stage, "release", held["id"])

    came = romeo.expect("message", sender=room.at("juliet"), type="chat",
                        body="perhaps to him")
    equal(came.attribute("delay:delay", "stamp"), held["sent"])


@test("keeps what a room refuses that was held, for auditors")
def refused(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    juliet.say(room, "perhaps too late")
    row, = hold(stage, juliet)
    juliet.leave(room)
    stage.hush()

    ask(stage, "release", row["id"], "--reason", "harmless")

    juliet.refused("message", room.jid, "not-acceptable")
    stage.wait_rows("SELECT count(*) FROM archive_event WHERE uid = "
                    f"'{row['id']} release'", [("1",)])
    event = ask(stage, "events", "--kind", "verdict", "--room",
                room.jid)[0]
    equal((event["who"], event["time"]), (juliet.full, row["sent"]))
    assert "perhaps too late" in json.loads(event["detail"])["stanza"], event
    equal(texts(stage, "--room", room.jid), [])
    equal([json.loads(entry["detail"])["reason"]
           for entry in ask(stage, "audit", "list")
           if entry["action"] == "release" and row["id"] in entry["detail"]],
          ["harmless"])
    stage.silent(romeo)


@test("finds what is said once, also by whom it was shown to")
def found(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    say(stage, romeo, room, "shown to juliet")
    enter(stage, nurse, room, 0)
    say(stage, juliet, room, "shown to both")

    equal(texts(stage, "--text", "shown to"),
          ["shown to juliet", "shown to both"])
    for who, wanted in ((juliet, ["shown to juliet", "shown to both"]),
                        (nurse, ["shown to both"])):
        equal(texts(stage, "--room", room.jid, "--shown", who.bare), wanted)
    equal(texts(stage, "--room", room.jid, "--participant", romeo.bare),
          ["shown to juliet"])
    row = ask(stage, "search", "--room", room.jid)[1]
    equal((row["from"], row["to"], row["type"]),
          (romeo.full, room.at("romeo"), "groupchat"))


@test("has a private message in the archives of both, and in no room's")
def private(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet, nurse)

    romeo.whisper(room, "juliet", "for her alone")

    juliet.expect("message", sender=room.at("romeo"), type="chat",
                  body="for her alone")
    stage.wait_rows("SELECT s.jid, r.jid, ways, type "
                    f"FROM {MESSAGES} WHERE body = 'for her alone' "
                    "ORDER BY ways",
                    [(romeo.bare, room.jid, "1", "1"),
                     (room.jid, juliet.bare, "2", "1")])
    equal([count(who, room) for who in (romeo, juliet, nurse)],
          ["1", "1", "0"])
    equal(bodies(nurse, room), [])


@test("exports it with whom it was shown to")
def exported(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    say(stage, romeo, room, "to juliet first")
    enter(stage, nurse, room, 0)
    juliet.leave(room)
    stage.hush()
    say(stage, romeo, room, "to nurse then")
    folder = os.path.join(stage.folder, "out")

    done = run(stage, "export", folder, "--room", room.jid)

    equal(done.returncode, 0)
    with open(f"{folder}/messages.jsonl", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    equal([(row["text"], sorted(row["shown"])) for row in rows],
          [("to juliet first", sorted([romeo.bare, juliet.bare])),
           ("to nurse then", sorted([nurse.bare, romeo.bare]))])
    box = os.path.join(stage.folder, "box")
    equal(run(stage, "export", box, "--room", room.jid, "--format",
              "mbox").returncode, 0)
    mails = mailbox.mbox(f"{box}/messages.mbox", create=False)
    equal([sorted(address for _, address in getaddresses([mail["Cc"]]))
           for mail in mails], [sorted(row["shown"]) for row in rows])


@test("holds what is retracted for one to whom it was shown, unseen by users")
def retracted(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    ask(stage, "hold-add", "retraction", juliet.bare)
    said = [say(stage, romeo, room, text)
            for text in ("before her", "when she comes")]
    enter(stage, juliet, room, 1)
    said.append(say(stage, romeo, room, "to her face"))

    for uid in said:
        retract(stage, romeo, room, uid)

    wait_left(stage, room, ["when she comes", "to her face"])
    equal(bodies(juliet, room), 6 * [None])
    equal(texts(stage, "--room", room.jid, "--shown", juliet.bare)[:2],
          ["when she comes", "to her face"])
    ask(stage, "hold-remove", "retraction")
    wait_left(stage, room, [])


@test("keeps for auditors what is retracted where a section compliance is")
def kept(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    other, room = stage.gather(romeo, juliet), stage.place(KEPT)
    romeo.create(room)
    juliet.enter(room)
    stage.hush()
    elsewhere = say(stage, juliet, other, "to be gone")
    said = [say(stage, juliet, room, text)
            for text in ("by herself", "by a moderator", "not at all")]

    retract(stage, juliet, other, elsewhere)
    retract(stage, juliet, room, said[0])
    moderate(stage, romeo, room, said[1])

    wait_left(stage, other, [])
    equal(bodies(juliet, room)[:3], [None, None, "not at all"])
    wait_left(stage, room, ["by herself", "by a moderator", "not at all"])
    equal([text for text in texts(stage, "--room", room.jid) if text][:3],
          ["by herself", "by a moderator", "not at all"])


@test("has in the audit log what is retracted in rooms")
def logged(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    one, two = (say(stage, juliet, room, text)
                for text in ("to be retracted", "to be moderated"))

    retract(stage, juliet, room, one)
    moderate(stage, romeo, room, two)

    wait_left(stage, room, [])
    stage.wait_rows("SELECT count(*) FROM archive_retraction", [("0",)])
    rows = [row for row in ask(stage, "audit", "list")
            if room.jid in row["detail"]]
    found = {row["action"]: (row["who"], message["id"], message["text"],
                             message["room"])
             for row in rows
             for message in json.loads(row["detail"])["messages"]}
    equal(found, {
        "retracted": (juliet.bare, one, "removed", room.jid),
        "moderated": (romeo.bare, two, "removed", room.jid)})


def count_entries(stage):
    return int(stage.ask("SELECT count(*) FROM audit_entry")[0][0])


@test("has one audit log, though both daemons add to it")
def chained(stage):
    place = os.path.join(stage.folder, "past")
    os.makedirs(os.path.join(place, "rooms%2everona%2etest", "muc_log"))
    before = count_entries(stage)

    searches = [subprocess.Popen(command(stage, "search", "--text", "x"),
                                 stdout=subprocess.DEVNULL)
                for _ in range(8)]
    for _ in range(4):
        subprocess.run([program("annexctl"), "-f", stage.folder, "muc",
                        "import", "prosody", place], check=True, timeout=60,
                       stdout=subprocess.DEVNULL)
    equal([search.wait(60) for search in searches], 8 * [0])

    equal(count_entries(stage) - before, 12)
    rows = [row for row in ask(stage, "audit", "list")
            if row["action"] == "import"]
    equal(len(rows), 4)
    equal(json.loads(rows[0]["detail"]),
          {"source": "prosody", "place": place})
    equal(run(stage, "audit", "verify").returncode, 0)


@test("holds what is over for one to whom it was shown, where it is")
def over(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.place(BRIEF)
    romeo.create(room)
    ask(stage, "hold-add", "retention", juliet.bare)
    romeo.say(room, "over at once")
    stage.hush()
    enter(stage, juliet, room, 0)
    say(stage, romeo, room, "over and held")

    stage.wait_metric("annex_archive_expired_total", 1)
    wait_left(stage, room, ["over and held"])
    wait_over(stage, [1])
    equal(texts(stage, "--room", room.jid), ["over and held"])
    equal(bodies(juliet, room), ["over and held"])
    ask(stage, "hold-remove", "retention")
    wait_left(stage, room, [])
    equal(bodies(juliet, room), [])


@test("holds what one who is erased has said to another")
def erased(stage):
    romeo, tybalt, juliet = stage.cast("romeo", "tybalt", "juliet")
    room = stage.gather(romeo, tybalt)
    ask(stage, "hold-add", "erasure", juliet.bare)
    say(stage, tybalt, room, "said to romeo")
    enter(stage, juliet, room, 0)
    say(stage, tybalt, room, "said to her")
    tybalt.leave(room)
    say(stage, romeo, room, "he is gone")

    rows = {row["outcome"]: row["messages"]
            for row in ask(stage, "erase", tybalt.bare)}

    # What he said to her, and when he was there.
    equal((rows["text removed"], rows["events removed"], rows["held"]),
          (1, 2, 2))
    wait_left(stage, room, ["said to her", "he is gone"])
    equal(ask(stage, "search", "--room", room.jid)[1]["from"], tybalt.full)
    equal(bodies(juliet, room), [None, "said to her", "he is gone"])
    ask(stage, "hold-remove", "erasure")
    wait_left(stage, room, ["he is gone"])
    stage.wait_rows("SELECT count(*) FROM archive_erasure", [("0",)])
    equal(texts(stage, "--room", room.jid, "--shown", tybalt.bare), [])
    equal(stage.ask("SELECT count(*) FROM archive_address WHERE "
                    f"jid = '{tybalt.bare}'"), [("0",)])


@test("lists the events that are wanted, and no others")
def events(stage):
    romeo, nurse, juliet = stage.cast("romeo", "nurse", "juliet")
    room = stage.gather(romeo, nurse, juliet)
    nurse.leave(room)
    stage.hush()
    succeeds(romeo.set_role(room, "juliet", "none", "noise"))
    say(stage, romeo, room, "they are gone")

    rows = ask(stage, "events", "--room", room.jid)[::-1]

    equal([(row["kind"], row["who"], row["about"]) for row in rows],
          [("join", romeo.full, None), ("join", nurse.full, None),
           ("join", juliet.full, None), ("leave", nurse.full, None),
           ("kick", romeo.bare, juliet.bare)])
    equal(json.loads(rows[4]["detail"])["reason"], "noise")


@test("mails it, and that of one room to an archive of its own too")
def mailed(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    other, room = stage.gather(romeo, juliet), stage.place(DEAR)
    romeo.create(room)
    juliet.enter(room)
    stage.hush()

    elsewhere = say(stage, juliet, other, "to one alone")
    uid = say(stage, romeo, room, "to be mailed")

    mail = stage.sink.wait(uid)
    equal((mail.address("From"), mail["X-XMPP-Type"], mail["X-XMPP-Room"],
           mail.body()), (romeo.bare, "groupchat", room.jid, "to be mailed"))
    equal(sorted(address for _, address in getaddresses([mail["Cc"]])),
          sorted([juliet.bare, romeo.bare]))
    equal(stage.sink.wait(elsewhere)["X-XMPP-Room"], other.jid)
    stage.wait_sent()
    equal([(mail.to, mail.body()) for mail in stage.vault.mails],
          [("dear@archive.example", "to be mailed")])


scene(neighbour="mantua.test")
