#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message with a large file is nowhere held in memory: as it is uploaded, built, kept, sent, filed, passed on and saved
as a draft, neither the webcache nor httpd grows by more than a few MB, and each byte of it arrives. 12 MB, or 100 MB
(ALPHAMAIL_SOAK=1). The submission server is t/lib/strictsmtp.py."""
import base64
import hashlib
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import check, quoted  # noqa: E402
from resident import forget_peak, memory_kb  # noqa: E402
from stack import Stack  # noqa: E402
from strictsmtp import StrictSmtp, Submits  # noqa: E402
from tap import case, contains, equal, main, note, ok, skip_all  # noqa: E402
from webcache import sanitized  # noqa: E402

if sanitized():
    skip_all("a sanitizer has memory of its own")
MB = 100 if os.environ.get("ALPHAMAIL_SOAK") == "1" else 12
MOST_KB = 5000      # of each program, whatever the size


SMALL = (b"Subject: A small file\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
         b"--b\r\n\r\nwords\r\n--b\r\nContent-Type: application/octet-stream\r\n"
         b"Content-Disposition: attachment; filename=small.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
         + base64.encodebytes(bytes(range(256)) * 400).replace(b"\n", b"\r\n") + b"--b--\r\n")


class Large(Submits, Stack):
    def __init__(self):
        self.smtp = StrictSmtp(("PIPELINING", "SIZE 200000000", "8BITMIME", "AUTH PLAIN"))
        # One thread: each has libmagic's tables mapped, which count as if they were its own.
        tuning = "StartServers 1\nServerLimit 1\nThreadsPerChild 1\nMaxRequestWorkers 1\nMinSpareThreads 1\nMaxSpareThreads 2"
        super().__init__(security="imap", imap={"ssl": "no"}, web={"tuning": tuning}, cache={
            "upload_limit_mb": str(2 * MB), "spool_limit_mb": str(10 * MB), "command_timeout": "60s",
            "smtp_servers": "example.edu=plain://127.0.0.1:%d" % self.smtp.port})
        self.content = os.urandom(MB * 1_000_000)

    def grown(self, what, work):
        """Does the work: no program may grow by more than MOST_KB at any time of it."""
        watched = {"webcache": [self.webcache.pid], "httpd": self.httpd.children()}
        before = {}
        for name, pids in watched.items():
            for pid in pids:
                forget_peak(pid)
            before[name] = sum(map(memory_kb, pids))
        begin = time.monotonic()
        done = work()
        more = {name: sum(memory_kb(pid, "VmHWM") for pid in pids) - before[name] for name, pids in watched.items()}
        note("%s: %.1f s, %s" % (what, time.monotonic() - begin, ", ".join("%s %d KB more" % item for item in more.items())))
        ok(max(more.values()) < MOST_KB, why="%s: %r KB more" % (what, more))
        return done

    def post(self, page, do, files=(), **fields):
        return self.reader.submit(page, page.form("body"), button=("do", do), files=list(files), **fields)

    def send(self, page, **fields):
        """Until it is sent and filed."""
        done = self.post(page, "send", **fields)
        end = time.monotonic() + 120
        while "Nothing waits" not in self.reader.get("outbox/").words:
            ok(time.monotonic() < end, why=done.words[:500])
            time.sleep(0.05)

    def arrived(self, subject):
        """In what the server has taken, and in what the mailbox has of it, the file is the one that was uploaded."""
        (data,) = [m[2] for m in self.smtp.messages if ("Subject: %s\r\n" % subject).encode() in m[2][:5000]]
        self.same(data)
        self.same(self.stored("Sent", subject))

    def stored(self, folder, subject):
        client = self.dovecot.client("demo")
        found = None
        if client.select(quoted(folder), readonly=True)[0] == "OK":
            uids = check(client.uid("SEARCH", "SUBJECT", quoted(subject)))[0].split()
            found = check(client.uid("FETCH", uids[0].decode(), "(BODY.PEEK[])"))[0][1] if uids else None
        client.logout()
        return found

    def same(self, data):
        at = data.index(b'name="film.bin"') if b'name="film.bin"' in data else data.index(b"film.bin")
        begin = data.index(b"\r\n\r\n", at) + 4
        got = base64.b64decode(data[begin:data.index(b"\r\n--", begin)])
        equal(hashlib.sha256(got).hexdigest(), hashlib.sha256(self.content).hexdigest())


@case("a file of %d MB is uploaded, sent, and filed" % MB)
def _(stack):
    # What a process needs once counts for nothing here.
    stack.dovecot.deliver("demo", "INBOX", [SMALL])
    folder = stack.reader.get("mail/INBOX/")
    folder = stack.reader.submit(folder, folder.form("v"), button=("do", "check"))
    small = stack.reader.click(stack.reader.click(folder, "A small file"), "Forward")
    contains(stack.post(small, "send", to="bob@example.edu", subject="A small one").words, "Sent.")
    page = stack.grown("uploaded", lambda: stack.post(stack.reader.get("compose"), "attach", [
        ("attachments", "film.bin", "application/octet-stream", stack.content)]))
    contains(page.words, "film.bin")

    stack.grown("built, sent and filed", lambda: stack.send(page, to="bob@example.edu", subject="The film", body="words"))
    stack.arrived("The film")


@case("it is passed on, in the text and as a whole, saved as a draft, and gone on with")
def _(stack):
    folder = stack.reader.get("mail/Sent/")
    folder = stack.reader.submit(folder, folder.form("v"), button=("do", "check"))
    opened = stack.grown("opened", lambda: stack.reader.click(folder, "The film"))
    form = stack.grown("taken up to be passed on", lambda: stack.reader.click(opened, "Forward"))
    contains(form.words, "film.bin")
    draft = stack.grown("saved as a draft", lambda: stack.post(form, "draft", to="bob@example.edu", subject="Passed on", body="see"))
    contains(draft.words, "Draft saved at")
    stack.same(stack.stored("Drafts", "Passed on"))
    folder = stack.reader.get("mail/Drafts/")
    folder = stack.reader.submit(folder, folder.form("v"), button=("do", "check"))
    resumed = stack.grown("gone on with", lambda: stack.reader.click(folder, "Passed on"))
    contains(resumed.words, "film.bin")
    stack.grown("sent", lambda: stack.send(resumed))
    stack.arrived("Passed on")
    whole = stack.reader.click(opened, "Forward as attachment")
    stack.grown("sent as a whole", lambda: stack.send(whole, to="bob@example.edu", subject="As a whole", body="b"))
    stack.arrived("As a whole")


@case("and nothing that was said to the server was out of order")
def _(stack):
    equal(stack.smtp.wrong, [])


main(Large)
