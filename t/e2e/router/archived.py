#!/usr/bin/python3
"""The shim beside the router's own archive (XEP-0313) and offline module."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from attached import forwarded
from guest import equal, succeeds
from shim import replay, scene, test
from stanza import NS

MAM = "urn:xmpp:mam:2"
RESULT = f"{{{MAM}}}result"
SHIM = {"judge": {"hooks": ["check"], "timeout": 9},
        "archive": {"hooks": [f"delegate:{MAM}"]}}
OWN = {"archive", "carbons", "offline", "resumption"}


def archived(user):
    """The bodies of what the user's archive has."""
    succeeds(user.ask("set", None, f"<query xmlns='{MAM}'/>"))
    found = [word for word in user.inbox if word.has(RESULT)]
    user.inbox = [word for word in user.inbox if not word.has(RESULT)]
    return [word.text(f"{RESULT}/forward:forwarded/c:message/c:body")
            for word in found]


def meet(stage):
    """A judge, and two who never were here before."""
    number = next(stage.numbers)
    return (stage.component("judge"),
            *stage.users(f"romeo{number}", f"juliet{number}"))


def replace(judge, check, romeo, juliet, body):
    judge.verdict(check, "replace", forwarded(
        f"<message xmlns='jabber:client' from='{romeo.full}' "
        f"to='{check.inner.to}' type='chat'><body>{body}</body></message>"))


@test("lets into the archive what was allowed, in the order it went on")
def allowed(stage):
    judge, romeo, juliet = meet(stage)

    for body in ("one", "two"):
        romeo.say(juliet.bare, body)
    checks = [judge.told("check") for _ in range(2)]
    equal((archived(romeo), archived(juliet)), ([], []))
    for check in reversed(checks):
        judge.verdict(check)
    for body in ("one", "two"):
        juliet.hears(romeo.full, body)

    for user in (romeo, juliet):
        equal(archived(user), ["one", "two"])


@test("lets into the archive what replaces a message, and not that")
def replaced(stage):
    judge, romeo, juliet = meet(stage)

    romeo.say(juliet.bare, "secret")
    replace(judge, judge.told("check"), romeo, juliet, "redacted")
    juliet.hears(romeo.full, "redacted")

    for user in (romeo, juliet):
        equal(archived(user), ["redacted"])


@test("lets nothing into the archive that was denied")
def denied(stage):
    judge, romeo, juliet = meet(stage)

    romeo.say(juliet.bare, "one", id="m1")
    judge.verdict(judge.told("check"), "deny", condition="not-allowed")
    romeo.expect("message", type="error", id="m1", condition="not-allowed")
    juliet.settle()
    juliet.silent()

    for user in (romeo, juliet):
        equal(archived(user), [])


@test("judges what is for one who is away before it is stored and archived")
def away(stage):
    judge, romeo, juliet = meet(stage)
    juliet.logout()

    for body in ("one", "two"):
        romeo.say(juliet.bare, body)
        check = judge.told("check")
        if body == "one":
            judge.verdict(check, "deny", silent="true")
        else:
            replace(judge, check, romeo, juliet, "redacted")
    romeo.message(romeo.full, "<x xmlns='urn:x'/>")     # is behind them
    romeo.expect("message", sender=romeo.full, body=None)

    came, = replay(stage, juliet, 1)
    equal((came.sender, came.body), (romeo.full, "redacted"))
    assert came.has("delay:delay"), f"{came}"
    equal(archived(stage.user(juliet.name)), ["redacted"])


@test("lists once what both the router and a component offer")
def once(stage):
    archive, juliet = stage.component("archive"), stage.user("juliet")

    def listed(to):
        info = juliet.ask("get", to, f"<query xmlns='{NS['info']}'/>")
        return [feature.get("var")
                for feature in info.find_all("info:query/info:feature")]

    assert MAM in listed(juliet.bare)
    archive.does("delegate", ns=MAM, host="true")

    for to in (juliet.bare, stage.router.domain):
        equal(listed(to).count(MAM), 1)


@test("leaves to the component what the router could answer")
def delegated(stage):
    archive, juliet = stage.component("archive"), stage.user("juliet")
    archive.does("delegate", ns=MAM)
    for type, name in (("set", "query"), ("get", "query"), ("get", "prefs"),
                       ("set", "prefs"), ("get", "metadata")):
        for to in (None, juliet.bare):
            request = juliet.iq(type, to, f"<{name} xmlns='{MAM}'/>")

            word = archive.told("delegated")
            assert word.inner.has(f"{{{MAM}}}{name}"), f"{word}"
            equal((word.inner.type, word.inner.id), (type, request))
            archive.error(word)

            equal(juliet.answer(request).condition, "service-unavailable")


scene(SHIM, OWN)
