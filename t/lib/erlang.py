"""The shim for ejabberd, compiled for the tests."""
import fcntl
import glob
import os
import subprocess

SOURCE = os.path.abspath(os.environ.get(
    "ANNEX_SRCDIR", os.path.join(os.path.dirname(__file__), "../..")))
BUILD = os.path.abspath(os.environ.get("ANNEX_BUILDDIR", os.getcwd()))
SHIM = os.path.join(SOURCE, "components/router/ejabberd")
LIBS = glob.glob("/usr/lib/*/ejabberd-*/ebin") + \
    glob.glob("/usr/lib/erlang/lib/*/ebin")


def includes():
    """Where headers of ejabberd and its libraries are."""
    return [path for pattern in ("/usr/lib/*/ejabberd-*/include",
                                 "/usr/lib/erlang/lib/p1_*/include",
                                 "/usr/lib/*/p1_*/include")
            for path in glob.glob(pattern)]


def newest(paths):
    return max(map(os.path.getmtime, paths), default=0)


def compile_all(sources, folder, headers=()):
    """Compiles what is newer than the last time, once for all tests."""
    os.makedirs(folder, exist_ok=True)
    stamp = os.path.join(folder, "compiled")
    with open(os.path.join(folder, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(stamp) or os.path.getmtime(stamp) < newest(
                [*sources, *headers]):
            argv = ["erlc", "+debug_info", "-Werror", "-o", folder]
            for path in includes():
                argv += ["-I", path]
            for path in LIBS:
                argv += ["-pa", path]
            done = subprocess.run(argv + list(sources), text=True,
                                  capture_output=True, check=False)
            if done.returncode:
                raise SystemExit(done.stdout + done.stderr)
            with open(stamp, "w"):
                pass
    return folder


def shim():
    """The folder with the shim's modules."""
    return compile_all(sorted(glob.glob(SHIM + "/*.erl")),
                       os.path.join(BUILD, "t/shim"),
                       glob.glob(SHIM + "/*.hrl"))


def helpers():
    """The folder with what tests add to ejabberd."""
    return compile_all(sorted(glob.glob(SOURCE + "/t/lib/ejabberd/*.erl")),
                       os.path.join(BUILD, "t/ejabberd"))


def tests(sources):
    """The folder with the tests of what is pure in it."""
    return compile_all([SOURCE + "/t/lib/eunit_tap.erl", *sources],
                       os.path.join(BUILD, "t/eunit"))
