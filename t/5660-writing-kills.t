#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends by the form, and at a random moment the webcache, or every child of httpd, is killed. Whoever wrote does what
people do: sends the same form again until there is an answer. Each letter arrived once, or lies in the Outbox; one
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
SENDS = 1000 if SOAK else 40


class Killed(Submits, Stack):
    def __init__(self):
        self.smtp = StrictSmtp()
        super().__init__(security="imap", imap={"ssl": "no"}, cache={
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

    def taken(self, subject):
        return sum(("Subject: %s\r\n" % subject).encode() in message[2] for message in self.smtp.messages)

    def outbox(self):
        return self.patiently(lambda: self.reader.get("outbox/"))

    def copies(self):
        client = self.dovecot.client("demo")
        status, _ = client.select(quoted("Sent"), readonly=True)
        found = {}
        for item in check(client.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")) if status == "OK" else []:
            if isinstance(item, tuple):
                name = email.message_from_bytes(item[1])["Subject"]
                found[name] = found.get(name, 0) + 1
        client.logout()
        return found


@case("killed at random moments of %d sends by the form: each arrived once, or is in the Outbox" % SENDS)
def _(stack):
    seed = random.randrange(1 << 30)
    draw = random.Random(seed)
    took, states = 0.3, {"sent": 0, "uncertain": 0}
    for number in range(SENDS):
        subject = "Letter %d" % number
        body = "a line of words\n" * draw.randrange(2, 8000)
        page = stack.patiently(lambda: stack.reader.get("compose"))
        form = page.form("body")
        send = lambda: stack.reader.submit(page, form, button=("do", "send"), files=[],  # noqa: E731
                                           to="bob@example.edu", subject=subject, body=body)  # pylint: disable=cell-var-from-loop
        answers = []
        begun = time.monotonic()
        sender = threading.Thread(target=lambda: answers.append(stack.patiently(send)))  # pylint: disable=cell-var-from-loop
        sender.start()
        if number >= 2:
            time.sleep(draw.random() * took * 1.2)
            draw.choice([stack.kill_webcache, stack.kill_httpd])()
        sender.join()
        if number < 2:
            took = time.monotonic() - begun
        ok(answers, why="seed %d, send %d: no answer" % (seed, number))
        end = time.monotonic() + 60
        while True:
            waiting = stack.outbox()
            uncertain = "Nobody knows whether this arrived" in waiting.words
            if "Nothing waits" in waiting.words or uncertain:
                break
            ok(time.monotonic() < end, why="seed %d, send %d: %s" % (seed, number, waiting.words[:800]))
            time.sleep(0.05)
        arrived = stack.taken(subject)
        if uncertain:
            states["uncertain"] += 1
            ok(arrived in (0, 1), why="seed %d, send %d: arrived %d times" % (seed, number, arrived))
            form = [f for f in waiting.forms if "discard" in f.buttons.get("do", [])][0]
            stack.patiently(lambda: stack.reader.submit(waiting, form, button=("do", "discard")))  # pylint: disable=cell-var-from-loop
        else:
            states["sent"] += 1
            equal(arrived, 1, "seed %d, send %d" % (seed, number))
    note("seed %d: %r" % (seed, states))
    equal({name: n for name, n in stack.copies().items() if n != 1}, {}, "copies, seed %d" % seed)
    equal(stack.smtp.wrong, [])


main(Killed)
