# SPDX-License-Identifier: GPL-3.0-or-later
"""Private mail servers for tests: Dovecot, Cyrus and Courier, with one interface.

    with TestFolder() as folder, Dovecot(folder) as dovecot:
        dovecot.add_user("anna", "secret")
        dovecot.deliver("anna", "INBOX", [message(subject="Hello")])
        dovecot.client("anna").select("INBOX")

`imap_port` offers STARTTLS (and plain log-in, being on loopback), `imaps_port` TLS with a
certificate for localhost and 127.0.0.1 signed by `ca_file`. Folders are given as
"INBOX", "Work", "Work/2026"; named() makes the server's own name of it.

    for kind in KINDS:
        with server_of(kind, folder) as server: ...
"""
import imaplib
import os
import socket
import time

import paths
from servers import courier, cyrus
from servers import dovecot as private
from servers.peers import Peers
from tap import skip_all

imaplib._MAXLINE = 10_000_000  # pylint: disable=protected-access


class Clients:
    """What tests ask of a server: a second client, deliveries, changes, and the truth."""

    multiappend = True   # RFC 3502
    moves = True         # RFC 6851

    def _begin(self, folder, name):
        """Gives the folder that the server may have."""
        self.top = str(folder)
        self.passwords = {}
        home = os.path.join(self.top, name)
        os.makedirs(home, exist_ok=True)
        return home

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

    def named(self, folder):
        """A folder's name at this server: levels with slashes, INBOX at the top."""
        return folder if folder == "INBOX" else self.prefix + folder.replace("/", self.separator)

    @property
    def brackets(self):
        """What stands behind its port in imap_servers (alphamail_config(5))."""
        return "[%s]" % (self.prefix or self.separator)

    def arrive(self, user, text):
        """One message comes in, as from the MTA: by LMTP."""
        with socket.create_connection(("127.0.0.1", self.lmtp_port), 30) as link:
            lines = link.makefile("rb")

            def told(code):
                line = lines.readline()
                while line[3:4] == b"-":
                    line = lines.readline()
                if not line.startswith(code):
                    raise RuntimeError("LMTP: %r" % line)
            told(b"220")
            for words, code in ((b"LHLO localhost", b"250"), (b"MAIL FROM:<sender@example.org>", b"250"),
                                (b"RCPT TO:<%s>" % user.encode(), b"250"), (b"DATA", b"354"),
                                (network_form(text).replace(b"\r\n.", b"\r\n..") + b"\r\n.", b"250")):
                link.sendall(words + b"\r\n")
                told(code)
            link.sendall(b"QUIT\r\n")

    def client(self, user):
        """A second client: an imaplib connection, logged in, over plain loopback IMAP."""
        connection = imaplib.IMAP4("127.0.0.1", self.imap_port)
        password = self.passwords[user]
        if password.isascii():
            connection.login(user, password)
        else:    # imaplib's LOGIN is ASCII
            connection.authenticate("PLAIN", lambda _: b"\0%s\0%s" % (user.encode(), password.encode()))
        return connection

    def settle(self, user):
        """Before several connections of a user begin at once: see Dovecot.settle()."""

    def create(self, user, *folders):
        """Folders by their names in modified UTF-7, as named() takes them; so below. One may be there already."""
        client = self.client(user)
        for folder in folders:
            answer = client.create(quoted(self.named(folder)))
            if b"[ALREADYEXISTS]" not in answer[1][0]:
                check(answer)
            check(client.subscribe(quoted(self.named(folder))))
        client.logout()

    def deliver(self, user, folder, messages, flags="", date=None):
        """Appends messages (str or bytes, any line ends); gives their UIDs. `flags` like "\\\\Seen"
        and `date` (seconds since 1970) hold for all of them."""
        client = self.client(user)
        uids = []
        when = imaplib.Time2Internaldate(time.time() if date is None else date)
        for one in messages:
            answer = check(client.append(quoted(self.named(folder)), "(%s)" % flags, when, network_form(one)))
            uids.append(int(answer[0].split(b"APPENDUID")[1].split()[1].rstrip(b"]")))
        client.logout()
        return uids

    def flag(self, user, folder, uids, change, flags):
        """change is '+FLAGS', '-FLAGS' or 'FLAGS'; flags like '\\\\Seen \\\\Flagged'."""
        client = self.client(user)
        check(client.select(quoted(self.named(folder))))
        check(client.uid("STORE", numbers(uids), change, "(%s)" % flags))
        client.logout()

    def flags(self, user, folder):
        """{uid: set of flags} as they are now."""
        client = self.client(user)
        check(client.select(quoted(self.named(folder)), readonly=True))
        found = {}
        for line in check(client.uid("FETCH", "1:*", "(FLAGS)")):
            words = (line or b"").decode()
            if "UID " in words:    # without one it is news of a change that came meanwhile (RFC 3501 section 7)
                uid = int(words.split("UID ")[1].split()[0].rstrip(")"))
                found[uid] = set(words.split("FLAGS (")[1].split(")")[0].split())
        client.logout()
        return found

    def expunge(self, user, folder, uids="1:*"):
        client = self.client(user)
        check(client.select(quoted(self.named(folder))))
        check(client.uid("STORE", numbers(uids), "+FLAGS.SILENT", "(\\Deleted)"))
        check(client.expunge())
        client.logout()

    def recreate(self, user, folder):
        """Deletes a folder and makes it anew, with another UIDVALIDITY."""
        client = self.client(user)
        check(client.delete(quoted(self.named(folder))))
        check(client.create(quoted(self.named(folder))))
        client.logout()


class Dovecot(Clients, private.Dovecot):
    """Keyword arguments are those of servers.dovecot.Dovecot: prefix, separator, storage, ssl..."""

    def __init__(self, folder, name="imapd", **settings):
        home = self._begin(folder, name)
        super().__init__(home, paths.peers(self.top), paths.identity, **settings)
        self.settled, self.running = set(), False

    def add_user(self, user, password="secret"):
        super().add_user(user, password)
        if self.running:
            self.settled.discard(user)
            self.settle(user)

    def stop(self):
        self.running = False
        super().stop()

    def start(self):
        super().start()
        self.running = True
        if len(self.passwords) <= 64:    # of more, each as a client of it begins
            for user in self.passwords:
                self.settle(user)
        return self

    def settle(self, user):
        """Makes the usual folders by one connection. Where two do it at once the kernel takes their locks on the list
        of folders for a deadlock now and then, and one of Dovecot's processes dies of it; then once more."""
        for _ in range(5):
            if user in self.settled:
                return
            try:
                connection = super().client(user)
                for name in ("INBOX", *private.SPECIAL):
                    connection.status(quoted(self.named(name)), "(MESSAGES)")
                connection.logout()
                self.settled.add(user)
            except imaplib.IMAP4.abort:
                continue
            except imaplib.IMAP4.error as refused:
                # Dovecot looks at its file of users once in a second, and one may be a moment old.
                if "AUTHENTICATIONFAILED" not in str(refused):    # of bytes or of words
                    raise
                time.sleep(1)
        super().client(user).logout()    # what fails now is said

    def client(self, user):
        self.settle(user)
        return super().client(user)


class Cyrus(Clients, cyrus.Cyrus):
    def __init__(self, folder, name="cyrus", **settings):
        home = self._begin(folder, name)
        super().__init__(home, paths.peers(self.top), paths.identity, **settings)


class Courier(Clients, courier.Courier):
    multiappend = moves = False

    def __init__(self, folder, name="courier", **settings):
        home = self._begin(folder, name)
        super().__init__(home, paths.peers(self.top), paths.identity, **settings)

    def arrive(self, user, text):
        self.deliver_to_maildir(user, network_form(text).replace(b"\r\n", b"\n"))


# What a test can run on, by what server_of() takes.
STORES = ("maildir", "sdbox", "mdbox", "mbox")
KINDS = STORES + ("cyrus", "cyrus-inbox", "courier")


def needs(*kinds):
    """Ends the program, as skipped, where one of these is not unpacked (./bootstrap check does it)."""
    found = Peers(paths.peers_folder)
    for name, runs in (("cyrus", cyrus.Cyrus.runs_here), ("courier", courier.Courier.runs_here)):
        if any(kind.startswith(name) for kind in kinds) and not runs(found):
            skip_all("no %s below %s" % (name, found.root))


def server_of(kind, folder, users=(), password="demo", ssl="no"):
    """A server of this kind with these users, not started: a store of Dovecot, Cyrus with folders beside INBOX
    or below it, Courier. Proxies that look into what passes need it without TLS."""
    if kind in STORES:
        server = Dovecot(folder, name=kind, storage=kind, failure_delay="0 secs", ssl=ssl)
    elif kind == "courier":
        server = Courier(folder, name=kind, ssl=ssl)
    else:
        server = Cyrus(folder, name=kind, alternate=kind == "cyrus", ssl=ssl)
    for user in users:
        server.add_user(user, password)
    return server


def network_form(text):
    """Bytes with CRLF at each line's end (RFC 5322), of a string or bytes with any."""
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


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
