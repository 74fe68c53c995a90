#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lanes under load while either end is killed, stopped or hostile: t/lane_torture.cc, whose results
are passed on. $ALPHAMAIL_SOAK=1 asks for some ten minutes of it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
import tap  # noqa: E402

program = os.path.join(paths.top_builddir, "t", "lane_torture")
if not os.access(program, os.X_OK):
    tap.skip_all("t/lane_torture is not built")
rounds = "2000" if os.environ.get("ALPHAMAIL_SOAK") == "1" else "30"
os.execv(program, [program, "--rounds", rounds])
