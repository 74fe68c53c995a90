#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter row of a folder, without script: links with counts that go together, kept by pages, orders, actions and
messages; told to screen readers; in German; refused in words where an address says what is none."""
import os
import re
import sys
import time
import zoneinfo

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from datetime import datetime, timedelta  # noqa: E402

from imapd import message  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402

NOW = int(time.time())
DAY = 86400
ZONE = zoneinfo.ZoneInfo("Europe/Berlin")   # the site's
COUNT = 130
ATTACHED = """--b
Content-Type: text/plain

See there.
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="x.pdf"

%PDF
--b--
"""


def unread(n):
    return n % 2 == 0


def starred(n):
    return n % 10 == 0


def attached(n):
    return n % 5 == 0


def to_me(n):
    return n % 3 == 0


class Filters(Stack):
    def __init__(self):
        super().__init__(cache={"identities": "any"})

    def _start(self):
        super()._start()
        # Message n came n hours ago.
        for n in reversed(range(COUNT)):
            flags = " ".join((["\\Seen"] if not unread(n) else []) + (["\\Flagged"] if starred(n) else []))
            text = message(subject="Topic %03d" % n, to="Demo <DEMO@example.edu>" if to_me(n) else "list@example.org",
                           text=ATTACHED if attached(n) else "text\n",
                           headers="MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b" if attached(n) else "")
            self.dovecot.deliver("demo", "INBOX", [text], flags=flags, date=NOW - n * 3600 - 60)
        self.dovecot.create("demo", "Quiet")
        self.dovecot.deliver("demo", "Quiet", [message(subject="Read", to="list@example.org")], flags="\\Seen", date=NOW - 90 * DAY)
        self.dovecot.create("demo", "Nothing")
        self.reader = self.browser()
        self.reader.log_in()
        end = time.monotonic() + 60
        while not row_of_filters(page := self.reader.get("mail/INBOX/")) or "Still reading" in page.words:
            ok(time.monotonic() < end, why=page.words[:500])
            time.sleep(0.05)


def rows(page):
    return [int(n) for n in re.findall(r"<bdi>Topic (\d+)</bdi>", page.text)]


def row_of_filters(page):
    """{word: (count, chosen)}"""
    nav = re.search(r'<nav class="filters".*?</nav>', page.text, re.S)
    found = {}
    for link in re.findall(r"<a href=.*?</a>", nav.group(0) if nav else "", re.S):
        words = re.sub(r'<span class="vh">.*?</span>', "", link)
        count = re.search(r'<span class="n">([\d,.]+)</span>', words)
        word = re.sub(r"<[^>]*>", "", words.replace(count.group(0), "") if count else words).strip()
        found[word] = (int(re.sub(r"\D", "", count.group(1))) if count else None, 'aria-current="true"' in link)
    return found


def chosen(page):
    return {word for word, (_, on) in row_of_filters(page).items() if on}


def right(*tests):
    return [n for n in range(COUNT) if all(test(n) for test in tests)]


def within(days):
    """Whether message n came within so many days of the reader's, today among them."""
    today = datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = (today - timedelta(days=days - 1)).timestamp()
    return lambda n: NOW - n * 3600 - 60 >= begin


def says(page, *parts):
    for part in parts:
        contains(page.words, part)


@case("the row says how many of the whole folder each filter would show")
def _(stack):
    page = stack.reader.get("mail/INBOX/")
    found = row_of_filters(page)
    equal({word: count for word, (count, _) in found.items()}, {
        "All": COUNT, "Unread": len(right(unread)), "Starred": len(right(starred)), "With attachment": len(right(attached)),
        "To me": len(right(to_me)), "Today": len(right(within(1))), "Past 7 days": COUNT, "Past 30 days": COUNT})
    equal(chosen(page), {"All"})
    contains(page.text, 'aria-label="Show only"')


@case("a filter shows its messages, is marked as chosen, and goes away when pressed again")
def _(stack):
    page = stack.reader.click(stack.reader.get("mail/INBOX/"), "Unread 65")
    ok(page.url.endswith("/mail/INBOX/?filter=unread"), why=page.url)
    equal(rows(page), right(unread)[:50])
    equal(chosen(page), {"Unread"})
    says(page, "Chosen: Unread", "65 of 130 messages: Unread", "1–50 of 65")
    contains(page.parsed.title, "Inbox: Unread")
    equal(row_of_filters(page)["Starred"][0], len(right(starred)))
    page = stack.reader.click(page, "Chosen: Unread")
    ok(page.url.endswith("/mail/INBOX/"), why=page.url)
    equal(chosen(page), {"All"})


@case("filters go together: what all of them let pass")
def _(stack):
    page = stack.reader.get("mail/INBOX/")
    for word in ("Unread", "With attachment", "To me"):
        page = stack.reader.click(page, word + " ")
    ok(page.url.endswith("?filter=unread,attachment,to-me"), why=page.url)
    equal(rows(page), right(unread, attached, to_me))
    page = stack.reader.click(page, "Today")
    ok(page.url.endswith("?filter=unread,attachment,to-me&since=today"), why=page.url)
    equal(rows(page), right(unread, attached, to_me, within(1)))
    equal(chosen(page), {"Unread", "With attachment", "To me", "Today"})
    page = stack.reader.click(page, "Past 7 days")
    equal(chosen(page), {"Unread", "With attachment", "To me", "Past 7 days"})
    equal(rows(page), right(unread, attached, to_me))
    page = stack.reader.click(page, "All 130")
    equal(chosen(page), {"All"})


@case("pages, orders and both forms keep the filter")
def _(stack):
    page = stack.reader.get("mail/INBOX/?filter=unread")
    page = stack.reader.click(page, "Older")
    equal(rows(page), right(unread)[50:])
    page = stack.reader.click(page, "Newer")
    equal(chosen(page), {"Unread"})
    page = stack.reader.click(page, "Subject")
    ok("sort=subject" in page.url and "filter=unread" in page.url, why=page.url)
    equal(rows(page), right(unread)[:50])
    page = stack.reader.click(page, "Reverse")
    equal(rows(page), right(unread)[::-1][:50])
    form = page.form("page")
    form.fields["page"] = "2"
    page = stack.reader.submit(page, form)
    equal(rows(page), right(unread)[::-1][50:])
    page = stack.reader.submit(page, page.form("sort"), sort="date")
    equal((chosen(page), rows(page)), ({"Unread"}, right(unread)[:50]))
    page = stack.reader.get("mail/INBOX/?since=week&filter=starred")    # today may have begun a moment ago
    page = stack.reader.submit(page, page.form("sort"), sort="size")
    equal(chosen(page), {"Starred", "Past 7 days"})
    page = stack.reader.submit(page, page.form("/mail/INBOX/", "post"), button=("do", "check"))
    equal(chosen(page), {"Starred", "Past 7 days"})


@case("next, previous and back of a message stay among the unread, though it is read now")
def _(stack):
    page = stack.reader.get("mail/INBOX/?filter=unread&page=2")
    left = right(unread)
    page = stack.reader.click(page, "Topic %03d" % left[52])
    contains(page.url, "filter=unread")
    page = stack.reader.click(page, "Older")
    says(page, "Topic %03d" % left[53])
    page = stack.reader.click(page, "Older")
    says(page, "Topic %03d" % left[54])
    page = stack.reader.click(page, "Newer")    # what was read on the way is not one of the unread any more
    says(page, "Topic %03d" % left[51])
    page = stack.reader.get([href for href, text in page.links if text == "Inbox"][-1])
    equal(chosen(page), {"Unread"})
    lacks(page.words, "Topic %03d" % left[52])
    lacks(page.words, "Topic %03d" % left[53])
    equal(row_of_filters(page)["Unread"][0], len(left) - 4)


@case("an action comes back to the filtered list, and ticking all ticks what it shows")
def _(stack):
    page = stack.reader.get("mail/INBOX/?filter=starred&tick=page")
    equal(len(re.findall(r'name="m"[^>]* checked', page.text)), len(right(starred)))
    form = page.form("/mail/INBOX/", "post")
    ticked = re.findall(r'name="m" value="([^"]+)"', page.text)
    page = stack.reader.submit(page, form, button=("do", "read"), m=ticked)
    equal(chosen(page), {"Starred"})
    contains(page.url, "filter=starred")
    page = stack.reader.get("mail/INBOX/?filter=unread,starred")
    equal(rows(page), [])


@case("where nothing is chosen the page says so, and leads to all")
def _(stack):
    page = stack.reader.get("mail/INBOX/?filter=unread,starred&since=today")
    says(page, "No such messages", "None of the 130 messages in this folder is what was chosen: Unread, Starred, Today.")
    page = stack.reader.click(page, "Show all")
    ok(page.url.endswith("/mail/INBOX/"), why=page.url)
    page = stack.reader.get("mail/Quiet/?filter=unread")
    says(page, "No such messages", "1")
    page = stack.reader.get("mail/Nothing/")
    lacks(page.text, 'class="filters"')
    says(page, "Nothing waits here")


@case("mail to any of the user's identities is to me")
def _(stack):
    page = stack.reader.get("settings/identities/")
    form = page.form("address")
    equal(row_of_filters(stack.reader.get("mail/INBOX/"))["To me"][0], len(right(to_me)))
    page = stack.reader.submit(page, form, name="Dean", address="list@example.org")
    says(page, "Saved.")
    equal(row_of_filters(stack.reader.get("mail/INBOX/"))["To me"][0], COUNT)
    other = stack.browser()
    other.log_in()
    equal(row_of_filters(other.get("mail/INBOX/"))["To me"][0], COUNT)


@case("what is no filter is refused in words")
def _(stack):
    for query in ("filter=red", "filter=unread,", "filter=,", "filter=UNREAD", "filter=unread%00", "since=ever", "filter=unread&since=7d"):
        for path in ("mail/INBOX/?", "mail/INBOX/1?"):
            page = stack.reader.get(path + query)
            expected = 200 if query == "filter=unread," else 400
            equal(page.status, expected, path + query)
    page = stack.reader.get("mail/INBOX/?filter=&since=")
    equal((page.status, chosen(page)), (200, {"All"}))
    page = stack.reader.get("mail/INBOX/?filter=unread&page=99")
    equal((page.status, chosen(page)), (200, {"Unread"}))


@case("in German")
def _(stack):
    german = stack.browser()
    german.headers["Accept-Language"] = "de"
    german.log_in()
    page = german.get("mail/INBOX/?filter=starred&since=week")
    says(page, "Ungelesen", "Gewählt: Mit Stern", "Mit Anhang", "An mich", "Heute", "Letzte 7 Tage", "13 von 130 Nachrichten")
    page = german.get("mail/INBOX/?filter=unread,starred")
    says(page, "Keine solchen Nachrichten", "Alle anzeigen")


main(Filters)
