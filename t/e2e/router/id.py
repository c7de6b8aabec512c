#!/usr/bin/python3
"""PROTOCOL 14: the id in what is delivered."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, succeeds
from shim import scene, test
from stage import DOMAIN
from stanza import Stanza

SHIM = {"archive": {"hooks": ["tap"]}, "gate": {"hooks": ["fanout"]}}
OWN = {"carbons"}
GATE = f"garden@gate.{DOMAIN}/nurse"
BODY = "<body>one</body>"
ERROR = ("<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:"
         "xmpp-stanzas'/></error>")
TALK = ((None, BODY), ("chat", BODY))
NO_TALK = (("groupchat", BODY), ("headline", BODY), ("error", BODY + ERROR))
RECEIPT = "<received xmlns='urn:xmpp:receipts' id='1'/>"


def send(stage, to, type, content):
    kind = f" type='{type}'" if type else ""
    stage.components["gate"].send(
        f"<message from='{GATE}' to='{to}'{kind}>{content}</message>")


def meet(stage):
    """Somebody with two clients, of which the second wants copies."""
    stage.component("gate")
    juliet, phone = stage.user("juliet"), stage.user("juliet", "phone")
    succeeds(phone.ask("set", None, "<enable xmlns='urn:xmpp:carbons:2'/>"))
    stage.forget(juliet, phone)
    return juliet, phone


def ids(message):
    return [(element.get("by"), element.get("id"))
            for element in message.find_all("sid:stanza-id")]


@test("is the account's for talk alone, and the host's for all else")
def by(stage):
    archive, (juliet, _) = stage.component("archive"), meet(stage)
    for type, content in (*TALK, (None, RECEIPT), *NO_TALK):
        author = DOMAIN if (type, content) in NO_TALK else juliet.bare

        send(stage, juliet.full, type, content)

        id = archive.told("tap", dir="in").get("id")
        came = juliet.expect("message", sender=GATE, type=type)
        equal(ids(came), [(author, id)])


@test("is the only one that is ours, whatever a message brings along")
def forged(stage):
    juliet, _ = meet(stage)
    forgeries = "".join(
        f"<stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='forged'/>"
        for by in (juliet.bare, DOMAIN, juliet.bare.upper(), DOMAIN.upper(),
                   "garden@elsewhere.example.org"))

    for type, content in TALK + NO_TALK:
        send(stage, juliet.full, type, content + forgeries)

        first, (author, id) = ids(juliet.hears(GATE, "one", type=type))
        equal(first, ("garden@elsewhere.example.org", "forged"))
        assert author in (juliet.bare, DOMAIN), author
        assert id != "forged"


@test("comes with no time by the host that a user wrote")
def forged_delay(stage):
    romeo, juliet = stage.users("romeo", "juliet")

    romeo.message(juliet.full, BODY + "".join(
        f"<delay xmlns='urn:xmpp:delay' from='{by}' "
        "stamp='2002-10-13T23:58:37Z'/>"
        for by in (DOMAIN, romeo.full, DOMAIN.upper())))

    came = juliet.hears(romeo.full, "one")
    equal([delay.get("from") for delay in came.find_all("delay:delay")],
          [romeo.full])


@test("lets no more be copied to other clients than without it (XEP-0280)")
def no_copies(stage):
    juliet, phone = meet(stage)

    for type, content in NO_TALK:
        send(stage, juliet.full, type, content)
        juliet.hears(GATE, "one", type=type)

    phone.settle()
    phone.silent()


@test("is in copies to other clients as well (XEP-0280)")
def copies(stage):
    juliet, phone = meet(stage)

    for type, content in TALK:
        send(stage, juliet.full, type, content)

        came = juliet.hears(GATE, "one", type=type)
        copy = phone.expect("message", sender=juliet.bare)
        inner = copy.find("{urn:xmpp:carbons:2}received/forward:forwarded/"
                          "c:message")
        equal(len(ids(came)), 1)
        equal(ids(Stanza(inner)), ids(came))


scene(SHIM, OWN)
