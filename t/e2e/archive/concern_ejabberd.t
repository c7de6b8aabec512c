#!/usr/bin/python3
"""What policies concern, with ejabberd."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.execv(sys.executable, [sys.executable, sys.path[0] + "/concern.t"])
