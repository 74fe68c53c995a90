# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "organise": what people do all day with the mail that is there, in a folder of 100 000 messages, through
the lane where the webcache alone is meant. Each section is a function of its own, in SECTIONS."""
import statistics
import time

import kit
import organise_polls
import organise_tree
import paths
from asker import Asker, deliver_many
from imapd import message

USER = "demo"
MANY = 20000
ME = "me=demo@example.edu"
UNREAD, STARRED, ATTACHMENT, TO_ME, SINCE = 1, 2, 4, 8, 16


class Place:
    """What the sections measure in: a folder of so many messages, all known, and a lane of its own."""

    def __init__(self, site, ask, count):
        self.site, self.ask, self.count = site, ask, count
        self.folder = "F%d" % count

    def measured(self, times, question):
        """Milliseconds, the median; whoever asks brings the password where it is wanted, as a browser's session does."""
        told = self.ask("repeat", times, *question)
        if told.get("trouble", {}).get("error") == "kNeedCredentials":
            self.ask.resume("h1", USER, self.ask.seal(USER, "demo"))
            told = self.ask("repeat", times, *question)
        if "trouble" in told:
            raise RuntimeError("%r: %r" % (question, told))
        return told["p50_us"] / 1000

    def times(self, make, rounds):
        """Milliseconds of questions that make(n) gives, each asked once: none was answered before."""
        return [self.measured(1, make(n)) for n in range(rounds)]

    def again(self, question, times):
        return self.measured(times, question)

    def commands(self):
        return self.ask("status")["imap_commands"]


def filters(place, options):
    """Filters and searches of headers, from memory."""
    rounds = 5 if options.quick else 21

    def page(*more):
        return ("folder", "h1", place.folder, 1, 50, *more, ME)
    # The first second of the span, or a word that is nowhere, makes each of them new to the webcache.
    cases = [
        ("all of the folder, and each filter's count", lambda n: page("filters=0"), 5),
        ("unread", lambda n: page("filters=%d" % (UNREAD | SINCE), "since=%d" % n), 5),
        ("unread, starred, with attachment", lambda n: page("filters=%d" % (UNREAD | STARRED | ATTACHMENT | SINCE), "since=%d" % n), 5),
        ("to me", lambda n: page("filters=%d" % (TO_ME | SINCE), "since=%d" % n), 5),
        ("from:", lambda n: page("filters=0", "query=from:nobody%d" % n), 20),
        ("subject:", lambda n: page("filters=0", "query=subject:nothing%d" % n), 20),
        ("from: or to: or subject:", lambda n: page("filters=0", "query=from:x%d OR to:x%d OR subject:x%d" % (n, n, n)), 20),
    ]
    rows, before = [], place.commands()
    for name, make, aim in cases:
        fresh = place.times(make, rounds)
        rows.append([name, "%.2f" % statistics.median(fresh), "%.2f" % max(fresh), "%.2f" % place.again(make(0), rounds), aim])
    print("%d messages, the first page of what is chosen, through the lane, in milliseconds; no answer waited for the "
          "mail server\n(%d IMAP commands meanwhile, for snippets behind the answers).\n" % (
              place.count, place.commands() - before))
    print(kit.table(["chosen", "never asked before", "slowest", "asked again", "aim: under"], rows))


def bodies(place, options):
    """Words in the texts of ten folders: when the first hits are there, beside what the server itself takes for the
    newest folder."""
    count = 300 if options.quick else 3000
    server, ask = place.site.stack.dovecot, place.ask
    texts = [message(subject="m%d" % n, text="hay " * 200 + ("\nthe needle lies here\n" if n % 97 == 0 else "\nand no more\n"))
             for n in range(count)]
    folders = ["INBOX"] + ["Bodies%d" % n for n in range(9)]
    for folder in folders:
        deliver_many(server, USER, folder, texts)
    ask("folder", "h1", "INBOX", 1, 50, "refresh")
    ask.until(lambda page: page["indexed"] == page["total"], "folder", "h1", "INBOX", 1, 50, seconds=120)
    client, own, first, whole = server.client(USER), [], [], []
    client.select("INBOX", readonly=True)
    for n in range(5):
        begun = time.monotonic()
        client.uid("SEARCH", "BODY", '"needle"')
        own.append(1000 * (time.monotonic() - begun))
    for n in range(5):
        begun = time.monotonic()
        page = ask("search", "h1", "body:needle", "anew=1")
        while page["found"] == 0:
            page = ask("search", "h1", "body:needle", "search=" + page["search"])
        first.append(1000 * (time.monotonic() - begun))
        while page["progress"] == "Running":
            page = ask("search", "h1", "body:needle", "search=" + page["search"])
        whole.append(1000 * (time.monotonic() - begun))
    print("%d messages in each of 10 folders, one in 97 has the word; milliseconds.\n" % count)
    print(kit.table(["", "median", "slowest", "aim"], [
        ["the server alone, SEARCH of INBOX", "%.0f" % statistics.median(own), "%.0f" % max(own), ""],
        ["first hits", "%.0f" % statistics.median(first), "%.0f" % max(first), "under %.0f" % (1.2 * statistics.median(own))],
        ["all ten folders", "%.0f" % statistics.median(whole), "%.0f" % max(whole), ""]]))


def marking(place, options):
    """All of a folder is marked as read, and as unread again."""
    count = MANY if place.count > MANY else place.count
    folder, ask = "F%d" % count, place.ask
    ask.until(lambda page: page.get("indexed") == page.get("total") == count, "folder", "h1", folder, 1, 50, seconds=600)
    shown = ask("folder", "h1", folder, 1, 50)
    rows = []
    for action in ("Read", "Unread") * (1 if options.quick else 5):
        before, begun = place.commands(), time.monotonic()
        report = ask("act", "h1", folder, shown["uid_validity"], action, "-", 0, "all:%d" % shown["uid_next"])
        ask("folder", "h1", folder, 1, 50, "-", "Arrived", "-", "-", report["id"])
        page = 1000 * (time.monotonic() - begun)
        ask.until(lambda told: told["progress"] == "Done", "report", "h1", report["id"], 5000, seconds=120)
        rows.append((action, page, 1000 * (time.monotonic() - begun), place.commands() - before))
    table = [[action] + ["%.0f" % statistics.median(row[n] for row in rows if row[0] == action) for n in (1, 2, 3)]
             for action in ("Read", "Unread")]
    print("%d messages marked at once, through the lane, in milliseconds; one command is a SELECT.\n" % count)
    print(kit.table(["all marked", "answer and the page behind it (aim: under 100)", "the server is done", "commands"], table))


SECTIONS = [filters, bodies, marking]


def run(options):
    count = 3000 if options.quick else 100000
    with paths.TestFolder() as folder, kit.Site(folder, (USER,), cache={"memory_limit_mb": 4096}) as site:
        site.fill_sizes([count] if options.quick else [MANY, count])
        with Asker(site.stack.webcache, folder) as ask:
            ask.log_in("h1", USER, "demo")
            place = Place(site, ask, count)
            kit.say("waiting for the index of %d" % count)
            ask.until(lambda page: page.get("indexed") == page.get("total") == count, "folder", "h1", place.folder, 1, 50, seconds=600)
            for section in SECTIONS:
                section(place, options)
                print()
    organise_tree.run(options)
    organise_polls.run(options)
