#!/usr/bin/python3
"""Two nodes of ejabberd, of which annex-offline is attached to one."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
sys.path.append(sys.path[0] + "/../../lib")
from cluster import clustered  # noqa: E402
from guest import equal  # noqa: E402
from mail import MailStage, arrive, scene, test  # noqa: E402
from postgres import wait_until  # noqa: E402


def absent(stage):
    """Somebody with an account, who will come to the other node."""
    return stage.session(stage.absent().name, "hall", stage.second)


@test("delivers to a session of either node, in order")
def either(stage):
    romeo = stage.user("romeo")
    here = stage.absent("juliet")
    there = absent(stage)
    for user in (here, there):
        stage.leave(romeo, user, "one", "two", "three")

    for user in (here, there):
        reader = arrive(user)
        equal(reader.mail(3), ["one", "two", "three"])
        reader.nothing(stage)


@test("knows after a restart who is there on the other node")
def restart(stage):
    romeo = stage.user("romeo")
    juliet = absent(stage)
    stage.leave(romeo, juliet, "one")
    stage.annex.stop()
    reader = arrive(juliet)
    juliet.settle()

    since = len(stage.annex.process.lines)
    stage.annex.start()
    stage.annex.process.wait_line("has for us", since)

    equal(reader.mail(1), ["one"])
    reader.nothing(stage)


@test("delivers again to nobody when a session of the other node has gone")
def gone(stage):
    romeo = stage.user("romeo")
    juliet = absent(stage)
    stage.leave(romeo, juliet, "one")
    equal(arrive(juliet).mail(1), ["one"])
    juliet.logout()
    stage.leave(romeo, juliet, "two")

    reader = arrive(stage.session(juliet.name, "balcony"))

    equal(reader.mail(1), ["two"])
    reader.nothing(stage)


@test("leaves to the router what comes from sessions of the other node")
def left(stage):
    romeo = stage.user("romeo", router=stage.second)
    juliet = stage.absent("juliet", router=stage.second)
    asked = stage.asked()
    romeo.say(juliet.bare, "one")
    romeo.settle()

    reader = arrive(stage.session(juliet.name, "balcony"))

    equal(reader.mail(1), ["one"])
    equal(stage.asked(), asked)
    reader.nothing(stage)


@test("delivers to a session that comes when the other node is killed")
def killed(stage):
    romeo = stage.user("romeo")
    juliet = absent(stage)
    arrive(juliet).nothing(stage)
    stage.second.kill()
    wait_until(lambda: juliet.full not in
               stage.router.command("connected_users"), "notice")
    stage.leave(romeo, juliet, "one", "two")

    reader = arrive(stage.session(juliet.name, "balcony"))

    equal(reader.mail(2), ["one", "two"])
    reader.nothing(stage)


scene(own={"offline"}, stage_class=clustered(MailStage))
