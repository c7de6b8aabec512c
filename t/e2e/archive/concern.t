#!/usr/bin/python3
"""Policies that concern some people, directions and kinds alone."""
import signal
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal  # noqa: E402
from judging import scene, test  # noqa: E402
from record import GATE  # noqa: E402
from stage import DOMAIN  # noqa: E402

POLICIES = """
group "traders" {
    users = { "romeo@%(domain)s", "tybalt@%(domain)s" }
}
policy "sent" {
    who = { "group traders", "!user tybalt@%(domain)s" }
    direction = out
    kinds = { message, subscription }
    servers = { "{first}" } {tls}
    timeout = 4s
}
policy "got" {
    who = { "user paris@%(domain)s", "user juliet@%(domain)s" }
    direction = in
    servers = { "{first}" } {tls}
    timeout = 4s
}
policy "hall" {
    who = { "room hall@%(gate)s" }
    servers = { "{first}" } {tls}
    timeout = 4s
}
policy "files" {
    kinds = { file }
    servers = { "{first}" } {tls}
    timeout = 4s
}
""" % {"domain": DOMAIN, "gate": GATE.partition("@")[2]}
PROFILES = {
    "timeout": 9, "fail": "closed",
    "profiles": [
        {"name": "files", "users": ["nurse"],
         "namespaces": ["urn:x:offer", "urn:xmpp:jingle:1"]},
        {"name": "got", "users": ["paris"]},
        {"name": "hall", "users": ["benvolio"]},
        {"name": "sent"}]}
OOB = "<x xmlns='jabber:x:oob'><url>https://up.test/a.png</url></x>"
JINGLE = ("<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' "
          "sid='s1'><content creator='initiator' name='c'><description "
          "xmlns='urn:xmpp:jingle:apps:file-transfer:5'><file><name>a.png"
          "</name></file></description></content></jingle>")


def begin(stage, *names):
    stage.renew()
    return stage.users(*names)


def asked(stage):
    """What the server was asked about: bodies, or kinds where there is
    none."""
    return [question.get("body", question["kind"])
            for question in stage.first.questions]


@test("asks about what a group sends, without those who are excepted")
def sent(stage):
    romeo, juliet, tybalt = begin(stage, "romeo", "juliet", "tybalt")
    gate = stage.component("gate")

    juliet.say(romeo.full, "from juliet")
    romeo.hears(juliet.full, "from juliet")
    tybalt.say(juliet.full, "from tybalt")
    juliet.hears(tybalt.full, "from tybalt")
    gate.send(f"<message from='{GATE}' to='{romeo.bare}' type='chat'>"
              "<body>knock</body></message>")
    romeo.hears(GATE, "knock")
    romeo.say(juliet.full, "from romeo")
    juliet.hears(romeo.full, "from romeo")

    equal(asked(stage), ["from romeo"])
    equal(stage.verdicts("allowed"), 1)


@test("asks about what people get, and not about what they send")
def got(stage):
    paris, juliet, rosaline = begin(stage, "paris", "juliet", "rosaline")
    gate = stage.component("gate")

    for to in rosaline, juliet:
        paris.say(to.full, f"to {to.name}")
        to.hears(paris.full, f"to {to.name}")
    gate.send(f"<message from='{GATE}' to='{paris.bare}' type='chat'>"
              "<body>to paris</body></message>")
    paris.hears(GATE, "to paris")

    equal(asked(stage), ["to juliet", "to paris"])
    equal([question["point"] for question in stage.first.questions],
          ["send", "receive"])


@test("asks about what is said in a room, and comes from one in it")
def room(stage):
    benvolio, rosaline = begin(stage, "benvolio", "rosaline")
    gate = stage.component("gate")
    hall, other = (GATE.replace("servant", name)
                   for name in ("hall", "cellar"))

    benvolio.say(rosaline.full, "to her")
    rosaline.hears(benvolio.full, "to her")
    for place in other, hall:
        benvolio.message(place, f"<body>in {place}</body>", "groupchat")
        gate.pick(lambda word, place=place: word.body == f"in {place}",
                  "what is said there")
        gate.send(f"<message from='{place}/paris' to='{benvolio.full}' "
                  f"type='chat'><body>of {place}</body></message>")
        benvolio.pick(lambda word, place=place: word.body == f"of {place}",
                      "what is said there")

    equal(asked(stage), [f"in {hall}", f"of {hall}"])


@test("asks about files alone")
def files(stage):
    nurse, juliet = begin(stage, "nurse", "juliet")

    nurse.say(juliet.full, "no file")
    juliet.hears(nurse.full, "no file")
    nurse.send(f"<iq type='set' id='i1' to='{juliet.full}'>"
               "<offer xmlns='urn:x:offer'/></iq>")
    nurse.send(f"<iq type='set' id='i2' to='{juliet.full}'>{JINGLE}</iq>")
    for id in ("i1", "i2"):
        juliet.pick(lambda word, id=id: word.kind == "iq" and word.id == id,
                    "the offer")
    nurse.message(juliet.full, f"<body>a file</body>{OOB}")
    juliet.hears(nurse.full, "a file")

    equal(asked(stage), ["iq", "a file"])


@test("takes over other members of a group without a restart")
def reload(stage):
    romeo, juliet = begin(stage, "romeo", "juliet")
    old = stage.settings
    since = len(stage.annex.process.lines)
    stage.annex.write(old.replace(f'"romeo@{DOMAIN}", ', ""))
    stage.annex.process.child.send_signal(signal.SIGHUP)
    stage.annex.process.wait_line('archive.group "traders"', since)

    romeo.say(juliet.full, "one")
    juliet.hears(romeo.full, "one")
    equal(asked(stage), [])

    since = len(stage.annex.process.lines)
    stage.annex.write(old.replace("group traders", "group nobody"))
    stage.annex.process.child.send_signal(signal.SIGHUP)
    stage.annex.process.wait_line('there is no group "nobody"', since)
    stage.annex.write(old)


scene(POLICIES, PROFILES)
