#!/usr/bin/python3
"""The router is killed, with stores and deliveries under way: what the
component has taken arrives at least once and in order, and what arrives twice
has the same id.

ANNEX_ROUNDS is how often."""
import os
import signal
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ["DB"] = "postgres"
from guest import equal  # noqa: E402
from mail import arrive, scene, test  # noqa: E402
from ordeal import Crowd, Ordeal  # noqa: E402
from stage import DOMAIN  # noqa: E402

ROUNDS = int(os.environ.get("ANNEX_ROUNDS", "3"))
SIZE, EACH = 10, 30


class Witness:
    """What has come to each user, over all sessions."""

    def __init__(self):
        self.seen = {}

    def note(self, session, user):
        for word in session.inbox:
            if word.kind == "message":
                ids = [element.get("id")
                       for element in word.find_all("sid:stanza-id")
                       if element.get("by") in (user.bare, DOMAIN)]
                equal(len(ids), 1)
                equal(self.seen.setdefault((user.bare, word.id), ids), ids)


def strike(stage, ordeal, here, away):
    """Returns what was stored when the router died; what it was told of is
    part of that."""
    since = len(stage.annex.process.lines)
    stored = stage.counted("stored")
    lock = stage.database.lock("offline_message")
    here.come()
    here.people[0]._wait(here.received, "the first message")
    ordeal.write(away, EACH)
    assert here.received() & ordeal.stored(), "no delivery is under way"
    stage.router.process.child.send_signal(signal.SIGSTOP)
    lock.communicate()
    stage.wait_counted("stored", stored + 1)
    stage.router.kill()
    stage.router.start()
    stage.annex.process.wait_line("router: attached", since)
    stage.annex.process.wait_line("has for us", since)
    return ordeal.stored()


def collect(stage, crowd, kept, witness):
    """They come back with what is missing, in order."""
    for user in crowd.people:
        user.vanish()
        again = stage.session(user.name, "again")
        arrive(again)
        sent = crowd.sent[user.bare]
        missing = {id for id in sent if (user.bare, id) in kept
                   and (user.bare, id) not in witness.seen}
        again._wait(lambda: missing <= set(crowd.got(again)), f"{missing}")
        got = crowd.got(again)
        equal(got, [id for id in sent if id in got])
        witness.note(again, user)


@test("loses nothing that the component has taken when the router is killed")
def router(stage):
    for _ in range(ROUNDS):
        ordeal, witness = Ordeal(stage), Witness()
        here, away = Crowd(stage, SIZE), Crowd(stage, SIZE)
        before = stage.counted("stored")
        ordeal.write(here, EACH)
        stage.wait_counted("stored", before + SIZE * EACH)
        kept = ordeal.stored()
        kept |= strike(stage, ordeal, here, away)
        for user in here.people:
            user.wait_end()     # all that the router had written is read
            witness.note(user, user)
        collect(stage, here, kept, witness)
        collect(stage, away, kept, witness)
        stage.dismiss()


scene("sender_messages = 0")
