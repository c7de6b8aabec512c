#!/usr/bin/python3
"""The core with Prosody and its shim."""
import os
import sys
os.environ.update(ROUTER="prosody", SHIM="1")
os.execv(sys.executable, [sys.executable, sys.path[0] + "/core.t"])
