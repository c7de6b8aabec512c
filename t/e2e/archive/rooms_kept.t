#!/usr/bin/python3
"""With retract = keep of annex-muc, what is retracted in rooms stays for
auditors alone."""
import json
import sys
sys.path.append(sys.path[0] + "/../../lib")
from alongside import scene, test
from asked import ask
from guest import equal, succeeds
from lookback import bodies, look
from stanza import NS

RETRACT = "urn:xmpp:message-retract:1"
STORE = "<store xmlns='urn:xmpp:hints'/>"
WORDS = "{urn:xmpp:fulltext:0}fulltext"
NS.update({"retract": RETRACT, "moderate": "urn:xmpp:message-moderate:1"})


def say(stage, who, room, text, id, more=""):
    """Returns the id by which it is archived, once it is."""
    who.message(room.jid, f"<body>{text}</body>" + more, id=id)
    uid = stage.wait_body(text)
    stage.hush()
    return uid


def edit(stage, who, room, text, id, of):
    return say(stage, who, room, text, id, (
        f"<replace xmlns='urn:xmpp:message-correct:0' id='{of}'/>"))


def retract(stage, who, room, target):
    who.message(room.jid, f"<retract xmlns='{RETRACT}' id='{target}'/>"
                + STORE, id=f"r-{target}")
    stage.hush()


def moderate(stage, who, room, target):
    succeeds(who.ask("set", room.jid, (
        f"<moderate xmlns='urn:xmpp:message-moderate:1' id='{target}'>"
        f"<retract xmlns='{RETRACT}'/></moderate>")))
    stage.hush()


def found(stage, room):
    """What auditors find, the oldest first, but for what has no text."""
    return [row["text"] for row in ask(stage, "search", "--room", room.jid)
            if row["text"] is not None][::-1]


@test("shows members that it was removed, and auditors what it was")
def kept(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)
    one = say(stage, juliet, room, "my word", "m1")
    again = edit(stage, juliet, room, "my other word", "m2", "m1")
    two = say(stage, juliet, room, "a rude word", "m3")
    say(stage, juliet, room, "the last word", "m4")

    retract(stage, juliet, room, one)
    moderate(stage, romeo, room, two)

    results, _ = look(juliet, room)
    equal([(result.id, result.message and result.message.body)
           for result in results[:4]][:3],
          [(one, None), (again, None), (two, None)])
    equal([result.message.attribute("retract:retracted", "id")
           for result in results[:2]], 2 * [f"r-{one}"])
    equal(results[2].message.find("retract:retracted/moderate:moderated")
          .get("by"), room.at("romeo"))
    equal(bodies(juliet, room, **{WORDS: "word"}), ["the last word"])
    equal([old.body for old in nurse.enter(room).history],
          [None, None, None, "the last word", None])
    stage.hush()
    equal(found(stage, room), ["my word", "my other word", "a rude word",
                               "the last word"])
    equal(len(ask(stage, "search", "--text", "rude word")), 1)


@test("says so in the audit log")
def logged(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    one = say(stage, juliet, room, "to be seen no more", "m1")

    retract(stage, juliet, room, one)

    stage.wait_rows("SELECT count(*) FROM archive_retraction", [("0",)])
    row, = [row for row in ask(stage, "audit", "list") if one in row["detail"]]
    equal((row["action"], row["who"]), ("retracted", juliet.bare))
    message, = [each for each in json.loads(row["detail"])["messages"]
                if each["id"] == one]
    equal((message["text"], message["room"]), ("unseen", room.jid))


@test("keeps it when it is held no more")
def held(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet)
    ask(stage, "hold-add", "kept", juliet.bare)
    one = say(stage, juliet, room, "held as well", "m1")

    retract(stage, juliet, room, one)
    equal(bodies(juliet, room), [None, None])
    # That takes away what is to have no text any more.
    ask(stage, "hold-remove", "kept")

    equal(found(stage, room), ["held as well"])
    equal(bodies(juliet, room), [None, None])


scene('retract = "keep"\n')
