#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Either side started late, killed or stopped: bounded errors, nobody logged out, nobody else hurt."""
import http.client
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import check, message  # noqa: E402
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
    stop, ready = threading.Event(), threading.Barrier(7)

    def read(user):
        browser, page = stack.log_in(user)
        ready.wait()
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
    ready.wait()
    time.sleep(0.5)
    for _ in range(5):
        stack.webcache.kill()
        stack.webcache.stop()
        stack.webcache.start()
        time.sleep(0.5)
    stop.set()
    for one in readers:
        one.join()
    equal(wrong, [])
    ok(seen.get(200, 0) > 20, why=repr(seen))
    ok(slowest[0] < 5, why="the slowest answer took %.1f s" % slowest[0])


@case("the daemon killed %d times under load while users mark messages: nothing confirmed is lost" % KILLS)
def _(stack):
    seen, slowest, wrong = {}, [0.0], []
    stop = threading.Event()
    known = {}        # (user, UID): whether it has a star, where the page said so
    ready = threading.Barrier(5)

    def mark(user, mine):
        browser, page = stack.log_in(user)
        if page.status != 200 or "For %s 60" % user not in page.words:
            wrong.append((user, "log-in", page.status, page.words[:300]))
        ready.wait()
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
        last, end = browser.get("mail/INBOX/"), time.monotonic() + 10
        while last.status == 503 and time.monotonic() < end:
            time.sleep(0.5)
            last = browser.get("mail/INBOX/")
        if last.status != 200 or "For %s 60" % user not in last.words:
            wrong.append(("at the end", user, last.status, last.words[:200]))

    threads = [threading.Thread(target=mark, args=(user, list(range(first, first + 8))))
               for user in stack.users for first in (41, 51)]
    for one in threads:
        one.start()
    ready.wait()
    for _ in range(KILLS):
        old = stack.webcache.crash()
        while old in stack.webcache.daemons():
            time.sleep(0.002)
        time.sleep(random.uniform(0.2, 1.0))
    stop.set()
    for one in threads:
        one.join()
    equal(wrong, [])
    sure = {key: value for key, value in known.items() if value is not None}
    for user in stack.users:
        client = stack.dovecot.client(user)
        check(client.select("INBOX", readonly=True))
        flagged = {int(n) for n in check(client.uid("SEARCH", "FLAGGED"))[0].split()}
        client.logout()
        for (whose, uid), star in sure.items():
            if whose == user:
                equal(uid in flagged, star, "%s's message %d" % (user, uid))
    note("%r answers over %d kills, %d changes compared with the server; the slowest took %.2f s" % (
        seen, KILLS, len(sure), slowest[0]))
    ok(seen.get(200, 0) > KILLS and len(sure) > 5, why=repr(seen))
    ok(slowest[0] < (1 if os.getloadavg()[0] < os.cpu_count() else 8), why="%.2f s" % slowest[0])


@case("httpd children killed %d times in mid-request: the others go on, and lanes and memory are freed" % CHILDREN)
def _(stack):
    browser, page = stack.log_in()
    equal(page.status, 200)
    daemon = stack.webcache.pid
    stop, wrong, seen = threading.Event(), [], [0, 0]

    def ask():
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
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for one in threads:
        one.start()
    killed, middle = 0, None
    while killed < CHILDREN:
        for pid in stack.children():
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
    stop.set()
    for one in threads:
        one.join()
    equal(wrong[:3], [])
    page = stack_get(browser, "mail/INBOX/")
    equal(page.status, 200)
    contains(page.words, "For demo 60")
    equal(stack.webcache.pid, daemon, "the daemon that served before")
    end = time.monotonic() + 10
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


main(lambda: Filled(web={"tuning": TUNING}))
