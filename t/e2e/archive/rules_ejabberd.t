#!/usr/bin/python3
"""Rules of policies, with ejabberd."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.execv(sys.executable, [sys.executable, sys.path[0] + "/rules.t"])
