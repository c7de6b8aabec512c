#!/usr/bin/python3
"""What is held with PostgreSQL."""
import os
import sys
os.environ.update(DB="postgres")
os.execv(sys.executable, [sys.executable, sys.path[0] + "/held.t"])
