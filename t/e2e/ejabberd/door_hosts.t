#!/usr/bin/python3
"""The router's door_hosts.py with ejabberd."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.execv(sys.executable, [sys.executable,
                          sys.path[0] + "/../router/door_hosts.py"])
