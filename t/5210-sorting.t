#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sorting a list, without script: column heads, the form, pages and messages that keep the order."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import message  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402

NOW = int(time.time())
COUNT = 70


class Sorting(Stack):
    def _start(self):
        super()._start()
        # The senders run against the dates; sizes and the Date header are in an order of their own.
        for n in range(COUNT):
            self.dovecot.deliver("demo", "INBOX", [message(
                subject="%sTopic %02d" % ("Re: " if n % 3 else "", (n * 37) % COUNT),
                sender="Person %02d <p@example.org>" % (COUNT - n), text="x" * ((n * 11) % COUNT) * 2000 + "\n",
                date="Mon, 02 Nov 2020 10:%02d:00 +0000" % ((n * 7) % 60))],
                flags="\\Seen \\Flagged" if n == 20 else "\\Seen" if n != 30 else "", date=NOW - 90000 + n * 60)
        self.dovecot.create("demo", "Sent")
        self.dovecot.deliver("demo", "Sent", [message(to="Zoe <z@example.org>"), message(to="Ada <a@example.org>")])
        self.reader = self.browser()
        self.reader.log_in()


def rows(page):
    """What stands in the rows: (subject's number, sender's number)."""
    return [(int(subject), int(sender)) for sender, subject in
            re.findall(r'<bdi>Person (\d+)</bdi>.*?<bdi>(?:Re: )?Topic (\d+)</bdi>', page.text, re.S)]


def sorted_heads(page):
    return re.findall(r'<th class="(\w+)"[^>]* aria-sort="(\w+)"', page.text)


@case("the heads of the columns sort, and turn the order round when pressed again")
def _(stack):
    page = stack.reader.get("mail/INBOX/")
    equal(sorted_heads(page), [("date", "descending")])
    contains(page.words, "newest first")
    page = stack.reader.click(page, "Subject")
    ok(page.url.endswith("/mail/INBOX/?sort=subject"), why=page.url)
    equal(sorted_heads(page), [("subj", "ascending")])
    equal([subject for subject, _ in rows(page)], list(range(50)))
    contains(page.words, "by subject")
    lacks(page.text, 'class="day"')
    page = stack.reader.click(page, "Subject")
    ok(page.url.endswith("?sort=subject&order=desc"), why=page.url)
    equal(sorted_heads(page), [("subj", "descending")])
    equal([subject for subject, _ in rows(page)], list(range(COUNT - 1, COUNT - 51, -1)))
    page = stack.reader.click(page, "From")
    equal([sender for _, sender in rows(page)], list(range(1, 51)))
    page = stack.reader.click(page, "Date")
    ok(page.url.endswith("/mail/INBOX/"), why=page.url)
    page = stack.reader.click(page, "Date")
    equal([sender for _, sender in rows(page)], list(range(COUNT, COUNT - 50, -1)))
    contains(page.words, "oldest first")
    contains(page.text, 'class="day"')
    page = stack.reader.click(page, "Size")
    equal(rows(page)[0], ((((COUNT - 1) * 37 * pow(11, -1, COUNT)) % COUNT), COUNT - ((COUNT - 1) * pow(11, -1, COUNT)) % COUNT))


@case("pages, the field for a page, and 'Check mail' keep the order")
def _(stack):
    page = stack.reader.get("mail/INBOX/?sort=subject&order=desc")
    page = stack.reader.click(page, "Next")
    equal([subject for subject, _ in rows(page)], list(range(COUNT - 51, -1, -1)))
    page = stack.reader.click(page, "Previous")
    equal(rows(page)[0][0], COUNT - 1)
    form = page.form("page")
    form.fields["page"] = "2"
    page = stack.reader.submit(page, form)
    equal(rows(page)[0][0], COUNT - 51)
    page = stack.reader.submit(page, page.form("/mail/INBOX/", "post"), button=("do", "check"))
    contains(page.words, "No new mail")
    equal(rows(page)[0][0], COUNT - 1)
    page = stack.reader.get("mail/INBOX/?order=asc")
    contains(page.words, "Newer")
    page = stack.reader.click(page, "Newer")
    equal(rows(page)[-1][1], 1)


@case("the form sorts as well, and its link turns the order round")
def _(stack):
    page = stack.reader.get("mail/INBOX/")
    page = stack.reader.submit(page, page.form("sort"), sort="flags")
    equal(sorted_heads(page), [("star", "descending")])
    equal([sender for _, sender in rows(page)][:3], [COUNT - 20, COUNT - 30, 1])
    page = stack.reader.click(page, "Reverse")
    equal([sender for _, sender in rows(page)][:2], [1, 2])
    page = stack.reader.submit(page, page.form("sort"), sort="to")
    equal(sorted_heads(page), [])
    contains(page.words, "by recipient")


@case("next, previous and back of a message stay in the list's order")
def _(stack):
    page = stack.reader.get("mail/INBOX/?sort=subject&page=2")
    number = rows(page)[3][0]
    page = stack.reader.click(page, "Topic %02d" % number)
    contains(page.words, "%d of %d" % (number + 1, COUNT))
    page = stack.reader.click(page, "Next")
    contains(page.words, "Topic %02d" % (number + 1))
    for _ in range(number + 1 - 49):
        page = stack.reader.click(page, "Previous")
    contains(page.words, "Topic 49")
    page = stack.reader.get([href for href, text in page.links if text == "Inbox"][-1])
    ok(page.url.endswith("/mail/INBOX/?sort=subject"), why=page.url)


@case("an order that does not exist is refused in words; a page that does not exist is another")
def _(stack):
    for query in ("sort=colour", "sort=", "sort=DATE", "order=up", "sort=from&order=", "sort=from%00"):
        for path in ("mail/INBOX/?", "mail/INBOX/1?"):
            page = stack.reader.get(path + query)
            equal(page.status, 400, path + query)
            contains(page.text, 'role="alert"')
    for number, first in (("0", 0), ("-1", 0), ("1000000000", 50), ("99999999999", 0), ("x", 0)):
        page = stack.reader.get("mail/INBOX/?sort=subject&page=" + number)
        equal((page.status, rows(page)[0][0]), (200, first), number)
    for uid in ("0", "4294967296", "99999999999999999999"):
        equal(stack.reader.get("mail/INBOX/%s?sort=subject" % uid).status, 404)


@case("sent mail is sorted by whom it went to")
def _(stack):
    page = stack.reader.get("mail/Sent/")
    page = stack.reader.get(next(address for address, text in page.links if text == "To"))
    ok(page.url.endswith("?sort=to"), why=page.url)
    ok(page.words.index("Ada") < page.words.index("Zoe"))


@case("a user who goes by the date of writing finds the list by it, and its days")
def _(stack):
    page = stack.reader.get("settings/")
    stack.reader.submit(page, page.form("dates"), dates="sent")
    page = stack.reader.get("mail/INBOX/")
    contains(page.words, "November 2020")
    minutes = [((COUNT - sender) * 7) % 60 for _, sender in rows(page)]
    equal(minutes, sorted(minutes, reverse=True))
    page = stack.reader.get("settings/")
    stack.reader.submit(page, page.form("dates"), dates="arrived")
    lacks(stack.reader.get("mail/INBOX/").words, "November 2020")


main(Sorting)
