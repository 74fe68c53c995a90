#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user does to messages (lib/action_cases.py), on Dovecot."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from action_cases import Worlds, cases_on  # noqa: E402
from tap import main  # noqa: E402

cases_on("mdbox")
main(Worlds)
