#!/usr/bin/python3
"""The router's without.py with ejabberd."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.execv(sys.executable, [sys.executable,
                          sys.path[0] + "/../router/without.py"])
