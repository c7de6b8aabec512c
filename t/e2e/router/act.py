#!/usr/bin/python3
"""PROTOCOL 12: what a component does for a user."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal
from shim import scene, test
from stage import DOMAIN

ROSTER, VERSION = "jabber:iq:roster", "jabber:iq:version"
SHIM = {"calendar": {"hooks": [f"act:{ROSTER}", f"act:{VERSION}",
                               "act:http://jabber.org/protocol/pubsub",
                               "act:presence"], "timeout": 1},
        "phone": {"hooks": [f"act:{ROSTER}"]}}
OWN = {"pep"}
JULIET = f"juliet@{DOMAIN}"


def iq(content, type="get", to=None):
    to = f" to='{to}'" if to else ""
    return forwarded(f"<iq xmlns='jabber:client' type='{type}' id='mine'{to}>"
                     f"{content}</iq>")


def acts(component, content, user=JULIET):
    """Does it; returns the answer that came for it."""
    answer = component.does("act", content, user=user)
    found = answer.find("annex:act/forward:forwarded/c:iq")
    assert found is not None, f"{answer}"
    return found


@test("asks for a user, and passes on the result")
def asks(stage):
    calendar, juliet = stage.component("calendar"), stage.user("juliet")

    answer = acts(calendar, iq(f"<query xmlns='{ROSTER}'/>"))

    equal((answer.get("type"), answer.get("id")), ("result", "mine"))
    assert answer.find(f"{{{ROSTER}}}query") is not None
    juliet.settle()
    juliet.silent()


@test("changes the account of a user who is not there")
def changes(stage):
    calendar = stage.component("calendar")
    stage.user("nurse").logout()

    equal(acts(calendar, iq(f"<query xmlns='{ROSTER}'><item jid='a@b' "
                            "name='A'/></query>", "set"),
               f"nurse@{DOMAIN}").get("type"), "result")
    answer = acts(calendar, iq(f"<query xmlns='{ROSTER}'/>"),
                  f"nurse@{DOMAIN}")
    equal([item.get("jid") for item in answer.iter(f"{{{ROSTER}}}item")],
          ["a@b"])


@test("publishes for a user (XEP-0163)")
def publishes(stage):
    calendar, juliet = stage.component("calendar"), stage.user("juliet")
    pubsub = "http://jabber.org/protocol/pubsub"

    answer = acts(calendar, iq(
        f"<pubsub xmlns='{pubsub}'><publish node='urn:x:mood'><item id='1'>"
        "<mood xmlns='urn:x:mood'/></item></publish></pubsub>", "set"))

    equal(answer.get("type"), "result")
    found = juliet.ask("get", juliet.bare, f"<pubsub xmlns='{pubsub}'>"
                       "<items node='urn:x:mood'/></pubsub>")
    equal(found.type, "result")


@test("asks others for a user, and passes on an error")
def others(stage):
    calendar = stage.component("calendar")
    romeo, juliet = stage.users("romeo", "juliet")
    request = calendar.request("act", iq(f"<query xmlns='{VERSION}'/>",
                                         to=romeo.full), user=JULIET)

    asked = romeo.expect("iq", type="get", sender=juliet.bare)
    romeo.send(f"<iq type='error' id='{asked.id}' to='{asked.sender}'><error "
               "type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-"
               "stanzas'/></error></iq>")

    answer = calendar.answer(request).find(
        "annex:act/forward:forwarded/c:iq")
    equal((answer.get("type"), answer.get("id")), ("error", "mine"))


@test("says when nobody answers in time")
def silent(stage):
    calendar, romeo = stage.component("calendar"), stage.user("romeo")

    calendar.refused("remote-server-timeout", "act",
                     iq(f"<query xmlns='{VERSION}'/>", to=romeo.full),
                     user=JULIET)


@test("takes no answer from somebody else")
def forged(stage):
    calendar = stage.component("calendar")
    romeo, tybalt = stage.users("romeo", "tybalt")
    request = calendar.request("act", iq(f"<query xmlns='{VERSION}'/>",
                                         to=romeo.full), user=JULIET)
    asked = romeo.expect("iq", type="get")

    tybalt.send(f"<iq type='result' id='{asked.id}' to='{asked.sender}'>"
                f"<query xmlns='{VERSION}'><name>forged</name></query></iq>")
    tybalt.settle()
    romeo.send(f"<iq type='result' id='{asked.id}' to='{asked.sender}'>"
               f"<query xmlns='{VERSION}'><name>good</name></query></iq>")

    answer = calendar.answer(request)
    equal(answer.text("annex:act/forward:forwarded/c:iq/version:query/"
                      "version:name"), "good")


@test("sends directed presence, and of subscriptions")
def presence(stage):
    calendar = stage.component("calendar")
    romeo, juliet = stage.users("romeo", "juliet")

    calendar.does("act", forwarded(
        f"<presence xmlns='jabber:client' to='{romeo.full}'><show>away"
        "</show></presence>"), user=JULIET)
    equal(romeo.expect("presence", sender=juliet.bare).show, "away")
    calendar.does("act", forwarded(
        f"<presence xmlns='jabber:client' type='subscribe' "
        f"to='{romeo.bare}'/>"), user=JULIET)
    romeo.expect("presence", type="subscribe", sender=juliet.bare)


@test("forbids what is not listed")
def unlisted(stage):
    phone, romeo = stage.component("phone"), stage.user("romeo")

    for content in (
            iq(f"<query xmlns='{VERSION}'/>"),
            forwarded(f"<presence xmlns='jabber:client' to='{romeo.full}'/>"),
            forwarded(f"<message xmlns='jabber:client' to='{romeo.full}'>"
                      "<body>x</body></message>")):
        phone.refused("forbidden", "act", content, user=JULIET)

    romeo.settle()
    romeo.silent()


@test("refuses what is none, and those without an account")
def refused(stage):
    calendar = stage.component("calendar")
    good = iq(f"<query xmlns='{ROSTER}'/>")

    for user in ("nobody@" + DOMAIN, DOMAIN, "juliet@example.org", "@@"):
        calendar.refused("item-not-found", "act", good, user=user)
    calendar.refused("item-not-found", "act", good)
    for content in ("", forwarded(""), iq(""),
                    iq(f"<query xmlns='{ROSTER}'/>", "result"),
                    forwarded("<presence xmlns='jabber:client'/>")):
        calendar.refused("bad-request", "act", content, user=JULIET)


scene(SHIM, OWN)
