#!/usr/bin/python3
"""What of the shim for ejabberd needs no ejabberd, tested by EUnit."""
import glob
import os
import sys

SRC = os.path.abspath(os.environ.get("ANNEX_SRCDIR", "."))
sys.path.insert(0, os.path.join(SRC, "t/lib"))
import erlang  # noqa: E402

tests = sorted(glob.glob(SRC + "/t/unit/ejabberd/*.erl"))
argv = ["erl", "-noshell"]
for path in [*erlang.LIBS, erlang.shim(), erlang.tests(tests)]:
    argv += ["-pa", path]
names = [os.path.basename(path)[:-len(".erl")] for path in tests]
os.execvp(argv[0], [*argv, "-run", "eunit_tap", "main", *names])
