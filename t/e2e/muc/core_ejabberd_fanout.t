#!/usr/bin/python3
"""The core with ejabberd and its shim."""
import os
import sys
os.environ.update(ROUTER="ejabberd", SHIM="1")
os.execv(sys.executable, [sys.executable, sys.path[0] + "/core.t"])
