#!/usr/bin/python3
"""XEP-0313: whoever may enter a room reads what was said in it."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, succeeds
from lookback import MAM, bodies, garden, look, page, query
from scene import scene, test
from stanza import NS


@test("shows whoever may enter what was said, as it was said")
def talk(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = garden(stage, juliet)
    juliet.say(room, "one", id="m1", content="<a xmlns='urn:a'/>")
    heard = romeo.hears(room.at("juliet"), "one")
    romeo.message(room.jid, "<subject>Roses</subject>")
    stage.settle()
    juliet.say(room, "two")
    stage.hush()

    results, answer = look(nurse, room)

    equal([(each.sender, each.queryid, each.message.sender, each.message.to,
            each.message.type, each.message.subject, each.message.body)
           for each in results],
          [(room.jid, "f1", room.at("juliet"), None, "groupchat", None,
            "one"),
           (room.jid, "f1", room.at("romeo"), None, "groupchat", "Roses",
            None),
           (room.jid, "f1", room.at("juliet"), None, "groupchat", None,
            "two")])
    equal(results[0].id, heard.attribute("sid:stanza-id", "id"))
    equal(results[0].message.id, "m1")
    assert results[0].message.has("{urn:a}a"), results[0].message
    equal(results[0].message.attribute("occupant:occupant-id", "id"),
          heard.attribute("occupant:occupant-id", "id"))
    equal(answer.attribute("mam:fin", "complete"), "true")
    equal((answer.text("mam:fin/rsm:set/rsm:first"),
           answer.text("mam:fin/rsm:set/rsm:last")),
          (results[0].id, results[2].id))


@test("pages from either end, and from any message")
def paged(stage):
    romeo, nurse = stage.cast("romeo", "nurse")
    room = garden(stage)
    for text in ("one", "two", "three"):
        romeo.say(room, text)
    stage.hush()

    first, answer = look(nurse, room, page(max=2))
    equal([each.message.body for each in first], ["one", "two"])
    assert answer.attribute("mam:fin", "complete") != "true", f"{answer}"
    equal(bodies(nurse, room, page(max=2, after=first[1].id)), ["three"])
    equal(bodies(nurse, room, page(max=2, before="")), ["two", "three"])
    equal(bodies(nurse, room, page(max=2, before=first[1].id)), ["one"])
    equal(bodies(nurse, room, page(max=2) + "<flip-page/>"), ["two", "one"])
    fails(nurse.ask("set", room.jid, query(page(after="nothing"))),
          "item-not-found")


@test("finds by occupant, time, words and ids")
def filtered(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)
    romeo.say(room, "One rose")
    stage.settle()
    juliet.say(room, "two roses")
    stage.hush()

    results, _ = look(juliet, room)
    equal(bodies(juliet, room, **{"with": room.at("romeo")}), ["One rose"])
    equal(bodies(juliet, room, **{"with": room.jid}),
          ["One rose", "two roses"])
    equal(bodies(juliet, room, start=results[1].stamp), ["two roses"])
    equal(bodies(juliet, room, end="2020-01-01T00:00:00Z"), [])
    equal(bodies(juliet, room, **{"after-id": results[0].id}), ["two roses"])
    equal(bodies(juliet, room, ids=results[1].id), ["two roses"])
    equal(bodies(juliet, room, **{"{urn:xmpp:fulltext:0}fulltext": "ONE"}),
          ["One rose"])


@test("tells real addresses to those alone who may see them")
def addresses(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = garden(stage, juliet)
    juliet.say(room, "one")
    stage.hush()

    def told(guest):
        (result,), _ = look(guest, room)
        return result.message.attribute("user:x/user:item", "jid")

    equal([told(guest) for guest in (romeo, juliet, nurse)],
          [juliet.full, None, None])
    equal(bodies(romeo, room, **{"with": juliet.bare}), ["one"])
    equal(bodies(nurse, room, **{"with": juliet.bare}), [])
    succeeds(romeo.configure(room, whois="anyone"))
    stage.hush()
    equal(told(nurse), juliet.full)


@test("passes no muc#user on that a client made up")
def forged(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)
    juliet.say(room, "one", content=(
        f"<x xmlns='{NS['user']}'><item jid='{romeo.full}'/></x>"
        f"<occupant-id xmlns='{NS['occupant']}' id='x'/>"))
    stage.hush()

    (result,), _ = look(juliet, room)

    equal(result.message.find_all("user:x"), [])
    found, = result.message.find_all("occupant:occupant-id")
    assert found.get("id") != "x", f"{result.message}"


@test("is for those alone who may enter")
def access(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = garden(stage)
    romeo.say(room, "one")
    stage.hush()

    equal(bodies(nurse, room), ["one"])
    succeeds(romeo.set_affiliation(room, nurse.bare, "outcast"))
    fails(nurse.ask("set", room.jid, query()), "forbidden")
    succeeds(romeo.configure(room, membersonly=1))
    fails(juliet.ask("set", room.jid, query()), "forbidden")
    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    stage.hush()
    equal(bodies(juliet, room), ["one"])


@test("holds no private messages, and nothing that is not to be kept")
def left(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = garden(stage, juliet)
    juliet.whisper(room, "romeo", "one")
    juliet.say(room, "two", content="<no-store xmlns='urn:xmpp:hints'/>")
    juliet.say(room, "three")
    stage.hush()

    equal(bodies(romeo, room), ["three"])


@test("shows nothing of a room that had the same name before")
def again(stage):
    romeo, = stage.cast("romeo")
    room = garden(stage)
    romeo.say(room, "one")
    stage.hush()
    (old,), _ = look(romeo, room)
    succeeds(romeo.destroy(room))
    stage.hush()
    romeo.create(room, persistentroom=1, enablearchiving=1)
    romeo.say(room, "two")
    stage.hush()

    equal(bodies(romeo, room), ["two"])
    fails(romeo.ask("set", room.jid, query(page(after=old.id))),
          "item-not-found")


@test("keeps all over a restart")
def restart(stage):
    romeo, = stage.cast("romeo")
    room = garden(stage)
    romeo.say(room, "one")
    stage.hush()
    before, _ = look(romeo, room)

    stage.restart()

    after, _ = look(stage.client("romeo"), room)
    equal([(each.id, each.stamp, each.message.body) for each in after],
          [(each.id, each.stamp, each.message.body) for each in before])


@test("tells where it begins and ends, and what it can be asked")
def ends(stage):
    romeo, nurse = stage.cast("romeo", "nurse")
    room = garden(stage)
    empty = succeeds(nurse.ask("get", room.jid, f"<metadata xmlns='{MAM}'/>"))
    equal(empty.find_all("mam:metadata/*"), [])
    for text in ("one", "two"):
        romeo.say(room, text)
    stage.hush()
    results, _ = look(nurse, room)

    answer = succeeds(nurse.ask("get", room.jid,
                                f"<metadata xmlns='{MAM}'/>"))
    equal([(answer.attribute(f"mam:metadata/mam:{end}", "id"),
            answer.attribute(f"mam:metadata/mam:{end}", "timestamp"))
           for end in ("start", "end")],
          [(each.id, each.stamp) for each in results])
    form = succeeds(nurse.ask("get", room.jid, f"<query xmlns='{MAM}'/>"))
    names = {field.get("var")
             for field in form.find_all("mam:query/data:x/data:field")}
    equal({"with", "start", "end", "before-id", "after-id", "ids",
           "{urn:xmpp:fulltext:0}fulltext"} - names, set())
    fails(nurse.ask("set", room.jid, query(**{"include-groupchat": "true"})),
          "feature-not-implemented")


@test("is advertised where there is one, and there alone")
def features(stage):
    romeo, = stage.cast("romeo")
    room = garden(stage)
    wanted = {MAM, MAM + "#extended"}

    equal(wanted - succeeds(romeo.info(room)).features, set())
    succeeds(romeo.configure(room, enablearchiving=0))
    equal(wanted & succeeds(romeo.info(room)).features, set())
    fails(romeo.ask("set", room.jid, query()), "service-unavailable")


scene('archive = "chosen"\n    journal = "muc.journal"')
