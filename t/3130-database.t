#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database that is read-only, locked, full or away: clear pages, nothing lost, reading goes on."""
import os
import shutil
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok, skip  # noqa: E402


def database(stack):
    return os.path.join(stack.httpd.folder, "alphamail.db")


def set_modes(stack, mode):
    for name in os.listdir(stack.httpd.folder):
        if name.startswith("alphamail.db"):
            os.chmod(os.path.join(stack.httpd.folder, name), mode)


def try_log_in(stack):
    browser = stack.browser()
    page = browser.get("")
    return browser, browser.submit(page, page.form("password"), user="demo", password="demo")


def is_storage_page(page, what):
    ok(page.status in (500, 503, 507), why="%s: %d" % (what, page.status))
    contains(page.text, "</html>", what)
    lacks(page.words, "sqlite", what)


@case("read-only after a restart: who is in reads on, nobody new comes in, settings say why")
def _(stack):
    browser, _ = stack.log_in()
    stack.httpd.stop()
    set_modes(stack, 0o400)
    stack.httpd.start()
    try:
        equal(browser.get("mail/", follow=False).status, 200)
        page = browser.get("settings/")
        equal(page.status, 200)
        page = browser.submit(page, page.form("density"), density="compact")
        is_storage_page(page, "settings")
        fresh, page = try_log_in(stack)
        is_storage_page(page, "log-in")
        ok("alphamail-%d" % stack.httpd.port not in fresh.cookies)
        contains(stack.logs(), "AM0104")
    finally:
        set_modes(stack, 0o600)     # SQLite makes its -wal and -shm like the file itself
    equal(try_log_in(stack)[1].status, 200, "works again without a restart")
    equal(browser.get("settings/").form("density").fields["density"], "comfortable")


@case("locked by another program for longer than we wait")
def _(stack):
    browser, _ = stack.log_in()
    other = sqlite3.connect(database(stack), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        equal(browser.get("mail/", follow=False).status, 200)
        start = time.monotonic()
        _, page = try_log_in(stack)
        is_storage_page(page, "log-in")
        ok(time.monotonic() - start < 40)
    finally:
        other.execute("ROLLBACK")
        other.close()
    equal(try_log_in(stack)[1].status, 200)


@case("full: log-ins say so, who is in reads on, and nothing that was kept is lost")
def _(stack):
    if shutil.which("prlimit") is None:
        skip("needs prlimit")
    early = [stack.log_in()[0] for _ in range(3)]
    program = stack.httpd.program
    stack.httpd.stop()
    # Files of httpd and its children may not grow beyond this: what a full disk does, for us alone.
    wrapper = os.path.join(str(stack.folder), "small-httpd")
    with open(wrapper, "w", encoding="ascii") as out:
        out.write("#!/bin/sh\ntrap '' XFSZ\nexec prlimit --fsize=65536 %s \"$@\"\n" % program)
    os.chmod(wrapper, 0o755)
    stack.httpd.program = wrapper
    for name in ("error.log", "httpd.log"):
        open(os.path.join(stack.httpd.folder, name), "w", encoding="ascii").close()
    stack.httpd.start()
    late, page = [], None
    try:
        for _ in range(200):
            browser, page = try_log_in(stack)
            if page.status != 200:
                break
            late.append(browser)
        is_storage_page(page, "log-in when full")
        for browser in early + late:
            equal(browser.get("mail/", follow=False).status, 200)
    finally:
        stack.httpd.stop()
        stack.httpd.program = program
        stack.httpd.start()
    for browser in early + late:
        equal(browser.get("settings/", follow=False).status, 200, "lost")
    equal(try_log_in(stack)[1].status, 200)


@case("of an earlier schema: it is brought up to date by itself, and who was logged in still is")
def _(stack):
    browser, _ = stack.log_in()
    stack.httpd.stop()
    with sqlite3.connect(database(stack)) as earlier:
        (newest,) = earlier.execute("SELECT version FROM alphamail_schema").fetchone()
        earlier.execute("ALTER TABLE alphamail_session DROP COLUMN account_key")
        earlier.execute("DROP TABLE alphamail_identity")
        earlier.execute("DROP TABLE alphamail_contact")
        earlier.execute("DROP TABLE alphamail_picture_sender")
        earlier.execute("DROP TABLE alphamail_label")
        earlier.execute("UPDATE alphamail_schema SET version = 1")
    earlier.close()
    ok(newest > 1)
    stack.httpd.start()
    equal(browser.get("mail/", follow=False).status, 200)
    equal(try_log_in(stack)[1].status, 200)
    with sqlite3.connect(database(stack)) as now:
        equal(now.execute("SELECT version FROM alphamail_schema").fetchone(), (newest,))
        ok("account_key" in [row[1] for row in now.execute("PRAGMA table_info(alphamail_session)")])
        for table in ("alphamail_identity", "alphamail_contact", "alphamail_label"):
            equal(now.execute("SELECT COUNT(*) FROM " + table).fetchone(), (0,))
        equal(now.execute("SELECT COUNT(*) FROM alphamail_picture_sender").fetchone(), (0,))
    now.close()


@case("away: its folder is gone and comes back")
def _(stack):
    stack.httpd.stop()
    away = os.path.join(stack.httpd.folder, "away")
    stack.httpd.write_config(AlphaMailDatabase='sqlite3 "%s/alphamail.db"' % away)
    stack.httpd.start()
    _, page = try_log_in(stack)
    is_storage_page(page, "log-in")
    os.mkdir(away)
    os.chown(away, os.stat(stack.httpd.folder).st_uid, os.stat(stack.httpd.folder).st_gid)
    equal(try_log_in(stack)[1].status, 200)


main(lambda: Stack(cache={"login_failures_account": 1000}))
