#!/usr/bin/python3
"""PROTOCOL 6: messages for those who are away."""
import re
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal
from shim import replay, scene, test
from stage import DOMAIN

SHIM = {"offline": {"hooks": ["store", "deliver"], "timeout": 1}}
OWN = {"offline", "resumption"}
TYBALT = f"tybalt@{DOMAIN}"


def absent(stage, name):
    """Somebody who has an account, and is not there."""
    user = stage.user(name)
    user.logout()
    return user


def parted(stage):
    """The component, somebody who writes and somebody who is not there."""
    return (stage.component("offline"), stage.user("romeo"),
            absent(stage, "juliet"))


def asked(stage):
    """The same, and what the component is asked about a message."""
    offline, romeo, juliet = parted(stage)
    romeo.say(juliet.bare, "one", id="m1")
    return offline, romeo, juliet, offline.told("store", user=juliet.bare)


def decided(offline, romeo, juliet):
    """Waits until what the component was asked for a user, and has answered,
    is done with: a message after that is asked for later.  Who comes back
    before may be sent the last ones, and finds the first in the store.
    Returns what the component was told until then; what else it is asked goes
    to the router's own store."""
    offline.settle()
    romeo.say(juliet.bare, "one more")
    told = []
    while True:
        word = offline.next("store")
        if word.element != "store":
            told.append(word)
        elif word.inner.body == "one more":
            offline.result(word)
            return told
        else:
            offline.error(word)


def ids_of(stanza, user):
    return [element.get("id") for element in stanza.find_all("sid:stanza-id")
            if element.get("by") in (user.bare, user.domain)]


def withdrawn(offline, ids):
    """Takes withdrawals of these, in whatever order."""
    words = [offline.told("withdraw") for _ in ids]
    equal({word.annex.text for word in words}, ids)
    return words


def forget(offline, word):
    offline.send(f"<message{offline.addresses(DOMAIN)}>"
                 f"<forget xmlns='urn:x-annex:0' user='{word.get('user')}'>"
                 f"{word.annex.text}</forget></message>")
    offline.settle()


@test("asks for a message that nobody takes, and is done with it")
def asks(stage):
    offline, romeo, juliet, store = asked(stage)

    equal((store.kind, store.type, store.sender), ("iq", "set", DOMAIN))
    inner = store.inner
    equal((inner.kind, inner.type, inner.id, inner.body),
          ("message", "chat", "m1", "one"))
    equal((inner.sender, inner.to), (romeo.full, juliet.bare))
    assert store.get("id") and store.stamp.endswith("Z"), f"{store}"
    offline.result(store)
    romeo.settle()
    romeo.silent()
    equal(replay(stage, juliet), [])


@test("asks when there is no session of non-negative priority")
def negative(stage):
    offline, romeo = stage.component("offline"), stage.user("romeo")
    juliet = stage.user("juliet", presence="<presence><priority>-1"
                                           "</priority></presence>")

    romeo.say(juliet.bare, "one")

    offline.result(offline.told("store", user=juliet.bare))
    juliet.settle()
    juliet.silent()


@test("asks for what was sent to a session that is gone")
def session(stage):
    offline, romeo, juliet = parted(stage)

    romeo.say(juliet.full, "one")

    offline.result(offline.told("store", user=juliet.bare))


@test("asks for each message, in order, each with an id of its own")
def order(stage):
    offline, romeo, juliet = parted(stage)

    for number in range(20):
        romeo.say(juliet.bare, str(number))

    ids = set()
    for number in range(20):
        store = offline.told("store")
        equal(store.inner.body, str(number))
        ids.add(store.get("id"))
        offline.result(store)
    equal(len(ids), 20)


@test("leaves them to the router's own store in order, whatever comes first")
def backwards(stage):
    offline, romeo = stage.component("offline"), stage.user("romeo")
    juliet = absent(stage, "juliet")
    for body in ("one", "two", "three"):
        romeo.say(juliet.bare, body)
    stores = [offline.told("store") for _ in range(3)]

    offline.error(stores[2])
    offline.result(stores[1])
    offline.settle()
    offline.error(stores[0])
    equal(decided(offline, romeo, juliet), [])

    equal([came.body for came in replay(stage, juliet, 2)],
          ["one", "three"])


@test("asks nothing for one who is there")
def present(stage):
    offline = stage.component("offline")
    romeo, juliet = stage.users("romeo", "juliet")

    romeo.say(juliet.bare, "one")
    juliet.hears(romeo.full, "one")

    offline.settle()
    offline.silent()


@test("tells the sender what the component does not store")
def bounce(stage):
    offline, romeo, juliet = parted(stage)
    for condition, kind in (("service-unavailable", "cancel"),
                            ("resource-constraint", "wait")):
        romeo.say(juliet.bare, "one", id=condition)
        offline.result(offline.told("store"), "<store xmlns='urn:x-annex:0' "
                                              f"bounce='{condition}'/>")

        error = romeo.expect("message", type="error", id=condition,
                             condition=condition)
        equal((error.sender, error.error_type), (juliet.bare, kind))
    equal(replay(stage, juliet), [])


@test("leaves it to the router's own store when the component fails")
def fails(stage):
    offline, romeo, juliet, store = asked(stage)

    offline.error(store)
    offline.settle()

    came, = replay(stage, juliet, 1)
    equal((came.body, ids_of(came, juliet)), ("one", [store.get("id")]))


@test("does without the component when it is silent, or answers late")
def silent(stage):
    offline, romeo, juliet, store = asked(stage)
    juliet, = stage.users("juliet")

    juliet.hears(romeo.full, "one")
    offline.result(store)
    forget(offline, offline.told("withdraw"))

    juliet.settle()
    juliet.silent()


@test("withdraws what the component did not answer")
def withdraws(stage):
    offline, romeo, juliet, store = asked(stage)

    told = offline.told("withdraw", user=juliet.bare)

    equal(told.annex.text, store.get("id"))
    juliet = stage.user("juliet", presence=None)
    offline.does("deliver", f"<item id='{store.get('id')}'>" + forwarded(
        f"<message xmlns='jabber:client' from='{romeo.full}' type='chat' "
        f"to='{juliet.bare}'><body>one</body></message>") + "</item>",
        jid=juliet.full)
    juliet.settle()
    juliet.silent()
    forget(offline, told)


@test("does not say of each that the component did not answer")
def said_together(stage):
    offline, romeo, juliet = parted(stage)
    log, since = stage.router.process, stage.log_length()
    for number in range(50):
        romeo.say(juliet.bare, str(number))
    words = withdrawn(offline, {offline.told("store").get("id")
                                for _ in range(50)})

    counts = []
    while sum(counts) < 50:
        line = log.wait_line("did not answer in time", since)
        since = log.lines.index(line, since) + 1
        counts.append(int(re.search(r"in time \((\d+)\)", line)[1]))
    equal((sum(counts), len(counts) < 40), (50, True))
    for word in words:
        forget(offline, word)


@test("withdraws after the next hello what it could not before")
def withdraws_later(stage):
    offline, romeo, juliet, store = asked(stage)
    offline.vanish()
    romeo.settle()

    offline = stage.component("offline")

    told = offline.told("withdraw", user=juliet.bare)
    equal(told.annex.text, store.get("id"))
    forget(offline, told)


@test("withdraws after each hello until the component has forgotten")
def withdraws_again(stage):
    offline, romeo = stage.component("offline"), stage.user("romeo")
    juliet, paris = absent(stage, "juliet"), absent(stage, "paris")
    romeo.say(juliet.bare, "one")
    romeo.say(paris.bare, "two")
    ids = {offline.told("store").get("id") for _ in range(2)}
    withdrawn(offline, ids)
    offline.vanish()

    offline = stage.component("offline")
    words = withdrawn(offline, ids)
    forget(offline, words[0])
    offline = stage.component("offline")
    withdrawn(offline, {words[1].annex.text})
    forget(offline, words[1])
    offline = stage.component("offline")
    offline.settle()
    offline.silent()


@test("withdraws what is for one user in one message after hello")
def withdraws_together(stage):
    offline, romeo, juliet = parted(stage)
    for body in ("one", "two", "three"):
        romeo.say(juliet.bare, body)
    ids = {offline.told("store").get("id") for _ in range(3)}
    withdrawn(offline, ids)

    offline = stage.component("offline")

    told = offline.told("withdraw", user=juliet.bare)
    equal(set(told.annex.text.split("\n")), ids)
    offline.settle()
    offline.silent()
    forget(offline, told)


@test("withdraws no more what it asks the component to store again")
def stored_again(stage):
    offline, romeo = stage.component("offline"), stage.user("romeo")
    juliet = absent(stage, "juliet")
    romeo.say(juliet.bare, "one")
    id = offline.told("store").get("id")
    withdrawn(offline, {id})
    juliet = stage.user("juliet", presence=None)
    juliet.manage()
    juliet.send("<presence/>")
    came = juliet.pick(lambda word: word.kind == "message", "it")
    equal((came.body, ids_of(came, juliet)), ("one", [id]))
    juliet.vanish()

    offline.result(offline.told("store", id=id))
    offline.settle()
    offline = stage.component("offline")
    offline.settle()
    offline.silent()


@test("withdraws again when the configuration changes")
def withdraws_anew(stage):
    offline, romeo, juliet, store = asked(stage)
    equal(offline.told("withdraw").annex.text, store.get("id"))

    stage.configure({"offline": dict(SHIM["offline"], credit=5)})
    equal(offline.hello().get("credit"), "5")
    forget(offline, offline.told("withdraw", user=juliet.bare))
    stage.configure(SHIM)
    offline.hello()

    offline.settle()
    offline.silent()
    equal([came.body for came in replay(stage, juliet, 1)], ["one"])


@test("withdraws nothing that the component refused")
def refused(stage):
    offline, _, _, store = asked(stage)
    offline.error(store)
    offline.settle()
    offline.silent()


@test("does so at once, and in order, when the component goes")
def goes(stage):
    offline, romeo, juliet = parted(stage)
    for body in ("one", "two", "three"):
        romeo.say(juliet.bare, body)
    for body in ("one", "two", "three"):
        equal(offline.told("store").inner.body, body)
    offline.vanish()
    romeo.say(juliet.bare, "four")
    romeo.settle()

    offline = stage.component("offline")
    # The router need not say it before it asks for what comes anew.
    told = (decided(offline, romeo, juliet)
            or [offline.told("withdraw", user=juliet.bare)])

    equal([came.body for came in replay(stage, juliet, 4)],
          ["one", "two", "three", "four"])
    equal({(word.element, word.get("user")) for word in told},
          {("withdraw", juliet.bare)})
    offline.settle()
    # The fourth too where it was asked for before the end was noticed.
    for word in told + offline.inbox:
        forget(offline, word)


@test("sends to one who came back while the component was asked")
def back(stage):
    offline, romeo, juliet, store = asked(stage)
    juliet, = stage.users("juliet")

    offline.error(store)

    juliet.hears(romeo.full, "one")


@test("asks nothing for those without an account")
def nobody(stage):
    offline, romeo = stage.component("offline"), stage.user("romeo")

    romeo.say(f"nobody@{DOMAIN}", "one", id="m1")

    romeo.expect("message", type="error", id="m1",
                 condition="service-unavailable")
    offline.silent()


@test("removes a forged id")
def forged(stage):
    offline, romeo, juliet = parted(stage)
    romeo.message(juliet.bare, "<body>one</body>" + "".join(
        f"<stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='forged'/>"
        for by in (juliet.bare, DOMAIN, juliet.bare.upper(), DOMAIN.upper(),
                   "elsewhere.example.org")))

    store = offline.told("store")

    equal(ids_of(store.inner, juliet), [store.get("id")])
    equal(len(store.inner.find_all("sid:stanza-id")), 2)
    offline.result(store)


@test("asks for what a broken session never acknowledged (XEP-0198)")
def expired(stage):
    offline = stage.component("offline")
    romeo, juliet = stage.users("romeo", "juliet")
    juliet.manage()
    romeo.say(juliet.full, "one")
    id = ids_of(juliet.hears(romeo.full, "one"), juliet)
    juliet.vanish()

    store = offline.told("store", user=juliet.bare)

    equal(([store.get("id")], store.inner.body), (id, "one"))
    assert not store.inner.has("delay:delay"), f"{store}"
    offline.result(store)
    romeo.settle()
    romeo.silent()


def broken(stage, resume):
    """Somebody whose session broke before it acknowledged a message, and was
    given up, while no component was there; and the message's id."""
    romeo, juliet = stage.users("romeo", "juliet")
    juliet.send(f"<presence to='{romeo.full}'/>")
    romeo.expect("presence", sender=juliet.full)
    juliet.manage(resume)
    romeo.say(juliet.full, "one")
    id = ids_of(juliet.hears(romeo.full, "one"), juliet)
    juliet.vanish()
    romeo.expect("presence", sender=juliet.full, type="unavailable")
    return juliet, id


@test("loses nothing of a broken session while the component is away")
def unattended(stage):
    for resume in ("true", "false"):
        juliet, id = broken(stage, resume)

        came, = replay(stage, juliet, 1)

        equal((came.body, ids_of(came, juliet)), ("one", id))
        stage.dismiss()


@test("hands over again what came back from a broken session")
def returned(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    juliet.manage()
    item = ("<item id='x1'>" + forwarded(
        f"<message xmlns='jabber:client' from='{TYBALT}' type='chat' "
        f"to='{juliet.bare}'><body>one</body></message>",
        "2026-11-29T12:00:00Z") + "</item>")
    offline.does("deliver", item, jid=juliet.full)
    juliet.hears(TYBALT, "one")
    juliet.vanish()
    offline.result(offline.told("store", id="x1"))

    juliet, = stage.users("juliet")
    offline.does("deliver", item, jid=juliet.full)

    juliet.hears(TYBALT, "one")


@test("asks for encrypted and bodyless messages too")
def bodyless(stage):
    offline, romeo, juliet = parted(stage)

    for content in ("<encrypted xmlns='eu.siacs.conversations.axolotl'/>",
                    "<received xmlns='urn:xmpp:receipts' id='m1'/>"):
        romeo.message(juliet.bare, content)

        store = offline.told("store")
        assert store.inner.find("*") is not None, f"{store}"
        offline.result(store)


@test("tells whose account is removed, until that is acknowledged (4)")
def removed(stage):
    offline, paris = stage.component("offline"), stage.user("paris")

    paris.remove()

    told = offline.told("tap", dir="removed", user=paris.bare, seq="1")
    stage.let_go(offline)
    offline = stage.component("offline")
    offline.told("tap", dir="removed", user=paris.bare, seq="1",
                 id=told.get("id"))
    offline.ack(1)
    offline.settle()
    offline = stage.component("offline")
    offline.settle()
    offline.silent()


scene(SHIM, OWN, hibernation=1)
