#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses, good, bad and hostile: each has a clear page of ours, with the headers of every answer.
Needs no webcache."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from raw_http import raw_get, raw_request  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402

EVERY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-dns-prefetch-control": "off",
    "x-frame-options": "DENY",
}
POLICY = ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'",
          "form-action 'self'")


def has_headers(headers, what, private=True):
    for name, value in EVERY.items():
        equal(headers.get(name), value, "%s of %s" % (name, what))
    for part in POLICY:
        contains(headers.get("content-security-policy", ""), part, what)
    contains(headers.get("permissions-policy", ""), "camera=()", what)
    if private:
        equal(headers.get("cache-control"), "no-store", what)


def is_our_page(answer, status, what):
    got, headers, body = answer
    equal(got, status, what)
    has_headers(headers, what)
    equal(headers.get("content-type"), "text/html; charset=utf-8", what)
    contains(body, b"</html>", what)
    contains(body, b"alphamail-", what)        # the style sheet: it is one of our pages
    lacks(body, b"<address>", what)             # and not httpd's


@case("what leads nowhere is a 404 page of ours")
def _(stack):
    for path in ("/x", "/mail/INBOX", "/mail/INBOX/x", "/mail/INBOX/0", "/mail/INBOX/-1",
                 "/mail/INBOX/4294967296", "/mail/INBOX/1.5", "/mail//5", "/mail/INBOX/../5",
                 "/mail/%2e%2e/5", "/mail/..", "/../../etc/passwd", "/mail/a%2Fb/", "/mail/a%2fb/5",
                 "/assets/../x", "/assets/none.css", "/mail/./5", "/mail/INBOX/5/part/x",
                 "/settings/x", "/login/", "//mail/", "/mail/~zz/", "/mail/INBOX/5/source/7x"):
        is_our_page(raw_get(stack.httpd.port, "/alphamail" + path), 404, path)


@case("what is no address is a 400 page of ours")
def _(stack):
    for path in ("/mail/%00/", "/mail/INBOX/5%00", "/mail/%zz/", "/mail/%", "/mail/%f", "/mail/%ff/",
                 "/mail/%C0%AF/", "/mail/%0d%0aX-A:b/", "/mail/%ED%A0%80/", "/%01"):
        is_our_page(raw_get(stack.httpd.port, "/alphamail" + path), 400, path)
    status, headers, _ = raw_get(stack.httpd.port, b"/alphamail/mail/\xc3\xa4/")
    equal(status, 400, "8-bit")
    has_headers(headers, "8-bit")


@case("ten thousand characters are a 414 page of ours")
def _(stack):
    is_our_page(raw_get(stack.httpd.port, "/alphamail/mail/" + "a" * 10000 + "/"), 414, "10 000")
    is_our_page(raw_get(stack.httpd.port, "/alphamail/mail/" + "a" * 8050 + "/"), 414, "8050")
    is_our_page(raw_get(stack.httpd.port, "/alphamail/mail/?q=" + "a" * 20000), 414, "query")


@case("requests that are none are never answered with a 5xx")
def _(stack):
    port = stack.httpd.port
    for data in (b"GET /alphamail/ HTTP/1.1\r\n\r\n", b"GET /alphamail/\r\n\r\n", b"\r\n\r\n",
                 b"GET  /alphamail/  HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 b"G\x00T /alphamail/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 b"GET /alphamail/ HTTP/9.9\r\nHost: localhost\r\n\r\n",
                 b"GET /alphamail/ HTTP/1.1\r\nHost: a b\r\n\r\n",
                 b"GET /alphamail/ HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20000 + b"\r\n\r\n",
                 b"GET /alphamail/ HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
                 b"POST /alphamail/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                 b"POST /alphamail/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n"
                 b"Content-Type: application/x-www-form-urlencoded\r\n\r\nabc",
                 b"POST /alphamail/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                 b"Content-Type: application/x-www-form-urlencoded\r\n\r\nzz\r\n",
                 b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"):
        status, headers, _ = raw_request(port, data)
        ok(status < 500, why="%r got %d" % (data[:60], status))
        if b" /alphamail/" in data and b"\x00" not in data and status >= 400:
            has_headers(headers, repr(data[:60]))


@case("a header that is too long is a page of ours")
def _(stack):
    status, headers, body = raw_request(
        stack.httpd.port,
        b"GET /alphamail/ HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20000 + b"\r\n\r\n")
    equal(status, 400)
    has_headers(headers, "long header")
    contains(body, b"alphamail-")


@case("odd methods are a 405 page that names the right ones")
def _(stack):
    for method in (b"PUT", b"DELETE", b"OPTIONS", b"PROPFIND", b"FOO"):
        status, headers, _ = raw_get(stack.httpd.port, "/alphamail/login", method=method)
        ok(status in (405, 501), why="%r got %d" % (method, status))
        if status == 405:
            equal(headers.get("allow"), "GET, HEAD, POST")
            has_headers(headers, repr(method))
    status, headers, _ = raw_get(stack.httpd.port, "/alphamail/logout")
    equal((status, headers.get("allow")), (405, "POST"))


@case("a query or a form with a NUL, bad UTF-8 or 201 fields is a 400")
def _(stack):
    port = stack.httpd.port
    for query in ("a=%00", "a=%ff", "a=%", "&".join(["a=1"] * 201)):
        is_our_page(raw_get(port, "/alphamail/login?" + query), 400, query[:20])
        body = query.encode()
        is_our_page(raw_request(port, b"POST /alphamail/login HTTP/1.1\r\nHost: localhost:%d\r\n"
                                b"Content-Type: application/x-www-form-urlencoded\r\n"
                                b"Content-Length: %d\r\nConnection: close\r\n\r\n" % (port, len(body))
                                + body), 400, "form " + query[:20])
    equal(raw_get(port, "/alphamail/login?" + "&".join(["a=1"] * 200))[0], 200)


@case("a form that is too large or of another type is refused")
def _(stack):
    port = stack.httpd.port
    head = b"POST /alphamail/login HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n" % port
    is_our_page(raw_request(port, head + b"Content-Type: application/x-www-form-urlencoded\r\n"
                            b"Content-Length: 1048577\r\n\r\n" + b"a" * 1000), 413, "announced")
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    is_our_page(raw_request(port, head + b"Content-Type: application/x-www-form-urlencoded\r\n"
                            b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17 + b"0\r\n\r\n"),
                413, "chunked")
    is_our_page(raw_request(port, head + b"Content-Type: text/plain\r\nContent-Length: 3\r\n\r\na=b"),
                400, "text/plain")


@case("every answer has its headers: pages, redirects, errors, assets")
def _(stack):
    port = stack.httpd.port
    for path, status in (("", 303), ("/", 200), ("/login", 200), ("/mail/", 303), ("/mail", 303),
                         ("/settings/", 303), ("/mail/INBOX/5", 303), ("/nothing", 404)):
        got, headers, _ = raw_get(port, "/alphamail" + path)
        equal(got, status, path)
        has_headers(headers, path)


@case("a page that needs a session leads to the log-in page and remembers the way")
def _(stack):
    browser = stack.browser()
    page = browser.get("mail/Archive/2024/17?x=1", follow=False)
    equal(page.status, 303)
    equal(page.headers["location"], "/alphamail/login?next=/mail/Archive/2024/17%3Fx%3D1")
    page = browser.get("mail/Archive/2024/17?x=1")
    equal(page.status, 200)
    equal(page.form("password").fields.get("next"), "/mail/Archive/2024/17?x=1")
    for bad in ("//evil.example/", "https://evil.example/", "/login", "/logout", "/mail/../x", "/x",
                "/mail/%0d%0aSet-Cookie:a=b/", "\\\\evil", "/mail/INBOX/5\r\nX: y"):
        page = browser.request("GET", "/alphamail/login?next=" + __import__(
            "urllib.parse").parse.quote(bad))
        equal(page.form("password").fields.get("next", ""), "", bad)


@case("an error page shows the request's id, which the log has too")
def _(stack):
    page = stack.browser().get("nothing")
    identity = page.text.split("</html>")[0]
    ok(any(len(word) == 12 and word.isalnum() for word in page.words.replace(".", " ").split()),
       why=identity[-800:])


@case("HEAD has the headers of GET and no body")
def _(stack):
    got = raw_get(stack.httpd.port, "/alphamail/login")
    head = raw_get(stack.httpd.port, "/alphamail/login", method=b"HEAD")
    equal(head[0], 200)
    equal(head[2], b"")
    ok(abs(int(head[1]["content-length"]) - int(got[1]["content-length"])) < 20)
    has_headers(head[1], "HEAD")


@case("assets have their hash in the name, are kept for a year, and come compressed where taken")
def _(stack):
    page = stack.browser().get("login")
    sheet = next(a["href"] for tag, a in page.parsed.elements
                 if tag == "link" and a.get("rel") == "stylesheet")
    port = stack.httpd.port
    status, headers, plain = raw_get(port, sheet)
    equal(status, 200)
    has_headers(headers, sheet, private=False)
    equal(headers["cache-control"], "public, max-age=31536000, immutable")
    equal(headers["content-type"], "text/css; charset=utf-8")
    contains(plain, b"--brand")
    for coding in ("br", "gzip"):
        _, headers, packed = raw_get(port, sheet, b"Accept-Encoding: " + coding.encode() + b"\r\n")
        equal(headers.get("content-encoding"), coding)
        contains(headers.get("vary", ""), "Accept-Encoding")
        ok(len(packed) < len(plain) / 2)
    _, headers, packed = raw_get(port, sheet, b"Accept-Encoding: br;q=0, gzip;q=0\r\n")
    equal((headers.get("content-encoding"), packed), (None, plain))
    equal(raw_get(port, sheet, method=b"HEAD")[2], b"")
    equal(raw_get(port, sheet.replace("alphamail-", "alphamail-0"))[0], 404)


@case("httpd's other addresses are not ours")
def _(stack):
    for path in ("/", "/other", "/alphamailx", "/alphamai", "/x/alphamail/"):
        _, headers, _ = raw_get(stack.httpd.port, path)
        ok("content-security-policy" not in headers, why=path)


main(lambda: Stack(start=("dovecot", "httpd")))
