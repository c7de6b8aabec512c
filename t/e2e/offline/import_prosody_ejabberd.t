#!/usr/bin/python3
"""The same as import_prosody.t with ejabberd as the router of annex-offline."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.execv(sys.executable, [sys.executable, sys.path[0] + "/import_prosody.t"])
