#!/usr/bin/python3
"""The same as erase.t with PostgreSQL."""
import os
import sys
os.environ["DB"] = "postgres"
os.execv(sys.executable, [sys.executable, sys.path[0] + "/erase.t"])
