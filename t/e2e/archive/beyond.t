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


@test("keeps what there is beside what is too deep, and what comes after it")
def deep(stage):
    romeo, juliet = stage.users("romeo", "juliet")
    texts = ["before it", "deep", "behind the depth", "after it"]

    romeo.say(juliet.full, texts[0])
    romeo.message(juliet.full, f"<body>{texts[1]}</body>" + DEEP)
    romeo.message(juliet.full, f"{DEEP}<body>{texts[2]}</body>")
    romeo.say(juliet.full, texts[3])

    for text in texts:
        juliet.hears(romeo.full, text)
    stage.wait_bodies(texts)
    equal(stage.bodies("m.flags & 64 = 64"), texts[1:3])
    stage.wait_metric("annex_archive_copies_cut_total", 2)
    equal(stage.counted("refused"), 0)
    stage.annex.process.wait_line("is not whole: elements nested", 0)


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
