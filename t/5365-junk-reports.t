#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users call junk, and not junk, is told as junk_report and ham_report say: by a mail with the message in it, by
way of a real mail server, and by a command that reads it. The page never waits for it, and what fails is logged and
counted, and in nobody's Outbox."""
import email
import os
import stat
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import check, message  # noqa: E402
from mail_pages import marks, status_of, the_list  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402

TEXT = "Buy now, caf\u00e9.\n"


class Reports(Stack):
    def __init__(self):
        super().__init__(users=("demo", "spam"), mta=True)

    def _start(self):
        self.kept = os.path.join(str(self.folder), "kept")
        os.mkdir(self.kept)
        os.chmod(self.kept, 0o777)
        script = os.path.join(str(self.folder), "learn")
        with open(script, "w", encoding="ascii") as out:
            out.write('#!/bin/sh\nn=0\nwhile [ -e "$1/slow" ] && [ $n -lt 100 ]; do n=$((n + 1)); sleep 0.2; done\n'
                      '[ -e "$1/bad" ] && { echo not today >&2; exit 7; }\n'
                      'cat >"$1/part.$$" && echo "$2 $ALPHAMAIL_USER" >"$1/words" && mv "$1/part.$$" "$1/message.$$"\n')
        os.chmod(script, os.stat(script).st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        self.settings[1].update(junk_report="mail:spam@example.edu",
                                ham_report="command:%s %s --ham" % (script, self.kept))
        super()._start()
        self.reader = self.browser()
        self.reader.log_in()

    def fill(self, *subjects):
        self.dovecot.deliver("demo", "INBOX", [message(subject=s, text=TEXT) for s in subjects])
        page = self.reader.get("mail/INBOX/")
        return self.reader.submit(page, the_list(page), button=("do", "check"))

    def reported(self, count, seconds=30):
        """The mails of the address that junk is told to, once there are so many."""
        end = time.monotonic() + seconds
        while True:
            client = self.dovecot.client("spam")
            there = int(check(client.select("INBOX", readonly=True))[0])
            found = [email.message_from_bytes(line[1]) for line in check(
                client.fetch("1:*", "(BODY.PEEK[])")) if isinstance(line, tuple)] if there else []
            client.logout()
            if len(found) >= count:
                return found
            ok(time.monotonic() < end, why="%d of %d: %s" % (len(found), count, self.describe()))
            time.sleep(0.1)

    def learned(self, count, seconds=30):
        """What the command was given, once it was so often."""
        end = time.monotonic() + seconds
        while True:
            names = [name for name in os.listdir(self.kept) if name.startswith("message.")]
            if len(names) >= count:
                return [open(os.path.join(self.kept, name), "rb").read() for name in names]
            ok(time.monotonic() < end, why=self.describe())
            time.sleep(0.1)

    def logged(self, words, seconds=20):
        end = time.monotonic() + seconds
        while words not in self.logs():
            ok(time.monotonic() < end, why=self.describe())
            time.sleep(0.1)

    def touch(self, name, there):
        path = os.path.join(self.kept, name)
        if there:
            open(path, "w", encoding="ascii").close()
        elif os.path.exists(path):
            os.remove(path)


def do(stack, page, what, *subjects):
    known = marks(page)
    return stack.reader.submit(page, the_list(page), button=("do", what), m=[known[s] for s in subjects])


@case("junk is mailed from the user's own account, each message as it is, attached to a mail of its own")
def _(stack):
    page = do(stack, stack.fill("Offer one", "Offer two", "Letter"), "junk", "Offer one", "Offer two")
    equal(status_of(page), [("status", "2 messages moved to Junk.")])
    mails = stack.reported(2)
    equal(len(mails), 2)
    subjects = set()
    for mail in mails:
        equal((mail["From"], mail["To"], mail["Subject"]), ("demo@example.edu", "spam@example.edu", "Reported as junk"))
        text, attached = mail.get_payload()
        contains(text.get_payload(), "was reported as junk")
        equal(attached.get_content_type(), "message/rfc822")
        inner = attached.get_payload()[0]
        subjects.add(inner["Subject"])
        equal(inner.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n").strip(), TEXT.strip())
    equal(subjects, {"Offer one", "Offer two"})
    lacks(stack.reader.get("outbox/").words, "spam@example.edu")
    client = stack.dovecot.client("demo")
    if client.select("Sent", readonly=True)[0] == "OK":
        equal(int(client.untagged_responses["EXISTS"][-1]), 0)
    client.logout()


@case("what is not junk is given to the command, as it is, with who says so")
def _(stack):
    page = stack.reader.get("mail/Junk/")
    page = do(stack, stack.reader.submit(page, the_list(page), button=("do", "check")), "notjunk", "Offer two")
    equal(status_of(page), [("status", "1 message moved to Inbox.")])
    text = stack.learned(1)[0]
    contains(text.decode("utf-8"), "Subject: Offer two")
    contains(text.decode("utf-8").replace("\r\n", "\n"), TEXT)
    with open(os.path.join(stack.kept, "words"), encoding="ascii") as words:
        equal(words.read(), "--ham demo@example.edu\n")


@case("a command that is slow delays no page; one that fails is logged and counted, without a word of the message")
def _(stack):
    stack.touch("slow", True)
    page = stack.fill("Slow one")
    page = do(stack, page, "junk", "Slow one")
    page = stack.reader.get("mail/Junk/")
    page = stack.reader.submit(page, the_list(page), button=("do", "check"))
    begun = time.monotonic()
    page = do(stack, page, "notjunk", "Slow one")
    equal(page.status, 200)
    ok(time.monotonic() - begun < 15, why="%.1f s" % (time.monotonic() - begun))
    equal(len(stack.learned(1)), 1, "the page came before the command's end")
    stack.touch("slow", False)
    stack.learned(2)
    stack.touch("bad", True)
    page = stack.reader.get("mail/Junk/")
    page = do(stack, stack.reader.submit(page, the_list(page), button=("do", "check")), "notjunk", "Offer one")
    equal(status_of(page), [("status", "1 message moved to Inbox.")])
    stack.logged("AM0262")
    contains(stack.logs(), "exit status 7: not today")
    lacks(stack.logs(), "Offer one")
    stack.touch("bad", False)


@case("a mail that cannot be sent is logged and counted, in nobody's Outbox, and the message is where its user wants it")
def _(stack):
    page = stack.fill("Third offer")
    stack.mta.stop()
    try:
        page = do(stack, page, "junk", "Third offer")
        equal(status_of(page), [("status", "1 message moved to Junk.")])
        stack.logged("did not take a report of junk: user demo@example.edu")
        lacks(stack.reader.get("outbox/").words, "Reported as junk")
        lacks(stack.reader.get("outbox/").words, "spam@example.edu")
    finally:
        stack.mta.start()


@case("junk that is taken back at once moves back whole")
def _(stack):
    page = do(stack, stack.fill("Fourth offer"), "junk", "Fourth offer")
    page = stack.reader.submit(page, page.form("report"), button=("do", "undo"))
    contains(marks(page), "Fourth offer")


main(Reports)
