#!/usr/bin/python3
"""Addresses and ids of any length with PostgreSQL."""
import os
import sys
os.environ.update(DB="postgres")
os.execv(sys.executable, [sys.executable, sys.path[0] + "/long.t"])
