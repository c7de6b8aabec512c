#!/usr/bin/python3
"""XEP-0045 17.1: addresses of rooms and occupants."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from scene import scene, test


@test("takes room addresses after Nodeprep, nicks after Resourceprep")
def prepared(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)
    local, domain = room.jid.split("@")

    juliet.presence(f"{local.upper()}@{domain}/juli\u212bt",
                    "<x xmlns='http://jabber.org/protocol/muc'/>")

    juliet.sees(room.at("romeo"))
    juliet.sees(room.at("juli\u00c5t"), {110})


@test("refuses nicks of nothing but spaces")
def invisible(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    for nick in (" ", "   ", "\u3000", "\u00a0"):
        juliet.knock(room, nick)
        refusal = juliet.next()
        equal((refusal.kind, refusal.type), ("presence", "error"))
    stage.silent()


@test("takes nicks with quotes, markup and faraway letters")
def strange(stage):
    romeo, juliet = stage.cast("romeo", "juliet")
    room = stage.gather(romeo)

    for nick in ("the 'Capulet' & <co>", 'say "sun"', "\u2665 \u65e5\u672c",
                 "a/b@c"):
        juliet.presence(room.jid + "/" + nick,
                        "<x xmlns='http://jabber.org/protocol/muc'/>")
        juliet.sees(room.at("romeo"))
        juliet.sees(room.at(nick), {110})
        romeo.sees(room.at(nick))
        juliet.leave(room, nick)
        stage.hush()


scene()
