# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's mail: a campus mailbox of invented people, the same at each run but for its dates,
which count back from now. mailbox.py says what lies in which folder; fill.py puts it there."""
