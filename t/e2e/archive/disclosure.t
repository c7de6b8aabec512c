#!/usr/bin/python3
"""People are told that what they say is archived."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from record import scene, test
from stage import DOMAIN

CLERK = f"clerk@archive.{DOMAIN}"
TOLD = "What is said here is archived."


@test("tells both after the first message between them, and archives no word")
def tells(stage):
    romeo, juliet = stage.users("romeo", "juliet")

    romeo.say(juliet.full, "one")

    juliet.hears(romeo.full, "one")
    juliet.hears(CLERK, TOLD)
    romeo.hears(CLERK, TOLD)
    juliet.say(romeo.full, "two")
    romeo.hears(juliet.full, "two")
    stage.wait_body("two")
    for who in romeo, juliet:
        who.settle()
        who.silent()
    equal(stage.bodies(), ["one", "two"])


@test("tells it of what is encrypted, and has no body")
def encrypted(stage):
    romeo, mercutio = stage.users("romeo", "mercutio")

    romeo.message(mercutio.full, "<encrypted xmlns='urn:xmpp:omemo:2'/>")

    romeo.hears(CLERK, TOLD)
    equal(mercutio.next("what he said").sender, romeo.full)
    mercutio.hears(CLERK, TOLD)


@test("says nothing to those who answer it")
def answered(stage):
    tybalt, nurse = stage.users("tybalt", "nurse")
    tybalt.say(nurse.full, "three")
    tybalt.hears(CLERK, TOLD)

    tybalt.say(CLERK, "four")

    came = tybalt.next("an answer")
    equal((came.type, came.sender), ("error", CLERK))
    tybalt.settle()
    tybalt.silent()


@test("tells it to nobody of whom it is not wanted")
def others(stage):
    paris, peter = stage.users("paris", "peter")

    paris.say(peter.full, "five")

    peter.hears(paris.full, "five")
    stage.wait_body("five")
    for who in paris, peter:
        who.settle()
        who.silent()


@test("tells those who are away once they are back")
def away(stage):
    romeo, rosaline = stage.users("romeo", "rosaline")
    rosaline.logout()
    romeo.say(rosaline.bare, "six")
    romeo.hears(CLERK, TOLD)
    stage.wait_body("six")

    rosaline = stage.user("rosaline", presence=None)
    rosaline.send("<presence/>")
    rosaline.settle()

    bodies = {word.body for word in rosaline.inbox if word.kind == "message"}
    equal(bodies, {"six", TOLD})


scene(f"""
group "hotheads" {{
    users = {{ "tybalt@{DOMAIN}" }}
}}
disclosure "lovers" {{
    from = "{CLERK}"
    users = {{ "romeo@{DOMAIN}" }}
    groups = {{ hotheads }}
}}
""", own={"offline"})
