#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists in every order against the truth: what a second client finds on the server, sorted here. While
folders change, while they are read for the first time, and with bad input."""
import datetime
import email.utils
import imaplib
import os
import random
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import world  # noqa: E402
from asker import Asker, deliver_many, shown  # noqa: E402
from imapd import message  # noqa: E402
from orders import KEYS, Right, words  # noqa: E402
from tap import case, equal, lacks, main, note, ok  # noqa: E402
from webcache import Webcache  # noqa: E402

BIG = 6000
NONE = -2 ** 63
NAMES = ("Ada", "ada", "Bert", "Carla", "carla", "Dora", "Emil", "Zoe", "")
TOPICS = ("budget", "Budget", "Re: budget", "agenda", "RE: Agenda", "[staff] agenda", "Fwd: zoo", "Zoo",
          "Re: [staff] Fwd: rooms (fwd)", "rooms", "")
DATES = random.Random(20261122)


def mail(number, rng):
    name = rng.choice(NAMES)
    sender = "%s%d@example.org" % ((name or "nobody").lower(), rng.randrange(3))
    to = rng.choice(("demo@example.edu", "Staff <staff@example.edu>", "all@example.edu"))
    day = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(
        hours=rng.randrange(9000))
    return message(subject=rng.choice(TOPICS), sender='"%s" <%s>' % (name, sender) if name else sender,
                   to=to, text="x" * rng.choice((10, 10, 400)) + "\n",
                   date=email.utils.format_datetime(day) if rng.random() < 0.9 else None,
                   headers="References: <root-%d@x> <mid@x>\n <last@x>" % (number % 9))


class World(world.World):
    def __init__(self):
        super().__init__()
        self.rng = random.Random(3)
        self.made = 0

    def deliver(self, count, folder="INBOX"):
        client = self.dovecot.client("demo")
        for _ in range(count):
            when = 1_700_000_000 + self.rng.randrange(40) * 3600  # many arrive at the same second
            self.made += 1
            client.append(folder, self.rng.choice((None, "\\Seen", "\\Seen \\Flagged", "\\Answered")),
                          imaplib.Time2Internaldate(when),
                          mail(self.made, self.rng).replace("\n", "\r\n").encode())
        client.logout()

    def uids(self, key, descending, folder="INBOX", handle="h1", rows=200):
        """All pages of a list, one after the other."""
        return [row["uid"] for row in self.rows(handle, folder, rows, *words(key, descending))]


class Unsorting:
    """In front of an IMAP port: a server that does not say it could sort."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.to = port
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.to))
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(1 << 16):
                sink.sendall(data.replace(b" SORT ", b" XORT ") if b"CAPABILITY" in data else data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def agree(w, what, **more):
    right = Right(world.truth(w.dovecot, "demo"))
    for key in KEYS:
        for descending in (False, True):
            equal(w.uids(key, descending, **more), right.order(key, descending),
                  "%s, %s %s" % (what, key, "desc" if descending else "asc"))


@case("every order is that of the server's messages, and every page of it")
def _(w):
    w.deliver(230)
    w.ask.log_in("h1")
    w.ask.until(lambda page: page.get("indexed") == 230, "folder", "h1", "INBOX", 1, 50)
    agree(w, "at first")
    agree(w, "in small pages", rows=30)


@case("a sorted page costs no IMAP command the second time, and its order is made once")
def _(w):
    for number in (1, 2):
        w.ask.until(shown(230), "folder", "h1", "INBOX", number, 200)
    w.quiet()
    commands, made = w.counted.asked(), w.ask("status")["orders_made"]
    for _ in range(3):
        for key in KEYS:
            w.uids(key, True)
    equal(w.counted.asked(), commands)
    equal(w.ask("status")["orders_made"], made)


@case("orders follow what another client adds, flags and removes")
def _(w):
    for step in range(12):
        w.deliver(w.rng.randrange(1, 6))
        there = list(w.dovecot.flags("demo", "INBOX"))
        some = w.rng.sample(there, 5)
        w.dovecot.flag("demo", "INBOX", some[:3], w.rng.choice(("+FLAGS", "-FLAGS")),
                       w.rng.choice(("\\Seen", "\\Flagged", "\\Answered")))
        if step % 2:
            w.dovecot.expunge("demo", "INBOX", w.rng.sample(there, 4 if step < 9 else 60))
        lacks(w.ask.page("h1", "INBOX", 1, 50, "refresh"), "error")
        agree(w, "step %d" % step)


@case("from a message to its neighbours and back to its page in the list's own order")
def _(w):
    for key, way in (("From", "asc"), ("Subject", "-"), ("Size", "-"), ("Arrived", "asc"), ("Flags", "-")):
        uids = w.uids(key, way == "-", rows=20)
        for at in (0, 1, len(uids) // 2, len(uids) - 1):
            seen = w.ask("message", "h1", "INBOX", uids[at], 20, "peek", key, way, "en")
            lacks(seen, "error")
            equal((seen["position"], seen["newer"], seen["older"], seen["page"]),
                  (at + 1, uids[at - 1] if at else 0, uids[at + 1] if at + 1 < len(uids) else 0,
                   at // 20 + 1), "%s %s at %d" % (key, way, at))


@case("opening an unread message moves it in the order of flags alone")
def _(w):
    before = {key: w.uids(key, True) for key in KEYS}
    unread = next(uid for uid, flags in w.dovecot.flags("demo", "INBOX").items() if "\\Seen" not in flags)
    lacks(w.ask("message", "h1", "INBOX", unread, 50), "error")
    end = time.monotonic() + 10
    while "\\Seen" not in w.dovecot.flags("demo", "INBOX")[unread] and time.monotonic() < end:
        time.sleep(0.05)
    right = Right(world.truth(w.dovecot, "demo"))
    for key in KEYS:
        equal(w.uids(key, True), right.order(key, True), key)
        if key != "Flags":
            equal(w.uids(key, True), before[key], key)


@case("another locale sorts in its own way, and nonsense in none")
def _(w):
    deliver_many(w.dovecot, "demo", "Names", [message(sender='"%s" <x@example.org>' % n) for n in
                                              ("=?utf-8?Q?=C3=96berg?=", "Zorn", "Oberg")])
    for locale, names in (("de", ["Oberg", "\u00d6berg", "Zorn"]), ("sv", ["Oberg", "Zorn", "\u00d6berg"]),
                          ("x" * 200, ["Oberg", "\u00d6berg", "Zorn"]), ("../../etc", None), ("", None)):
        page = w.ask.until(lambda page: page.get("indexed") == 3 and not page["preparing"],
                           "folder", "h1", "Names", 1, 50, "-", "From", "asc", locale)
        if names:
            equal([row["from"] for row in page["rows"]], names, locale)


@case("what is no order, no page or no message gets a clear answer")
def _(w):
    for sort in ("7", "200", "255"):
        equal(w.ask("folder", "h1", "INBOX", 1, 50, "-", sort)["error"], "kInvalid")
        equal(w.ask("message", "h1", "INBOX", 1, 50, "-", sort)["error"], "kInvalid")
    last = w.ask("folder", "h1", "INBOX", 1_000_000_000, 50, "-", "Subject")
    equal(last["page"], last["pages"])
    equal(w.ask("folder", "h1", "INBOX", 0, 50, "-", "Subject")["page"], 1)
    equal(w.ask("message", "h1", "INBOX", 0, 50, "-", "Subject")["error"], "kNotFound")
    equal(w.ask("message", "h1", "INBOX", 4294967295, 50, "-", "Subject")["error"], "kNotFound")


@case("odd messages are sorted like others: 4096 flags, a subject of a megabyte, dates of all times")
def _(w):
    odd = [message(subject="s" * 1_000_000), message(subject="year one", date="1 Jan 0001 00:00:00 +0000"),
           message(subject="year 9999", date="31 Dec 9999 23:59:59 +0000"), message(subject="no date", date=None),
           message(subject="nonsense", date="the day after"), message(subject="[" * 900),
           message(subject="[a] " * 250 + "end"), message(subject="[fwd:" * 180 + "]" * 180)]
    deliver_many(w.dovecot, "demo", "Odd", odd)
    for first in range(0, 4096, 256):
        w.dovecot.flag("demo", "Odd", [4], "+FLAGS", " ".join("keyword%d" % n for n in range(first, first + 256)))
    w.ask.until(lambda page: page.get("indexed") == len(odd), "folder", "h1", "Odd", 1, 50)
    for key in KEYS:
        equal(sorted(w.uids(key, True, "Odd")), list(range(1, len(odd) + 1)))
    page = w.ask("folder", "h1", "Odd", 1, 50, "-", "Sent", "asc")
    row = next(row for row in page["rows"] if row["subject"] == "year one")
    equal(row["sent"], NONE)
    equal(w.ask("message", "h1", "Odd", 1, 50, "peek", "Subject")["uid"], 1)


@case("a folder that is made anew is sorted anew")
def _(w):
    w.uids("Subject", False, "Names")
    w.dovecot.recreate("demo", "Names")
    deliver_many(w.dovecot, "demo", "Names", [message(subject=s) for s in ("b", "c", "a")])
    w.ask.page("h1", "Names", 1, 50, "refresh")
    w.ask.until(lambda page: page.get("indexed") == 3, "folder", "h1", "Names", 1, 50)
    equal(w.uids("Subject", False, "Names"), [3, 1, 2])


@case("a huge folder in another order: its page comes from the server's sorting before all is read")
def _(w):
    rng = random.Random(9)
    deliver_many(w.dovecot, "demo2", "Big", [
        message(subject="Topic %05d" % rng.randrange(10 ** 5), sender="P%d <p%d@example.org>" % (n % 50, n % 50))
        for n in range(BIG)])
    client = w.dovecot.client("demo2")
    client.select("Big", readonly=True)
    right = [int(uid) for uid in client.uid("SORT", "(SUBJECT)", "UTF-8", "ALL")[1][0].split()]
    client.logout()
    w.ask.log_in("b1", "demo2")
    first = w.ask("folder", "b1", "Big", 3, 50, "-", "Subject", "asc", "en")
    lacks(first, "error")
    subjects = [row["subject"] for row in first["rows"]]
    equal(subjects, sorted(subjects))
    equal((first["page"], first["pages"], first["preparing"]), (3, BIG // 50, False))
    if first["indexed"] < BIG:    # else all was read while the answer waited
        equal([row["uid"] for row in first["rows"]], right[100:150])
        ok(any("SORT" in line for line in w.counted.commands()))
    note("%d of %d were known then" % (first["indexed"], BIG))
    for number in (20, 119, 60):
        page = w.ask("folder", "b1", "Big", number, 50, "-", "Subject", "asc", "en")
        got = [row["subject"] for row in page["rows"]]
        equal(len(got), 50)
        equal(got, sorted(got))
    w.ask.until(lambda page: page.get("indexed") == BIG, "folder", "b1", "Big", 1, 50)
    got = w.uids("Subject", False, "Big", "b1")
    equal(sorted(got), sorted(right))
    pages = [w.ask("folder", "b1", "Big", n, 200, "-", "Subject", "asc", "en") for n in range(1, BIG // 200 + 1)]
    subjects = [row["subject"] for page in pages for row in page["rows"]]
    equal(subjects, sorted(subjects))
    newest = [w.ask.page("b1", "Big", n, 200) for n in range(1, BIG // 200 + 1)]
    equal([row["uid"] for page in newest for row in page["rows"]],
          [row["uid"] for page in newest for row in sorted(page["rows"], key=lambda r: (-r["arrived"], -r["uid"]))])


@case("where the server cannot sort, what is known is sorted, and the page says that it is not all")
def _(w):
    w.dovecot.add_user("demo3", "demo")
    deliver_many(w.dovecot, "demo3", "Big", [message(subject="Topic %05d" % (n * 7919 % 10007)) for n in range(BIG)])
    with Unsorting(w.dovecot.imap_port) as proxy, Webcache(
            w.folder, name="plain", imap_servers="example.edu=127.0.0.1:%d[/]" % proxy.port) as webcache, \
            Asker(webcache, w.folder) as ask:
        words = ("folder", "p1", "Big", 1, 50, "-", "Subject", "asc", "en")
        ask.log_in("p1", "demo3")
        page = ask(*words)
        lacks(page, "error")
        subjects = [row["subject"] for row in page["rows"]]
        equal(subjects, sorted(subjects))
        equal((page["preparing"], page["total"]), (page["indexed"] < BIG, BIG))
        note("%d of %d were known then" % (page["indexed"], BIG))
        page = ask.until(lambda page: "rows" in page and not page["preparing"], *words)
        equal(page["indexed"], BIG)
        subjects = [row["subject"] for n in range(1, BIG // 200 + 1)
                    for row in ask("folder", "p1", "Big", n, 200, "-", "Subject", "asc", "en")["rows"]]
        equal(subjects, sorted("Topic %05d" % (n * 7919 % 10007) for n in range(BIG)))


main(World)
