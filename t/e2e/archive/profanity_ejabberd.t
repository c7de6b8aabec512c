#!/usr/bin/python3
"""The same as profanity.t with ejabberd."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.execv(sys.executable, [sys.executable, sys.path[0] + "/profanity.t"])
