#!/usr/bin/python3
"""One annex-offline for several hosts of a router."""
import os
import sys
sys.path.append(sys.path[0] + "/../../lib")
os.environ.setdefault("ROUTER", "prosody")
import scene as plain  # noqa: E402
from annex import Daemon  # noqa: E402
from guest import equal  # noqa: E402
from mail import HOOKS, MailStage, arrive, test  # noqa: E402
from stage import DOMAIN, SECRET  # noqa: E402
from user import User  # noqa: E402

OTHER = "mantua.test"
PROSODY_HOST = f"""
VirtualHost "{OTHER}"
    modules_enabled = {{ "annex" }}
    annex = {{ ["offline.{DOMAIN}"] = {{
        hooks = {{ "store", "presence", "deliver" }} }} }}
"""
EJABBERD_HOST = {OTHER: {f"offline.{DOMAIN}": {"hooks": HOOKS}}}
HOST = {"prosody": PROSODY_HOST, "ejabberd": EJABBERD_HOST}


class Hosts(MailStage):
    def new_annex(self, settings):
        return Daemon("offline", self.folder, self.router.component_port,
                      f"offline.{DOMAIN}", SECRET, self.database.url,
                      settings, hosts=(DOMAIN, OTHER))


def elsewhere(stage, user):
    """Somebody of that name on the other host."""
    other = User(stage.loop, stage.router.client_port, OTHER, user.name,
                 "house")
    stage.people.setdefault((user.name, OTHER), []).append(other)
    return other


@test("keeps messages of people of the same name apart")
def apart(stage):
    romeo, juliet = stage.user("romeo"), stage.absent("juliet")
    other = elsewhere(stage, juliet)
    other.login(presence=None)
    other.logout()
    stage.leave(romeo, juliet, "here")
    stage.leave(romeo, other, "there")

    equal(arrive(elsewhere(stage, juliet)).mail(1), ["there"])
    reader = arrive(juliet)
    equal(reader.mail(1), ["here"])
    reader.nothing(stage)


@test("says which hosts have no shim for it")
def missing(stage):
    status, text = stage.get("/readyz")
    equal((status, text.strip()), (200, "ready"))


if __name__ == "__main__":
    plain.scene(("", set(), HOOKS,
                 {"others": HOST[os.environ["ROUTER"]]}), Hosts)
