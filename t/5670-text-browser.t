#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing by keys alone, in w3m at a terminal: a letter is written, answered, kept, attached to and sent, and contacts
are made and chosen. What arrives is read by Python's imaplib and email."""
import email
import email.policy
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import text_browser  # noqa: E402
from imapd import check, message, quoted  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, skip_all  # noqa: E402
from text_browser import TextBrowser  # noqa: E402

if text_browser.missing():
    skip_all(text_browser.missing())
TEXT = "^Text"


class Journey(Stack):
    def _start(self):
        super()._start()
        self.deliver("INBOX", [message(subject="A question", sender="Mina Okafor <demo2@example.edu>")])
        self.w3m = TextBrowser(self.folder)
        self.w3m.log_in(self.httpd.origin, "A question")

    def close(self):
        if hasattr(self, "w3m"):
            self.w3m.close()
        super().close()

    def found(self, subject, user="demo2", folder="INBOX", seconds=30):
        """The one message with that subject."""
        end = time.monotonic() + seconds
        while True:
            client = self.dovecot.client(user)
            found = []
            if client.select(quoted(folder), readonly=True)[0] == "OK" and check(client.search(None, "ALL"))[0]:
                for line in check(client.uid("FETCH", "1:*", "(BODY.PEEK[])")):
                    if isinstance(line, tuple):
                        one = email.message_from_bytes(line[1], policy=email.policy.default)
                        if one["Subject"] == subject:
                            found.append(one)
            client.logout()
            if found:
                equal(len(found), 1)
                return found[0]
            if time.monotonic() > end:
                raise AssertionError("%r is not in %s of %s" % (subject, folder, user))
            time.sleep(0.1)

    def sent(self):
        self.w3m.press("^Send")
        self.w3m.until("Sent.")


def words(message_):
    return message_.get_body(("plain",)).get_content().replace("\r\n", "\n").strip()


@case("a letter is written and sent")
def _(stack):
    stack.w3m.press("^Write$")
    stack.w3m.until("Save draft")
    stack.w3m.fill("To", "demo2@example.edu")
    stack.w3m.fill("Subject", "By keys")
    stack.w3m.write("Grüße,\n\nby keys alone.\n", TEXT)
    stack.sent()
    equal(words(stack.found("By keys")), "Grüße,\n\nby keys alone.")


@case("an address that is none is said, and all that was typed is still there")
def _(stack):
    stack.w3m.press("^Write$")
    stack.w3m.until("Save draft")
    stack.w3m.fill("To", "nobody")
    stack.w3m.fill("Subject", "Mended")
    stack.w3m.write("still here\n", TEXT)
    stack.w3m.press("^Send")
    page = stack.w3m.until("has no @")
    contains(page, "still here")
    stack.w3m.fill("To", "demo2@example.edu")
    stack.sent()
    equal(words(stack.found("Mended")), "still here")


@case("a draft is kept, with a file, found again in its folder, and sent")
def _(stack):
    path = os.path.join(str(stack.folder), "notes.txt")
    with open(path, "w", encoding="ascii") as out:
        out.write("what is in the file\n")
    stack.w3m.press("^Write$")
    stack.w3m.until("Save draft")
    stack.w3m.fill("To", "demo2@example.edu")
    stack.w3m.fill("Subject", "Kept for later")
    stack.w3m.write("begun\n", TEXT)
    stack.w3m.fill("Add files", path)
    stack.w3m.press("Attach$")
    contains(stack.w3m.until("notes.txt"), "begun")
    stack.w3m.press("Save draft")
    stack.w3m.until("Draft saved at")
    equal(words(stack.found("Kept for later", "demo", "Drafts")), "begun")
    stack.w3m.press("Drafts")
    stack.w3m.until("Kept for later")
    stack.w3m.press("Kept for later")
    contains(stack.w3m.until("notes.txt"), "begun")
    stack.w3m.write("begun, and ended\n", TEXT)
    stack.sent()
    got = stack.found("Kept for later")
    equal(words(got), "begun, and ended")
    equal([p.get_content() for p in got.iter_attachments()], ["what is in the file\n"])


@case("a message is opened and answered")
def _(stack):
    stack.w3m.press("Inbox")
    stack.w3m.until("A question")
    stack.w3m.press("A question")
    stack.w3m.until("Reply all")
    stack.w3m.press("Reply")
    contains(stack.w3m.until("Save draft"), "Mina Okafor")
    stack.w3m.write("My answer.\n", TEXT)
    stack.sent()
    got = stack.found("Re: A question")
    equal((words(got), got["To"].addresses[0].addr_spec), ("My answer.", "demo2@example.edu"))


@case("a contact is made, and chosen for a letter whose text stays")
def _(stack):
    stack.w3m.press("Contacts$")
    stack.w3m.until("New contact")
    stack.w3m.press("New contact")
    stack.w3m.until("Organisation")
    stack.w3m.fill("Name", "Noor Lindqvist")
    stack.w3m.write("demo2@example.edu\n", "^Addresses")
    stack.w3m.press("^Save")
    stack.w3m.until("Noor Lindqvist")
    stack.w3m.press("^Write$")
    stack.w3m.until("Save draft")
    stack.w3m.fill("Subject", "To a contact")
    stack.w3m.write("typed before\n", TEXT)
    stack.w3m.press("Choose")
    stack.w3m.until("Noor Lindqvist")
    stack.w3m.tick("Noor Lindqvist")
    stack.w3m.press("Put in")
    contains(stack.w3m.until("Save draft"), "typed before")
    stack.sent()
    got = stack.found("To a contact")
    equal((words(got), got["To"].addresses[0].display_name), ("typed before", "Noor Lindqvist"))


main(lambda: Journey(mta=True))
