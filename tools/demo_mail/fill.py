# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts messages into folders over IMAP: one APPEND for many messages (MULTIAPPEND, RFC 3502) with
literals that need no answer (LITERAL+, RFC 7888)."""
import base64
import imaplib
import socket
import time

from demo_mail import lists, mailbox

BATCH_MESSAGES, BATCH_BYTES = 1000, 4 << 20


def modified_utf7(name):
    """RFC 3501 section 5.1.3."""
    out, wide = "", ""

    def flush():
        nonlocal out, wide
        if wide:
            coded = base64.b64encode(wide.encode("utf-16-be")).decode("ascii")
            out += "&" + coded.rstrip("=").replace("/", ",") + "-"
            wide = ""
    for character in name:
        if " " <= character <= "~":
            flush()
            out += "&-" if character == "&" else character
        else:
            wide += character
    flush()
    return out


def quoted(name):
    return b'"' + modified_utf7(name).replace("\\", "\\\\").replace('"', '\\"').encode("ascii") + b'"'


class Filler:
    """A plain connection to a private server on loopback."""

    def __init__(self, port, user, password, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), 30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(300)
        self.input = self.socket.makefile("rb")
        self.tag = 0
        self.input.readline()
        self.command(b'LOGIN "%s" "%s"' % (user.encode(), password.encode()))

    def command(self, line, may_fail=False):
        self.tag += 1
        tag = b"f%d" % self.tag
        self.socket.sendall(tag + b" " + line + b"\r\n")
        while True:
            answer = self.input.readline()
            if not answer:
                raise ConnectionError("the IMAP server closed the connection")
            if answer.startswith(tag + b" "):
                if not answer.startswith(tag + b" OK") and not may_fail:
                    raise RuntimeError("IMAP: %s: %s" % (line[:60], answer.decode("utf-8", "replace")))
                return answer

    def create(self, folder):
        self.command(b"CREATE " + quoted(folder), may_fail=True)
        self.command(b"SUBSCRIBE " + quoted(folder), may_fail=True)

    def append(self, folder, messages, progress=None):
        """messages: (seconds, flags, bytes). Gives how many there were."""
        done, batch, size = 0, [], 0
        for seconds, flags, raw in messages:
            when = imaplib.Time2Internaldate(seconds).encode("ascii")
            batch.append(b" (%s) %s {%d+}\r\n%s" % (flags.encode("ascii"), when, len(raw), raw))
            size += len(raw)
            if len(batch) >= BATCH_MESSAGES or size > BATCH_BYTES:
                self.command(b"APPEND " + quoted(folder) + b"".join(batch))
                done, batch, size = done + len(batch), [], 0
                if progress:
                    progress(done)
        if batch:
            self.command(b"APPEND " + quoted(folder) + b"".join(batch))
            done += len(batch)
        return done

    def close(self):
        self.command(b"LOGOUT", may_fail=True)
        self.socket.close()


def fill_demo(port, password, count, say=lambda text: None, now=None):
    """Both users' mail, `count` messages in the first one's Lists; gives how many messages in all."""
    now = int(now or time.time())
    total = 0
    for user, folders in (("demo", mailbox.folders(now)), ("demo2", mailbox.second_owner(now))):
        filler = Filler(port, user, password)
        for folder, messages in folders:
            if folder != "INBOX":
                filler.create(folder)
            total += filler.append(folder, messages)
        if user == "demo":
            filler.create("Lists")
            total += filler.append("Lists", lists.posts(count, now), lambda done: done % 10000 or say(
                "  %d of %d messages in Lists" % (done, count)))
        filler.close()
    return total
