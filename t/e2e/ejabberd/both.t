#!/usr/bin/python3
"""The router's both.py with ejabberd."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.execv(sys.executable, [sys.executable,
                          sys.path[0] + "/../router/both.py"])
