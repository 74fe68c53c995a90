#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nobody is logged out by what happens to the machinery."""
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, ok  # noqa: E402

TUNING = "StartServers 2\nServerLimit 3\nThreadsPerChild 16\nMaxRequestWorkers 48\nMinSpareThreads 16"


def stays(browser, seconds=8):
    """The settings page, as soon as it comes; a log-out or an error in between is a failure."""
    until = time.monotonic() + seconds
    while True:
        try:
            page = browser.get("settings/", follow=False)
            break
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
    equal(page.status, 200, page.headers.get("location", "") + " " + page.words[:300])
    return page


def eventually(condition, seconds=10):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


@case("httpd reloaded gracefully, twice, under load")
def _(stack):
    browser, _ = stack.log_in()
    stop, bad = threading.Event(), []

    def load():
        own = stack.browser()
        own.cookies.update(browser.cookies)
        while not stop.is_set():
            page = own.get("settings/", follow=False)
            if page.status != 200:
                bad.append((page.status, page.headers.get("location")))

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        time.sleep(0.5)
        before = set(stack.httpd.children())
        stack.httpd.graceful()
        ok(eventually(lambda: not before & set(stack.httpd.children())), why="the children stay")
    stop.set()
    for thread in threads:
        thread.join()
    equal(bad, [])
    stays(browser)


@case("httpd restarted at once (SIGHUP)")
def _(stack):
    browser, _ = stack.log_in()
    stack.httpd.reload()
    time.sleep(0.5)
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
    stop = threading.Event()

    def churn():
        while not stop.is_set():
            try:
                fresh, page = stack.log_in("demo2")
                fresh.submit(page, page.form("logout"))
            except (OSError, AssertionError):
                pass   # its own child may be the one that dies

    threads = [threading.Thread(target=churn) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(8):
            time.sleep(0.25)
            children = stack.httpd.children()
            if children:
                os.kill(children[0], signal.SIGKILL)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for browser in browsers:
        stays(browser)


@case("a session cache that is full")
def _(stack):
    stack.httpd.stop()
    stack.httpd.write_config(AlphaMailSessionCache="shmcb:tiny(16384)")
    stack.httpd.start()
    browsers = [stack.log_in()[0] for _ in range(80)]
    stack.httpd.graceful()
    time.sleep(1)
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
