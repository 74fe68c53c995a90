# SPDX-License-Identifier: GPL-3.0-or-later
"""Which supervisor runs in a folder: its process id and when that process began, so that a later
process with the same number is never taken for it."""
import os


def read(path):
    try:
        with open(path, encoding="utf-8") as source:
            return source.read()
    except OSError:
        return ""


def began(pid):
    """The start time of a process in clock ticks since boot, or None."""
    words = read("/proc/%d/stat" % pid).rpartition(")")[2].split()
    return words[19] if len(words) > 19 and words[0] != "Z" else None


def remember(folder):
    with open(os.path.join(folder, "demo.pid"), "w", encoding="ascii") as out:
        out.write("%d %s\n" % (os.getpid(), began(os.getpid())))


def forget(folder):
    try:
        os.unlink(os.path.join(folder, "demo.pid"))
    except OSError:
        pass


def supervisor(folder):
    """The process id of the supervisor of this folder, or None."""
    words = read(os.path.join(folder, "demo.pid")).split()
    if len(words) == 2 and words[0].isdigit() and began(int(words[0])) == words[1]:
        return int(words[0])
    return None
