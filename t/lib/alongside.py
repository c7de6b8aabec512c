"""annex-archive and annex-muc on one database, and a mail server, with people
in rooms all of which are archived.

    @test("what is expected")
    def anything(stage):
        room = stage.gather(*stage.cast("romeo", "juliet"))

    scene()

What has "project x" in it may not be said, "perhaps" is for reviewers, and
"regards" are signed.  What is said in the room BRIEF is over in a second; what
is said in DEAR is mailed to the vault too, and what is retracted in KEPT is
for auditors.  What is said in rooms elsewhere would be archived too: these are
not among them."""
import record
from annex import Annex
from guest import Room
from journaling import JournalingStage, test  # noqa: F401
from lookback import MAM
from stage import DOMAIN, SECRET, Stage

ROOMS = f"rooms.{DOMAIN}"
BRIEF, DEAR = f"brief@{ROOMS}", f"dear@{ROOMS}"
KEPT = f"kept@{ROOMS}"
NOTICE, SIGNED = "Not in a room.", "Signed."

ARCHIVE = f"""
rule "words" {{ words = {{ "project x" }} notice = "{NOTICE}" }}
rule "review" {{ words = {{ "perhaps" }} verdict = hold }}
rule "sign" {{ words = {{ "regards" }} verdict = append text = "{SIGNED}" }}
policy "default" {{ rules = {{ "words", "review", "sign" }} }}
retention = {{ "room {BRIEF} 1s" }}
retention_pause = 1s
rooms_elsewhere = yes
compliance "kept" {{ users = {{ "{KEPT}" }} }}
"""
DEAR_SECTION = f"""
journaling "dear" {{
    server = "smtps://localhost:{{tls}}" ca = "{{ca}}"
    from = "annex@archive.example" to = "dear@archive.example"
    rooms = {{ "{DEAR}" }} timeout = 3s
}}
"""
MUC = """
archive = "all"
journal = "muc.journal"
events "some" { kinds = { join, leave, kick } }
"""


class AlongsideStage(JournalingStage):
    muc_settings = MUC

    def __init__(self, options):
        super().__init__(options)
        self.shim["rooms"] = {"hooks": ["fanout"]}
        self.muc = None

    def open(self):
        super().open()
        self.muc = Annex(self.folder, self.router.component_port, ROOMS,
                         SECRET, self.database.url,
                         self.muc_settings)
        self.muc.start()
        self.muc.process.wait_line("has for us")

    def filled(self, text):
        return super().filled(text + DEAR_SECTION)

    def verify(self, since):
        super().verify(since)
        self.muc.verify(0)

    def log_since(self, start):
        return "\n".join([super().log_since(start), "muc:"]
                         + self.muc.process.lines[-60:])

    def place(self, jid):
        """The room of that address."""
        room = Room(jid)
        self.places.append(room)
        return room

    # People stay from one test to the next, as guests do.

    def hush(self):
        Stage.hush(self)

    def dismiss(self):
        Stage.dismiss(self)
        super().dismiss()

    def close(self):
        if self.muc is not None:
            self.muc.process.stop()
        super().close()


def scene(muc="", **options):
    """muc: more settings of annex-muc; options: those of a router's class,
    and neighbour (shim.py)."""
    AlongsideStage.muc_settings = MUC + muc
    record.scene(ARCHIVE, stage_class=AlongsideStage,
                 tap={"hooks": ["tap", "check", "deliver",
                                f"delegate:{MAM}"],
                      "timeout": 9, "fail": "closed"}, **options)
