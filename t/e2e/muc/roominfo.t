#!/usr/bin/python3
"""XEP-0045 6.4, 6.5 and 16.3: what a room tells of itself."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal, fails, succeeds
from scene import scene, test
from stanza import NS


@test("tells its identity and the features every room has")
def identity(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, roomname="A Dark Cave")

    answer = succeeds(juliet.info(room))

    equal([dict(each.attrib) for each in
           answer.find_all("info:query/info:identity")],
          [{"category": "conference", "type": "text",
            "name": "A Dark Cave"}])
    missing = {NS["muc"], "http://jabber.org/protocol/muc#stable_id",
               "http://jabber.org/protocol/muc#register",
               "http://jabber.org/protocol/muc#roomconfig",
               "http://jabber.org/protocol/muc#roominfo"} - answer.features
    equal(missing, set())


PAIRS = (
    ("muc_membersonly", "muc_open", {"membersonly": 1}),
    ("muc_moderated", "muc_unmoderated", {"moderatedroom": 1}),
    ("muc_nonanonymous", "muc_semianonymous", {"whois": "anyone"}),
    ("muc_passwordprotected", "muc_unsecured",
     {"passwordprotectedroom": 1, "roomsecret": "x"}),
    ("muc_persistent", "muc_temporary", {"persistentroom": 1}),
    ("muc_hidden", "muc_public", {"publicroom": 0}),
)


@test("tells its type by one feature of each pair")
def types(stage):
    romeo, = stage.cast("romeo")
    room = stage.gather(romeo)
    for feature, opposite, options in PAIRS:
        before = romeo.info(room).features
        equal((feature in before, opposite in before), (False, True))

        succeeds(romeo.configure(room, **options))

        after = romeo.info(room).features
        equal((feature, feature in after, opposite in after),
              (feature, True, False))


@test("tells more in a form of muc#roominfo")
def form(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, juliet, roomdesc="The place", lang="en",
                        changesubject=1, maxhistoryfetch=17,
                        pubsub="xmpp:pubsub.verona.test?;node=garden")
    romeo.message(room.jid, "<subject>Spells</subject>")
    stage.hush()

    answer = succeeds(juliet.info(room))

    info = answer.form
    equal(answer.form_type, "http://jabber.org/protocol/muc#roominfo")
    equal(info["muc#roominfo_description"], ["The place"])
    equal(info["muc#roominfo_subject"], ["Spells"])
    equal(info["muc#roominfo_occupants"], ["2"])
    equal(info["muc#roominfo_lang"], ["en"])
    equal(info["muc#maxhistoryfetch"], ["17"])
    assert info["muc#roominfo_subjectmod"] in (["1"], ["true"]), info
    equal(info["muc#roomconfig_pubsub"],
          ["xmpp:pubsub.verona.test?;node=garden"])


@test("keeps the secret secret")
def secret(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, passwordprotectedroom=1, roomsecret="burnt")

    assert "burnt" not in str(juliet.info(room))


@test("tells no subject of a members-only room to those outside")
def subject(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo, membersonly=1)
    romeo.message(room.jid, "<subject>Spells</subject>")
    stage.hush()

    answer = succeeds(juliet.info(room))

    assert "Spells" not in str(answer), f"{answer}"
    assert "Spells" in str(succeeds(romeo.info(room)))


@test("says item-not-found where there is no room")
def nowhere(stage):
    romeo, = stage.cast("romeo")
    room = stage.room()

    fails(romeo.info(room), "item-not-found", "cancel")
    fails(romeo.items(room), "item-not-found", "cancel")


@test("lists no occupants to those outside")
def items(stage):
    romeo, tybalt = stage.cast("romeo", "tybalt")
    room = stage.gather(romeo)

    answer = succeeds(tybalt.items(room))

    equal(list(answer.find("items:query")), [])


scene()
