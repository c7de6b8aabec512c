"""annex-archive that mails messages, and the mail servers it mails them to.

    @test("what is expected")
    def anything(stage):
        mail = stage.sink.wait("<uid@annex.invalid>")

    scene()

A Sink is aiosmtpd's, which does what the test says; it keeps what it took, in
the order in which it did."""
import asyncio
import email
import email.policy
import os
import ssl
import threading
import time
from email.utils import parseaddr

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

import certificate
import record
from client import SECS
from process import free_port
from record import RecordStage, test  # noqa: F401

EACH, WINDOWS = "each@archive.example", "windows@archive.example"
USER, PASSWORD = b"annex", b"open sesame"
MAIL_DOMAIN = "annex.invalid"

SECTIONS = """
journaling "each" {
    server = "smtp://localhost:{port}" ca = "{ca}"
    user = "annex" password = "file:{secret}"
    from = "annex@archive.example" to = "each@archive.example"
    timeout = 3s refusals = 2 connections = 3
}
journaling "windows" {
    server = "smtps://localhost:{tls}" ca = "{ca}"
    from = "annex@archive.example" to = "windows@archive.example"
    groups = { "admired" } window = 2s timeout = 3s
}
group "admired" { users = { "rosaline@{domain}" } }
"""


class Mail:
    """One that was taken: to whom, and what it says."""

    def __init__(self, envelope):
        self.sender, (self.to,) = envelope.mail_from, envelope.rcpt_tos
        self.raw = envelope.content
        self.message = email.message_from_bytes(
            self.raw, policy=email.policy.default)
        self.id = self["Message-ID"]

    def __getitem__(self, name):
        value = self.message[name]
        return None if value is None else str(value)

    def references(self):
        return self["References"].split()

    def body(self):
        return self.message.get_body().get_content().rstrip("\r\n")

    def attached(self):
        return [part.get_content()
                for part in self.message.iter_attachments()]

    def address(self, name):
        return parseaddr(self[name])[1]


class Sink:
    """verdict: what it says of a mail, or a function of it that tells; mood:
    None, or how it misbehaves: "hangs", "closes" (both when it was given a
    mail), "strangers" (it takes none of their addresses)."""

    def __init__(self, port, context=None, tls=False, secured=True):
        self.port, self.context, self.tls = port, context, tls
        self.secured = secured
        self.verdict, self.mood = "250 taken", None
        self.mails, self.seen = [], []
        self.news = threading.Condition()
        self.controller = None
        self.open()

    def open(self):
        if self.controller is None:
            self.controller = Server(self)
            self.controller.start()

    def close(self):
        """Whoever speaks to it hears nothing more."""
        if self.controller is not None:
            self.controller.kill()
            self.controller = None

    # What aiosmtpd asks

    async def handle_RCPT(self, server, session, envelope, address, _options):
        if self.mood == "strangers":
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        mail = Mail(envelope)
        with self.news:
            self.seen.append(mail)
            self.news.notify_all()
        if self.mood == "closes":
            server.transport.abort()
        if self.mood == "hangs":
            await self.controller.hang()
        verdict = (self.verdict(mail) if callable(self.verdict)
                   else self.verdict)
        if verdict.startswith("2") and not server.transport.is_closing():
            with self.news:
                self.mails.append(mail)
                self.news.notify_all()
        return verdict

    # What a test asks

    def wait_for(self, what, right, secs=SECS):
        """Waits until right(), which may look at all that is here."""
        end = time.monotonic() + secs
        with self.news:
            while not (found := right()):
                left = end - time.monotonic()
                assert left > 0, f"{what}: {[m.id for m in self.mails]}"
                self.news.wait(left)
        return found

    def taken(self, uid, to=EACH):
        return [mail for mail in self.mails
                if mail.to == to and mail.id == f"<{uid}@{MAIL_DOMAIN}>"]

    def wait(self, uid, secs=SECS):
        """The mail of that message, once it was taken."""
        return self.wait_for(f"no mail {uid}", lambda: self.taken(uid),
                             secs)[0]

    def wait_seen(self, uid, count=1, secs=SECS):
        """Waits until it was given that mail so often."""
        self.wait_for(f"{uid} did not come", lambda: len(
            [mail for mail in self.seen
             if mail.id == f"<{uid}@{MAIL_DOMAIN}>"]) >= count, secs)


class Server(Controller):
    """Those whose TLS begins later want it, and a password."""

    def __init__(self, sink):
        options = {}
        if sink.tls:
            options["ssl_context"] = sink.context
        elif sink.secured:
            self.tls_context = sink.context
        super().__init__(sink, hostname="127.0.0.1", port=sink.port,
                         ready_timeout=SECS, **options)
        self.wants = not sink.tls and sink.secured
        self.servers = []
        self.released = None

    def factory(self):
        wanted = {} if not self.wants else {
            "tls_context": self.tls_context, "require_starttls": True,
            "authenticator": authenticate, "auth_required": True}
        server = SMTP(self.handler, enable_SMTPUTF8=False, **wanted)
        self.servers.append(server)
        return server

    async def hang(self):
        """Until it is killed, or the mood changes."""
        while not self.released and self.handler.mood == "hangs":
            await asyncio.sleep(0.05)

    def kill(self):
        """Whoever speaks to it hears nothing more."""
        self.released = True
        for server in self.servers:
            if server.transport is not None:
                self.loop.call_soon_threadsafe(server.transport.abort)
        self.stop()


def authenticate(_server, _session, _envelope, _mechanism, data):
    known = (isinstance(data, LoginPassword) and data.login == USER
             and data.password == PASSWORD)
    return AuthResult(success=known, handled=known)


class JournalingStage(RecordStage):
    def open(self):
        self.ports = free_port(), free_port()
        self.cert, self.other = (
            certificate.make(folder, "localhost", None)
            for folder in (self.folder, self.subfolder("other")))
        self.sink = self.sink_at(0)
        self.vault = self.sink_at(1, tls=True)
        self.settings += self.filled(SECTIONS)
        super().open()

    def filled(self, text):
        path = f"{self.folder}/mail.secret"
        with open(path, "w", opener=private) as file:
            file.write(PASSWORD.decode())
        for name, value in (("port", self.ports[0]), ("tls", self.ports[1]),
                            ("ca", self.cert[0]), ("secret", path),
                            ("domain", record.DOMAIN)):
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def subfolder(self, name):
        path = os.path.join(self.folder, name)
        os.mkdir(path)
        return path

    def sink_at(self, number, cert=None, **options):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*cert or self.cert)
        return Sink(self.ports[number], context, **options)

    def close(self):
        self.sink.close()
        self.vault.close()
        super().close()

    def mails(self, outcome):
        """How many mails had that outcome since the daemon is there."""
        line, = [line for line in self.get("/metrics")[1].splitlines()
                 if line.startswith("annex_archive_mails_total"
                                    f'{{outcome="{outcome}"}}')]
        return int(line.split()[-1])

    def wait_failed(self, count):
        """Waits until that many more could not be mailed."""
        wanted, end = self.mails("failed") + count, time.monotonic() + SECS
        while self.mails("failed") < wanted:
            assert time.monotonic() < end, "nothing is tried"

    def wait_sent(self):
        """Waits until nothing is to be mailed any more."""
        self.wait_rows("SELECT count(*) FROM archive_post", [("0",)],
                       record.MANY_SECS)


def private(path, flags):
    return os.open(path, flags, 0o600)


def scene(settings="", **options):
    record.scene(settings, stage_class=JournalingStage, **options)
