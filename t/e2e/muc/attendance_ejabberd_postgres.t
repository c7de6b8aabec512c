#!/usr/bin/python3
"""Who was shown what was said in rooms, with ejabberd and PostgreSQL."""
import os
import sys
os.environ.update(ROUTER="ejabberd", DB="postgres")
os.execv(sys.executable, [sys.executable, sys.path[0] + "/attendance.t"])
