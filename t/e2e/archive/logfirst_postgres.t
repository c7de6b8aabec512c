#!/usr/bin/python3
"""The same as logfirst.t with PostgreSQL."""
import os
import sys
os.environ.update(DB="postgres")
os.execv(sys.executable, [sys.executable, sys.path[0] + "/logfirst.t"])
