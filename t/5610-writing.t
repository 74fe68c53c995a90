#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing and sending by forms alone, through httpd, webcache, a real Exim and a real Dovecot; what arrived is read
by Python's imaplib and email. What is wrong is said on the same page, with all that was typed still there."""
import email
import email.policy
import hashlib
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from asker import Asker  # noqa: E402
from imapd import check, message, quoted  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402


class Writing(Stack):
    def _start(self):
        super()._start()
        self.reader = self.browser()
        self.reader.log_in()

    def compose(self, query=""):
        page = self.reader.get("compose" + query)
        equal(page.status, 200, page.words[:300])
        return page

    def kept(self):
        """The texts that a new message offers to go on with."""
        return [self.reader.get(href).form("body").fields["body"] for href, _ in self.compose().links if "resume=" in href]

    def post(self, page, do="send", files=(), **fields):
        """The form of the page with these fields; `do` is its button."""
        name, value = ("do", do) if isinstance(do, str) else do
        return self.reader.submit(page, page.form("body"), button=(name, value), files=list(files), **fields)

    def messages(self, user, folder="INBOX", timeout=0, count=0):
        """All messages of a folder, parsed; waits until there are `count`."""
        end = time.monotonic() + timeout
        while True:
            client = self.dovecot.client(user)
            status, _ = client.select(quoted(folder), readonly=True)
            found = []
            if status == "OK":
                for line in check(client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")):
                    if isinstance(line, tuple):
                        one = email.message_from_bytes(line[1], policy=email.policy.default)
                        one.raw, one.flags = line[1], line[0].decode()
                        found.append(one)
            client.logout()
            if len(found) >= count or time.monotonic() > end:
                return found
            time.sleep(0.1)

    def arrived(self, subject, user="demo2", folder="INBOX", seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for one in self.messages(user, folder):
                if one["Subject"] == subject:
                    return one
            time.sleep(0.1)
        raise AssertionError("%r did not arrive in %s of %s" % (subject, folder, user))

    def count(self, subject, user="demo2", folder="INBOX"):
        return sum(one["Subject"] == subject for one in self.messages(user, folder))


def body_of(message_):
    part = message_.get_body(("plain",))
    return part.get_content().replace("\r\n", "\n")


def said(page):
    """What alerts say."""
    return " ".join(re.sub("<[^>]*>", " ", a) for a in re.findall(r'role="alert">.*?</div>\s*</div>|role="alert">.*?</div>', page.text, re.S))


@case("a message is written, sent once, arrives as it was typed, and its copy lies in Sent")
def _(stack):
    page = stack.compose()
    text = "Grüße aus Köln,\n\n> quoted\n.\nFrom here it goes on: 日本語\n-- \nDemo"
    sent = stack.post(page, to="Demo Two <demo2@example.edu>", subject="Übung: 1 = 1", body=text)
    contains(sent.url, "sent=")
    contains(sent.words, "Sent.")
    got = stack.arrived("Übung: 1 = 1")
    equal(body_of(got).rstrip("\n").replace("\n From ", "\nFrom "), text)   # RFC 3676's stuffing
    equal(got["To"].addresses[0].display_name, "Demo Two")
    equal(got["From"].addresses[0].addr_spec, "demo@example.edu")
    equal(got["Content-Type"].params["format"], "flowed")
    ok(got["Message-ID"] and got["Date"].datetime)
    copy = stack.arrived("Übung: 1 = 1", "demo", "Sent")
    equal(body_of(copy), body_of(got))
    equal(copy["Message-ID"], got["Message-ID"])


@case("the same form sent again, by a double click, reload or Back, is the same message")
def _(stack):
    page = stack.compose()
    form = page.form("body")
    values = {"to": "demo2@example.edu", "subject": "Once", "body": "Only once"}
    for _ in range(3):
        done = stack.reader.submit(page, form, button=("do", "send"), files=[], **values)
        contains(done.words, "Sent.")
    stack.arrived("Once")
    stack.arrived("Once", "demo", "Sent")
    equal(stack.count("Once"), 1)
    equal(stack.count("Once", "demo", "Sent"), 1)


@case("attachments arrive byte by byte, with their names, and a blind copy is nobody's to see")
def _(stack):
    files = [("attachments", "Bericht – März.pdf", "application/pdf", os.urandom(300000)),
             ("attachments", "empty.txt", "text/plain", b""),
             ("attachments", 'a"b;c.bin', "application/octet-stream", bytes(range(256)) * 5)]
    page = stack.post(stack.compose(), "attach", files, to="demo2@example.edu", bcc="demo@example.edu",
                      subject="With files", body="text stays")
    equal(page.form("body").fields["body"], "text stays")
    contains(page.words, "Bericht – März.pdf")
    more = ("attachments", "more.txt", "text/plain", b"more\r\n")
    done = stack.post(page, "send", [more])
    contains(done.words, "Sent.")
    got = stack.arrived("With files")
    ok(got["Bcc"] is None, why="Bcc is gone")
    lacks(got.raw, b"demo@example.edu>,")
    parts = list(got.iter_attachments())
    equal([p.get_filename() for p in parts], ["Bericht – März.pdf", "empty.txt", "ab;c.bin", "more.txt"])   # as names are kept
    for part, (_, _, _, content) in zip(parts, files + [more]):
        equal(hashlib.sha256(part.get_payload(decode=True)).hexdigest(), hashlib.sha256(content).hexdigest())
    stack.arrived("With files", "demo")
    contains(str(stack.arrived("With files", "demo", "Sent")["Bcc"]), "demo@example.edu")


@case("an attachment can be taken off again")
def _(stack):
    files = [("attachments", n, "text/plain", b"x") for n in ("one.txt", "two.txt")]
    page = stack.post(stack.compose(), "attach", files, body="b")
    page = stack.post(page, ("drop", "1"))
    lacks(page.words, "one.txt")
    contains(page.words, "two.txt")


@case("addresses that are none are each named on the same page, and all text is kept")
def _(stack):
    page = stack.post(stack.compose(), to="mina, a@x..y, good@example.edu", cc="@nobody", subject="S", body="B\nC",
                      files=[("attachments", "kept.txt", "text/plain", b"kept")])
    equal(page.status, 422)
    for part in ("“mina” has no @", "“a@x..y”", "“@nobody”"):
        contains(page.words, part)
    fields = page.form("body").fields
    equal((fields["to"], fields["cc"], fields["subject"], fields["body"]),
          ("mina, a@x..y, good@example.edu", "@nobody", "S", "B\nC"))
    contains(page.words, "kept.txt")
    done = stack.post(page, to="demo2@example.edu", cc="", subject="Corrected")
    contains(done.words, "Sent.")
    equal([p.get_filename() for p in stack.arrived("Corrected").iter_attachments()], ["kept.txt"])


@case("line ends and NUL in each field never begin a header, and what was typed is still there")
def _(stack):
    for evil in ("\r\nBcc: demo@example.edu", "\nX-Evil: 1", "\r\r", "\0"):
        for field in ("subject", "to", "cc", "bcc"):
            values = {"to": "demo2@example.edu", "subject": "Evil", "body": "evil body", field: "x" + evil}
            page = stack.post(stack.compose(), **values)
            equal(page.status, 422, "%s %r" % (field, evil))
            equal(page.form("body").fields["body"], "evil body")
    equal(stack.count("Evil"), 0)


@case("a file over the limit is refused by name and in bytes, and the rest of the form is kept")
def _(stack):
    big = ("attachments", "film.mp4", "video/mp4", b"\0" * 3100000)
    page = stack.post(stack.compose(), "attach", [big, ("attachments", "small.txt", "text/plain", b"s")],
                      to="demo2@example.edu", subject="Kept", body="kept too")
    equal(page.status, 422)
    contains(page.words, "film.mp4 was not attached: it has 3,100,000 bytes, and there is room for 2,000,000")
    contains(page.words, "small.txt")
    equal(page.form("body").fields["body"], "kept too")
    contains(stack.compose().words, "At most 2.0 MB")
    # Early: what says to be too long is not stored at all, and of what only shows it later no more than may be.
    with Asker(stack.webcache, stack.folder) as ask:
        for size, most in ((40_000_000, 0), (20_000_000, 2_500_000)):
            before = ask("status")["spool_bytes"]
            page = stack.post(page, "attach", [("attachments", "longer.mp4", "video/mp4", bytes(size))])
            equal(page.form("body").fields["body"], "kept too")
            contains(page.words, "longer.mp4 was not attached: it has {:,} bytes".format(size))
            stored = ask("status")["spool_bytes"] - before
            ok(stored <= most, why="%d bytes of %d" % (stored, size))


@case("an upload that is cut, a boundary that is none and a thousand parts are answered, with the text still there")
def _(stack):
    page = stack.compose()
    token = page.token
    head = ('--B\r\nContent-Disposition: form-data; name="token"\r\n\r\n%s\r\n'
            '--B\r\nContent-Disposition: form-data; name="body"\r\n\r\nmy words\r\n' % token).encode()

    def post(body, kind="multipart/form-data; boundary=B"):
        return stack.reader.request("POST", "/alphamail/compose", body, {
            "Content-Type": kind, "Origin": stack.reader.origin, "Sec-Fetch-Site": "same-origin"})
    cut = post(head + b'--B\r\nContent-Disposition: form-data; name="attachments"; filename="cut.bin"\r\n\r\n' + b"x" * 50000)
    equal(cut.status, 422)
    equal(cut.form("body").fields["body"], "my words")
    contains(cut.words, "did not arrive whole")
    lacks([n for n in cut.form("body").fields], "att")
    many = post(head + b"".join(b'--B\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n\r\n' % i for i in range(3000)) + b"--B--\r\n")
    equal(many.status, 422)
    equal(many.form("body").fields["body"], "my words")
    for kind in ("multipart/form-data", "multipart/form-data; boundary=C", "multipart/form-data; boundary=" + "x" * 99, "text/plain"):
        ok(post(head + b"--B--\r\n", kind).status in (400, 403, 422), why=kind)
    thousand = post(head + b"".join(b'--B\r\nContent-Disposition: form-data; name="attachments"; filename="%d"\r\n\r\nx\r\n' % i for i in range(1000)) + b"--B--\r\n")
    equal(thousand.status, 422)
    equal(thousand.form("body").fields["body"], "my words")
    contains(thousand.words, "at most 100 attachments")


@case("a file name of a thousand characters is kept as far as names go, and the file arrives")
def _(stack):
    name = "n" * 996 + ".txt"
    page = stack.post(stack.compose(), to="demo2@example.edu", subject="Long name", body="b",
                      files=[("attachments", name, "text/plain", b"content")])
    contains(page.words, "Sent.")
    part = next(stack.arrived("Long name").iter_attachments())
    equal(part.get_payload(decode=True), b"content")
    ok(part.get_filename().endswith(".txt") and len(part.get_filename()) <= 255, why=part.get_filename())


@case("a form without the token of its session does nothing, and keeps no upload")
def _(stack):
    page = stack.compose()
    for token in ("", "wrong", None):
        answer = stack.post(page, to="demo2@example.edu", subject="Forged", body="b", token=token,
                            files=[("attachments", "f", "text/plain", b"x")]) if token is not None else \
            stack.reader.post_files("compose", {"to": "demo2@example.edu", "subject": "Forged", "body": "b", "do": "send"})
        equal(answer.status, 403)
    equal(stack.reader.post_files("compose", {**page.form("body").fields, "do": "send"},
                                  headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}).status, 403)
    equal(stack.count("Forged"), 0)


@case("mailto: addresses fill the form, and set no blind copy")
def _(stack):
    page = stack.compose("?to=mailto:demo2%40example.edu%3Fsubject%3DHi%2520there%26cc%3Dc%40x.example%26bcc%3Dspy%40x.example%26body%3Dline%25201%250D%250Aline2")
    fields = page.form("body").fields
    equal((fields["to"], fields["cc"], fields["bcc"], fields["subject"]), ("demo2@example.edu", "c@x.example", "", "Hi there"))
    contains(fields["body"], "line 1\nline2")
    fields = stack.compose("?to=a%40x.example&cc=b%40x.example&subject=S&body=B").form("body").fields
    equal((fields["to"], fields["cc"], fields["subject"]), ("a@x.example", "b@x.example", "S"))


@case("an answer goes to the sender, quotes, and names what it answers; the message is marked as answered")
def _(stack):
    raw = ("From: Mina Okafor <demo2@example.edu>\r\nTo: demo@example.edu, other@example.org\r\nCc: third@example.org\r\n"
           "Subject: Plan\r\nMessage-ID: <two@example.org>\r\nReferences: <zero@example.org> <one@example.org>\r\n"
           "Date: Thu, 19 Nov 2026 16:42:00 +0100\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
           "<p>Hello <b>you</b></p><p>Second</p>\r\n").encode()
    stack.dovecot.deliver("demo", "INBOX", [raw])
    page = stack.reader.get("mail/INBOX/")
    page = stack.reader.submit(page, page.form("v"), button=("do", "check"))
    page = stack.reader.click(page, "Plan")
    answer = stack.reader.click(page, "Reply")
    fields = answer.form("body").fields
    equal(fields["to"], "Mina Okafor <demo2@example.edu>")
    equal(fields["cc"], "")
    equal(fields["subject"], "Re: Plan")
    contains(fields["body"], "Mina Okafor wrote:\n> Hello you")
    everybody = stack.reader.click(page, "Reply all").form("body").fields
    equal(everybody["to"], "Mina Okafor <demo2@example.edu>")
    equal(everybody["cc"], "other@example.org, third@example.org")
    done = stack.post(answer, body="My answer\n\n" + fields["body"].strip("\n"))
    contains(done.words, "Sent.")
    got = stack.arrived("Re: Plan")
    equal(got["In-Reply-To"], "<two@example.org>")
    equal(got["References"].split(), ["<zero@example.org>", "<one@example.org>", "<two@example.org>"])
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if any("\\Answered" in m.flags for m in stack.messages("demo") if m["Subject"] == "Plan"):
            break
        time.sleep(0.1)
    else:
        raise AssertionError("not marked as answered")


@case("a message is passed on with its attachments, in the text or as a whole")
def _(stack):
    inner = email.message.EmailMessage()
    inner["From"], inner["To"], inner["Subject"] = "demo2@example.edu", "demo@example.edu", "To be passed on"
    inner.set_content("inner text\n")
    inner.add_attachment(os.urandom(70000), maintype="image", subtype="png", filename="p.png")
    stack.dovecot.deliver("demo", "INBOX", [inner.as_bytes(policy=email.policy.SMTP)])
    page = stack.reader.get("mail/INBOX/")
    page = stack.reader.submit(page, page.form("v"), button=("do", "check"))
    page = stack.reader.click(page, "To be passed on")
    form = stack.reader.click(page, "Forward")
    contains(form.words, "p.png")
    contains(form.form("body").fields["body"], "inner text")
    contains(stack.post(form, to="demo2@example.edu", subject="In the text").words, "Sent.")
    got = stack.arrived("In the text")
    equal(next(got.iter_attachments()).get_payload(decode=True), next(inner.iter_attachments()).get_payload(decode=True))
    form = stack.reader.click(page, "Forward as attachment")
    contains(stack.post(form, to="demo2@example.edu", subject="As a whole", body="see there").words, "Sent.")
    got = stack.arrived("As a whole")
    whole = next(got.iter_attachments())
    equal(whole.get_content_type(), "message/rfc822")
    equal(whole.get_payload(0)["Subject"], "To be passed on")
    equal(next(whole.get_payload(0).iter_attachments()).get_payload(decode=True),
          next(inner.iter_attachments()).get_payload(decode=True))


def check_mail(stack):
    page = stack.reader.get("mail/INBOX/")
    return stack.reader.submit(page, page.form("v"), button=("do", "check"))


@case("a message that was passed on is marked so, at the mail server and in the list")
def _(stack):
    end = time.monotonic() + 20
    while not any("$Forwarded" in m.flags for m in stack.messages("demo") if m["Subject"] == "To be passed on"):
        ok(time.monotonic() < end, why="not marked as forwarded")
        time.sleep(0.1)
    row = re.search(r'<tr class="msg(?:(?!</tr>).)*To be passed on.*?</tr>', check_mail(stack).text, re.S)[0]
    contains(row, "Forwarded.")


@case("several ticked messages are passed on as attachments of one new message, in their order")
def _(stack):
    stack.dovecot.deliver("demo", "INBOX", [message(subject="Ticked %d" % n, text="words %d\n" % n) for n in range(3)])
    page = check_mail(stack)
    ticked = [re.search(r'name="m" value="([^"]+)"', row)[1] for row in re.findall(r'<tr class="msg.*?</tr>', page.text, re.S)
              if re.search(r"<bdi>Ticked [02]<", row)]
    equal(len(ticked), 2)
    form = stack.reader.submit(page, page.form("v"), button=("do", "forward"), m=ticked)
    contains(stack.post(form, to="demo2@example.edu", subject="Two of them", body="see there").words, "Sent.")
    parts = list(stack.arrived("Two of them").iter_attachments())
    equal([part.get_content_type() for part in parts], ["message/rfc822"] * 2)
    equal(sorted(part.get_payload(0)["Subject"] for part in parts), ["Ticked 0", "Ticked 2"])
    page = stack.reader.submit(page, page.form("v"), button=("do", "forward"))
    ok("/compose" not in page.url, why="with no message ticked: " + page.url)


@case("an answer to a list goes to where the list takes messages, and to nobody else")
def _(stack):
    raw = (b"From: Somebody <somebody@example.org>\r\nTo: physics@lists.example.org\r\nSubject: On the list\r\n"
           b"Message-ID: <list@example.org>\r\nList-Id: Physics <physics.lists.example.org>\r\n"
           b"List-Post: <mailto:physics@lists.example.org>\r\nDate: Thu, 19 Nov 2026 16:42:00 +0100\r\n\r\nwords\r\n")
    stack.dovecot.deliver("demo", "INBOX", [raw])
    page = stack.reader.click(check_mail(stack), "On the list")
    fields = stack.reader.click(page, "Reply to list").form("body").fields
    equal((fields["to"], fields["cc"], fields["subject"]), ("physics@lists.example.org", "", "Re: On the list"))
    equal(stack.reader.click(page, "Reply").form("body").fields["to"], "Somebody <somebody@example.org>")


@case("whom one writes to becomes a contact, once, unless that is switched off")
def _(stack):
    def contacts():
        return stack.reader.get("contacts/?q=demo2").words.count("demo2@example.edu")

    contains(stack.post(stack.compose(), to="Second Demo <demo2@example.edu>", subject="Collected", body="x").words, "Sent.")
    equal(contacts(), 1)
    contains(stack.reader.get("contacts/?q=demo2").words, "collected")
    settings = stack.reader.get("settings/")
    stack.reader.submit(settings, settings.form("ask_subject"), collect=None)
    contains(stack.post(stack.compose(), to="Own Self <demo@example.edu>", subject="Not collected", body="x").words, "Sent.")
    lacks(stack.reader.get("contacts/").words, "Own Self")
    settings = stack.reader.get("settings/")
    stack.reader.submit(settings, settings.form("ask_subject"), collect="on")


@case("a draft is saved with its files, gone on with from its folder, and gone once it is sent")
def _(stack):
    page = stack.post(stack.compose(), "draft", [("attachments", "d.bin", "application/octet-stream", b"\0\1" * 999)],
                      to="demo2@example.edu, not yet", bcc="b@example.edu", subject="A draft", body="first\n\n> quote")
    contains(page.words, "Draft saved at")
    draft = stack.messages("demo", "Drafts", 10, 1)[0]
    contains(draft.flags, "\\Draft")
    equal(draft["Subject"], "A draft")
    page = stack.post(page, "draft", body="second")
    drafts = [m for m in stack.messages("demo", "Drafts") if m["Subject"] == "A draft"]
    equal(len(drafts), 1, "the one before is replaced")
    equal(body_of(drafts[0]).strip(), "second")
    folder = stack.reader.get("mail/Drafts/")
    folder = stack.reader.submit(folder, folder.form("v"), button=("do", "check"))
    resumed = stack.reader.click(folder, "A draft")
    fields = resumed.form("body").fields
    equal((fields["to"], fields["bcc"], fields["body"]), ("demo2@example.edu, not yet", "b@example.edu", "second"))
    contains(resumed.words, "d.bin")
    resumed = stack.post(resumed, "draft")
    contains(resumed.words, "Draft saved at")
    done = stack.post(resumed, to="demo2@example.edu", bcc="")
    contains(done.words, "Sent.")
    equal(next(stack.arrived("A draft").iter_attachments()).get_payload(decode=True), b"\0\1" * 999)
    end = time.monotonic() + 20
    while [m for m in stack.messages("demo", "Drafts") if m["Subject"] == "A draft"]:
        ok(time.monotonic() < end, why="the draft is still there")
        time.sleep(0.1)


@case("two windows do not overwrite each other's draft: the second is told, and both texts are kept")
def _(stack):
    first = stack.post(stack.compose(), "draft", subject="Two windows", body="begun")
    second = stack.post(first, "draft", body="from the second window")
    late = stack.post(first, "draft", body="from the first window")
    contains(late.words, "changed or removed in another window")
    ok("Draft saved" in second.words)
    texts = sorted(body_of(m).strip() for m in stack.messages("demo", "Drafts") if m["Subject"] == "Two windows")
    equal(texts, ["from the first window", "from the second window"])


@case("two devices with the same draft: the second is told, and both texts are kept; the other's stays when one's own is sent")
def _(stack):
    stack.post(stack.compose(), "draft", to="demo2@example.edu", subject="Two devices", body="begun")

    def opened(browser):
        folder = browser.get("mail/Drafts/")
        folder = browser.submit(folder, folder.form("v"), button=("do", "check"))
        return browser.click(folder, "Two devices")

    def drafts():
        return sorted(body_of(m).strip() for m in stack.messages("demo", "Drafts") if m["Subject"] == "Two devices")
    phone = stack.browser()
    phone.log_in()
    here, there = opened(stack.reader), opened(phone)
    contains(phone.submit(there, there.form("body"), button=("do", "draft"), files=[], body="from the phone").words, "Draft saved at")
    late = stack.post(here, "draft", body="from the desk")
    contains(late.words, "changed or removed in another window")
    equal(drafts(), ["from the desk", "from the phone"])
    contains(stack.post(late, to="demo2@example.edu", body="from the desk, sent").words, "Sent.")
    equal(body_of(stack.arrived("Two devices")).strip(), "from the desk, sent")
    end = time.monotonic() + 20
    while drafts() != ["from the phone"]:
        ok(time.monotonic() < end, why=repr(drafts()))
        time.sleep(0.1)


@case("a session that ends under somebody's hands loses nothing: after the log-in the text is there and can be sent")
def _(stack):
    page = stack.post(stack.compose(), "attach", [("attachments", "still.txt", "text/plain", b"still here")],
                      to="demo2@example.edu", subject="Survives", body="Übrig\n\nZeile <b>&amp;")
    stack.reader.cookies.clear()
    login = stack.post(page, body="Übrig\n\nZeile <b>&amp; und mehr")
    contains(login.words, "what you wrote comes back")
    wrong = stack.reader.submit(login, login.form("password"), user="demo", password="wrong")
    back = stack.reader.submit(wrong, wrong.form("password"), user="demo", password="demo")
    contains(back.url, "resume=")
    fields = back.form("body").fields
    equal((fields["to"], fields["subject"], fields["body"]), ("demo2@example.edu", "Survives", "Übrig\n\nZeile <b>&amp; und mehr"))
    contains(stack.post(back).words, "Sent.")
    got = stack.arrived("Survives")
    equal(next(got.iter_attachments()).get_payload(decode=True), b"still here")


@case("a session that ends while a page asks loses nothing either")
def _(stack):
    asked = stack.post(stack.compose(), to="demo2@example.edu", subject="", body="asked about")
    contains(asked.words, "no subject")
    stack.reader.cookies.clear()
    login = stack.reader.submit(asked, asked.form("kept"), button=("do", "send"))
    back = stack.reader.submit(login, login.form("password"), user="demo", password="demo")
    fields = back.form("body").fields
    equal((fields["to"], fields["body"]), ("demo2@example.edu", "asked about"))
    stack.post(back, "discard")


@case("whoever has logged in anew in another window sees the form of the old one again, and sends it")
def _(stack):
    page = stack.post(stack.compose(), "attach", [("attachments", "old.txt", "text/plain", b"old")], to="demo2@example.edu",
                      bcc="demo@example.edu", subject="From the old window", body="typed long ago")
    asked = stack.post(page, subject="")
    stack.reader.cookies.clear()
    stack.reader.log_in()
    values = {**page.form("body").fields, "do": "send"}
    for which in (asked, page):
        again = stack.reader.submit(which, which.form("kept" if which is asked else "body"), button=("do", "send"))
        equal(again.status, 403)
        contains(again.words, "You have logged in anew")
        contains(again.words, "old.txt")
        fields = again.form("body").fields
        equal((fields["to"], fields["bcc"], fields["body"]), ("demo2@example.edu", "demo@example.edu", "typed long ago"))
    equal(stack.count("From the old window"), 0)
    # Whoever may be another site is shown nothing: the form could name blind copies and messages to attach.
    for headers in ({"Origin": None, "Sec-Fetch-Site": None}, {"Origin": None, "Sec-Fetch-Site": "none"},
                    {"Origin": "https://evil.example", "Sec-Fetch-Site": None}, {"Sec-Fetch-Site": "cross-site"}):
        refused = stack.reader.post("compose", values, headers=headers, follow=False)
        equal(refused.status, 403)
        lacks(refused.text, "typed long ago")
    other = stack.browser()
    other.log_in("demo2")
    lacks(other.post("compose", values, follow=False).text, "typed long ago")
    contains(stack.post(again).words, "Sent.")
    equal(next(stack.arrived("From the old window").iter_attachments()).get_payload(decode=True), b"old")


@case("what somebody else wrote does not come back to whoever logs in next")
def _(stack):
    page = stack.compose()
    other = stack.browser()
    login = other.submit(page, page.form("body"), button=("do", "send"), files=[], body="a secret of demo")
    after = other.submit(login, login.form("password"), user="demo2", password="demo")
    lacks(after.text, "a secret of demo")
    equal(after.status, 200)


@case("before it goes a page asks: no subject, no attachment, a misspelt domain; each can be switched off")
def _(stack):
    page = stack.compose()
    asked = stack.post(page, to="demo2@exampel.edu", subject="", body="see the attached file")
    contains(stack.kept(), "see the attached file", "whoever closes the page that asks has lost nothing")
    for part in ("no subject", "speaks of an attachment", "is example.edu meant"):
        contains(asked.words, part)
    back = stack.reader.submit(asked, asked.form("kept"), button=("do", "edit"))
    equal(back.form("body").fields["body"], "see the attached file")
    back = stack.post(back, to="demo2@example.edu", subject="Asked", body="see the attached file")
    contains(stack.reader.submit(back, back.form("kept"), button=("do", "send")).words, "Sent.")
    stack.arrived("Asked")
    lacks(stack.kept(), "see the attached file")
    questions = {"ask_subject": "no subject", "ask_attachment": "speaks of an attachment", "ask_domain": "is example.edu meant"}
    written = {"to": "demo2@exampel.edu", "subject": "", "body": "see the attached file"}
    for off in questions:
        settings = stack.reader.get("settings/")
        stack.reader.submit(settings, settings.form("ask_many"), **{off: None})
        asked = stack.post(stack.compose(), **written)
        equal([name for name, words in questions.items() if words in asked.words], [name for name in questions if name != off])
        stack.reader.submit(asked, asked.form("kept"), button=("do", "discard"))
        settings = stack.reader.get("settings/")
        stack.reader.submit(settings, settings.form("ask_many"), **{off: "on"})
    settings = stack.reader.get("settings/")
    stack.reader.submit(settings, settings.form("ask_many"), **dict.fromkeys(questions))
    contains(stack.post(stack.compose(), to="demo2@example.edu", subject="", body="attached").words, "Sent.")


@case("throwing away asks first, and then the draft is gone, too")
def _(stack):
    page = stack.post(stack.compose(), "draft", subject="To go", body="b")
    asked = stack.post(page, "discard")
    contains(asked.words, "Throw this message away?")
    equal(len([m for m in stack.messages("demo", "Drafts") if m["Subject"] == "To go"]), 1)
    stack.reader.submit(asked, asked.form("kept"), button=("do", "discard"))
    end = time.monotonic() + 30
    while [m for m in stack.messages("demo", "Drafts") if m["Subject"] == "To go"]:
        ok(time.monotonic() < end, why="the draft is still there")
        time.sleep(0.1)


LONG = 20_000_000 if os.environ.get("ALPHAMAIL_SOAK") == "1" else 2_000_000


@case("a text of %d MB is taken and sent" % (LONG // 1_000_000))
def _(stack):
    size = LONG
    line = "a line of seventy characters and a few more, again and again and so on\n"
    text = line * (size // len(line))
    done = stack.post(stack.compose(), to="demo2@example.edu", subject="A long text", body=text)
    contains(done.words, "Sen" if size < 5000000 else "")
    equal(body_of(stack.arrived("A long text", seconds=60)), text)


main(lambda: Writing(mta=True, cache={"upload_limit_mb": "2"}))
