#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents say what the code does: log numbers, directives, files."""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from tap import case, equal, main, ok  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.environ.get("top_srcdir", os.path.join(HERE, "..")))
PARTS = ("common", "mod_alphamail", "webcache", "tools", "sandbox")


def text(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as source:
        return source.read()


def sources():
    for part in PARTS:
        for ending in ("*.cc", "*.h"):
            yield from sorted(glob.glob(os.path.join(TOP, part, ending)))


def numbers_in_code():
    """Log numbers with their severities, as the calls have them."""
    found = {}
    for path in sources():
        code = re.sub(r"//[^\n]*", "", text(os.path.relpath(path, TOP)))
        for severity, number in re.findall(
                r"\blog(?:_problem)?\(\s*(?:[\w.\->*]+\s*,\s*)?Severity::k(\w+),\s*(\d+)", code):
            found.setdefault(int(number), set()).add(severity.lower())
        for number in re.findall(r"\blog_lines\(\w+, (\d+),", code):   # httpd's start-up
            found.setdefault(int(number), set()).add("emergency")
        for level, number in re.findall(r"APLOG_(\w+), 0, \w+,\s*\"AM(\d+)", code):
            found.setdefault(int(number), set()).add(
                {"CRIT": "error", "ERR": "error", "NOTICE": "info"}.get(level, level.lower()))
    return found


def numbers_in_guide():
    rows = re.findall(r"^\| AM(\d{4}) \| (\w+) \| [^|]+ \| [^|]+ \|$", text("doc/admin-guide.md"), re.M)
    return {int(number): severity for number, severity in rows}


@case("the guide explains every log number of the code, and no other")
def _():
    equal(sorted(numbers_in_guide()), sorted(numbers_in_code()))


@case("the guide tells the severity that the code logs")
def _():
    code = numbers_in_code()
    wrong = {number: (severity, code.get(number)) for number, severity in numbers_in_guide().items()
             if severity not in code.get(number, {severity})}
    equal(wrong, {})


@case("a number means one event: it stands in one file")
def _():
    places = {}
    for path in sources():
        code = re.sub(r"//[^\n]*", "", text(os.path.relpath(path, TOP)))
        for number in re.findall(r"Severity::k\w+,\s*(\d+)", code):
            places.setdefault(number, set()).add(os.path.basename(path))
    equal({n: sorted(p) for n, p in places.items() if len(p) > 1}, {})


def directives_in_code():
    return set(re.findall(r"\"(AlphaMail[A-Z]\w+)\"", text("mod_alphamail/directives.cc")))


@case("every directive is in the sample, the man page and the guide, and no other is")
def _():
    code = directives_in_code()
    ok(code)
    for name in ("conf/alphamail.conf.in", "doc/man/mod_alphamail.8.in", "doc/admin-guide.md"):
        equal(set(re.findall(r"\b(AlphaMail[A-Z]\w+)\b", text(name))), code, name)


@case("every key is in the guide")
def _():
    keys = set(re.findall(r"^    \{\"([a-z_]+)\",", text("common/config_keys.cc"), re.M))
    ok(len(keys) > 30)
    guide = text("doc/admin-guide.md")
    equal(sorted(key for key in keys if "`%s`" % key not in guide), [])


@case("the architecture names only files that there are, and every part of the three programs")
def _():
    names = {os.path.basename(path) for path in sources()}
    names |= {os.path.basename(path) for path in glob.glob(os.path.join(TOP, "*", "*"))}
    page = text("doc/architecture.md")
    named = set(re.findall(r"`([\w-]+\.(?:cc|h|tpl|fbs|def))`", page))
    equal(sorted(name for name in named if name not in names), [])
    stems = {name.rsplit(".", 1)[0] for name in named}
    left = sorted({os.path.splitext(os.path.relpath(path, TOP))[0] for path in sources()
                   if os.path.splitext(os.path.basename(path))[0] not in stems})
    equal(left, [])


@case("links between the documents lead somewhere")
def _():
    for name in ["README.md"] + [os.path.relpath(p, TOP) for p in glob.glob(TOP + "/doc/*.md")]:
        page = text(name)
        anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
                   for title in re.findall(r"^#+ (.*)$", page, re.M)}
        for target in re.findall(r"\]\(([^)]+)\)", page):
            if target.startswith("#"):
                ok(target[1:] in anchors, why="%s: %s" % (name, target))
            elif "://" not in target:
                path = os.path.join(TOP, os.path.dirname(name), target.split("#")[0])
                ok(os.path.exists(path), why="%s: %s" % (name, target))


main()
