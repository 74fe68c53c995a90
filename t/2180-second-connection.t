#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""While a large folder is read, a second connection reads it, and whoever opens a message waits for none
of its windows. Where the mail server lets nobody in twice, all goes over the one."""
import base64
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from asker import Asker, deliver_many  # noqa: E402
from hideproxy import HideProxy  # noqa: E402
from imapd import Dovecot, check, message, quoted  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402
from webcache import Webcache, found_in_memory  # noqa: E402

MANY = 20000
CANARY = "kanari-Vogel-7291"
READERS = ("ann", "amy", "abe")


class World:
    def __enter__(self):
        self.folder = paths.TestFolder()
        self.dovecot = Dovecot(self.folder, ssl="no", failure_delay="0 secs", storage="sdbox")
        self.user = ""    # whose folder Large is looked at
        for user, password in (*((reader, "demo") for reader in READERS), ("bob", CANARY), ("one", "demo")):
            self.dovecot.add_user(user, password)
        self.dovecot.start()
        fill(self.dovecot, "bob", "INBOX", 4000)
        fill(self.dovecot, "one", "Large", 4000)
        self.proxy = HideProxy(self.dovecot.imap_port)
        self.webcache = Webcache(self.folder, imap_servers="example.edu=127.0.0.1:%d[/]" % self.proxy.port).start()
        self.ask = Asker(self.webcache, self.folder)
        return self

    def __exit__(self, *_):
        self.proxy.release()
        self.ask.close()
        self.webcache.close()
        self.proxy.close()
        self.dovecot.stop()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 20)

    def status(self):
        return self.ask("status")


def fill(dovecot, user, folder, count):
    """So many messages, most of them copies."""
    if folder != "INBOX":
        dovecot.create(user, folder)
    client = dovecot.client(user)
    client.create("Filled")
    first = min(count, 1000)
    deliver_many(dovecot, user, "Filled", (message(subject="%s %d" % (folder, n), message_id="<%d@fill>" % n,
                                                   text="Words %d." % n) for n in range(first)))
    check(client.select("Filled"))
    for _ in range(count // first):
        check(client.copy("1:*", quoted(folder)))
    client.unselect()
    check(client.delete("Filled"))
    client.logout()


def wait_until(true, seconds=30):
    end = time.monotonic() + seconds
    while not true():
        ok(time.monotonic() < end, why="waited for too long")
        time.sleep(0.02)


@case("the first page of a large folder has the password brought once, and the second connection reads the rest")
def _(w):
    # A first page that takes more than a second is under way, and the wish for the password is lost: another user then.
    for w.user in READERS:
        fill(w.dovecot, w.user, "Large", MANY)
        fill(w.dovecot, w.user, "INBOX", 3)
        w.ask.log_in(w.user, w.user)
        wait_until(lambda: w.status()["jobs_running"] == 0)
        before = w.status()
        w.ask.brings = w.ask.patient = False
        w.proxy.hold(r"^FETCH \d+:1\d{4} \(UID FLAGS")     # a window; the first page is not one
        answer = w.ask.page(w.user, "Large")
        w.ask.brings = w.ask.patient = True
        if answer.get("error") != "kUnderWay":
            break
        w.proxy.release()
        w.ask("logout", w.user)
        wait_until(lambda: w.proxy.connections() == 0)
    equal((answer["error"], answer["detail"]), ("kNeedCredentials", "for a second connection"))
    equal(w.ask.resume(w.user, w.user, w.ask.seal(w.user, "demo")), {"done": True})
    page = w.ask.page(w.user, "Large")
    equal((page["total"], len(page["rows"])), (MANY, 50))
    wait_until(lambda: w.proxy.held())
    status = w.status()
    equal(status["second_connections"] - before["second_connections"], 1)
    equal(status["credentials_wanted"] - before["credentials_wanted"], 1)
    equal(w.proxy.connections(), 2)


@case("a message opened while a window is on its way is there before the window is")
def _(w):
    for row in range(0, 50, 10):
        page = w.ask.page(w.user, "Large")
        opened = w.ask("message", w.user, "Large", page["rows"][row]["uid"], 50)
        equal(opened.get("uid"), page["rows"][row]["uid"], repr(opened)[:300])
        part = w.ask("part", w.user, "Large", opened["uid"], 0, "1", 0)
        contains(bytes.fromhex(part["begins"]), b"Words")
        equal(len(w.proxy.held()), 1, "the window is still held")
    equal(len(w.ask.page(w.user, "INBOX")["rows"]), 3, "another folder")
    equal(len(w.proxy.held()), 1)
    ok(page["indexed"] < MANY)


@case("what another client does meanwhile is in the index at its end, and so is every message")
def _(w):
    uids = [row["uid"] for row in w.ask.page(w.user, "Large")["rows"]]
    w.dovecot.expunge(w.user, "Large", "%d,%d,%d" % (uids[3], uids[0] - 8000, uids[0] - 19000))
    w.dovecot.deliver(w.user, "Large", [message(subject="Fresh")])
    w.proxy.release()
    w.ask.until(lambda page: "rows" in page and page["indexed"] == page["total"], "folder", w.user, "Large", 1, 50,
                seconds=90)
    w.ask.page(w.user, "Large", 1, 50, "refresh")
    page = w.ask.page(w.user, "Large")
    equal((page["total"], page["rows"][0]["subject"]), (MANY - 2, "Fresh"))
    known = []
    for number in range(1, (page["total"] + 199) // 200 + 1):
        known += [row["uid"] for row in w.ask.page(w.user, "Large", number, 200)["rows"]]
    client = w.dovecot.client(w.user)
    check(client.select("Large", readonly=True))
    wanted = [int(uid) for uid in check(client.uid("SEARCH", "ALL"))[0].split()]
    client.logout()
    equal(sorted(known), wanted)


@case("it is closed when there is nothing left to read, and nothing was kept back")
def _(w):
    w.ask.until(lambda status: status["connections"] == 1, "status")
    wait_until(lambda: w.proxy.connections() == 1)
    bytes_before = w.status()["control_bytes"]
    for _ in range(50):
        w.ask.page(w.user, "Large", 7)
    equal(w.status()["control_bytes"], bytes_before, "a page from memory brings nothing")


@case("a large INBOX is read over a second connection from log-in on; the password is kept nowhere")
def _(w):
    before = w.status()
    w.proxy.hold(r"^FETCH \d+:3\d{3} \(UID FLAGS")
    equal(w.ask.log_in("bob", "bob", CANARY)["address"], "bob@example.edu")
    wait_until(lambda: w.proxy.held())
    equal(w.status()["second_connections"] - before["second_connections"], 1)
    equal(w.status()["credentials_wanted"], before["credentials_wanted"])
    page = w.ask.page("bob")
    uid = page["rows"][5]["uid"]
    equal(w.ask("message", "bob", "INBOX", uid, 50)["uid"], uid)
    equal(len(w.proxy.held()), 1)
    with open(w.webcache.program, "rb") as program:
        data = program.read()
    if b"__tsan_init" not in data and b"__asan_init" not in data:
        for secret in (CANARY, base64.b64encode(b"\0bob\0" + CANARY.encode()).decode().rstrip("=")):
            wait_until(lambda: found_in_memory(w.webcache.pid, secret.encode()) == [])
    w.proxy.release()
    w.ask.until(lambda page: page.get("indexed") == 4000, "folder", "bob", "INBOX", 1, 50)
    with open(w.webcache.log, encoding="utf-8") as log:
        lacks(log.read(), CANARY)


@case("a second connection that breaks costs nothing: the first one goes on")
def _(w):
    w.ask("logout", w.user)
    w.ask("logout", "bob")
    wait_until(lambda: w.proxy.connections() == 0)
    fill(w.dovecot, "bob", "Other", 5000)
    w.ask.log_in("bob", "bob", CANARY)
    w.proxy.hold(r"^FETCH \d+:4\d{3} \(UID FLAGS")
    page = w.ask.page("bob", "Other")
    equal(page["total"], 5000)
    wait_until(lambda: w.proxy.held())
    w.proxy.cut_last()
    w.proxy.release()
    w.ask.until(lambda page: page.get("indexed") == 5000, "folder", "bob", "Other", 1, 50)


@case("a server that lets a user in once: the folder is read over the one connection")
def _(w):
    w.proxy.most = 1
    try:
        w.ask("logout", "bob")
        wait_until(lambda: w.proxy.connections() == 0)
        before = w.status()
        w.ask.log_in("one", "one")
        equal(w.ask.page("one", "Large")["total"], 4000)
        w.ask.until(lambda page: page.get("indexed") == 4000, "folder", "one", "Large", 1, 50)
        equal(w.status()["second_connections"], before["second_connections"])
        page = w.ask.page("one", "Large", 80)
        equal(len(page["rows"]), 50)
        wait_until(lambda: "AM0235" in tail(w.webcache.log, 20))
        ok("uid" in w.ask("message", "one", "Large", page["rows"][3]["uid"], 50))
    finally:
        w.proxy.most = None


main(World)
