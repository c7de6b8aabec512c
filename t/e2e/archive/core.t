#!/usr/bin/python3
"""Messages of a router's users in the archive: which, and what of them."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal
from record import GATE, MESSAGES, say_all, scene, test

MANTUA = "mantua.test"
STATE = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
OMEMO = ("<encrypted xmlns='eu.siacs.conversations.axolotl'><payload>"
         "c2VjcmV0</payload></encrypted><encryption xmlns='urn:xmpp:eme:0' "
         "namespace='eu.siacs.conversations.axolotl'/>")
SENT, RECEIVED, SHOWN = 1, 2, 4
ENCRYPTED, REMOTE, COMPONENT = 1, 2, 4


def hint(name):
    return f"<{name} xmlns='urn:xmpp:hints'/>"


def row(stage, body):
    """The ways, flags and addresses of the message of that body."""
    stage.wait_body(body)
    (ways, flags, *addresses), = stage.ask(
        "SELECT m.ways, m.flags, s.jid, m.resource, r.jid, m.to_resource "
        f"FROM {MESSAGES} WHERE m.body = '{body}'")
    return int(ways), int(flags), *addresses


def wait_ways(stage, body, ways):
    stage.wait_rows("SELECT ways FROM archive_message "
                    f"WHERE body = '{body}'", [(str(ways),)])


@test("keeps what one user says to another once, with all that is in it")
def once(stage):
    romeo, juliet = stage.users("romeo", "juliet")

    romeo.message(juliet.full, "<subject>su</subject><body>one</body><thread>"
                  "th</thread><x xmlns='urn:x'>&lt;y&gt;</x>", id="m1")

    juliet.hears(romeo.full, "one")
    wait_ways(stage, "one", SENT | RECEIVED)
    equal(row(stage, "one"), (SENT | RECEIVED, 0, romeo.bare, "house",
                              juliet.bare, "house"))
    (kind, id, subject, thread, rest), = stage.ask(
        "SELECT type, id, subject, thread, rest FROM archive_message "
        "WHERE body = 'one'")
    equal((kind, id, subject, thread), ("1", "m1", "su", "th"))
    assert "<x xmlns='urn:x'>&lt;y&gt;</x>" in rest, rest


@test("has the id by which the message is delivered")
def named(stage):
    romeo, juliet = stage.users("romeo", "juliet")

    romeo.say(juliet.bare, "named")

    came = juliet.hears(romeo.full, "named")
    uid = stage.wait_body("named")
    assert uid in [element.get("id")
                   for element in came.find_all("sid:stanza-id")], f"{came}"


@test("keeps what is for somebody who is away, and sees it shown later")
def shown(stage):
    romeo, gate = stage.user("romeo"), stage.component("gate")
    juliet = stage.user("juliet")
    juliet.logout()

    romeo.say(juliet.bare, "shown")

    uid = stage.wait_body("shown")
    wait_ways(stage, "shown", SENT | RECEIVED)
    juliet = stage.user("juliet", presence=None)
    message = (f"<message xmlns='jabber:client' from='{romeo.full}' "
               f"to='{juliet.bare}' type='chat'><body>shown</body></message>")
    gate.does("deliver", f"<item id='{uid}'>{forwarded(message)}</item>",
              jid=juliet.full)
    wait_ways(stage, "shown", SENT | RECEIVED | SHOWN)


@test("keeps what comes from and goes to a component")
def component(stage):
    juliet, gate = stage.user("juliet"), stage.component("gate")

    gate.send(f"<message from='{GATE}' to='{juliet.bare}' type='chat'>"
              "<body>knock</body></message>")
    juliet.hears(GATE, "knock")
    juliet.say(GATE, "who is there")

    equal(row(stage, "knock"), (RECEIVED, COMPONENT, GATE, "",
                                juliet.bare, ""))
    equal(row(stage, "who is there"), (SENT, 0, juliet.bare, "house",
                                       GATE, ""))


@test("keeps what comes from and goes to another server")
def remote(stage):
    juliet = stage.user("juliet")
    balthasar = stage.user("balthasar", router=stage.remote)

    balthasar.say(juliet.bare, "news")
    juliet.hears(balthasar.full, "news")
    juliet.say(balthasar.full, "no")

    equal(row(stage, "news"), (RECEIVED, REMOTE, balthasar.bare, "house",
                               juliet.bare, ""))
    equal(row(stage, "no"), (SENT, 0, juliet.bare, "house",
                             balthasar.bare, "house"))


@test("keeps nothing that is of the moment, or is not to be kept")
def passing(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    before = int(stage.ask("SELECT count(*) FROM archive_message")[0][0])

    for kind, content in (
            ("chat", STATE), ("chat", STATE + "<thread>t</thread>"),
            ("chat", "<body>secret</body>" + hint("no-store")),
            ("chat", "<body>secret</body>" + hint("no-permanent-store")),
            ("headline", "<body>secret</body>"),
            ("groupchat", "<body>secret</body>"),
            ("error", "<body>secret</body><error type='cancel'><gone "
             "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>")):
        romeo.message(juliet.full, content, type=kind)
    romeo.message(juliet.full, STATE + hint("store"), id="kept")
    romeo.say(juliet.full, "last")

    stage.wait_body("last")
    stage.wait_rows("SELECT count(*) FROM archive_message",
                    [(str(before + 2),)])
    equal(stage.ask("SELECT count(*) FROM archive_message WHERE "
                    "id = 'kept'"), [("1",)])
    equal(stage.ask("SELECT count(*) FROM archive_message WHERE body = "
                    "'secret'"), [("0",)])


@test("keeps what is encrypted as it is, and marks it")
def encrypted(stage):
    romeo, juliet = stage.users("romeo", "juliet")

    romeo.message(juliet.full, OMEMO + "<body>encrypted</body>")
    romeo.message(juliet.full, OMEMO, id="bare")

    equal(row(stage, "encrypted")[1], ENCRYPTED)
    stage.wait_rows("SELECT flags FROM archive_message WHERE id = 'bare'",
                    [(str(ENCRYPTED),)])
    (rest,), = stage.ask("SELECT rest FROM archive_message "
                         "WHERE id = 'bare'")
    assert "c2VjcmV0" in rest, rest


@test("keeps none of what an archive answers")
def answers(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    gate = stage.component("gate")
    romeo.say(juliet.full, "asked for")
    stage.wait_body("asked for")
    before = int(stage.ask("SELECT count(*) FROM archive_message")[0][0])

    juliet.ask("set", None, "<query xmlns='urn:xmpp:mam:2'/>")
    assert [word for word in juliet.inbox
            if word.find("{urn:xmpp:mam:2}result") is not None
            ], "there is no archive"
    result = (f"<message xmlns='jabber:client' from='{juliet.bare}' "
              f"to='{juliet.full}'><result xmlns='urn:xmpp:mam:2' id='1'>"
              + forwarded(f"<message xmlns='jabber:client' from='{romeo.full}'"
                          f" to='{juliet.bare}'><body>asked for</body>"
                          "</message>") + "</result></message>")
    gate.does("deliver", f"<item>{forwarded(result)}</item>",
              jid=juliet.full)

    romeo.say(juliet.full, "after that")
    stage.wait_body("after that")
    equal(stage.ask("SELECT count(*) FROM archive_message"),
          [(str(before + 1),)])


@test("keeps two hundred messages in one write, in order")
def pipelined(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    texts = [f"number {number}" for number in range(200)]

    say_all(romeo, juliet.full, texts)

    stage.wait_bodies(texts, "m.body LIKE 'number %' AND m.ways = 3")


@test("says that it is ready, and that nothing waits")
def ready(stage):
    equal(stage.get("/readyz"), (200, "ready\n"))
    equal(stage.status("alarm"), ["none"])
    equal(stage.status("put aside"), ["0 messages, 0 bytes"])
    equal((stage.counted("refused"), stage.counted("lost")), (0, 0))


scene(own={"archive", "carbons"}, neighbour=MANTUA)
