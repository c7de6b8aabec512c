#!/usr/bin/python3
"""The same as account.t with ejabberd and PostgreSQL."""
import os
import sys
os.environ.update(ROUTER="ejabberd", DB="postgres")
os.execv(sys.executable, [sys.executable, sys.path[0] + "/account.t"])
