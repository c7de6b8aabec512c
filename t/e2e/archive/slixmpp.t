#!/usr/bin/python3
"""slixmpp's own plugins read the archive, and choose what is in it."""
import asyncio
import sys
from datetime import datetime, timedelta, timezone
sys.path.append(sys.path[0] + "/../../lib")
from cleartext import dial
from client import SECS, Stream
from guest import equal
from reader import scene, test

PAST = timedelta(days=1)


class Reader:
    """A session of that user's with these plugins."""

    def __init__(self, stage, user):
        self.loop = stage.loop
        self.user = user
        self.stream = Stream(f"{user.bare}/slixmpp")
        for name in ("xep_0313", "xep_0441"):
            self.stream.register_plugin(name)
        self.mam = self.stream["xep_0313"]
        dial(self.stream, stage.router.client_port)
        self.run(self.stream.open)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.abort()
        self.stream.cancel_connection_attempt()
        self.stream._run_out_filters.cancel()
        self.run(asyncio.sleep(0))

    def run(self, awaitable):
        return self.loop.run_until_complete(
            asyncio.wait_for(awaitable, SECS))

    def texts(self, **given):
        async def collect():
            return [message["mam_result"]["forwarded"]["stanza"]["body"]
                    async for message in self.mam.iterate(**given)]
        return self.run(collect())


def numbers(first, last):
    return [str(number) for number in range(first, last + 1)]


def said(stage, count):
    return stage.talk(*numbers(1, count))


@test("iterates over all pages, forward and backward")
def iterates(stage):
    _, juliet = said(stage, 35)
    with Reader(stage, juliet) as reader:
        equal(reader.texts(rsm={"max": 10}), numbers(1, 35))
        equal(reader.texts(rsm={"max": 10}, reverse=True),
              numbers(1, 35)[::-1])


@test("filters by address and time")
def filters(stage):
    romeo, juliet = said(stage, 3)
    nurse = stage.user("nurse")
    nurse.say(juliet.full, "news")
    juliet.hears(nurse.full, "news")
    now = datetime.now(timezone.utc)
    with Reader(stage, juliet) as reader:
        equal(reader.texts(with_jid=nurse.bare), ["news"])
        equal(reader.texts(with_jid=romeo.bare, start=now - PAST,
                           end=now + PAST), numbers(1, 3))
        equal(reader.texts(start=now + PAST), [])


@test("reads one page with its results and its end")
def retrieves(stage):
    _, juliet = said(stage, 5)
    with Reader(stage, juliet) as reader:
        page = reader.run(reader.mam.retrieve(rsm={"max": 2}))
        equal([str(message["mam_result"]["forwarded"]["stanza"]["body"])
               for message in page["mam"]["results"]], numbers(1, 2))
        fin = page["mam_fin"]
        equal(fin["rsm"]["last"], page["mam"]["results"][1]["mam_result"]
              ["id"])


@test("knows the fields, and where the archive begins and ends")
def fields(stage):
    _, juliet = said(stage, 2)
    with Reader(stage, juliet) as reader:
        form = reader.run(reader.mam.get_fields())
        assert {"with", "start", "end", "ids"} <= set(form.get_fields())
        ends = reader.run(reader.mam.get_archive_metadata())["mam_metadata"]
        page = reader.run(reader.mam.retrieve())
        equal([ends["start"]["id"], ends["end"]["id"]],
              [message["mam_result"]["id"]
               for message in page["mam"]["results"]])


@test("sets and gets preferences")
def preferences(stage):
    _, juliet = said(stage, 1)
    with Reader(stage, juliet) as reader:
        plugin = reader.stream["xep_0441"]
        reader.run(plugin.set_preferences(
            default="never", always={f"romeo@{stage.router.domain}"},
            never=set()))
        equal(reader.run(plugin.get_preferences()),
              ("never", {f"romeo@{stage.router.domain}"}, set()))


scene("preferences = yes")
