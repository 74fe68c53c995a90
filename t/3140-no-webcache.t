#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""httpd without a webcache: pages that say so, and the first request after it starts works."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, ok  # noqa: E402


def try_log_in(stack):
    browser = stack.browser()
    page = browser.get("")
    equal(page.status, 200)
    return browser, browser.submit(page, page.form("password"), user="demo", password="demo")


def guess(stack, user, cookies=(), seconds=1):
    """Tries wrong passwords until the answer is to wait so long at least. (the statuses, the last page)"""
    statuses, end = [], time.monotonic() + 60
    while True:     # a wait may be over before the next guess: each that is wrong doubles it
        browser = stack.browser()
        browser.cookies.update(cookies)
        page = browser.get("")
        page = browser.submit(page, page.form("password"), user=user, password="wrong")
        statuses.append(page.status)
        ok(page.status in (401, 429), why=repr(statuses))
        ok(statuses.count(401) <= 12, why=repr(statuses))
        if page.status == 429 and int(page.headers["retry-after"]) >= seconds:
            return statuses, page
        ok(time.monotonic() < end, why=repr(statuses))
        time.sleep(0.02)


@case("the log-in page comes, a log-in is a 503 that says when to try again")
def _(stack):
    _, page = try_log_in(stack)
    equal(page.status, 503)
    contains(page.headers, "retry-after")
    equal(page.form("password").fields["user"], "demo")
    ok("password" not in page.form("password").fields or
       page.form("password").fields["password"] == "")


@case("the first log-in after the webcache starts works")
def _(stack):
    stack.webcache.start()
    browser, page = try_log_in(stack)
    equal(page.status, 200, page.words[:500])
    equal(browser.get("mail/", follow=False).status, 200)


@case("too many wrong passwords are a 429 with the seconds to wait; others are let in")
def _(stack):
    statuses, page = guess(stack, "demo2")
    equal(statuses[0], 401)
    seconds = int(page.headers["retry-after"])
    ok(1 <= seconds <= 60, why=str(seconds))
    contains(page.words, str(seconds))
    contains(stack.logs(), "AM0102")
    equal(try_log_in(stack)[1].status, 200)


@case("a browser that the user logged in from before is let in while strangers have to wait")
def _(stack):
    own, page = try_log_in(stack)
    equal(page.status, 200)
    known = [name for name in own.cookies if "known" in name]
    equal(len(known), 1, repr(own.cookies))
    guess(stack, "demo", seconds=8)     # long enough for what follows
    own.submit(own.get(""), own.get("").form("logout"))
    page = own.get("")
    equal(own.submit(page, page.form("password"), user="demo", password="demo").status, 200)
    # A cookie for one account says nothing of another, and one that is made up nothing at all.
    for value in (own.cookies[known[0]][:-4] + "AAAA", "x" * 22 + "." + "A" * 43):
        stranger = stack.browser()
        stranger.cookies[known[0]] = value
        page = stranger.get("")
        equal(stranger.submit(page, page.form("password"), user="demo", password="demo").status, 429)
    # Who guesses from a known browser has to wait, too.
    statuses, _ = guess(stack, "demo", {known[0]: own.cookies[known[0]]})
    equal(statuses[0], 401)


@case("a shared computer is not remembered")
def _(stack):
    browser = stack.browser()
    page = browser.get("")
    page = browser.submit(page, page.form("password"), user="demo2", password="demo", public="1")
    equal(page.status, 200)
    ok(not [name for name in browser.cookies if "known" in name], why=repr(browser.cookies))


@case("AlphaMailUiLog takes our lines, with time, number and the request's id, and no other can forge one")
def _(stack):
    stack.httpd.stop()
    stack.httpd.write_config(AlphaMailUiLog="ui.log")
    stack.httpd.start()
    browser = stack.browser()
    page = browser.get("")
    browser.submit(page, page.form("password"), user="x\u2028y \u001b[31m", password="wrong")
    with open(os.path.join(stack.httpd.folder, "ui.log"), "rb") as source:
        lines = source.read().splitlines()
    ours = [line for line in lines if b" AM0101 [" in line]
    ok(ours, why=repr(lines))
    ok(all(0x20 <= byte < 0x7f for line in lines for byte in line), why=repr(lines))
    contains(ours[-1], b"x\\xe2\\x80\\xa8y \\x1b[31m")


main(lambda: Stack(start=("dovecot", "httpd")))
