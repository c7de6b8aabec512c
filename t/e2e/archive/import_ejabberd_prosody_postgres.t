#!/usr/bin/python3
"""The same as import_ejabberd.t with Prosody and PostgreSQL."""
import os
import sys
os.environ["ROUTER"] = "prosody"
os.environ["DB"] = "postgres"
os.execv(sys.executable, [sys.executable, sys.path[0] + "/import_ejabberd.t"])
