#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The headers of every answer, for somebody who is logged in: pages, downloads, changes, errors;
over HTTP/1.1, HTTP/2 and with compression."""
import collections
import os
import re
import shutil
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from meanwhile import answered  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, ok, skip  # noqa: E402

EVERY = {"x-content-type-options": "nosniff", "referrer-policy": "same-origin",
         "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
         "x-dns-prefetch-control": "off", "x-frame-options": "DENY"}


def check(page, download=False, what=""):
    what = what or page.url
    for name, value in EVERY.items():
        equal(page.headers.get(name), value, "%s of %s" % (name, what))
    policy = page.headers.get("content-security-policy", "")
    if download:
        equal(policy, "sandbox; default-src 'none'", what)
        if not page.headers.get("content-type", "").startswith("text/plain"):
            contains(page.headers.get("content-disposition", ""), "attachment", what)
    else:
        for part in ("default-src 'none'", "script-src 'self'", "form-action 'self'",
                     "frame-ancestors 'none'", "base-uri 'none'"):
            contains(policy, part, what)
        ok("unsafe" not in policy, why=what)
    contains(page.headers.get("permissions-policy", ""), "geolocation=()", what)
    if download:
        contains(page.headers.get("cache-control", ""), "private", what) if (
            page.headers.get("cache-control") != "no-store") else None
    else:
        equal(page.headers.get("cache-control"), "no-store", what)


def links_of(page):
    """Every path of the site that the page leads to by GET."""
    found = set()
    for tag, a in page.parsed.elements:
        for name in ("href", "src", "action"):
            if name in a and not (tag == "form" and a.get("method") == "post"):
                whole = urllib.parse.urljoin(page.url, a[name])
                if urllib.parse.urlsplit(whole).netloc == urllib.parse.urlsplit(page.url).netloc:
                    found.add(urllib.parse.urldefrag(whole)[0])
    return found


def shape(url):
    """What kind of page an address is: its path and names of values, without numbers."""
    parts = urllib.parse.urlsplit(url)
    return re.sub(r"\d+", "N", parts.path), tuple(sorted(urllib.parse.parse_qs(parts.query)))


@case("a crawl from the inbox: every page has its headers, and no GET changes anything but \\Seen")
def _(stack):
    stack.deliver("INBOX", [mail(n) for n in range(3)])
    browser, page = stack.log_in()
    contains(page.words, "Crawl 2")
    seen, waiting, met = set(), {page.url}, collections.Counter()
    pages = 0
    while waiting and len(seen) < 120:
        url = min(waiting, key=lambda one: (met[shape(one)], one))   # each kind before more of one
        waiting.remove(url)
        met[shape(url)] += 1
        seen.add(url)
        page = answered(lambda: browser.request("GET", url))
        ok(page.status < 500, why="%s: %d" % (url, page.status))
        path = urllib.parse.urlsplit(url).path
        if "/assets/" in path:
            continue
        kind = page.headers.get("content-type", "")
        contains(kind, "charset=utf-8" if kind.startswith("text/html") else "", url)
        check(page, download="content-disposition" in page.headers)
        if kind.startswith("text/html") and page.status == 200:
            pages += 1
            waiting |= {link for link in links_of(page) if link not in seen}
    ok(pages >= 6, why="only %d pages" % pages)
    equal(len([url for url in seen if "/part/" in url]) > 0, True, "no download was met")
    with_seen = stack.dovecot.client("demo")
    with_seen.select("INBOX", readonly=True)
    _, found = with_seen.search(None, "ALL")
    equal(len(found[0].split()), 3)
    for flag in ("ANSWERED", "FLAGGED", "DELETED", "DRAFT"):
        equal(with_seen.search(None, flag)[1][0].split(), [])
    with_seen.logout()


@case("redirects after a change and errors have them too")
def _(stack):
    browser, page = stack.log_in()
    form = page.form("do")
    check(browser.post("mail/INBOX/", {"token": form.fields["token"], "do": "check"}, follow=False))
    check(browser.post("mail/INBOX/", {"token": "x"}, follow=False))
    for path in ("mail/Nowhere/", "mail/INBOX/4000000000", "mail/INBOX/4000000000/part/1",
                 "mail/INBOX/4000000000/source"):
        page = answered(lambda: browser.get(path, follow=False))
        equal(page.status, 404, path)
        check(page)


@case("compressed pages keep them, and vary by encoding")
def _(stack):
    browser, _ = stack.log_in()
    for coding in ("br", "gzip"):
        page = browser.get("mail/", headers={"Accept-Encoding": coding})
        equal(page.status, 200)
        if page.headers.get("content-encoding"):
            contains(page.headers.get("vary", ""), "Accept-Encoding")
        check(page)


@case("HTTP/2 answers alike, a download and a bad address included")
def _(stack):
    if shutil.which("curl") is None:
        skip("needs curl")
    browser, _ = stack.log_in()
    cookies = "; ".join("%s=%s" % item for item in browser.cookies.items())

    def get(path, *more):
        done = subprocess.run(
            ["curl", "-s", "--http2-prior-knowledge", "--path-as-is", "-D", "-", "-o", "/dev/null", "-H",
             "Cookie: " + cookies, "-A", browser.headers["User-Agent"], *more,
             stack.httpd.origin + "/alphamail" + path], check=False, stdout=subprocess.PIPE)
        return done.stdout.decode("latin-1").lower()

    for path, status in (("/mail/", " 200"), ("/settings/", " 200"), ("/mail/%00", " 400"),
                         ("/mail/../x", " 404"), ("/mail/a%2fb/", " 404"), ("/x", " 404"),
                         ("/mail/" + "a" * 8050 + "/", " 414")):
        head = get(path)
        first = head.split("\r\n")[0]
        if not first.startswith("http/2"):
            skip("this httpd or curl speaks no HTTP/2: %r" % first)
        contains(first + " ", status, path[:40])
        contains(head, "x-content-type-options: nosniff", path[:40])
        contains(head, "content-security-policy: default-src 'none'", path[:40])


def mail(number):
    """A text with an HTML file attached."""
    return ("""From: Anna <anna@example.org>
To: demo@example.edu
Subject: Crawl %d
Date: Thu, 19 Nov 2026 10:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Words.
--b
Content-Type: text/html; name="notes.html"
Content-Disposition: attachment; filename="notes.html"

<script>alert(1)</script>
--b--
""" % number).replace("\n", "\r\n").encode("ascii")


main(lambda: Stack(web={"before": "Protocols h2c http/1.1"}))
