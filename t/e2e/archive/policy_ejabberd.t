#!/usr/bin/python3
"""Policies with ejabberd."""
import os
import sys
os.environ["ROUTER"] = "ejabberd"
os.execv(sys.executable, [sys.executable, sys.path[0] + "/policy.t"])
