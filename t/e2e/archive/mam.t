#!/usr/bin/python3
"""Users who read their archives (XEP-0313) from the router as if it had
them."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from reader import (FULLTEXT, MAM, Result, features, form, query, read,
                    refused, scene, take_results, test)
from record import say_all
from stage import DOMAIN
from stanza import NS

FEATURES = {MAM, MAM + "#extended", MAM + "#groupchat-field",
            "urn:xmpp:fulltext:0", "urn:xmpp:sid:0", NS["rsm"]}


def numbers(first, last):
    return [str(number) for number in range(first, last + 1)]


def said(stage, count):
    """A talk of so many messages that the database has."""
    romeo, juliet = stage.talk(*numbers(1, count))
    stage.wait_rows("SELECT count(*) FROM archive_message m JOIN "
                    "archive_address r ON r.id = m.recipient WHERE r.jid = "
                    f"'{juliet.bare}'", [(str(count),)])
    return romeo, juliet


@test("says what the archive can do (7)")
def offered(stage):
    juliet = stage.user("juliet")
    missing = FEATURES - features(juliet)
    equal(missing, set())
    assert MAM + "#groupchat-available" not in features(juliet)
    answer = juliet.ask("get", DOMAIN, f"<query xmlns='{NS['info']}'/>")
    assert MAM not in answer.features, "the host itself has no archive"


@test("answers with a form of all fields (4.1.5)")
def fields(stage):
    juliet = stage.user("juliet")
    for to in (None, juliet.bare):
        answer = juliet.ask("get", to, f"<query xmlns='{MAM}'/>")
        equal(answer.form_type, MAM)
        equal(set(answer.form), {
            "FORM_TYPE", "with", "start", "end", "before-id", "after-id",
            "ids", "include-groupchat", FULLTEXT})
        assert answer.find("mam:query/data:x/data:field[@var='ids']/"
                           "{http://jabber.org/protocol/xdata-validate}"
                           "validate") is not None, f"{answer}"
        equal(answer.find_all(".//data:required"), [])
        types = {element.get("var"): element.get("type") for element
                 in answer.find_all("mam:query/data:x/data:field")}
        equal([types[name] for name in ("with", "start", "end", "ids")],
              ["jid-single", "text-single", "text-single", "list-multi"])


@test("gives all messages in order, then the end (4.2, 4.3.2)")
def everything(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    romeo.message(juliet.full, "<subject>s</subject><body>one</body>"
                               "<x xmlns='urn:x'>y</x>", id="m1")
    one = juliet.hears(romeo.full, "one")
    juliet.say(romeo.full, "two")
    romeo.hears(juliet.full, "two")
    stage.wait_body("two")

    juliet.send(f"<iq type='set' id='all'>{query(queryid='f27')}</iq>")

    results = [Result(juliet.expect("message", sender=juliet.bare,
                                    to=juliet.full, type=None))
               for _ in range(2)]
    fin = juliet.expect("iq", type="result", id="all")
    equal([result.body for result in results], ["one", "two"])
    equal([result.queryid for result in results], ["f27", "f27"])
    message = results[0].message
    equal((message.get("from"), message.get("to"), message.get("type"),
           message.get("id")), (romeo.full, juliet.full, "chat", "m1"))
    assert message.find("{urn:x}x") is not None, f"{results[0].word}"
    equal(message.find("c:subject", NS).text, "s")
    ids = {element.get("by"): element.get("id")
           for element in one.find_all("sid:stanza-id")}
    equal(ids.get(juliet.bare), results[0].id)
    assert romeo.bare not in ids, f"{one}"
    assert results[0].stamp <= results[1].stamp
    equal(fin.attribute("mam:fin", "complete"), "true")
    equal(fin.attribute("mam:fin", "stable"), None)
    equal([fin.text(f"mam:fin/rsm:set/rsm:{name}")
           for name in ("first", "last")],
          [result.id for result in results])


@test("gives each of the two what they said (4.1.1)")
def both(stage):
    romeo, juliet = said(stage, 3)
    page = read(juliet)
    equal(page.bodies, numbers(1, 3))
    equal([result.queryid for result in page.results], [None] * 3)
    equal(read(romeo).bodies, numbers(1, 3))


@test("gives an end without a result of what is empty (4)")
def empty(stage):
    page = read(stage.user("juliet"))
    equal((page.bodies, page.complete, page.first, page.last),
          ([], True, None, None))
    romeo, juliet = said(stage, 1)
    page = read(juliet, {"with": f"nobody@{DOMAIN}"})
    equal((page.bodies, page.complete), ([], True))


@test("gives pages forward and backward, and the last (4.3)")
def paging(stage):
    _, juliet = said(stage, 7)

    page, bodies = read(juliet, max=3), []
    equal((page.index, page.complete), ("0", False))
    while True:
        bodies += page.bodies
        equal((page.first, page.last), (page.ids[0], page.ids[-1]))
        if page.complete:
            break
        page = read(juliet, max=3, after=page.last)
    equal(bodies, numbers(1, 7))

    page, bodies = read(juliet, max=3, before=""), []
    equal(page.bodies, numbers(5, 7))
    while True:
        bodies = page.bodies + bodies
        if page.complete:
            break
        page = read(juliet, max=3, before=page.first)
    equal(bodies, numbers(1, 7))


@test("tells how many there are, without any (XEP-0059 2.7)")
def count(stage):
    _, juliet = said(stage, 7)
    page = read(juliet, max=0)
    equal((page.bodies, page.count, page.complete), ([], "7", False))


@test("sends a page last first, which is the same page (4.3.4)")
def flipped(stage):
    _, juliet = said(stage, 5)
    page = read(juliet, max=3, flip=True)
    equal(page.bodies, ["3", "2", "1"])
    equal((page.first, page.last), (page.ids[2], page.ids[0]))
    page = read(juliet, max=3, before="", flip=True)
    equal(page.bodies, ["5", "4", "3"])
    equal((page.first, page.last), (page.ids[2], page.ids[0]))


@test("gives only what was said with somebody (4.1.1)")
def with_whom(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    garden, nurse = stage.session(romeo, "garden"), stage.user("nurse")
    for who, text in ((romeo, "house"), (garden, "garden"),
                      (nurse, "nurse")):
        who.say(juliet.full, text)
        juliet.hears(who.full, text)
    juliet.say(juliet.bare, "myself")
    juliet.hears(juliet.full, "myself")
    stage.wait_body("myself")

    equal(read(juliet, {"with": romeo.bare}).bodies, ["house", "garden"])
    equal(read(juliet, {"with": garden.full}).bodies, ["garden"])
    equal(read(juliet, {"with": juliet.bare}).bodies, ["myself"])
    equal(read(juliet).bodies, ["house", "garden", "nurse", "myself"])
    equal(refused(juliet, query({"with": "@"})), "jid-malformed")


@test("gives only what was said in a time (4.1.2)")
def times(stage):
    _, juliet = said(stage, 3)
    results = read(juliet).results
    stamps = [result.stamp for result in results]
    equal(read(juliet, {"start": stamps[0]}).bodies, numbers(1, 3))
    equal(read(juliet, {"end": stamps[2]}).bodies, numbers(1, 3))
    within = read(juliet, {"start": stamps[1], "end": stamps[1]}).bodies
    assert "2" in within, f"{within}"
    equal(read(juliet, {"end": "2020-01-01T00:00:00Z"}).bodies, [])
    equal(read(juliet, {"start": "2999-01-01T00:00:00Z"}).bodies, [])
    equal(refused(juliet, query({"start": "yesterday"})), "bad-request")


@test("gives only what is before, after or among ids (4.1.3)")
def by_id(stage):
    _, juliet = said(stage, 5)
    ids = read(juliet).ids
    equal(read(juliet, {"after-id": ids[1]}).bodies, numbers(3, 5))
    equal(read(juliet, {"before-id": ids[1]}).bodies, ["1"])
    equal(read(juliet, {"after-id": ids[0], "before-id": ids[4]}).bodies,
          numbers(2, 4))
    equal(read(juliet, {"ids": [ids[3], ids[0]]}).bodies, ["1", "4"])


@test("says item-not-found for an id that is not there (4.1.3, 4.3.2)")
def unknown_id(stage):
    _, juliet = said(stage, 2)
    _, other = said(stage, 1)
    ids, theirs = read(juliet).ids, read(other).ids[0]
    for content in (query({"after-id": theirs}), query({"before-id": "x"}),
                    query({"ids": [ids[0], theirs]}), query(after=theirs),
                    query(before="x"), query(after="x" * 300)):
        equal(refused(juliet, content), "item-not-found")


@test("tells where it begins and ends (5)")
def metadata(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    content = f"<metadata xmlns='{MAM}'/>"
    answer = juliet.ask("get", None, content)
    equal(list(answer.find("mam:metadata")), [])

    for number in range(3):
        romeo.say(juliet.full, str(number))
        juliet.hears(romeo.full, str(number))
        answer = juliet.ask("get", juliet.bare, content)
        results = read(juliet).results
        for name, result in (("start", results[0]), ("end", results[-1])):
            found = answer.find(f"mam:metadata/mam:{name}")
            equal((found.get("id"), found.get("timestamp")),
                  (result.id, result.stamp))
    equal(refused(juliet, content), "feature-not-implemented")


@test("finds words (XEP-0431)")
def words(stage):
    romeo, juliet = stage.talk("It is the east", "Juliet is the sun",
                               "Arise, fair sun")
    equal(read(juliet, {FULLTEXT: "SUN"}).bodies,
          ["Juliet is the sun", "Arise, fair sun"])
    equal(read(juliet, {FULLTEXT: "sun juliet", "with": romeo.bare}).bodies,
          ["Juliet is the sun"])
    equal(read(juliet, {FULLTEXT: "moon"}).bodies, [])


@test("leaves groupchat out or in as is asked, where there is none (4.1.4)")
def groupchat(stage):
    _, juliet = said(stage, 2)
    for value in ("true", "false", "1", "0"):
        equal(read(juliet, {"include-groupchat": value}).bodies,
              numbers(1, 2))


@test("refuses what is not offered, and what makes no sense (4.1.5)")
def nonsense(stage):
    _, juliet = said(stage, 1)
    bare = f"<query xmlns='{MAM}'>%s</query>"
    for condition, content in (
            ("feature-not-implemented", query({"withtext": "x"})),
            ("feature-not-implemented", query({"{urn:x}y": "x"})),
            ("feature-not-implemented", bare % (
                f"<set xmlns='{NS['rsm']}'><index>1</index></set>")),
            ("bad-request", bare % form({"with": "a@b"}).replace(
                "submit", "result")),
            ("bad-request", bare % form({}).replace(MAM, "urn:x")),
            ("bad-request", bare % (form({}) + form({}))),
            ("bad-request", query(max="many")),
            ("bad-request", query({"include-groupchat": "perhaps"})),
            ("bad-request", query({"start": ["2020-01-01T00:00:00Z"] * 2})),
            ("policy-violation", query({"ids": numbers(1, 101)})),
            ("policy-violation", query(queryid="x" * 256)),
            ("item-not-found", bare.replace(">%s", " node='x'>%s") % ""),
            ("feature-not-implemented", f"<other xmlns='{MAM}'/>")):
        equal((condition, refused(juliet, content)), (condition, condition))
    equal(refused(juliet, f"<other xmlns='{MAM}'/>", "get"),
          "feature-not-implemented")
    equal(read(juliet).bodies, ["1"])


@test("answers nobody for others (8.1)")
def others(stage):
    romeo, juliet = said(stage, 1)
    nurse = stage.user("nurse")
    for type in ("get", "set"):
        answer = nurse.ask(type, juliet.bare, f"<query xmlns='{MAM}'/>")
        equal(answer.type, "error")
    equal(take_results(nurse), [])


@test("gives a thousand messages in pages, each once and in order")
def thousand(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    say_all(romeo, juliet.full, numbers(1, 1000))
    romeo.settle()
    juliet.forget()
    stage.wait_rows("SELECT count(*) FROM archive_message m JOIN "
                    "archive_address r ON r.id = m.recipient WHERE r.jid = "
                    f"'{juliet.bare}'", [("1000",)])
    page, bodies, pages = read(juliet, max=500), [], 0
    while True:
        bodies, pages = bodies + page.bodies, pages + 1
        if page.complete:
            break
        page = read(juliet, max=500, after=page.last)
    equal(bodies, numbers(1, 1000))
    # The service gives no more than a hundred at a time.
    assert pages in (10, 11), f"{pages} pages"


@test("gives large messages a few at a time")
def large(stage):
    texts = [letter * 150000 for letter in "abcdefghi"]
    _, juliet = stage.talk(*texts)
    page, bodies, pages = read(juliet), [], 0
    while True:
        bodies, pages = bodies + page.bodies, pages + 1
        if page.complete:
            break
        page = read(juliet, after=page.last)
    equal([(body[0], len(body)) for body in bodies],
          [(text[0], len(text)) for text in texts])
    assert pages > 1, "more than a megabyte in one page"


@test("gives the place of what the router does not take, and goes on (3.2)")
def too_large(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    # Six times as much where it is escaped.
    for text in ("before", "'" * 100000, "after"):
        romeo.say(juliet.full, text)
    for _ in range(3):
        juliet.expect("message")
    page = read(juliet)
    equal(page.bodies, ["before", None, "after"])
    assert page.results[1].message is None, f"{page.results[1].word}"
    assert page.results[1].stamp, "it has no time"


@test("has what its user said just before")
def own_words(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    for number in range(30):
        romeo.say(juliet.bare, f"just {number}")
        page = read(romeo, max=1, before="")
        equal((page.bodies, page.stable), ([f"just {number}"], True))


@test("has what its user has just heard")
def heard(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    for number in range(30):
        romeo.say(juliet.full, f"heard {number}")
        juliet.hears(romeo.full, f"heard {number}")
        page = read(juliet, max=1, before="")
        equal((page.bodies, page.stable), ([f"heard {number}"], True))


@test("says that something may be missing while it is not stored (4.3.2)")
def unstable(stage):
    romeo, juliet = said(stage, 2)
    stage.refuse()
    romeo.say(juliet.full, "refused")
    juliet.hears(romeo.full, "refused")
    page = read(juliet)
    equal((page.bodies, page.stable), (["1", "2"], False))
    stage.mend()
    stage.wait_body("refused")
    page = read(juliet)
    equal((page.bodies, page.stable), (["1", "2", "refused"], True))


@test("keeps none of what it gives")
def not_kept(stage):
    _, juliet = said(stage, 3)
    before = stage.ask("SELECT count(*) FROM archive_message")
    for _ in range(3):
        equal(read(juliet).bodies, numbers(1, 3))
    romeo, juliet = said(stage, 1)
    equal(stage.ask("SELECT count(*) FROM archive_message"),
          [(str(int(before[0][0]) + 1),)])


@test("answers a session that has sent no presence, and no other")
def silent(stage):
    _, juliet = said(stage, 3)
    garden = stage.session(juliet, "garden", presence=None)
    equal(read(garden).bodies, numbers(1, 3))
    juliet.settle()
    equal(take_results(juliet), [])


@test("answers in order while a client is inactive (XEP-0352)")
def inactive(stage):
    _, juliet = said(stage, 60)
    juliet.send("<inactive xmlns='urn:xmpp:csi:0'/>")
    juliet.send(f"<iq type='set' id='all'>{query()}</iq>")
    for number in numbers(1, 60):
        equal(Result(juliet.expect("message")).body, number)
    juliet.expect("iq", type="result", id="all")


@test("answers several queries of one user, each by its own id")
def several(stage):
    _, juliet = said(stage, 20)
    asked = [juliet.iq("set", None, query(queryid=f"q{number}", max=10))
             for number in range(8)]
    for id in asked:
        equal(juliet.answer(id).type, "result")
    found = [Result(word) for word in take_results(juliet)]
    for number in range(8):
        equal([result.body for result in found
               if result.queryid == f"q{number}"], numbers(1, 10))


@test("waits for a session that acknowledges late (XEP-0198)")
def late(stage):
    _, juliet = said(stage, 100)
    juliet.manage()
    since = len(stage.annex.process.lines)
    asked = juliet.iq("set", None, query(max=100))
    got = [Result(juliet.pick(lambda word: word.has("mam:result"),
                              "a result")).body for _ in range(50)]
    # There is no room for the next portion, and has been tried.
    stage.annex.process.wait_line("wait for room", since)
    equal(take_results(juliet), [])
    juliet.acknowledge(50)
    answer = juliet.answer(asked)
    equal(answer.type, "result")
    equal(got + [Result(word).body for word in take_results(juliet)],
          numbers(1, 100))


def half_read(stage):
    """Somebody who got half of a page, as there is no room for the rest; and
    the query."""
    _, juliet = said(stage, 100)
    juliet.manage()
    since = len(stage.annex.process.lines)
    asked = juliet.iq("set", None, query(max=100))
    for _ in range(50):
        juliet.pick(lambda word: word.has("mam:result"), "a result")
    stage.annex.process.wait_line("wait for room", since)
    return juliet, asked


@test("gives nothing more of a query when the link was lost")
def cut(stage):
    juliet, asked = half_read(stage)
    since = len(stage.annex.process.lines)
    with stage.proxy.cut():
        equal(juliet.answer(asked).condition, "service-unavailable")
    stage.annex.process.wait_line("has for us", since)
    juliet.acknowledge(51)
    stage.wait_offered(juliet)
    equal(take_results(juliet), [])
    equal(read(juliet, max=20).bodies, numbers(1, 20))


@test("ends a query that is under way when it is killed or stops")
def killed(stage):
    for end in (stage.annex.kill, stage.annex.stop):
        juliet, asked = half_read(stage)
        end()
        answer = juliet.answer(asked)
        equal(answer.type, "error")
        assert answer.condition in ("service-unavailable",
                                    "resource-constraint"), f"{answer}"
        stage.begin()


@test("goes on for others when a session goes in the middle")
def gone(stage):
    romeo, juliet = said(stage, 100)
    juliet.manage(resume="false")
    juliet.iq("set", None, query(max=100))
    juliet.pick(lambda word: word.has("mam:result"), "a result")
    juliet.vanish()
    equal(read(romeo, max=100).bodies, numbers(1, 100))
    juliet = stage.session(juliet, "garden")
    equal(read(juliet, max=100).bodies, numbers(1, 100))
    # None of the others came by another way.
    equal([word for word in juliet.inbox if word.kind == "message"], [])


@test("goes on after a new start between two pages")
def restarted(stage):
    _, juliet = said(stage, 6)
    page = read(juliet, max=3)
    stage.annex.stop()
    equal(refused(juliet, query(after=page.last)), "service-unavailable")
    stage.annex.start()
    stage.wait_offered(juliet)
    equal(read(juliet, after=page.last).bodies, numbers(4, 6))


@test("counts requests and results, and says whose users read")
def counted(stage):
    _, juliet = said(stage, 3)
    results = stage.metric("annex_archive_results_total")
    requests = stage.metric("annex_archive_requests_total")
    read(juliet)
    refused(juliet, query(after="x"))
    equal(stage.metric("annex_archive_results_total"), results + 3)
    equal(stage.metric("annex_archive_requests_total"), requests + 2)
    equal(stage.status("read by users of"), [DOMAIN])


scene(own={"csi", "resumption"}, queue=120)
