#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user does, page by page, without script: folders, paging, reading, downloads, checking for
mail, settings, languages."""
import base64
import gzip
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import check, message  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402

NOW = int(time.time())
FILE = bytes(range(256)) * 700  # longer than one piece of a stream
PICTURE_NAME = "r\u00e9sum\u00e9 <b>.bin"


def with_attachment():
    body = "\n".join([
        "--xyz", "Content-Type: text/plain; charset=iso-8859-1",
        "Content-Transfer-Encoding: quoted-printable", "",
        "Gr=FC=DFe aus dem Labor, siehe https://lab.example.org/data.", "", "> a quoted line", "",
        "--xyz", "Content-Type: application/octet-stream",
        "Content-Disposition: attachment; filename*=UTF-8''r%C3%A9sum%C3%A9%20%3Cb%3E.bin",
        "Content-Transfer-Encoding: base64", "",
        base64.encodebytes(FILE).decode().rstrip(), "--xyz--", ""])
    return message(subject="With an attachment", text=body,
                   headers="MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=xyz")


class Pages(Stack):
    def _start(self):
        super()._start()
        self.dovecot.deliver("demo", "INBOX", [
            message(subject="Number %d" % n, text="Text of number %d\n" % n) for n in range(1, 61)],
            flags="\\Seen", date=NOW - 86400 * 40)
        self.dovecot.deliver("demo", "INBOX", [with_attachment()], date=NOW - 60)
        self.dovecot.create("demo", "Empty", "Nested", "Nested/Deep &AOQ-")
        self.reader = self.browser()
        self.first = self.reader.log_in()


def inbox(stack):
    return stack.reader.get("mail/INBOX/")


@case("log-in leads to the first page of the inbox, 50 of 61, newest first")
def _(stack):
    page = stack.first
    equal(page.status, 200)
    contains(page.words, "1 unread of 61")
    contains(page.words, "1\u201350 of 61")
    ok(page.words.index("With an attachment") < page.words.index("Number 60"))
    equal(page.text.count('class="msg'), 50)


@case("a page of 50 rows is at most 15 KB, compressed the quick way")
def _(stack):
    packed = len(gzip.compress(inbox(stack).raw, 1))
    ok(2000 < packed <= 15 * 1024, why="%d bytes" % packed)


@case("Older and Newer lead through the folder, and so does the field for a page")
def _(stack):
    page = stack.reader.click(inbox(stack), "Older")
    contains(page.words, "51\u201361 of 61")
    contains(page.words, "Number 1 ")
    page = stack.reader.click(page, "Newer")
    contains(page.words, "1\u201350 of 61")
    ok(page.form("page").method == "get")
    page = stack.reader.get("mail/INBOX/?page=2")
    contains(page.words, "51\u201361 of 61")
    contains(stack.reader.get("mail/INBOX/?page=99").words, "51\u201361 of 61")


@case("a message shows head, text and attachments, and is read from then on")
def _(stack):
    page = stack.reader.click(inbox(stack), "With an attachment")
    equal(page.status, 200)
    contains(page.words, "Anna Example anna@example.org")
    contains(page.words, "Gr\u00fc\u00dfe aus dem Labor")
    contains(page.text, 'href="https://lab.example.org/data"')
    contains(page.text, "<blockquote>")
    contains(page.words, "1 attachment")
    contains(page.words, "1 of 61")
    contains(inbox(stack).words, "61 messages")


@case("an attachment is saved byte for byte, never shown")
def _(stack):
    page = stack.reader.click(inbox(stack), "With an attachment")
    got = stack.reader.get(page.link("Save r"))
    equal(got.status, 200)
    ok(got.raw == FILE, why="%d bytes" % len(got.raw))
    contains(got.headers["content-disposition"], "attachment;")
    contains(got.headers["content-disposition"], "filename*=UTF-8''r%C3%A9sum%C3%A9")
    contains(got.headers["content-security-policy"], "sandbox")


@case("a link to a part of a folder that was numbered anew is refused")
def _(stack):
    page = stack.reader.click(inbox(stack), "With an attachment")
    address = page.link("Save r").split("?v=")[0]
    equal(stack.reader.get(address + "?v=1").status, 409)
    equal(stack.reader.get(address + "?v=99999999999").status, 400)
    equal(stack.reader.get(address).status, 200)


@case("the source is shown as text and saved as a message")
def _(stack):
    page = stack.reader.click(inbox(stack), "With an attachment")
    source = stack.reader.get(page.link("Show source"))
    equal(source.headers["content-type"], "text/plain; charset=utf-8")
    contains(source.text, "Subject: With an attachment")
    contains(source.headers["content-security-policy"], "sandbox")
    saved = stack.reader.get(page.link("Save message"))
    equal(saved.raw, source.raw)
    contains(saved.headers["content-disposition"], '.eml"')


@case("next and previous message, and back to the page of the folder")
def _(stack):
    page = stack.reader.click(inbox(stack), "With an attachment")
    older = stack.reader.click(page, "Older")
    contains(older.words, "2 of 61")
    equal(stack.reader.click(older, "Newer").url, page.url)
    second = stack.reader.click(stack.reader.get("mail/INBOX/?page=2"), "Number 1")
    ok(second.link("Inbox").endswith("/mail/INBOX/") or "page=2" in second.text)
    contains(second.text, '/mail/INBOX/?page=2"')


@case("Check mail says how many came, and a GET of that address says nothing new")
def _(stack):
    for _ in range(10):    # the server may tell of them by itself before it is asked
        page = inbox(stack)
        stack.dovecot.deliver("demo", "INBOX", [message(subject="Just now"), message(subject="And now")])
        page = stack.reader.submit(page, page.form("/mail/INBOX/", "post"), button=("do", "check"))
        contains(page.words, "Just now")
        if "2 new messages" in page.words:
            break
        client = stack.dovecot.client("demo")
        check(client.select("INBOX"))
        check(client.store("62:*", "+FLAGS.SILENT", "\\Deleted"))
        check(client.expunge())
        client.logout()
        stack.reader.submit(page, page.form("/mail/INBOX/", "post"), button=("do", "check"))
    contains(page.words, "2 new messages")
    equal(page.history[0].status, 303)
    page = stack.reader.submit(page, page.form("/mail/INBOX/", "post"), button=("do", "check"))
    contains(page.words, "No new mail")
    lacks(stack.reader.get("mail/INBOX/?notice=new-%3Cb%3E").text, "new-")


@case("an empty folder, a nested one with odd letters, one that is not there")
def _(stack):
    contains(stack.reader.get("mail/Empty/").words, "Nothing waits here")
    page = stack.reader.click(inbox(stack), "Deep \u00e4")
    equal(page.status, 200)
    contains(page.url, "/mail/Nested/Deep%20%C3%A4/")
    page = stack.reader.get("mail/Nowhere/")
    equal(page.status, 404)
    contains(page.words, "There is nothing at this address")
    contains(page.words, "Go to Inbox")


@case("settings: rows, language, zone, density and theme are kept and used")
def _(stack):
    page = stack.reader.get("settings/")
    form = page.form("rows")
    page = stack.reader.submit(page, form, rows="25", language="de", time_zone="Asia/Tokyo",
                               density="compact", theme="dark")
    contains(page.words, "Gespeichert.")
    contains(page.text, 'data-theme="dark"')
    contains(page.text, 'data-density="compact"')
    page = inbox(stack)
    contains(page.words, "1\u201325 von 63")
    contains(page.words, "Posteingang")
    contains(page.words, "Asia/Tokyo")
    contains(page.text, '+09:00" title="')
    equal(page.text.count('class="msg'), 25)


@case("a theme button keeps all else and leads back to where one was")
def _(stack):
    page = stack.reader.get("mail/INBOX/?page=2")
    page = stack.reader.submit(page, page.form("next"), button=("theme", "light"))
    ok(page.url.endswith("/mail/INBOX/?page=2"), why=page.url)
    contains(page.text, 'data-theme="light"')
    contains(page.words, "26\u201350 von 63")


@case("settings that the page does not offer are refused and change nothing")
def _(stack):
    page = stack.reader.get("settings/")
    for odd in ({"rows": "51"}, {"time_zone": "Europe/Atlantis"}, {"language": "xx"}, {"theme": "pink"}):
        equal(stack.reader.submit(page, page.form("rows"), **odd).status, 400)
    contains(inbox(stack).words, "1\u201325 von 63")
    away = stack.reader.submit(page, page.form("rows"), next="//evil.example/", follow=False)
    ok(away.headers["location"].startswith("/alphamail/"), why=away.headers["location"])


@case("log-out ends it; the log-in page says so, in the language of the browser")
def _(stack):
    page = inbox(stack)
    page = stack.reader.submit(page, page.form("logout"), button=("do", "logout"))
    contains(page.words, "You are logged out.")
    ok("/login" in inbox(stack).url)


@case("the language chosen on the log-in page stays until the next visit")
def _(stack):
    browser = stack.browser()
    page = browser.get("")
    contains(page.words, "Log in to your mail")
    page = browser.click(page, "Deutsch")
    contains(page.words, "Bei Ihrer Mail anmelden")
    contains(browser.get("login").words, "Bei Ihrer Mail anmelden")
    lacks(browser.get("login?lang=%3Cscript%3E").text, "<script>")


@case("a wrong password: the user's name is kept, the password is not")
def _(stack):
    browser = stack.browser()
    page = browser.log_in("demo", "not the password <b>")
    equal(page.status, 401)
    equal(page.form("password").fields["user"], "demo")
    lacks(page.text, "not the password")
    contains(page.words, "do not fit together")


main(Pages)
