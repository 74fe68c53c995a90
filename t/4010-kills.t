#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Either side started late, killed or stopped: bounded errors, nobody logged out, nobody else hurt."""
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import message  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, ok  # noqa: E402


class Filled(Stack):
    def __enter__(self):
        super().__enter__()
        for user in self.users:
            self.deliver("INBOX", [message(subject="For %s %d" % (user, n)) for n in range(1, 61)],
                         user=user)
        return self

    def children(self):
        """The process ids of httpd's children."""
        pid = self.httpd.server.pid
        with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as listed:
            return [int(one) for one in listed.read().split()]


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
    stop = threading.Event()

    def read(user):
        browser, page = stack.log_in(user)
        if page.status != 200:
            wrong.append(("log-in", page.status))
            return
        while not stop.is_set():
            started = time.monotonic()
            page = browser.get("mail/INBOX/")
            slowest[0] = max(slowest[0], time.monotonic() - started)
            seen[page.status] = seen.get(page.status, 0) + 1
            if page.status == 200 and "For %s 60" % user not in page.words:
                wrong.append((user, page.url, page.words[:200]))
            elif page.status not in (200, 503):
                wrong.append((user, page.status))
        last = browser.get("mail/INBOX/")
        if last.status != 200 or "For %s 60" % user not in last.words:
            wrong.append(("at the end", user, last.status, last.words[:200]))

    readers = [threading.Thread(target=read, args=(user,)) for user in ("demo", "demo2") * 3]
    for one in readers:
        one.start()
    time.sleep(1)
    for _ in range(5):
        stack.webcache.kill()
        stack.webcache.stop()
        stack.webcache.start()
        time.sleep(0.5)
    stop.set()
    for one in readers:
        one.join()
    equal(wrong, [])
    ok(seen.get(200, 0) > 50, why=repr(seen))
    ok(slowest[0] < 5, why="the slowest answer took %.1f s" % slowest[0])


@case("an httpd child killed in mid-request: the others go on, and the lane is freed")
def _(stack):
    browser, page = stack.log_in()
    equal(page.status, 200)
    fds = len(os.listdir("/proc/%d/fd" % stack.webcache.pid))
    for _ in range(4):
        failures = []

        def ask():
            try:
                mine = stack.browser()
                mine.cookies = dict(browser.cookies)
                for _ in range(30):
                    mine.get("mail/INBOX/")
            except OSError as error:      # the one whose child died
                failures.append(error)
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for one in threads:
            one.start()
        time.sleep(0.05)
        children = stack.children()
        if children:
            try:
                os.kill(children[0], signal.SIGKILL)
            except ProcessLookupError:
                pass
        for one in threads:
            one.join()
        page = stack_get(browser, "mail/INBOX/")
        equal(page.status, 200)
        contains(page.words, "For demo 60")
    end = time.monotonic() + 5
    while time.monotonic() < end:
        now = len(os.listdir("/proc/%d/fd" % stack.webcache.pid))
        if now <= fds + 8:
            return
        time.sleep(0.1)
    ok(False, why="the webcache had %d descriptors and has %d" % (fds, now))


def stack_get(browser, path):
    """A page, once httpd has made a new child."""
    for _ in range(20):
        try:
            return browser.get(path)
        except OSError:
            time.sleep(0.1)
    return browser.get(path)


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
    ok(time.monotonic() - started < 3)
    stack.dovecot.start()
    time.sleep(1.1)
    page = browser.get(letter)
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
    ok(took < 15, why="took %.1f s" % took)
    time.sleep(0.2)
    page = browser.get("mail/INBOX/")
    equal(page.status, 200)


main(Filled)
