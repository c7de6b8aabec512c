#!/usr/bin/python3
"""PROTOCOL 5: what is said in rooms is judged as it goes in, whoever says
it."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal
from shim import scene, test
from stage import DOMAIN
from stanza import NS

ROOM, STRICT = f"hall@rooms.{DOMAIN}", f"strict@rooms.{DOMAIN}"
SHIM = {"judge": {"hooks": ["check"], "timeout": 9, "profiles": [
            {"name": "strict", "peers": [STRICT], "fail": "closed"}, {}]},
        "rooms": {"hooks": ["fanout"]}, "gate": {"hooks": ["route"]}}
STATE = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"


def meet(stage):
    """A judge, rooms, somebody here and somebody elsewhere."""
    return (stage.component("judge"), stage.component("rooms"),
            stage.user("juliet"),
            stage.user("balthasar", router=stage.remote))


def say(who, text, room=ROOM, id=None):
    who.message(room, f"<body>{text}</body>", "groupchat", id)


def said(sender, text, stamp=None):
    """What somebody said, as a component gives it back."""
    return forwarded(
        f"<message xmlns='jabber:client' from='{sender}' to='{ROOM}' "
        f"type='groupchat' id='m1'><body>{text}</body></message>", stamp)


def of_rooms(content=""):
    return f"<x xmlns='{NS['user']}'>{content}</x>"


def nothing_more(*who):
    for one in who:
        one.settle()
        one.silent()


@test("holds what somebody elsewhere says in a room, and that alone")
def says(stage):
    judge, rooms, juliet, balthasar = meet(stage)

    say(balthasar, "one", id="m1")

    check = judge.told("check", point="receive", profile=None)
    equal((check.sender, check.inner.sender, check.inner.to,
           check.inner.type, check.inner.id, check.inner.body),
          (DOMAIN, balthasar.full, ROOM, "groupchat", "m1", "one"))
    assert check.get("id") and check.stamp, f"{check}"
    nothing_more(rooms)
    judge.verdict(check)
    rooms.expect("message", sender=balthasar.full, to=ROOM, id="m1",
                 type="groupchat", body="one")
    nick = f"{ROOM}/balthasar"
    rooms.send(f"<message from='{nick}' to='{juliet.full}' type='groupchat'>"
               "<body>one</body></message>")
    rooms.fanout([juliet.full, balthasar.full],
                 f"<message xmlns='jabber:client' from='{nick}' "
                 "type='groupchat'><body>two</body></message>")
    juliet.hears(nick, "one")
    juliet.hears(nick, "two")
    balthasar.hears(nick, "two")
    nothing_more(judge, rooms)


@test("holds what another component says in one, but no room and no judge")
def component(stage):
    judge, rooms = stage.component("judge"), stage.component("rooms")
    gate = stage.component("gate")

    gate.send(f"<message from='{gate.domain}' to='{ROOM}' id='m1'>"
              "<body>one</body></message>")
    judge.verdict(judge.told("check", point="receive"), "deny")
    gate.expect("message", type="error", id="m1", sender=ROOM)
    for sender in judge, rooms:
        sender.send(f"<message from='{sender.domain}' to='{ROOM}'>"
                    "<body>two</body></message>")
        rooms.expect("message", sender=sender.domain, body="two")

    nothing_more(judge, rooms)


@test("tells somebody elsewhere of what is denied, or nobody")
def denied(stage):
    judge, rooms, _, balthasar = meet(stage)

    say(balthasar, "one", id="m1")
    judge.verdict(judge.told("check"), "deny", "<text>Not here.</text>",
                  condition="not-allowed")
    say(balthasar, "two", id="m2")
    judge.verdict(judge.told("check"), "deny", silent="true")
    say(balthasar, "three", room=STRICT)
    judge.verdict(judge.told("check", profile="strict"))

    error = balthasar.expect("message", type="error", id="m1", sender=ROOM,
                             condition="not-allowed")
    equal(error.text("c:error/stanzas:text"), "Not here.")
    rooms.expect("message", to=STRICT, body="three")
    nothing_more(rooms, balthasar)


@test("replaces what is said")
def replaced(stage):
    judge, rooms, _, balthasar = meet(stage)

    say(balthasar, "one", id="m1")
    judge.verdict(judge.told("check"), "replace", said("a@b", "two"))

    rooms.expect("message", sender=balthasar.full, to=ROOM, id="m1",
                 body="two")
    nothing_more(judge, rooms)


@test("lets go later what was kept, once, or says that it does not go on")
def kept(stage):
    judge, rooms, _, balthasar = meet(stage)
    say(balthasar, "one", id="m1")
    check = judge.told("check")
    judge.verdict(check, "hold")
    say(balthasar, "two")
    judge.verdict(judge.told("check"))
    rooms.expect("message", body="two")

    judge.does("release", said(balthasar.full, "(one)", check.stamp),
               id=check.get("id"), point="receive")

    came = rooms.expect("message", sender=balthasar.full, to=ROOM, id="m1",
                        type="groupchat", body="(one)")
    equal((came.attribute("delay:delay", "stamp"),
           came.attribute("delay:delay", "from")), (check.stamp, DOMAIN))
    judge.does("refuse", said(balthasar.full, "three"), id="2",
               point="receive", condition="not-allowed")
    balthasar.expect("message", type="error", id="m1", sender=ROOM,
                     condition="not-allowed")
    nothing_more(judge, rooms)


@test("lets nothing go into a room that is not held as it goes in")
def forbidden(stage):
    judge, rooms, juliet, _ = meet(stage)

    for sender in (juliet.full, f"{STRICT}/romeo", judge.domain):
        judge.refused("forbidden", "release", said(sender, "one"), id="1",
                      point="receive")

    nothing_more(rooms)


@test("judges once what is said to one in a room, and an invitation")
def once(stage):
    judge, rooms, juliet, balthasar = meet(stage)
    romeo = stage.user("romeo")
    for sender, point in ((juliet, "send"), (balthasar, "receive")):
        nick = f"{ROOM}/{sender.name}"

        sender.message(f"{ROOM}/romeo", "<body>one</body>" + of_rooms())
        judge.verdict(judge.told("check", point=point))
        rooms.expect("message", sender=sender.full, body="one")
        rooms.send(f"<message from='{nick}' to='{romeo.full}' type='chat'>"
                   f"<body>one</body>{of_rooms()}</message>")
        romeo.hears(nick, "one", type="chat")
        sender.message(ROOM, of_rooms(
            f"<invite to='{romeo.bare}'><reason>Come!</reason></invite>"),
            None)
        judge.verdict(judge.told("check", point=point))
        rooms.expect("message", sender=sender.full)
        rooms.send(f"<message from='{ROOM}' to='{romeo.bare}'>" + of_rooms(
            f"<invite from='{sender.bare}'><reason>Come!</reason></invite>")
            + "</message>")
        romeo.expect("message", sender=ROOM)

    nothing_more(judge, romeo)


@test("keeps the order of what somebody says in a room")
def order(stage):
    judge, rooms, _, balthasar = meet(stage)
    say(balthasar, "one")
    balthasar.message(ROOM, STATE, "groupchat")
    say(balthasar, "two")
    first, second = judge.told("check"), judge.told("check")

    judge.verdict(second)
    nothing_more(judge, rooms)
    judge.verdict(first)

    for body in ("one", None, "two"):
        rooms.expect("message", body=body)


@test("lets it in, or not, while nobody judges")
def away(stage):
    judge, rooms, _, balthasar = meet(stage)

    def both(text):
        say(balthasar, text)
        say(balthasar, text, STRICT, id=text)

    def outcome(text):
        rooms.expect("message", to=ROOM, body=text)
        balthasar.expect("message", type="error", id=text,
                         condition="resource-constraint", error_type="wait")

    both("one")
    equal({judge.told("check").get("profile") for _ in range(2)},
          {None, "strict"})
    judge.vanish()
    outcome("one")
    both("two")
    outcome("two")
    nothing_more(rooms)


@test("goes by the configuration as it is")
def configured(stage):
    judge, rooms, _, balthasar = meet(stage)
    for shim, is_held in ((dict(SHIM, judge={"hooks": ["tap"]}), False),
                          (SHIM, True),
                          (dict(SHIM, rooms={"hooks": ["tap"]}), False),
                          (SHIM, True)):
        stage.configure(shim)
        judge.hello()
        rooms.hello()

        say(balthasar, "one")

        if is_held:
            judge.verdict(judge.told("check", point="receive"))
        rooms.expect("message", body="one")
    nothing_more(judge, rooms)


@test("lets in what another server sent that has gone meanwhile")
def gone(stage):
    judge, rooms, _, balthasar = meet(stage)
    say(balthasar, "one")
    say(balthasar, "two")
    first, second = judge.told("check"), judge.told("check")
    stage.remote.stop()

    judge.verdict(first)
    judge.verdict(second, "deny")

    rooms.expect("message", sender=balthasar.full, body="one")
    nothing_more(rooms)


scene(SHIM, neighbour="mantua.test")
