#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of a search, without script: the field in every frame, what was found and where, how far it is, more
hits, stopped; rows acted on and taken back; a message opened from it leads back to it and to its neighbours there."""
import html
import os
import re
import shutil
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import mail_pages  # noqa: E402
from hideproxy import HideProxy  # noqa: E402
from imapd import message  # noqa: E402
from mail_pages import status_of  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, skip  # noqa: E402

HAY = "hay " * 60  # what is behind it is in no snippet
ROW = re.compile(r'<tr class="msg.*?</tr>', re.S)


class Found(Stack):
    def __init__(self):
        super().__init__(imap={"ssl": "no"}, security="imap")

    def _start(self):
        self.start_names = ("dovecot",)
        super()._start()
        self.proxy = HideProxy(self.dovecot.imap_port, hide=("IDLE",))  # a refusal would overtake its end
        self.webcache.write_config(imap_servers="example.edu=127.0.0.1:%d[/]" % self.proxy.port)
        self.webcache.start()
        self.httpd.start()
        self.reader = self.browser()
        self.reader.log_in()

    def close(self):
        super().close()
        if getattr(self, "proxy", None):
            self.proxy.close()

    def mail(self, **folders):
        """Messages by folder, each (subject, text)."""
        for folder, messages in folders.items():
            if folder != "INBOX":
                self.dovecot.client("demo").create(folder)
            self.dovecot.deliver("demo", folder, [message(subject=s, text=t + "\n") for s, t in messages])
        page = self.reader.get("mail/INBOX/")
        self.reader.submit(page, mail_pages.the_list(page), button=("do", "check"))

    def search(self, query, more=""):
        """Until it is over."""
        page = self.reader.get("search/?q=" + urllib.parse.quote(query) + more)
        for _ in range(100):
            if "Show more hits" not in page.text:
                return page
            page = self.reader.click(page, "Show more hits")
        raise AssertionError("never over: " + page.words)


def rows(page):
    """[(subject, folder, mark, url)]"""
    found = []
    for row in ROW.finditer(page.text):
        text = row[0]
        link = re.search(r'<a id="m[\d-]+" href="([^"]*)">(?:<span class="vh">[^<]*</span>)?<bdi>([^<]*)', text)
        found.append((html.unescape(link[2]), re.search(r'Folder </span><bdi>([^<]*)', text)[1],
                      re.search(r'name="m" value="([^"]*)"', text)[1], html.unescape(link[1])))
    return found


def subjects(page):
    return [row[0] for row in rows(page)]


def act(stack, page, what, names, **more):
    marks = [row[2] for row in rows(page) if row[0] in names]
    return stack.reader.submit(page, page.form("f0"), button=("do", what), m=marks, **more)


@case("the field is on every page; what is found says where it lies")
def _(stack):
    stack.mail(INBOX=[("Beam plans", "the lichen grows"), ("Other", HAY + "\ndeepword"), ("Lichen list", "text")],
               Work=[("Notes", HAY + "\nabout lichen too")])
    for path in ("mail/INBOX/", "settings/", "contacts/", "outbox/", "search/"):
        form = stack.reader.get(path).form("q")
        contains(form.action, "/search/", path)
        equal(form.method, "get", path)
    page = stack.reader.get("mail/INBOX/")
    page = stack.reader.submit(page, page.form("q"), q="lichen")
    while "Show more hits" in page.text:
        page = stack.reader.click(page, "Show more hits")
    equal(sorted(row[:2] for row in rows(page)), [("Beam plans", "Inbox"), ("Lichen list", "Inbox"), ("Notes", "Work")])
    contains(page.words, "3 found for lichen")
    contains(page.parsed.title, "lichen")
    contains(page.text, 'value="lichen"')
    equal(subjects(stack.search("lichen", "&in=Work")), ["Notes"])
    contains(stack.search("lichen", "&in=Work").text, 'value="Work" selected')
    page = stack.search("nowhere")
    contains(page.words, "Nothing found")
    lacks(page.text, "<table")
    page = stack.reader.get("search/")
    contains(page.words, "Words that narrow a search")
    contains(page.text, "<details class=\"ops-box\" open>")


@case("the plain form says the same as words; what is no operator is said; a text of thousands of letters is refused")
def _(stack):
    page = stack.reader.get("search/")
    page = stack.reader.submit(page, page.form("words"), words="lichen", subject="list", attachment=None)
    contains(urllib.parse.unquote_plus(page.url), "subject:list")
    equal(subjects(stack.search("lichen subject:list")), ["Lichen list"])
    page = stack.search("foo:bar")
    contains(page.words, "“foo:bar” is no word that narrows a search")
    page = stack.reader.get("search/?q=" + "x" * 5000)
    equal(page.status, 400)
    contains(page.words, "A search has at most 1,000 characters.")
    contains(page.text, 'role="alert"')
    hostile = "\"><script>alert(1)</script> ' & {{TITLE}}"
    page = stack.search(hostile)
    lacks(page.text, "<script>alert")
    contains(page.text, "&lt;script&gt;alert(1)")


@case("a message leads back to what was found, and to its neighbours there, in whatever folder")
def _(stack):
    page = stack.search("lichen", "&sort=subject")
    names = subjects(page)
    equal(names, ["Beam plans", "Lichen list", "Notes"])
    one = stack.reader.get(rows(page)[1][3].split("/alphamail/")[1])
    contains(one.words, "2 of 3")
    older = stack.reader.click(one, "Next")
    contains(older.parsed.title, "Notes")
    contains(older.url, "/mail/Work/")
    back = stack.reader.click(older, "Found messages")
    equal(subjects(back), names)


@case("ticked rows of several folders are acted on and taken back")
def _(stack):
    page = stack.search("lichen")
    page = act(stack, page, "star", ("Beam plans", "Notes"))
    contains(" ".join(words for _, words in status_of(page)), "2 messages starred.")
    equal(page.text.count('name="unstar"'), 2)
    page = act(stack, stack.search("lichen"), "delete", ("Lichen list", "Notes"))
    equal(subjects(page), ["Beam plans"])
    page = mail_pages.undo(stack.reader, page)
    equal(sorted(subjects(stack.search("lichen"))), ["Beam plans", "Lichen list", "Notes"])
    page = stack.reader.submit(page, page.form("f0"), button=("do", "read"))
    contains(" ".join(words for _, words in status_of(page)), "Tick the messages first")
    bad = stack.reader.post("search/?q=lichen", {"token": page.token, "do": "read", "m": "7.1-00000000"})
    equal(bad.status, 400)


def ticked_marks(page):
    return re.findall(r'name="m" value="([^"]*)"[^>]* checked', page.text)


def act_on_ticked(stack, page, what):
    return stack.reader.submit(page, page.form("f0"), button=("do", what), m=ticked_marks(page))


def says(page):
    return " ".join(words for _, words in status_of(page))


@case("all that was found, beyond the page: offered once the rows are ticked, acted on, taken back; a row unticked means the others")
def _(stack):
    stack.mail(Many=[("Many %d" % n, "text") for n in range(60)], Few=[("Many too", "text")])
    page = stack.search("subject:many")
    lacks(page.text, "Choose all")
    page = stack.reader.click(page, "Tick all")
    contains(page.words, "All 50 messages on this page are ticked.")
    ticked = act_on_ticked(stack, page, "star")
    contains(says(ticked), "50 messages starred.")
    mail_pages.undo(stack.reader, ticked)
    page = stack.reader.click(page, "Choose all 61 messages that were found")
    contains(page.words, "All 61 messages that were found are chosen.")
    marks = ticked_marks(page)
    equal(len(marks), 50)
    fewer = stack.reader.submit(page, page.form("f0"), button=("do", "star"), m=marks[1:])
    contains(says(fewer), "49 messages starred.")
    mail_pages.undo(stack.reader, fewer)
    moved = act_on_ticked(stack, page, "archive")
    contains(says(moved), "61 messages moved to Archive.")
    equal(len(stack.dovecot.flags("demo", "Archive")), 61)
    page = mail_pages.undo(stack.reader, moved)
    contains(says(page), "Undone: 61 messages are as they were.")
    equal((len(stack.dovecot.flags("demo", "Many")), len(stack.dovecot.flags("demo", "Few"))), (60, 1))


@case("all found, deleted: into the trash; where all lie there already it asks, and then they are gone for good")
def _(stack):
    page = stack.reader.click(stack.reader.click(stack.search("subject:many", "&anew=1"), "Tick all"), "Choose all")
    page = act_on_ticked(stack, page, "delete")
    contains(says(page), "61 messages moved to Trash.")
    page = stack.reader.click(stack.reader.click(stack.search("subject:many", "&in=Trash&anew=1"), "Tick all"), "Choose all")
    asks = act_on_ticked(stack, page, "purge")
    contains(asks.words, "Delete 61 messages for good?")
    equal(len(stack.dovecot.flags("demo", "Trash")), 61)
    gone = stack.reader.submit(asks, next(f for f in asks.forms if f.fields.get("sure") == "yes"), button=("do", "purge"))
    contains(says(gone), "61 messages deleted for good.")
    equal(len(stack.dovecot.flags("demo", "Trash")), 0)


@case("all found by a search that nobody knows any more: searched for anew, and nothing is done")
def _(stack):
    page = stack.search("subject:lichen")
    answer = stack.reader.post("search/?q=subject:lichen&search=00000000000000ff",
                               {"token": page.token, "do": "star", "all": "1", "rows": "0", "count": "1"})
    contains(says(answer), "It was searched for anew")
    lacks(says(answer), "starred")
    answer = stack.reader.post("search/?q=subject:lichen", {"token": page.token, "do": "star", "all": "1", "rows": "0"})
    contains(says(answer), "It was searched for anew")


@case("a text browser shows the field, the words that narrow, what was found and where, and what can be done with it")
def _(stack):
    if not shutil.which("w3m"):
        skip("no w3m")

    def shown(page):
        return subprocess.run(["w3m", "-dump", "-T", "text/html", "-cols", "120"], input=page.raw,
                              stdout=subprocess.PIPE, check=True).stdout.decode()
    text = shown(stack.reader.get("search/"))
    for words in ("More precisely", "In the text", "has:attachment", "with a file"):
        contains(text, words)
    text = shown(stack.search("subject:lichen"))
    for words in ("1 found for subject:lichen", "Lichen list", "Folder Inbox", "Archive", "Delete", "Tick all"):
        contains(text, words)


@case("while it runs the page says how far it is, shows more when asked, and stops")
def _(stack):
    stack.proxy.hold("^UID SEARCH")
    try:
        page = stack.reader.get("search/?q=deepword&anew=1")
        contains(page.words, "folders, 0 found so far.")
        contains(page.text, "<progress")
        lacks(page.text, "http-equiv")
        begun = stack.reader.get("mail/INBOX/")
        equal(begun.status, 200)
        page = stack.reader.submit(page, next(f for f in page.forms if "stop" in str(f.buttons)), button=("do", "stop"))
        contains(page.words, "Stopped after")
    finally:
        stack.proxy.release()
    page = stack.reader.click(page, "Search again")
    while "Show more hits" in page.text:
        page = stack.reader.click(page, "Show more hits")
    equal(subjects(page), ["Other"])
    lacks(page.words, "Stopped")


@case("a folder that cannot be searched is said; an old address searches anew; German")
def _(stack):
    stack.proxy.refuse("^SELECT .*Work", "NO [NOPERM] not allowed")
    page = stack.search("too", "&anew=1")
    contains(page.words, "1 folder could not be searched.")
    contains(page.words, "not allowed")
    stack.proxy.refuse(None)
    page = stack.search("lichen", "&search=00000000000000ff")
    equal(len(rows(page)), 3)
    german = stack.browser()
    german.log_in()
    page = german.get("search/?q=lichen", headers={"Accept-Language": "de"})
    contains(page.text, "Nachrichten suchen")


main(Found)
