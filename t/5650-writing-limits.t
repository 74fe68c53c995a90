#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is too much, comes twice, is cut, or is gone meanwhile: a clear answer on the same page, everything typed still
there, and nothing sent twice. The submission server is t/lib/strictsmtp.py."""
import email
import email.policy
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import check, message, quoted  # noqa: E402
from stack import Stack  # noqa: E402
from strictsmtp import StrictSmtp, Submits  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402

MANY = ["user%d@example.edu" % n for n in range(10_000)]


class Limits(Submits, Stack):
    def __init__(self):
        self.smtp = StrictSmtp()
        super().__init__(security="imap", imap={"ssl": "no"},
                         cache={"smtp_servers": "example.edu=plain://127.0.0.1:%d" % self.smtp.port})

    def limit(self, **settings):
        """The site's limits from now on; by a new webcache, which the old one's users do not notice."""
        self.webcache.stop()
        self.webcache.write_config(**settings)
        self.webcache.start()
        self.reader.get("mail/INBOX/")    # brings the password

    def fill(self, do="send", page=None, **fields):
        page = page or self.reader.get("compose")
        return self.reader.submit(page, page.form("body"), button=("do", do), files=[], **fields)

    def kept(self, page, status=422, **fields):
        """It says what is wrong, and has all that was typed."""
        equal(page.status, status, page.words[:500])
        found = page.form("body").fields
        for name, value in fields.items():
            ok(found[name].replace("\r\n", "\n") == value, why="%s: %r" % (name, found[name][:200]))

    def taken(self, subject):
        return sum(("Subject: %s\r\n" % subject).encode() in message[2] for message in self.smtp.messages)

    def until_taken(self, subject, seconds=60):
        end = time.monotonic() + seconds
        while not self.taken(subject) and time.monotonic() < end:
            time.sleep(0.05)
        equal(self.taken(subject), 1)

    def spooled(self, letter):
        """Files of the spool whose name begins so (webcache/spool.h)."""
        return [os.path.join(top, name) for top, _, names in os.walk(self.webcache.settings["spool_dir"])
                for name in names if name.startswith(letter + "-")]

    def drafts(self, subject):
        client = self.dovecot.client("demo")
        found = []
        if client.select(quoted("Drafts"))[0] == "OK":
            found = check(client.uid("SEARCH", "HEADER", "Subject", quoted(subject)))[0].split()
        return client, found


@case("ten thousand recipients, where a message may have 500: that is said, and all of it is still there")
def _(stack):
    to, body = ", ".join(MANY), "to everybody\n\n> at once"
    page = stack.fill(to=to, subject="To all", body=body, bcc="x@example.edu")
    stack.kept(page, to=to, subject="To all", body=body, bcc="x@example.edu")
    contains(page.words, "at most 500 recipients")
    equal(stack.taken("To all"), 0)
    some = ", ".join(MANY[:9000]) + ", nobody, x@@y"
    wrong = stack.fill(page=page, to=some, cc="")
    stack.kept(wrong, to=some, body=body)
    contains(wrong.words, "“nobody” has no @")
    contains(wrong.words, "“x@@y”")
    contains(stack.fill(page=wrong, to="demo2@example.edu", bcc="").words, "Sent.")
    stack.until_taken("To all")


@case("ten thousand recipients, where they are allowed: one message to each of them, once")
def _(stack):
    stack.limit(recipients_per_hour=20_000)
    page = stack.fill(to="first@example.edu", bcc=", ".join(MANY), subject="To all of them", body="b")
    ok(page.status == 200, why=page.words[:500])
    stack.until_taken("To all of them")
    _, recipients, data = [m for m in stack.smtp.messages if b"Subject: To all of them\r\n" in m[2]][0]
    equal(sorted(recipients), sorted(["first@example.edu", *MANY]))
    lacks(data, b"user1@")
    equal(stack.smtp.wrong, [])


@case("as many messages as an hour allows: then it is said, also by the next webcache, and the text can be sent later")
def _(stack):
    stack.limit(sends_per_hour=2, recipients_per_hour=500)
    other = stack.browser()
    other.log_in("demo2")
    page = None
    for turn in range(4):
        page = other.get("compose")
        page = other.submit(page, page.form("body"), button=("do", "send"), files=[], to="bob@example.edu",
                            subject="Turn %d" % turn, body="words %d" % turn)
        if turn < 2:
            stack.until_taken("Turn %d" % turn)
        if turn == 2:
            stack.webcache.kill()
            stack.webcache.stop()
            stack.webcache.start()
            other.get("mail/INBOX/")    # brings the password
    equal([stack.taken("Turn %d" % turn) for turn in range(4)], [1, 1, 0, 0])
    contains(page.words, "You have sent as much as this site allows in an hour")
    stack.kept(page, body="words 3")
    stack.limit(sends_per_hour=1000, recipients_per_hour=100_000)
    other.get("mail/INBOX/")
    contains(other.submit(page, page.form("body"), button=("do", "send"), files=[]).words, "Sent.")
    stack.until_taken("Turn 3")


@case("two clicks at once, and six requests of one form: one message")
def _(stack):
    page = stack.reader.get("compose")
    answers = []

    def click():
        twin = stack.reader.twin()
        answers.append(twin.submit(page, page.form("body"), button=("do", "send"), files=[], to="demo2@example.edu",
                                   subject="At once", body="b"))
        twin.close()
    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal([a.status for a in answers], [200] * 6)
    stack.until_taken("At once")
    equal(stack.taken("At once"), 1)
    again = stack.fill(page=page, to="demo2@example.edu", subject="At once", body="b")
    contains(again.words, "Sent.")
    equal(stack.taken("At once"), 1)


@case("a form that was sent, and is changed behind Back, is another message: its words are not lost in silence")
def _(stack):
    page = stack.reader.get("compose")
    for turn in range(2):
        contains(stack.fill(page=page, to="demo2@example.edu", subject="First words", body="b").words, "Sent.")
        contains(stack.fill(page=page, to="demo2@example.edu", subject="Other words", body="c").words, "Sent.")
        stack.until_taken("First words")
        stack.until_taken("Other words")
    contains(stack.fill(page=page, to="demo2@example.edu", subject="Other words", body="c and d").words, "Sent.")
    equal(stack.taken("Other words"), 2)
    ids = [line for m in stack.smtp.messages if b" words\r\n" in m[2] for line in m[2].split(b"\r\n") if line.startswith(b"Message-ID")]
    equal(len(set(ids)), 3)


@case("held to be taken back, over a restart of the webcache: it can be, or goes when its time has come")
def _(stack):
    settings = stack.reader.get("settings/")
    stack.reader.submit(settings, settings.form("undo_seconds"), undo_seconds="10")
    page = stack.fill(to="demo2@example.edu", subject="Taken back", body="wait")
    contains(page.words, "Undo send")
    stack.webcache.kill()
    stack.webcache.stop()
    stack.webcache.start()
    stack.reader.get("mail/INBOX/")    # brings the password
    form = [f for f in page.forms if "edit" in f.buttons.get("do", [])][0]
    back = stack.reader.submit(page, form, button=("do", "edit"))
    equal(back.form("body").fields["body"].strip(), "wait")
    settings = stack.reader.get("settings/")
    stack.reader.submit(settings, settings.form("undo_seconds"), undo_seconds="5")
    for turn in range(10):
        subject = "Not taken back %d" % turn
        begun = time.monotonic()
        page = stack.fill(to="demo2@example.edu", subject=subject, body="go")
        stack.webcache.kill()
        stack.webcache.stop()
        early = time.monotonic() - begun < 4    # else its time may have come before the end of the webcache
        before = stack.taken(subject)
        stack.webcache.start()
        stack.reader.get("mail/INBOX/")
        if early:
            break
    ok(early, why="the webcache was never ended in time")
    contains(page.words, "Undo send")
    equal(before, 0)
    stack.until_taken(subject)
    equal(stack.taken("Taken back"), 0)
    settings = stack.reader.get("settings/")
    stack.reader.submit(settings, settings.form("undo_seconds"), undo_seconds="0")


@case("a draft that another client deletes while it is open: it is told, kept anew, and can be sent")
def _(stack):
    page = stack.fill("draft", to="demo2@example.edu", subject="Pulled away", body="one")
    client, found = stack.drafts("Pulled away")
    equal(len(found), 1)
    check(client.uid("STORE", found[0].decode(), "+FLAGS.SILENT", "(\\Deleted)"))
    check(client.expunge())
    client.logout()
    again = stack.fill("draft", page, body="two")
    equal(again.status, 200)
    contains(again.words, "changed or removed in another window")
    equal(again.form("body").fields["body"].strip(), "two")
    client, found = stack.drafts("Pulled away")
    equal(len(found), 1)
    check(client.uid("STORE", found[0].decode(), "+FLAGS.SILENT", "(\\Deleted)"))
    check(client.expunge())
    client.logout()
    contains(stack.fill(page=again, body="three").words, "Sent.")
    stack.until_taken("Pulled away")


@case("an identity that is gone, or nobody's: it is said from whom it would go, and nothing goes under another name")
def _(stack):
    for forged in ("99999", "x", "1 OR 1=1"):
        page = stack.fill(**{"from": forged}, to="demo2@example.edu", subject="Whose", body="kept")
        stack.kept(page, subject="Whose", body="kept", to="demo2@example.edu")
        contains(page.words, "This would be sent from demo@example.edu")
    equal(stack.taken("Whose"), 0)
    contains(stack.fill(page=page).words, "Sent.")
    stack.until_taken("Whose")


def raw_post(stack, token, body, length):
    """A form whose length is a lie, over a connection of its own; what is answered, if anything."""
    head = ("POST /alphamail/compose HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nUser-Agent: %s\r\nOrigin: %s\r\nSec-Fetch-Site: same-origin\r\n"
            "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (
                stack.reader.origin.partition("//")[2],
                "; ".join("%s=%s" % one for one in stack.reader.cookies.items()), stack.reader.headers["User-Agent"],
                stack.reader.origin, length))
    fields = "".join('--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % one for one in (
        ("token", token), ("body", "my words"), ("subject", "A lie"), ("to", "demo2@example.edu"), ("do", "send")))
    host, port = stack.reader.origin.partition("//")[2].split(":")
    with socket.create_connection((host, int(port)), timeout=30) as link:
        link.sendall(head.encode() + fields.encode() + body)
        link.shutdown(socket.SHUT_WR)
        answer = b""
        while more := link.recv(65536):
            answer += more
    return answer.decode("utf-8", "replace")


@case("a length that is a lie, and an upload that is cut: nothing is sent, no file of it stays, and all goes on")
def _(stack):
    token = stack.reader.get("compose").token
    before = len(stack.spooled("u"))
    part = b'--B\r\nContent-Disposition: form-data; name="attachments"; filename="f.bin"\r\n\r\n' + b"x" * 300_000
    for length in (10_000_000, 400_000, 1000, 0):
        raw_post(stack, token, part, length)
    end = time.monotonic() + 10
    while len(stack.spooled("u")) > before and time.monotonic() < end:
        time.sleep(0.1)
    equal(len(stack.spooled("u")), before)
    # All parts are there, and less than was announced: what came is on the page, and nothing goes by itself.
    short = raw_post(stack, token, part + b"\r\n--B--\r\n", 320_000)
    contains(short, "did not arrive whole")
    contains(short, "f.bin")
    contains(short, "my words")
    equal(stack.taken("A lie"), 0)
    contains(stack.fill(to="demo2@example.edu", subject="After lies", body="b").words, "Sent.")


EVIL = "\r\nBcc: evil@example.edu\r\n\0X-Evil: 1\n\nmore\r"
HEADER = {"from", "to", "subject", "message-id", "date", "mime-version", "content-type", "content-transfer-encoding",
          "content-disposition", "in-reply-to", "references", "user-agent"}


def only_what_was_meant(taken, subject):
    """One message of that subject: to whom it was for, with the fields that messages have."""
    (_, recipients, data), = [m for m in taken if ("Subject: %s\r\n" % subject).encode() in m[2]]
    equal(recipients, ["demo2@example.edu"], subject)
    lacks(data, b"\0")
    read = email.message_from_bytes(data, policy=email.policy.default)
    for part in read.walk():
        extra = {name.lower() for name in part.keys()} - HEADER
        equal(extra, set(), subject)
        equal(part.defects, [], subject)
    return read


@case("line ends and NUL in any field of an answer with a draft and a file, hidden ones too: said, or without effect")
def _(stack):
    raw = message(subject="Asked", sender="demo2@example.edu", message_id="<asked@example.edu>")
    stack.dovecot.deliver("demo", "INBOX", [raw])
    inbox = stack.reader.get("mail/INBOX/")
    inbox = stack.reader.submit(inbox, inbox.form("v"), button=("do", "check"))
    asked = stack.reader.click(inbox, "Asked")

    def answer_with(subject):
        page = stack.reader.click(asked, "Reply")
        return stack.reader.submit(page, page.form("body"), button=("do", "draft"), to="demo2@example.edu", body="words",
                                   subject=subject, files=[("attachments", "a.txt", "text/plain", b"attached")])

    fields = answer_with("None").form("body").fields
    for name in ("token", "key", "about", "how", "irt", "refs", "draft", "att", "writer"):
        ok(fields.get(name), why="the form has no %s: %r" % (name, fields))
    said = {"token": 403, "to": 422, "cc": 422, "bcc": 422, "subject": 422, "from": 422}
    for name in dict.fromkeys([*fields, "back", "text", "many"]):
        for where, spoiled in (("behind", lambda value: value + EVIL), ("before", lambda value: EVIL + value)):
            subject = "Evil %s %s" % (where, name)
            page = answer_with(subject)
            answer = stack.fill(page=page, **{name: spoiled(page.form("body").fields.get(name, "1"))})
            equal(answer.status, said.get(name, 200), "%s: %s" % (name, answer.words[:300]))
            if answer.status == 422:
                equal(answer.form("body").fields["body"].strip(), "words", name)
            if answer.status == 200:
                stack.until_taken(subject)
                read = only_what_was_meant(stack.smtp.messages, subject)
                ok(read["In-Reply-To"] in (None, "<asked@example.edu>"), why=read["In-Reply-To"])
            else:
                equal(stack.taken(subject), 0)


@case("line ends, NUL and quotes in a file's name, its type and the names of fields begin no header, and the file arrives")
def _(stack):
    def part(head, content):
        return b"--B\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + content + b"\r\n"

    token = stack.reader.get("compose").token.encode()
    names = [b'name="attachments"; filename="a%0D%0ABcc: evil@example.edu%0D%0A.txt"',
             b'name="attachments"; filename="b\0c.txt"', b'name="attachments"; filename="d\rBcc: evil\n.txt"',
             b'name="attachments"; filename="e%22; x=%22.txt"\r\nContent-Type: text/plain\0; a="\r\nX-Evil: 1',
             b'name="attachments"; filename="\xff\xfe\xe2\x80\xae.txt"\r\nContent-Type: text/html\rX-Evil: 1',
             b'name="attachments"; filename="f\r\nBcc: evil@example.edu"', b'name="attachments"; filename="' + b"\0" * 500 + b'"']
    body = part(b'name="token"', token)
    for name, value in (("to", b"demo2@example.edu"), ("subject", b"Odd names"), ("body", b"words\0 and\r\nmore\r"), ("do", b"send"),
                        ("x%0D%0Abody", b"not the text"), ("subject\0", b"not the subject")):
        body += part(b'name="' + name.encode() + b'"', value)
    for number, head in enumerate(names):
        body += part(head, b"content %d" % number)
    answer = stack.reader.request("POST", "/alphamail/compose", body + b"--B--\r\n", {
        "Content-Type": "multipart/form-data; boundary=B", "Origin": stack.reader.origin, "Sec-Fetch-Site": "same-origin"})
    contains(stack.reader.follow(answer).words, "Sent.")
    stack.until_taken("Odd names")
    read = only_what_was_meant(stack.smtp.messages, "Odd names")
    files = list(read.iter_attachments())
    equal([f.get_payload(decode=True) for f in files], [b"content %d" % number for number in range(len(names))])
    for file in files:
        ok(file.get_filename() and not set(file.get_filename()) & set("\r\n\0/\"\u202e"), why=repr(file.get_filename()))
    equal(read.get_body().get_content().split(), ["words", "and", "more"])


@case("and nothing that was said to the server was out of order")
def _(stack):
    equal(stack.smtp.wrong, [])


main(Limits)
