# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who writes: t/outgoing_ask at the end of a pipe.

    with Writing(webcache, folder) as anna:
        anna.log_in("anna", "secret")
        sent = anna.send(mail(to="bob@example.edu"), ["bob@example.edu"])
"""
import json
import os
import subprocess
import time

import paths

DOMAIN = "example.edu"


def new_id():
    return os.urandom(16).hex()


def mail(subject="A letter", to="bob@example.edu", sender="anna@example.edu", text=b"Hello.\r\n", bcc=None,
         message_id=None):
    """A message as the builder makes it: CRLF everywhere."""
    head = "From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nMessage-ID: %s\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n" % (
        sender, to, subject, message_id or "<%s@example.edu>" % os.urandom(8).hex())
    if bcc:
        head += "Bcc: <%s>,\r\n <other-%s>\r\n" % (bcc, bcc)
    head += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return head.encode() + text


class Writing:
    def __init__(self, webcache, folder):
        self.folder = str(folder)
        built = os.path.join(paths.top_builddir, "t", "outgoing_ask")
        program = paths.reachable(built, self.folder)
        self.files = os.path.join(self.folder, "writing-" + os.urandom(4).hex())
        os.makedirs(self.files)
        os.chmod(self.files, 0o777)
        self.asked = ()      # the words of the last question
        self.process = subprocess.Popen([program, webcache.socket], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, **paths.identity.popen_args())

    def begin(self, *words):
        """Asks; receive() gives the answer."""
        self.asked = words
        line = "\t".join(str(word) for word in words) + "\n"
        self.process.stdin.write(line.encode("utf-8", "surrogateescape"))
        self.process.stdin.flush()

    def receive(self):
        """Asks again while the mail server has not let the session in, without which nothing was begun."""
        end = time.monotonic() + 30
        while True:
            answer = json.loads(self.process.stdout.readline().decode("utf-8", "surrogateescape"))
            if answer.get("error") != "kUnderWay" or time.monotonic() > end:
                return answer
            time.sleep(0.02)
            self.begin(*self.asked)

    def ask(self, *words):
        self.begin(*words)
        return self.receive()

    def log_in(self, user, password="demo"):
        return self.ask("login", user, DOMAIN, password)

    def path(self, data=None):
        name = os.path.join(self.files, os.urandom(6).hex())
        if data is not None:
            with open(name, "wb") as out:
                out.write(data)
            os.chmod(name, 0o644)
        return name

    def put(self, data, kind="message", name="-", replaces=0, note="a note", pause=0):
        return self.ask("put", kind, name, replaces, self.path(data), note, pause)

    def read(self, name, kind="message", offset=0, limit=0):
        out = self.path()
        told = self.ask("read", kind, name, offset, limit, out)
        if "error" in told:
            return told
        with open(out, "rb") as file:
            return file.read()

    def send(self, data, recipients, name=None, sender="anna@example.edu", hold=0, wait=20000, settings=()):
        """Puts a message into the spool, and sends it."""
        name = name or new_id()
        put = self.put(data, name=name)
        if "error" in put:
            return put
        return self.send_again(name, recipients, sender, hold, wait, settings)

    def send_again(self, name, recipients, sender="anna@example.edu", hold=0, wait=20000, settings=()):
        if isinstance(recipients, list):
            recipients = ",".join(recipients)
        return self.ask("send", name, sender, recipients, hold, wait, *settings)

    def outgoing(self, name, wait=0):
        return self.ask("outgoing", name, wait)

    def outbox(self):
        return self.ask("outbox")["entries"]

    def act(self, name, what, wait=20000):
        return self.ask("act", name, what, wait)

    def until(self, name, *states, seconds=30):
        """Until a message is in one of these states."""
        end = time.monotonic() + seconds
        while True:
            told = self.outgoing(name, 1000)
            if told.get("state") in states:
                return told
            if time.monotonic() > end:
                raise AssertionError("still %r" % told)
            time.sleep(0.02)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
