#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user without script sees while the mail server is away, slow, or keeps the mailbox locked: what is
known, marked as such; a page in words within a second or so; nothing that was asked for half done; nobody
logged out."""
import glob
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import acl  # noqa: E402
import meanwhile  # noqa: E402
import paths  # noqa: E402
from hideproxy import HideProxy  # noqa: E402
from imapd import message  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, note, ok  # noqa: E402

SLACK = 8.0
AWAY = "The mail server does not answer; this is what was known at "
USERS = ["u%d" % n for n in range(8)]


class Away(Stack):
    patience = 0    # pages that come before the mail server's answer are the matter here

    def __init__(self):
        folder = paths.TestFolder()
        super().__init__(folder, users=USERS, imap={"ssl": "no", "extra": acl.plugin(folder, "Fixed owner lr")},
                         cache={"command_timeout": 3000, "connect_timeout": 2000, "tls_ca_file": None},
                         start=("dovecot", "httpd"))
        self.own_folder = True
        self.proxy = None
        self.free = iter(USERS)

    def __enter__(self):
        super().__enter__()
        self.proxy = HideProxy(self.dovecot.imap_port)
        self.webcache.write_config(imap_servers="example.edu=127.0.0.1:%d[/], held.edu=127.0.0.1:%d[/]" % (
            self.dovecot.imap_port, self.proxy.port), imap_plain_allowed="example.edu, held.edu", tls_ca_file="")
        self.webcache.start()
        self.httpd.stop()
        self.httpd.start()
        return self

    def reader(self, domain="example.edu", folders=()):
        """Somebody new with three letters, who has read the second: (user, browser, list, address of it)"""
        user = next(self.free)
        if folders:
            self.dovecot.create(user, *folders)
        self.deliver("INBOX", [message(subject="Letter %d" % n) for n in range(3)], user=user)
        browser = self.browser()
        browser.patience = 30
        page = browser.log_in(user, "demo", domain=domain)
        contains(page.words, "Letter 2")
        address = browser.whole("mail/INBOX/2")
        contains(browser.get(address).words, "One line of text.")
        browser.patience = 0
        return user, browser, browser.get("mail/INBOX/"), address

    def on_disk(self):
        """Until nothing more comes to the cache's disk, which it does behind the answers."""
        top, before, since = self.webcache.settings["cache_dir"], None, 0.0

        def quiet():
            nonlocal before, since
            found = {}
            for name in glob.glob(os.path.join(top, "**"), recursive=True):
                try:
                    found[name] = os.stat(name).st_mtime_ns
                except FileNotFoundError:
                    pass
            if found != before:
                before, since = found, time.monotonic()
            return time.monotonic() - since > 2
        meanwhile.until(quiet, 60, "the disk is always written to")

    def close(self):
        if self.proxy is not None:
            self.proxy.close()
        super().close()


def until(good, get, seconds=20):
    end = time.monotonic() + seconds
    while True:
        page = get()
        if good(page):
            return page
        ok(time.monotonic() < end, why="still: %s" % page.words[:600])
        time.sleep(0.1)


def marked(page):
    return re.findall(r'<div class="note warn" role="status"><svg.*?</svg><p>([^<]*)</p><a class="btn" href="([^"]*)"',
                      page.text, re.S)


def says(words):
    return lambda page: words in page.words


def timed(get):
    begun = time.monotonic()
    page = get()
    return page, time.monotonic() - begun


def the_list(page):
    return page.form("v")


@case("down: list and message stay, marked with the time; a change is refused; log-in says it within 3 s; and back")
def _(stack):
    user, browser, page, address = stack.reader()
    equal(marked(page), [])
    stack.dovecot.stop()
    shown = until(says(AWAY), lambda: browser.get("mail/INBOX/"))
    words, link = marked(shown)[0]
    ok(re.fullmatch(re.escape(AWAY) + r"\d\d:\d\d\.", words), why=words)
    equal(link, browser.whole("mail/INBOX/"))
    for subject in ("Letter 0", "Letter 1", "Letter 2"):
        contains(shown.words, subject)
    letter = until(says(AWAY), lambda: browser.get(address))
    contains(letter.words, "One line of text.")
    contains(marked(letter)[0][0], AWAY)
    refused, seconds = timed(lambda: until(says("The mail server does not answer"), lambda: browser.submit(
        page, the_list(page), button=("do", "star"), m=re.search(r'name="m" value="([^"]+)"', page.text)[1])))
    equal(refused.status, 503)
    contains(refused.words, "Nothing was changed.")
    ok(seconds < 1 + SLACK, why="%.1f s" % seconds)
    checked = until(says("The mail server could not be asked for new mail."),
                    lambda: browser.submit(shown, the_list(shown), button=("do", "check")))
    equal(checked.status, 200)
    contains(checked.words, "Letter 2")
    stranger = stack.browser()
    page, seconds = timed(lambda: stranger.log_in(USERS[-1], "demo"))
    equal(page.status, 503)
    contains(page.text, 'role="alert"')
    ok(seconds < 3 + SLACK, why="%.1f s" % seconds)
    browser.headers["Accept-Language"] = "de"
    contains(browser.get("mail/INBOX/").words, "Der Mailserver antwortet nicht; das ist der Stand von ")
    browser.headers["Accept-Language"] = "en"
    stack.dovecot.start()
    stack.deliver("INBOX", [message(subject="Letter after that")], user=user)
    begun = time.monotonic()

    def look():
        page = browser.get("mail/INBOX/")
        return browser.submit(page, the_list(page), button=("do", "check"))
    fresh = until(lambda p: "Letter after that" in p.words and not marked(p), look)
    took = time.monotonic() - begun
    note("normal again after %.1f s" % took)
    ok(took < 5 + SLACK, why="%.1f s" % took)
    equal(fresh.status, 200)
    ok(all("\\Flagged" not in flags for flags in stack.dovecot.flags(user, "INBOX").values()))


@case("down, and webcache and httpd restarted: still logged in, and what the disk has is shown")
def _(stack):
    user, browser, page, address = stack.reader(folders=("Work",))
    stack.on_disk()
    stack.webcache.stop()
    stack.dovecot.stop()
    stack.httpd.stop()
    stack.webcache.start()
    stack.httpd.start()
    shown, seconds = timed(lambda: until(says(AWAY), lambda: browser.get("mail/INBOX/")))
    contains(shown.words, "Letter 2")
    contains(shown.words, "Work")
    contains(marked(shown)[0][0], AWAY)
    ok(seconds < 3 + SLACK, why="%.1f s" % seconds)
    letter = browser.get(address)
    contains(letter.words, "One line of text.")
    missing = until(says("The mail server does not answer"), lambda: browser.get("mail/Work/"))
    equal(missing.status, 503)
    stack.dovecot.start()
    until(lambda p: p.status == 200 and not marked(p), lambda: browser.get("mail/Work/"))
    page = until(lambda p: p.status == 200, lambda: browser.get("mail/INBOX/"))
    contains(page.words, "Letter 2")


@case("a folder that opens slowly: within about a second a page says so, with a link to look again")
def _(stack):
    user, browser, page, _ = stack.reader("held.edu", folders=("Slow",))
    stack.deliver("Slow", [message(subject="In the slow folder")], user=user)
    stack.proxy.hold("^SELECT")
    waits, seconds = timed(lambda: browser.get("mail/Slow/"))
    ok(seconds < 1 + SLACK, why="%.1f s" % seconds)
    contains(waits.words, "The mail server is taking its time")
    contains(waits.text, 'role="status"')
    equal(waits.headers["retry-after"], "1")
    lacks(waits.text.lower(), "http-equiv")
    stack.proxy.release()
    page = until(lambda p: p.status == 200, lambda: browser.click(waits, "Try again"))
    contains(page.words, "In the slow folder")


@case("a slow check: the list as it was, with a line that says so; the check goes on")
def _(stack):
    user, browser, page, _ = stack.reader("held.edu")
    stack.deliver("INBOX", [message(subject="Letter of now")], user=user)
    stack.proxy.hold("^(SELECT|NOOP|FETCH|UID FETCH|LIST|STATUS)")
    waits, seconds = timed(lambda: browser.submit(page, the_list(page), button=("do", "check")))
    ok(seconds < 2.5 + SLACK, why="%.1f s" % seconds)
    equal(waits.status, 200)
    contains(waits.words, "The mail server is being asked; look again in a moment.")
    contains(waits.words, "Letter 2")
    stack.proxy.release()
    until(lambda p: "Letter of now" in p.words, lambda: browser.get("mail/INBOX/"))


@case("a mailbox that another program has locked: the list says so, and so does a folder that nobody has seen")
def _(stack):
    user, browser, page, _ = stack.reader("held.edu", folders=("Work",))
    stack.proxy.refuse("^(SELECT|NOOP)", "NO [INUSE] Mailbox is locked by another session")
    in_use = "Your mailbox is in use by another program"
    first = until(says(in_use), lambda: browser.get("mail/Work/"))
    equal(first.status, 503)

    def check():
        return browser.submit(page, the_list(page), button=("do", "check"))
    shown = until(says(in_use), check)
    equal(shown.status, 200)
    contains(shown.words, "Letter 2")
    contains(marked(shown)[0][0], in_use + "; this is what was known at ")
    stack.proxy.refuse(None)
    until(lambda p: p.status == 200 and not marked(p), check)


@case("a folder that can only be read says so, and offers no change")
def _(stack):
    user, browser, page, _ = stack.reader(folders=("Fixed",))
    lacks(page.words, "This folder can only be read.")
    contains(page.text, 'value="delete"')
    page = until(lambda p: p.status == 200, lambda: browser.get("mail/Fixed/"))
    contains(page.words, "This folder can only be read.")
    lacks(page.text, 'value="delete"')


main(Away)
