"""A router with its shim, components attached to it, and people.

    SHIM = {"archive": {"hooks": ["tap", "check"], "fail": "closed"}}

    @test("what is expected")
    def anything(stage):
        archive = stage.component("archive")
        romeo, juliet = stage.users("romeo", "juliet")

    scene(SHIM, own={"carbons"})

What is configured is named as the protocol names it; how that is written is
the matter of each router's own file, prosodyshim.py and ejabberdshim.py.  own
says which of the router's own services are there: archive, blocking, carbons,
csi, offline, pep, resumption.  neighbour is the domain of another server,
stage.remote, which has no shim.  Components that are attached have said hello;
a test that wants to see that calls attach() itself."""
import os

import scene as plain
from attached import Attached
from process import free_port
from scene import test  # noqa: F401
from stage import DOMAIN, SECRET, Stage
from user import User


class ShimStage(Stage):
    def __init__(self, settings):
        super().__init__()
        self.shim, self.own, self.options = settings
        self.neighbour = self.options.pop("neighbour", None)
        self.remote = None
        self.components, self.people = {}, {}

    def open(self):
        if self.neighbour:
            self.options["servers"] = {DOMAIN: free_port(),
                                       self.neighbour: free_port()}
            self.remote = self.new_router(self.folder, self.neighbour, {},
                                          self.own)
            self.remote.start()
        self.router = self.new_router(self.folder, DOMAIN, self.shim,
                                      self.own)
        self.router.start()

    def new_router(self, folder, domain, shim, own, kind=None, **options):
        """A private router with a shim: the arguments of any such class; kind
        names another than that of the test."""
        if (kind or os.environ.get("ROUTER", "prosody")) == "ejabberd":
            from ejabberdshim import EjabberdShim as router
        else:
            from prosodyshim import ProsodyShim as router
        return router(folder, domain,
                      {f"{name}.{domain}": given
                       for name, given in shim.items()},
                      own, SECRET, **{**self.options, **options})

    # Who is there

    def attach(self, name):
        """A component that is attached, before its hello."""
        component = Attached(self.loop, self.router.component_port,
                             f"{name}.{DOMAIN}", SECRET, DOMAIN)
        self.components[name] = component
        return component.attach()

    def component(self, name):
        """A component that is attached anew, after its hello."""
        if name in self.components:
            self.let_go(self.components[name])
        component = self.attach(name)
        component.hello()
        return component

    def let_go(self, component):
        """It goes, and is gone for the router too."""
        component.vanish()
        self.router.release([component.domain], sessions=False)

    def user(self, name, resource="house", presence="<presence/>",
             router=None):
        """A session of an account, which is made when it is not there."""
        router = router or self.router
        user = User(self.loop, router.client_port, router.domain, name,
                    resource)
        self.people.setdefault((name, resource), []).append(user)
        return user.login(presence)

    def users(self, *names):
        return [self.user(name) for name in names]

    def forget(self, *people):
        """Looks at nothing of what they have got, nor of what is under way
        between them: each has done what the others asked of it, and they have
        what it answered."""
        for _ in range(2):
            for user in people:
                user.settle()
        for user in people:
            user.inbox.clear()

    def configure(self, shim):
        """The router takes over what the shim is to be from now on."""
        self.router.configure({f"{name}.{DOMAIN}": given
                               for name, given in shim.items()})
        self.router.reload()

    # The end of a test

    def leave_all(self):
        for sessions in self.people.values():
            for user in sessions:
                user.vanish()
        for component in self.components.values():
            component.vanish()
        self.people.clear()
        self.components.clear()

    def release(self, components):
        for router in (self.router, self.remote):
            if router is not None and router.process.running():
                router.release([component.domain for component in components])

    def dismiss(self):
        """Everybody goes, and is gone for the routers too."""
        if self.people or self.components:
            components = list(self.components.values())
            self.leave_all()
            self.release(components)

    def hush(self):
        """After each test everybody goes: the next begins anew."""
        self.dismiss()

    def verify(self, since):
        """The router has complained of nothing."""
        said = [line for line in self.router.process.lines[since:]
                if self.router.complaint(line)]
        assert not said, "\n".join(said)

    def log_length(self):
        return len(self.router.process.lines) if self.router else 0

    def log_since(self, start):
        return "\n".join(self.router.process.lines[start:][-60:])

    def close(self):
        self.leave_all()
        super().close()
        if self.remote is not None:
            self.remote.kill()


def replay(stage, user, count=0):
    """What the router's own store has for somebody who comes back, again if
    it is still busy storing that many."""
    came = []
    for _ in range(50):
        user = stage.user(user.name, presence=None)
        user.send("<presence/>")
        for _ in range(2):      # what comes of presence is behind one
            user.settle()
        here = _messages(user)
        # One that is stored just now may still come to this session.
        if len(came) + len(here) < count:
            user.logout()
            here = _messages(user)
        came += here
        if len(came) >= count:
            break
    return came


def _messages(user):
    return [word for word in user.inbox if word.kind == "message"]


def follows_sample(stage, router):
    """A router that has its sample of conf serves the components there."""
    for name, secret, hooks in (
            ("rooms", "muc", "fanout"),
            ("archive", "archive", "tap deliver delegate"),
            ("offline", "offline", "store presence deliver delegate")):
        component = Attached(
            stage.loop, router.component_port, f"{name}.example.org",
            f"the words in /etc/annex/{secret}.secret", "example.org")
        hello = component.attach().hello()
        assert hello.get("hooks") == hooks, f"{hello}"
        component.vanish()


def scene(shim, own=(), **options):
    plain.scene((shim, set(own), options), ShimStage)
