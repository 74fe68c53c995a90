#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user does to messages (lib/action_cases.py), on Cyrus with folders below INBOX, as Debian has it, and on
Courier, which cannot MOVE. ALPHAMAIL_SOAK=1: on every server."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from action_cases import Worlds, cases_on  # noqa: E402
from imapd import KINDS, needs  # noqa: E402
from tap import main  # noqa: E402

KINDS_HERE = KINDS if os.environ.get("ALPHAMAIL_SOAK") == "1" else ("cyrus-inbox", "courier")
needs(*KINDS_HERE)
cases_on(*KINDS_HERE)
main(Worlds)
