# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server that says exactly what a test wants it to say: for names, numbers and states that no
server that can be installed would give. Everything else is tried with a real one.

    with ScriptedImap() as server:
        server.folders[b"any \\xff bytes"] = Folder([Letter(1, b"A subject")], uid_validity=b"0")
        ... connect to 127.0.0.1:server.port, any user and password ...
        server.selected           # the names that were selected, as they came

It offers nothing but IMAP4rev1 and LITERAL+ unless told otherwise.
"""
import re
import socket
import threading

LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n$")
TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)"|\{(\d+)\+?\}\r\n|([^\s"{]+)')
PLAIN = re.compile(rb'^[\x20\x21\x23-\x5b\x5d-\x7e]+$')
STRUCTURE = b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 6 1)'


class Letter:
    """uid is a number, or the bytes that shall stand there."""

    def __init__(self, uid, subject=b"A subject", flags=b"", text=b"Words\r\n",
                 arrived=b"02-Nov-2026 10:00:00 +0000", sent=b"Mon, 02 Nov 2026 10:00:00 +0000", size=300):
        self.size = size
        self.uid, self.subject, self.flags, self.text = uid, subject, flags, text
        self.arrived, self.sent = arrived, sent

    def said_uid(self):
        return self.uid if isinstance(self.uid, bytes) else b"%d" % self.uid

    def row(self, number, wanted):
        envelope = b'(%s %s (("Anna" NIL "anna" "example.org")) NIL NIL NIL NIL NIL NIL "<%d@example.org>")' % (
            said(self.sent), said(self.subject), number)
        out = b'UID %s FLAGS (%s) INTERNALDATE "%s" RFC822.SIZE %d ENVELOPE %s BODYSTRUCTURE %s' % (
            self.said_uid(), self.flags, self.arrived, self.size, envelope, STRUCTURE)
        for section, offset in re.findall(rb"BODY\.PEEK\[([^\]]*)\](?:<(\d+)\.\d+>)?", wanted):
            data = self.text
            if section.startswith(b"HEADER"):
                data = b"\r\n" if b"REFERENCES" in section else b"Subject: " + self.subject + b"\r\n\r\n"
            out += b" BODY[%s]%s {%d}\r\n%s" % (section, b"<%s>" % offset if offset else b"", len(data), data)
        return b"* %d FETCH (%s)\r\n" % (number, out)


class Folder:
    """uid_validity, uid_next and exists are the bytes that are said; None leaves the line out."""

    def __init__(self, letters=(), uid_validity=b"7", uid_next=None, exists=None):
        self.letters, self.uid_validity = list(letters), uid_validity
        self.uid_next = uid_next or b"%d" % (len(self.letters) + 1)
        self.exists = b"%d" % len(self.letters) if exists is None else exists

    def opened(self):
        said_validity = b"* OK [UIDVALIDITY %s] ok\r\n" % self.uid_validity if self.uid_validity is not None else b""
        return b"* FLAGS (\\Seen)\r\n* %s EXISTS\r\n* 0 RECENT\r\n%s* OK [UIDNEXT %s] ok\r\n" % (
            self.exists, said_validity, self.uid_next)


def said(name):
    """A string as a server may say it: quoted where that is possible, else a literal."""
    return b'"%s"' % name if PLAIN.match(name) else b"{%d}\r\n%s" % (len(name), name)


def inside(numbers, wanted, last):
    """Whether one of the numbers is in the set `wanted`, such as 1:3,7,9:*."""
    for piece in wanted.split(b","):
        ends = [last if end == b"*" else int(end) for end in piece.split(b":")]
        if any(min(ends) <= number <= max(ends) for number in numbers):
            return True
    return False


class ScriptedImap:
    def __init__(self, separator=b"/", capabilities=b"IMAP4rev1 LITERAL+"):
        self.separator, self.capabilities = separator, capabilities
        self.folders = {b"INBOX": Folder()}
        self.selected, self.status_asked = [], 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.links = []
        threading.Thread(target=self._accept, daemon=True).start()

    def listed(self):
        """All LIST responses, as one piece; a test may put its own in place of this."""
        return b"".join(b'* LIST () "%s" %s\r\n' % (self.separator, said(name)) for name in self.folders)

    def _accept(self):
        while True:
            try:
                link = self.listener.accept()[0]
            except OSError:
                return
            self.links.append(link)
            threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link):
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines, folder = link.makefile("rb"), None
        try:
            link.sendall(b"* OK [CAPABILITY %s] ready\r\n" % self.capabilities)
            while True:
                line = lines.readline()
                while found := LITERAL.search(line):
                    if not found[2]:
                        link.sendall(b"+ go on\r\n")
                    line += lines.read(int(found[1])) + lines.readline()
                if not line:
                    return
                tag, _, words = line.partition(b" ")
                command, words = self._command(words)
                if command in (b"SELECT", b"EXAMINE"):
                    self.selected.append(words[0])
                    folder = self.folders.get(words[0])
                    out = (folder.opened(), b"OK [READ-WRITE] selected") if folder else (b"", b"NO no such folder")
                elif command == b"LOGOUT":
                    link.sendall(b"* BYE\r\n%s OK\r\n" % tag)
                    return
                else:
                    out = self._answer(command, words, folder)
                link.sendall(b"%s%s %s\r\n" % (out[0], tag, out[1]))
        except OSError:
            pass
        finally:
            link.close()

    @staticmethod
    def _command(line):
        """(the command's words in capitals, its arguments without quotes)"""
        words, at = [], 0
        while found := TOKEN.search(line, at):
            at = found.end()
            if found[2]:
                words.append(line[at:at + int(found[2])])
                at += int(found[2])
            else:
                words.append(re.sub(rb"\\(.)", rb"\1", found[1]) if found[1] is not None else found[3])
        size = 2 if words and words[0].upper() == b"UID" else 1
        return b" ".join(words[:size]).upper(), words[size:]

    def _answer(self, command, words, folder):
        if command == b"CAPABILITY":
            return b"* CAPABILITY %s\r\n" % self.capabilities, b"OK"
        if command == b"LIST":
            return self.listed(), b"OK"
        if command == b"STATUS":
            self.status_asked += 1
            there = self.folders.get(words[0])
            return (b"* STATUS %s (MESSAGES %s UNSEEN 0)\r\n" % (said(words[0]), there.exists), b"OK") if there else (
                b"", b"NO no such folder")
        if command in (b"FETCH", b"UID FETCH"):
            return self._fetched(command, words, folder), b"OK"
        return b"", b"OK" if command in (b"LOGIN", b"NOOP", b"CHECK", b"UID STORE") else b"BAD what?"

    @staticmethod
    def _fetched(command, words, folder):
        rows, by_uid, wanted = [], command == b"UID FETCH", b" ".join(words[1:])
        last = max([1] + [letter.uid for letter in folder.letters if isinstance(letter.uid, int)])
        for number, letter in enumerate(folder.letters, 1):
            # What is no number at all is told whenever messages are asked for.
            numbers = [number] if not by_uid else [letter.uid] if isinstance(letter.uid, int) else [1, last]
            if inside(numbers, words[0], last if by_uid else len(folder.letters)):
                rows.append(letter.row(number, wanted))
        return b"".join(rows)

    def close(self):
        self.listener.close()
        for link in self.links:
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
