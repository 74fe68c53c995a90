#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists that renew themselves without script, where their reader has chosen that, and an address that says how a
folder stands to whoever asks again and again: from memory, 304 while nothing has changed, and no use of the session."""
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import check, message, quoted  # noqa: E402
from mail_pages import act, rows, the_list  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402


class Live(Stack):
    def _start(self):
        super()._start()
        self.deliver("INBOX", [message(subject="m%d" % n) for n in range(30)])
        self.dovecot.create("demo", "Other", "Empty")
        self.reader = self.browser()
        self.reader.log_in()

    def choose(self, **fields):
        page = self.reader.get("settings/")
        return self.reader.submit(page, page.form("density", "post"), **fields)

    def poll(self, folder="INBOX", etag=None, browser=None, **headers):
        if etag:
            headers["If-None-Match"] = etag
        return (browser or self.reader).get("mail/%s/?poll=1" % folder, follow=False, headers=headers)

    def changed(self, etag, seconds=20, folder="INBOX"):
        """The first answer that is another one."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = self.poll(folder, etag)
            if answer.status == 200:
                return answer
            time.sleep(0.1)
        raise AssertionError("nothing has changed")

    def unchanged(self, why, look=lambda: None):
        """What it told before is still so behind `look`; gives the version. What a slow machine has not done until then
        may come between, but not each time."""
        for _ in range(6):
            etag = self.settled()
            look()
            status = self.poll(etag=etag).status
            if status == 304:
                break
        equal(status, 304, why)
        return etag

    def settled(self):
        """The version once nothing goes on any more."""
        etag, since = None, time.monotonic()
        while time.monotonic() - since < 1.5:
            now = self.poll().headers["etag"]
            if now != etag:
                etag, since = now, time.monotonic()
            time.sleep(0.1)
        return etag


@case("no page renews itself unless that is chosen")
def _(stack):
    page = stack.reader.get("mail/INBOX/")
    ok("refresh" not in page.headers)
    lacks(page.text.lower(), "http-equiv")
    lacks(page.words, "Renewed")


@case("a list says that it renews itself, keeps its address, and links to where that is chosen")
def _(stack):
    stack.choose(refresh="5", rows="25")
    page = stack.reader.get("mail/INBOX/?page=2&sort=size")
    equal(page.headers["refresh"], "300;url=/alphamail/mail/INBOX/?page=2&sort=size&poll=page")
    contains(page.words, "Renewed every 5 minutes.")
    contains(page.link("Change this"), "/alphamail/settings/#s-refresh")
    contains(stack.reader.get("settings/").text, 'id="s-refresh"')
    again = stack.reader.get(page.headers["refresh"].partition("url=")[2])
    equal(again.headers["refresh"], page.headers["refresh"])
    lacks(again.text, "poll=page")
    equal([r.subject for r in rows(again)], [r.subject for r in rows(page)])
    equal(stack.reader.get("mail/Other/").headers["refresh"], "300;url=/alphamail/mail/Other/?poll=page")


@case("not while it says what was done, nor with ticked rows; and no other page does")
def _(stack):
    page = stack.reader.get("mail/INBOX/")
    done = act(stack.reader, page, "star", rows(page)[:1])
    ok("refresh" not in done.headers)
    for path in ("mail/INBOX/?tick=page", "mail/INBOX/?notice=none", rows(page)[0].url, "settings/", "compose",
                 "contacts/", "outbox/"):
        ok("refresh" not in stack.reader.get(path).headers, why=path)
    stack.choose(refresh="0", rows="50")
    ok("refresh" not in stack.reader.get("mail/INBOX/").headers)


@case("titles of lists and messages have the number of unread messages")
def _(stack):
    page = stack.reader.get("mail/INBOX/")
    number = int(re.search(r"\((\d+) unread\)", page.parsed.title)[1])
    opened = stack.reader.get(rows(page)[5].url)
    opened = stack.reader.get(rows(page)[5].url)
    contains(opened.parsed.title, "Inbox (%d unread)" % (number - 1))
    contains(stack.reader.get("mail/INBOX/").parsed.title, "Inbox (%d unread)" % (number - 1))


@case("how a folder stands: JSON with an ETag, then 304 with nothing in it")
def _(stack):
    stack.unchanged("nothing goes on")
    answer = stack.poll()
    etag = answer.headers["etag"]
    equal((answer.status, answer.headers["content-type"], answer.headers["cache-control"]),
          (200, "application/json", "private, no-cache"))
    told = json.loads(answer.text)
    equal((told["total"], '"%s"' % told["version"]), (30, etag))
    contains(stack.reader.get("mail/INBOX/").parsed.title, "(%d unread)" % told["unread"])
    for given in (etag, "W/" + etag, '"x", ' + etag, etag[:-1] + '-gzip"'):
        answer = stack.poll(etag=given)
        equal((answer.status, answer.raw, answer.headers.get("etag")), (304, b"", etag), given)
        ok("content-length" not in answer.headers)
    for given in ('"0000000000000000"', "*x", "", "x" * 4000):
        equal(stack.poll(**{"If-None-Match": given}).status, 200)


@case("it changes with all that a list shows, and with nothing else")
def _(stack):
    stack.unchanged("looking changes nothing", lambda: stack.reader.get("mail/INBOX/"))
    page = stack.reader.get("mail/INBOX/")
    etag = stack.unchanged("a check that finds nothing does not, either",
                           lambda: stack.reader.submit(page, the_list(page), button=("do", "check")))
    for what in ("star", "unstar", "read", "unread", "delete"):
        page = stack.reader.get("mail/INBOX/")
        act(stack.reader, page, what, rows(page)[3:4])
        answer = stack.poll(etag=etag)
        equal(answer.status, 200, what)
        etag = stack.settled()
    total = json.loads(stack.poll().text)["total"]
    equal(total, 29)
    stack.deliver("INBOX", [message(subject="new")])
    end = time.monotonic() + 60
    while total != 30:
        ok(time.monotonic() < end, why="%d messages" % total)
        answer = stack.changed(etag)
        etag, total = answer.headers["etag"], json.loads(answer.text)["total"]
    etag = stack.settled()
    client = stack.dovecot.client("demo")
    check(client.select("INBOX"))
    check(client.store("1", "+FLAGS", "\\Flagged"))
    client.logout()
    stack.changed(etag)


@case("of folders that nobody has opened it tells what the tree says; of what is none, nothing")
def _(stack):
    answer = stack.poll("Empty")
    equal((answer.status, json.loads(answer.text)["total"]), (200, 0))
    for folder in ("No/such", "~zz", "x" * 500):
        answer = stack.poll(folder)
        ok(answer.status in (204, 404), why="%s: %d" % (folder, answer.status))
    answer = stack.poll("No/such")
    equal((answer.status, answer.raw), (204, b""))


@case("while the mail server is away it answers at once, and its standing is part of the state")
def _(stack):
    etag = stack.settled()
    stack.dovecot.stop()
    try:
        began = time.monotonic()
        for _n in range(20):
            ok(stack.poll(etag=etag).status in (200, 304))
        ok(time.monotonic() - began < 15)    # each that waited for the server took a second
    finally:
        stack.dovecot.start()


@case("no log-in: 401 and no page; another user's folders are not told of")
def _(stack):
    browser = stack.browser()
    answer = stack.poll(browser=browser)
    equal((answer.status, answer.raw), (401, b""))
    other, page = stack.log_in("demo2")
    end = time.monotonic() + 20
    while "Check mail" not in page.words:  # the server has just come back
        ok(time.monotonic() < end, why=page.words[:500])
        time.sleep(0.2)
        other, page = stack.log_in("demo2")
    equal(json.loads(stack.poll(browser=other).text)["total"], 0)
    equal(stack.poll("Other", browser=other).status, 204)


@case("the daemon's restart changes the version, and nothing has to be asked for again")
def _(stack):
    etag = stack.settled()
    stack.webcache.stop()
    equal(stack.poll(etag=etag).status, 503)
    stack.webcache.start()
    stack.reader.get("mail/INBOX/")
    answer = stack.poll(etag=etag)
    equal((answer.status, json.loads(answer.text)["total"]), (200, 30))
    stack.settled()


main(Live)
