"""annex-archive with policies, and servers that judge as the test says.

    @test("what is expected")
    def anything(stage):
        stage.first.verdict = {"verdict": "block"}

    scene(POLICIES, PROFILES)

POLICIES are the sections of the configuration, in which {first} and {second}
are the URLs of the two servers, and {tls} the lines by which they are known;
PROFILES what the router's module holds."""
import os
import sqlite3
import sys
import threading
import time
from contextlib import closing, contextmanager

import certificate
import described
import record
from client import SECS
from process import free_port
from record import RecordStage, test  # noqa: F401
from stage import Sqlite

sys.path.append(os.path.join(os.path.dirname(__file__),
                             "../../components/archive"))
import policyserver  # noqa: E402

ALLOW = {"verdict": "allow"}


class Handler(policyserver.Handler):
    def setup(self):
        super().setup()
        self.server.connected(self.connection)

    def answer(self, status, content):
        self.server.wait()
        mood = self.server.mood
        if mood == "closes":
            self.close_connection = True
        elif mood == "fails":
            super().answer(503, {})
        elif mood == "strange":
            super().answer(status, {"verdict": "perhaps"})
        else:
            super().answer(status, content)


class Judge(policyserver.Server):
    """mood: None, or how it misbehaves: "closes", "fails", "strange".
    verdict: what it says, or a function of the question that tells.
    faults: what was not asked as policy.yaml says, of all."""
    faults = []

    def __init__(self, port, **tls):
        super().__init__(("127.0.0.1", port), handler=Handler, **tls)
        self.verdict, self.mood = ALLOW, None
        self.questions, self.connections = [], []
        self.news = threading.Condition()
        self.speaks = threading.Event()
        self.speaks.set()
        threading.Thread(target=self.serve_forever, args=(0.05,),
                         daemon=True).start()

    def connected(self, connection):
        with self.news:
            self.connections.append(connection)

    def wait(self):
        self.speaks.wait(60)

    def judge(self, question):
        verdict = self.verdict
        with self.news:
            self.faults.extend(described.question_faults(question))
            self.questions.append(question)
            self.news.notify_all()
        return verdict(question) if callable(verdict) else verdict

    def hush(self):
        """It says nothing from now on."""
        self.speaks.clear()

    def asked(self, body, secs=SECS):
        """Waits until it was asked about that body; returns the question."""
        end = time.monotonic() + secs
        with self.news:
            while not (found := [question for question in self.questions
                                 if question.get("body") == body]):
                assert self.news.wait(end - time.monotonic()), \
                    f"nobody asked about {body}: {self.questions}"
        return found[0]

    def count(self, body):
        with self.news:
            return len([question for question in self.questions
                        if question.get("body") == body])

    def close(self):
        self.speaks.set()
        self.shutdown()
        self.server_close()


class JudgingStage(RecordStage):
    def open(self):
        self.certificates = {
            name: certificate.make(self.folder, name, None)
            for name in ("localhost", "annex", "other")}
        self.ports = free_port(), free_port()
        self.first, self.second = map(self.judge_at, self.ports)
        self.settings = self.filled(self.settings)
        super().open()

    def filled(self, text):
        ours, (cert, key) = (self.certificates[name]
                             for name in ("localhost", "annex"))
        return (text.replace("{first}", self.url(0))
                .replace("{second}", self.url(1))
                .replace("{tls}", f'ca = "{ours[0]}" cert = "{cert}" '
                                  f'key = "{key}"'))

    def url(self, number):
        return f"https://localhost:{self.ports[number]}/judge"

    def judge_at(self, port, name="localhost", clients="annex"):
        cert, key = self.certificates[name]
        return Judge(port, cert=cert, key=key,
                     clients=self.certificates[clients][0])

    def renew(self):
        """Both servers are as at the start, and known to be."""
        for judge in (self.first, self.second):
            judge.close()
        self.first, self.second = map(self.judge_at, self.ports)
        self.annex.stop()
        self.begin()

    def verify(self, since):
        super().verify(since)
        assert not Judge.faults, Judge.faults

    def close(self):
        for judge in (self.first, self.second):
            judge.close()
        super().close()

    @contextmanager
    def locked(self):
        """Nobody can write to the database meanwhile.  Afterwards the daemon
        can."""
        if not isinstance(self.database, Sqlite):
            since = len(self.annex.process.lines)
            self.database.stop()
            yield
            self.database.start()
            self.annex.process.wait_line("store: linked", since)
            return
        with closing(sqlite3.connect(self.database.path, timeout=SECS,
                                     isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield

    def verdicts(self, outcome):
        """How many stanzas had that outcome since the daemon is there."""
        line, = [line for line in self.get("/metrics")[1].splitlines()
                 if line.startswith("annex_archive_verdicts_total"
                                    f'{{outcome="{outcome}"}}')]
        return int(line.split()[-1])


def scene(policies, profiles, **options):
    record.scene(policies, tap={"hooks": ["tap", "check"], **profiles},
                 stage_class=JudgingStage, **options)
