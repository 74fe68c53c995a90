#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nobody is logged out by what happens to the machinery."""
import http.client
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from meanwhile import at_work, until  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main  # noqa: E402

TUNING = "StartServers 2\nServerLimit 3\nThreadsPerChild 16\nMaxRequestWorkers 48\nMinSpareThreads 16"


def stays(browser, seconds=30):
    """The settings page, as soon as it comes; a log-out or an error in between is a failure."""
    end = time.monotonic() + seconds
    while True:
        try:
            page = browser.get("settings/", follow=False)
            break
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
    equal(page.status, 200, page.headers.get("location", "") + " " + page.words[:300])
    return page


def replaced(stack, before):
    """Until httpd has new children alone."""
    until(lambda: stack.httpd.children() and not before & set(stack.httpd.children()), why="the children stay")


@case("httpd reloaded gracefully, twice, under load")
def _(stack):
    browser, _ = stack.log_in()
    bad = []

    def load(stop):
        own = stack.browser()
        own.cookies.update(browser.cookies)
        while not stop.is_set():
            page = own.get("settings/", follow=False)
            if page.status != 200:
                bad.append((page.status, page.headers.get("location")))

    with at_work(load, load, load):
        for _ in range(2):
            time.sleep(0.5)
            before = set(stack.httpd.children())
            stack.httpd.graceful()
            replaced(stack, before)
    equal(bad, [])
    stays(browser)


@case("httpd restarted at once (SIGHUP)")
def _(stack):
    browser, _ = stack.log_in()
    before = set(stack.httpd.children())
    stack.httpd.reload()
    replaced(stack, before)
    stays(browser)


@case("httpd stopped and started")
def _(stack):
    browser, _ = stack.log_in()
    stack.httpd.stop()
    stack.httpd.start()
    stays(browser)


@case("children killed while sessions are written")
def _(stack):
    browsers = [stack.log_in()[0] for _ in range(4)]

    def churn(stop):
        while not stop.is_set():
            try:
                fresh, page = stack.log_in("demo2")
                fresh.submit(page, page.form("logout"))
            except (OSError, http.client.HTTPException, AssertionError):
                pass   # its own child may be the one that dies

    with at_work(churn, churn, churn):
        for _ in range(8):
            time.sleep(0.25)
            children = stack.httpd.children()
            if children:
                os.kill(children[0], signal.SIGKILL)
    for browser in browsers:
        stays(browser)


@case("a session cache that is full")
def _(stack):
    stack.httpd.stop()
    stack.httpd.write_config(AlphaMailSessionCache="shmcb:tiny(16384)")
    stack.httpd.start()
    browsers = [stack.log_in()[0] for _ in range(80)]
    before = set(stack.httpd.children())
    stack.httpd.graceful()
    replaced(stack, before)
    for browser in browsers:
        stays(browser)


@case("no session cache at all")
def _(stack):
    browser, _ = stack.log_in()
    stack.httpd.stop()
    stack.httpd.write_config(AlphaMailSessionCache="none")
    stack.httpd.start()
    stays(browser)
    page = browser.get("settings/")
    browser.submit(page, page.form("logout"))
    equal(browser.get("settings/", follow=False).status, 303)


@case("the webcache restarted: the mail is there again without a log-in")
def _(stack):
    browser, page = stack.log_in()
    equal(page.status, 200)
    stack.webcache.stop()
    down = browser.get("mail/")
    equal(down.status, 503)
    contains(down.headers, "retry-after")
    stays(browser)                      # what needs no mail goes on
    stack.webcache.start()
    page = browser.get("mail/")
    equal(page.status, 200, page.words[:500])


@case("the webcache killed: the mail is there again without a log-in")
def _(stack):
    browser, _ = stack.log_in()
    stack.webcache.kill()
    stack.webcache.stop()
    stack.webcache.start()
    equal(browser.get("mail/").status, 200)


main(lambda: Stack(web={"tuning": TUNING}, cache={"login_failures_account": 1000}))
