#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail servers that say what none should: names of every byte, fifty thousand of them, numbers that are
none. Each is answered in words, nothing else is lost by it, and all is well once the server is."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from asker import Asker  # noqa: E402
from browser import Browser  # noqa: E402
from httpd import Httpd  # noqa: E402
from resident import memory_kb  # noqa: E402
from scriptedimap import Folder, Letter, ScriptedImap  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, contains, equal, lacks, main, note, ok, skip  # noqa: E402
from webcache import Webcache, sanitized  # noqa: E402

DOMAIN = "odd.example"
MANY = 50000    # as many as are shown


class World:
    def __enter__(self):
        self.folder = paths.TestFolder()
        self.server = ScriptedImap()
        self.server.folders[b"INBOX"] = Folder([Letter(1, b"Well and good")])
        self.webcache = Webcache(self.folder, imap_servers="%s=127.0.0.1:%d[/]" % (DOMAIN, self.server.port),
                                 insecure_loopback_cookies="on").start()
        self.httpd = Httpd(self.folder, self.webcache).start()
        self.ask = Asker(self.webcache, self.folder)
        self.users = 0
        return self

    def __exit__(self, *_):
        self.ask.close()
        self.httpd.close()
        self.webcache.close()
        self.server.close()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 30)

    def log_in(self):
        """A session of a user who is new, so that nothing is known."""
        self.users += 1
        handle = "h%d" % self.users
        ok("address" in self.ask.log_in(handle, "u%d" % self.users, "demo", DOMAIN))
        return handle

    def browser(self):
        self.users += 1
        browser = Browser(self.httpd.origin)
        page = browser.log_in("u%d" % self.users, "demo")
        end = time.monotonic() + 30
        while page.status == 503 and time.monotonic() < end:    # a busy machine needs more than a second for 50 000 folders
            time.sleep(0.5)
            page = browser.get("mail/INBOX/")
        return browser, page

    def still_well(self):
        ok(self.webcache.server.alive())
        browser, page = self.browser()
        contains(page.words, "Well and good")
        return browser


def named(*names):
    """Folders whose only message says in hexadecimal which it is."""
    return {name: Folder([Letter(1, name.hex().encode()[:600])]) for name in names}


@case("a name of every byte is shown, and its address leads to exactly that folder")
def _(w):
    names = [b"x%cx" % byte for byte in range(1, 256) if byte not in b"/\r\n"]
    names += [bytes(byte for byte in range(1, 256) if byte not in b"/\r\n"), b"&", b"&-", b"&AGE-", b"&2AA-", b"&AOk-",
              b"NIL", b"inbox/below", b"~00~00/x", b"a~2Fb", b"*", b"%", b'"', b"\\", b"{3}", b"a/b", b"&AAA-",
              b"y" * 4000, b"\xc3\xa9t\xc3\xa9", b"<script>alert(1)</script>", b"a//b", b"/a", b"a/"]
    w.server.folders.update(named(*names))
    handle = w.log_in()
    found = []
    for folder in w.ask("folders", handle)["folders"][1:]:
        w.server.selected.clear()
        page = w.ask.page(handle, folder["address"])
        if folder["selectable"]:
            found += {name for name in w.server.selected if name.hex()[:600] == page["rows"][0]["subject"]}
        else:     # a level that is there only for those below it
            ok(not page.get("rows"), why=folder["address"])
    equal((set(names) - set(found), len(found)), (set(), len(names)))
    browser, page = w.browser()
    lacks(page.text, "<script>alert")
    links = [href for href, _ in page.links if "/mail/" in href]
    ok(100 < len(links) < 250, why=len(links))    # beside a page stand those around it
    for href in links[::20]:
        equal(browser.get(href, follow=False).status in (200, 404), True, href)


@case("names that no folder can have are left out: no command is ever made of them")
def _(w):
    bad = [b"a\0b", b"a\r\nb", b"a\nA1 LOGOUT", b"", b"z" * 5000]
    w.server.folders = {b"INBOX": w.server.folders[b"INBOX"], **named(b"Good", *bad)}
    handle = w.log_in()
    told = [f["address"] for f in w.ask("folders", handle)["folders"]]
    equal(told, ["INBOX", "Good"])
    w.server.selected.clear()
    for address in ("a~00b", "a~0D~0Ab", "a~0AA1 LOGOUT", "~00", "z" * 5000):
        equal(w.ask.page(handle, address).get("error"), "kNotFound", address[:20])
    equal([name for name in w.server.selected if name in bad], [])
    w.ask.until(lambda answer: all(f["total"] for f in answer["folders"]), "folders", handle)
    w.still_well()


@case("%d folders are shown; of more the rest is left out, and the log says so" % MANY)
def _(w):
    if sanitized():
        skip("a sanitizer takes longer for them than a page may take")
    names = [b"F%05d" % n for n in range(MANY - 1)]
    w.server.folders = {b"INBOX": w.server.folders[b"INBOX"], **named(*names)}
    before = memory_kb(w.webcache.pid)
    browser, page = w.browser()
    equal(page.status, 200)
    contains(page.words, "Well and good")
    links = {href for href, _ in page.links if re.search(r"/mail/F\d{5}/$", href)}
    ok(100 < len(links) < 250, why=len(links))
    page = browser.get("mail/%s/" % names[-1].decode())
    contains(page.words, names[-1].hex())
    contains({href for href, _ in page.links}, browser.whole("mail/%s/" % names[-1].decode()))
    note("%d KB more; a page of %d KB; %d counted" % (memory_kb(w.webcache.pid) - before, len(page.raw) // 1024, w.server.status_asked))
    w.server.folders.update(named(*(b"G%05d" % n for n in range(5000))))
    handle = w.log_in()
    equal(len(w.ask.until(lambda told: "folders" in told, "folders", handle)["folders"]), MANY)
    w.server.folders = {b"INBOX": w.server.folders[b"INBOX"]}
    w.still_well()


def refused_until_healed(w, spoil):
    """A folder that cannot be shown says so in words, others are served, and it is shown once it is well."""
    good = Folder([Letter(1, b"Once it is well")], uid_validity=b"8")
    w.server.folders[b"Odd"] = spoil
    browser, page = w.browser()
    contains(page.words, "Well and good")
    page = browser.get("mail/Odd/")
    lacks(page.words, "Once it is well")
    ok(page.status in (200, 502, 503), why="%d: %s" % (page.status, page.words[:300]))
    if page.status != 200:
        contains(page.text, 'role="alert"')
    contains(browser.get("mail/INBOX/").words, "Well and good")
    w.server.folders[b"Odd"] = good
    page = browser.get("mail/Odd/")
    if "Once it is well" not in page.words:     # it was shown, and is believed until it is looked at again
        page = browser.submit(page, page.form("mail/Odd/", "post"), button=("do", "check"))
    equal(page.status, 200, page.words[:300])
    contains(page.words, "Once it is well")
    w.still_well()
    return page


@case("UIDVALIDITY 0, missing, or no number: the folder is not shown, the rest is")
def _(w):
    for validity in (b"0", None, b"4294967296", b"-1", b"x"):
        refused_until_healed(w, Folder([Letter(1)], uid_validity=validity))


@case("UIDs of 0, 2^32, and no number are never taken for messages")
def _(w):
    for uid in (b"0", b"4294967296", b"18446744073709551617", b"-1", b"x"):
        refused_until_healed(w, Folder([Letter(1, b"Sound"), Letter(uid, b"Odd one")], uid_next=b"3"))


@case("two messages of one UID are one, and a folder that counts wrong is counted")
def _(w):
    refused_until_healed(w, Folder([Letter(1, b"One"), Letter(1, b"The other")], uid_next=b"3"))
    for exists in (b"18446744073709551616", b"4294967295", b"50000001", b"-1", b"x"):
        refused_until_healed(w, Folder([Letter(1)], exists=exists))
    refused_until_healed(w, Folder([Letter(1)], exists=b"3"))
    refused_until_healed(w, Folder([Letter(1)], uid_next=b"4294967296"))
    refused_until_healed(w, Folder([Letter(1)], uid_next=b"0"))


@case("a row that was no truth stays until the server talks nonsense, and is put right then")
def _(w):
    def seen(*letters):
        w.server.folders[b"Odd"] = Folder([Letter(1, b"Sound"), *letters], uid_validity=b"9", uid_next=b"3")
        return browser.submit(page, page.form("mail/Odd/", "post"), button=("do", "check"))
    w.server.folders[b"Odd"] = Folder([Letter(1, b"Sound"), Letter(2, b"Another's subject")], uid_validity=b"9")
    browser, _ = w.browser()
    page = browser.get("mail/Odd/")
    contains(page.words, "Another's subject")
    truth = Letter(2, b"Its own subject", size=400)
    contains(seen(truth).words, "Another's subject")    # nothing tells of it
    lacks(seen(Letter(b"x")).words, "Its own subject")
    words = seen(truth).words
    contains(words, "Its own subject")
    contains(words, "Sound")
    lacks(words, "Another's subject")


@case("4096 flags and a subject of a megabyte are shown, cut where a row ends")
def _(w):
    flags = b" ".join(b"keyword%d" % n for n in range(4096))
    w.server.folders[b"Odd"] = Folder([Letter(1, b"Before"), Letter(2, b"s" * 1_000_000, b"\\Flagged " + flags),
                                       Letter(3, b"Behind")])
    browser, page = w.browser()
    page = browser.get("mail/Odd/")
    equal(page.status, 200)
    for words in ("Before", "ssssssss", "Behind"):
        contains(page.words, words)
    ok(len(page.raw) < 100_000, why=len(page.raw))
    page = browser.get("mail/Odd/2")
    equal(page.status, 200)
    contains(page.words, "ssssssss")
    w.still_well()


@case("dates of year 1, of year 9999 and of no calendar stand in the list, and the messages open")
def _(w):
    dates = ((b"01-Jan-0001 00:00:00 +0000", b"Mon, 1 Jan 0001 00:00:00 +0000"),
             (b"31-Dec-9999 23:59:59 -1200", b"Fri, 31 Dec 9999 23:59:59 -1200"),
             (b"31-Feb-2026 25:61:61 +9999", b"31 Feb 2026 25:61:61 +9999"),
             (b"01-Jan-1970 00:00:00 +0000", b"the day before yesterday"),
             (b"02-Nov-2026 10:00:00 +0000", b"Sat, 1 Jan 123456789012 00:00:00 +0000"))
    w.server.folders[b"Dates"] = Folder([Letter(n, b"Of date %d" % n, arrived=arrived, sent=sent)
                                         for n, (arrived, sent) in enumerate(dates, 1)])
    browser, _ = w.browser()
    for query in ("", "?sort=date&order=asc", "?sort=subject&order=asc"):
        page = browser.get("mail/Dates/" + query)
        equal(page.status, 200, page.words[:300])
        for n in range(1, len(dates) + 1):
            contains(page.words, "Of date %d" % n)
    for n in range(1, len(dates) + 1):
        opened = browser.get("mail/Dates/%d" % n)
        equal(opened.status, 200, opened.words[:300])
        contains(opened.words, "Of date %d" % n)
    w.still_well()


main(World)
