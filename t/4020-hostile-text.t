#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever mail, folders, servers and addresses say is shown as text and never acted on."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import message  # noqa: E402
from meanwhile import answered  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402

CANARY = "\"'<b id=canary>&`${{X}}<script>alert(1)</script>"
IN_HEADER = CANARY.replace('"', '\\"')


class Hostile(Stack):
    def __enter__(self):
        super().__enter__()
        self.folder_name = "F<b id=canary>'&-{{X}}"      # '&' is '&-' in modified UTF-7
        self.dovecot.create("demo", self.folder_name)
        one = message(subject="Subject " + CANARY, sender='"Name %s" <a@example.org>' % IN_HEADER,
                      text="Text " + CANARY + "\n")
        attached = (
            "From: a@example.org\nTo: demo@example.edu\nSubject: With a file\n"
            "Date: Mon, 02 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n"
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhello\n--b\n"
            "Content-Type: application/octet-stream; name=\"%s.bin\"\n"
            "Content-Disposition: attachment; filename=\"%s.bin\"\n\nbytes\n--b--\n" % (
                IN_HEADER, IN_HEADER))
        self.deliver("INBOX", [one, attached])
        self.deliver(self.folder_name, [one])
        return self


def clean(page):
    """No element that the canary would have made."""
    lacks(page.text, "<b id=canary")
    lacks(page.text, "<script>")  # the page's own one has attributes
    lacks(page.text, "id=canary>")
    equal([a for tag, a in page.parsed.elements if a.get("id") == "canary"], [])


@case("markup in subject, sender, folder, file name and text is shown as it was written")
def _(stack):
    browser, page = stack.log_in()
    clean(page)
    contains(page.words, "Subject \"'<b id=canary>&`${{X}}<script>alert(1)</script>")
    contains(page.words, "Name \"'<b id=canary>")
    contains(page.words, "F<b id=canary>'&{{X}}")
    letter = browser.get(page.link("Subject"))
    equal(letter.status, 200)
    clean(letter)
    contains(letter.words, "Text " + CANARY)
    attached = browser.get(page.link("With a file"))
    clean(attached)
    contains(attached.words, ".bin")
    folder = browser.get(page.link("F<b id"))
    equal(folder.status, 200)
    clean(folder)
    contains(folder.words, "Subject")


@case("an attachment is served as one, with a clean name and no right to act")
def _(stack):
    browser, page = stack.log_in()
    letter = browser.get(page.link("With a file"))
    part = [href for href, text in letter.links if "/part/" in href][0]
    saved = browser.get(part)
    equal(saved.status, 200)
    contains(saved.raw, b"bytes")
    ok(saved.headers["content-disposition"].startswith("attachment"))
    for bad in ("<", "\n", "\r", "/"):
        lacks(saved.headers["content-disposition"].split("filename*")[0], bad)
    equal(saved.headers["x-content-type-options"], "nosniff")
    contains(saved.headers["content-security-policy"], "sandbox")


@case("addresses that do not exist, are not numbers, or are no addresses: a page, never a 500")
def _(stack):
    browser, _ = stack.log_in()
    for path, wanted in (
            ("mail/NoSuchFolder/", 404), ("mail/INBOX/999999", 404), ("mail/INBOX/0", 404),
            ("mail/INBOX/4294967296", 404), ("mail/INBOX/-1", 404), ("mail/INBOX/abc", 404),
            ("mail/INBOX/1/part/99", 404), ("mail/INBOX/1/part/x", 404), ("mail/INBOX/1/nothing", 404),
            ("nowhere", 404), ("mail/%C3%28/", None), ("mail/a%0d%0ab/", None), ("mail/%E4%F6/", None),
            ("mail/INBOX/?page=0", 200), ("mail/INBOX/?page=-1", 200), ("mail/INBOX/?page=abc", 200),
            ("mail/INBOX/?page=1000000000", 200), ("mail/INBOX/?page=1&page=2", 200),
            ("mail/../../etc/passwd", None), ("mail/%2e%2e/%2e%2e/etc/passwd", None),
            ("mail/a%2Fb/", None), ("mail/a%00b/", None), ("mail/" + "x" * 10000 + "/", None)):
        page = answered(lambda: browser.request("GET", browser.whole(path)))
        if wanted is None:
            ok(400 <= page.status < 500, why="%s: %d" % (path[:60], page.status))
        else:
            equal(page.status, wanted, path)
        contains(page.headers["content-type"], "text/html", path[:60])
        lacks(page.words, "root:")


@case("a folder emptied by another client while it is shown: empty after 'Check mail', its messages gone")
def _(stack):
    stack.dovecot.create("demo2", "Work")
    uids = stack.deliver("Work", [message(subject="Soon gone %d" % n) for n in range(3)], user="demo2")
    browser, page = stack.log_in("demo2")
    page = browser.get("mail/Work/")
    contains(page.words, "Soon gone 2")
    stack.dovecot.expunge("demo2", "Work")
    page = browser.get("mail/Work/")
    page = browser.submit(page, page.form("mail/Work/", "post"), button=("do", "check"))
    equal(page.status, 200)
    lacks(page.words, "Soon gone")
    gone = browser.get("mail/Work/%d" % uids[0])
    equal(gone.status, 404, gone.url + gone.words[:900])
    contains(gone.text, 'role="alert"')


@case("CR and LF in user or password reach the server as no command")
def _(stack):
    for user, password in (("demo\r\nA1 LOGOUT", "demo"), ("demo", "demo\r\nA1 CREATE evil"),
                           ("demo\n", "demo"), ("demo\0", "demo"), ("demo", "de\0mo")):
        browser = stack.browser()
        page = browser.log_in(user, password)
        ok(page.status in (400, 401), why="%r: %d" % (user, page.status))
    client = stack.dovecot.client("demo")
    listed = b"".join(client.list()[1])
    lacks(listed, b"evil")
    client.logout()


main(Hostile)
