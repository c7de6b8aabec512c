#!/usr/bin/python3
"""The router's archived.py with ejabberd."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.execv(sys.executable, [sys.executable,
                          sys.path[0] + "/../router/archived.py"])
