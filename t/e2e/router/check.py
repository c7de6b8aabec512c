#!/usr/bin/python3
"""PROTOCOL 5: messages that are held for a verdict."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal, succeeds
from shim import scene, test
from stage import DOMAIN

FILES = "http://jabber.org/protocol/si"
CALLS = "urn:xmpp:jingle-message:0"
SHIM = {
    "judge": {
        "hooks": ["check"], "timeout": 9, "parked": 5, "parked_bytes": 9000,
        "profiles": [
            {"name": "strict", "users": ["tybalt"], "fail": "closed",
             "timeout": 1},
            {"name": "hasty", "users": ["mercutio"], "timeout": 1},
            {"name": "family", "peers": ["gate." + DOMAIN,
                                         "paris@" + DOMAIN]},
            {"users": ["romeo", "juliet", "nurse", "escalus"],
             "namespaces": [FILES, CALLS]}]},
    "gate": {"hooks": ["fanout"]},
}
OWN = {"blocking", "carbons", "offline", "resumption"}
GATE = f"servant@gate.{DOMAIN}"
STATE = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
LINK = "<x xmlns='jabber:x:oob'><url>https://x.test/</url></x>"
HTML = ("<html xmlns='http://jabber.org/protocol/xhtml-im'><body "
        "xmlns='http://www.w3.org/1999/xhtml'>x</body></html>")


def meet(stage, *names):
    """A judge, and people."""
    return [stage.component("judge"), *stage.users(*names)]


def answers(who):
    """The stream of somebody goes on."""
    who.ask("get", DOMAIN, "<ping xmlns='urn:xmpp:ping'/>")


@test("holds a message until it is allowed, and nothing else meanwhile")
def allow(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")

    romeo.say(juliet.bare, "one", id="m1")

    check = judge.told("check", point="send", profile=None)
    equal((check.kind, check.type, check.sender), ("iq", "set", DOMAIN))
    inner = check.inner
    equal((inner.sender, inner.to, inner.type, inner.id, inner.body),
          (romeo.full, juliet.bare, "chat", "m1", "one"))
    assert check.get("id") and check.stamp, f"{check}"
    answers(romeo)
    juliet.settle()
    juliet.silent()
    judge.verdict(check)
    came = juliet.hears(romeo.full, "one", id="m1", type="chat")
    equal(came.attribute("sid:stanza-id", "id"), check.get("id"))
    judge.settle()
    judge.silent()


@test("lets several go on that are allowed together, in order")
def allow_several(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")
    checks = []
    for number in range(3):
        romeo.say(juliet.bare, str(number))
        checks.append(judge.told("check"))

    judge.allow(checks[2], checks[1])
    judge.settle()
    juliet.settle()
    juliet.silent()
    judge.send(f"<message{judge.addresses(judge.host)}><allow xmlns='urn:x-"
               f"annex:0'>unknown\n{checks[0].id}\n</allow></message>")

    for number in range(3):
        juliet.hears(romeo.full, str(number))
    judge.settle()
    judge.silent()


@test("tells the sender of a message that is denied")
def deny(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")
    for given, condition in (({}, "policy-violation"),
                             ({"condition": "not-allowed"}, "not-allowed"),
                             ({"condition": "x"}, "policy-violation")):
        romeo.say(juliet.bare, "one", id="m1")
        judge.verdict(judge.told("check"), "deny", "<text>Not to her.</text>",
                      **given)

        error = romeo.expect("message", type="error", id="m1",
                             condition=condition, error_type="modify")
        equal(error.sender, juliet.bare)
        equal(error.text("c:error/stanzas:text"), "Not to her.")
    juliet.settle()
    juliet.silent()


@test("tells nobody when that is wanted")
def silently(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")

    romeo.say(juliet.bare, "one")
    judge.verdict(judge.told("check"), "deny", silent="true")
    romeo.say(juliet.bare, "two")
    judge.verdict(judge.told("check"))

    juliet.hears(romeo.full, "two")
    answers(romeo)
    romeo.silent()


@test("replaces what is in a message, and nothing else")
def replace(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")
    romeo.message(juliet.bare, "<body>one</body><x xmlns='urn:x'/>", id="m1")

    check = judge.told("check")
    judge.verdict(check, "replace", forwarded(
        "<message xmlns='jabber:client' from='a@b' to='c@d' type='normal' "
        "id='other'><body>two</body><y xmlns='urn:y'><z/></y></message>"))

    came = juliet.hears(romeo.full, "two", id="m1", type="chat")
    assert came.has("{urn:y}y/{urn:y}z") and not came.has("{urn:x}x")
    equal(came.attribute("sid:stanza-id", "id"), check.get("id"))


@test("lets go later what was kept, and only then")
def hold(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")
    romeo.say(juliet.bare, "one", id="m1")
    check = judge.told("check")
    judge.verdict(check, "hold")
    romeo.say(juliet.bare, "two")
    judge.verdict(judge.told("check"))
    juliet.hears(romeo.full, "two")

    judge.does("release", forwarded(
        f"<message xmlns='jabber:client' from='{romeo.full}' id='m1' "
        f"to='{juliet.bare}' type='chat'><body>(one)</body></message>",
        check.stamp), id=check.get("id"), point="send")

    came = juliet.hears(romeo.full, "(one)", id="m1")
    equal(came.attribute("delay:delay", "stamp"), check.stamp)
    equal(came.attribute("delay:delay", "from"), DOMAIN)
    equal(came.attribute("sid:stanza-id", "id"), check.get("id"))
    judge.settle()
    judge.silent()
    answers(romeo)
    romeo.silent()


@test("tells later that what was kept does not go on")
def refused(stage):
    judge, romeo, juliet, peter = meet(stage, "romeo", "juliet", "peter")
    message = (f"<message xmlns='jabber:client' from='{romeo.full}' "
               "to='{}' id='m1' type='chat'><body>one</body></message>")

    judge.does("refuse", "<text>Not &amp; now.</text>"
               + forwarded(message.format(juliet.full)), id="1",
               point="send", condition="not-allowed")
    error = romeo.expect("message", type="error", id="m1",
                         sender=juliet.full, condition="not-allowed")
    equal(error.text("c:error/stanzas:text"), "Not & now.")
    judge.does("refuse", forwarded(message.format(GATE)), id="2",
               point="send")
    romeo.expect("message", type="error", id="m1",
                 condition="policy-violation")
    judge.does("refuse", forwarded(
        f"<iq xmlns='jabber:client' type='set' id='f1' from='{peter.full}' "
        f"to='{juliet.full}'><si xmlns='{FILES}'/></iq>"), id="3",
        point="send")
    peter.expect("iq", type="error", id="f1", condition="policy-violation")
    for who in (judge, juliet):
        who.settle()
        who.silent()


@test("tells strangers, and nobody who has left, that it does not go on")
def refused_elsewhere(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")
    gate = stage.component("gate")
    judge.does("refuse", forwarded(
        f"<message xmlns='jabber:client' from='{GATE}' id='g1' "
        f"to='{juliet.full}'><body>one</body></message>"), id="1",
        point="receive")
    gate.expect("message", type="error", id="g1",
                condition="policy-violation")
    romeo.logout()
    judge.does("refuse", forwarded(
        f"<message xmlns='jabber:client' from='{romeo.full}' id='m1' "
        f"to='{juliet.full}'><body>one</body></message>"), id="2",
        point="send")
    for who in (judge, juliet, gate):
        who.settle()
        who.silent()


@test("lets go what was kept, though its sender has left")
def released(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")
    romeo.logout()

    for point, sender in (("send", romeo.full), ("receive", GATE)):
        judge.does("release", forwarded(
            f"<message xmlns='jabber:client' from='{sender}' "
            f"to='{juliet.full}' type='chat'><body>one</body></message>"),
            id="r" + point, point=point)
        juliet.hears(sender, "one")


@test("refuses to let go what cannot have been kept")
def unkept(stage):
    judge, juliet = meet(stage, "juliet")
    message = ("<message xmlns='jabber:client' from='{}' to='{}'><body>one"
               "</body></message>")

    for condition, content, given in (
            ("bad-request", "", {"id": "1", "point": "send"}),
            ("bad-request", message.format(juliet.full, GATE),
             {"point": "send"}),
            ("bad-request", message.format(juliet.full, GATE),
             {"id": "1", "point": "nowhere"}),
            ("forbidden", message.format(GATE, juliet.full),
             {"id": "1", "point": "send"}),
            ("forbidden", message.format(juliet.full, GATE),
             {"id": "1", "point": "receive"})):
        for element in "release", "refuse":
            judge.refused(condition, element,
                          forwarded(content) if content else "", **given)


@test("lets go offers and requests that were kept")
def kept(stage):
    judge, peter, juliet, paris = meet(stage, "peter", "juliet", "paris")

    judge.does("release", forwarded(
        f"<iq xmlns='jabber:client' type='set' id='f1' from='{peter.full}' "
        f"to='{juliet.full}'><si xmlns='{FILES}'/></iq>",
        "2026-11-29T12:00:00.000Z"), id="1", point="send")
    came = juliet.expect("iq", type="set", id="f1", sender=peter.full)
    equal([child.tag for child in came.xml], [f"{{{FILES}}}si"])
    judge.does("release", forwarded(
        f"<presence xmlns='jabber:client' type='subscribe' "
        f"from='{peter.full}' to='{paris.bare}'/>"), id="2", point="send")
    paris.expect("presence", type="subscribe", sender=peter.bare)


@test("lets go nothing that no profile of the component's holds")
def unheld(stage):
    judge, romeo, juliet, benvolio, rosaline = meet(
        stage, "romeo", "juliet", "benvolio", "rosaline")
    add = ("<query xmlns='jabber:iq:roster'><item jid='forged@example.org'/>"
           "</query>")
    own = f"from='{juliet.full}' to='{juliet.bare}'"
    said = f"from='{romeo.full}' to='{juliet.full}'"

    for point, content in (
            ("send", f"<iq type='set' id='1' {own}>{add}</iq>"),
            ("send", f"<iq type='set' id='1' {own}>{add}"
                     f"<si xmlns='{FILES}'/></iq>"),
            ("send", f"<iq type='get' id='1' {said}><si xmlns='{FILES}'/>"
                     "</iq>"),
            ("send", f"<presence type='subscribed' {said}/>"),
            ("send", f"<presence {said}/>"),
            ("send", f"<message {said}>{STATE}</message>"),
            ("send", f"<message type='error' {said}><body>x</body></message>"),
            ("receive", f"<message {said}><body>x</body></message>"),
            ("send", f"<message from='{benvolio.full}' to='{rosaline.full}'>"
                     "<body>x</body></message>"),
            ("send", f"<message from='{juliet.full}' to='{judge.domain}'>"
                     "<body>x</body></message>")):
        judge.refused("forbidden", "release", forwarded(content.replace(
            " ", " xmlns='jabber:client' ", 1)), id="1", point=point)

    roster = juliet.ask("get", None, "<query xmlns='jabber:iq:roster'/>")
    assert "forged@" not in f"{roster}", f"{roster}"
    for who in (judge, romeo, juliet, rosaline):
        who.settle()
        who.silent()


@test("holds what says something, of any of these kinds")
def kinds(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")
    for type, content in (
            ("chat", "<body>x</body>"), (None, "<body>x</body>"),
            ("chat", "<body xmlns='jabber:server'>x</body>"),
            ("chat", "<body xmlns='jabber:component:accept'>x</body>"),
            ("headline", "<body>x</body>"), ("groupchat", "<body>x</body>"),
            ("groupchat", "<subject>x</subject>"),
            ("chat", "<subject xmlns='jabber:server'>x</subject>"),
            ("chat", HTML), ("chat", LINK),
            ("chat", f"{STATE}<reference xmlns='urn:xmpp:reference:0'/>"),
            ("chat", "<encrypted xmlns='eu.siacs.conversations.axolotl'/>"),
            ("chat", "<encrypted xmlns='urn:xmpp:omemo:2'/>"),
            ("chat", f"<propose xmlns='{CALLS}' id='1'/>")):
        romeo.message(juliet.full, content, type=type)

        check = judge.told("check")
        equal(check.inner.type, type)
        if "body" in content and content != HTML:
            equal(check.inner.body, "x")
        judge.verdict(check, "deny", silent="true")


@test("holds what is of an unknown type, which counts as normal")
def unknown(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")
    romeo.message(juliet.full, "<body>x</body>", type="unknown")

    judge.verdict(judge.told("check"), "deny", silent="true")

    romeo.settle()
    juliet.settle()
    juliet.silent()


@test("lets pass what says nothing")
def passes(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")

    for content in (STATE, "<received xmlns='urn:xmpp:receipts' id='1'/>",
                    "<subject/>"):
        romeo.message(juliet.full, content)
        juliet.expect("message", body=None)
    romeo.message(juliet.full, "<body>x</body><error type='cancel'><gone "
                  "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
                  type="error")
    juliet.expect("message", type="error")
    romeo.send(f"<presence to='{juliet.full}'/>")
    juliet.expect("presence", sender=romeo.full)
    romeo.iq("get", juliet.full, f"<si xmlns='{FILES}'/>")
    request = juliet.expect("iq", type="get")
    juliet.send(f"<iq type='result' id='{request.id}' to='{romeo.full}'/>")
    romeo.expect("iq", type="result")

    judge.settle()
    judge.silent()


@test("holds offers of files, and requests for a subscription")
def offers(stage):
    judge, escalus, juliet = meet(stage, "escalus", "juliet")

    escalus.iq("set", juliet.full, f"<si xmlns='{FILES}'/>", id="f1")
    offer = judge.told("check", point="send")
    judge.verdict(offer)
    juliet.expect("iq", type="set", id="f1")
    escalus.iq("set", juliet.full, f"<si xmlns='{FILES}'/>", id="f2")
    judge.verdict(judge.told("check"), "deny")
    escalus.expect("iq", type="error", id="f2", condition="policy-violation")
    escalus.send(f"<presence type='subscribe' to='{juliet.bare}'/>")
    check = judge.told("check", point="send")
    equal((check.inner.kind, check.inner.type), ("presence", "subscribe"))
    assert offer.get("id") and check.get("id"), f"{offer} {check}"
    juliet.settle()
    juliet.silent()
    judge.verdict(check)
    juliet.expect("presence", type="subscribe", sender=escalus.bare)


@test("names the profile that is for them, whoever of the two it names")
def profiles(stage):
    judge, romeo, tybalt, paris = meet(stage, "romeo", "tybalt", "paris")
    for sender, to, name in ((romeo, romeo, None), (romeo, tybalt, "strict"),
                             (tybalt, romeo, "strict"),
                             (romeo, paris, "family"),
                             (paris, romeo, "family")):
        sender.say(to.bare, "one")
        check = judge.told("check", point="send", profile=name)
        judge.verdict(check, "deny", silent="true")


@test("lets pass what no profile is for")
def unwatched(stage):
    judge, benvolio, rosaline = meet(stage, "benvolio", "rosaline")

    benvolio.say(rosaline.bare, "one")

    rosaline.hears(benvolio.full, "one")
    judge.silent()


@test("holds what comes from outside")
def receive(stage):
    judge, juliet = meet(stage, "juliet")
    gate = stage.component("gate")

    gate.send(f"<message from='{GATE}' to='{juliet.bare}' type='chat' "
              "id='m1'><body>one</body></message>")

    check = judge.told("check", point="receive", profile="family")
    equal((check.inner.sender, check.inner.to), (GATE, juliet.bare))
    judge.verdict(check)
    juliet.hears(GATE, "one")
    gate.send(f"<message from='{GATE}' to='{juliet.bare}' type='chat' "
              "id='m2'><body>two</body></message>")
    judge.verdict(judge.told("check"), "deny")
    gate.pick(lambda word: word.type == "error" and word.id == "m2",
              "the error")


@test("holds nothing that a room sends by itself")
def room(stage):
    judge, juliet = meet(stage, "juliet")
    gate = stage.component("gate")
    said = f"from='page@gate.{DOMAIN}' to='{juliet.full}' type='groupchat'"

    gate.send(f"<message {said}><body>one</body></message>")

    juliet.hears(f"page@gate.{DOMAIN}", "one")
    judge.settle()
    judge.silent()
    judge.refused("forbidden", "release", forwarded(
        f"<message xmlns='jabber:client' {said}><body>two</body></message>"),
        id="1", point="receive")


@test("holds nothing that fanout sends")
def fanned(stage):
    judge, juliet = meet(stage, "juliet")
    gate = stage.component("gate")
    page = f"page@gate.{DOMAIN}"

    for content in ("message'><body>one</body></message>",
                    "presence' type='subscribe'/>",
                    f"iq' type='set' id='f1'><si xmlns='{FILES}'/></iq>"):
        kind, rest = content.split("'", 1)
        gate.fanout([juliet.bare if kind == "presence" else juliet.full],
                    f"<{kind} xmlns='jabber:client' from='{page}'{rest}")
        juliet.expect(kind, sender=page)

    judge.settle()
    judge.silent()


@test("holds what goes outside, and nothing that is for the component")
def outwards(stage):
    judge, juliet = meet(stage, "juliet")
    gate = stage.component("gate")

    juliet.say(GATE, "one")
    judge.verdict(judge.told("check", point="send"))
    gate.expect("message", body="one")
    juliet.say(judge.domain, "two")
    equal(judge.next().body, "two")


@test("keeps the order, whatever the order of verdicts")
def order(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")

    romeo.say(juliet.full, "one")
    romeo.message(juliet.full, STATE)
    romeo.say(juliet.full, "two")
    first, second = judge.told("check"), judge.told("check")
    judge.verdict(second)
    judge.settle()
    juliet.settle()
    juliet.silent()
    judge.verdict(first)

    juliet.hears(romeo.full, "one")
    assert juliet.expect("message", body=None).has("*")
    juliet.hears(romeo.full, "two")


@test("keeps the order of subscriptions as well, whoever asks for them")
def subscriptions(stage):
    judge, nurse = meet(stage, "nurse")
    gate = stage.component("gate")
    succeeds(nurse.ask("get", None, "<query xmlns='jabber:iq:roster'/>"))
    for sender, hears, types, address in (
            (nurse, gate, ["subscribe", "unsubscribe", "subscribe"],
             f"to='{GATE}'"),
            (gate, nurse, ["subscribe", "subscribed"],
             f"from='{GATE}' to='{nurse.bare}'")):
        sender.send("".join(f"<presence type='{type}' {address}/>"
                            for type in types))

        checks = [judge.told("check")
                  for type in types if type == "subscribe"]
        sender.settle()
        hears.settle()
        assert not [word for word in hears.inbox if word.kind == "presence"]
        for check in reversed(checks):
            judge.verdict(check)
        equal([hears.pick(lambda word: word.kind == "presence",
                          type).type for type in types], types)


@test("holds nobody up for another's message")
def others(stage):
    judge, romeo, juliet, nurse = meet(stage, "romeo", "juliet", "nurse")

    romeo.say(juliet.full, "one")
    first = judge.told("check")
    nurse.say(juliet.full, "two")
    judge.verdict(judge.told("check"))

    juliet.hears(nurse.full, "two")
    judge.verdict(first)
    juliet.hears(romeo.full, "one")


@test("holds nobody up for what somebody outside sends to others")
def recipients(stage):
    names = "romeo", "juliet", "nurse", "paris", "benvolio", "rosaline"
    judge, *people = meet(stage, *names)
    gate = stage.component("gate")

    gate.send("".join(
        f"<message from='{GATE}' to='{who.full}' type='chat'><body>{name}"
        "</body></message>" for who, name in zip(people, names)))

    checks = {check.inner.to: check for check in (
        judge.told("check", point="receive") for _ in names)}
    for who, name in reversed(list(zip(people, names))):
        judge.verdict(checks[who.full])
        who.hears(GATE, name)
    gate.settle()
    gate.silent()


@test("holds only so many messages of a session")
def parked(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")

    for number in range(7):
        romeo.say(juliet.full, str(number), id=str(number))

    for number in (5, 6):
        romeo.expect("message", type="error", id=str(number),
                     condition="resource-constraint", error_type="wait")
    for number in range(5):
        judge.verdict(judge.told("check"))
        juliet.hears(romeo.full, str(number))


@test("holds only so much of a session, and of those outside")
def parked_bytes(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")
    gate = stage.component("gate")
    big = "x" * 5000
    for _ in range(2):
        for number in range(4):
            romeo.say(juliet.full, big, id=str(number))
            gate.send(f"<message from='{GATE}' to='{juliet.full}' type='chat' "
                      f"id='{number}'><body>{big}</body></message>")

        for number in (2, 3):
            for who in (romeo, gate):
                error = who.pick(lambda word: word.type == "error", "an error")
                equal((error.id, error.condition, error.error_type),
                      (str(number), "resource-constraint", "wait"))
        for _ in range(4):
            judge.verdict(judge.told("check"), "deny", silent="true")
        judge.settle()
        romeo.settle()


@test("lets go, or not, when the component says nothing")
def silent(stage):
    judge, romeo, tybalt, juliet = meet(stage, "mercutio", "tybalt",
                                        "juliet")

    romeo.say(juliet.full, "one")
    tybalt.say(juliet.full, "two", id="m2")
    late = [judge.told("check"), judge.told("check")]

    juliet.hears(romeo.full, "one")
    tybalt.expect("message", type="error", id="m2",
                  condition="resource-constraint", error_type="wait")
    for check in late:
        judge.verdict(check)
    judge.settle()
    juliet.settle()
    juliet.silent()


@test("lets go, or not, when the answer is none")
def nonsense(stage):
    judge, romeo, tybalt, juliet = meet(stage, "romeo", "tybalt", "juliet")
    for answer in (lambda check: judge.error(check),
                   lambda check: judge.result(check),
                   lambda check: judge.verdict(check, "dance"),
                   lambda check: judge.verdict(check, "replace"),
                   lambda check: judge.verdict(check, "replace",
                                               forwarded(""))):
        romeo.say(juliet.full, "one")
        answer(judge.told("check"))
        juliet.hears(romeo.full, "one")
        tybalt.say(juliet.full, "two")
        answer(judge.told("check", profile="strict"))
        tybalt.expect("message", type="error",
                      condition="resource-constraint")


@test("lets go, or not, at once when the component goes or is away")
def away(stage):
    judge, paris, tybalt, juliet = meet(stage, "paris", "tybalt", "juliet")
    paris.say(juliet.full, "one")
    tybalt.say(juliet.full, "two")
    judge.told("check")
    judge.told("check")

    judge.vanish()

    juliet.hears(paris.full, "one")
    tybalt.expect("message", type="error", condition="resource-constraint")
    paris.say(juliet.full, "three")
    tybalt.say(juliet.full, "four")
    juliet.hears(paris.full, "three")
    tybalt.expect("message", type="error", condition="resource-constraint")


@test("lets go what somebody sent who has left meanwhile")
def left(stage):
    judge, paris, juliet = meet(stage, "paris", "juliet")
    paris.say(juliet.full, "one")
    paris.say(juliet.full, "two")
    first, second = judge.told("check"), judge.told("check")
    paris.logout()

    judge.verdict(second, "deny")
    judge.verdict(first)

    juliet.hears(paris.full, "one")
    juliet.settle()
    juliet.silent()


@test("lets go what somebody sent whose session is resumed (XEP-0198)")
def resumed(stage):
    judge, paris, juliet = meet(stage, "paris", "juliet")
    paris.manage()
    paris.say(juliet.full, "one")
    paris.say(juliet.full, "two", id="m2")
    first, second = judge.told("check"), judge.told("check")
    paris.vanish()
    paris.resume(0)

    paris.say(juliet.full, "three")
    judge.verdict(first)
    judge.verdict(second, "deny")
    judge.verdict(judge.told("check"))

    juliet.hears(paris.full, "one")
    juliet.hears(paris.full, "three")
    paris.pick(lambda word: word.type == "error" and word.id == "m2",
               "the error")


@test("copies to other clients what was allowed, as it then is (XEP-0280)")
def carbons(stage):
    judge, romeo, juliet = meet(stage, "romeo", "juliet")
    phone = stage.user("romeo", "phone")
    succeeds(phone.ask("set", None, "<enable xmlns='urn:xmpp:carbons:2'/>"))
    stage.forget(romeo, phone)
    romeo.say(juliet.full, "one")

    judge.verdict(judge.told("check"), "replace", forwarded(
        "<message xmlns='jabber:client'><body>two</body></message>"))

    juliet.hears(romeo.full, "two")
    copy = phone.expect("message", sender=romeo.bare)
    equal(copy.text("{urn:xmpp:carbons:2}sent/forward:forwarded/c:message/"
                    "c:body"), "two")
    romeo.settle()
    romeo.silent()


@test("lets blocking have its effect on what was allowed (XEP-0191)")
def blocking(stage):
    judge, romeo, rosaline = meet(stage, "romeo", "rosaline")
    succeeds(rosaline.ask("set", None, "<block xmlns='urn:xmpp:blocking'>"
                                       f"<item jid='{romeo.bare}'/></block>"))
    rosaline.forget()
    romeo.say(rosaline.bare, "one", id="m1")

    judge.verdict(judge.told("check"))

    judge.settle()
    rosaline.settle()
    rosaline.silent()


scene(SHIM, OWN)
