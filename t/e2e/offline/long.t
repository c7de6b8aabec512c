#!/usr/bin/python3
"""Addresses, ids and texts as long and as odd as they can be: what the index of
the database has no room for goes back to its sender, and harms no other."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
import random
import re

from guest import equal
from pretence import scene, test
from stage import DOMAIN

MAX = 2670
LETTERS = ("0123456789abcdefghijklmnopqrstuvwxyz", "äöüéèñ", "漢字日本語中文電車")


def word(length, letters=LETTERS[0]):
    """Of so many bytes, which nothing makes shorter."""
    taken = random.Random(length)
    text = ""
    while len(text.encode()) + len(letters[-1].encode()) <= length:
        text += taken.choice(letters)
    return text + "x" * (length - len(text.encode()))


def address(length, letters=LETTERS[0], domain=DOMAIN):
    return word(length - len(domain) - 1, letters) + "@" + domain


def take(stage, user, id, sender, stored):
    since = stage.log_length()
    answer = stage.router.store(user, id, "one", sender)
    equal(answer.type, "result")
    if stored:
        equal(answer.has("annex:store"), False)
        return
    equal(answer.find("annex:store").get("bounce"), "service-unavailable")
    stage.says("addresses and id too long", since)


def count(stage):
    """How many were returned."""
    line = re.search(r'^annex_offline_messages_total{outcome="bounced"} (\d+)',
                     stage.get("/metrics")[1], re.M)
    return int(line[1])


def lengths():
    """Of the user's address, the sender's and the id: each way in which what
    the index adds to them can be the most or the least."""
    for user in range(1000, 1008):
        for sender in range(800, 808):
            yield user, sender, MAX - user - sender
    yield 1035, 1035, MAX - 2 * 1035
    yield 50, 50, MAX - 2 * 50
    yield 20, 1035, MAX - 20 - 1035


@test("takes all whose addresses and id fit into the index, and no more")
def limit(stage):
    before, tried = count(stage), 0
    for user, sender, id in lengths():
        take(stage, address(user), word(id), address(sender), True)
        take(stage, address(user), word(id + 1), address(sender), False)
        tried += 1
    equal(count(stage) - before, tried)


@test("counts bytes")
def multibyte(stage):
    for letters in LETTERS[1:]:
        user, sender = address(1001, letters), address(901, letters)
        id = MAX - 1001 - 901
        take(stage, user, word(id, letters), sender, True)
        take(stage, user, word(id + 1, letters), sender, False)


@test("takes no more of what could be made shorter, in either database")
def compressible(stage):
    take(stage, address(100), "x" * (MAX - 200), address(100), True)
    take(stage, address(100), "x" * (MAX - 199), address(100), False)


@test("stores each character that XML has")
def characters(stage):
    user = address(600)
    odd = "x\t\n\x7f\x80\x9f\ud7ff\ue000\ufdd0\ufffd\U0001fffe\U0010ffff"
    texts = [f"{odd}{i}" for i in range(40)]
    with stage.router.at_once():
        for text in texts:
            last = stage.router.offer(user, text, text)
    equal(stage.router.answer_to(last).type, "result")
    stage.router.online(f"{user}/house")
    stage.router.wait_texts(f"{user}/house", texts)


@test("loses nothing that comes together with what is too long, and no order")
def together(stage):
    user, texts = address(700), [f"no {i}" for i in range(200)]
    with stage.router.at_once():
        for i, text in enumerate(texts):
            last = stage.router.offer(user, f"m{i}", text)
            if i == 20:
                long = stage.router.offer(user, word(MAX - 600), "long")
    stage.router.answer_to(last)
    equal(stage.router.answer_to(long).find("annex:store").get("bounce"),
          "service-unavailable")
    stage.router.online(f"{user}/house")
    stage.router.wait_texts(f"{user}/house", texts)


scene("offline", "user_messages = 0\nsender_messages = 0")
