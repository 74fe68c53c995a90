# SPDX-License-Identifier: GPL-3.0-or-later
"""Which supervisor runs in a folder: its process id and when that process began, so that a later
process with the same number is never taken for it. What it notes lies in state/, which belongs to
the unprivileged user: root believes of it only what the kernel confirms."""
import os
import re
import shutil


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
    with open(os.path.join(folder, "state", "demo.pid"), "w", encoding="ascii") as out:
        out.write("%d %s\n" % (os.getpid(), began(os.getpid())))


def forget(folder):
    try:
        os.unlink(os.path.join(folder, "state", "demo.pid"))
    except OSError:
        pass


def supervisor(folder):
    """The process id of the supervisor of this folder, or None."""
    path = os.path.join(folder, "state", "demo.pid")
    words = read(path).split()
    if len(words) != 2 or not words[0].isdigit() or began(int(words[0])) != words[1]:
        return None
    try:
        theirs = os.stat("/proc/" + words[0]).st_uid == os.lstat(path).st_uid
    except OSError:
        return None
    return int(words[0]) if theirs else None


def remove_stale_sockets(folder):
    """Of a supervisor that was killed: the folder that it noted, if it is one of ours."""
    path = os.path.join(folder, "state", "sockets")
    noted = read(path)
    if re.fullmatch(r"/(tmp|run)/am-[A-Za-z0-9_]{8}", noted) and os.path.isdir(noted):
        if os.lstat(noted).st_uid == os.lstat(path).st_uid:
            shutil.rmtree(noted, ignore_errors=True)
