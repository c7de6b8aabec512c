#!/usr/bin/python3
"""XEP-0045 9.2: the ban list."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, item, succeeds
from scene import scene, test


def outcasts(who, room):
    answer = succeeds(who.list(room, affiliation="outcast"))
    return sorted(row["jid"] for row in answer.rows)


@test("lists the banned with reason, without nick and role")
def listed(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo, tybalt)
    succeeds(romeo.set_affiliation(room, tybalt.bare, "outcast", "Treason"))

    answer = succeeds(romeo.list(room, affiliation="outcast"))

    equal(answer.rows, [{"affiliation": "outcast", "jid": tybalt.bare}])
    equal(answer.text("admin:query/admin:item/admin:reason"), "Treason")


@test("bans several, and lifts a ban, in one request")
def several(stage):
    romeo, tybalt, paris, nurse = stage.cast("romeo", "tybalt", "paris",
                                             "nurse")
    room = stage.gather(romeo, paris, nurse)
    succeeds(romeo.set_affiliation(room, tybalt.bare, "outcast"))
    stage.hush()

    succeeds(romeo.administer(
        room, item(jid=paris.bare, affiliation="outcast", reason="One"),
        item(jid=nurse.bare, affiliation="outcast", reason="Two"),
        item(jid=tybalt.bare, affiliation="none")))

    equal(outcasts(romeo, room), sorted([paris.bare, nurse.bare]))
    paris.sees_gone(room.at("paris"), {110, 301}, reason="One",
                    affiliation="outcast")
    stage.settle()
    equal([came.codes for came in nurse.inbox if 110 in came.codes],
          [{110, 301}])
    equal([(came.sender, came.codes) for came in romeo.inbox],
          [(room.at("paris"), {301}), (room.at("nurse"), {301})])


@test("bans nobody when one may not be banned")
def atomic(stage):
    romeo, nurse, paris = stage.cast("romeo", "nurse", "paris")
    room = stage.gather(romeo, paris)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    stage.hush()

    answer = nurse.administer(
        room, item(jid=paris.bare, affiliation="outcast"),
        item(jid=romeo.bare, affiliation="outcast"))

    assert answer.condition in ("not-allowed", "conflict"), f"{answer}"
    equal(outcasts(romeo, room), [])
    stage.silent()


@test("is for admins and owners only")
def forbidden(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, whois="anyone")

    fails(juliet.list(room, affiliation="outcast"), "forbidden", "auth")


@test("bans a domain with all its users but those affiliated")
def domain(stage):
    romeo, juliet, tybalt, nurse = stage.cast("romeo", "juliet", "tybalt",
                                              "nurse")
    room = stage.gather(romeo, juliet, tybalt)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    stage.hush()

    succeeds(romeo.set_affiliation(room, juliet.domain, "outcast"))

    tybalt.sees_gone(room.at("tybalt"), {110, 301})
    juliet.sees_gone(room.at("tybalt"), {301}, affiliation="outcast")
    nurse.knock(room)
    nurse.refused("presence", room.at("nurse"), "forbidden", "auth")
    equal(outcasts(romeo, room), [juliet.domain])
    romeo.sees_gone(room.at("tybalt"), {301}, affiliation="outcast")
    stage.silent()


@test("forgets the nick that a banned user had reserved")
def nick(stage):
    romeo, tybalt, paris = stage.cast("romeo", "tybalt", "paris")
    room = stage.gather(romeo)
    succeeds(romeo.set_affiliation(room, tybalt.bare, "member", nick="cat"))

    succeeds(romeo.administer(
        room, item(jid=tybalt.bare, affiliation="outcast")))

    paris.enter(room, "cat")
    stage.hush()
    equal(romeo.list(room, affiliation="outcast").rows,
          [{"affiliation": "outcast", "jid": tybalt.bare}])


scene()
