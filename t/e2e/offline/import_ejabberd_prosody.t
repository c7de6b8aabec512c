#!/usr/bin/python3
"""The same as import_ejabberd.t with Prosody as the router of annex-offline."""
import os
import sys
os.environ["ROUTER"] = "prosody"
os.execv(sys.executable, [sys.executable, sys.path[0] + "/import_ejabberd.t"])
