#!/usr/bin/python3
"""Users who choose which of their messages are kept for them (XEP-0441)."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from reader import MAM, read, refused, scene, test
from stage import DOMAIN


def prefs(default=None, always=(), never=()):
    def jids(name, found):
        return (f"<{name}>" + "".join(f"<jid>{jid}</jid>" for jid in found)
                + f"</{name}>")
    given = f" default='{default}'" if default else ""
    return (f"<prefs xmlns='{MAM}'{given}>"
            + (jids("always", always) if always else "")
            + (jids("never", never) if never else "") + "</prefs>")


def told(answer):
    """What holds, as an answer says."""
    assert answer.type == "result", f"{answer}"
    found = answer.find("mam:prefs")
    return (found.get("default"), *(
        [jid.text for jid in found.findall(f"{{{MAM}}}{name}/{{{MAM}}}jid")]
        if found.find(f"{{{MAM}}}{name}") is not None else None
        for name in ("always", "never")))


def current(user):
    return told(user.ask("get", None, f"<prefs xmlns='{MAM}'/>"))


def choose(user, *given):
    answer = told(user.ask("set", None, prefs(*given)))
    equal(answer, (given[0], *map(list, (given + ((), ()))[1:3])))


def say(sender, reader, *texts):
    for text in texts:
        sender.say(reader.full, text)
        reader.hears(sender.full, text)


@test("keeps all of those who have not chosen (2.1)")
def usual(stage):
    romeo, juliet = stage.talk("one")
    equal(current(juliet), ("always", [], []))
    equal(read(juliet).bodies, ["one"])


@test("keeps nothing for one who wants nothing, but for the other (2.1.1)")
def never(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    choose(juliet, "never")
    equal(current(juliet), ("never", [], []))
    say(romeo, juliet, "one")
    say(juliet, romeo, "two")
    equal(read(juliet).bodies, [])
    equal(read(romeo).bodies, ["one", "two"])
    choose(juliet, "always")
    say(romeo, juliet, "three")
    equal(read(juliet).bodies, ["three"])


@test("keeps nothing that neither of them wants")
def neither(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    for who in (romeo, juliet):
        choose(who, "never")
    say(romeo, juliet, "secret")
    choose(juliet, "always")
    say(romeo, juliet, "open")
    equal(read(juliet).bodies, ["open"])
    equal(stage.ask("SELECT count(*) FROM archive_message "
                    "WHERE body = 'secret'"), [("0",)])


@test("goes by the lists, for what is sent and what comes (2.1.2, 2.1.3)")
def lists(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    nurse = stage.user("nurse")
    choose(juliet, "always", (), (romeo.bare,))
    say(romeo, juliet, "no")
    say(juliet, romeo, "no")
    say(nurse, juliet, "yes")
    say(juliet, nurse, "yes too")
    equal(read(juliet).bodies, ["yes", "yes too"])
    choose(juliet, "never", (romeo.bare,))
    say(nurse, juliet, "no")
    say(romeo, juliet, "now")
    equal(read(juliet).bodies, ["yes", "yes too", "now"])


@test("goes by a resource where one is listed (2.3.1)")
def resources(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    garden = stage.session(romeo, "garden")
    choose(juliet, "always", (), (garden.full,))
    say(romeo, juliet, "house")
    say(garden, juliet, "garden")
    equal(read(juliet).bodies, ["house"])


@test("leaves what was said before as it is")
def before(stage):
    romeo, juliet = stage.talk("one", "two")
    choose(juliet, "never")
    equal(read(juliet).bodies, ["one", "two"])


@test("keeps the choice through a new start")
def restarted(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    choose(juliet, "always", (f"nurse@{DOMAIN}",), (romeo.bare,))
    stage.annex.stop()
    say(romeo, juliet, "meanwhile")
    stage.annex.start()
    stage.wait_offered(juliet)
    say(romeo, juliet, "no")
    equal(current(juliet), ("always", [f"nurse@{DOMAIN}"], [romeo.bare]))
    equal(read(juliet).bodies, [])
    equal(read(romeo).bodies, ["meanwhile", "no"])


@test("refuses what makes no sense, and the roster")
def nonsense(stage):
    juliet = stage.user("juliet")
    jids = [f"user{number}@{DOMAIN}" for number in range(501)]
    for condition, content in (
            ("bad-request", prefs()), ("bad-request", prefs("maybe")),
            ("feature-not-implemented", prefs("roster")),
            ("jid-malformed", prefs("never", ("@",))),
            ("policy-violation", prefs("never", jids)),
            ("bad-request", prefs("never", jids[:1], jids[:1]))):
        equal((condition, refused(juliet, content)), (condition, condition))
    equal(current(juliet), ("always", [], []))


@test("chooses for oneself alone")
def others(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    for type in ("get", "set"):
        equal(romeo.ask(type, juliet.bare, prefs("never")).type, "error")
    equal(current(juliet), ("always", [], []))


@test("keeps all, whatever was chosen, where the operator says so")
def forced(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    choose(juliet, "never")
    stage.configure_annex("preferences = no\ndefault_preference = never")
    say(romeo, juliet, "one")
    equal(read(juliet).bodies, ["one"])
    equal(current(juliet), ("always", [], []))
    equal(refused(juliet, prefs("never")), "not-allowed")
    stage.configure_annex("preferences = yes")
    equal(current(juliet), ("never", [], []))


scene("preferences = yes")
