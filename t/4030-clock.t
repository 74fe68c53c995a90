#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wall clock that jumps a day, forwards and back, under webcache and httpd: clear answers, nothing
lost, and nothing that waits for the day to pass."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from asker import Asker  # noqa: E402
from imapd import message  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, ok, skip_all  # noqa: E402
from webcache import sanitized  # noqa: E402

DAY = 86400

if sanitized():
    skip_all("a sanitizer wants to be the first library")


class Jumping(Stack):
    """The clock of webcache and httpd is moved; Dovecot's is not. Without TLS, whose certificates are
    not valid yet the day before they were made."""

    def __init__(self):
        super().__init__(imap={"ssl": "no"}, cache={"imap_plain_allowed": "example.edu", "connection_idle": "1s"},
                         security="imap", start=("dovecot",))

    def __enter__(self):
        super().__enter__()
        self.clock = os.path.join(str(self.folder), "clock")
        self.move(0)
        library = paths.reachable(os.path.join(paths.top_builddir, "t", "lib", ".libs", "moved_clock.so"),
                                  str(self.folder))
        for part in (self.webcache, self.httpd):
            part.environment = {"LD_PRELOAD": library, "MOVED_CLOCK": self.clock}
            part.start()
        self.deliver("INBOX", [message(subject="Letter %d" % n) for n in range(1, 61)])
        return self

    def move(self, seconds):
        with open(self.clock, "r+b" if os.path.exists(self.clock) else "wb") as out:
            out.write((b"%d" % seconds).ljust(32, b"\0"))
        os.chmod(self.clock, 0o644)


def shows(browser, words, seconds=30):
    """Until the INBOX page has them."""
    end = time.monotonic() + seconds
    while True:
        page = browser.get("mail/INBOX/")
        equal(page.status, 200, page.words[:300])
        if words in page.words:
            return
        ok(time.monotonic() < end, why="%s: %s" % (words, page.words[:700]))
        time.sleep(0.3)


def log_time(stack):
    with open(stack.webcache.log, encoding="utf-8") as log:
        return log.read().splitlines()[-1].split("T")[0]


@case("a day forwards: a session that was unused so long is over, and the next log-in shows all mail")
def _(stack):
    browser, page = stack.log_in()
    contains(page.words, "Letter 60")
    before = log_time(stack)
    stack.move(DAY)
    page = browser.get("mail/INBOX/")
    contains(page.text, 'type="password"')
    page = browser.log_in()
    equal(page.status, 200)
    contains(page.words, "Letter 60")
    ok(log_time(stack) > before, why="the clock did not move")
    stack.deliver("INBOX", [message(subject="Tomorrow's letter")])
    shows(browser, "Tomorrow's letter")
    stack.reader = browser


@case("a day back: the session goes on, and what comes in is seen though all was looked at tomorrow")
def _(stack):
    with Asker(stack.webcache, stack.folder) as ask:    # only a question leads to a new connection then
        ask.until(lambda status: status["connections"] == 0, "status", seconds=30)
    stack.move(0)
    stack.deliver("INBOX", [message(subject="Today's letter")])
    shows(stack.reader, "Today's letter")
    letter = stack.reader.get(stack.reader.get("mail/INBOX/").link("Today's letter"))
    contains(letter.words, "One line of text.")


@case("a day before all files: a restart takes the index from disk, and new mail is seen")
def _(stack):
    time.sleep(1.5)     # it is written behind the answer
    stack.webcache.stop()
    stack.move(-DAY)
    stack.webcache.start()
    page = stack.reader.get("mail/INBOX/")
    equal(page.status, 200, page.words[:300])
    contains(page.words, "Today's letter")
    stack.deliver("INBOX", [message(subject="Yesterday's letter")])
    shows(stack.reader, "Yesterday's letter")


@case("guesses are counted by a clock that does not jump: whoever must wait waits no day")
def _(stack):
    stack.move(DAY)
    end = time.monotonic() + 90
    while True:     # until the wait is long enough for what follows
        _, page = stack.log_in("demo2", "wrong")
        ok(page.status in (401, 429), why="%d: %s" % (page.status, page.words[:300]))
        if page.status == 429 and int(page.headers["retry-after"]) >= 6:
            break
        ok(time.monotonic() < end, why="nobody has to wait: %d" % page.status)
        time.sleep(0.05)
    stack.move(-DAY)
    _, page = stack.log_in("demo2", "demo")
    equal(page.status, 429)
    ok(1 <= int(page.headers["retry-after"]) <= 60, why=page.headers["retry-after"])
    time.sleep(int(page.headers["retry-after"]) + 0.2)
    _, page = stack.log_in("demo2", "demo")
    equal(page.status, 200, page.words[:300])


main(Jumping)
