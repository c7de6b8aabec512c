"""People in a large room of whom some read all, one nothing for a while, and
the others only have to be there."""
import asyncio
import re

from guest import config_form, equal, succeeds
from stage import DOMAIN
from user import User

AT_ONCE = 50
MUC = "http://jabber.org/protocol/muc"


class Listener(User):
    """Reads all, or as it is told."""

    def __init__(self, stage, name):
        super().__init__(stage.loop, stage.router.client_port, DOMAIN, name,
                         "house")

    def open_room(self, room):
        """Makes it, as rooms are."""
        self.enter(room)
        succeeds(self.ask("set", room.jid, config_form({})))

    def enter(self, room):
        self.send(f"<presence to='{room.at(self.name)}'>"
                  f"<x xmlns='{MUC}'/></presence>")
        self.pick(lambda word: word.kind == "message"
                  and word.subject is not None, "the subject")

    def skim(self):
        """Reads, but looks at nothing, from now on."""
        self.task.cancel()
        self.run(asyncio.wait([self.task]))
        self.task = self.loop.create_task(self._skim())

    async def _skim(self):
        try:
            while await self.reader.read(1 << 20):
                pass
        except ConnectionError:
            pass

    def stall(self):
        """Reads nothing from now on."""
        self.writer.transport.pause_reading()

    def go_on(self):
        self.writer.transport.resume_reading()

    def hears_all(self, texts):
        """What somebody said, each once and in order."""
        for text in texts:
            equal(self.pick(lambda word: word.kind == "message"
                            and word.type == "groupchat",
                            text[:9]).body, text)


class Audience:
    def __init__(self, stage, room, skimming=12):
        self.room = room
        self.attentive = [Listener(stage, name).login()
                          for name in ("juliet", "nurse", "paris")]
        self.slow = Listener(stage, "sloth").login()
        self.others = [Listener(stage, f"page{number}").login()
                       for number in range(skimming)]
        owner, *others = self.everybody()
        owner.open_room(room)
        for listener in others:
            listener.enter(room)
        for listener in self.others:
            listener.skim()
        for listener in self.attentive + [self.slow]:
            listener.forget()

    def everybody(self):
        return [*self.attentive, self.slow, *self.others]

    def talk(self, texts):
        """One says these, and the attentive hear it all in time."""
        speaker = self.attentive[0]
        for first in range(0, len(texts), AT_ONCE):
            some = texts[first:first + AT_ONCE]
            for text in some:
                speaker.message(self.room, f"<body>{text}</body>",
                                type="groupchat")
            for listener in self.attentive:
                listener.hears_all(some)

    def go(self):
        for listener in self.everybody():
            listener.vanish()


def _bytes(process, what):
    with open(f"/proc/{process.child.pid}/status", encoding="ascii") as file:
        return int(re.search(rf"^{what}:\s+(\d+) kB", file.read(),
                             re.M)[1]) * 1024


def peak_bytes(process):
    """How much memory a process has had at most."""
    return _bytes(process, "VmHWM")


def is_sanitized(process):
    """What is freed is kept for a while then.  There is a shadow of all
    addresses, whichever compiler it was."""
    return _bytes(process, "VmSize") > 1 << 40
