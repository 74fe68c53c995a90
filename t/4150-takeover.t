#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new webcache takes over while people read, mark and download: no page is an error page, nobody is
logged out, nothing that was confirmed is lost; and what was done before is taken back afterwards, also after a
crash."""
import glob
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import message  # noqa: E402
from mail_pages import act, rows, status_of, undo  # noqa: E402
from meanwhile import at_work, takes_its_time, until  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, note, ok  # noqa: E402

ROUNDS = 20 if os.environ.get("ALPHAMAIL_SOAK") == "1" else 2


class Filled(Stack):
    def __enter__(self):
        super().__enter__()
        self.dovecot.create("demo", "Kept", "QWAYBACK")
        for user in self.users:
            self.deliver("INBOX", [message(subject="For %s %d" % (user, n)) for n in range(1, 61)], user=user)
        return self

    def ways_back(self):
        """When the files were written that hold what can be taken back."""
        found = glob.glob(os.path.join(self.webcache.settings["cache_dir"], "*", "u-*"))
        return {name: os.stat(name).st_mtime_ns for name in found if ".new-" not in name}    # which becomes another

    def settled_ways_back(self):
        """ways_back(), once none of them is on its way to the disk any more."""
        while True:
            before = self.ways_back()
            time.sleep(3)
            if self.ways_back() == before:
                return before

    def inside(self, user, folder):
        client = self.dovecot.client(user)
        client.select(folder, readonly=True)
        uids = client.uid("SEARCH", "ALL")[1][0].split()
        client.logout()
        return len(uids)

    def crash(self, before, browser):
        """The daemon dies, once what was done since `before` has had the moment that it takes to the disk, and another
        one serves the browser."""
        until(lambda: self.ways_back() != before, why="it did not come to the disk")
        old = self.webcache.crash()
        until(lambda: old not in self.webcache.daemons() and browser.get("mail/INBOX/").status == 200,
              why="no other daemon serves")


@case("another webcache takes over under load: every answer is a good page")
def _(stack):
    seen, wrong, slowest = {}, [], [0.0]

    def read(user, stars, stop):
        browser, page = stack.log_in(user)
        if page.status != 200:
            wrong.append(("log-in", page.status, page.words[:300]))
            return
        while not stop.is_set():
            began = time.monotonic()
            if takes_its_time(page):     # the mail server's time is no matter here
                time.sleep(0.2)
                page = browser.get("mail/INBOX/")
            elif stars:
                row = re.search(r'name="star" value="([^"]+)"|name="unstar" value="([^"]+)"', page.text)
                form = page.form("v")
                buttons = [b for b in ("star", "unstar") if b in form.buttons]
                page = (browser.submit(page, form, button=(buttons[0], form.buttons[buttons[0]][0]))
                        if row and buttons else browser.get("mail/INBOX/"))
            else:
                page = browser.get("mail/INBOX/")
            slowest[0] = max(slowest[0], time.monotonic() - began)
            seen[page.status] = seen.get(page.status, 0) + 1
            if not takes_its_time(page) and (page.status != 200 or "For %s 60" % user not in page.words):
                wrong.append((user, stars, page.status, page.words[:300]))

    with at_work(*(lambda stop, user=user, stars=stars: read(user, stars, stop)
                   for user in stack.users for stars in (False, False, True))):
        for turn in range(ROUNDS + 1):
            before = seen.get(200, 0)
            time.sleep(1.5)
            until(lambda: wrong or seen.get(200, 0) > before + 2, why=lambda: repr(seen))
            if turn < ROUNDS:
                old, new = stack.webcache.take_over()
                ok(old != new)
    note("%r answers while it was taken over %d times; the slowest took %.2f s" % (seen, ROUNDS, slowest[0]))
    equal(wrong, [])
    until(lambda: len(stack.webcache.daemons()) == 1, why="the old ones do not end")


@case("what was taken over has the folders from disk, not from the server")
def _(stack):
    with open(stack.webcache.log, encoding="utf-8") as log:
        said = log.read()
    equal(said.count("another one has taken over"), ROUNDS)
    ok("AM0230" not in said, why="the cache was not handed over")
    browser, page = stack.log_in()
    equal(page.status, 200)
    contains(page.words, "For demo 60")
    browser.close()


def moved(stack, browser):
    """The page behind moving the first two messages to the folder Kept."""
    page = act(browser, browser.get("mail/INBOX/"), "move", rows(browser.get("mail/INBOX/"))[:2], to="Kept")
    equal(status_of(page), [("status", "2 messages moved to Kept.")])
    equal(stack.inside("demo", "Kept"), 2)
    return page


@case("what was moved, starred and marked before comes back by Undo after another webcache has taken over")
def _(stack):
    browser, _ = stack.log_in()
    page = moved(stack, browser)
    stack.webcache.take_over()
    page = undo(browser, page)
    equal(status_of(page), [("status", "Undone: 2 messages are as they were.")])
    equal((stack.inside("demo", "Kept"), stack.inside("demo", "INBOX")), (0, 60))
    starred = [row.subject for row in rows(page) if row.starred]
    page = act(browser, page, "star", [row for row in rows(page) if not row.starred][:3])
    stack.webcache.take_over()
    page = browser.get(page.url)           # told as before, with the way back
    equal(status_of(page), [("status", "3 messages starred.")])
    page = undo(browser, page)
    equal([row.subject for row in rows(page) if row.starred], starred)
    browser.close()


@case("and after a crash of it; what was taken back is not taken back once more")
def _(stack):
    browser, _ = stack.log_in()
    before = stack.settled_ways_back()
    page = moved(stack, browser)
    stack.crash(before, browser)
    before = stack.ways_back()
    undone = undo(browser, page)
    equal(status_of(undone), [("status", "Undone: 2 messages are as they were.")])
    equal((stack.inside("demo", "Kept"), stack.inside("demo", "INBOX")), (0, 60))
    stack.crash(before, browser)
    again = undo(browser, page)
    contains(again.words, "This cannot be undone any more.")
    equal((stack.inside("demo", "Kept"), stack.inside("demo", "INBOX")), (0, 60))
    browser.close()


@case("another user's report is nobody else's after a takeover either")
def _(stack):
    browser, _ = stack.log_in()
    page = moved(stack, browser)
    stranger, theirs = stack.log_in("demo2")
    stack.webcache.take_over()
    answer = stranger.post("mail/INBOX/", {"token": theirs.token, "do": "undo",
                                           "report": page.form("report").fields["report"]})
    contains(answer.words, "This cannot be undone any more.")
    equal(stack.inside("demo", "Kept"), 2)
    undo(browser, page)
    equal(stack.inside("demo", "Kept"), 0)
    browser.close()
    stranger.close()


@case("what lies on disk of it tells no folder's name and no message")
def _(stack):
    browser, _ = stack.log_in()
    page = browser.get("mail/INBOX/")
    act(browser, page, "copy", rows(page)[:2], to="QWAYBACK")
    stack.webcache.take_over()
    until(stack.ways_back)
    for name in stack.ways_back():
        with open(name, "rb") as source:
            data = source.read()
        ok(data.startswith(b"AMsealed") and b"QWAYBACK" not in data and b"INBOX" not in data, why=name)
        equal(os.stat(name).st_mode & 0o077, 0)
    browser.close()


main(Filled)
