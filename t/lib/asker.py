# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to a webcache without a web server: t/webcache_ask at the end of a pipe.

    with Asker(webcache, folder) as ask:
        ask.log_in("h1", "demo", "demo")
        page = ask("folder", "h1", "INBOX", 1, 50)      # what the reply says, as a dictionary

The webcache answers after a second in any case. What it says then, that the mail server is still at work or how all was
before, is no end for a patient asker: it asks again until there is another answer. Tests that are about slow servers
set patient to False.
"""
import json
import os
import socket
import subprocess
import sys
import time

import paths
from imapd import check, network_form, quoted

SEEN, ANSWERED, FLAGGED, FORWARDED, ATTACHMENT = 1, 2, 4, 32, 256
DOMAIN = "example.edu"
NETWORK = "192.0.2.1"
PATIENCE = 15     # seconds
ACTING = ("act", "undo", "change")


class Asker:
    def __init__(self, webcache, folder):
        built = os.path.join(paths.top_builddir, "t", "webcache_ask")
        program = paths.reachable(built, str(folder))
        self.known = {}      # by handle: what its session keeps
        self.brings = True   # the password, where it is wanted for a second connection
        self.patient = True
        self.asked = ()      # the words of the last question
        self.repeated = 0    # how often it was asked again
        self.process = subprocess.Popen([program, webcache.socket], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, **paths.identity.popen_args())

    def send(self, *words):
        """Asks; receive() gives the answer."""
        self.asked = words
        line = "\t".join(str(word) for word in words) + "\n"
        self.process.stdin.write(line.encode("utf-8", "surrogateescape"))
        self.process.stdin.flush()

    def receive(self):
        words, end, brings, repeated = self.asked, time.monotonic() + PATIENCE, self.brings, 0
        while True:
            answer = json.loads(self.process.stdout.readline().decode("utf-8", "surrogateescape"))
            wanted = isinstance(answer, dict) and answer.get("detail") == "for a second connection"
            if wanted and brings and words[1] in self.known:
                # A large folder is to be read: as a browser's session does, bring the password and ask again.
                user, domain, password = self.known[words[1]]
                self.resume(words[1], user, self.seal(user, password, domain), domain)
                brings = False
            elif self.patient and is_no_end(words, answer) and time.monotonic() < end:
                time.sleep(0.02)
            else:
                self.repeated = repeated
                return answer
            self.send(*words)
            repeated += 1

    def __call__(self, *words):
        self.send(*words)
        return self.receive()

    def log_in(self, handle, user="demo", password="demo", domain=DOMAIN, network=NETWORK):
        self.known[handle] = (user, domain, password)
        return self("login", handle, user, domain, network, password)

    def let_in(self, handle, user, domain=DOMAIN, password="demo"):
        """Logs in; again where a busy machine's server closes the connection or takes too long."""
        self.known[handle] = (user, domain, password)
        return self.until(lambda answer: "address" in answer, "login", handle, user, domain, NETWORK, password)

    def seal(self, user, password, domain=DOMAIN):
        """What a session keeps: (key, sealed password)."""
        sealed = self("seal", user, domain, password)
        return sealed["key"], sealed["sealed"]

    def resume(self, handle, user, sealed, domain=DOMAIN):
        return self("resume", handle, user, domain, *sealed)

    def keep_key(self, handle, sealed):
        """What a session keeps of the key of its account's cache: for seal()'s pair a triple."""
        return (*sealed, self("keep_key", handle, sealed[0])["sealed"])

    def page(self, handle, folder="INBOX", page=1, rows=50, *more):
        return self("folder", handle, folder, page, rows, *more)

    def until(self, good, *words, seconds=20):
        """Asks until the answer is good."""
        end = time.monotonic() + seconds
        while True:
            answer = self(*words)
            if good(answer):
                return answer
            if time.monotonic() > end:
                raise AssertionError("still %.2000r" % answer)
            time.sleep(0.05)

    def ended(self, handle, report, seconds=60):
        """The report of an action, or of what is taken back, once it has ended."""
        if report.get("progress") != "Running":
            return report
        return self.until(lambda told: told.get("progress") != "Running", "report", handle, report["id"], 5000,
                          seconds=seconds)

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


def is_no_end(words, answer):
    """The mail server had not answered yet, or the webcache that was asked was just ending: to be asked again."""
    if not isinstance(answer, dict) or words[0] == "change":
        return False     # a change goes on behind such an answer
    if answer.get("error") == "kUnderWay" or (words[0] == "folder" and answer.get("standing") == "Waiting"):
        return True
    # Its program sees that only now; of an action nobody knows whether it was begun.
    return answer.get("detail") == "the webcache died" and words[0] not in ACTING


def shown(number=None):
    """Of a page: all messages of the folder (that many) are known, and each that is shown has its snippet, without
    which a page goes out where the server is slow."""
    return lambda page: "rows" in page and page["indexed"] == (page["total"] if number is None else number) and all(
        row["snippet"] for row in page["rows"])


class Counted:
    """imapcount.py in front of an IMAP port without TLS: what went to the server."""

    def __init__(self, port, folder):
        self.log = os.path.join(str(folder), "imapcount.log")
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "imapcount.py")
        self.process = subprocess.Popen([sys.executable, program, "--listen", "127.0.0.1:0",
                                         "--to", "127.0.0.1:%d" % port, "--log", self.log], stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def commands(self):
        """The commands so far, as sent, without those of log-in."""
        with open(self.log, encoding="latin-1") as log:
            lines = [line.rstrip("\n").split(" ", 3)[3] for line in log if line.count(" ") >= 3]
        return [line for line in lines if line not in ("OPEN", "CLOSE")]

    def asked(self):
        """Those that an answer needs: IDLE and its end come behind it, whenever there is time."""
        return [line for line in self.commands() if not line.endswith(("IDLE", "DONE"))]

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def deliver_many(dovecot, user, folder, messages):
    """Appends many messages at once (MULTIAPPEND, RFC 3502), far quicker than one by one, where the server can.
    Every third is unread."""
    folder = dovecot.named(folder)
    dovecot.settle(user)
    if not dovecot.multiappend:
        client = dovecot.client(user)
        client.create(quoted(folder))
        for index, text in enumerate(messages):
            check(client.append(quoted(folder), "()" if index % 3 == 0 else "(\\Seen)", None, network_form(text)))
        client.logout()
        return
    with socket.create_connection(("127.0.0.1", dovecot.imap_port), 60) as link:
        lines = link.makefile("rb")

        def answer(tag):
            while True:
                line = lines.readline()
                if not line:
                    raise RuntimeError("the mail server closed the connection")
                if line.startswith(tag):
                    return line
        answer(b"* ")
        link.sendall(b'a LOGIN "%s" "%s"\r\n' % (user.encode(), dovecot.passwords[user].encode()))
        answer(b"a ")
        link.sendall(b'b CREATE "%s"\r\n' % folder.encode())
        answer(b"b ")
        batch = [b'c APPEND "%s"' % folder.encode()]
        for index, text in enumerate(messages):
            data = text.encode().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            flags = b"()" if index % 3 == 0 else b"(\\Seen)"
            batch.append(b' %s {%d+}\r\n%s' % (flags, len(data), data))
        link.sendall(b"".join(batch) + b"\r\n")
        line = answer(b"c ")
        if not line.startswith(b"c OK"):
            raise RuntimeError(line)
