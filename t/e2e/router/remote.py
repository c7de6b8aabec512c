#!/usr/bin/python3
"""The shim between people here and those of another server."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import ANNEX, forwarded
from guest import equal
from shim import scene, test
from stage import DOMAIN

SHIM = {"judge": {"hooks": ["check"], "timeout": 9},
        "archive": {"hooks": ["tap"]},
        "offline": {"hooks": ["store"]},
        "rooms": {"hooks": ["fanout"]}}
OWN = {"offline", "resumption"}
MANTUA = "mantua.test"


def meet(stage):
    """A judge, somebody here and somebody there."""
    return (stage.component("judge"), stage.user("juliet"),
            stage.user("balthasar", router=stage.remote))


@test("holds, copies and names what comes from another server")
def comes(stage):
    judge, juliet, balthasar = meet(stage)
    archive = stage.component("archive")

    balthasar.say(juliet.bare, "one", id="m1")

    check = judge.told("check", point="receive")
    equal((check.inner.sender, check.inner.to, check.inner.body),
          (balthasar.full, juliet.bare, "one"))
    juliet.settle()
    juliet.silent()
    judge.verdict(check)
    came = juliet.hears(balthasar.full, "one", id="m1")
    id = check.get("id")
    equal([element.get("id") for element in came.find_all("sid:stanza-id")
           if element.get("by") == juliet.bare], [id])
    tap = archive.told("tap", dir="in", origin="remote", id=id)
    archive.ack(tap.get("seq"))
    archive.settle()
    archive.silent()


@test("holds and copies what goes to another server, which sees no id")
def goes(stage):
    judge, juliet, balthasar = meet(stage)
    archive = stage.component("archive")

    juliet.say(balthasar.bare, "one")

    check = judge.told("check", point="send")
    judge.verdict(check)
    came = balthasar.hears(juliet.full, "one")
    archive.told("tap", dir="out", origin="local", id=check.get("id"))
    archive.settle()
    archive.silent()
    assert check.get("id") not in str(came), f"{came}"


@test("tells the sender at another server of what is denied")
def denied(stage):
    judge, juliet, balthasar = meet(stage)

    balthasar.say(juliet.bare, "one", id="m1")
    judge.verdict(judge.told("check"), "deny", condition="not-allowed")

    balthasar.expect("message", type="error", id="m1", sender=juliet.bare,
                     condition="not-allowed")
    juliet.settle()
    juliet.silent()


@test("asks for subscriptions from another server")
def subscription(stage):
    judge, peter = stage.component("judge"), stage.user("peter")
    abram = stage.user("abram", router=stage.remote)

    abram.send(f"<presence type='subscribe' to='{peter.bare}'/>")
    check = judge.told("check", point="receive")
    equal((check.inner.kind, check.inner.type), ("presence", "subscribe"))
    peter.settle()
    peter.silent()
    judge.verdict(check)

    peter.expect("presence", type="subscribe", sender=abram.bare)


@test("stores what comes from another server, or tells the sender")
def stored(stage):
    judge, juliet, balthasar = meet(stage)
    offline = stage.component("offline")
    juliet.logout()

    balthasar.say(juliet.bare, "one")
    judge.verdict(judge.told("check"))
    store = offline.told("store", user=juliet.bare)
    equal((store.inner.sender, store.inner.body), (balthasar.full, "one"))
    offline.result(store)
    balthasar.say(juliet.bare, "two", id="m2")
    judge.verdict(judge.told("check"))
    offline.result(offline.told("store"), (
        f"<store xmlns='{ANNEX}' bounce='service-unavailable'/>"))

    balthasar.expect("message", type="error", id="m2",
                     condition="service-unavailable")


@test("fans out to people of another server")
def fanout(stage):
    judge, juliet, balthasar = meet(stage)
    rooms = stage.component("rooms")
    sender = f"garden@{rooms.domain}/nurse"
    rooms.fanout([balthasar.full, juliet.full],
                 f"<message xmlns='jabber:client' type='groupchat' "
                 f"from='{sender}'><body>one</body></message>")

    juliet.hears(sender, "one")
    balthasar.hears(sender, "one")


@test("is nothing to people of another server")
def nothing(stage):
    judge, juliet, balthasar = meet(stage)

    for sender in ("", f" from='{judge.domain}'"):
        balthasar.send(
            f"<iq type='set' id='x' to='{DOMAIN}'{sender}>"
            f"<release xmlns='{ANNEX}' id='1' point='send'>" + forwarded(
                f"<message xmlns='jabber:client' from='{juliet.full}' "
                f"to='{juliet.full}'><body>one</body></message>")
            + "</release></iq>")
        try:
            answer = balthasar.answer("x")
        except AssertionError:
            assert sender and balthasar.gone    # an end is an answer, too
            break
        equal((answer.type, answer.condition),
              ("error", "service-unavailable"))

    juliet.settle()
    juliet.silent()


@test("lets go what another server sent that has gone meanwhile")
def gone(stage):
    judge, juliet, balthasar = meet(stage)
    balthasar.say(juliet.bare, "one")
    balthasar.say(juliet.bare, "two")
    first, second = judge.told("check"), judge.told("check")
    stage.remote.stop()

    judge.verdict(first)
    judge.verdict(second, "deny")

    juliet.hears(balthasar.full, "one")
    juliet.settle()
    juliet.silent()


scene(SHIM, OWN, neighbour=MANTUA)
