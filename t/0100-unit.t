#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every unit program, each GoogleTest case of it as one result."""
import os
import subprocess
import sys
import xml.etree.ElementTree as ET

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


def run(program, folder):
    """The results of one program, from its XML report; a crash is a failure of its own."""
    name = os.path.basename(program)
    report = os.path.join(folder, name + ".xml")
    environment = dict(os.environ, top_srcdir=paths.top_srcdir, top_builddir=paths.top_builddir)
    done = subprocess.run([program, "--gtest_output=xml:" + report, "--gtest_color=no"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=environment, check=False)
    failures = 0
    try:
        cases = list(ET.parse(report).getroot().iter("testcase"))
    except (OSError, ET.ParseError):
        cases = []
    for one in cases:
        title = "%s %s.%s" % (name, one.get("classname"), one.get("name"))
        failed = one.findall("failure")
        if one.get("status") == "notrun" or one.get("result") in ("skipped", "suppressed"):
            tap.result(True, title, " # SKIP by the program")
            continue
        tap.result(not failed, title)
        failures += bool(failed)
        for failure in failed:
            tap.note(failure.get("message"))
    if done.returncode != 0 and not failures or not cases:
        tap.result(False, "%s runs to its end (status %d)" % (name, done.returncode))
        tap.note("\n".join(done.stdout.decode("utf-8", "replace").splitlines()[-60:]))


with paths.TestFolder() as where:
    found = programs()
    tap.ok(found, "there are unit programs in %s/t/unit" % os.path.basename(paths.top_builddir))
    for one_program in found:
        run(one_program, str(where))
tap.done()
