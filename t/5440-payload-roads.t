#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML that attacks, by every road that a sender has into a page: subject, names of people, lists and files, types, text
and its links, calendars, messages inside messages, HTML; on the list with its snippets, the message in all its views, in
print, quoted in an answer, passed on and found by a search. A message of harmless words stands in for how the pages look:
another parser (html5lib) finds no element or attribute elsewhere that it does not find there. Then in Chromium with
script, without the pages' policy, where a canary would sing."""
import base64
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import chromium  # noqa: E402
import paths  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, equal, main, note, ok, skip_all  # noqa: E402

try:
    import html5lib
    import html_rules as rules
except ImportError:
    skip_all("html5lib is not here (Debian: python3-html5lib)")

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
ALL = [html.decode().replace("alert(", "canary(") for _, html, _ in rules.documents(os.path.join(paths.top_srcdir, "t", "fixtures", "html"))]
PAYLOADS = ['"><img src=x onerror=canary()>', "'><svg onload=canary()>", "</textarea><script>canary()</script>",
            "https://a.example/\"onmouseover=\"canary()", "javascript:canary()", "mailto:a@b.example?x='onfocus='canary()",
            "www.a.example/<b>x</b>'\"`onclick=canary()", "{{SUBJECT}}{{#X}}${{1}}</title><base href=//leak.invalid>",
            ] + ALL[::1 if SOAK else 90]
HARMLESS = "harmless words"


def encoded(text):
    """Encoded words of a header, on lines of their own."""
    text = re.sub(r"[\r\n\0]+", " ", text)[:600]
    return "\n ".join("=?utf-8?B?%s?=" % base64.b64encode(text[i:i + 30].encode("utf-8", "replace")).decode()
                      for i in range(0, len(text), 30))


def quoted(text):
    return '"%s"' % re.sub(r"[\r\n\0]+", " ", text)[:300].replace("\\", "\\\\").replace('"', '\\"')


def part(kind, text, more=""):
    return "--b\nContent-Type: %s\nContent-Transfer-Encoding: base64\n%s\n%s" % (
        kind, more, base64.encodebytes(text.encode("utf-8", "replace")).decode())


def letter(payload, number):
    line = re.sub(r"[\r\n]+", " ", payload)
    text = "> %s\n>> %s\n%s\nhttps://a.example/%s mailto:a@b.example?subject=%s www.a.example\n-- \n%s\n" % ((line,) * 6)
    calendar = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:%s\nDESCRIPTION:%s\nLOCATION:%s\nEND:VEVENT\nEND:VCALENDAR\n" % ((line,) * 3)
    inner = "Subject: %s\nFrom: %s <a@b.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s\n" % (
        encoded(payload), encoded(payload), payload)
    head = ("From: %s <sender@b.example>\nTo: %s <demo@example.edu>, %s <c@b.example>\nReply-To: %s <r@b.example>\n"
            "Subject: number %d %s\nDate: Mon, 02 Nov 2026 10:00:00 +0000\nMessage-ID: <%d@b.example>\n"
            "List-Id: %s <list.b.example>\nList-Unsubscribe: <javascript:canary()>, <https://a.example/%s>\n"
            "List-Archive: <%s>\nX-Odd: %s\nX-Mailer: %s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" % (
                encoded(payload), encoded(payload), quoted(payload), encoded(payload), number, encoded(payload), number,
                quoted(payload), line.replace(">", "")[:200], line.replace(">", "")[:200], line[:500], encoded(payload)))
    name = 'Content-Disposition: attachment; filename=%s\n' % quoted(payload)
    return (head + part("text/plain; charset=utf-8", text) + part("text/html; charset=utf-8", "<p>words</p>" + payload) +
            part("text/calendar; charset=utf-8; method=REQUEST", calendar) +
            part("application/octet-stream; name=%s" % quoted(payload), payload, name) +
            part("text/html; charset=utf-8", payload, name) + part("image/svg+xml", payload, name) +
            "--b\nContent-Type: message/rfc822\n\n" + inner + "\n--b--\n").replace("\n", "\r\n").encode("utf-8", "replace")


ROADS = ("", "?show=text", "?show=raw&headers=all", "?headers=all", "/print", "/body")


def found_in(html):
    """({(element, attribute)}, [(attribute, address)]) of a page."""
    pairs, addresses = set(), []
    for element in html5lib.parse(html, transport_encoding="utf-8").iter():
        name = element.tag.split("}")[-1] if isinstance(element.tag, str) else "comment"
        pairs.add((name, ""))
        for key, value in element.attrib.items():
            key = key[1] if isinstance(key, tuple) else key.split("}")[-1]
            pairs.add((name, key))
            if key in ("href", "src", "action", "formaction", "data", "poster", "srcset", "style", "background"):
                addresses.append((key, value))
    return pairs, addresses


def bad_address(key, value):
    small = re.sub(r"[\0-\x20]", "", value).lower()
    if key == "src":
        return not (small.startswith("/alphamail/") or small.startswith("data:image/"))
    if key in ("href", "action", "formaction"):
        return re.match(r"[^/?#]*:", small) is not None and not re.match(r"(https?|mailto|tel):", small)
    return key != "style"


class Roads(Stack):
    def _start(self):
        super()._start()
        self.uids = self.dovecot.deliver("demo", "INBOX", [letter(text, n) for n, text in enumerate([HARMLESS] + PAYLOADS)])
        self.reader = self.browser()
        self.reader.log_in()
        self.reader.get("mail/INBOX/")

    def addresses(self, uid):
        """Of all pages that show something of a message."""
        page = self.reader.get("mail/INBOX/%d" % uid)
        found = [link for link, _ in page.links if "/compose?" in link]
        ok(len(found) >= 2, why=page.text[-2000:])
        return ["/alphamail/mail/INBOX/%d%s" % (uid, road) for road in ROADS] + sorted(set(found))

    def look(self, path):
        page = self.reader.get(path)
        ok(page.status == 200, why="%s: %d" % (path, page.status))
        ok(page.headers["content-type"].startswith("text/html"), why=path)
        return found_in(page.raw)


@case("no payload makes an element, an attribute or an address, on any page of its message")
def _(stack):
    usual = {}
    for path in stack.addresses(stack.uids[0]):
        usual[re.sub(r"\d+", "N", path)] = stack.look(path)[0]
    tried, wrong = 0, []
    for uid, payload in zip(stack.uids[1:], PAYLOADS):
        for path in stack.addresses(uid):
            pairs, addresses = stack.look(path)
            kind = re.sub(r"\d+", "N", path)
            more = pairs - usual.get(kind, set())
            if path.endswith("/body"):  # what the cleaner lets through
                more = {(name, key) for name, key in more if name not in rules.ELEMENTS or (key and key not in rules.ATTRIBUTES)}
            tried += 1
            # How much there is of something that pages know, and where, is the message's own.
            more -= set().union(*usual.values())
            if more or any(bad_address(*one) for one in addresses):
                wrong.append((path, payload[:120], sorted(more)[:4], [one for one in addresses if bad_address(*one)][:3]))
    note("%d payloads, %d pages, %d wrong" % (len(PAYLOADS), tried, len(wrong)))
    equal(wrong[:6], [])
    ok(tried >= 8 * len(PAYLOADS))


@case("nor on the lists that show it: the folder's, with snippets, and what a search finds")
def _(stack):
    lists = ["/alphamail/mail/INBOX/?page=%d" % n for n in range(1, 2 + len(PAYLOADS) // 50)]
    lists += ["/alphamail/search/?q=" + word for word in ("words", "canary", "number")]
    pairs = set()
    for path in lists:
        page = stack.reader.get(path)
        equal(page.status, 200, path)
        found, addresses = found_in(page.raw)
        pairs |= found
        equal([one for one in addresses if bad_address(*one)], [], path)
    bad = {(name, key) for name, key in pairs if key.startswith("on") or name in ("base", "object", "embed", "iframe", "math", "frame", "b", "style") or
           (name in ("script", "svg", "img") and key not in ("", "src", "defer", "type", "class", "aria-hidden", "alt", "width", "height", "viewBox"))}
    equal(sorted(bad), [])


if not chromium.missing():
    @case("in Chromium with script and without the pages' policy no canary sings and nothing is asked of elsewhere")
    def _(stack):
        pages = [{"path": "/alphamail/mail/INBOX/"}, {"path": "/alphamail/search/?q=words"}]
        for uid in stack.uids[1:3 if not SOAK else None]:
            pages += [{"path": path} for path in stack.addresses(uid)]
        pages.append({"path": "/alphamail/mail/INBOX/", "inject": "<img src=x onerror=canary()><img src=https://leak.invalid/>"})
        shown = chromium.drive("mail_in_browser.js", {
            "bare": {"origin": stack.httpd.origin, "cookies": stack.reader.cookies, "pages": pages}})["bare"]
        equal(sorted({line.split("?")[0] for line in shown[-1]}), ["request https://leak.invalid/", "script"])
        equal([(page["path"], log[:2]) for page, log in zip(pages, shown[:-1]) if log][:6], [])


main(Roads)
