#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module serves under every MPM of httpd: log-in, page, graceful restart, log-out."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from stack import Stack  # noqa: E402
from tap import case, equal, main  # noqa: E402

TUNING = {"event": "StartServers 1\nThreadsPerChild 8\nMaxRequestWorkers 16",
          "worker": "StartServers 1\nThreadsPerChild 8\nMaxRequestWorkers 16",
          "prefork": "StartServers 3\nMinSpareServers 2\nMaxRequestWorkers 8"}


def journey(mpm):
    with Stack(web={"mpm": mpm, "tuning": TUNING[mpm]}) as stack:
        browser, page = stack.log_in()
        equal(page.status, 200, page.words[:500])
        stack.httpd.graceful()
        time.sleep(1)
        for _ in range(20):
            other = stack.browser()
            other.cookies.update(browser.cookies)
            equal(other.get("settings/", follow=False).status, 200)
            other.close()
        page = browser.get("settings/")
        equal(browser.submit(page, page.form("logout")).status, 200)
        for _ in range(10):
            other = stack.browser()
            other.cookies.update(browser.cookies)
            equal(other.get("settings/", follow=False).status, 303)
            other.close()


@case("event")
def _():
    journey("event")


@case("worker")
def _():
    journey("worker")


@case("prefork")
def _():
    journey("prefork")


main()
