#!/usr/bin/python3
"""The same as import_sql.t with ejabberd as the router of annex-offline."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.execv(sys.executable, [sys.executable, sys.path[0] + "/import_sql.t"])
