#!/usr/bin/python3
"""The same as slixmpp.t with ejabberd."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.execv(sys.executable, [sys.executable, sys.path[0] + "/slixmpp.t"])
