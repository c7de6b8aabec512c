"""A router with its shim, annex-archive, and users who read their archives.

    @test("what is expected")
    def anything(stage):
        romeo, juliet = stage.talk("one", "two")
        page = read(juliet, max=1)

    scene(queue=500)

Every test has people of its own, whatever their names."""
import itertools
import signal
import sqlite3
import time
from contextlib import closing
from xml.sax.saxutils import escape

import record
from client import SECS
from record import RecordStage, test  # noqa: F401
from stage import Sqlite
from stanza import NS

MAM, RSM, DATA = "urn:xmpp:mam:2", NS["rsm"], NS["data"]
FULLTEXT = "{urn:xmpp:fulltext:0}fulltext"
NS["mam"] = MAM
SHIM = {"hooks": ["tap", "deliver", f"delegate:{MAM}"]}


class ReaderStage(RecordStage):
    def __init__(self, options):
        super().__init__(options)
        self.shades = itertools.count(1)

    def begin(self):
        """The router has requests answered by it when this returns."""
        super().begin()
        self.wait_offered(self.user("ariel"))
        self.dismiss()

    def wait_offered(self, user):
        """Waits until the router has requests answered by it."""
        end = time.monotonic() + SECS
        while MAM not in features(user):
            assert time.monotonic() < end, f"{features(user)}"

    def configure_annex(self, settings):
        """Other settings besides the journal, by a reload."""
        since = len(self.annex.process.lines)
        self.annex.write(f'journal = "{self.journal}"\n' + settings)
        self.annex.process.child.send_signal(signal.SIGHUP)
        self.annex.process.wait_line(" again", since)
        self.get("/healthz")

    # A database that takes no messages

    def refuse(self):
        self.change("CREATE TRIGGER refusal BEFORE INSERT ON archive_message "
                    "BEGIN SELECT RAISE(ABORT, 'refused'); END",
                    "ALTER TABLE archive_message ADD CONSTRAINT refusal "
                    "CHECK (false) NOT VALID")

    def mend(self):
        """It takes them again."""
        self.change("DROP TRIGGER refusal", "ALTER TABLE archive_message "
                    "DROP CONSTRAINT refusal")

    def change(self, sqlite, postgres):
        if not isinstance(self.database, Sqlite):
            self.database.sql(postgres)
            return
        with closing(sqlite3.connect(self.database.path,
                                     timeout=60)) as connection:
            connection.execute(sqlite)

    def user(self, name, resource="house", presence="<presence/>",
             router=None):
        """Somebody whom nobody knew before."""
        return super().user(f"{name}{next(self.shades)}", resource, presence,
                            router)

    def session(self, user, resource, presence="<presence/>"):
        """Another session of somebody."""
        return super().user(user.name, resource, presence)

    def talk(self, *texts):
        """What one said to the other, who heard it."""
        romeo, juliet = self.users("romeo", "juliet")
        for text in texts:
            romeo.say(juliet.full, text)
        for text in texts:
            juliet.hears(romeo.full, text)
        return romeo, juliet


def features(user):
    """Those of the own account."""
    return user.ask("get", user.bare,
                    f"<query xmlns='{NS['info']}'/>").features


class Result:
    """A message out of the archive."""

    def __init__(self, word):
        self.word = word
        result = word.find("mam:result")
        self.id, self.queryid = result.get("id"), result.get("queryid")
        self.stamp = word.attribute("mam:result/forward:forwarded/"
                                    "delay:delay", "stamp")
        self.message = word.find("mam:result/forward:forwarded/c:message")
        self.body = word.text("mam:result/forward:forwarded/c:message/c:body")


class Page:
    """What a query was answered with."""

    def __init__(self, fin, words):
        self.fin = fin
        self.results = [Result(word) for word in words]
        self.complete = fin.attribute("mam:fin", "complete") == "true"
        self.stable = fin.attribute("mam:fin", "stable") != "false"
        self.first = fin.text("mam:fin/rsm:set/rsm:first")
        self.index = fin.attribute("mam:fin/rsm:set/rsm:first", "index")
        self.last = fin.text("mam:fin/rsm:set/rsm:last")
        self.count = fin.text("mam:fin/rsm:set/rsm:count")

    @property
    def bodies(self):
        return [result.body for result in self.results]

    @property
    def ids(self):
        return [result.id for result in self.results]


def field(var, values):
    values = [values] if isinstance(values, str) else values
    return (f"<field var='{var}'>" + "".join(
        f"<value>{escape(value)}</value>" for value in values) + "</field>")


def form(fields):
    return (f"<x xmlns='{DATA}' type='submit'>"
            + field("FORM_TYPE", MAM)
            + "".join(field(var, values) for var, values in fields.items())
            + "</x>")


def query(fields=None, max=None, before=None, after=None, queryid=None,
          flip=False):
    """The text of a query."""
    named = "" if queryid is None else f" queryid='{queryid}'"
    paging = "".join(
        f"<{name}>{escape(str(value))}</{name}>"
        for name, value in (("max", max), ("before", before),
                            ("after", after)) if value is not None)
    return (f"<query xmlns='{MAM}'{named}>"
            + (form(fields) if fields else "")
            + (f"<set xmlns='{RSM}'>{paging}</set>" if paging else "")
            + ("<flip-page/>" if flip else "") + "</query>")


def take_results(user):
    """Those that have come so far."""
    words = [word for word in user.inbox if word.has("mam:result")]
    user.inbox[:] = [word for word in user.inbox if word not in words]
    return words


def read(user, fields=None, **given):
    """Asks, and waits for the whole answer."""
    fin = user.ask("set", None, query(fields, **given))
    assert fin.type == "result", f"{fin}"
    return Page(fin, take_results(user))


def refused(user, content, type="set"):
    """The condition with which a request is refused, without a result."""
    answer = user.ask(type, None, content)
    assert answer.type == "error", f"{answer}"
    assert not take_results(user), "there are results"
    return answer.condition


def scene(settings="", own=(), **options):
    record.scene(settings, own, tap=SHIM, stage_class=ReaderStage, **options)
