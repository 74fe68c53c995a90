#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server that goes away, hangs, or keeps a mailbox locked, as the webcache tells it: what is known
stays readable and is marked, nothing is begun that needs the server, answers come at once, and all is as
before a few seconds after the server's return, without a stampede."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from asker import Asker  # noqa: E402
from badproxy import BadImap  # noqa: E402
from hideproxy import HideProxy  # noqa: E402
from imapd import Dovecot, message  # noqa: E402
from meanwhile import until  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, contains, equal, main, note, ok  # noqa: E402
from webcache import Webcache  # noqa: E402

USERS = ["u%02d" % n for n in range(30)]
SLACK = 3.0   # what a busy machine may add to a time
LIMIT = 20    # connections_per_server


class World:
    """example.edu straight to a Dovecot, held.edu through a proxy that holds commands back, sick.edu through
    one that hangs."""

    def __enter__(self):
        self.folder = paths.TestFolder()
        self.dovecot = Dovecot(self.folder, ssl="no", failure_delay="0 secs")
        for user in USERS:
            self.dovecot.add_user(user, "demo")
        self.dovecot.start()
        self.proxy = HideProxy(self.dovecot.imap_port)
        self.bad = BadImap(self.dovecot.imap_port, str(self.folder))
        self.webcache = Webcache(
            self.folder, command_timeout="1500ms", connect_timeout="1500ms", connections_per_server=LIMIT,
            imap_plain_allowed="example.edu, held.edu, sick.edu",
            imap_servers=", ".join("%s=127.0.0.1:%d[/]" % item for item in (
                ("example.edu", self.dovecot.imap_port), ("held.edu", self.proxy.port),
                ("sick.edu", self.bad.port)))).start()
        self.ask = Asker(self.webcache, self.folder)
        self.free = iter(USERS)
        return self

    def __exit__(self, *_):
        self.ask.close()
        self.webcache.close()
        self.proxy.close()
        self.bad.close()
        self.dovecot.stop()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 40)

    def user(self, domain="example.edu", count=3):
        """Somebody with messages in INBOX, logged in, who has looked at them. (name, page)"""
        user = next(self.free)
        self.dovecot.deliver(user, "INBOX", [message(subject="m%d" % n) for n in range(count)])
        equal(self.ask.let_in(user, user, domain)["address"], user + "@" + domain)
        return user, self.ask.until(lambda got: got.get("indexed") == count, "folder", user, "INBOX", 1, 50)

    def resume(self, user, domain="example.edu"):
        return self.ask.resume(user, user, self.ask.seal(user, "demo", domain), domain)

    def timed(self, *words):
        """What is said at first, and after how many seconds."""
        begun = time.monotonic()
        self.ask.patient = False
        answer = self.ask(*words)
        self.ask.patient = True
        return answer, time.monotonic() - begun

    def there(self, user, domain, *words):
        """Until it is shown; a command that waited for too long has ended the connection, and a browser would resume."""
        def good(answer):
            if answer.get("error") == "kNeedCredentials":
                self.resume(user, domain)
            return "rows" in answer or "uid" in answer
        return self.ask.until(good, *words)

    def away(self, user):
        """Its INBOX once it says that the server is away; a browser resumes where its connection was lost."""
        def good(page):
            if page.get("error") == "kNeedCredentials":
                self.resume(user)
            return page.get("standing") == "Away"
        return self.ask.until(good, "folder", user, "INBOX", 1, 50)

    def back(self, user, domain="example.edu", seconds=20):
        """Seconds until the server is asked again for this user, who resumes as a browser would."""
        begun = time.monotonic()
        while True:
            page = self.ask("folder", user, "INBOX", 1, 50, "refresh")
            if page.get("error") == "kNeedCredentials":
                self.resume(user, domain)
                continue
            if page.get("standing") == "Live":
                return time.monotonic() - begun
            ok(time.monotonic() - begun < seconds, why="still %.500r" % page)
            time.sleep(0.05)

    def status(self, name):
        return self.ask("status")[name]


def mark(page, subject):
    row = next(row for row in page["rows"] if row["subject"] == subject)
    return "%d:%d" % (row["uid"], row["identity"])


@case("the server goes down: pages are marked within 3 s, from memory at once; nothing is begun; back within 5 s")
def _(w):
    user, page = w.user()
    opened = w.ask("message", user, "INBOX", page["rows"][0]["uid"], 50)
    equal(opened["standing"], "Live")
    w.dovecot.create(user, "Never looked at")
    w.ask("folder", user, "INBOX", 1, 50, "refresh")
    w.dovecot.stop()
    begun = time.monotonic()
    away = w.away(user)
    ok(time.monotonic() - begun < 3 + SLACK, why="marked after %.1f s" % (time.monotonic() - begun))
    equal([row["subject"] for row in away["rows"]], [row["subject"] for row in page["rows"]])
    ok(away["checked"] > 0)
    again = w.ask("message", user, "INBOX", page["rows"][0]["uid"], 50)
    equal((again["standing"], again["uid"]), ("Away", page["rows"][0]["uid"]))
    for words in (("act", user, "INBOX", page["uid_validity"], "Star", "-", 0, mark(page, "m1")),
                  ("folder", user, "INBOX", 1, 50, "refresh"), ("folder", user, "Never looked at", 1, 50),
                  ("login", "x", next(w.free), "example.edu", "192.0.2.1", "demo")):
        answer, seconds = w.timed(*words)
        equal(answer.get("error"), "kUnreachable", repr(words))
        ok(seconds < 0.5 + SLACK, why="%.1f s for %r" % (seconds, words))
        ok(answer["retry_after"] >= 1)
    equal(w.status("servers_away"), 1)
    w.dovecot.start()
    took = w.back(user)
    note("asked again %.1f s after its return" % took)
    ok(took < 15, why="%.1f s" % took)
    equal(w.dovecot.flags(user, "INBOX")[int(mark(page, "m1").split(":")[0])] & {"\\Flagged"}, set())
    equal(w.status("servers_away"), 0)
    ok(w.status("breakers_opened") >= 1 and w.status("server_probes") >= 1)
    log = tail(w.webcache.log, 200)
    contains(log, "AM0260")
    contains(log, "AM0261")


@case("the daemon is restarted meanwhile: whoever has the account's key reads folders and mail from disk")
def _(w):
    user, page = w.user()
    uid = page["rows"][1]["uid"]
    w.ask.until(lambda got: "uid" in got, "message", user, "INBOX", uid, 50)
    kept = w.ask.keep_key(user, w.ask.seal(user, "demo"))
    stranger = w.ask.seal(user, "demo")
    other, _ = w.user()
    others = w.ask.keep_key(other, w.ask.seal(other, "demo"))
    w.ask.until(lambda got: got["indexes_saved"] >= 1, "status")
    w.webcache.stop()
    w.webcache.start()
    w.dovecot.stop()
    w.ask.close()
    w.ask = Asker(w.webcache, w.folder)
    equal(w.ask("folder", user, "INBOX", 1, 50)["error"], "kNeedCredentials")
    equal(w.ask.resume(user, user, stranger)["error"], "kUnreachable", "without the key")
    equal(w.ask.resume(user, user, (*stranger, others[2]))["error"], "kUnreachable", "with another's key")
    equal(w.ask("folder", user, "INBOX", 1, 50)["error"], "kNeedCredentials")
    equal(w.ask.resume(user, user, kept), {"done": True})
    shown = w.ask("folder", user, "INBOX", 1, 50)
    equal((shown["standing"], [row["subject"] for row in shown["rows"]]),
          ("Away", [row["subject"] for row in page["rows"]]))
    ok({"INBOX", "Trash", "Sent"} <= {folder["address"] for folder in shown["folders"]})
    equal(w.ask("message", user, "INBOX", uid, 50)["uid"], uid)
    answer = w.ask("act", user, "INBOX", page["uid_validity"], "Star", "-", 0, mark(page, "m1"))
    equal(answer["error"], "kUnreachable")
    w.dovecot.start()
    w.dovecot.deliver(user, "INBOX", [message(subject="since")])
    w.ask.known[user] = (user, "example.edu", "demo")
    w.back(user)
    shown = w.ask("folder", user, "INBOX", 1, 50)
    equal((shown["standing"], shown["rows"][0]["subject"], len(shown["rows"])), ("Live", "since", 4))


@case("what lay on disk of a folder that was made anew meanwhile is not taken for the new one")
def _(w):
    def on_disk():
        return sum(name.startswith("i-") for _, _, names in os.walk(w.webcache.settings["cache_dir"]) for name in names)
    w.webcache.stop()      # all that others have is there then
    w.webcache.start()
    before = on_disk()
    user, _ = w.user()
    w.dovecot.create(user, "Work")
    w.dovecot.deliver(user, "Work", [message(subject="old1"), message(subject="old2")])
    w.ask("folder", user, "INBOX", 1, 50, "refresh")
    w.ask.until(lambda got: got.get("indexed") == 2, "folder", user, "Work", 1, 50)
    kept = w.ask.keep_key(user, w.ask.seal(user, "demo"))
    w.webcache.server.wait_until(lambda: on_disk() >= before + 2, "have INBOX and Work on disk")
    w.webcache.stop()
    w.webcache.start()
    w.dovecot.recreate(user, "Work")
    w.dovecot.deliver(user, "Work", [message(subject="new1"), message(subject="new2")])
    w.dovecot.stop()
    w.ask.close()
    w.ask = Asker(w.webcache, w.folder)
    w.ask.until(lambda got: got == {"done": True}, "resume", user, user, "example.edu", *kept)
    equal([row["subject"] for row in w.ask("folder", user, "Work", 1, 50)["rows"]], ["old2", "old1"])
    w.dovecot.start()
    w.back(user)
    equal([row["subject"] for row in w.ask("folder", user, "Work", 1, 50)["rows"]], ["new2", "new1"])


@case("after its return users come back at a tenth of its connections a second, and pages wait for nobody")
def _(w):
    users = [w.user()[0] for _ in range(6)]
    w.dovecot.stop()
    w.away(users[0])
    before = w.status("resumes")
    begun = time.monotonic()
    w.dovecot.start()
    w.ask.until(lambda got: got["servers_away"] == 0, "status")
    let_in = []
    waiting = set(users)
    sealed = {user: w.ask.seal(user, "demo") for user in users}
    while waiting:
        for user in sorted(waiting):
            answer, seconds = w.timed("resume", user, user, "example.edu", *sealed[user])
            ok(seconds < 1 + SLACK)
            page = w.ask("folder", user, "INBOX", 1, 50)
            ok("rows" in page, why=page)
        count = w.status("resumes") - before
        seconds = time.monotonic() - begun
        let_in.append((round(seconds, 1), count))
        ok(count <= 2 + seconds * LIMIT / 10, why="let in: %r" % let_in)
        ok(seconds < 25, why="let in: %r" % let_in)
        if count >= len(users):
            break
    note("let in after the return: %r" % let_in[-1:])


@case("a connection that the server ends is not missed for long: the next page asks for another, and is right")
def _(w):
    user, _ = w.user("held.edu")
    until(lambda: w.proxy.commands()[-1] == "IDLE", why="the folder is not followed")
    w.proxy.cut()
    w.dovecot.deliver(user, "INBOX", [message(subject="Meanwhile")])
    # Not the one that is asked before the loss is known.
    w.ask.until(lambda got: got.get("error") == "kNeedCredentials", "folder", user, "INBOX", 1, 50)
    w.resume(user, "held.edu")
    equal(w.ask("folder", user, "INBOX", 1, 50)["rows"][0]["subject"], "Meanwhile")


@case("it hangs: one user finds out, the next ones are told at once; well again soon after")
def _(w):
    user, page = w.user("sick.edu")
    w.bad.ask("set kth 1")
    w.bad.ask("set stall_s 60")
    w.bad.mode("stall-greeting,swallow")
    answer, seconds = w.timed("folder", user, "INBOX", 1, 50, "refresh")
    ok(seconds < 10 + SLACK, why="%.1f s" % seconds)
    away = w.ask.until(lambda got: got.get("standing") == "Away", "folder", user, "INBOX", 1, 50)
    equal(len(away["rows"]), 3)
    answer, seconds = w.timed("login", "x", next(w.free), "sick.edu", "192.0.2.1", "demo")
    ok(answer["error"] in ("kTimeout", "kUnreachable"), why=answer)
    ok(seconds < 0.5 + SLACK, why="%.1f s" % seconds)
    w.bad.mode("pass")
    took = w.back(user, "sick.edu")
    note("asked again %.1f s after it went on" % took)
    ok(took < 15, why="%.1f s" % took)


@case("a folder that opens slowly: after a second it is said to be under way, and looking again shows it")
def _(w):
    user, page = w.user("held.edu")
    w.dovecot.create(user, "Slow")
    w.dovecot.deliver(user, "Slow", [message(subject="slow")])
    w.ask("folder", user, "INBOX", 1, 50, "refresh")
    w.proxy.hold(r"^SELECT")
    answer, seconds = w.timed("folder", user, "Slow", 1, 50)
    equal(answer["error"], "kUnderWay")
    ok(0.9 < seconds < 1 + SLACK, why="%.1f s" % seconds)
    w.proxy.release()
    shown = w.there(user, "held.edu", "folder", user, "Slow", 1, 50)
    equal([row["subject"] for row in shown["rows"]], ["slow"])
    w.proxy.hold(r"^(SELECT|NOOP|UID FETCH|FETCH|LIST|STATUS)")
    waits, seconds = w.timed("folder", user, "INBOX", 1, 50, "refresh")
    equal((waits["standing"], len(waits["rows"])), ("Waiting", 3))
    ok(seconds < 1 + SLACK, why="%.1f s" % seconds)
    w.proxy.release()
    w.back(user, "held.edu")


@case("a slow message: under way after a second, and there the next time")
def _(w):
    user, page = w.user("held.edu")
    uid = page["rows"][0]["uid"]
    w.proxy.hold(r"BODY.PEEK\[HEADER\]")
    answer, seconds = w.timed("message", user, "INBOX", uid, 50)
    equal(answer["error"], "kUnderWay")
    ok(seconds < 1 + SLACK, why="%.1f s" % seconds)
    w.proxy.release()
    equal(w.there(user, "held.edu", "message", user, "INBOX", uid, 50)["uid"], uid)


@case("a mailbox that another program has locked is said to be so, by code or by words; others are not concerned")
def _(w):
    other, _ = w.user("held.edu")
    for words in ("NO [INUSE] Mailbox is locked", "NO Mailbox is open by another process",
                  "NO Unable to lock mailbox: try again"):
        user, _ = w.user("held.edu")
        w.dovecot.create(user, "Work")
        w.ask("folder", user, "INBOX", 1, 50, "refresh")
        w.proxy.refuse(r'^SELECT "?Work', words)
        equal(w.ask("folder", user, "Work", 1, 50)["error"], "kInUse", words)
        w.proxy.refuse(r"^(SELECT|NOOP)", words)
        equal(w.ask("folder", user, "INBOX", 1, 50, "refresh")["error"], "kInUse", words)
        page = w.ask("folder", user, "INBOX", 1, 50)
        equal((page["standing"], len(page["rows"])), ("InUse", 3), words)
        w.proxy.refuse(None)
        equal(w.ask("folder", user, "Work", 1, 50)["total"], 0)
        equal(w.ask("folder", user, "INBOX", 1, 50, "refresh")["standing"], "Live")
    equal(w.ask("folder", other, "INBOX", 1, 50, "refresh")["standing"], "Live")
    equal(w.status("servers_away"), 0)


@case("and so is one whose SELECT stays silent while the server greets others")
def _(w):
    user, _ = w.user("held.edu")
    w.dovecot.create(user, "Work")
    w.ask("folder", user, "INBOX", 1, 50, "refresh")
    w.proxy.hold(r'^SELECT "?Work')
    equal(w.timed("folder", user, "Work", 1, 50)[0]["error"], "kUnderWay")

    def in_use(got):
        if got.get("error") == "kNeedCredentials":
            w.resume(user, "held.edu")
        return got.get("error") == "kInUse"
    w.ask.until(in_use, "folder", user, "Work", 1, 50)
    equal(w.status("servers_away"), 0)
    w.proxy.release()
    w.there(user, "held.edu", "folder", user, "Work", 1, 50)


main(World)
