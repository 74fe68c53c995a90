#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every unit program, each GoogleTest case of it as one result."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
import tap  # noqa: E402


def programs():
    folder = os.path.join(paths.top_builddir, "t", "unit")
    if not os.path.isdir(folder):
        return []
    return sorted(os.path.join(folder, name) for name in os.listdir(folder)
                  if name.endswith("_test") and os.access(os.path.join(folder, name), os.X_OK)
                  and os.path.isfile(os.path.join(folder, name)))


LINE = re.compile(r"^\[ *(RUN|OK|FAILED|SKIPPED) *\] ([^\s,]+)")


def run(program):
    """The results of one program, from what it prints; a crash is a failure of its own. (GoogleTest's
    reports in XML and JSON are not well-formed where a case's parameter is not UTF-8.)"""
    name = os.path.basename(program)
    environment = dict(os.environ, top_srcdir=paths.top_srcdir, top_builddir=paths.top_builddir)
    done = subprocess.run([program, "--gtest_color=no"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, check=False)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    running, said, count, failures = None, [], 0, 0
    for line in lines:
        found = LINE.match(line)
        if not found:
            said.append(line)
            continue
        what, case = found.groups()
        if what == "RUN":
            running, said = case, []
            continue
        if case != running:     # the summary at the end
            continue
        running, count = None, count + 1
        tap.result(what != "FAILED", "%s %s" % (name, case),
                   " # SKIP by the program" if what == "SKIPPED" else "")
        if what == "FAILED":
            failures += 1
            tap.note("\n".join(said))
    if done.returncode != 0 and not failures or not count or running:
        tap.result(False, "%s runs to its end (status %d, in %s)" % (name, done.returncode, running))
        tap.note("\n".join(lines[-60:]))


found_programs = programs()
tap.ok(found_programs, "there are unit programs in %s/t/unit" % os.path.basename(paths.top_builddir))
for one_program in found_programs:
    run(one_program)
tap.done()
