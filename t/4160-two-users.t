#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two users at the same site, thousands of requests of every kind in random order from many threads over the
same httpd children: not one byte of the other's mail, folders, reports, parts or settings.
ALPHAMAIL_SOAK=1 asks a million times."""
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import check, message, quoted  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, equal, main, note, ok  # noqa: E402

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
REQUESTS = 1_000_000 if SOAK else int(os.environ.get("ALPHAMAIL_TWO_USERS", "2000"))
THREADS = 4          # of each user
USERS = ("annegret", "bartolo")
# What only the one's mail, folders, files, and settings hold.
MARKS = {"annegret": "QANNE7K", "bartolo": "QBART9Z"}


def letter(user, n):
    mark = MARKS[user]
    text = ("From: %s friend <f@%s.example>\nTo: %s@example.edu\nSubject: %s subject %d\n"
            "Date: Tue, 03 Nov 2026 10:00:00 +0000\nMessage-ID: <%s-%d@example.org>\nMIME-Version: 1.0\n"
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n%s words %d\n"
            "--b\nContent-Type: application/octet-stream\n"
            "Content-Disposition: attachment; filename=%s-%d.bin\n\n%s\n--b--\n" % (
                mark, mark.lower(), user, mark, n, mark.lower(), n, mark, n, mark, n, (mark + " file ") * 400))
    return text.replace("\n", "\r\n").encode()


class Both(Stack):
    def __init__(self):
        super().__init__(users=USERS)

    def __enter__(self):
        super().__enter__()
        for user in USERS:
            folder = "Only-" + MARKS[user]
            client = self.dovecot.client(user)
            check(client.create(quoted(folder)))
            for name in ("INBOX", folder):
                for n in range(1, 31):
                    check(client.append(quoted(name), None, None, letter(user, n)))
            client.logout()
        return self


def others(user):
    other = USERS[1 - USERS.index(user)]
    return [word.encode() for mark in (MARKS[other],) for word in (mark, mark.lower(), other, other.title())]


class Walk(threading.Thread):
    """One browser of one user that asks for one thing after the other."""

    def __init__(self, stack, user, seed, count):
        super().__init__()
        self.stack, self.user, self.count = stack, user, count
        self.random = random.Random(seed)
        self.found, self.kinds, self.bad = [], {}, []
        self.forbidden = others(user)

    def look(self, kind, page, good=(200,)):
        """`good`: what it may answer."""
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        sent = page.raw + repr(page.headers).encode()
        if kind != "foreign":        # whose address we have typed
            sent += page.url.encode()
        for word in self.forbidden:
            if word in sent:
                self.found.append((kind, page.url, word, sent[max(0, sent.index(word) - 100):][:300]))
        if page.status not in good:
            self.bad.append((kind, page.status, page.words[:200]))
        return page

    def run(self):
        browser, page = self.stack.log_in(self.user)
        page = self.look("log-in", page)
        folder = "Only-" + MARKS[self.user]
        other_folder = "Only-" + MARKS[USERS[1 - USERS.index(self.user)]]
        listed = page
        for _ in range(self.count):
            kind = self.random.choice(("list", "list", "list", "message", "message", "part", "source", "star",
                                       "mark", "settings", "sorted", "foreign", "nothing", "again"))
            where = self.random.choice(("INBOX", folder))
            n = self.random.randint(1, 30)
            if kind == "list":
                listed = self.look(kind, browser.get("mail/%s/" % where))
            elif kind == "sorted":
                self.look(kind, browser.get("mail/%s/?sort=%s&order=asc" % (
                    where, self.random.choice(("from", "subject", "size")))))
            elif kind == "message":
                page = self.look(kind, browser.get("mail/%s/%d" % (where, n)))
                if page.status == 200 and MARKS[self.user] not in page.words:
                    self.bad.append((kind, "without its own words", page.words[:200]))
            elif kind == "part":
                self.look(kind, browser.get("mail/%s/%d/part/2" % (where, n)))
            elif kind == "source":
                self.look(kind, browser.get("mail/%s/%d/source" % (where, n)))
            elif kind in ("star", "mark"):
                form = listed.form("v") if listed.status == 200 and listed.forms else None
                if form is None or "m" not in form.options:
                    continue
                chosen = self.random.sample(form.options["m"], 2)
                listed = self.look(kind, browser.submit(
                    listed, form, button=("do", self.random.choice(("read", "unread", "star", "unstar"))),
                    m=chosen))
            elif kind == "settings":
                page = self.look(kind, browser.get("settings/"))
            elif kind == "foreign":      # by its address: there is no such folder
                self.look(kind, browser.get("mail/%s/" % other_folder.lower()), (404, 503))
            elif kind == "nothing":
                self.look(kind, browser.get("mail/INBOX/%d" % self.random.randint(1000, 9999)), (404,))
            else:
                browser.close()
                browser, page = self.stack.log_in(self.user)
                listed = self.look(kind, page)
        browser.close()


@case("%d mixed requests of two users at the same time show nobody a byte of the other's" % REQUESTS)
def _(stack):
    seed = int(os.environ.get("ALPHAMAIL_SEED", str(time.time_ns() % 10**6)))
    each = REQUESTS // (2 * THREADS)
    walks = [Walk(stack, user, seed * 100 + n, each) for n in range(THREADS) for user in USERS]
    began = time.monotonic()
    for walk in walks:
        walk.start()
    for walk in walks:
        walk.join()
    kinds = {}
    for walk in walks:
        for kind, n in walk.kinds.items():
            kinds[kind] = kinds.get(kind, 0) + n
    note("seed %d: %d requests in %.0f s, %r" % (seed, sum(kinds.values()), time.monotonic() - began, kinds))
    equal([found for walk in walks for found in walk.found], [])
    equal([bad for walk in walks for bad in walk.bad][:5], [])
    ok(sum(kinds.values()) >= 0.8 * REQUESTS, why=repr(kinds))
    equal(len(kinds), 12, "every kind was asked for")


@case("the search finds what is there: a page of the one does hold the one's marks")
def _(stack):
    for user in USERS:
        browser, page = stack.log_in(user)
        ok(MARKS[user].encode() in page.raw)
        part = browser.get("mail/INBOX/1/part/2")
        ok(MARKS[user].encode() in part.raw and MARKS[user] in repr(part.headers), why=repr(part.headers))


main(Both)
