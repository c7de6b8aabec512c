#!/usr/bin/python3
"""PROTOCOL 13: queries that a component answers instead of the router."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal
from shim import scene, test
from stage import DOMAIN
from stanza import NS

DIARY, OFFLINE = "urn:x:diary", "http://jabber.org/protocol/offline"
MAM, PAST = "urn:xmpp:mam:2", "urn:x:past"
SHIM = {"offline": {"hooks": [f"delegate:{DIARY}", f"delegate:{OFFLINE}",
                              f"delegate:{MAM}", "deliver"],
                    "delegated": 5, "delegated_each": 3},
        "phone": {"hooks": [f"delegate:{DIARY}", f"delegate:{DIARY}#2"]},
        "archive": {"hooks": ["tap", f"delegate:{PAST}"]},
        "rooms": {"hooks": ["fanout"]}}


def diary(stage, **given):
    """The component, with the namespace delegated to it."""
    offline = stage.component("offline")
    offline.does("delegate", ns=DIARY, **given)
    return offline


def listed(user, to):
    answer = user.ask("get", to, f"<query xmlns='{NS['info']}'/>")
    return [feature.get("var")
            for feature in answer.find_all("info:query/info:feature")]


def features(user, to):
    return set(listed(user, to))


def further(*names):
    return "".join(f"<feature var='{name}'/>" for name in names)


def answer(component, word, content, type="result"):
    component.result(word, "<delegated xmlns='urn:x-annex:0'>" + forwarded(
        f"<iq xmlns='jabber:client' type='{type}' id='wrong' from='wrong@x'>"
        f"{content}</iq>") + "</delegated>")


@test("passes queries to the component, and its answers to the user")
def passes(stage):
    offline, juliet = diary(stage), stage.user("juliet")
    for type, to in (("get", None), ("set", juliet.bare)):
        request = juliet.iq(type, to, f"<query xmlns='{DIARY}'><x/></query>")

        word = offline.told("delegated")
        equal((word.kind, word.type, word.sender), ("iq", "set", DOMAIN))
        inner = word.inner
        equal((inner.type, inner.id, inner.sender, inner.to),
              (type, request, juliet.full, juliet.bare))
        assert inner.find(f"{{{DIARY}}}query/{{{DIARY}}}x") is not None
        answer(offline, word, f"<query xmlns='{DIARY}'><y/></query>")

        came = juliet.answer(request)
        equal((came.type, came.sender, came.to),
              ("result", juliet.bare, juliet.full))
        assert came.find(f"{{{DIARY}}}query/{{{DIARY}}}y") is not None


@test("passes on the component's error as it is")
def errors(stage):
    offline, juliet = diary(stage), stage.user("juliet")
    request = juliet.iq("get", None, f"<query xmlns='{DIARY}'/>")

    answer(offline, offline.told("delegated"),
           "<error type='wait'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-"
           "stanzas'/></error>", "error")

    came = juliet.answer(request)
    equal((came.type, came.condition, came.error_type),
          ("error", "conflict", "wait"))


@test("answers for a component that fails, is silent, or goes")
def fails(stage):
    offline, juliet = diary(stage, timeout=1), stage.user("juliet")

    def error(word):
        offline.error(word)

    def nonsense(word):
        offline.result(word)

    def nothing(word):
        pass

    def going(word):
        offline.vanish()

    for way in (error, nonsense, nothing, going):
        request = juliet.iq("get", None, f"<query xmlns='{DIARY}'/>")
        way(offline.told("delegated"))
        came = juliet.answer(request)
        equal((way.__name__, came.type, came.condition),
              (way.__name__, "error", "service-unavailable"))


def refused_for_now(user, request):
    came = user.answer(request)
    equal((came.type, came.condition, came.error_type),
          ("error", "resource-constraint", "wait"))


@test("asks a component only so much at once for all")
def limit_of_all(stage):
    offline, juliet, romeo = diary(stage), *stage.users("juliet", "romeo")
    phone = stage.user("juliet", "phone")
    query = f"<query xmlns='{DIARY}'/>"
    asked = [(who, who.iq("get", None, query), offline.told("delegated"))
             for who in (juliet, juliet, phone, romeo, romeo)]

    refused_for_now(romeo, romeo.iq("get", None, query))

    for who, request, word in asked:
        answer(offline, word, "")
        equal(who.answer(request).type, "result")
    for who in (juliet, phone):
        request = who.iq("get", None, query)
        answer(offline, offline.told("delegated"), "")
        equal(who.answer(request).type, "result")


@test("asks a component only so much at once for a user, in all sessions")
def limit_of_each(stage):
    offline, juliet, romeo = diary(stage), *stage.users("juliet", "romeo")
    phone = stage.user("juliet", "phone")
    query = f"<query xmlns='{DIARY}'/>"
    asked = [(who, who.iq("get", None, query), offline.told("delegated"))
             for who in (juliet, juliet, phone)]

    for who in (juliet, phone):
        refused_for_now(who, who.iq("get", None, query))

    request = romeo.iq("get", None, query)
    answer(offline, offline.told("delegated"), "")
    equal(romeo.answer(request).type, "result")
    for who, request, word in asked:
        answer(offline, word, "")
        equal(who.answer(request).type, "result")


@test("asks again when there were answers, or the component has come anew")
def limit(stage):
    offline, juliet = diary(stage), stage.user("juliet")
    query = f"<query xmlns='{DIARY}'/>"
    requests = [juliet.iq("get", None, query) for _ in range(5)]

    for request in requests[3:]:
        refused_for_now(juliet, request)
    for request in requests[:3]:
        answer(offline, offline.told("delegated"), "")
        equal(juliet.answer(request).type, "result")
    for _ in range(2):
        for _ in range(3):
            request = juliet.iq("get", None, query)
            word = offline.told("delegated")
        offline.vanish()
        equal(juliet.answer(request).condition, "service-unavailable")
        offline = diary(stage)
    offline.settle()
    offline.silent()


@test("answers at once for a component that is not there")
def absent(stage):
    offline, juliet = diary(stage), stage.user("juliet")
    stage.let_go(offline)

    for to in (None, juliet.bare):
        came = juliet.ask("get", to, f"<query xmlns='{DIARY}'/>")
        equal((came.type, came.condition), ("error", "service-unavailable"))


@test("hands over messages before the answer that they belong to")
def messages(stage):
    offline, juliet = diary(stage), stage.user("juliet")
    request = juliet.iq("get", None, f"<query xmlns='{DIARY}'/>")
    word = offline.told("delegated")
    items = "".join(
        "<item>" + forwarded(f"<message xmlns='jabber:client' from='"
                             f"{juliet.bare}' to='{juliet.full}'><body>{n}"
                             "</body></message>") + "</item>"
        for n in range(9))

    offline.request("deliver", items, jid=juliet.full)
    answer(offline, word, "")

    for number in range(9):
        juliet.hears(juliet.bare, str(number))
    juliet.expect("iq", type="result", id=request)


@test("asks behind the copies of what its user has said and heard")
def behind(stage):
    archive, (romeo, juliet) = (stage.component("archive"),
                                stage.users("romeo", "juliet"))
    archive.does("delegate", ns=PAST)
    for number in range(40):
        romeo.say(juliet.full, str(number))
        asker, way = romeo, "out"
        if number % 2:
            juliet.hears(romeo.full, str(number))
            asker, way = juliet, "in"
        request = asker.iq("get", None, f"<query xmlns='{PAST}'/>")
        ways = []
        while (word := archive.next("a request")).element == "tap":
            if word.inner.body == str(number):
                ways.append(word.get("dir"))
            archive.ack(word.get("seq"))
        equal(word.element, "delegated")
        assert way in ways or "both" in ways, f"{number} came as {ways}"
        answer(archive, word, "")
        equal(asker.answer(request).type, "result")
        juliet.forget()


@test("passes on what users ask their own account, and nothing else")
def own(stage):
    offline = diary(stage)
    juliet, romeo = stage.users("juliet", "romeo")
    rooms = stage.component("rooms")
    query = f"<query xmlns='{DIARY}'/>"

    for asker, to in ((romeo, juliet.bare), (juliet, DOMAIN),
                      (juliet, romeo.bare), (rooms, juliet.bare)):
        equal(asker.ask("get", to, query).type, "error")
    request = romeo.iq("get", juliet.full, query)
    came = juliet.expect("iq", type="get")
    juliet.send(f"<iq type='result' id='{came.id}' to='{romeo.full}'/>")
    equal(romeo.answer(request).type, "result")

    offline.settle()
    offline.silent()


@test("leaves it to the router to refuse another user's archive")
def foreign(stage):
    offline = stage.component("offline")
    juliet, romeo = stage.users("juliet", "romeo")
    offline.does("delegate", ns=MAM)

    for type, name in (("set", "query"), ("get", "query"), ("get", "prefs"),
                       ("set", "prefs"), ("get", "metadata")):
        came = romeo.ask(type, juliet.bare, f"<{name} xmlns='{MAM}'/>")
        equal((came.type, came.condition), ("error", "service-unavailable"))

    offline.settle()
    offline.silent()


@test("offers the namespace, while it is delegated")
def feature(stage):
    juliet = stage.user("juliet")
    assert DIARY not in features(juliet, juliet.bare)
    offline = diary(stage)
    assert DIARY in features(juliet, juliet.bare)
    assert DIARY not in features(juliet, DOMAIN)
    offline.does("delegate", ns=DIARY, host="true")
    assert DIARY in features(juliet, DOMAIN)

    stage.component("offline")

    for to in (juliet.bare, DOMAIN):
        assert DIARY not in features(juliet, to)
    equal(juliet.ask("get", None, f"<query xmlns='{DIARY}'/>").condition,
          "service-unavailable")


@test("offers further features of a namespace, while it is delegated")
def more(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    offline.does("delegate", further("urn:x:a", "urn:x:b"), ns=DIARY,
                 host="true")
    for to in (juliet.bare, DOMAIN):
        assert {DIARY, "urn:x:a", "urn:x:b"} <= features(juliet, to)

    offline.does("delegate", further("urn:x:b", "urn:x:c"), ns=DIARY)
    offline.refused("bad-request", "delegate", further("urn:x:d", ""),
                    ns=DIARY, host="true")

    ours = {DIARY, "urn:x:a", "urn:x:b", "urn:x:c", "urn:x:d"}
    equal(features(juliet, juliet.bare) & ours,
          {DIARY, "urn:x:b", "urn:x:c"})
    equal(features(juliet, DOMAIN) & ours, set())

    stage.component("offline")

    equal(features(juliet, juliet.bare) & ours, set())


@test("lists a feature once, and while somebody offers it")
def shared(stage):
    offline, phone = diary(stage), stage.component("phone")
    juliet = stage.user("juliet")
    given = further("urn:x:a", "urn:x:a", "msgoffline", NS["info"])
    offline.does("delegate", given, ns=DIARY, host="true")
    offline.does("delegate", given, ns=OFFLINE, host="true")
    phone.does("delegate", given, ns=DIARY + "#2", host="true")

    for owner in (offline, phone):
        for to in (juliet.bare, DOMAIN):
            found = listed(juliet, to)
            equal(sorted(found), sorted(set(found)))
            assert {"urn:x:a", "msgoffline", NS["info"]} <= set(found)
        stage.let_go(owner)

    for to in (juliet.bare, DOMAIN):
        assert "urn:x:a" not in features(juliet, to)
    assert NS["info"] in features(juliet, DOMAIN)


@test("passes on queries of a node of service discovery")
def node(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    offline.does("delegate", node=OFFLINE)
    for ns in ("info", "items"):
        for to in (None, juliet.bare, DOMAIN):
            query = f"<query xmlns='{NS[ns]}' node='{OFFLINE}'/>"
            request = juliet.iq("get", to, query)

            word = offline.told("delegated")
            assert word.inner.has(f"{ns}:query"), f"{word}"
            answer(offline, word, query)

            came = juliet.answer(request)
            equal((came.type, came.sender), ("result", to or juliet.bare))
    assert features(juliet, DOMAIN)


@test("belongs to one component at a time")
def once(stage):
    offline, phone = diary(stage), stage.component("phone")

    phone.refused("conflict", "delegate", ns=DIARY)
    stage.let_go(offline)
    phone.does("delegate", ns=DIARY)


@test("refuses what is not listed, and what is none")
def refused(stage):
    phone = stage.component("phone")

    phone.refused("forbidden", "delegate", ns="urn:x:other")
    phone.refused("forbidden", "delegate", node=OFFLINE)
    phone.refused("bad-request", "delegate")
    phone.refused("bad-request", "delegate", ns=DIARY, node=OFFLINE)
    phone.refused("bad-request", "delegate", ns=DIARY, timeout="soon")


@test("refuses features without a name, with a node, and too much of them")
def too_much(stage):
    offline, juliet = stage.component("offline"), stage.user("juliet")
    names = [f"urn:x:{number}" for number in range(33)]

    offline.refused("bad-request", "delegate", "<feature/>", ns=DIARY)
    offline.refused("bad-request", "delegate", further("urn:x"),
                    node=OFFLINE)
    offline.refused("not-acceptable", "delegate", further(*names), ns=DIARY)
    offline.refused("not-acceptable", "delegate", further("x" * 257),
                    ns=DIARY)
    assert DIARY not in features(juliet, juliet.bare)

    offline.does("delegate", further(*names[1:]), ns=DIARY)
    assert {DIARY, *names[1:]} <= features(juliet, juliet.bare)
    offline.does("delegate", further("x" * 256), ns=DIARY)
    assert "x" * 256 in features(juliet, juliet.bare)


scene(SHIM)
