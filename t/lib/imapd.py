# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Dovecot for tests.

    with TestFolder() as folder, Dovecot(folder) as dovecot:
        dovecot.add_user("anna", "secret")
        dovecot.deliver("anna", "INBOX", [message(subject="Hello")])
        dovecot.client("anna").select("INBOX")

`imap_port` offers STARTTLS (and plain log-in, being on loopback), `imaps_port` TLS with a
certificate for localhost and 127.0.0.1 signed by `ca_file`.
"""
import imaplib
import os
import time

import paths
from servers import dovecot as private

imaplib._MAXLINE = 10_000_000  # pylint: disable=protected-access


class Dovecot(private.Dovecot):
    """Keyword arguments are those of servers.dovecot.Dovecot: prefix, separator, storage, ssl..."""

    def __init__(self, folder, name="imapd", **settings):
        self.top = str(folder)
        home = os.path.join(self.top, name)
        os.makedirs(home, exist_ok=True)
        super().__init__(home, paths.peers(self.top), paths.identity, **settings)
        self.passwords = {}

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    def add_user(self, user, password="secret"):
        self.passwords[user] = password
        super().add_user(user, password)

    def client(self, user):
        """A second client: an imaplib connection, logged in, over plain loopback IMAP."""
        connection = imaplib.IMAP4("127.0.0.1", self.imap_port)
        connection.login(user, self.passwords[user])
        return connection

    def create(self, user, *folders):
        """Folders by their IMAP names (modified UTF-7)."""
        client = self.client(user)
        for folder in folders:
            check(client.create(quoted(folder)))
            check(client.subscribe(quoted(folder)))
        client.logout()

    def deliver(self, user, folder, messages, flags="", date=None):
        """Appends messages (str or bytes, any line ends); gives their UIDs. `flags` like "\\\\Seen"
        and `date` (seconds since 1970) hold for all of them."""
        client = self.client(user)
        uids = []
        when = imaplib.Time2Internaldate(time.time() if date is None else date)
        for one in messages:
            text = one.encode("utf-8", "surrogateescape") if isinstance(one, str) else one
            text = text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            answer = check(client.append(quoted(folder), "(%s)" % flags, when, text))
            uids.append(int(answer[0].split(b"APPENDUID")[1].split()[1].rstrip(b"]")))
        client.logout()
        return uids

    def flag(self, user, folder, uids, change, flags):
        """change is '+FLAGS', '-FLAGS' or 'FLAGS'; flags like '\\\\Seen \\\\Flagged'."""
        client = self.client(user)
        check(client.select(quoted(folder)))
        check(client.uid("STORE", numbers(uids), change, "(%s)" % flags))
        client.logout()

    def flags(self, user, folder):
        """{uid: set of flags} as they are now."""
        client = self.client(user)
        check(client.select(quoted(folder), readonly=True))
        found = {}
        for line in check(client.uid("FETCH", "1:*", "(FLAGS)")):
            if line:
                words = line.decode()
                uid = int(words.split("UID ")[1].split()[0].rstrip(")"))
                found[uid] = set(words.split("FLAGS (")[1].split(")")[0].split())
        client.logout()
        return found

    def expunge(self, user, folder, uids="1:*"):
        client = self.client(user)
        check(client.select(quoted(folder)))
        check(client.uid("STORE", numbers(uids), "+FLAGS.SILENT", "(\\Deleted)"))
        check(client.expunge())
        client.logout()

    def recreate(self, user, folder):
        """Deletes a folder and makes it anew, with another UIDVALIDITY."""
        client = self.client(user)
        check(client.delete(quoted(folder)))
        check(client.create(quoted(folder)))
        client.logout()


def message(subject="A subject", sender="Anna Example <anna@example.org>",
            to="demo@example.edu", text="One line of text.\n", date="Mon, 02 Nov 2026 10:00:00 +0000",
            message_id=None, headers=""):
    """A small text message; `headers` are further lines."""
    lines = "From: %s\nTo: %s\nSubject: %s\n" % (sender, to, subject)
    if date:
        lines += "Date: %s\n" % date
    lines += "Message-ID: %s\n" % (message_id or "<%d.%s@example.org>" % (
        time.monotonic_ns(), os.urandom(4).hex()))
    if headers:
        lines += headers.rstrip("\n") + "\n"
    if "content-type:" not in headers.lower():
        lines += "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
    return lines + "\n" + text


def quoted(folder):
    return '"%s"' % folder.replace("\\", "\\\\").replace('"', '\\"')


def numbers(uids):
    return uids if isinstance(uids, str) else ",".join(map(str, uids))


def check(answer):
    """The data of an OK answer; an exception for NO."""
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error("%s %r" % (status, data))
    return data
