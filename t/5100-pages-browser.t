#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page in Chromium, wide to narrow, light and dark: no violation that axe-core can find, no
scrolling sideways, no request to elsewhere, no complaint of the browser. ALPHAMAIL_SHOTS=FOLDER keeps
a picture of each.

playwright-core and axe-core come from npm into the build folder, once; without them, or without
Chromium, there is nothing to try."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import chromium  # noqa: E402
import paths  # noqa: E402
from tap import case, contains, equal, main, ok, skip_all  # noqa: E402

if chromium.missing():
    skip_all(chromium.missing())

from stack import Stack  # noqa: E402
from demo_mail import fill  # noqa: E402

# Few rows: what is wrong with one is with all, and axe-core looks at each.
with Stack(cache={"setting_defaults": "rows=25"}) as stack:
    fill.fill_demo(stack.dovecot.imap_port, "demo", 300)
    stack.dovecot.create("demo", "Empty")
    done = subprocess.run(
        ["node", os.path.join(paths.top_srcdir, "t", "lib", "look_at_pages.js"), stack.httpd.origin,
         "/alphamail", chromium.CHROMIUM, os.environ.get("ALPHAMAIL_SHOTS", "-")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=chromium.ENVIRONMENT, timeout=1140, check=False)
    seen = json.loads(done.stdout or "{}")
    trouble = done.stderr.decode("utf-8", "replace")[-2000:] + ("" if seen else stack.describe())


@case("the browser could walk over all pages")
def _():
    ok(done.returncode == 0 and len(seen.get("results", [])) > 60, why=trouble)


for scheme in ("light", "dark"):
    def check(scheme=scheme):
        @case("axe-core finds no violation on any page, %s" % scheme)
        def _():
            equal([(r["name"], r["size"], r["violations"]) for r in seen["results"]
                   if r["scheme"] == scheme and r["violations"]], [])
    check()


@case("axe-core had something to check on each")
def _():
    ok(all(r["passes"] > 15 for r in seen["results"] if r["asked"]))


@case("no page scrolls sideways, down to 320 px")
def _():
    equal([(r["name"], r["size"]) for r in seen["results"] if r["sideways"]], [])


@case("what can be pressed lies under nothing else")
def _():
    equal([(r["name"], r["size"], r["covered"]) for r in seen["results"] if r["covered"]], [])


@case("no page asks another host for anything")
def _():
    equal(seen["outside"], [])


@case("whoever has chosen no time zone reads the browser's where script tells it, else the site's")
def _():
    contains(seen["clocks"]["true"], "Auckland)")
    ok("Auckland)" not in seen["clocks"]["false"])


@case("the browser has nothing to complain of")
def _():
    # Of a page that is an error on purpose the browser says so, too, and of one before the mail server's answer.
    known = ("401", "404", "409", "422", "503")
    equal([line for line in seen["complaints"] if not any(status in line for status in known)], [])


main()
