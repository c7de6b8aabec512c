"""Messages to people who are away while something is killed.

In each round some people, who have messages, come back, while messages are
sent to others.  The table is locked meanwhile, so that both are under way
for certain when a part is killed.  Those who were sent messages are who
comes back in the next round."""
import re
import time

from client import SECS
from guest import equal
from mail import arrive


class Crowd:
    """People who are away, and the ids of what was sent to each, in order."""

    def __init__(self, stage, size):
        self.people = [stage.absent("juliet") for _ in range(size)]
        self.sent = {user.bare: [] for user in self.people}

    def come(self):
        self.come_from(self.people)

    def come_from(self, people):
        """Only these of them."""
        for user in people:
            arrive(user)

    def go(self):
        for user in self.people:
            user.logout()

    def mail(self):
        """(user, id) of all that was sent."""
        return {(user, id) for user, ids in self.sent.items() for id in ids}

    def got(self, user):
        """The ids of what has come to a user, in order."""
        return [word.id for word in user.inbox if word.kind == "message"]

    def received(self):
        """(user, id) of all that has come."""
        return {(user.bare, id) for user in self.people
                for id in self.got(user)}


class Ordeal:
    def __init__(self, stage):
        self.stage = stage
        self.writer = stage.user("romeo")
        self.bounced = set()
        self.total = 0

    def write(self, crowd, each):
        """Sends that many to each of the crowd, in one go."""
        for _ in range(each):
            for user in crowd.people:
                self.total += 1
                id = f"m{self.total}"
                self.writer.say(user.bare, str(self.total), id=id)
                crowd.sent[user.bare].append(id)
        self.writer.settle()

    def collect(self):
        """Takes what came back to the writer."""
        self.writer.settle()
        for word in self.writer.inbox:
            if word.kind == "message":
                equal(word.type, "error")
                assert word.id not in self.bounced, f"twice: {word}"
                self.bounced.add(word.id)
        self.writer.inbox.clear()

    def stored(self):
        """(user, id) of all that is in the database."""
        rows = self.stage.database.sql(
            "SELECT jid, stanza FROM offline_message").splitlines()
        return {(jid, re.search(r"\bid=['\"](m\d+)", stanza)[1])
                for jid, stanza in (row.split("|", 1) for row in rows)}

    def unstored(self, crowd):
        """(user, id) of what was sent, is not in the database and did not
        come back."""
        return {(user, id) for user, id in crowd.mail() - self.stored()
                if id not in self.bounced}

    def missing(self, crowd, user):
        """The ids of what a user has not got and did not come back."""
        got = set(crowd.got(user)) | self.bounced
        return [id for id in crowd.sent[user.bare] if id not in got]

    def wait(self, left, what):
        """Waits until nothing is left; some of it may come back."""
        end = time.monotonic() + SECS
        while some := left():
            assert time.monotonic() < end, f"{what} {some}"
            self.collect()

    def wait_stored(self, crowd):
        self.wait(lambda: self.unstored(crowd), "nobody stored")

    def judge(self, crowd):
        """Everybody gets all that does not come back, once and in order.
        Returns how many these are."""
        count = 0
        for user in crowd.people:
            self.wait(lambda: self.missing(crowd, user), f"{user} never got")
            wanted = [id for id in crowd.sent[user.bare]
                      if id not in self.bounced]
            equal(crowd.got(user), wanted)
            count += len(wanted)
        return count
