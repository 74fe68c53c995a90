# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to a webcache without a web server: t/webcache_ask at the end of a pipe.

    with Asker(webcache, folder) as ask:
        ask.log_in("h1", "demo", "demo")
        page = ask("folder", "h1", "INBOX", 1, 50)      # what the reply says, as a dictionary
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


class Asker:
    def __init__(self, webcache, folder):
        built = os.path.join(paths.top_builddir, "t", "webcache_ask")
        program = paths.reachable(built, str(folder))
        self.known = {}      # by handle: what its session keeps
        self.brings = True   # the password, where it is wanted for a second connection
        self.process = subprocess.Popen([program, webcache.socket], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, **paths.identity.popen_args())

    def send(self, *words):
        line = "\t".join(str(word) for word in words) + "\n"
        self.process.stdin.write(line.encode("utf-8", "surrogateescape"))
        self.process.stdin.flush()

    def receive(self):
        return json.loads(self.process.stdout.readline().decode("utf-8", "surrogateescape"))

    def __call__(self, *words):
        self.send(*words)
        answer = self.receive()
        wanted = isinstance(answer, dict) and answer.get("detail") == "for a second connection"
        if wanted and self.brings and words[1] in self.known:
            # A large folder is to be read: as a browser's session does, bring the password and ask again.
            user, domain, password = self.known[words[1]]
            self.resume(words[1], user, self.seal(user, password, domain), domain)
            self.send(*words)
            answer = self.receive()
        return answer

    def log_in(self, handle, user="demo", password="demo", domain=DOMAIN, network=NETWORK):
        self.known[handle] = (user, domain, password)
        return self("login", handle, user, domain, network, password)

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


class Counted:
    """imapcount.py in front of an IMAP port without TLS: what went to the server."""

    def __init__(self, port, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = os.path.join(str(folder), "imapcount.log")
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "imapcount.py")
        self.process = subprocess.Popen([sys.executable, program, "--listen", "127.0.0.1:%d" % self.port,
                                         "--to", "127.0.0.1:%d" % port, "--log", self.log])
        end = time.monotonic() + 15
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def commands(self):
        """The commands so far, as sent, without those of log-in."""
        with open(self.log, encoding="latin-1") as log:
            lines = [line.rstrip("\n").split(" ", 3)[3] for line in log if line.count(" ") >= 3]
        return [line for line in lines if line not in ("OPEN", "CLOSE")]

    def close(self):
        self.process.terminate()
        self.process.wait()


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
