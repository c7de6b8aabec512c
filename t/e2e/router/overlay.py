#!/usr/bin/python3
"""PROTOCOL 11: what others see of a user."""
import datetime
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from shim import scene, test
from stage import DOMAIN

SHIM = {"calendar": {"hooks": ["overlay", "presence"]},
        "phone": {"hooks": ["overlay"]}}
OWN = {"resumption"}


def friends(stage):
    """A calendar, juliet, and romeo who sees her presence."""
    calendar = stage.component("calendar")
    for key in ("k", "a", "b", "other"):
        calendar.does("overlay", user=f"juliet@{DOMAIN}", key=key)
    romeo, juliet = stage.users("romeo", "juliet")
    romeo.send(f"<presence type='subscribe' to='{juliet.bare}'/>")
    romeo.settle()
    juliet.send(f"<presence type='subscribed' to='{romeo.bare}'/>")
    juliet.settle()
    juliet.send("<presence><show>chat</show><status>here</status></presence>")
    romeo.pick(lambda word: word.kind == "presence" and word.show == "chat",
               "her presence")
    for who in (juliet, romeo, calendar):
        who.forget() if who is not calendar else who.settle()
        who.inbox.clear()
    return calendar, juliet, romeo


def lay(component, user, key="k", show=None, status=None, **given):
    given = {name: value for name, value in given.items() if value}
    content = ("" if show is None else f"<show>{show}</show>") + (
        "" if status is None else f"<status>{status}</status>")
    component.does("overlay", content, user=user.bare, key=key, **given)


def text(word, name):
    return word.text(f"c:{name}") or None


def sees(who, user, show, status):
    """The next stanza is presence of that user."""
    came = who.expect("presence", sender=user.full, type=None)
    equal((text(came, "show"), text(came, "status")), (show, status))
    return came


def in_secs(secs):
    when = datetime.datetime.now(datetime.timezone.utc) \
        + datetime.timedelta(seconds=secs)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def away(component, user):
    """Removes what a test has laid."""
    lay(component, user)


@test("shows what is busier, until it is removed")
def raises(stage):
    calendar, juliet, romeo = friends(stage)

    lay(calendar, juliet, show="away", status="In a meeting")
    sees(romeo, juliet, "away", "In a meeting")

    away(calendar, juliet)
    sees(romeo, juliet, "chat", "here")


@test("shows the status, but not what is less busy")
def busier(stage):
    calendar, juliet, romeo = friends(stage)
    juliet.send("<presence><show>dnd</show><status>mine</status></presence>")
    sees(romeo, juliet, "dnd", "mine")

    lay(calendar, juliet, show="xa", status="In a meeting")
    sees(romeo, juliet, "dnd", "In a meeting")

    away(calendar, juliet)
    sees(romeo, juliet, "dnd", "mine")


@test("shows whatever it is told to, in mode replace")
def replaces(stage):
    calendar, juliet, romeo = friends(stage)

    lay(calendar, juliet, status="Talk to me", mode="replace")
    sees(romeo, juliet, None, "Talk to me")

    away(calendar, juliet)
    sees(romeo, juliet, "chat", "here")


@test("shows the highest rank, of equals the last")
def ranks(stage):
    calendar, juliet, romeo = friends(stage)
    phone = stage.component("phone")

    lay(calendar, juliet, "a", "away", "a", rank=20)
    sees(romeo, juliet, "away", "a")
    lay(phone, juliet, "a", "xa", "phone", rank=10)
    lay(calendar, juliet, "b", "dnd", "b", rank=20)
    sees(romeo, juliet, "dnd", "b")
    away(calendar, juliet)
    lay(calendar, juliet, "b")
    sees(romeo, juliet, "away", "a")
    lay(calendar, juliet, "a")
    sees(romeo, juliet, "xa", "phone")
    lay(phone, juliet, "a")
    sees(romeo, juliet, "chat", "here")


@test("changes what is said later, and tells the session's own words")
def later(stage):
    calendar, juliet, romeo = friends(stage)
    lay(calendar, juliet, show="xa", status="In a meeting")
    sees(romeo, juliet, "xa", "In a meeting")

    juliet.send("<presence><show>away</show><status>tea</status></presence>")
    sees(romeo, juliet, "xa", "In a meeting")
    said = calendar.told("online").find("annex:online/c:presence")
    equal(said.findtext("{jabber:client}show"), "away")
    equal(said.findtext("{jabber:client}status"), "tea")

    away(calendar, juliet)
    sees(romeo, juliet, "away", "tea")


@test("is there for a session that comes, and who asks for it")
def comes(stage):
    calendar, juliet, romeo = friends(stage)
    lay(calendar, juliet, show="xa", status="In a meeting")
    sees(romeo, juliet, "xa", "In a meeting")
    second = stage.user("juliet", "balcony")
    came = romeo.expect("presence", sender=second.full)
    equal((text(came, "show"), text(came, "status")),
          ("xa", "In a meeting"))

    late = stage.user("romeo", "late", presence=None)
    late.send("<presence/>")
    for sender in (juliet.full, second.full):
        came = late.pick(lambda word: word.kind == "presence"
                         and word.sender == sender, sender)
        equal((text(came, "show"), text(came, "status")),
              ("xa", "In a meeting"))


@test("changes directed presence as well, but not unavailable presence")
def directed(stage):
    calendar, juliet, romeo = friends(stage)
    nurse = stage.user("nurse")
    lay(calendar, juliet, show="xa", status="In a meeting")
    sees(romeo, juliet, "xa", "In a meeting")

    juliet.send(f"<presence to='{nurse.full}'><show>chat</show></presence>")
    sees(nurse, juliet, "xa", "In a meeting")
    juliet.send(f"<presence to='{nurse.full}' type='unavailable'>"
                "<status>bye</status></presence>")
    gone = nurse.expect("presence", type="unavailable")
    equal(text(gone, "status"), "bye")
    juliet.send("<presence type='unavailable'><status>bye</status>"
                "</presence>")
    gone = romeo.expect("presence", type="unavailable")
    equal(text(gone, "status"), "bye")


@test("ends by itself")
def expires(stage):
    calendar, juliet, romeo = friends(stage)

    lay(calendar, juliet, show="dnd", expires=in_secs(2))
    sees(romeo, juliet, "dnd", "here")

    sees(romeo, juliet, "chat", "here")


@test("says nothing when nothing is to be shown anew")
def same(stage):
    calendar, juliet, romeo = friends(stage)
    lay(calendar, juliet, show="xa", rank=5)
    sees(romeo, juliet, "xa", "here")

    lay(calendar, juliet, show="xa", rank=5)
    lay(calendar, juliet, "other", "dnd", rank=1)

    juliet.settle()
    romeo.settle()
    assert not romeo.inbox, f"{romeo.inbox}"


@test("stays when the session is resumed (XEP-0198)")
def resumed(stage):
    calendar, juliet, romeo = friends(stage)
    juliet.manage()
    lay(calendar, juliet, show="xa", status="In a meeting")
    sees(romeo, juliet, "xa", "In a meeting")
    juliet.vanish()
    juliet.resume(0)

    away(calendar, juliet)

    sees(romeo, juliet, "chat", "here")


@test("stays when the configuration changes, while the component has it")
def configured(stage):
    calendar, juliet, romeo = friends(stage)
    phone = stage.component("phone")
    lay(calendar, juliet, show="xa", status="In a meeting", rank=5)
    sees(romeo, juliet, "xa", "In a meeting")
    lay(phone, juliet, show="dnd", status="On the phone", rank=3,
        expires=in_secs(6))

    stage.configure(dict(SHIM, phone={"hooks": ["overlay"], "credit": 3}))
    phone.hello()
    romeo.settle()
    romeo.silent()
    stage.configure({"calendar": {"hooks": ["presence"]},
                     "phone": SHIM["phone"]})
    sees(romeo, juliet, "dnd", "On the phone")
    sees(romeo, juliet, "chat", "here")
    phone.hello()

    lay(phone, juliet, show="xa")
    sees(romeo, juliet, "xa", "here")
    stage.configure({"calendar": {"hooks": ["presence"]},
                     "phone": {"hooks": ["fanout"]}})
    sees(romeo, juliet, "chat", "here")
    stage.configure(SHIM)
    phone.hello()
    phone.hello()


@test("refuses what is none")
def refused(stage):
    calendar, juliet, romeo = friends(stage)
    good = "<show>away</show>"

    for condition, content, given in (
            ("item-not-found", good, {"key": "k"}),
            ("item-not-found", good, {"user": "juliet@example.org",
                                      "key": "k"}),
            ("item-not-found", good, {"user": DOMAIN, "key": "k"}),
            ("bad-request", good, {"user": juliet.bare, "key": "k",
                                   "mode": "paint"}),
            ("bad-request", good, {"user": juliet.bare, "key": "k",
                                   "rank": "high"}),
            ("bad-request", good, {"user": juliet.bare, "key": "k",
                                   "expires": "tomorrow"}),
            ("bad-request", "<show>happy</show>", {"user": juliet.bare,
                                                   "key": "k"})):
        calendar.refused(condition, "overlay", content, **given)

    romeo.settle()
    romeo.silent()


scene(SHIM, OWN)
