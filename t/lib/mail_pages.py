# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages of mail show, read as a text browser would, and how their forms are sent.

    page = browser.get("mail/INBOX/")
    [row.subject for row in rows(page)]
    page = act(browser, page, "read", rows(page)[:2])
"""
import html
import re
import urllib.parse

ROW = re.compile(r'<tr class="msg( new)?".*?</tr>', re.S)
MARK = re.compile(r'name="m" value="((\d+)-[0-9a-f]{8})"')
SUBJECT = re.compile(r'<a id="m\d+" href="([^"]*)">(?:<span class="vh">[^<]*</span>)?<bdi>([^<]*)')

LABEL = re.compile(r'<span class="vh">Label: </span><bdi>([^<]*)')


class Row:
    """A message of a list."""

    def __init__(self, found):
        text = found[0]
        self.unread = found[1] is not None
        mark = MARK.search(text)
        self.mark, self.uid = mark[1], int(mark[2])
        self.starred = 'name="unstar"' in text
        self.answered = "Answered." in text
        self.labels = [html.unescape(name) for name in LABEL.findall(text)]
        link = SUBJECT.search(text)
        self.url, self.subject = html.unescape(link[1]), html.unescape(link[2])


def rows(page):
    return [Row(found) for found in ROW.finditer(page.text)]


def marks(page):
    """{subject: mark} of the rows."""
    return {row.subject: row.mark for row in rows(page)}


def the_list(page):
    """The form that the list or the open message is in."""
    return page.form("v")


def status_of(page):
    """[(role, words)] of what the page says happened."""
    return re.findall(r'role="(status|alert)"><svg.*?</svg><p>([^<]*)</p>', page.text)


def act(browser, page, what, chosen, **more):
    """Presses the button `what` with these rows ticked; gives the page behind it."""
    return browser.submit(page, the_list(page), button=("do", what), m=[row.mark for row in chosen], **more)


def undo(browser, page):
    return browser.submit(page, page.form("report"), button=("do", "undo"))


def all_rows(browser, folder, query=""):
    """Every row of a folder's list, page by page; `query` like "sort=size&order=asc"."""
    found, page = [], browser.get("mail/%s/%s" % (folder, "?" + query if query else ""))
    while True:
        if page.status != 200:
            raise AssertionError("%s: status %d: %s" % (page.url, page.status, page.words[:500]))
        found += rows(page)
        later = re.search(r'<a class="btn bare" href="([^"]*)" rel="next">', page.text)
        if not later:
            return found
        page = browser.get(urllib.parse.urljoin(page.url, html.unescape(later[1])))


def tree(page):
    """{folder's address: number beside it in the tree, 0 for none}."""
    side = re.search(r'<nav class="side".*?</nav>', page.text, re.S)[0]
    found = {}
    for link in re.finditer(r'<a href="[^"]*/mail/([^"]*?)/"[^>]*>(.*?)</a>', side, re.S):
        number = re.search(r'<span class="n( dim)?">([\d,.]+)<', link[2])
        found[html.unescape(link[1])] = int(re.sub(r"\D", "", number[2])) if number else 0
    return found
