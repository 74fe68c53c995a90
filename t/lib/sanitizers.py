# SPDX-License-Identifier: GPL-3.0-or-later
"""What was built with a sanitizer (./bootstrap sanitize): how to know, and what it had to say."""
import functools
import glob
import os
import re
import subprocess

REPORT = re.compile(r"(Address|Thread|UndefinedBehavior|Leak)Sanitizer|runtime error:")


@functools.lru_cache(maxsize=None)
def kind_of(program):
    """"address", "thread" or "" for a program or a library."""
    with open(program, "rb") as source:
        data = source.read()
    return "address" if b"__asan_init" in data else "thread" if b"__tsan_init" in data else ""


@functools.lru_cache(maxsize=None)
def to_preload():
    """The runtimes that a library built with ASan wants in a program that was not, as the compiler has them: libtool links
    none of them to C++ libraries. ASan's has to be the first one, and finds what throws only where that is there, too."""
    def found(name):
        said = subprocess.run(["gcc", "-print-file-name=" + name], stdout=subprocess.PIPE, text=True, check=True).stdout
        path = os.path.realpath(said.strip())
        if not os.path.isfile(path):
            raise RuntimeError("the compiler has no " + name)
        return path
    return " ".join(found(name) for name in ("libasan.so", "libubsan.so", "libstdc++.so"))


def environment_of(module, folder):
    """For a program that loads this module; what its sanitizers find goes to files in the folder."""
    if kind_of(module) != "address":
        return {}
    report = "log_path=%s" % os.path.join(folder, "sanitizer")
    # Leaks are looked for by a tracer, which a process that may not be traced cannot have.
    return {"LD_PRELOAD": to_preload(), "ASAN_OPTIONS": "detect_leaks=0:" + report,
            "UBSAN_OPTIONS": "print_stacktrace=1:" + report}


def complain(who, *files):
    """Fails the test where one of these files, or of those that environment_of() named, holds a report."""
    for pattern in files:
        for name in sorted(glob.glob(pattern)):
            with open(name, encoding="utf-8", errors="replace") as log:
                text = log.read()
            found = REPORT.search(text)
            if found:
                raise RuntimeError("the %s's sanitizer: %s" % (who, text[max(found.start() - 300, 0):][:8000]))
