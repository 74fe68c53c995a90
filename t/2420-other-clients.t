#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other clients and administrators do to a mailbox behind the back of a webcache: messages expunged in
the middle of anything, folders renamed, deleted and made anew, fewer messages than before, folders that can
only be read, rights that are missing. The next answer is right, or says why not."""
import imaplib
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import acl  # noqa: E402
import paths  # noqa: E402
from asker import Asker, deliver_many  # noqa: E402
from badproxy import BadImap  # noqa: E402
from hideproxy import HideProxy  # noqa: E402
from imapd import Dovecot, check, message, quoted  # noqa: E402
from meanwhile import until  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, contains, equal, main, ok  # noqa: E402
from webcache import Webcache  # noqa: E402

USERS = ["u%02d" % n for n in range(24)]


CHUNK = 1000          # messages of one question, and of its command
ROOM = 3 * CHUNK + 50   # messages that a user may have
QUOTA = """mail_plugins = $mail_plugins quota
plugin {
  quota = count:User quota
  quota_rule = *:storage=1G:messages=%d
  quota_vsizes = yes
}
""" % ROOM


class World:
    def __enter__(self):
        self.folder = paths.TestFolder()
        rights = acl.plugin(self.folder, "Fixed owner lr", "NoDelete owner lrwsi", "NoInsert owner lrwst",
                            "Hidden owner l")
        self.dovecot = Dovecot(self.folder, ssl="no", failure_delay="0 secs", extra=rights + QUOTA)
        for user in USERS:
            self.dovecot.add_user(user, "demo")
        self.dovecot.start()
        self.proxy = HideProxy(self.dovecot.imap_port)
        self.bad = BadImap(self.dovecot.imap_port, str(self.folder))
        self.webcache = Webcache(
            self.folder, command_timeout="5s", imap_plain_allowed="example.edu, bad.edu",
            imap_servers="example.edu=127.0.0.1:%d[/], bad.edu=127.0.0.1:%d[/]" % (
                self.proxy.port, self.bad.port)).start()
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

    def user(self, count=5, folders=(), domain="example.edu"):
        user = next(self.free)
        if folders:
            self.dovecot.create(user, *folders)
        deliver_many(self.dovecot, user, "INBOX", (message(subject="m%d" % n) for n in range(count)))
        self.ask.until(lambda got: "address" in got, "login", user, user, domain, "192.0.2.1", "demo")
        self.ask.until(lambda got: got.get("indexed") == count, "folder", user, "INBOX", 1, 50)
        return user

    def subjects(self, user, folder="INBOX", *more):
        page = self.ask("folder", user, folder, 1, 200, *more)
        if "rows" not in page:
            raise AssertionError("no page: %.500r" % page)
        return [row["subject"] for row in page["rows"]]

    def act(self, user, what, page, subjects, target="-", folder="INBOX"):
        marked = ["%d:%d" % (row["uid"], row["identity"]) for row in page["rows"] if row["subject"] in subjects]
        return self.ask.ended(user, self.ask("act", user, folder, page["uid_validity"], what, target, 0, *marked))

    def command(self, user, *words):
        """By another client; gives its status."""
        client = self.dovecot.client(user)
        try:
            return getattr(client, words[0])(*words[1:])[0]
        finally:
            client.logout()


def numbers(report):
    return {name: report[name] for name in ("done", "gone", "others", "failed") if report[name]}


@case("messages expunged while a page, a message, a part and a check are being read: each answer is right")
def _(w):
    user = w.user(12)
    page = w.ask("folder", user, "INBOX", 1, 50)
    rows = page["rows"]
    victims = [row["uid"] for row in rows[:4]]
    for uid, words in zip(victims, (("message", user, "INBOX", victims[0], 50),
                                    ("part", user, "INBOX", victims[1], 0, "1", 0),
                                    ("folder", user, "INBOX", 1, 50, "refresh"),
                                    ("message", user, "INBOX", rows[5]["uid"], 50))):
        w.proxy.hold(r"FETCH|NOOP|SELECT")
        w.ask.send(*words)
        time.sleep(0.1)
        w.dovecot.expunge(user, "INBOX", [uid])
        w.proxy.release()
        answer = w.ask.receive()
        if words[0] == "message" and words[3] == uid or words[0] == "part":
            # The server may have it still for who was reading.
            ok(answer.get("error") == "kNotFound" or answer.get("uid") == uid or "begins" in answer, why=answer)
        elif words[0] == "folder":
            ok(uid not in [row["uid"] for row in answer["rows"]], why=answer)
        else:
            equal(answer["uid"], words[3])
    left = [row["subject"] for row in rows[4:]]
    equal(w.subjects(user, "INBOX", "refresh"), left)


@case("expunged in the middle of an action: what is there is done, the rest is counted as gone")
def _(w):
    user = w.user(6, ("Kept",))
    page = w.ask("folder", user, "INBOX", 1, 50)
    gone = next(row["uid"] for row in page["rows"] if row["subject"] == "m2")
    w.proxy.hold(r"^UID (STORE|MOVE)")
    w.ask.send("act", user, "INBOX", page["uid_validity"], "Move", "Kept", 0,
               *["%d:%d" % (row["uid"], row["identity"]) for row in page["rows"]
                 if row["subject"] in ("m1", "m2", "m3")])
    end = time.monotonic() + 10
    while not w.proxy.held():
        ok(time.monotonic() < end)
        time.sleep(0.02)
    w.dovecot.expunge(user, "INBOX", [gone])
    w.proxy.release()
    report = w.ask.ended(user, w.ask.receive())
    equal(numbers(report), {"done": 2, "gone": 1})
    equal(sorted(w.subjects(user, "INBOX", "refresh")), ["m0", "m4", "m5"])
    equal(sorted(w.subjects(user, "Kept", "refresh")), ["m1", "m3"])


@case("a folder renamed by another client: the old name is not found, the new one is there with its mail")
def _(w):
    user = w.user(2, ("Before",))
    w.dovecot.deliver(user, "Before", [message(subject="inside")])
    w.ask("folder", user, "INBOX", 1, 50, "refresh")
    equal(w.subjects(user, "Before"), ["inside"])
    equal(w.command(user, "rename", "Before", "After"), "OK")
    page = w.ask("folder", user, "INBOX", 1, 50, "refresh")
    names = {folder["address"] for folder in page["folders"]}
    ok("After" in names and "Before" not in names, why=names)
    equal(w.ask("folder", user, "Before", 1, 50)["error"], "kNotFound")
    equal(w.subjects(user, "After"), ["inside"])


@case("a folder deleted by another client while it is looked at: not found, and gone from the tree")
def _(w):
    user = w.user(2, ("Doomed",))
    w.dovecot.deliver(user, "Doomed", [message(subject="inside")])
    w.ask("folder", user, "INBOX", 1, 50, "refresh")
    page = w.ask("folder", user, "Doomed", 1, 50)
    equal(len(page["rows"]), 1)
    equal(w.command(user, "delete", "Doomed"), "OK")
    report = w.act(user, "Star", page, ("inside",), folder="Doomed")
    ok(report.get("error") == "kNotFound" or report["failed"] == 1, why=report)
    equal(w.ask("folder", user, "Doomed", 1, 50, "refresh")["error"], "kNotFound")
    names = {folder["address"] for folder in w.ask("folder", user, "INBOX", 1, 50, "refresh")["folders"]}
    ok("Doomed" not in names, why=names)


@case("a folder renamed while it is selected, of which the server says so in words alone: its messages are gone, no trouble")
def _(world):
    user = world.user(folders=("Old",))
    world.dovecot.deliver(user, "Old", [message(subject="moves with it")])
    page = world.ask("folder", user, "Old", 1, 50)
    uid = page["rows"][0]["uid"]
    client = world.dovecot.client(user)
    check(client.rename("Old", "New"))
    client.logout()
    world.proxy.refuse("^UID FETCH .*BODY", "NO Mailbox does not exist")  # as Cyrus answers
    equal(world.ask("message", user, "Old", uid, 50)["error"], "kNotFound")
    world.proxy.refuse(None)
    equal(world.ask("message", user, "Old", uid, 50)["error"], "kNotFound")


@case("what comes is shown by itself also after a folder that was just looked at was renamed from here")
def _(world):
    user = world.user(folders=("Plans",))
    seen = lambda good, folder="INBOX": world.ask.until(good, "folder", user, folder, 1, 50)  # noqa: E731
    seen(lambda page: world.proxy.commands()[-1] == "IDLE")
    world.ask("folder", user, "Plans", 1, 50)
    time.sleep(0.2)
    contains(world.ask("change", user, "Rename", "Plans", "Ideas"), "folders")
    time.sleep(2.5)   # until Plans would be followed, if it were there
    seen(lambda page: page.get("total") == 5)
    world.dovecot.arrive(user, message(subject="new"))
    seen(lambda page: page.get("total") == 6)


@case("a folder made anew while it is looked at: none of the old messages, and no action on the new ones")
def _(w):
    user = w.user(1, ("Work",))
    w.dovecot.deliver(user, "Work", [message(subject="old%d" % n) for n in range(3)])
    w.ask("folder", user, "INBOX", 1, 50, "refresh")
    page = w.ask("folder", user, "Work", 1, 50)
    equal(len(page["rows"]), 3)
    w.dovecot.recreate(user, "Work")

    def takes():
        try:
            return w.dovecot.deliver(user, "Work", [message(subject="new0")])
        except imaplib.IMAP4.error:     # a busy server still has the old one in mind
            return None
    until(takes, why="the new folder takes nothing")
    w.dovecot.deliver(user, "Work", [message(subject="new%d" % n) for n in (1, 2)])
    report = w.act(user, "Star", page, ("old0", "old1", "old2"), folder="Work")
    equal(report.get("done", 0), 0)
    equal([flags & {"\\Flagged"} for flags in w.dovecot.flags(user, "Work").values()], [set()] * 3)
    equal(sorted(w.subjects(user, "Work", "refresh")), ["new0", "new1", "new2"])


@case("fewer messages than a moment ago, without a word of which: the list is the server's")
def _(w):
    user = w.user(30, domain="bad.edu")
    w.bad.set("every", 3)
    w.bad.mode("exists-odd")
    for _ in range(4):
        w.ask("folder", user, "INBOX", 1, 50, "refresh")
    w.bad.mode("pass")
    w.bad.set("every", 1)
    sealed = w.ask.seal(user, "demo", "bad.edu")

    def whole(got):
        if got.get("error") == "kNeedCredentials":
            w.ask.resume(user, user, sealed, "bad.edu")
        return got.get("total") == 30 and len(got["rows"]) == 30
    w.ask.until(whole, "folder", user, "INBOX", 1, 50, "refresh")
    w.dovecot.expunge(user, "INBOX", "1:25")
    equal(len(w.subjects(user, "INBOX", "refresh")), 5)


@case("a folder that can only be read: shown as such, marked by nothing, not changed, and the refusal is said")
def _(w):
    user = w.user(1)
    plain = w.dovecot.client(user)
    check(plain.create(quoted("Fixed")))
    plain.logout()
    w.ask("folder", user, "INBOX", 1, 50, "refresh")
    page = w.ask("folder", user, "Fixed", 1, 50)
    equal((page["read_only"], page["rows"]), (True, []))
    report = w.ask.ended(user, w.ask("act", user, "Fixed", page["uid_validity"], "Star", "-", 0, "1:1"))
    equal((report["failed"], report["code"]), (1, "kForbidden"))


@case("rights that are missing: what may not be deleted stays, where nothing may go nothing goes, and it is said")
def _(w):
    user = w.user(3, ("NoDelete", "Other"))
    client = w.dovecot.client(user)
    check(client.create(quoted("NoInsert")))
    client.logout()
    w.dovecot.deliver(user, "NoDelete", [message(subject="stays")])
    w.ask("folder", user, "INBOX", 1, 50, "refresh")
    page = w.ask("folder", user, "NoDelete", 1, 50)
    for what, target in (("Move", "Other"), ("Delete", "-")):
        report = w.act(user, what, page, ("stays",), target, "NoDelete")
        equal((report["done"], report["failed"]), (0, 1), what)
        ok(report["code"] in ("kServerSaid", "kForbidden"), why=report)
        equal(w.subjects(user, "NoDelete", "refresh"), ["stays"])
    inbox = w.ask("folder", user, "INBOX", 1, 50)
    report = w.act(user, "Move", inbox, ("m1",), "NoInsert")
    equal((report["done"], report["failed"], report["code"]), (0, 1, "kServerSaid"))
    contains(report["detail"].lower(), "permission")
    equal(sorted(w.subjects(user, "INBOX", "refresh")), ["m0", "m1", "m2"])


@case("quota full in the middle of a copy: what was done is there and counted, the rest is said in the server's words")
def _(w):
    user = w.user(2 * CHUNK, ("Kept",))
    rows = []
    for number in range(1, 11):
        page = w.ask("folder", user, "INBOX", number, 200)
        rows += page["rows"]
    equal(len(rows), 2 * CHUNK)
    report = {"id": 0}
    for some in (rows[:CHUNK], rows[CHUNK:]):
        report = w.ask.ended(user, w.ask("act", user, "INBOX", page["uid_validity"], "Copy", "Kept", report["id"],
                                         *["%d:%d" % (row["uid"], row["identity"]) for row in some]))
    equal((numbers(report), report["code"]), ({"done": CHUNK, "failed": CHUNK}, "kServerSaid"))
    contains(report["detail"].lower(), "quota")
    equal(len(w.dovecot.flags(user, "Kept")), CHUNK)
    equal(len(w.dovecot.flags(user, "INBOX")), 2 * CHUNK)
    equal(w.ask("folder", user, "Kept", 1, 50)["total"], CHUNK)


@case("Undo after others changed the same: what they undid already stays, what they removed is counted as gone")
def _(w):
    user = w.user(4, ("Kept",))
    page = w.ask("folder", user, "INBOX", 1, 50)
    report = w.act(user, "Move", page, ("m0", "m1", "m2"), "Kept")
    equal(numbers(report), {"done": 3})
    there = {row["subject"]: row["uid"] for row in w.ask("folder", user, "Kept", 1, 50)["rows"]}
    client = w.dovecot.client(user)
    check(client.select("Kept"))
    check(client.uid("MOVE", str(there["m0"]), "INBOX"))
    client.logout()
    w.dovecot.expunge(user, "Kept", [there["m1"]])
    undone = w.ask.ended(user, w.ask("undo", user, report["id"]))
    equal(numbers(undone), {"done": 1, "gone": 2})
    equal(sorted(w.subjects(user, "INBOX", "refresh")), ["m0", "m2", "m3"])
    equal(w.subjects(user, "Kept", "refresh"), [])


@case("Undo into a folder that is gone meanwhile: said, and the messages stay where they are")
def _(w):
    user = w.user(1, ("Kept", "Doomed"))
    w.dovecot.deliver(user, "Doomed", [message(subject="moved")])
    w.ask("folder", user, "INBOX", 1, 50, "refresh")
    report = w.act(user, "Move", w.ask("folder", user, "Doomed", 1, 50), ("moved",), "Kept", "Doomed")
    equal(numbers(report), {"done": 1})
    equal(w.command(user, "delete", "Doomed"), "OK")
    undone = w.ask.ended(user, w.ask("undo", user, report["id"]))
    equal((numbers(undone), undone["code"]), ({"failed": 1}, "kNotFound"))
    equal(w.subjects(user, "Kept", "refresh"), ["moved"])


main(World)
