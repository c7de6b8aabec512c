#!/usr/bin/python3
"""XEP-0045 10.2 and 16.5.3: configuring a room, option by option."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import ROOMCONFIG, equal, fails, succeeds
from scene import scene, test
from stanza import NS

TYPES = {
    "muc#maxhistoryfetch": "text-single",
    "muc#roomconfig_allowinvites": "boolean",
    "muc#roomconfig_allowpm": "list-single",
    "muc#roomconfig_changesubject": "boolean",
    "muc#roomconfig_enablelogging": "boolean",
    "muc#roomconfig_getmemberlist": "list-multi",
    "muc#roomconfig_lang": "text-single",
    "muc#roomconfig_maxusers": "list-single",
    "muc#roomconfig_membersonly": "boolean",
    "muc#roomconfig_moderatedroom": "boolean",
    "muc#roomconfig_passwordprotectedroom": "boolean",
    "muc#roomconfig_persistentroom": "boolean",
    "muc#roomconfig_presencebroadcast": "list-multi",
    "muc#roomconfig_publicroom": "boolean",
    "muc#roomconfig_pubsub": "text-single",
    "muc#roomconfig_roomadmins": "jid-multi",
    "muc#roomconfig_roomdesc": "text-single",
    "muc#roomconfig_roomname": "text-single",
    "muc#roomconfig_roomowners": "jid-multi",
    "muc#roomconfig_roomsecret": "text-private",
    "muc#roomconfig_whois": "list-single",
}
CHANGED = {
    "maxhistoryfetch": ["7"],
    "allowinvites": ["0"],
    "allowpm": ["moderators"],
    "changesubject": ["1"],
    "enablelogging": ["1"],
    "getmemberlist": ["moderator", "participant"],
    "lang": ["it"],
    "maxusers": ["30"],
    "membersonly": ["1"],
    "moderatedroom": ["1"],
    "passwordprotectedroom": ["1"],
    "persistentroom": ["1"],
    "presencebroadcast": ["moderator", "participant"],
    "publicroom": ["0"],
    "pubsub": ["xmpp:pubsub.verona.test?;node=garden"],
    "roomadmins": ["nurse@verona.test", "paris@verona.test"],
    "roomdesc": ["The place for all good lovers!"],
    "roomname": ["Orchard & <wall>"],
    "roomowners": ["juliet@verona.test", "romeo@verona.test"],
    "roomsecret": ["cauldronburn"],
    "whois": ["anyone"],
}
FALSE = {"false": "0", "true": "1"}


def var(name):
    prefix = "muc#" if name == "maxhistoryfetch" else "muc#roomconfig_"
    return prefix + name


def values(form, name):
    return sorted(FALSE.get(value, value) for value in form[var(name)])


def affiliations(romeo, room, which):
    return {row["jid"] for row in romeo.list(room, affiliation=which).rows}


def cancel():
    return ("<query xmlns='%s'><x xmlns='%s' type='cancel'/></query>"
            % (NS["owner"], NS["data"]))


@test("offers all 21 registered options with their types")
def offered(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)

    answer = succeeds(romeo.configuration(room))

    equal((answer.form_type, answer.attribute("owner:query/data:x", "type")),
          (ROOMCONFIG, "form"))
    types = {field.get("var"): field.get("type")
             for field in answer.find_all("owner:query/data:x/data:field")}
    equal({name: types.get(name) for name in TYPES}, TYPES)


@test("shows the options in force, whatever is changed")
def shown(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)

    succeeds(romeo.configure(room, **CHANGED))

    form = romeo.configuration(room).form
    equal({name: values(form, name) for name in CHANGED}, CHANGED)


@test("changes one option and leaves the others")
def one(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)
    succeeds(romeo.configure(room, **CHANGED))

    succeeds(romeo.configure(room, roomname="Tomb"))

    form = romeo.configuration(room).form
    equal({name: values(form, name) for name in CHANGED},
          dict(CHANGED, roomname=["Tomb"]))


@test("leaves all as it was when cancelled")
def cancelled(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo, roomname="Orchard")

    succeeds(romeo.ask("set", room.jid, cancel()))

    stage.silent()
    equal(values(romeo.configuration(room).form, "roomname"), ["Orchard"])


@test("says forbidden to those who do not own the room")
def forbidden(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo, juliet)
    succeeds(romeo.set_affiliation(room, nurse.bare, "admin"))
    nurse.enter(room)
    stage.hush()

    for who in (juliet, nurse, paris):
        fails(who.configuration(room), "forbidden", "auth")
        fails(who.configure(room, roomname="Mine"), "forbidden", "auth")
        fails(who.ask("set", room.jid, cancel()), "forbidden", "auth")
    stage.silent()


@test("says not-acceptable to values that make no sense, changing nothing")
def nonsense(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo, roomname="Orchard")

    for option, value in (("maxusers", "many"), ("whois", "nobody"),
                          ("allowpm", "sometimes"), ("membersonly", "maybe"),
                          ("presencebroadcast", "king"),
                          ("maxhistoryfetch", "-1"),
                          ("roomadmins", "@verona.test")):
        answer = romeo.configure(room, **{"roomname": "x", option: value})
        equal((option, answer.condition, answer.error_type),
              (option, "not-acceptable", "modify"))
    equal(values(romeo.configuration(room).form, "roomname"), ["Orchard"])
    stage.silent()


@test("takes roomadmins and roomowners as the full lists")
def lists(stage):
    romeo, juliet, nurse, paris = stage.cast("romeo", "juliet", "nurse",
                                             "paris")
    room = stage.gather(romeo, juliet, nurse, paris)
    succeeds(romeo.configure(room, roomadmins=[nurse.bare]))
    stage.hush()

    succeeds(romeo.configure(room, roomadmins=[paris.bare],
                             roomowners=[romeo.bare, juliet.bare]))

    equal(affiliations(romeo, room, "admin"), {paris.bare})
    equal(affiliations(romeo, room, "owner"), {romeo.bare, juliet.bare})
    stage.settle()
    equal({came.sender: (came.affiliation, came.role)
           for came in romeo.inbox if came.kind == "presence"},
          {room.at("paris"): ("admin", "moderator"),
           room.at("juliet"): ("owner", "moderator"),
           room.at("nurse"): ("none", "participant")})


@test("says conflict when no owner would be left")
def ownerless(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    answer = romeo.configure(room, roomowners=[])

    equal((answer.type, answer.condition), ("error", "conflict"))
    equal(affiliations(romeo, room, "owner"), {romeo.bare})


@test("lets an owner give up ownership when there is another")
def given_up(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    succeeds(romeo.configure(room, roomowners=[juliet.bare]))

    equal(affiliations(juliet, room, "owner"), {juliet.bare})
    romeo.sees(room.at("romeo"), {110}, affiliation="admin",
               role="moderator")


@test("takes all from an owner whom neither list has")
def dismissed(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    succeeds(romeo.configure(room, roomowners=[juliet.bare], roomadmins=[]))

    equal(affiliations(juliet, room, "owner"), {juliet.bare})
    romeo.sees(room.at("romeo"), {110}, affiliation="none",
               role="participant")


@test("removes who is no member when the room becomes members-only, by 322")
def members_only(stage):
    romeo, juliet, nurse, tybalt = stage.cast("romeo", "juliet", "nurse",
                                              "tybalt")
    room = stage.gather(romeo, juliet, nurse, tybalt)
    succeeds(romeo.set_affiliation(room, juliet.bare, "member"))
    stage.hush()

    succeeds(romeo.configure(room, membersonly=1))
    stage.settle()

    gone = {room.at("nurse"), room.at("tybalt")}
    for who in (romeo, juliet):
        equal({came.sender for came in who.inbox
               if came.type == "unavailable" and came.codes == {322}}, gone)
    for who in (nurse, tybalt):
        equal([(came.sender, came.codes) for came in who.inbox
               if came.type == "unavailable" and 110 in came.codes],
              [(room.at(who.name), {110, 322})])


@test("changes roles with moderatedroom only for those who enter later")
def moderated(stage):
    romeo, juliet, nurse = stage.cast("romeo", "juliet", "nurse")
    room = stage.gather(romeo, juliet)

    succeeds(romeo.configure(room, moderatedroom=1))
    stage.hush()

    equal(nurse.enter(room).own.role, "visitor")


scene()
