#!/usr/bin/python3
"""The same as import_prosody.t with ejabberd and PostgreSQL."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.environ["DB"] = "postgres"
os.execv(sys.executable, [sys.executable, sys.path[0] + "/import_prosody.t"])
