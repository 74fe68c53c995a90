# SPDX-License-Identifier: GPL-3.0-or-later
"""An SMTP server that takes nothing but what RFC 5321 says, byte by byte, and that fails when it is told to:

    with StrictSmtp() as smtp:
        smtp.fail("rcpt", "550 no such user", only="bob@example.edu")
        smtp.fail("end", HANG)          # or CLOSE: after the dot, without an answer
        ...
        smtp.messages                   # [(from, [recipients], bytes)], as taken
        smtp.wrong                      # what it had to complain of

With `context` (an ssl.SSLContext) it speaks TLS from the beginning, or behind STARTTLS (RFC 3207) with `starttls`.

Steps: connect, ehlo, starttls, auth, mail, rcpt, data, body (in the middle of the message), end (after the dot).
"""
import base64
import re
import socket
import ssl
import threading
import time

HANG, CLOSE, TAKE_AND_CLOSE = "hang", "close", "take and close"
COMMAND = re.compile(rb"\A(EHLO [\x21-\x7e]+|MAIL FROM:<[^<>\r\n]*>( SIZE=\d+)?( BODY=8BITMIME)?( SMTPUTF8)?"
                     rb"|RCPT TO:<[^<>\r\n]+>|DATA|RSET|QUIT|STARTTLS|AUTH (PLAIN|LOGIN)|[A-Za-z0-9+/]*=*)\r\n\Z")


class StrictSmtp:
    def __init__(self, offers=("PIPELINING", "SIZE 52428800", "8BITMIME", "AUTH PLAIN LOGIN"), password="demo"):
        self.offers, self.password = list(offers), password
        self.messages, self.wrong, self.commands = [], [], []
        self.connections = 0
        self.faults = {}
        self.context = None
        self.starttls = False
        self.offers_in_tls = None   # others than before it
        self.behind = b""     # in the clear, behind the answer to STARTTLS
        self.thinks = 0.0    # seconds between the end of a message, which is taken then, and the answer
        self.links = []
        self.lock = threading.Lock()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self.socket.getsockname()[1]
        self.ending = threading.Event()

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.socket.close()
        self.drop()

    def fail(self, step, how, only=None):
        self.faults[step] = (how, only)

    def heal(self):
        self.faults.clear()

    def drop(self):
        """Hangs up on everybody."""
        with self.lock:
            links, self.links = self.links, []
        for link in links:
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self):
        while not self.ending.is_set():
            try:
                link, _ = self.socket.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.links.append(link)
            threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link):
        try:
            if self.context is not None and not self.starttls:
                link = self.context.wrap_socket(link, server_side=True)
                with self.lock:
                    self.links.append(link)
            session = Session(self, link)
            try:
                session.serve()
            finally:
                session.link.close()      # which may be another one, behind STARTTLS
        except (OSError, EOFError):
            pass
        finally:
            link.close()


class Session:
    def __init__(self, server, link):
        self.server, self.link = server, link
        self.file = link.makefile("rb")
        self.offers_tls = server.starttls and server.context is not None
        self.sender, self.recipients = None, []

    def complain(self, words):
        with self.server.lock:
            self.server.wrong.append(words)

    def say(self, words):
        self.link.sendall(words.encode() + b"\r\n")

    def fault(self, name, about=None):
        """How this step is to fail; None where it is not."""
        how, only = self.server.faults.get(name, (None, None))
        return how if only is None or only == about else None

    def step(self, name, good, about=None):
        """Answers, or fails as it was told to. True where it went well."""
        return self.answer(self.fault(name, about), good)

    def answer(self, how, good):
        if how is None:
            if good:
                self.say(good)
            return True
        if how == HANG:
            while not self.server.ending.is_set():
                time.sleep(0.05)
            raise EOFError
        if how in (CLOSE, TAKE_AND_CLOSE):
            raise EOFError
        self.say(how)
        return False

    def line(self):
        line = self.file.readline(70000)
        if not line:
            raise EOFError
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\n" in line[:-2] or b"\0" in line:
            self.complain("a line that is none: %r" % line[:200])
        return line

    def serve(self):
        if not self.step("connect", "220 strict.example.edu ESMTP"):
            return
        while True:
            line = self.line()
            with self.server.lock:
                self.server.commands.append(line)
            if len(line) > 512:
                self.complain("a command of %d bytes" % len(line))
            if not COMMAND.match(line):
                self.complain("no command: %r" % line[:200])
            verb = line[:4].upper()
            if verb == b"QUIT":
                self.say("221 bye")
                return
            getattr(self, "on_" + verb.decode("latin-1").lower(), self.unknown)(line)

    def unknown(self, _line):
        self.say("500 what?")

    def on_ehlo(self, _line):
        offers = ["strict.example.edu"] + (["STARTTLS", *self.server.offers] if self.offers_tls else self.server.offers_in_tls or self.server.offers)
        self.step("ehlo", "\r\n".join("250%s%s" % (" " if i == len(offers) - 1 else "-", word)
                                      for i, word in enumerate(offers)))

    def on_star(self, _line):
        if not self.offers_tls:
            self.complain("STARTTLS, which was not offered")
        if not self.step("starttls", ""):
            return
        self.link.sendall(b"220 2.0.0 go ahead\r\n" + self.server.behind)
        self.link = self.server.context.wrap_socket(self.link, server_side=True)
        with self.server.lock:
            self.server.links.append(self.link)
        self.file, self.offers_tls = self.link.makefile("rb"), False

    def on_auth(self, line):
        if self.server.starttls and not isinstance(self.link, ssl.SSLSocket):
            self.complain("a password in the clear")
        if b"PLAIN" in line:
            self.say("334 ")
            word = base64.b64decode(self.line()).split(b"\0")[2]
        else:
            self.say("334 VXNlcm5hbWU6")
            self.line()
            self.say("334 UGFzc3dvcmQ6")
            word = base64.b64decode(self.line())
        self.step("auth", "235 welcome" if word == self.server.password.encode() else "535 5.7.8 wrong password")

    def on_mail(self, line):
        self.sender, self.recipients = None, []
        if self.step("mail", "250 ok"):
            self.sender = line.split(b"<")[1].split(b">")[0].decode()

    def on_rcpt(self, line):
        address = line.split(b"<")[1].split(b">")[0].decode()
        if self.sender is None:
            self.say("503 MAIL first")
        elif self.step("rcpt", "250 ok", address):
            self.recipients.append(address)

    def on_rset(self, _line):
        self.sender, self.recipients = None, []
        self.say("250 ok")

    def on_data(self, _line):
        if not self.recipients:
            self.say("503 RCPT first")
            return
        if not self.step("data", "354 go on"):
            return
        lines = []
        while True:
            line = self.line()
            if len(lines) == 3:
                self.step("body", "")
            if len(line) > 1000 + line.startswith(b"."):
                self.complain("a line of %d bytes" % len(line))
            if line == b".\r\n":
                break
            if line.startswith(b"."):
                if not line.startswith(b".."):
                    self.complain("a dot that is not doubled: %r" % line[:100])
                line = line[1:]
            lines.append(line)
        how = self.fault("end")     # once: it may be told otherwise before the answer
        taken = (self.sender, self.recipients, b"".join(lines))
        if how in (None, HANG, TAKE_AND_CLOSE):
            with self.server.lock:
                self.server.messages.append(taken)
        self.sender, self.recipients = None, []
        time.sleep(self.server.thinks)
        self.answer(how, "250 2.0.0 taken")


class Submits:
    """Before Stack among the bases of one whose smtp is a StrictSmtp: that one begins first and ends last, and
    somebody is logged in, the reader."""

    def _start(self):
        self.smtp.__enter__()
        super()._start()
        self.reader = self.browser()
        self.reader.log_in()

    def close(self):
        super().close()
        self.smtp.__exit__()
