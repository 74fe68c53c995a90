#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""More requests than the machine works on, and more of one user than one user may have: whoever is let in gets
a whole page, the others are told at once to come again, and afterwards all is as before."""
import concurrent.futures
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from hideproxy import HideProxy  # noqa: E402
from imapd import message  # noqa: E402
from resident import memory_kb  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, note, ok  # noqa: E402

AT_ONCE, A_USER = 2, 3
USERS = ["u%d" % n for n in range(12)]
SLACK = 3.0


class Loaded(Stack):
    patience = 0    # pages that come before the mail server's answer are the matter here

    def __init__(self):
        super().__init__(paths.TestFolder(), users=USERS, imap={"ssl": "no"}, start=("dovecot",),
                         cache={"tls_ca_file": None, "requests_at_once": AT_ONCE, "requests_per_user": A_USER,
                                "login_failures_network": 1000})
        self.own_folder = True
        self.proxy = None

    def __enter__(self):
        super().__enter__()
        self.proxy = HideProxy(self.dovecot.imap_port)
        self.webcache.write_config(imap_servers="example.edu=127.0.0.1:%d[/], held.edu=127.0.0.1:%d[/]" % (
            self.dovecot.imap_port, self.proxy.port), imap_plain_allowed="example.edu, held.edu", tls_ca_file="")
        self.webcache.start()
        self.httpd.start()
        return self

    def reader(self, user, domain="example.edu"):
        """A browser of somebody whose list is in memory."""
        self.deliver("INBOX", [message(subject="Letter %d" % n) for n in range(30)], user=user)
        browser = self.browser()
        patient(lambda: browser.log_in(user, "demo", domain=domain))
        patient(lambda: browser.get("mail/INBOX/"))
        return browser

    def close(self):
        if self.proxy is not None:
            self.proxy.close()
        super().close()


def patient(get, seconds=20):
    """Comes again as long as it is told to."""
    end = time.monotonic() + seconds
    while True:
        page = get()
        if page.status != 503:
            equal(page.status, 200, page.words[:300])
            return page
        ok(time.monotonic() < end, why=page.words[:300])
        time.sleep(0.05)


def rush(browsers, rounds):
    """All of them at once, again and again. ([pages], [refusals])"""
    def one(browser):
        return [browser.get("mail/INBOX/", follow=False) for _ in range(rounds)]
    with concurrent.futures.ThreadPoolExecutor(len(browsers)) as pool:
        answers = [page for pages in pool.map(one, browsers) for page in pages]
    return [p for p in answers if p.status == 200], [p for p in answers if p.status != 200]


@case("more at once than the machine works on: pages are whole, refusals are 503 with Retry-After, in words")
def _(w):
    w.readers = [w.reader(user) for user in USERS[:10]]
    pages, refused, end = [], [], time.monotonic() + 60
    while time.monotonic() < end and (len(pages) < 30 or not refused):
        more = rush(w.readers, 30)
        pages, refused = pages + more[0], refused + more[1]
    note("%d pages, %d refused" % (len(pages), len(refused)))
    ok(len(pages) >= 30, why="hardly anybody was let in")
    ok(len(refused) > 0, why="nobody was refused: this shows nothing")
    for page in pages:
        contains(page.words, "Letter 29")
        contains(page.text, "</html>")
    for page in refused:
        equal((page.status, page.headers.get("retry-after")), (503, "1"))
        contains(page.text, "</html>")
        contains(page.words, "Too much is going on")
    contains(w.logs(), "AM0122")


@case("afterwards everybody is let in, and nobody was logged out")
def _(w):
    for browser in w.readers:
        contains(patient(lambda: browser.get("mail/INBOX/")).words, "Letter 29")
    for _ in range(50):
        equal(w.readers[0].get("mail/INBOX/", follow=False).status, 200)


@case("memory of a second rush is that of the first")
def _(w):
    def resident():
        return sum(memory_kb(pid) for pid in [w.webcache.pid] + w.httpd.children())
    rush(w.readers, 60)
    before = resident()
    for _ in range(3):
        rush(w.readers, 60)
    after = resident()
    note("%d KB, then %d" % (before, after))
    ok(after < before + 3000, why="%d KB more" % (after - before))


@case("a user whose pages wait for the mail server has so many in work; others, and other servers, are not concerned")
def _(w):
    crowd, tries = A_USER + 4, 8
    w.dovecot.create(USERS[10], *["Slow%d" % n for n in range(crowd * tries)])
    slow = w.reader(USERS[10], "held.edu")
    clones = [slow.twin() for _ in range(crowd)]
    # A page waits for a second, and leaves its place then: where they do not come within that, it shows nothing.
    for turn in range(tries):
        patient(lambda: slow.get("mail/INBOX/"))
        w.proxy.hold(r"^(SELECT|EXAMINE)")
        begun = time.monotonic()

        def one(numbered):
            number, browser = numbered
            page = browser.get("mail/Slow%d/" % number, follow=False)
            return page, time.monotonic() - begun
        with concurrent.futures.ThreadPoolExecutor(crowd) as pool:
            future = [pool.submit(one, numbered) for numbered in enumerate(clones, turn * crowd)]
            time.sleep(0.3)
            other = patient(lambda: w.readers[1].get("mail/INBOX/", follow=False))
            contains(other.words, "Letter 29")
            answers = [f.result() for f in future]
        w.proxy.release()
        refused = [seconds for page, seconds in answers if "Too much is going on" in page.words]
        if refused and max(seconds for _, seconds in answers) < 2:
            break
    note("refused after %s s" % ", ".join("%.2f" % s for s in refused))
    ok(refused, why=[(p.status, s) for p, s in answers])
    ok(all(seconds < 10 + SLACK for _, seconds in answers))
    ok(crowd - len(refused) <= A_USER + 1, why=[(p.status, s) for p, s in answers])
    patient(lambda: slow.get("mail/INBOX/"))


@case("a message's pictures are asked for all at once, and all come")
def _(w):
    browser = w.readers[2]
    clones = [browser.twin() for _ in range(12)]
    uid = patient(lambda: browser.get("mail/INBOX/")).link("Letter 29").rsplit("/", 1)[1]
    with concurrent.futures.ThreadPoolExecutor(len(clones)) as pool:
        answers = list(pool.map(lambda b: patient(lambda: b.get("mail/INBOX/%s/part/1" % uid, follow=False)), clones))
    equal([page.status for page in answers], [200] * len(clones))


@case("a child that is killed with requests in work takes nobody's place")
def _(w):
    stop = threading.Event()

    def hammer(browser):
        while not stop.is_set():
            try:
                browser.get("mail/INBOX/", follow=False)
            except OSError:
                pass
            except Exception as error:  # the child died under it: http.client's own
                if "Remote" not in repr(error) and "Incomplete" not in repr(error) and "BadStatus" not in repr(error):
                    raise
    threads = [threading.Thread(target=hammer, args=(browser,), daemon=True) for browser in w.readers]
    for thread in threads:
        thread.start()
    for _ in range(5):
        time.sleep(0.3)
        for pid in w.httpd.children():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    stop.set()
    for thread in threads:
        thread.join()
    for browser in w.readers:
        contains(patient(lambda: browser.get("mail/INBOX/")).words, "Letter 29")
    for _ in range(50):
        equal(w.readers[0].get("mail/INBOX/", follow=False).status, 200)


main(Loaded)
