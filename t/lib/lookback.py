"""What was said in a room, as those who look back at it get it (XEP-0313)."""
from guest import equal, submit, succeeds
from stanza import NS, Stanza

MAM = "urn:xmpp:mam:2"
NS.update({"mam": MAM, "forward": "urn:xmpp:forward:0"})


class Result:
    """A message out of an archive."""

    def __init__(self, stanza):
        result = stanza.find("mam:result")
        self.sender = stanza.sender
        self.id = result.get("id")
        self.queryid = result.get("queryid")
        message = result.find("forward:forwarded/c:message", NS)
        # Of one that was taken away nothing may be left.
        self.message = None if message is None else Stanza(message)
        self.stamp = stanza.attribute(
            "mam:result/forward:forwarded/delay:delay", "stamp")


def query(content="", queryid="f1", **fields):
    form = submit(MAM, fields) if fields else ""
    return f"<query xmlns='{MAM}' queryid='{queryid}'>{form}{content}</query>"


def page(**how):
    return (f"<set xmlns='{NS['rsm']}'>"
            + "".join(f"<{name}>{value}</{name}>"
                      for name, value in how.items()) + "</set>")


def look(guest, room, content="", **fields):
    """The results, and then the answer."""
    guest.forget()
    answer = succeeds(guest.ask("set", room.jid, query(content, **fields)))
    results = [Result(stanza) for stanza in guest.inbox
               if stanza.has("mam:result")]
    equal(len(results), len(guest.inbox))
    guest.forget()
    return results, answer


def bodies(guest, room, content="", **fields):
    return [None if result.message is None else result.message.body
            for result in look(guest, room, content, **fields)[0]]


def garden(stage, *others, **options):
    """An archived room with romeo in it."""
    romeo, = stage.cast("romeo")
    return stage.gather(romeo, *others, persistentroom=1, enablearchiving=1,
                        **options)
