#!/usr/bin/python3
"""Copies that are large or deep do not stop what comes after them."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from guest import equal
from record import scene, test

# 1.5 MB in a copy, as each is escaped.
QUOTES = '"' * (250 << 10)
# The router sends two of them and a part, and then waits for an ack.
WINDOW_BYTES = 4 << 20
DEEP = "<a xmlns='urn:x'>" * 125 + "</a>" * 125


@test("keeps what comes before and after a message that is too deep")
def deep(stage):
    romeo, juliet = stage.users("romeo", "juliet")

    romeo.say(juliet.full, "before it")
    romeo.message(juliet.full, "<body>deep</body>" + DEEP)
    romeo.say(juliet.full, "after it")

    for text in ("before it", "deep", "after it"):
        juliet.hears(romeo.full, text)
    stage.wait_bodies(["before it", "after it"])
    stage.wait_counted("refused", 1)
    stage.annex.process.wait_line("is refused: elements nested", 0)


@test("keeps what grows sixfold on its way")
def quotes(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    refused = stage.counted("refused")
    texts = [f"quotes {number}{QUOTES}" for number in range(6)]

    for text in texts:
        romeo.say(juliet.full, text)
        juliet.hears(romeo.full, text)
    romeo.say(juliet.full, "quotes at last")

    stage.wait_bodies(texts + ["quotes at last"], "m.body LIKE 'quotes %'")
    equal(stage.counted("refused"), refused)


scene(own={"archive"}, tap={"window_bytes": WINDOW_BYTES})
