#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several users send by the form at once, and at a random moment the webcache, or every child of httpd, is killed. Whoever
wrote does what people do: sends the same form again until there is an answer. Each letter arrived once, or lies in the Outbox; one
that may have arrived is marked so. The submission server is t/lib/strictsmtp.py."""
import email
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import check, quoted  # noqa: E402
from stack import Stack  # noqa: E402
from strictsmtp import StrictSmtp, Submits  # noqa: E402
from tap import case, equal, main, note, ok  # noqa: E402

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
SENDS = 1000 if SOAK else 100
USERS = ("anna", "bert", "carla", "dora")   # at once


class Writer:
    """Somebody who writes one letter after another, and does what people do where no answer comes."""

    def __init__(self, stack, user, draw):
        self.stack, self.user, self.draw = stack, user, draw
        self.reader = stack.browser()
        self.reader.log_in(user)
        self.states = {"sent": 0, "uncertain": 0}
        self.trouble = None

    def patiently(self, ask, seconds=60):
        """Until there is an answer that says it is done: not one that asks to try again."""
        end = time.monotonic() + seconds
        while True:
            try:
                page = ask()
                if page.status < 400:
                    return page
            except OSError:
                page = None
            except Exception as error:  # pylint: disable=broad-except
                page = error    # an answer that was cut
            if time.monotonic() > end:
                raise AssertionError("no answer: %r" % (page.words[:500] if hasattr(page, "words") else page))
            time.sleep(0.05)

    def open(self):
        page = self.patiently(lambda: self.reader.get("compose"))
        return page, page.form("body")

    def letter(self, number, opened):
        """Sends it, and looks what became of it."""
        subject = "Letter %d of %s" % (number, self.user)
        body = "a line of words\n" * self.draw.randrange(2, 8000)
        page, form = opened
        self.patiently(lambda: self.reader.submit(page, form, button=("do", "send"), files=[],
                                                  to="bob@example.edu", subject=subject, body=body))
        end = time.monotonic() + 60
        while True:
            waiting = self.patiently(lambda: self.reader.get("outbox/"))
            uncertain = "Nobody knows whether this arrived" in waiting.words
            if "Nothing waits" in waiting.words or uncertain:
                break
            ok(time.monotonic() < end, why="%s: %s" % (subject, waiting.words[:800]))
            time.sleep(0.05)
        arrived = self.stack.taken(subject)
        self.states["uncertain" if uncertain else "sent"] += 1
        ok(arrived == 1 or (uncertain and arrived == 0), why="%s: arrived %d times, %r" % (subject, arrived, self.states))
        if uncertain:
            form = [f for f in waiting.forms if "discard" in f.buttons.get("do", [])][0]
            self.patiently(lambda: self.reader.submit(waiting, form, button=("do", "discard")))

    def copies(self):
        client = self.stack.dovecot.client(self.user)
        status, _ = client.select(quoted("Sent"), readonly=True)
        found = {}
        for item in check(client.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")) if status == "OK" else []:
            if isinstance(item, tuple):
                name = email.message_from_bytes(item[1])["Subject"]
                found[name] = found.get(name, 0) + 1
        client.logout()
        return found


class Killed(Submits, Stack):
    def __init__(self):
        self.smtp = StrictSmtp()
        self.smtp.thinks = 0.05    # about what an MTA takes to bring it to its disk
        super().__init__(security="imap", imap={"ssl": "no"}, users=("demo", *USERS), cache={
            "smtp_servers": "example.edu=plain://127.0.0.1:%d" % self.smtp.port,
            "sends_per_hour": "100000", "recipients_per_hour": "100000"})

    def kill_webcache(self):
        self.webcache.kill()
        self.webcache.stop()
        self.webcache.start()

    def kill_httpd(self):
        """All children; the parent makes others."""
        for task in os.listdir("/proc/%d/task" % self.httpd.pid):
            with open("/proc/%d/task/%s/children" % (self.httpd.pid, task), encoding="ascii") as source:
                for child in map(int, source.read().split()):
                    try:
                        os.kill(child, signal.SIGKILL)
                    except ProcessLookupError:
                        pass

    def taken(self, subject):
        return sum(("Subject: %s\r\n" % subject).encode() in message[2] for message in list(self.smtp.messages))


def together(writers, number, kill=None, latest=0.0):
    """A letter of each at the same time, and the kill at a random moment of them. Seconds until all were done with."""
    opened = [writer.open() for writer in writers]
    threads = []
    for writer, form in zip(writers, opened):
        def letter(writer=writer, form=form):
            try:
                writer.letter(number, form)
            except Exception as error:  # pylint: disable=broad-except
                writer.trouble = error
        threads.append(threading.Thread(target=letter))
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    if kill is not None:    # here: a process that a thread starts ends with it
        time.sleep(writers[0].draw.random() * latest)
        kill()
    for thread in threads:
        thread.join()
    for writer in writers:
        if writer.trouble is not None:
            raise AssertionError("%s, letter %d: %s" % (writer.user, number, writer.trouble)) from writer.trouble
    return time.monotonic() - begun


@case("killed at random moments of %d sends by the form, %d users' at once: each arrived once, or is in the Outbox"
      % (SENDS, len(USERS)))
def _(stack):
    seed = random.randrange(1 << 30)
    draw = random.Random(seed)
    note("seed %d" % seed)
    writers = [Writer(stack, user, random.Random(draw.random())) for user in USERS]
    took = min(together(writers, number) for number in (-1, -2))   # without a kill: how long it takes
    for number in range(SENDS // len(USERS)):
        together(writers, number, draw.choice([stack.kill_webcache, stack.kill_httpd]), took * 1.2)
    note(", ".join("%s: %r" % (writer.user, writer.states) for writer in writers))
    for writer in writers:
        counts = writer.copies()
        equal({name: n for name, n in counts.items() if n != 1}, {}, "copies of %s" % writer.user)
        ok(len(counts) >= writer.states["sent"], why="%s: %d copies of %r" % (writer.user, len(counts), writer.states))
    equal(stack.smtp.wrong, [])


main(Killed)
