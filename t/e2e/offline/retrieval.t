#!/usr/bin/python3
"""XEP-0013: users who ask what there is, and choose."""
import sys
import time
sys.path.append(sys.path[0] + "/../../lib")
from client import SECS
from guest import equal
from mail import DELEGATED, HOOKS, NS, arrive, scene, test
from stage import DOMAIN
from stanza import NS as SPACES

SPACES["offline"] = NS
INFO, ITEMS = SPACES["info"], SPACES["items"]
RSM = SPACES["rsm"]


def mailbox(stage, *texts):
    """Somebody with messages, who has come and not said so yet."""
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    stage.leave(romeo, juliet, *texts)
    juliet.login(presence=None)
    return romeo, juliet


def ask(user, content, type="get", to=None):
    answer = user.ask(type, to, content)
    assert answer.type == "result", f"{answer}"
    return answer


def refused(user, condition, content, type="get"):
    answer = user.ask(type, None, content)
    equal((answer.type, answer.condition), ("error", condition))


def count(user, to=None):
    answer = ask(user, f"<query xmlns='{INFO}' node='{NS}'/>", to=to)
    equal(answer.form_type, NS)
    return answer, int(answer.form["number_of_messages"][0])


def page(user, set=""):
    """(node, sender) of each message on a page, and the answer."""
    answer = ask(user, f"<query xmlns='{ITEMS}' node='{NS}'>{set}</query>")
    equal(answer.find("items:query").get("node"), NS)
    return [(item.get("node"), item.get("name"))
            for item in answer.find_all("items:query/items:item")], answer


def headers(user):
    """The same of all messages."""
    return page(user)[0]


def offline(content):
    return f"<offline xmlns='{NS}'>{content}</offline>"


def items(action, *nodes):
    return offline("".join(f"<item action='{action}' node='{node}'/>"
                           for node in nodes))


def messages(user):
    """Takes those that have come: text, and node."""
    found = [word for word in user.inbox if word.kind == "message"]
    user.inbox[:] = [word for word in user.inbox if word.kind != "message"]
    return [(word.body, word.attribute("offline:offline/offline:item",
                                       "node")) for word in found]


@test("tells that it may be asked (2.1)")
def feature(stage):
    romeo, wanted = stage.user("romeo"), {NS, "msgoffline"}
    # The component asks for them once it knows the router.
    end = time.monotonic() + SECS
    while time.monotonic() < end:
        answer = ask(romeo, f"<query xmlns='{INFO}'/>", to=DOMAIN)
        if wanted <= set(answer.features):
            return
    raise AssertionError(f"{answer}")


@test("tells how many messages there are (2.2)")
def number(stage):
    _, juliet = mailbox(stage, "one", "two")
    answer, found = count(juliet)
    equal(found, 2)
    identity = answer.find("info:query/info:identity")
    equal((identity.get("category"), identity.get("type")),
          ("automation", "message-list"))
    assert NS in answer.features, f"{answer}"
    equal(count(juliet, to=juliet.bare)[1], 2)


@test("tells that there is none (2.2)")
def none(stage):
    juliet = stage.absent("juliet")
    juliet.login(presence=None)
    equal(count(juliet)[1], 0)
    equal(headers(juliet), [])


@test("floods no session that asked first (2.2)")
def flood(stage):
    _, juliet = mailbox(stage, "one", "two")
    count(juliet)
    juliet.send("<presence/>")
    stage.settle()
    juliet.settle()
    equal(messages(juliet), [])
    equal(count(juliet)[1], 2)


@test("sends what comes now to a session that asked (2.2)")
def live(stage):
    romeo, juliet = mailbox(stage, "one")
    count(juliet)
    juliet.send("<presence/>")
    juliet.settle()

    romeo.say(juliet.bare, "now")

    now = juliet.pick(lambda word: word.kind == "message", "it")
    equal(now.body, "now")
    equal(count(juliet)[1], 1)


@test("floods no session that asked, when the link was lost")
def flood_later(stage):
    _, juliet = mailbox(stage, "one")
    count(juliet)
    stage.cut()
    juliet.send("<presence/>")
    stage.settle()
    juliet.settle()
    equal(messages(juliet), [])


@test("delivers to another session once the one that asked is gone")
def gone(stage):
    _, juliet = mailbox(stage, "one")
    count(juliet)
    other = stage.session(juliet.name, "garden")
    reader = arrive(other)
    reader.nothing(stage)

    juliet.logout()

    equal(reader.mail(1), ["one"])


@test("lists headers in order (2.3)")
def listing(stage):
    romeo, juliet = mailbox(stage, "one", "two", "three")
    found = headers(juliet)
    equal([name for _, name in found], [romeo.full] * 3)
    nodes = [node for node, _ in found]
    equal(nodes, sorted(set(nodes)))


@test("lists headers page by page (XEP-0059)")
def paging(stage):
    _, juliet = mailbox(stage, "one", "two", "three")
    assert RSM in count(juliet)[0].features
    found = headers(juliet)
    set = f"<set xmlns='{RSM}'><max>2</max>%s</set>"

    first, answer = page(juliet, set % "")
    equal(first, found[:2])
    equal([answer.find(f"items:query/rsm:set/rsm:{name}").text
           for name in ("first", "last", "count")],
          [found[0][0], found[1][0], "3"])
    equal(page(juliet, set % f"<after>{found[1][0]}</after>")[0], found[2:])
    equal(page(juliet, set % "<before/>")[0], found[1:])


@test("shows the messages that are named, with their nodes (2.4)")
def view(stage):
    romeo, juliet = mailbox(stage, "one", "two", "three")
    nodes = [node for node, _ in headers(juliet)]

    ask(juliet, items("view", nodes[2], nodes[0]))

    equal(messages(juliet), [("three", nodes[2]), ("one", nodes[0])])
    equal(count(juliet)[1], 3)


@test("shows a message again, with the time when it was sent (2.4)")
def again(stage):
    _, juliet = mailbox(stage, "one")
    node = headers(juliet)[0][0]
    for _ in range(2):
        ask(juliet, items("view", node))
        shown = juliet.pick(lambda word: word.kind == "message", "it")
        equal(shown.attribute("delay:delay", "from"), DOMAIN)


@test("says item-not-found for a message that is not there (2.4)")
def unknown(stage):
    _, juliet = mailbox(stage, "one")
    tybalt, mercutio = mailbox(stage, "his")
    theirs = headers(mercutio)[0][0]
    node = headers(juliet)[0][0]
    for bad in (theirs, "0000000000009999999", "x", "-1", ""):
        for type, action in (("get", "view"), ("set", "remove")):
            refused(juliet, "item-not-found", items(action, node, bad), type)
    equal(messages(juliet), [])
    equal((count(juliet)[1], count(mercutio)[1]), (1, 1))


@test("removes the messages that are named (2.5)")
def remove(stage):
    _, juliet = mailbox(stage, "one", "two", "three")
    nodes = [node for node, _ in headers(juliet)]
    before = stage.counted("removed")

    ask(juliet, items("remove", nodes[0], nodes[2]), "set")

    equal([node for node, _ in headers(juliet)], [nodes[1]])
    equal(stage.counted("removed"), before + 2)


@test("shows all (2.6)")
def fetch(stage):
    texts = [str(number) for number in range(120)]
    _, juliet = mailbox(stage, *texts)

    ask(juliet, offline("<fetch/>"))

    got = messages(juliet)
    equal([text for text, _ in got], texts)
    equal([node for _, node in got],
          [node for node, _ in headers(juliet)])
    equal(count(juliet)[1], 120)


@test("shows all to a session that acknowledges late (XEP-0198)")
def late(stage):
    texts = [str(number) for number in range(450)]
    _, juliet = mailbox(stage, *texts)
    juliet.manage()

    asked = juliet.iq("get", None, offline("<fetch/>"))
    got = [juliet.pick(lambda word: word.kind == "message", "it").body
           for _ in range(300)]
    # There is no room for the next portion, and has been tried.
    stage.settle()
    juliet.acknowledge(300)

    answer = juliet.answer(asked)
    equal((answer.type, answer.condition), ("result", None))
    equal(got + [text for text, _ in messages(juliet)], texts)


@test("floods no session that fetched all (2.6)")
def fetched(stage):
    _, juliet = mailbox(stage, "one")
    ask(juliet, offline("<fetch/>"))
    equal([text for text, _ in messages(juliet)], ["one"])
    juliet.send("<presence/>")
    stage.settle()
    juliet.settle()
    equal(messages(juliet), [])


@test("removes all (2.7)")
def purge(stage):
    romeo, juliet = mailbox(stage, "one", "two")

    ask(juliet, offline("<purge/>"), "set")

    equal(count(juliet)[1], 0)
    juliet.logout()
    stage.leave(romeo, juliet, "three")
    equal(arrive(juliet).mail(1), ["three"])


@test("delivers as ever in a session that did not ask")
def ordinary(stage):
    _, juliet = mailbox(stage, "one")
    juliet.send("<presence/>")
    got = juliet.pick(lambda word: word.kind == "message", "it")
    equal(got.body, "one")
    assert not got.has("offline:offline"), f"{got}"


@test("says bad-request for what makes no sense")
def nonsense(stage):
    _, juliet = mailbox(stage, "one")
    node = headers(juliet)[0][0]
    for type, content in (("get", ""), ("set", ""), ("get", "<purge/>"),
                          ("set", "<fetch/>"), ("get", "<other/>")):
        refused(juliet, "bad-request", offline(content), type)
    refused(juliet, "bad-request", items("remove", node))
    refused(juliet, "bad-request", items("view", node), "set")
    refused(juliet, "bad-request", items("view", node, node)
            .replace("view", "x", 1))
    equal(count(juliet)[1], 1)


@test("answers nobody for others")
def others(stage):
    _, juliet = mailbox(stage, "one")
    romeo = stage.user("romeo")
    node = headers(juliet)[0][0]
    for type, content in (("get", f"<query xmlns='{INFO}' node='{NS}'/>"),
                          ("get", f"<query xmlns='{ITEMS}' node='{NS}'/>"),
                          ("get", items("view", node)),
                          ("set", items("remove", node)),
                          ("get", offline("<fetch/>")),
                          ("set", offline("<purge/>"))):
        answer = romeo.ask(type, juliet.bare, content)
        equal(answer.type, "error")
    equal(messages(romeo), [])
    equal(count(juliet)[1], 1)


@test("says item-not-found for another node (2.3)")
def another(stage):
    _, juliet = mailbox(stage, "one")
    for space in (INFO, ITEMS):
        refused(juliet, "item-not-found",
                f"<query xmlns='{space}' node='{NS}/other'/>")


scene("sender_messages = 0", own={"resumption"}, hooks=HOOKS + DELEGATED,
      queue=500)
