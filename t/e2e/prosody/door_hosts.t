#!/usr/bin/python3
"""The router's door_hosts.py with Prosody."""
import os
import sys
os.environ["ROUTER"] = "prosody"
os.execv(sys.executable, [sys.executable,
                          sys.path[0] + "/../router/door_hosts.py"])
