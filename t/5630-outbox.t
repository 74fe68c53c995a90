#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was given to be sent and was not: it lies in the Outbox with the server's words, and is tried again, edited or
thrown away. What is held can be taken back."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import check, quoted  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402


class Sending(Stack):
    def _start(self):
        super()._start()
        self.reader = self.browser()
        self.reader.log_in()

    def send(self, subject, to="demo2@example.edu", body="words", **more):
        page = self.reader.get("compose")
        return self.reader.submit(page, page.form("body"), button=("do", "send"), files=[], to=to, subject=subject,
                                  body=body, **more)

    def subjects(self, user="demo2", folder="INBOX"):
        client = self.dovecot.client(user)
        found = []
        if client.select(quoted(folder), readonly=True)[0] == "OK":
            for line in check(client.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
                if isinstance(line, tuple):
                    found.append(line[1].decode().partition(":")[2].strip())
        client.logout()
        return found

    @staticmethod
    def notice(page):
        """What the frame says of the outbox."""
        return [text.partition(":")[0].strip() for url, text in page.links if url.endswith("/outbox/") and "message" in text]

    def until_notice(self, wanted, seconds=20):
        end = time.monotonic() + seconds
        while self.notice(self.reader.get("mail/INBOX/")) != wanted:
            ok(time.monotonic() < end, why="%r, not %r" % (self.notice(self.reader.get("mail/INBOX/")), wanted))
            time.sleep(0.1)

    def arrives(self, subject, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if subject in self.subjects():
                return
            time.sleep(0.1)
        raise AssertionError("%r did not arrive" % subject)

    def outbox(self, subject, seconds=30):
        """The outbox once this one waits in it with buttons, and its form."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            page = self.reader.get("outbox/")
            if subject in page.words and any("discard" in f.buttons.get("do", []) for f in page.forms):
                return page, [f for f in page.forms if "discard" in f.buttons.get("do", [])][0]
            time.sleep(0.1)
        raise AssertionError("%r is not in the outbox: %s" % (subject, page.words[:1000]))


@case("while the mail server is away, what is sent waits in the Outbox, and goes out when it is tried again")
def _(stack):
    stack.mta.stop()
    try:
        page = stack.send("While away", body="not lost")
        lacks(page.words, "Sent.")
        page, form = stack.outbox("While away")
        contains(page.words, "Not sent.")
        again = stack.reader.submit(page, form, button=("do", "retry"))
        lacks(again.words, "Sent.")
        stack.outbox("While away")
        stack.until_notice(["1 message needs your attention"])
        for path in ("mail/INBOX/", "compose", "contacts/", "settings/"):
            noticed = stack.reader.get(path)
            equal(stack.notice(noticed), ["1 message needs your attention"], path)
            contains(noticed.link("1 message needs your attention"), "/outbox/")
        other, page = stack.log_in("demo2")
        equal(stack.notice(page), [], "other users are told nothing of it")
        stack.webcache.stop()
        stack.webcache.start()
        stack.until_notice(["1 message needs your attention"])
    finally:
        stack.mta.start()
    page, form = stack.outbox("While away")
    stack.reader.submit(page, form, button=("do", "retry"))
    stack.arrives("While away")
    equal(stack.subjects().count("While away"), 1)
    stack.until_notice([])


@case("it is edited: it comes back to the form with all that was in it, and is sent then")
def _(stack):
    stack.mta.stop()
    try:
        stack.send("To be edited", to="demo2@example.edu", body="first words")
        page, form = stack.outbox("To be edited")
        edit = stack.reader.submit(page, form, button=("do", "edit"))
    finally:
        stack.mta.start()
    fields = edit.form("body").fields
    equal((fields["to"], fields["subject"]), ("demo2@example.edu", "To be edited"))
    contains(fields["body"], "first words")
    contains(stack.reader.get("outbox/").words, "Nothing waits")
    done = stack.reader.submit(edit, edit.form("body"), button=("do", "send"), files=[], subject="Edited")
    contains(done.words, "Sent.")
    stack.arrives("Edited")


@case("it is thrown away")
def _(stack):
    stack.mta.stop()
    try:
        stack.send("Thrown away")
        page, form = stack.outbox("Thrown away")
        stack.reader.submit(page, form, button=("do", "discard"))
        contains(stack.reader.get("outbox/").words, "Nothing waits")
    finally:
        stack.mta.start()
    ok("Thrown away" not in stack.subjects())


@case("what is held can be taken back, and goes out by itself if it is not")
def _(stack):
    settings = stack.reader.get("settings/")
    stack.reader.submit(settings, settings.form("undo_seconds"), undo_seconds="10")
    page = stack.send("Held", body="take me back")
    contains(page.words, "Undo send")
    equal(stack.notice(stack.reader.get("mail/INBOX/")), ["1 message is being sent"])
    form = [f for f in page.forms if "edit" in f.buttons.get("do", [])][0]
    back = stack.reader.submit(page, form, button=("do", "edit"))
    contains(back.form("body").fields["body"], "take me back")
    settings = stack.reader.get("settings/")
    stack.reader.submit(settings, settings.form("undo_seconds"), undo_seconds="5")
    contains(stack.send("Held and gone").words, "Undo send")
    stack.arrives("Held and gone")
    ok("Held" not in stack.subjects())
    late = stack.reader.submit(page, form, button=("do", "edit"))
    contains(late.form("body").fields["body"], "take me back", "asked twice, it is the same draft")
    settings = stack.reader.get("settings/")
    stack.reader.submit(settings, settings.form("undo_seconds"), undo_seconds="0")


@case("a forged or unknown message is none")
def _(stack):
    token = stack.reader.get("outbox/").token
    for fields, status in (({"id": "f" * 32, "do": "retry"}, 409), ({"id": "x", "do": "retry"}, 400),
                           ({"id": "f" * 32, "do": "x"}, 400)):
        ok(stack.reader.post("outbox/", {"token": token, **fields}).status in (status, 404), why=repr(fields))
    equal(stack.reader.post("outbox/", {"token": "x", "id": "f" * 32, "do": "discard"}).status, 403)


main(lambda: Sending(mta=True))
