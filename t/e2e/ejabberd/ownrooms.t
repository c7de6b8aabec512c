#!/usr/bin/python3
"""PROTOCOL 5: what is said in a room of ejabberd's own, which sends the same
to each inside."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from shim import scene, test
from stage import DOMAIN

STANZA_ID = "{urn:xmpp:sid:0}stanza-id"
ROOM = f"park@conference.{DOMAIN}"
SHIM = {"judge": {"hooks": ["check"], "timeout": 9,
                  "profiles": [{"users": ["juliet", "nurse"]}]}}


def enter(who):
    who.send(f"<presence to='{ROOM}/{who.name}'>"
             "<x xmlns='http://jabber.org/protocol/muc'/></presence>")
    who.pick(lambda word: word.kind == "message" and word.sender == ROOM,
             "the subject")


@test("asks about each copy by an id of its own, by which it then goes on")
def copies(stage):
    judge = stage.component("judge")
    people = stage.users("romeo", "juliet", "nurse")
    for who in people:
        enter(who)

    people[0].message(ROOM, "<body>one</body>", type="groupchat")

    checks = [judge.told("check", point="receive") for _ in range(2)]
    ids = {check.inner.to: check.get("id") for check in checks}
    equal(len(set(ids.values())), 2)
    for check in checks:
        judge.verdict(check)
    for who in people[1:]:
        came = who.pick(lambda word: word.kind == "message"
                        and word.body == "one", "what was said")
        # The room may have put in one of its own.
        equal([el.get("id") for el in came.xml.findall(STANZA_ID)
               if el.get("by") != ROOM], [ids[who.full]])


scene(SHIM, {"pep"})
