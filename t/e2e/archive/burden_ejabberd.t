#!/usr/bin/python3
"""The same as burden.t with ejabberd."""
import os
import sys
os.environ.update(ROUTER="ejabberd")
os.execv(sys.executable, [sys.executable, sys.path[0] + "/burden.t"])
