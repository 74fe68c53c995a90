#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new webcache takes over while people read, mark and download: no page is an error page, nobody is
logged out, nothing that was confirmed is lost."""
import os
import re
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import message  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, note, ok  # noqa: E402

ROUNDS = 20 if os.environ.get("ALPHAMAIL_SOAK") == "1" else 2


class Filled(Stack):
    def __enter__(self):
        super().__enter__()
        for user in self.users:
            self.deliver("INBOX", [message(subject="For %s %d" % (user, n)) for n in range(1, 61)], user=user)
        return self


@case("another webcache takes over under load: every answer is a good page")
def _(stack):
    seen, wrong, slowest = {}, [], [0.0]
    stop = threading.Event()

    def read(user, stars):
        browser, page = stack.log_in(user)
        if page.status != 200:
            wrong.append(("log-in", page.status, page.words[:300]))
            return
        while not stop.is_set():
            began = time.monotonic()
            if stars:
                row = re.search(r'name="star" value="([^"]+)"|name="unstar" value="([^"]+)"', page.text)
                form = page.form("v")
                buttons = [b for b in ("star", "unstar") if b in form.buttons]
                page = (browser.submit(page, form, button=(buttons[0], form.buttons[buttons[0]][0]))
                        if row and buttons else browser.get("mail/INBOX/"))
            else:
                page = browser.get("mail/INBOX/")
            slowest[0] = max(slowest[0], time.monotonic() - began)
            seen[page.status] = seen.get(page.status, 0) + 1
            if page.status != 200 or "For %s 60" % user not in page.words:
                wrong.append((user, stars, page.status, page.words[:300]))

    threads = [threading.Thread(target=read, args=(user, stars))
               for user in stack.users for stars in (False, False, True)]
    for one in threads:
        one.start()
    time.sleep(1.5)
    for _ in range(ROUNDS):
        old, new = stack.webcache.take_over()
        ok(old != new)
        time.sleep(1.5)
    stop.set()
    for one in threads:
        one.join()
    note("%r answers while it was taken over %d times; the slowest took %.2f s" % (seen, ROUNDS, slowest[0]))
    equal(wrong, [])
    ok(seen[200] > 5, why=repr(seen))
    stack.webcache.server.wait_until(lambda: len(stack.webcache.daemons()) == 1, "end the old ones")


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


main(Filled)
