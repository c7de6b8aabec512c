#!/usr/bin/python3
"""The same as outage.t with ejabberd."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.execv(sys.executable, [sys.executable, sys.path[0] + "/outage.t"])
