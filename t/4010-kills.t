#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Either side started late, killed or stopped: bounded errors, nobody logged out, nobody else hurt."""
import http.client
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import check, message  # noqa: E402
from meanwhile import at_work, until  # noqa: E402
from resident import memory_kb  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, note, ok  # noqa: E402
from webcache import sanitized  # noqa: E402

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
KILLS, CHILDREN = (100, 10_000) if SOAK else (20, 200)
# Many small children, so that they can be killed in quick succession.
TUNING = ("StartServers 4\nServerLimit 12\nThreadsPerChild 8\nMaxRequestWorkers 96\nMinSpareThreads 40\n"
          "MaxSpareThreads 96")


class Filled(Stack):
    def __enter__(self):
        super().__enter__()
        for user in self.users:
            self.deliver("INBOX", [message(subject="For %s %d" % (user, n)) for n in range(1, 61)],
                         user=user)
        return self


@case("without the webcache: 503 in words with Retry-After, and the first request after its start works")
def _(stack):
    browser, page = stack.log_in()
    equal(page.status, 200)
    stack.webcache.stop()
    page = browser.get("mail/INBOX/")
    equal(page.status, 503)
    ok(int(page.headers["retry-after"]) >= 1)
    contains(page.text, 'role="alert"')
    fresh = stack.browser()
    refused = fresh.log_in()
    equal(refused.status, 503)
    contains(refused.text, 'role="alert"')
    stack.webcache.start()
    page = browser.get("mail/INBOX/")
    equal(page.status, 200, "the first request after the start, with the session from before")
    contains(page.words, "For demo 60")


@case("httpd started before the webcache serves as well as after it")
def _(stack):
    stack.webcache.stop()
    stack.httpd.stop()
    stack.httpd.start()
    equal(stack.browser().get("").status, 200, "the log-in page needs no webcache")
    stack.webcache.start()
    _, page = stack.log_in()
    contains(page.words, "For demo 60")


@case("webcache killed under load five times: every answer is a page or a bounded 503, nobody logged out")
def _(stack):
    seen, slowest, wrong = {}, [0.0], []

    def read(user, stop):
        browser, page = stack.log_in(user)
        if page.status != 200:
            wrong.append(("log-in", page.status))
            return
        browser.patience = 0    # each answer is looked at
        while not stop.is_set():
            started = time.monotonic()
            page = browser.get("mail/INBOX/")
            slowest[0] = max(slowest[0], time.monotonic() - started)
            seen[page.status] = seen.get(page.status, 0) + 1
            if page.status == 200 and "For %s 60" % user not in page.words:
                wrong.append((user, page.url, page.words[:200]))
            elif page.status not in (200, 503):
                wrong.append((user, page.status))
        last = browser.patient("mail/INBOX/")
        if last.status != 200 or "For %s 60" % user not in last.words:
            wrong.append(("at the end", user, last.status, last.words[:200]))

    with at_work(*(lambda stop, user=user: read(user, stop) for user in ("demo", "demo2") * 3)):
        for _ in range(5):
            goes_on(seen, wrong, 5)
            time.sleep(0.5)
            stack.webcache.kill()
            stack.webcache.stop()
            stack.webcache.start()
        goes_on(seen, wrong, 5)
    equal(wrong, [])
    ok(slowest[0] < 15, why="the slowest answer took %.1f s" % slowest[0])


def goes_on(seen, wrong, count):
    """Until there are so many good pages more."""
    before = seen.get(200, 0)
    until(lambda: wrong or seen.get(200, 0) >= before + count, why=lambda: "hardly any page comes: %r" % seen)


@case("the daemon killed %d times under load while users mark messages: nothing confirmed is lost" % KILLS)
def _(stack):
    seen, slowest, wrong = {}, [0.0], []
    known = {}        # (user, UID): whether it has a star, where the page said so

    def mark(user, mine, stop):
        browser, page = stack.log_in(user)
        if page.status != 200 or "For %s 60" % user not in page.words:
            wrong.append((user, "log-in", page.status, page.words[:300]))
        browser.patience = 0
        turn = 0
        while not stop.is_set():
            turn += 1
            uid = mine[turn % len(mine)]
            star = known.get((user, uid)) is not True
            try:
                page = browser.get("mail/INBOX/?rows=60")
                ticks = [m for m in page.form("v").options["m"] if m.startswith("%d-" % uid)]
                began = time.monotonic()
                known[user, uid] = None
                page = browser.submit(page, page.form("v"), button=("do", "star" if star else "unstar"), m=ticks)
            except AssertionError:      # an error page has no list
                seen[page.status] = seen.get(page.status, 0) + 1
                if page.status not in (503, 504) or "password" in repr(page.forms):
                    wrong.append((user, page.status, page.words[:300]))
                continue
            slowest[0] = max(slowest[0], time.monotonic() - began)
            seen[page.status] = seen.get(page.status, 0) + 1
            if page.status == 200 and "1 message starred" in page.words + page.parsed.title:
                known[user, uid] = True
            elif page.status == 200 and "Star of 1 message removed" in page.words + page.parsed.title:
                known[user, uid] = False
            elif page.status not in (200, 503, 504):
                wrong.append((user, page.status, page.words[:300]))
        last, end = browser.get("mail/INBOX/"), time.monotonic() + 30
        while last.status == 503 and time.monotonic() < end:
            time.sleep(0.5)
            last = browser.get("mail/INBOX/")
        if last.status != 200 or "For %s 60" % user not in last.words:
            wrong.append(("at the end", user, last.status, last.words[:200]))

    def sure():
        return {key: value for key, value in list(known.items()) if value is not None}

    with at_work(*(lambda stop, user=user, first=first: mark(user, list(range(first, first + 8)), stop)
                   for user in stack.users for first in (41, 51))):
        for _ in range(KILLS):
            goes_on(seen, wrong, 2)
            old = stack.webcache.crash()
            until(lambda: old not in stack.webcache.daemons())
            time.sleep(random.uniform(0.2, 1.0))
        until(lambda: wrong or len(sure()) > 5, why="hardly any change is confirmed")
    equal(wrong, [])
    for user in stack.users:
        client = stack.dovecot.client(user)
        check(client.select("INBOX", readonly=True))
        flagged = {int(n) for n in check(client.uid("SEARCH", "FLAGGED"))[0].split()}
        client.logout()
        for (whose, uid), star in sure().items():
            if whose == user:
                equal(uid in flagged, star, "%s's message %d" % (user, uid))
    note("%r answers over %d kills, %d changes compared with the server; the slowest took %.2f s" % (
        seen, KILLS, len(sure()), slowest[0]))
    ok(len(sure()) > 5, why=repr(seen))
    ok(slowest[0] < 20, why="%.2f s" % slowest[0])


@case("httpd children killed %d times in mid-request: the others go on, and lanes and memory are freed" % CHILDREN)
def _(stack):
    browser, page = stack.log_in()
    equal(page.status, 200)
    daemon = stack.webcache.pid
    wrong, seen = [], [0, 0]

    def ask(stop):
        mine = stack.browser()
        mine.cookies = dict(browser.cookies)
        while not stop.is_set():
            try:
                answer = mine.get("mail/INBOX/")
                seen[0] += 1
                if answer.status != 200 or "For demo 60" not in answer.words:
                    wrong.append((answer.status, answer.words[:200]))
            except (OSError, http.client.HTTPException):      # the one whose child died
                seen[1] += 1
        mine.close()

    def resources():
        return len(os.listdir("/proc/%d/fd" % daemon)), memory_kb(daemon)
    fds, _ = resources()
    killed, middle = 0, None
    with at_work(*[ask] * 4):
        while killed < CHILDREN:
            for pid in stack.httpd.children():
                try:
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    pass
                good, end = seen[0], time.monotonic() + 1
                while seen[0] == good and time.monotonic() < end:
                    time.sleep(0.005)
            if middle is None and killed > CHILDREN / 2:
                middle = resources()[1]
            good = seen[0]
            until(lambda: seen[0] > good, why="no page comes any more")
    equal(wrong[:3], [])
    page = stack_get(browser, "mail/INBOX/")
    equal(page.status, 200)
    contains(page.words, "For demo 60")
    equal(stack.webcache.pid, daemon, "the daemon that served before")
    end = time.monotonic() + 30
    while resources()[0] > fds + 8 and time.monotonic() < end:
        time.sleep(0.1)
    now, kb = resources()
    note("%d children killed; %d good answers, %d connections cut; the webcache has %d descriptors (%d before) and "
         "%d KB (%d KB in the middle)" % (killed, seen[0], seen[1], now, fds, kb, middle))
    ok(now <= fds + 8, why="%d descriptors, and %d before" % (now, fds))
    ok(kb < 1.1 * middle + 8192 or sanitized(), why="%d KB, and %d KB in the middle" % (kb, middle))
    ok(seen[0] > CHILDREN / 4, why=repr(seen))


def stack_get(browser, path):
    """A page, once httpd has made a new child."""
    end = time.monotonic() + 30
    while True:
        try:
            return browser.get(path)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@case("the mail server stopped and started: seen folders stay readable, log-in says so, then all is well")
def _(stack):
    browser, page = stack.log_in()
    equal(page.status, 200)
    letter = page.link("For demo 60")
    stack.dovecot.stop()
    page = browser.get("mail/INBOX/")
    equal(page.status, 200, page.words[:700])
    contains(page.words, "For demo 60")
    started = time.monotonic()
    _, refused = stack.log_in()
    equal(refused.status, 503)
    contains(refused.text, 'role="alert"')
    ok(time.monotonic() - started < 10)
    stack.dovecot.start()
    page = browser.patient(letter)
    equal(page.status, 200, page.words[-700:])
    contains(page.words, "One line of text.")


@case("httpd reloaded and started again: nobody is logged out")
def _(stack):
    browser, page = stack.log_in()
    os.kill(stack.httpd.server.pid, signal.SIGUSR1)
    time.sleep(1)
    page = stack_get(browser, "mail/INBOX/")
    equal(page.status, 200)
    contains(page.words, "For demo 60")
    stack.httpd.stop()
    stack.httpd.start()
    page = stack_get(browser, "mail/INBOX/")
    equal(page.status, 200)
    contains(page.words, "For demo 60")


@case("a webcache that is stopped (SIGSTOP) gives bounded errors and goes on afterwards")
def _(stack):
    browser, page = stack.log_in()
    stack.webcache.kill(signal.SIGSTOP)
    started = time.monotonic()
    page = browser.get("mail/INBOX/")
    took = time.monotonic() - started
    stack.webcache.kill(signal.SIGCONT)
    ok(page.status in (503, 504), why="%d" % page.status)
    ok(took < 20, why="took %.1f s" % took)
    page = browser.get("mail/INBOX/")
    equal(page.status, 200)


main(lambda: Filled(web={"tuning": TUNING}))
