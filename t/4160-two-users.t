#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two users at the same site, a hundred thousand requests of every kind in random order over the same httpd children
and the same connections, the one's beside the other's: not one byte of the other's mail, folders, reports, parts or
settings, in headers or bodies. ALPHAMAIL_SOAK=1 asks a million times, ALPHAMAIL_TWO_USERS says how often."""
import concurrent.futures
import os
import random
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from browser import Browser  # noqa: E402
from imapd import check, quoted  # noqa: E402
from pipelined import Pipeline  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, equal, main, note, ok  # noqa: E402
from webcache import sanitized  # noqa: E402

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
REQUESTS = int(os.environ.get("ALPHAMAIL_TWO_USERS", "1000000" if SOAK else "5000" if sanitized() else "100000"))
PROCESSES, CONNECTIONS, AHEAD = 2, 4, 6      # connections of each process; requests ahead of the answers on each
USERS = ("annegret", "bartolo")
# What only the one's mail, folders, files, and settings hold.
MARKS = {"annegret": "QANNE7K", "bartolo": "QBART9Z"}
# kind: of a thousand requests
SHARES = {"list": 360, "sorted": 159, "message": 200, "part": 80, "source": 30, "star": 10, "mark": 10,
          "settings": 40, "foreign": 30, "nothing": 30, "written": 50, "again": 1}
LETTERS, WITH_FILE = 16, 4      # in each folder; the first of them have a file


def letter(user, n):
    mark = MARKS[user]
    words = "Content-Type: text/plain\n\n%s words %d\n" % (mark, n)
    if n <= WITH_FILE:
        words = ("Content-Type: multipart/mixed; boundary=b\n\n--b\n%s--b\nContent-Type: application/octet-stream\n"
                 "Content-Disposition: attachment; filename=%s-%d.bin\n\n%s\n--b--\n" % (
                     words, mark, n, (mark + " file ") * 400))
    text = ("From: %s friend <f@%s.example>\nTo: %s@example.edu\nSubject: %s subject %d\n"
            "Date: Tue, 03 Nov 2026 10:00:00 +0000\nMessage-ID: <%s-%d@example.org>\nMIME-Version: 1.0\n%s" % (
                mark, mark.lower(), user, mark, n, mark.lower(), n, words))
    return text.replace("\n", "\r\n").encode()


def folders_of(user):
    return "INBOX", "Only-" + MARKS[user]


class Both(Stack):
    def __init__(self):
        super().__init__(users=USERS, web={"tuning": (
            "StartServers 2\nServerLimit 2\nThreadsPerChild 16\nMaxRequestWorkers 32\nMinSpareThreads 16\n"
            "MaxSpareThreads 32\nMaxKeepAliveRequests 0\nKeepAliveTimeout 60")})

    def __enter__(self):
        super().__enter__()
        for user in USERS:
            client = self.dovecot.client(user)
            check(client.create(quoted(folders_of(user)[1])))
            for name in folders_of(user):
                for n in range(1, LETTERS + 1):
                    check(client.append(quoted(name), None, None, letter(user, n)))
            client.logout()
        return self


class Found(Exception):
    """What must not be, or something missing."""


class Person:
    """One user, who has logged in: what a browser would send, in bytes."""

    def __init__(self, origin, mount, user, rng):
        self.user, self.mark, self.random = user, MARKS[user].encode(), rng
        other = USERS[1 - USERS.index(user)]
        self.forbidden = MARKS[other].lower().encode(), other.encode()
        self.foreign = "mail/%s/" % folders_of(other)[1].lower()      # by its address: there is no such folder
        self.origin, self.mount = origin, mount
        self.log_in()

    def log_in(self):
        browser = Browser(self.origin, self.mount)
        browser.patience = 30
        page = browser.log_in(self.user)
        self.look("log-in", page.raw + repr(page.headers).encode() + page.url.encode(), self.mark)
        lines = {"Host": urllib.parse.urlsplit(self.origin).netloc,
                 "Cookie": "; ".join("%s=%s" % item for item in browser.cookies.items()), **browser.headers}
        self.head = "".join("%s: %s\r\n" % item for item in lines.items())
        self.lists = {}
        for folder in folders_of(self.user):
            page = browser.get("mail/%s/" % folder)
            form = page.form("v")
            self.lists[folder] = (urllib.parse.urljoin(page.url, form.action or page.url)[len(self.origin):],
                                  {name: value for name, value in form.fields.items() if name != "m"}, form.options["m"])
        browser.close()

    def look(self, kind, sent, *wanted):
        low = sent.lower()
        for word in self.forbidden:
            if word in low:
                raise Found("%s of %s holds %r: %r" % (kind, self.user, word, sent[max(0, low.index(word) - 150):][:300]))
        for word in wanted:
            if word not in sent:
                raise Found("%s of %s is without %r: %r" % (kind, self.user, word, sent[:600]))

    def get(self, path):
        return ("GET %s HTTP/1.1\r\n%s\r\n" % (path, self.head)).encode()

    def post(self, path, fields):
        body = urllib.parse.urlencode(fields, True)
        return ("POST %s HTTP/1.1\r\n%sOrigin: %s\r\nSec-Fetch-Site: same-origin\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s" % (
                    path, self.head, self.origin, len(body), body)).encode()

    def request(self, kind):
        """(bytes, the statuses that are right, what the answer has to hold)"""
        folder = self.random.choice(folders_of(self.user))
        n = self.random.randint(1, WITH_FILE if kind == "part" else LETTERS)
        below = self.mount + "/mail/%s/" % folder
        subject = b"%s subject " % self.mark
        if kind == "list":
            return self.get(below), (200,), subject
        if kind == "sorted":
            return self.get(below + "?sort=%s&order=asc" % self.random.choice(("from", "subject", "size"))), (200,), subject
        if kind == "message":
            return self.get(below + "%d" % n), (200,), b"%s words %d" % (self.mark, n)
        if kind == "part":
            return self.get(below + "%d/part/2" % n), (200,), b"%s-%d.bin" % (self.mark, n)
        if kind == "source":
            return self.get(below + "%d/source" % n), (200,), b"<%s-%d@" % (self.mark.lower(), n)
        if kind in ("star", "mark"):
            address, fields, rows = self.lists[folder]
            what = ("star", "unstar") if kind == "star" else ("read", "unread")
            return self.post(address, {**fields, "do": self.random.choice(what), "m": self.random.sample(rows, 2)}), (
                200, 303), b""
        if kind == "settings":
            return self.get(self.mount + "/settings/"), (200,), self.user.encode()
        if kind == "written":
            return self.get(self.mount + "/compose?reply=%s/%d" % (folder, n)), (200,), b"%s words %d" % (self.mark, n)
        if kind == "foreign":
            return self.get(self.mount + "/" + self.foreign), (404, 503), b""
        return self.get(below + "%d" % self.random.randint(1000, 9999)), (404,), b""


def comes_later(request, answer):
    """Where the mail server takes its time with what was asked for, which is asked for again then."""
    return request.startswith(b"GET") and answer.status == 503 and b'role="status"' in answer.body


def walk(origin, mount, seed, count):
    """Asks `count` times as both users over the same connections: how often what was asked for."""
    rng = random.Random(seed)
    persons = [Person(origin, mount, user, rng) for user in USERS]
    lines = [Pipeline(urllib.parse.urlsplit(origin).port) for _ in range(CONNECTIONS)]
    kinds = dict.fromkeys(SHARES, 0)
    asked = late = 0
    while asked < count or any(line.waiting for line in lines):
        for line in lines:
            while asked < count and len(line.waiting) < AHEAD:
                person, names = rng.choice(persons), list(SHARES)
                kind = names[asked] if asked < len(names) else rng.choices(names, SHARES.values())[0]
                asked += 1
                kinds[kind] += 1
                if kind == "again":
                    person.log_in()
                    continue
                request, good, wanted = person.request(kind)
                line.send(request, (request, person, kind, good, wanted))
            if not line.waiting:
                continue
            what, answer = line.receive()
            request, person, kind, good, wanted = what
            if answer.status not in good and comes_later(request, answer):
                person.look(kind, answer.head + b"\r\n" + answer.body)
                late += 1
                if late > 50 + count // 100:
                    raise Found("%s of %s: the mail server takes its time too often" % (kind, person.user))
                time.sleep(0.2)
                line.send(request, what)
                continue
            if answer.status not in good:
                raise Found("%s of %s: %d, %r" % (kind, person.user, answer.status, answer.head + answer.body[:3000]))
            person.look(kind, answer.head + b"\r\n" + answer.body, wanted)
            if answer.status == 303:      # what it leads to says what was done
                where = urllib.parse.urljoin(origin + mount + "/", answer.header(b"location").decode())
                request = person.get(where[len(origin):])
                line.send(request, (request, person, kind, (200,), b"%s subject " % person.mark))
    for line in lines:
        line.close()
    return kinds


@case("%d mixed requests of two users at the same time show nobody a byte of the other's" % REQUESTS)
def _(stack):
    seed = int(os.environ.get("ALPHAMAIL_SEED", str(time.time_ns() % 10**6)))
    mount, began = stack.browser().mount, time.monotonic()
    with concurrent.futures.ProcessPoolExecutor(PROCESSES) as pool:
        walks = [pool.submit(walk, stack.httpd.origin, mount, "%d %d" % (seed, n), REQUESTS // PROCESSES)
                 for n in range(PROCESSES)]
        found = [one.result() for one in walks]
    kinds = {kind: sum(one[kind] for one in found) for kind in SHARES}
    note("seed %d: %d requests in %.0f s, %r" % (seed, sum(kinds.values()), time.monotonic() - began, kinds))
    ok(sum(kinds.values()) > REQUESTS - PROCESSES)
    ok(all(kinds.values()), why=repr(kinds))


@case("an answer with the other's word in it, or without one's own, would be found")
def _(stack):
    persons = [Person(stack.httpd.origin, stack.browser().mount, user, random.Random(1)) for user in USERS]
    line = Pipeline(urllib.parse.urlsplit(stack.httpd.origin).port)
    for person, other in (persons, persons[::-1]):
        for kind in ("list", "sorted", "message", "part", "source", "settings", "written"):
            request, good, wanted = other.request(kind)
            line.send(request)
            _, answer = line.receive()
            while comes_later(request, answer):
                time.sleep(0.2)
                line.send(request)
                _, answer = line.receive()
            equal(answer.status in good, True, kind)
            other.look(kind, answer.head + answer.body, wanted)
            try:
                person.look(kind, answer.head + answer.body)
            except Found:
                continue
            raise AssertionError("a %s of %s passes for one of %s" % (kind, other.user, person.user))
    line.close()


main(Both)
