#!/usr/bin/python3
"""The shims of two hosts of one ejabberd."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ["ROUTER"] = "ejabberd"
from attached import Attached  # noqa: E402
from guest import equal  # noqa: E402
from shim import replay, scene, test  # noqa: E402
from stage import DOMAIN, SECRET  # noqa: E402
from user import User  # noqa: E402

MANTUA = "mantua.test"
JUDGE = {"hooks": ["check", "tap", "presence", "store"], "timeout": 60}
SHIM = {"judge": JUDGE, "rooms": {"hooks": ["fanout"]}}
OTHERS = {MANTUA: {f"arbiter.{MANTUA}": JUDGE}}


def arbiter(stage):
    """The component of the other host, attached anew."""
    if "arbiter" in stage.components:
        stage.let_go(stage.components["arbiter"])
    component = Attached(stage.loop, stage.router.component_port,
                         f"arbiter.{MANTUA}", SECRET, MANTUA)
    stage.components["arbiter"] = component
    component.attach()
    component.hello()
    return component


def exile(stage, name):
    """A session at the other host."""
    user = User(stage.loop, stage.router.client_port, MANTUA, name, "house")
    stage.people.setdefault((name, MANTUA), []).append(user)
    return user.login()


def take(component, element):
    """The next of these words; copies and presence may come between."""
    return component.pick(lambda word: word.element == element, element)


def forget(*components):
    for component in components:
        component.settle()
        component.inbox.clear()


@test("tells each component of its own host alone")
def apart(stage):
    judge, arbiter_ = stage.component("judge"), arbiter(stage)
    romeo, paris = stage.user("romeo"), exile(stage, "paris")
    equal(take(judge, "online").get("jid"), romeo.full)
    equal(take(arbiter_, "online").get("jid"), paris.full)

    romeo.say(paris.bare, "one")
    check = take(judge, "check")
    equal((check.get("point"), check.sender), ("send", DOMAIN))
    arbiter_.settle()
    arbiter_.silent()
    judge.verdict(check)
    check = take(arbiter_, "check")
    equal((check.get("point"), check.sender), ("receive", MANTUA))
    arbiter_.verdict(check)
    paris.hears(romeo.full, "one")

    out, into = take(judge, "tap"), take(arbiter_, "tap")
    equal((out.get("dir"), out.get("origin")), ("out", "local"))
    equal((into.get("dir"), into.get("origin")), ("in", "local"))
    equal(out.get("id"), into.get("id"))
    for component in (judge, arbiter_):
        component.settle()
        component.silent()


@test("stores for each host what is its own")
def stores(stage):
    judge, arbiter_ = stage.component("judge"), arbiter(stage)
    romeo = stage.user("romeo")
    exile(stage, "mercutio").logout()
    forget(judge, arbiter_)

    romeo.say(f"mercutio@{MANTUA}", "one")
    judge.verdict(take(judge, "check"))
    arbiter_.verdict(take(arbiter_, "check"))
    store = take(arbiter_, "store")
    equal((store.sender, store.get("user")), (MANTUA, f"mercutio@{MANTUA}"))
    arbiter_.result(store)
    judge.settle()
    assert not [word for word in judge.inbox if word.element == "store"]


@test("neither judges nor copies what is sent out to users of another host")
def fanout(stage):
    rooms, arbiter_ = stage.component("rooms"), arbiter(stage)
    paris = exile(stage, "paris")
    forget(arbiter_)
    room = f"garden@{rooms.domain}/romeo"

    rooms.fanout([paris.full],
                 f"<message xmlns='jabber:client' from='{room}' "
                 "type='groupchat'><body>one</body></message>")

    paris.hears(room, "one")
    arbiter_.settle()
    assert not [word for word in arbiter_.inbox if word.element == "check"
                or word.inner is not None and word.inner.sender == room]


@test("leaves alone what is held for one when another is configured anew")
def configured(stage):
    judge, arbiter_ = stage.component("judge"), arbiter(stage)
    romeo, juliet = stage.users("romeo", "juliet")
    paris, rosaline = exile(stage, "paris"), exile(stage, "rosaline")
    romeo.say(juliet.bare, "one")
    paris.say(rosaline.bare, "two")
    held = [take(component, "check") for component in (judge, arbiter_)]

    stage.configure(dict(SHIM, judge={"hooks": ["fanout"]}))

    juliet.hears(romeo.full, "one")
    rosaline.settle()
    rosaline.silent()
    arbiter_.verdict(held[1], "deny", silent="true")
    paris.say(rosaline.bare, "three")
    arbiter_.verdict(take(arbiter_, "check"))
    rosaline.hears(paris.full, "three")
    stage.configure(SHIM)
    equal([take(judge, "hello").get("hooks") for _ in range(2)],
          ["fanout", "tap check store presence"])


@test("goes on for one when another's has stopped, and comes back")
def stopped(stage):
    judge, arbiter_ = stage.component("judge"), arbiter(stage)
    romeo, juliet = stage.users("romeo", "juliet")
    paris, rosaline = exile(stage, "paris"), exile(stage, "rosaline")
    romeo.say(juliet.bare, "one")
    paris.say(rosaline.bare, "two")
    held = [take(component, "check") for component in (judge, arbiter_)]

    stage.router.configure(None)
    stage.router.reload()

    juliet.hears(romeo.full, "one")
    rosaline.settle()
    rosaline.silent()
    arbiter_.verdict(held[1])
    rosaline.hears(paris.full, "two")
    arbiter_ = arbiter(stage)
    paris.say(rosaline.bare, "three")
    arbiter_.verdict(take(arbiter_, "check"))
    rosaline.hears(paris.full, "three")
    stage.configure(SHIM)
    judge = stage.component("judge")
    romeo.say(juliet.bare, "four")
    judge.verdict(take(judge, "check"))
    juliet.hears(romeo.full, "four")


@test("withdraws nothing once one has stopped meanwhile")
def withdrawn(stage):
    judge, romeo = stage.component("judge"), stage.user("romeo")
    nurse = stage.user("nurse")
    nurse.logout()
    forget(judge)
    romeo.say(f"nurse@{DOMAIN}", "one")
    judge.verdict(take(judge, "check"))
    take(judge, "store")
    judge.vanish()
    equal([came.body for came in replay(stage, nurse, 1)], ["one"])

    stage.router.configure(None)
    stage.router.reload()
    stage.configure(SHIM)

    judge = stage.component("judge")
    judge.settle()
    assert not [word for word in judge.inbox if word.element == "withdraw"]


scene(SHIM, {"offline"}, others=OTHERS)
