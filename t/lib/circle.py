"""People who write to each other, two and two, all at once, and a book of what
was sent and what came, for auditor.py.

The book has a line of JSON for each: whether it is "sent" or "got", from whom
and for whom, bare, the sender's id, the text and, of what came, the
<stanza-id/> in it."""
import asyncio
import itertools
import json
from xml.sax.saxutils import escape

from client import SECS
from user import User

# While the machine has much to do.
PATIENCE_SECS = 12 * SECS
# Texts that are alike but for their number hide what is mixed up.
WORDS = ("night & day", "<never>", "say \"it\"", "'tis", "nähe", "\\ back \\",
         "{curly, NULL}", "€ 100", "tab\there", "1|2|3")


class Book:
    def __init__(self, path):
        self.path = path
        self.file = open(path, "w", encoding="utf-8")
        self.sent = self.got = 0
        self.news = asyncio.Event()

    def note(self, *line):
        self.file.write(json.dumps(line) + "\n")

    def note_sent(self, sender, recipient, id, text):
        self.sent += 1
        self.note("sent", sender.bare, recipient.bare, id, text, None)

    def note_got(self, recipient, word):
        self.got += 1
        self.note("got", word.sender.split("/")[0], recipient.bare, word.id,
                  word.find("c:body").text, word.attribute("sid:stanza-id",
                                                           "id"))
        self.news.set()

    def close(self):
        self.file.close()


class Talker(User):
    """Messages go into the book, and nowhere else."""
    book = partner = latest = None

    def receive(self, word):
        if word.kind == "message" and word.type == "chat":
            self.latest = word.id       # before who waits for it looks
            self.book.note_got(self, word)
        else:
            super().receive(word)

    def write(self, ids, pad):
        """A message with each of these ids, in one go."""
        stanzas = []
        for id in ids:
            text = f"{id} {WORDS[len(stanzas) % len(WORDS)]}{'.' * pad}"
            self.book.note_sent(self, self.partner, id, text)
            stanzas.append(f"<message to='{self.partner.full}' type='chat' "
                           f"id='{id}'><body>{escape(text)}</body>"
                           "</message>")
        self.send("".join(stanzas))


class Circle:
    def __init__(self, stage, path, pairs=3):
        self.stage = stage
        self.book = Book(path)
        self.numbers = itertools.count(1)
        self.people = [self.invite(f"talker{number}")
                       for number in range(2 * pairs)]
        for one, other in zip(self.people[::2], self.people[1::2]):
            one.partner, other.partner = other, one

    def invite(self, name):
        router = self.stage.router
        talker = Talker(self.stage.loop, router.client_port, router.domain,
                        name, "house")
        talker.book = self.book
        self.stage.people.setdefault((name, "house"), []).append(talker)
        return talker.login()

    def write(self, count, pad=0):
        """Everybody writes so many in all, of so many bytes more; nobody
        waits for them."""
        ids = [f"m{number}"
               for number in itertools.islice(self.numbers, count)]
        for place, talker in enumerate(self.people):
            talker.write(ids[place::len(self.people)], pad)

    def wait_for(self, found, what):
        async def wait():
            while not found():
                self.book.news.clear()
                await self.book.news.wait()
        try:
            self.stage.loop.run_until_complete(
                asyncio.wait_for(wait(), PATIENCE_SECS))
        except asyncio.TimeoutError:
            raise AssertionError(f"{self.book.got} came, not {what}")

    def wait_got(self, count):
        """Until so many of all have come."""
        self.wait_for(lambda: self.book.got >= count, f"{count}")

    def rejoin(self):
        """The router was killed: what it had written is read, and everybody
        comes anew."""
        for talker in self.people:
            talker.wait_end()
            talker.vanish()
        for talker in self.people:
            talker.login()

    def finish(self):
        """Everybody writes once more, and has what his partner wrote: what
        was written before has come by then, or never will."""
        first = next(self.numbers)
        self.numbers = itertools.chain([first], self.numbers)
        self.write(len(self.people))
        wanted = {talker.partner: f"m{first + place}"
                  for place, talker in enumerate(self.people)}
        self.wait_for(lambda: all(talker.latest == id
                                  for talker, id in wanted.items()),
                      "the last of each")

    def wait_all(self):
        self.wait_got(self.book.sent)
        for talker in self.people:
            talker.settle()     # what would come twice has come
        self.book.close()
