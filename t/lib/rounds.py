# SPDX-License-Identifier: GPL-3.0-or-later
"""How the webcache follows a mail server, on any of them: several servers behind a proxy each
(hideproxy.py), one webcache that knows each as a domain of its own, and a round of what a user and another
client do, after each step of which every page is what the server says.

    with World(("maildir", "cyrus")) as world:
        round_of(world, "maildir", "u1", hide=("IDLE",))
"""
import os
import random
import time

import paths
from asker import FLAGGED, SEEN, Asker, deliver_many
from hideproxy import HideProxy
from imapd import check, message, quoted, server_of
from orders import KEYS, Right, words
from servers.process import tail
from tap import contains, equal, ok
from webcache import Webcache
from world import pages_of
from world import truth as mails_of

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
BITS = {"\\Seen": SEEN, "\\Answered": 2, "\\Flagged": FLAGGED, "\\Deleted": 8, "\\Draft": 16}
USERS = ["u%d" % n for n in range(20)] + ["live", "cost", "plain", "idle"]


class World:
    """`kinds` are those of imapd.server_of(); `settings` lines of alphamail_config."""

    def __init__(self, kinds, users=USERS, **settings):
        self.kinds, self.users, self.settings = kinds, users, settings
        self.servers, self.proxies = {}, {}
        self.ask = self.webcache = None
        self.handles = 0

    def __enter__(self):
        self.folder = paths.TestFolder()
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        lines = []
        for kind in self.kinds:
            server = self.servers[kind] = server_of(kind, self.folder, self.users)
            server.start()
            self.proxies[kind] = HideProxy(server.imap_port)
            lines.append("%s.example=127.0.0.1:%d%s" % (kind, self.proxies[kind].port, server.brackets))
        self.webcache = Webcache(self.folder, imap_servers=", ".join(lines), **self.settings).start()
        self.ask = Asker(self.webcache, self.folder)

    def __exit__(self, *_):
        for part in [self.ask, self.webcache, *self.proxies.values()]:
            if part is not None:
                part.close()
        for server in self.servers.values():
            server.stop()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 40)

    def log_in(self, store, user, hide=()):
        """A session whose connection sees less than there is. Gives its handle."""
        proxy = self.proxies[store]
        proxy.hide(*hide)
        proxy.forget()
        self.handles += 1
        handle = "h%d" % self.handles
        equal(self.ask.let_in(handle, user, store + ".example")["address"], "%s@%s.example" % (user, store))
        return handle


def truth(server, user, folder="INBOX"):
    """What the server says, asked independently: [(uid, flags, subject)], newest first."""
    return [(mail.uid, sum(bit for name, bit in BITS.items() if name in mail.flags), mail.subject)
            for mail in sorted(mails_of(server, user, folder), reverse=True,
                               key=lambda mail: (mail.arrived, mail.uid))]


def shown(world, handle, folder="INBOX"):
    """The same from all pages of the webcache, and whether it knows all of the folder."""
    rows, pages, number = [], 1, 1
    complete = True
    while number <= pages:
        page = world.ask.page(handle, folder, number)
        if "rows" not in page:
            raise AssertionError("no page: %r" % page)
        pages, number = page["pages"], number + 1
        complete = complete and page["indexed"] == page["total"]
        rows += [(row["uid"], row["flags"] & 31, row["subject"]) for row in page["rows"]]
    return rows, complete


def same(world, store, user, handle, folder="INBOX", seconds=30, refresh=False):
    """Until every page is what the server says: by itself, or (refresh) at once by 'Check mail'."""
    if refresh:
        world.ask.page(handle, folder, 1, 50, "refresh")
    wanted = truth(world.servers[store], user, folder)
    end = time.monotonic() + seconds
    while True:
        got, complete = shown(world, handle, folder)
        if got == wanted and complete:
            return
        if time.monotonic() > end:
            differ = [(a, b) for a, b in zip(got, wanted) if a != b][:5]
            raise AssertionError("%d rows for %d; complete %s; %r; commands %r" % (
                len(got), len(wanted), complete, differ, world.proxies[store].commands()[-12:]))
        time.sleep(0.1)


def same_orders(world, store, user, handle, folder):
    """Every page of every order, both ways, is that of the server's messages, sorted here."""
    right = Right(mails_of(world.servers[store], user, folder))
    for key in KEYS:
        for descending in (False, True):
            got = [row["uid"] for page in pages_of(world.ask, handle, folder, 50, *words(key, descending))
                   for row in page["rows"]]
            equal(got, right.order(key, descending), "%s by %s %s" % (folder, key, descending))


def fill(server, user, folder, count):
    """Appends so many messages at once; a third of them is unread."""
    if folder != "INBOX":
        server.create(user, folder)
    client = server.client(user)
    client.create(quoted(server.named("Filled")))
    client.logout()
    deliver_many(server, user, "Filled", (
        message(subject="%s %d" % (folder, n), message_id="<%d@fill>" % n, sender="Writer %d <w@example.org>" % (n * 7 % 11),
                text="Words %d.%s" % (n, "." * (n % 5))) for n in range(count)))
    client = server.client(user)
    check(client.select(quoted(server.named("Filled"))))
    check(client.copy("1:*", quoted(server.named(folder))))
    client.logout()
    client = server.client(user)
    check(client.delete(quoted(server.named("Filled"))))
    client.logout()


def change(server, user, folder, generator, times):
    """Another client: appends, flags and expunges at random."""
    client = server.client(user)
    check(client.select(quoted(server.named(folder))))
    for _ in range(times):
        uids = check(client.uid("SEARCH", "ALL"))[0].split()
        what = generator.randrange(4)
        if what == 0 or len(uids) < 10:
            text = message(subject="new %d" % generator.randrange(10 ** 6)).replace("\n", "\r\n").encode()
            check(client.append(quoted(server.named(folder)), None, None, text))
        elif what == 3:
            gone = b",".join(generator.sample(uids, min(len(uids), generator.choice((1, 2, 7)))))
            check(client.uid("STORE", gone.decode(), "+FLAGS.SILENT", "(\\Deleted)"))
            check(client.expunge())
        else:
            some = b",".join(generator.sample(uids, min(len(uids), generator.choice((1, 3)))))
            check(client.uid("STORE", some.decode(), generator.choice("+-") + "FLAGS",
                             "(%s)" % generator.choice(("\\Seen", "\\Flagged", "\\Answered"))))
    client.logout()


def round_of(world, store, user, hide):
    """One server path from log-in to a page after each kind of change."""
    server, proxy = world.servers[store], world.proxies[store]
    fill(server, user, "INBOX", 70)
    fill(server, user, "Work", 120)
    handle = world.log_in(store, user, hide)
    folders = world.ask.until(lambda answer: {("INBOX", 70), ("Work", 120)} <= {
        (f["address"], f["total"]) for f in answer.get("folders", ())}, "folders", handle)
    equal([f["role"] for f in folders["folders"][:3]], ["Inbox", "Drafts", "Sent"])
    same(world, store, user, handle)
    same(world, store, user, handle, "Work")
    same_orders(world, store, user, handle, "Work")
    shows = world.ask.until(lambda page: "rows" in page and page["rows"][0]["snippet"], "folder", handle, "Work", 1, 50)
    top = shows["rows"][0]
    contains(top["snippet"], "Words ")
    opened = world.ask("message", handle, "Work", top["uid"], 50)
    equal(opened["flags"] & SEEN, SEEN)
    part = world.ask("part", handle, "Work", top["uid"], 0, "1", 0)
    contains(bytes.fromhex(part["begins"]), b"Words ")
    generator = random.Random("%s %s" % (store, hide))
    live = "IDLE" not in hide
    change(server, user, "Work", generator, 3)
    same(world, store, user, handle, "Work", refresh=not live)
    uids = [row[0] for row in truth(server, user, "Work")]
    server.flag(user, "Work", [uids[-2]], "+FLAGS", "\\Flagged")  # the number stays, an old one changed
    same(world, store, user, handle, "Work", refresh=not live)
    server.expunge(user, "Work", "%d,%d" % (uids[0], uids[50]))
    same(world, store, user, handle, "Work", refresh=not live)
    same_orders(world, store, user, handle, "Work")
    change(server, user, "INBOX", generator, 4)  # which is not looked at
    world.ask.page(handle)
    same(world, store, user, handle, "INBOX", refresh=not live)
    same_orders(world, store, user, handle, "INBOX")
    for _ in range(6 if SOAK else 0):
        change(server, user, "INBOX", generator, 8)
        same(world, store, user, handle, "INBOX", refresh=not live)
        same_orders(world, store, user, handle, "INBOX")
    equal(proxy.used(), [], "what is hidden was used")
    reads, commands = proxy.pieces()
    ok(reads <= commands, why="%d writes for %d commands" % (reads, commands))
    world.ask("logout", handle)
