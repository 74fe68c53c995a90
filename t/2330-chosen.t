#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lists choose of a folder, filters and queries over the index, against an independent scan of the same
mailbox by Python's email package."""
import email.header
import imaplib
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import world  # noqa: E402
from asker import deliver_many, shown  # noqa: E402
from imapd import message, numbers  # noqa: E402
from orders import KEYS, words  # noqa: E402
from queries import holds, scan, spelled  # noqa: E402
from tap import case, contains, equal, main, note, ok  # noqa: E402

ME = ("demo@example.edu", "D.Emo@physics.example.edu")
UNREAD, STARRED, ATTACHMENT, TO_ME, SINCE = 1, 2, 4, 8, 16
FILTERS = {UNREAD: "is:unread", STARRED: "is:starred", ATTACHMENT: "has:attachment", TO_ME: "to:me"}
BEGIN = 1_790_000_000   # 2026-09-21
DAY = 86400

NAMES = ("Anna Müller", "ANNA SCHMIDT", "Søren Ægir", "佐藤 美咲", "Łukasz", "")
TOPICS = ("Minutes of the Board", "Sitzung: Protokoll und Anträge", "来週の研究会", "Re: minutes", "Don’t panic – really", "",
          "RE: Re: Über Straßen", "a  b   c", "Προσκληση")
TERMS = ("from:anna", "from:muller", "from:\"anna müller\"", "from:EXAMPLE.org", "from:佐藤", "from:soren", "from:lukasz", "to:me",
         "to:board", "to:zak", "to:dean@example.edu", "cc:me", "cc:board", "cc:olga", "from:me", "label:work", "label:$Label1", "label:other", "subject:minutes", "subject:re:", "subject:\"re: m\"", "subject:antrage", "subject:研究", "subject:strassen",
         "subject:\"don't panic - really\"", "subject:\"a b c\"", "subject:πρόσκληση", "is:unread", "is:read", "is:starred", "is:answered",
         "has:attachment", "larger:700", "smaller:2000", "after:2026-10-01", "before:2026-10-20", "from:nobodyatall")
ATTACHED = """Content-Type: multipart/mixed; boundary=b"""
PARTS = """--b
Content-Type: text/plain; charset=utf-8

See there.
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="board.pdf"

%PDF
--b--
"""


def encoded(text):
    return email.header.Header(text, "utf-8", maxlinelen=1000).encode() if not text.isascii() else text


def mail(rng, number):
    name = rng.choice(NAMES)
    sender = "p%d@example.%s" % (number % 7, rng.choice(("org", "edu")))
    sender = "%s <%s>" % (encoded(name), sender) if name else sender
    people = (ME[0], "DEMO@Example.edu", ME[1], "board@example.edu", "Board <board@example.edu>",
              "%s <olga@example.pl>" % encoded("Ołga Żak"), "Dean <dean@example.edu>")
    to = ", ".join(rng.sample(people, rng.choice((1, 1, 1, 2, 4))))
    cc = "Cc: %s\n" % ", ".join(rng.sample(people, rng.choice((1, 2)))) if rng.random() < 0.3 else ""
    text = "x" * rng.choice((10, 300, 3000)) + "\n"
    attached = rng.random() < 0.3
    return message(subject=encoded(rng.choice(TOPICS)), sender=sender, to=to, text=PARTS if attached else text,
                   headers=cc + ("MIME-Version: 1.0\n" + ATTACHED if attached else ""))


class World(world.World):
    def __init__(self):
        super().__init__()
        self.rng = random.Random(20261127)

    def deliver(self, count, folder="INBOX"):
        client = self.dovecot.client("demo")
        for number in range(count):
            flags = " ".join(flag for flag in ("\\Seen", "\\Flagged", "\\Answered", "Work", "$label1") if self.rng.random() < 0.4)
            when = BEGIN + self.rng.randrange(60) * DAY // 2
            client.append(folder, "(%s)" % flags, imaplib.Time2Internaldate(when),
                          mail(self.rng, number).replace("\n", "\r\n").encode())
        client.logout()

    def chosen(self, filters=0, query="", since=0, order=("-", "-", "-"), folder="INBOX", rows=50):
        """All pages: UIDs, as listed; each page says how many there are."""
        uids, pages = [], list(self.pages("h1", folder, rows, *order, *asked(filters, query, since)))
        for page in pages:
            uids += [row["uid"] for row in page["rows"]]
        equal({page["chosen"] for page in pages}, {len(uids)}, query)
        equal(len(pages), max(1, -(-len(uids) // rows)), query)
        return uids


def asked(filters=0, query="", since=0):
    return ("filters=%d" % filters, "query=" + query, "since=%d" % since, "me=" + ",".join(ME))


def newest_first(mails):
    return [mail.uid for mail in sorted(mails, key=lambda mail: (mail.arrived, mail.uid), reverse=True)]


def filter_terms(filters):
    return [FILTERS[bit] for bit in FILTERS if filters & bit]


@case("each filter and all together choose what the messages themselves say")
def _(w):
    w.deliver(240)
    deliver_many(w.dovecot, "demo", "Large", [mail(w.rng, number) for number in range(3200)])
    w.ask.log_in("h1")
    w.complete("h1")
    mails = scan(w.dovecot, "demo")
    for filters in range(32):
        since = BEGIN + 10 * DAY if filters & SINCE else 0
        right = [mail for mail in mails if holds(mail, filter_terms(filters), ME) and mail.arrived >= since]
        equal(w.chosen(filters, since=since), newest_first(right), "filters %d" % filters)


@case("random queries find what a scan of the whole messages finds")
def _(w):
    mails = scan(w.dovecot, "demo")
    found, count = 0, 1000 if os.environ.get("ALPHAMAIL_SOAK") else 150
    for _ in range(count):
        terms = []
        for _ in range(w.rng.randrange(1, 4)):
            one = [w.rng.choice(("", "", "", "-")) + w.rng.choice(TERMS) for _ in range(w.rng.choice((1, 1, 1, 2)))]
            terms.append(one)
        filters = w.rng.choice((0, 0, 0, UNREAD, TO_ME))
        right = [mail for mail in mails if holds(mail, terms + filter_terms(filters), ME)]
        equal(w.chosen(filters, spelled(terms)), newest_first(right), spelled(terms))
        found += len(right)
    ok(found > 10 * count, why=str(found))
    note("%d queries, %d messages found" % (count, found))


@case("the counts are those of each filter alone in the whole folder, whatever the list shows")
def _(w):
    mails = scan(w.dovecot, "demo")
    moments = [BEGIN, BEGIN + 7 * DAY, BEGIN + 20 * DAY, BEGIN + 90 * DAY, -5]
    right = [sum(holds(mail, [FILTERS[bit]], ME) for mail in mails) for bit in FILTERS]
    right.append(sum(mail.arrived >= moments[1] for mail in mails))
    for filters, query in ((0, ""), (UNREAD | STARRED, ""), (0, "from:nobodyatall")):
        page = w.ask.page("h1", "INBOX", 1, 50, *asked(filters, query, moments[1]), "moments=" + ",".join(map(str, moments)))
        equal(page["filter_counts"], right)
        equal(page["since_counts"], [sum(mail.arrived >= moment for mail in mails) for moment in moments])
        equal((page["total"], page["unread"]), (len(mails), right[0]))
    page = w.ask.page("h1")
    equal((page["filter_counts"], page["since_counts"], page["chosen"]), ([], [], len(mails)))


@case("in every order the chosen stand as they do in the whole list")
def _(w):
    for key in KEYS:
        for descending in (False, True):
            order = words(key, descending)
            whole = [row["uid"] for row in w.rows("h1", "INBOX", 200, *order)]
            chosen = set(w.chosen(UNREAD, "from:example.org"))
            ok(len(chosen) > 10)
            equal(w.chosen(UNREAD, "from:example.org", order=order), [uid for uid in whole if uid in chosen], key)


@case("a page past the end is the last; nothing chosen is one empty page")
def _(w):
    page = w.ask.page("h1", "INBOX", 99, 10, *asked(STARRED))
    equal(page["page"], page["pages"])
    ok(0 < len(page["rows"]) <= 10)
    page = w.ask.page("h1", "INBOX", 3, 10, *asked(0, "from:nobodyatall"))
    equal((page["page"], page["pages"], page["rows"], page["chosen"]), (1, 1, [], 0))


@case("a message has its neighbours among the chosen, also once it is not one of them")
def _(w):
    unread = w.chosen(UNREAD)
    for place in (0, 1, len(unread) // 2, len(unread) - 1):
        told = w.ask("message", "h1", "INBOX", unread[place], 10, "peek", *asked(UNREAD))
        before = unread[place - 1] if place > 0 else 0
        behind = unread[place + 1] if place + 1 < len(unread) else 0
        equal((told["newer"], told["older"], told["position"], told["total"], told["page"]),
              (before, behind, place + 1, len(unread), place // 10 + 1), "place %d" % place)
    place = len(unread) // 2
    told = w.ask("message", "h1", "INBOX", unread[place], 10, "-", *asked(UNREAD))
    equal((told["newer"], told["older"], told["total"]), (unread[place - 1], unread[place + 1], len(unread) - 1))
    equal(told["flags"] & 1, 1)
    del unread[place]
    equal(w.chosen(UNREAD), unread)
    told = w.ask("message", "h1", "INBOX", unread[place], 10, "peek", *asked(UNREAD))
    equal((told["newer"], told["position"]), (unread[place - 1], place + 1))


@case("what another client changes moves in and out of the list")
def _(w):
    starred = w.chosen(STARRED)
    client = w.dovecot.client("demo")
    client.select("INBOX")
    client.uid("STORE", numbers(starred[:5]), "-FLAGS", "(\\Flagged)")
    client.logout()
    w.ask.until(lambda page: page.get("chosen") == len(starred) - 5, "folder", "h1", "INBOX", 1, 50, "refresh",
                *asked(STARRED))
    equal(w.chosen(STARRED), starred[5:])
    page = w.ask.page("h1", "INBOX", 1, 50, *asked())
    equal(page["filter_counts"][1], len(starred) - 5)


@case("from memory: no list of these asked the server anything")
def _(w):
    for page in list(w.pages("h1")):
        w.ask.until(shown(), "folder", "h1", "INBOX", page["page"], 200)
    before, fetched = w.counted.asked(), w.status("pages_fetched")
    for filters in (UNREAD, STARRED | TO_ME, ATTACHMENT):
        w.chosen(filters)
        w.chosen(filters, "subject:minutes -from:muller")
    equal(w.counted.asked()[len(before):], [])
    equal(w.status("pages_fetched"), fetched)


@case("what cannot be chosen is refused, and hurts nobody")
def _(w):
    def error(*more):
        return w.ask.page("h1", "INBOX", 1, 50, *more).get("error")
    equal(error("filters=32"), "kInvalid")
    equal(error("filters=255"), "kInvalid")
    equal(error("query=lichen"), "kInvalid")        # only the messages themselves tell
    equal(error("query=from:a body:lichen"), "kInvalid")
    equal(error("me=" + ",".join("a%d@example.edu" % n for n in range(51))), "kInvalid")
    equal(error("moments=" + ",".join(["1"] * 9)), "kInvalid")
    equal(error("query=" + "from:x " * 2000), None)
    equal(error("query=from:\"never closed"), None)
    equal(error("filters=16", "since=-9223372036854775808", "moments=9223372036854775807"), None)
    equal(error("zone=2147483647", "query=after:9999y before:1d"), None)
    equal(w.ask("message", "h1", "INBOX", 1, 50, "peek", "filters=64").get("error"), "kInvalid")
    equal(w.ask("message", "h1", "INBOX", 1, 50, "peek", "query=lichen").get("error"), "kInvalid")


@case("a large folder answers a query beside its other questions, and says what it does not know yet")
def _(w):
    page = w.ask.page("h1", "Large", 1, 50, *asked(UNREAD))
    ok(page["indexed"] <= page["total"] == 3200, why=str((page["indexed"], page["total"])))
    ok(all(not row["flags"] & 1 for row in page["rows"]))
    equal(page["filter_counts"][0], page["chosen"])
    w.complete("h1", "Large")
    mails = scan(w.dovecot, "demo", "Large")
    for terms in (["from:muller"], ["subject:minutes", "-from:anna"], ["to:me", "is:unread"], ["cc:zak", "-to:board"]):
        right = newest_first([mail for mail in mails if holds(mail, terms, ME)])
        equal(w.chosen(0, spelled(terms), folder="Large", rows=200), right, spelled(terms))


@case("the same after a restart, from disk")
def _(w):
    before = w.chosen(UNREAD | TO_ME, "subject:minutes")
    w.restart()
    w.ask.log_in("h1")
    w.complete("h1")
    equal(w.chosen(UNREAD | TO_ME, "subject:minutes"), before)


main(World)
