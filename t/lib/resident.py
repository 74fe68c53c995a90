# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory a process has, as the system counts it."""
import re


def memory_kb(pid, what="VmRSS"):
    """A line of /proc/PID/status: VmRSS now, VmHWM at most so far."""
    with open("/proc/%d/status" % pid, encoding="ascii", errors="replace") as source:
        return int(re.search(what + r":\s+(\d+)", source.read()).group(1))


def forget_peak(pid):
    """VmHWM begins anew."""
    with open("/proc/%d/clear_refs" % pid, "w", encoding="ascii") as out:
        out.write("5")
