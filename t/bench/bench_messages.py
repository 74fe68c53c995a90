# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "messages": pages of messages of 8 KB, each opened for the first time, and opened again."""
import random

import kit
import paths
from demo_mail import compose

USERS = ("demo", "demo2", "demo3", "demo4")
BYTES = 8192
KEPT = 16          # messages of each user that are opened again and again


def letters(count, seed=8):
    """Messages of 8 KB of text; (seconds, flags, bytes), read already."""
    rng = random.Random(seed)
    words = [word.strip(",.;:?!()") for line in kit.lists.SENTENCES for word in line.split()]
    for number in range(count):
        seconds = kit.NOW - (count - number) * 600
        headers = [("From", compose.address("Noor Lindqvist", "noor.lindqvist@example.edu")),
                   ("To", compose.address("Robin Demo", "demo@example.edu")),
                   ("Subject", "A long letter, number %d" % number),
                   ("Date", compose.date_header(seconds)),
                   ("Message-ID", "<letter.%d@example.edu>" % number)]
        text = ""
        while len(text) < BYTES - 700:
            text += " ".join(rng.choice(words) for _ in range(11)) + "\n"
        yield seconds, r"\Seen", compose.message(headers, compose.text_part(text))


def run(options):
    # So many that none is opened twice while it is measured; three rounds of it.
    count, rounds = (600, 2) if options.quick else (6000, 3)
    with paths.TestFolder() as folder, kit.Site(folder, USERS) as site:
        kit.say("filling a folder of %d" % count)
        filler = site.filler(USERS[0])
        filler.create("Letters")
        filler.append("Letters", letters(count))
        filler.close()
        site.clone(USERS[0], USERS[1:])
        site.log_in(["mail/INBOX/"])
        site.wait_complete("Letters", count // 50)
        cookies = site.log_in(["mail/Letters/"])
        bench = kit.Bench(site, 1 if options.quick else 2, 8)

        def case(name, uids):
            wanted = ["%smail/Letters/%d" % (site.mount, uid) for uid in uids for _ in USERS]
            return kit.Case(name, wanted, cookies, least=8000)
        fresh = case("8 KB, not cached", [])
        again = case("8 KB, cached", range(1, KEPT + 1))
        bench.measure(again, keep=False)
        used = KEPT
        for n in range(rounds):
            kit.say("round %d of %d" % (n + 1, rounds))
            share = (count - KEPT) // rounds
            fresh.wanted = case("", range(used + 1, used + share + 1)).wanted
            used += share
            bench.measure(fresh)
            if fresh.requests > len(fresh.wanted):
                kit.say("the messages were used up: %d requests" % fresh.requests)
            bench.measure(again)
    print("wrk with 1 thread and 8 connections; %d users in turn; medians of %d rounds.\n" % (
        len(USERS), rounds))
    print(kit.table(["case", "pages/s", "aim", "httpd CPU us", "webcache CPU us", "p50 us", "p99 us", "bytes"],
                    [[c.name, "%.0f" % kit.middle(c.rates), aim, "%.0f" % kit.middle(c.httpd_us),
                      "%.0f" % kit.middle(c.webcache_us), "%.0f" % kit.middle(c.p50),
                      "%.0f" % kit.middle(c.p99), "%.0f" % c.size]
                     for c, aim in ((fresh, "1 400"), (again, "10 000"))]))
