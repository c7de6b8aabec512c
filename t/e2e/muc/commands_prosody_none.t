#!/usr/bin/python3
"""Commands with Prosody and no database."""
import os
import sys
os.environ.update(ROUTER="prosody", DB="none")
os.execv(sys.executable, [sys.executable, sys.path[0] + "/commands.t"])
