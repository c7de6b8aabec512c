#!/usr/bin/python3
"""What is stored: XEP-0160 section 3, and the hints of XEP-0334."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from mail import arrive, scene, test

STATE = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
OMEMO = ("<encrypted xmlns='eu.siacs.conversations.axolotl'>"
         "<payload>aGk=</payload></encrypted>")
EME = ("<encryption xmlns='urn:xmpp:eme:0' "
       "namespace='eu.siacs.conversations.axolotl'/>")
RECEIPT = "<received xmlns='urn:xmpp:receipts' id='m1'/>"
INVITATION = "<x xmlns='jabber:x:conference' jid='garden@rooms.verona.test'/>"
SUBJECT = "<subject>Tonight</subject>"
BODY = "<body>one</body>"


def hint(name):
    return f"<{name} xmlns='urn:xmpp:hints'/>"


def outcome(stage, content, type="chat"):
    """Whether somebody who was away gets it, and what the sender is told."""
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    romeo.message(juliet.bare, content, type=type, id="m1")
    stage.leave(romeo, juliet, "last")
    reader = arrive(juliet)
    first = reader.message()
    if first.body != "last":
        equal((first.id, first.type or "normal"), ("m1", type or "normal"))
        equal(reader.mail(1), ["last"])
    told = [word.condition for word in romeo.inbox
            if word.kind == "message" and word.type == "error"]
    return first.body != "last", told


def stored(stage, content, type="chat"):
    equal(outcome(stage, content, type), (True, []))


def discarded(stage, content, type="chat"):
    equal(outcome(stage, content, type), (False, []))


def returned(stage, content, type="chat"):
    equal(outcome(stage, content, type), (False, ["service-unavailable"]))


@test("stores messages of type normal, named or not")
def normal(stage):
    stored(stage, BODY, "normal")
    stored(stage, BODY, None)


@test("stores messages of type chat")
def chat(stage):
    stored(stage, BODY)
    stored(stage, BODY + STATE)


@test("discards chat states alone")
def states(stage):
    discarded(stage, STATE)
    discarded(stage, STATE + "<thread>t1</thread>")


@test("discards headlines")
def headline(stage):
    discarded(stage, BODY, "headline")


@test("returns messages of type groupchat")
def groupchat(stage):
    returned(stage, BODY, "groupchat")


@test("discards errors")
def error(stage):
    discarded(stage, BODY + "<error type='cancel'><gone xmlns="
                            "'urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
              "error")


@test("stores what is encrypted (XEP-0384)")
def encrypted(stage):
    stored(stage, OMEMO)
    stored(stage, OMEMO + EME + hint("store"))


@test("stores what has no body and is worth reading")
def bodyless(stage):
    for content in (RECEIPT, INVITATION, SUBJECT):
        stored(stage, content, None)


@test("follows the hint to store (XEP-0334)")
def store(stage):
    stored(stage, STATE + hint("store"))


@test("follows the hint not to store, and says so (XEP-0334)")
def no_store(stage):
    returned(stage, BODY + hint("no-store"))
    discarded(stage, STATE + hint("no-store"))


@test("stores what only archives are not to keep (XEP-0334)")
def no_permanent_store(stage):
    stored(stage, BODY + hint("no-permanent-store"))


@test("leaves requests for subscription to the router")
def subscription(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    before = stage.counted("stored")
    romeo.send(f"<presence type='subscribe' to='{juliet.bare}'/>")
    romeo.settle()

    arrive(juliet)

    request = juliet.pick(lambda word: word.kind == "presence"
                          and word.type == "subscribe", "the request")
    equal(request.sender, romeo.bare)
    equal(stage.counted("stored"), before)


@test("keeps the message whole")
def whole(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    before = stage.counted("stored")
    romeo.send(f"<message to='{juliet.bare}' type='chat' id='m1' "
               "xml:lang='it'><body>&lt;Ciao&gt; &amp; \"addio\"</body>"
               "<body xml:lang='en'>Bye \U0001f339</body>"
               "<a:data xmlns:a='urn:x-test' b='&lt;'><a:inner/></a:data>"
               "</message>")
    stage.wait_counted("stored", before + 1)

    got = arrive(juliet).message()

    equal([body.text for body in got.find_all("c:body")],
          ["<Ciao> & \"addio\"", "Bye \U0001f339"])
    equal(got.xml.get("{http://www.w3.org/XML/1998/namespace}lang"), "it")
    data = got.xml.find("{urn:x-test}data")
    equal((data.get("b"), data.find("{urn:x-test}inner").tag),
          ("<", "{urn:x-test}inner"))


scene()
