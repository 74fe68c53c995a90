#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML that attacks, by every road that a sender has into a page: subject, names of people, lists and files, types, text
and its links, enriched text, calendars, cards, winmail.dat, reports of delivery, messages inside messages, HTML; on the
list with its snippets, the message in all its views, in print, quoted in an answer, passed on and found by a search. A
message of harmless words stands in for how the pages look: another parser (html5lib) finds no element or attribute
elsewhere that it does not find there. Then in Chromium with script, without the pages' policy, where a canary would sing."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import chromium  # noqa: E402
from tap import case, contains, equal, lacks, main, note, ok, skip_all  # noqa: E402

try:
    import payloads  # noqa: E402
except ImportError:
    skip_all("html5lib is not here (Debian: python3-html5lib)")
from payloads import HARMLESS, PAYLOADS, ROADS, SOAK, bad_address, found_in  # noqa: E402

FILE = re.compile(r'href="(/alphamail/mail/INBOX/\d+/part/[\d.]+(?:/view)?\?[^"]*)"')


class Roads(payloads.Reading):
    def deliver_all(self):
        self.uids = self.dovecot.deliver("demo", "INBOX", [payloads.letter(text, n) for n, text in enumerate([HARMLESS] + PAYLOADS)])

    def addresses(self, uid):
        """Of all pages that show something of a message."""
        page = self.reader.get("mail/INBOX/%d" % uid)
        found = [link for link, _ in page.links if "/compose?" in link]
        ok(len(found) >= 4, why=page.text[-2000:])
        return ["/alphamail/mail/INBOX/%d%s" % (uid, road) for road in ROADS] + sorted(set(found))

    def files(self, uid):
        """Of its attachments, saved and seen."""
        return sorted({link.replace("&amp;", "&") for link in FILE.findall(self.reader.get("mail/INBOX/%d" % uid).text)})


@case("the harmless message shows what the others hold: its list, its report, its files and what is inside")
def _(stack):
    page = stack.reader.get("mail/INBOX/%d" % stack.uids[0])
    for words in ("Leave this list", "Write to the list", "Not delivered to " + HARMLESS, "winmail.dat", "Appointment", "Contact"):
        contains(page.words, words)
    ok(page.words.count(HARMLESS) >= 20, why=page.words)
    contains(stack.reader.get("mail/INBOX/%d?show=text" % stack.uids[0]).words, "words%s" % HARMLESS, "enriched text")
    ok(len(stack.files(stack.uids[0])) >= 10)


@case("no payload makes an element, an attribute or an address, on any page of its message")
def _(stack):
    tried, wrong = stack.compared(stack.addresses(stack.uids[0]),
                                  [(payload, stack.addresses(uid)) for uid, payload in zip(stack.uids[1:], PAYLOADS)])
    note("%d payloads, %d pages, %d wrong" % (len(PAYLOADS), tried, len(wrong)))
    equal(wrong[:6], [])
    ok(tried >= 10 * len(PAYLOADS))


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
    equal(payloads.on_a_list(pairs), [])


@case("a file is a download, or plain text in a sandbox, whatever its type and name say")
def _(stack):
    seen = tried = 0
    for uid in stack.uids[:None if SOAK else 9]:
        for path in stack.files(uid):
            page = stack.reader.get(path)
            equal(page.status, 200, path)
            tried += 1
            kind = page.headers["content-type"].split(";")[0]
            equal(page.headers["x-content-type-options"], "nosniff", path)
            contains(page.headers["content-security-policy"], "sandbox", path)
            contains(page.headers["content-security-policy"], "default-src 'none'", path)
            if page.headers["content-disposition"].startswith("attachment"):
                ok(re.search("html|xml|script", kind) is None, why="%s: %s" % (path, kind))
            else:
                seen += 1
                ok(path.partition("?")[0].endswith("/view") and kind == "text/plain", why="%s: %s" % (path, page.headers))
            lacks(page.headers["content-disposition"], "<", path)
    note("%d files, %d of them opened" % (tried, seen))
    ok(tried > 80 and seen >= 8, why="%d, %d" % (tried, seen))


if not chromium.missing():
    @case("in Chromium with script and without the pages' policy no canary sings and nothing is asked of elsewhere")
    def _(stack):
        pages = [{"path": "/alphamail/mail/INBOX/"}, {"path": "/alphamail/search/?q=words"}]
        for uid in stack.uids[1:3 if not SOAK else None]:
            pages += [{"path": path} for path in stack.addresses(uid)]
            pages += [{"path": path} for path in stack.files(uid) if "/view?" in path]
        pages.append({"path": "/alphamail/mail/INBOX/", "inject": "<img src=x onerror=canary()><img src=https://leak.invalid/>"})
        shown = chromium.drive("mail_in_browser.js", {
            "bare": {"origin": stack.httpd.origin, "cookies": stack.reader.cookies, "pages": pages}}, timeout=payloads.PATIENCE)["bare"]
        equal(sorted({line.split("?")[0] for line in shown[-1]}), ["request https://leak.invalid/", "script"])
        equal([(page["path"], log[:2]) for page, log in zip(pages, shown[:-1]) if log][:6], [])


main(Roads)
