#!/usr/bin/python3
"""The archive of rooms with ejabberd."""
import os
import sys
os.environ.update(ROUTER="ejabberd")
os.execv(sys.executable, [sys.executable, sys.path[0] + "/mam.t"])
