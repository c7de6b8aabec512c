#!/usr/bin/python3
"""Commands by XMPP (XEP-0050), as slixmpp uses them."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from adhoc import Commander, Refused
from guest import equal
from scene import scene, test

ALL = {"status", "list", "search", "show", "create", "configure", "destroy",
       "affiliations", "affiliate", "ban", "kick", "broadcast"}
people = {}


def commander(stage, name="nurse"):
    if name not in people:
        people[name] = Commander(stage, name)
    return people[name]


def refusal(function, *args, **fields):
    try:
        outcome = function(*args, **fields)
    except Refused as refused:
        return str(refused)
    raise AssertionError(f"done: {outcome.status} {outcome.notes}")


@test("are listed for administrators alone")
def listed(stage):
    equal(set(commander(stage).nodes()), ALL)
    equal(commander(stage, "tybalt").nodes(), {})
    equal(commander(stage).nodes()["list"], "List rooms")


@test("describe themselves")
def described(stage):
    info = commander(stage).info("list")
    equal({(category, kind) for category, kind, _, _ in info["identities"]},
          {("automation", "command-node")})
    equal(set(info["features"]), {"http://jabber.org/protocol/commands",
                                  "jabber:x:data"})
    equal(refusal(commander(stage, "tybalt").info, "list"),
          "cancel: forbidden")
    whole = commander(stage, "tybalt").info(
        "http://jabber.org/protocol/commands")
    equal({(category, kind) for category, kind, _, _ in whole["identities"]},
          {("automation", "command-list")})
    romeo, = stage.cast("romeo")
    assert "http://jabber.org/protocol/commands" in str(
        romeo.info(stage.rooms))


@test("are refused to all others")
def refused(stage):
    for node in ALL:
        equal(refusal(commander(stage, "tybalt").send, node),
              "cancel: forbidden")
    equal(refusal(commander(stage).send, "dance"),
          "cancel: item-not-found")


@test("tell how the service is")
def status(stage):
    rows = commander(stage).run("status").rows
    said = {row["what"]: row["value"] for row in rows}
    equal((said["component"], said["link"], said["domain"]),
          ("annex-muc", "up", stage.rooms))


@test("list and search rooms, hidden and stored ones as well")
def search(stage):
    romeo, = stage.cast("romeo")
    for name, fields in {"crypt": {"publicroom": 0, "persistentroom": 1,
                                   "roomdesc": "Dark below"},
                         "orchard": {"roomname": "Apples",
                                     "persistentroom": 1},
                         "street": {}}.items():
        room = stage.gather(romeo, **fields)
        stage.places[-1].title = name
        if fields:
            romeo.leave(room)
            romeo.next("presence")
    crypt, orchard, street = [str(place) for place in stage.places]
    nurse = commander(stage)

    found = nurse.run("list")
    equal([row["room"] for row in found.rows], [crypt, orchard, street])
    equal([row["occupants"] for row in found.rows], ["0", "0", "1"])
    equal(found.note, "info: 3 rooms.")
    equal(found.lang, "en")
    found = nurse.run("list", limit="1")
    equal(found.note, f"info: There are more: go on after {crypt}.")
    equal([row["room"] for row in nurse.run(
        "list", limit="1", after=crypt).rows], [orchard])
    equal([row["room"] for row in nurse.run("list", kind="hidden").rows],
          [crypt])
    equal([row["room"] for row in nurse.run("search", text="dark").rows],
          [crypt])
    equal([row["room"] for row in nurse.run("search", text="APPLE").rows],
          [orchard])


@test("show a room")
def show(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo, roomname="Balcony")
    values = commander(stage).run("show", room=str(room)).values
    equal((values["room"], values["state"]), (str(room), "open"))
    assert "roomname=Balcony" in values["options"], values
    assert f"romeo, {romeo.full}, moderator" in values["occupants"], values


@test("create, configure and destroy a room")
def manage(stage):
    romeo, = stage.cast("romeo")
    nurse = commander(stage)
    room = stage.room()
    outcome = nurse.run("create", room=str(room), owner=romeo.bare,
                        options=["roomname=Tomb", "membersonly=1"])
    equal(outcome.note, f"info: {room} was created, owned by {romeo.bare}.")
    equal(outcome.status, "completed")
    romeo.enter(room)
    nurse.run("configure", room=str(room), options=["moderatedroom=1"])
    romeo.told(room, {104})
    outcome = nurse.run("destroy", room=str(room), reason="No more",
                        venue=f"park@{stage.rooms}")
    equal(outcome.note, f"info: {room} was destroyed.")
    gone = romeo.expect("presence", sender=room.at("romeo"),
                        type="unavailable")
    assert "No more" in str(gone) and f"park@{stage.rooms}" in str(gone)
    equal(nurse.run("show", room=str(room)).note,
          f"error: there is no room {room}")


@test("change what people are, and remove them")
def people_of_a_room(stage):
    romeo, juliet, paris = stage.cast("romeo", "juliet", "paris")
    nurse = commander(stage)
    room = stage.gather(romeo, juliet, paris)
    nurse.run("affiliate", room=str(room), address=juliet.bare,
              affiliation="member")
    for guest in romeo, juliet, paris:
        guest.sees(room.at("juliet"), {110} if guest is juliet else (),
                   affiliation="member")
    rows = nurse.run("affiliations", room=str(room)).rows
    equal({row["address"]: row["affiliation"] for row in rows},
          {romeo.bare: "owner", juliet.bare: "member"})
    nurse.run("kick", room=str(room), nick="juliet", reason="Bed time")
    juliet.sees_gone(room.at("juliet"), {110, 307}, reason="Bed time")
    for guest in romeo, paris:
        guest.sees_gone(room.at("juliet"), {307})
    nurse.run("ban", room=str(room), address=paris.bare)
    paris.sees_gone(room.at("paris"), {110, 301}, affiliation="outcast")
    romeo.sees_gone(room.at("paris"), {301}, affiliation="outcast")
    equal(nurse.run("ban", room=str(room), address=romeo.bare).note,
          "error: a room needs an owner")


@test("say something in all rooms")
def broadcast(stage):
    romeo, juliet = stage.cast("benvolio", "rosaline")
    balcony, tomb = stage.gather(romeo), stage.gather(juliet)
    nurse = commander(stage)
    outcome = nurse.run("broadcast", text=["Plague!", "Go home."])
    assert outcome.note.startswith("info: Clients told: "), outcome.note
    romeo.hears(balcony.jid, "Plague!\nGo home.")
    juliet.hears(tomb.jid, "Plague!\nGo home.")
    nurse.run("broadcast", text=["You"], room=str(tomb))
    juliet.hears(tomb.jid, "You")


@test("refuse what makes no sense, and wait for better")
def bad(stage):
    nurse = commander(stage)
    asked = nurse.send("list")
    equal(refusal(nurse.send, "list", "complete", asked.session,
                  {"limit": "many"}), "modify: bad-request bad-payload")
    equal(refusal(nurse.send, "list", "complete", asked.session,
                  {"colour": "red"}), "modify: bad-request bad-payload")
    equal(refusal(nurse.send, "list", "prev", asked.session),
          "modify: bad-request bad-action")
    equal(refusal(nurse.send, "list", "dance", asked.session),
          "modify: bad-request malformed-action")
    equal(refusal(nurse.send, "show", "complete", asked.session),
          "modify: bad-request bad-sessionid")
    equal(refusal(nurse.send, "list", "complete", "mine"),
          "modify: bad-request bad-sessionid")
    equal(nurse.send("list", "complete", asked.session, {}).status,
          "completed")
    equal(refusal(nurse.send, "list", "complete", asked.session),
          "cancel: not-allowed session-expired")


@test("can be cancelled")
def cancelled(stage):
    nurse = commander(stage)
    asked = nurse.send("destroy")
    equal(nurse.send("destroy", "cancel", asked.session).status, "canceled")
    equal(refusal(nurse.send, "destroy", "complete", asked.session),
          "cancel: not-allowed session-expired")


scene("""
    admins = { "nurse@verona.test" }
""")
