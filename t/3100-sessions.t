#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Coming in, staying and going out: cookies, tokens, limits, over plain http on loopback."""
import os
import sqlite3
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402


def cookie_name(stack):
    return "alphamail-%d" % stack.httpd.port


def database(stack):
    return os.path.join(stack.httpd.folder, "alphamail.db")


def sql(stack, statement, values=()):
    with sqlite3.connect(database(stack), timeout=10) as db:
        return db.execute(statement, values).fetchall()


def is_in(browser):
    """Whether the browser's session opens a page."""
    page = browser.get("settings/", follow=False)
    ok(page.status in (200, 303), why="status %d\n%s" % (page.status, page.words[:500]))
    return page.status == 200


def attempt(stack, user="demo", password="demo", **fields):
    browser = stack.browser()
    page = browser.get("")
    return browser, browser.submit(page, page.form("password"), user=user, password=password, **fields)


@case("the right password leads to the inbox, with the cookie as it should be")
def _(stack):
    browser, page = attempt(stack)
    equal(page.status, 200)
    equal(urllib.parse.urlsplit(page.url).path, "/alphamail/mail/")
    line = next(line for line in browser.set_cookies if line.startswith(cookie_name(stack) + "="))
    attributes = [part.strip() for part in line.split(";")[1:]]
    equal(sorted(attributes), ["HttpOnly", "Path=/", "SameSite=Lax"])
    equal(len(browser.cookies[cookie_name(stack)]), 43)
    ok(is_in(browser))


@case("neither the database nor any log holds cookie or password")
def _(stack):
    browser, _ = attempt(stack)
    cookie = browser.cookies[cookie_name(stack)]
    content = b""
    for ending in ("", "-wal", "-shm"):
        if os.path.exists(database(stack) + ending):
            with open(database(stack) + ending, "rb") as source:
                content += source.read()
    lacks(content, cookie.encode())
    for row in sql(stack, "SELECT * FROM alphamail_session"):
        lacks(repr(row), cookie)
    lacks(stack.logs(), cookie)
    equal(os.stat(database(stack)).st_mode & 0o777, 0o600)


@case("a wrong password is a 401 that keeps the user's name and echoes nothing")
def _(stack):
    browser, page = attempt(stack, password="wr0ng-passw0rd")
    equal(page.status, 401)
    contains(page.words, "password")
    equal(page.form("password").fields["user"], "demo")
    lacks(page.text, "wr0ng-passw0rd")
    lacks(stack.logs(), "wr0ng-passw0rd")
    ok(cookie_name(stack) not in browser.cookies)
    contains(stack.logs(), "AM0101")


@case("an unknown user gets the same words as a wrong password")
def _(stack):
    _, wrong = attempt(stack, user="demo", password="x")
    _, unknown = attempt(stack, user="nobody-here", password="x")
    equal(unknown.status, 401)
    equal(unknown.words.replace("nobody-here", ""), wrong.words.replace("demo", ""))


@case("line breaks and NUL in user or password reach no server")
def _(stack):
    for user, password in (("demo\r\nA1 LOGOUT", "demo"), ("demo", "demo\r\nA1 LOGOUT"),
                           ("demo\n", "de\rmo"), ("de\nmo", "demo"), ("demo", "\n")):
        _, page = attempt(stack, user, password)
        equal(page.status, 401, repr((user, password)))
    _, page = attempt(stack, "demo", "demo\0")
    equal(page.status, 400)
    _, page = attempt(stack, "demo", "x" * 1025)
    equal(page.status, 401)
    lacks(stack.logs(), "LOGOUT")


@case("user@domain names the domain; an unknown domain says so")
def _(stack):
    _, page = attempt(stack, "demo@example.edu")
    equal(page.status, 200)
    _, page = attempt(stack, "demo@EXAMPLE.edu ")
    equal(page.status, 200)
    _, page = attempt(stack, "demo@nowhere.example")
    ok(400 <= page.status < 500, why=str(page.status))
    contains(page.words, "domain")


@case("without the cookie of the log-in form the page says that cookies are off")
def _(stack):
    browser = stack.browser()
    page = browser.get("")
    fields = dict(page.form("password").fields, user="demo", password="demo")
    browser.cookies.clear()
    page = browser.post("login", fields)
    equal(page.status, 403)
    contains(page.words.lower(), "cookie")
    ok(cookie_name(stack) not in browser.cookies)


@case("the log-in form works from its own page only")
def _(stack):
    browser, other = stack.browser(), stack.browser()
    good = dict(browser.get("").form("password").fields, user="demo", password="demo")
    foreign = dict(good, token=other.get("").form("password").fields["token"])
    hour, _, mark = good["token"].partition(".")
    for what, fields, headers in (
            ("missing token", {k: v for k, v in good.items() if k != "token"}, {}),
            ("another browser's", foreign, {}),
            ("an older hour's", dict(good, token="%d.%s" % (int(hour) - 20, mark)), {}),
            ("from another site", good, {"Sec-Fetch-Site": "cross-site"}),
            ("from a sister site", good, {"Sec-Fetch-Site": "same-site"}),
            ("of another origin", good, {"Sec-Fetch-Site": None, "Origin": "http://evil.example"}),
            ("of origin null", good, {"Sec-Fetch-Site": None, "Origin": "null"})):
        page = browser.post("login", fields, headers=headers, follow=False)
        equal(page.status, 403, what)
        ok(cookie_name(stack) not in browser.cookies, why=what)
    page = browser.post("login", good, headers={"Sec-Fetch-Site": None, "Origin": None}, follow=False)
    equal(page.status, 303, "with neither header the token decides")


@case("a cookie set before is not adopted, and the session it had is ended")
def _(stack):
    browser, _ = attempt(stack)
    first = browser.cookies[cookie_name(stack)]
    other = stack.browser()
    other.cookies[cookie_name(stack)] = first
    other.cookies["alphamail-login-%d" % stack.httpd.port] = "A" * 22
    page = browser.get("login", follow=False)
    equal(page.status, 303, "somebody who is in need not log in")
    planted = "B" * 43
    victim = stack.browser()
    victim.cookies[cookie_name(stack)] = planted
    page = victim.get("")
    page = victim.submit(page, page.form("password"), user="demo", password="demo")
    equal(page.status, 200)
    ok(victim.cookies[cookie_name(stack)] not in (planted, first))


@case("forged cookies lead to the log-in page and are taken back")
def _(stack):
    for value in ("x", "A" * 43, "A" * 42 + "!", "A" * 4000, "..", "A" * 22, "%00", "\"quoted\""):
        browser = stack.browser()
        browser.cookies[cookie_name(stack)] = value
        page = browser.get("mail/INBOX/5", follow=False)
        equal(page.status, 303, value[:50])
        contains(page.headers["location"], "next=/mail/INBOX/5")
        ok(cookie_name(stack) not in browser.cookies, why=value[:50])


@case("log-out ends the session at once in every child, for every copy of the cookie")
def _(stack):
    browser, page = attempt(stack)
    copies = [stack.browser() for _ in range(24)]   # connections of their own, so any child
    for copy in copies:
        copy.cookies.update(browser.cookies)
        ok(is_in(copy))
    page = browser.get("settings/")
    left = browser.submit(page, page.form("logout"))
    equal(left.status, 200)
    contains(left.words, "Log in")
    ok(cookie_name(stack) not in browser.cookies)
    for copy in copies:
        ok(not is_in(copy), why="a copy of the cookie still works")


@case("log-out by GET does nothing")
def _(stack):
    browser, _ = attempt(stack)
    equal(browser.get("logout", follow=False).status, 405)
    ok(is_in(browser))


@case("a session seen from another family of browser is ended")
def _(stack):
    browser, _ = attempt(stack)
    thief = stack.browser(agent="curl/8.0")
    thief.cookies.update(browser.cookies)
    ok(not is_in(thief))
    ok(not is_in(browser), why="the session must be ended for both")


@case("an idle session is over: the log-in page says so and leads back")
def _(stack):
    browser, _ = attempt(stack)
    row = sql(stack, "SELECT row_name FROM alphamail_session ORDER BY started DESC, last_used DESC")
    sql(stack, "UPDATE alphamail_session SET last_used = ?, started = ?",
        (int(time.time()) - 1900, int(time.time()) - 1900))
    stack.httpd.stop()
    stack.httpd.start()       # the caches go with it; the row is what counts
    page = browser.get("mail/INBOX/1")
    equal(page.status, 200)
    equal(page.form("password").fields.get("next"), "/mail/INBOX/1")
    contains(page.headers.get("content-type", ""), "text/html")
    ok(row)
    equal(sql(stack, "SELECT COUNT(*) FROM alphamail_session")[0][0], len(row) - 1)


@case("use keeps a session, but no longer than the absolute limit")
def _(stack):
    browser, _ = attempt(stack)
    now = int(time.time())
    sql(stack, "UPDATE alphamail_session SET last_used = ?", (now - 1700,))
    stack.httpd.stop()
    stack.httpd.start()
    ok(is_in(browser))
    ok(sql(stack, "SELECT MAX(last_used) FROM alphamail_session")[0][0] >= now,
       why="the use was not written")
    sql(stack, "UPDATE alphamail_session SET started = ?", (now - 12 * 3600 - 5,))
    stack.httpd.stop()
    stack.httpd.start()
    ok(not is_in(browser))


@case("a poll is no use")
def _(stack):
    browser, _ = attempt(stack)
    now = int(time.time())
    sql(stack, "UPDATE alphamail_session SET last_used = ?", (now - 1000,))
    stack.httpd.stop()
    stack.httpd.start()
    equal(browser.get("settings/?poll=1", follow=False).status, 200)
    equal(sql(stack, "SELECT MAX(last_used) FROM alphamail_session")[0][0], now - 1000)


@case("a shared computer's session is short")
def _(stack):
    attempt(stack, public="1")
    equal(sql(stack, "SELECT MIN(idle_seconds) FROM alphamail_session")[0][0], 600)


@case("settings reach every session of the user at once")
def _(stack):
    one, _ = attempt(stack)
    two, _ = attempt(stack)
    page = one.get("settings/")
    form = page.form("density")
    equal(two.get("settings/").form("density").fields["density"], "comfortable")
    page = one.submit(page, form, density="compact")
    equal(page.status, 200)
    equal(one.get("settings/").form("density").fields["density"], "compact")
    equal(two.get("settings/").form("density").fields["density"], "compact")


@case("a prefetch of a message is refused, so that nothing is marked seen")
def _(stack):
    browser, _ = attempt(stack)
    page = browser.get("mail/INBOX/1", headers={"Sec-Purpose": "prefetch"})
    equal(page.status, 503)


main(lambda: Stack(cache={"login_failures_account": 1000}))
