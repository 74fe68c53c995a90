# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of lists share: one Dovecot without TLS behind a counting proxy, one webcache, one lane;
all rows of a list as the webcache shows them, and what the server itself says, asked by another client.

    with World(session_idle_minutes=30) as world:
        world.ask.log_in("h1")
        equal(world.rows("h1"), ...)            # all pages, one after the other
        mail = truth(world.dovecot, "demo")     # [Mail], by UID
"""
import contextlib
import email
import imaplib
import time

import paths
from asker import Asker, Counted
from imapd import Dovecot, check, quoted
from servers.process import tail
from webcache import Webcache


class World:
    """`settings` are lines of alphamail_config; all users have the password demo unless `passwords` says
    another."""

    def __init__(self, users=("demo", "demo2"), passwords=None, **settings):
        self.users, self.passwords, self.settings = users, passwords or {}, settings

    def __enter__(self):
        """What was begun is ended again where something fails: what stays behind would hold the runner's pipe."""
        with contextlib.ExitStack() as begun:
            self.folder = paths.TestFolder()
            begun.callback(self.folder.close)
            self._begin(begun)
            self.ending = begun.pop_all()
        return self

    def _begin(self, begun):
        self.dovecot = Dovecot(self.folder, ssl="no", failure_delay="0 secs")
        for user in self.users:
            self.dovecot.add_user(user, self.passwords.get(user, "demo"))
        begun.callback(self.dovecot.stop)
        self.dovecot.start()
        self.counted = Counted(self.dovecot.imap_port, self.folder)
        begun.callback(self.counted.close)
        self.webcache = Webcache(
            self.folder, imap_servers="example.edu=127.0.0.1:%d[/]" % self.counted.port, **self.settings)
        begun.callback(lambda: self.webcache.close())  # whichever it is by then
        self.before_start()
        self.webcache.start()
        self.ask = Asker(self.webcache, self.folder)
        begun.callback(lambda: self.ask.close())

    def before_start(self):
        """For a subclass that has something to say to the webcache first."""

    def __exit__(self, *_):
        self.ending.close()

    def describe(self):
        return tail(self.webcache.log, 30)

    def status(self, name=None):
        told = self.ask("status")
        return told if name is None else told[name]

    def restart(self, kill=False):
        if kill:
            self.webcache.kill()
        self.webcache.stop()
        self.webcache.start()

    def complete(self, handle, folder="INBOX"):
        """Until all of the folder is known."""
        return self.ask.until(lambda page: "rows" in page and page["indexed"] == page["total"],
                              "folder", handle, folder, 1, 50)

    def quiet(self):
        """Until nothing goes on behind the answers: the last thing that a mail server was told is IDLE."""
        end, before = time.monotonic() + 30, None
        while True:
            commands, told = self.counted.commands(), self.ask("status")
            if commands == before and commands[-1].endswith("IDLE") and told["jobs_running"] + told["jobs_waiting"] == 0:
                return
            if time.monotonic() > end:
                raise AssertionError("never quiet: %r" % commands[-5:])
            before = commands
            time.sleep(0.6)     # IDLE comes up to half a second behind an answer

    def pages(self, handle, folder="INBOX", rows=200, *more):
        return pages_of(self.ask, handle, folder, rows, *more)

    def rows(self, handle, folder="INBOX", rows=200, *more):
        return [row for page in self.pages(handle, folder, rows, *more) for row in page["rows"]]


def pages_of(ask, handle, folder="INBOX", rows=200, *more):
    """All pages of a list, one after the other."""
    number, last = 1, 1
    while number <= last:
        page = ask("folder", handle, folder, number, rows, *more)
        if "rows" not in page or page["page"] != number:
            raise AssertionError("no page %d of %s: %.2000r" % (number, folder, page))
        yield page
        number, last = number + 1, page["pages"]


class Mail:
    """What a server says of one message."""

    def __init__(self, line, header):
        words = line.decode()
        self.uid = int(words.split("UID ")[1].split()[0].rstrip(")"))
        self.size = int(words.split("RFC822.SIZE ")[1].split()[0].rstrip(")"))
        self.flags = {flag.decode() for flag in imaplib.ParseFlags(line)}
        self.arrived = int(time.mktime(imaplib.Internaldate2tuple(line)))
        self.header = email.message_from_bytes(header)

    @property
    def subject(self):
        return self.header["Subject"] or ""


def truth(server, user, folder="INBOX"):
    """[Mail], by UID, out of what another client is told at this moment."""
    client = server.client(user)
    check(client.select(quoted(server.named(folder)), readonly=True))
    answer = check(client.uid("FETCH", "1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])"))
    client.logout()
    return sorted((Mail(*item[:2]) for item in answer if isinstance(item, tuple)), key=lambda mail: mail.uid)
