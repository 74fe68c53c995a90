#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way in which the webcache follows a mail server: Dovecot on Maildir, sdbox and mbox, with all its
extensions and with each of them hidden, one by one and all together (hideproxy.py). Log-in, folders,
pages, messages; then another client appends, flags and expunges, and each page is what the server says.
And what each way costs: the commands that were sent are counted.

ALPHAMAIL_SOAK=1 runs the whole matrix, with random changes; else each store and each hiding once."""
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from asker import FLAGGED, SEEN, Asker, deliver_many  # noqa: E402
from hideproxy import HideProxy  # noqa: E402
from imapd import Dovecot, check, message, quoted  # noqa: E402
from orders import KEYS, Right, words  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, contains, equal, main, ok  # noqa: E402
from webcache import Webcache  # noqa: E402
from world import pages_of  # noqa: E402
from world import truth as mails_of  # noqa: E402

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
STORES = ("maildir", "sdbox", "mbox")
HIDDEN = ("CONDSTORE", "QRESYNC", "SORT", "IDLE", "LIST-STATUS", "SPECIAL-USE", "PREVIEW")
ALL = HIDDEN + ("ENABLE",)
BITS = {"\\Seen": SEEN, "\\Answered": 2, "\\Flagged": FLAGGED, "\\Deleted": 8, "\\Draft": 16}
MANY = 1300


class World:
    """One Dovecot a store behind one proxy each, one webcache that knows them as three domains."""

    def __enter__(self):
        self.folder = paths.TestFolder()
        self.dovecots, self.proxies, servers = {}, {}, []
        for store in STORES:
            dovecot = Dovecot(self.folder, name=store, storage=store, ssl="no", failure_delay="0 secs")
            for user in ["u%d" % n for n in range(20)] + ["live", "cost", "plain", "idle"]:
                dovecot.add_user(user, "demo")
            self.dovecots[store] = dovecot.start()
            self.proxies[store] = HideProxy(dovecot.imap_port)
            servers.append("%s.example=127.0.0.1:%d[/]" % (store, self.proxies[store].port))
        self.webcache = Webcache(self.folder, imap_servers=", ".join(servers), idle_renew="2s",
                                 connection_idle="3s").start()
        self.ask = Asker(self.webcache, self.folder)
        self.handles = 0
        return self

    def __exit__(self, *_):
        self.ask.close()
        self.webcache.close()
        for store in STORES:
            self.proxies[store].close()
            self.dovecots[store].stop()
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
        equal(self.ask.log_in(handle, user, domain=store + ".example").get("address"), "%s@%s.example" % (user, store))
        return handle


def truth(dovecot, user, folder="INBOX"):
    """What the server says, asked independently: [(uid, flags, subject)], newest first."""
    return [(mail.uid, sum(bit for name, bit in BITS.items() if name in mail.flags), mail.subject)
            for mail in sorted(mails_of(dovecot, user, folder), reverse=True,
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


def same(world, store, user, handle, folder="INBOX", seconds=12, refresh=False):
    """Until every page is what the server says: by itself, or (refresh) at once by 'Check mail'."""
    if refresh:
        world.ask.page(handle, folder, 1, 50, "refresh")
    wanted = truth(world.dovecots[store], user, folder)
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
    right = Right(mails_of(world.dovecots[store], user, folder))
    for key in KEYS:
        for descending in (False, True):
            got = [row["uid"] for page in pages_of(world.ask, handle, folder, 50, *words(key, descending))
                   for row in page["rows"]]
            equal(got, right.order(key, descending), "%s by %s %s" % (folder, key, descending))


def fill(dovecot, user, folder, count):
    """Appends so many messages at once; a third of them is unread."""
    if folder != "INBOX":
        dovecot.create(user, folder)
    client = dovecot.client(user)
    client.create(quoted("Filled"))
    client.logout()
    deliver_many(dovecot, user, "Filled", (
        message(subject="%s %d" % (folder, n), message_id="<%d@fill>" % n, sender="Writer %d <w@example.org>" % (n * 7 % 11),
                text="Words %d.%s" % (n, "." * (n % 5))) for n in range(count)))
    client = dovecot.client(user)
    check(client.select("Filled"))
    check(client.copy("1:*", quoted(folder)))
    client.logout()
    client = dovecot.client(user)
    check(client.delete("Filled"))
    client.logout()


def change(dovecot, user, folder, generator, times):
    """Another client: appends, flags and expunges at random."""
    client = dovecot.client(user)
    check(client.select(quoted(folder)))
    for _ in range(times):
        uids = check(client.uid("SEARCH", "ALL"))[0].split()
        what = generator.randrange(4)
        if what == 0 or len(uids) < 10:
            text = message(subject="new %d" % generator.randrange(10 ** 6)).replace("\n", "\r\n").encode()
            check(client.append(quoted(folder), None, None, text))
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
    dovecot, proxy = world.dovecots[store], world.proxies[store]
    fill(dovecot, user, "INBOX", 70)
    fill(dovecot, user, "Work", 120)
    handle = world.log_in(store, user, hide)
    folders = world.ask.until(lambda answer: {("INBOX", 70), ("Work", 120)} <= {
        (f["address"], f["total"]) for f in answer["folders"]}, "folders", handle)
    equal([f["role"] for f in folders["folders"][:3]], ["Inbox", "Drafts", "Sent"])
    same(world, store, user, handle)
    same(world, store, user, handle, "Work")
    same_orders(world, store, user, handle, "Work")
    top = world.ask.until(lambda page: page["rows"][0]["snippet"], "folder", handle, "Work", 1, 50)["rows"][0]
    contains(top["snippet"], "Words ")
    opened = world.ask("message", handle, "Work", top["uid"], 50)
    equal(opened["flags"] & SEEN, SEEN)
    part = world.ask("part", handle, "Work", top["uid"], 0, "1", 0)
    contains(bytes.fromhex(part["begins"]), b"Words ")
    generator = random.Random("%s %s" % (store, hide))
    live = "IDLE" not in hide
    change(dovecot, user, "Work", generator, 3)
    same(world, store, user, handle, "Work", refresh=not live)
    uids = [row[0] for row in truth(dovecot, user, "Work")]
    dovecot.flag(user, "Work", [uids[-2]], "+FLAGS", "\\Flagged")  # the number stays, an old one changed
    same(world, store, user, handle, "Work", refresh=not live)
    dovecot.expunge(user, "Work", "%d,%d" % (uids[0], uids[50]))
    same(world, store, user, handle, "Work", refresh=not live)
    same_orders(world, store, user, handle, "Work")
    change(dovecot, user, "INBOX", generator, 4)  # which is not looked at
    world.ask.page(handle)
    same(world, store, user, handle, "INBOX", refresh=not live)
    same_orders(world, store, user, handle, "INBOX")
    for _ in range(6 if SOAK else 0):
        change(dovecot, user, "INBOX", generator, 8)
        same(world, store, user, handle, "INBOX", refresh=not live)
        same_orders(world, store, user, handle, "INBOX")
    equal(proxy.used(), [], "what is hidden was used")
    world.ask("logout", handle)


def paths_of(store):
    if SOAK:
        return [()] + [(name,) for name in ALL] + [ALL]
    return {"maildir": [(), ALL, ("CONDSTORE",)], "sdbox": [("QRESYNC",), ("IDLE",), ("SORT", "PREVIEW")],
            "mbox": [(), ("LIST-STATUS",), ("SPECIAL-USE",)]}[store]


for one_store in STORES:
    for nth, one_hide in enumerate(paths_of(one_store)):
        @case("%s without %s: every page is what the server says, before and after each change"
              % (one_store, ", ".join(one_hide) if len(one_hide) < 5 else "any of its extensions" if one_hide else "nothing hidden"))
        def _(world, store=one_store, user="u%d" % nth, hide=one_hide):
            round_of(world, store, user, hide)


def commands_of(world, store, question, quiet=0.8):
    """What the server was asked for by a question, and behind it until all is quiet."""
    proxy = world.proxies[store]
    proxy.forget()
    answer = question()
    time.sleep(quiet)
    return answer, proxy.commands()


@case("another client's change is on the next page, without any question of ours but to fetch what is new")
def _(w):
    store, user = "sdbox", "live"
    dovecot = w.dovecots[store]
    fill(dovecot, user, "INBOX", 60)
    handle = w.log_in(store, user)
    page = w.ask.until(lambda page: page["indexed"] == 60, "folder", handle, "INBOX", 1, 50)
    end = time.monotonic() + 5
    while "IDLE" not in w.proxies[store].commands():
        ok(time.monotonic() < end, why="no IDLE")
        time.sleep(0.05)
    uids = [row["uid"] for row in page["rows"]]

    def flagged():
        dovecot.flag(user, "INBOX", [uids[3]], "+FLAGS", "\\Flagged")
        return w.ask.until(lambda page: page["rows"][3]["flags"] & FLAGGED, "folder", handle, "INBOX", 1, 50, seconds=5)
    equal([words for words in commands_of(w, store, flagged)[1] if words != "IDLE"], [])

    def expunged():
        dovecot.expunge(user, "INBOX", str(uids[5]))
        return w.ask.until(lambda page: page["total"] == 59, "folder", handle, "INBOX", 1, 50, seconds=5)
    # The row that moves up to the page may lack its snippet.
    equal([words for words in commands_of(w, store, expunged)[1] if words != "IDLE" and "PREVIEW" not in words], [])

    def arrived():
        dovecot.deliver(user, "INBOX", [message(subject="Fresh")])
        return w.ask.until(lambda page: page["rows"][0]["subject"] == "Fresh", "folder", handle, "INBOX", 1, 50, seconds=5)
    sent = [words for words in commands_of(w, store, arrived)[1] if words != "IDLE"]
    equal([" ".join(words.split()[:2]) for words in sent if "PREVIEW" not in words], ["UID FETCH"], sent)


@case("a command is one write, and one that ends IDLE leaves with its DONE in one")
def _(w):
    proxy, handle = w.proxies["sdbox"], "h%d" % w.handles
    proxy.forget()
    for _ in range(4):
        uid = w.ask.page(handle, "INBOX", 1, 50, "refresh")["rows"][7]["uid"]
        w.ask("message", handle, "INBOX", uid, 50, "peek")
        w.ask("part", handle, "INBOX", uid, 0, "1", 0)
        time.sleep(0.4)  # time to idle
    reads, commands = proxy.pieces()
    ok(commands > 10 and "IDLE" in proxy.commands())
    ok(reads <= commands, why="%d writes for %d commands" % (reads, commands))


@case("IDLE is begun anew in time, and a page that is followed costs no command")
def _(w):
    handle = "h%d" % w.handles
    w.ask.page(handle)
    time.sleep(0.6)
    _, sent = commands_of(w, "sdbox", lambda: [w.ask.page(handle) for _ in range(50)], quiet=2.4)
    equal(set(sent), {"IDLE"}, "idle_renew is 2 s")


@case("catching up behind another folder costs one command with QRESYNC; else what is gone is found by places")
def _(w):
    store, user = "sdbox", "cost"
    dovecot = w.dovecots[store]
    fill(dovecot, user, "INBOX", MANY)
    fill(dovecot, user, "Other", 5)
    for hide, wanted in (
            ((), ["SELECT INBOX (QRESYNC"]),
            (("QRESYNC",), ["SELECT INBOX (CONDSTORE)", "UID FETCH 1:4294967295 (UID FLAGS) (CHANGEDSINCE ",
                            "FETCH 100,200,", "UID FETCH ", "UID FETCH "]),
            (("CONDSTORE",), ["SELECT INBOX", "FETCH 100,200,", "UID FETCH ", "UID FETCH ", "UID FETCH "])):
        handle = w.log_in(store, user, hide)
        same(w, store, user, handle)
        w.ask.page(handle, "Other")
        uid = w.ask.page(handle, "Other")["rows"][0]["uid"]
        w.ask("message", handle, "Other", uid, 50, "peek")
        time.sleep(1)
        uids = [row[0] for row in truth(dovecot, user)]
        dovecot.flag(user, "INBOX", uids[10:12], "+FLAGS", "\\Answered")
        dovecot.expunge(user, "INBOX", "%d,%d" % (uids[20], uids[900]))
        w.proxies[store].forget()
        same(w, store, user, handle)
        sent = [words for words in w.proxies[store].commands() if words != "IDLE" and "PREVIEW" not in words]
        if "CONDSTORE" in hide:  # the flags of old messages are compared behind
            sent = sent[:len(wanted)]
        ok(len(sent) == len(wanted) and all(words.startswith(head) for words, head in zip(sent, wanted)),
           why="%r: %r" % (hide, sent))
        equal(w.proxies[store].used(), [])
        w.ask("logout", handle)


@case("without CONDSTORE what is gone from a large folder is found by a few places of it, not by all")
def _(w):
    store, user = "sdbox", "cost"
    dovecot, hide = w.dovecots[store], ALL
    handle = w.log_in(store, user, hide)
    same(w, store, user, handle)
    w.ask("message", handle, "Other", w.ask.page(handle, "Other")["rows"][0]["uid"], 50, "peek")
    uids = [row[0] for row in truth(dovecot, user)]
    dovecot.expunge(user, "INBOX", str(uids[700]))
    proxy = w.proxies[store]
    proxy.forget()
    w.ask("message", handle, "INBOX", uids[3], 50, "peek")   # which tells that there is one less
    same(w, store, user, handle)
    sent = proxy.commands()
    ok(not any(words.startswith("UID FETCH 1:4294967295") for words in sent), why="%r" % sent)
    ok(any(words.startswith("FETCH ") and words.endswith("(UID)") for words in sent), why="%r" % sent)
    equal(proxy.used(), [])
    w.ask("logout", handle)


@case("an old message whose flags alone changed is found on a server that tells nothing")
def _(w):
    store, user = "maildir", "plain"
    dovecot = w.dovecots[store]
    fill(dovecot, user, "INBOX", MANY)
    fill(dovecot, user, "Other", 3)
    handle = w.log_in(store, user, ALL)
    same(w, store, user, handle)
    uids = [row[0] for row in truth(dovecot, user)]
    dovecot.flag(user, "INBOX", [uids[-1], uids[600]], "+FLAGS", "\\Flagged")
    same(w, store, user, handle, refresh=True, seconds=3)
    equal(w.proxies[store].used(), [])
    w.ask("logout", handle)


@case("folders are shown before they are counted, and counted behind, where the list has no counts")
def _(w):
    store, user = "maildir", "idle"
    dovecot = w.dovecots[store]
    dovecot.create(user, *("F%02d" % n for n in range(30)))
    dovecot.deliver(user, "F29", [message(), message()])
    handle = w.log_in(store, user, ("LIST-STATUS",))
    w.ask.until(lambda answer: {f["address"]: f["total"] for f in answer["folders"]}.get("F29") == 2, "folders", handle)
    end = time.monotonic() + 10
    while len([words for words in w.proxies[store].commands() if words.startswith("STATUS")]) < 30:
        ok(time.monotonic() < end, why="%r" % w.proxies[store].commands())
        time.sleep(0.1)
    sent = w.proxies[store].commands()
    first = next(n for n, words in enumerate(sent) if words.startswith("STATUS"))
    ok(any(words.startswith("FETCH") or words.startswith("UID FETCH") or words.startswith("SELECT") for words in sent[:first]),
       why="the page came behind the counts: %r" % sent[:8])
    equal(w.proxies[store].used(), [])


@case("a connection that nobody uses is closed, and opened again unnoticed")
def _(w):
    store, user = "maildir", "idle"
    handle = "h%d" % w.handles
    proxy = w.proxies[store]
    key, sealed = w.ask.seal(user, "demo", domain="maildir.example")
    w.ask.page(handle)
    end = time.monotonic() + 20
    while proxy.connections():
        ok(time.monotonic() < end, why="still connected")
        time.sleep(0.2)
    equal(w.ask.page(handle)["total"], 0, "what is known needs no connection")
    equal(w.ask.page(handle, "F29")["error"], "kNeedCredentials")
    equal(w.ask.resume(handle, user, (key, sealed), domain="maildir.example"), {"done": True})
    equal(w.ask.page(handle, "F29")["total"], 2)


main(World)
