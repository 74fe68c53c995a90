#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keywords as labels, on Dovecot: what other clients set and take away shows, whatever the server has to tell it by;
what is set here is there for them; what the server refuses is said; a restart keeps them."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import acl  # noqa: E402
import paths  # noqa: E402
from asker import Asker  # noqa: E402
from hideproxy import HideProxy  # noqa: E402
from imapd import Dovecot, message  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, contains, equal, main  # noqa: E402
from webcache import Webcache  # noqa: E402

USERS = ["u%02d" % n for n in range(24)]


class World:
    def __enter__(self):
        self.folder = paths.TestFolder()
        rights = acl.plugin(self.folder, "Seen owner lrsit", "Fixed owner lr")
        self.dovecot = Dovecot(self.folder, ssl="no", failure_delay="0 secs", extra=rights)
        for user in USERS:
            self.dovecot.add_user(user, "demo")
        self.dovecot.start()
        self.proxy = HideProxy(self.dovecot.imap_port)
        self.webcache = Webcache(self.folder, imap_servers="example.edu=127.0.0.1:%d[/]" % self.proxy.port).start()
        self.ask = Asker(self.webcache, self.folder)
        self.free = iter(USERS)
        return self

    def __exit__(self, *_):
        self.ask.close()
        self.webcache.close()
        self.proxy.close()
        self.dovecot.stop()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 40)

    def user(self, count=5, hide=(), folder="INBOX"):
        user = next(self.free)
        if folder != "INBOX":
            self.dovecot.create(user, folder)
        self.dovecot.deliver(user, folder, [message(subject="m%d" % n) for n in range(count)])
        self.proxy.hide(*hide)
        self.ask.let_in(user, user)
        self.ask.until(lambda got: got.get("indexed") == count, "folder", user, folder, 1, 50)
        return user

    def labels(self, user, folder="INBOX", *more):
        """Those of each message that has any, by UID."""
        return labels_in(self.ask("folder", user, folder, 1, 200, *more))

    def until(self, user, wanted, *more):
        self.ask.until(lambda page: labels_in(page) == wanted, "folder", user, "INBOX", 1, 200, *more)

    def act(self, user, what, label, uids, folder="INBOX"):
        page = self.ask("folder", user, folder, 1, 200)
        marked = ["%d:%d" % (row["uid"], row["identity"]) for row in page["rows"] if row["uid"] in uids]
        return self.ask.ended(user, self.ask("act", user, folder, page["uid_validity"], what, label, 0, *marked))


def labels_in(page):
    if "rows" not in page:
        raise AssertionError("no page: %.500r" % page)
    return {row["uid"]: {page["labels"][place] for place in row["labels"]} for row in page["rows"] if row["labels"]}


def follows(world, user, *more):
    """Another client's changes, one after the other."""
    flag = world.dovecot.flag
    flag(user, "INBOX", [2, 4], "+FLAGS", "$label1 work")
    world.until(user, {2: {"$label1", "work"}, 4: {"$label1", "work"}}, *more)
    flag(user, "INBOX", [4], "-FLAGS", "work")
    flag(user, "INBOX", [5], "+FLAGS", "later \\Seen")
    world.until(user, {2: {"$label1", "work"}, 4: {"$label1"}, 5: {"later"}}, *more)
    flag(user, "INBOX", [2, 4, 5], "FLAGS", "")
    world.until(user, {}, *more)
    flag(user, "INBOX", [3], "+FLAGS", "WORK")
    world.until(user, {3: {"work"}}, *more)
    message_page = world.ask("message", user, "INBOX", 3, 50, "peek")
    equal(message_page["labels"], ["work"])
    equal(world.ask("message", user, "INBOX", 2, 50, "peek")["labels"], [])


@case("what another client sets and takes away shows by itself, while the folder is followed")
def _(world):
    follows(world, world.user())


@case("the same where 'Check mail' compares: by CONDSTORE, by QRESYNC, and where the server has neither")
def _(world):
    for hide in (("IDLE",), ("IDLE", "QRESYNC"), ("IDLE", "CONDSTORE")):
        follows(world, world.user(hide=hide), "refresh")


@case("messages that come with keywords show them, and the page's list names each keyword once")
def _(world):
    user = world.user(count=0)
    world.dovecot.deliver(user, "INBOX", [message(subject="n%d" % n) for n in range(30)], flags="exam $label5")
    page = world.ask.until(lambda got: got.get("total") == 30, "folder", user, "INBOX", 1, 50, "refresh")
    equal(sorted(page["labels"]), ["$label5", "exam"])
    equal(labels_in(page), {uid: {"exam", "$label5"} for uid in range(1, 31)})
    equal(page["uid_next"], 31)


@case("keywords that mean something to all stay flags; of the others 32 of a message are kept")
def _(world):
    user = world.user()
    many = ["k%02d" % n for n in range(40)]
    world.dovecot.flag(user, "INBOX", [1], "+FLAGS", "$Junk NonJunk $Forwarded $MDNSent")
    world.dovecot.flag(user, "INBOX", [2], "+FLAGS", " ".join(many))
    page = world.ask.until(lambda got: 2 in labels_in(got), "folder", user, "INBOX", 1, 50, "refresh")
    equal(labels_in(page)[1], {"$MDNSent"})
    equal(len(labels_in(page)[2]), 32)
    equal(labels_in(page)[2] - set(many), set())


@case("a label that the server does not keep, or refuses to set, is said, and the list is as it was")
def _(world):
    user = world.user(folder="Seen")
    report = world.act(user, "Label", "work", [1, 2], "Seen")
    equal((report["failed"], report["code"]), (2, "kForbidden"))
    contains(report["detail"], "keeps no such label")
    equal(world.labels(user, "Seen"), {})
    user = world.user()
    world.proxy.refuse(r"^UID STORE", "NO [LIMIT] there are too many keywords")
    try:
        report = world.act(user, "Label", "work", [1, 2])
        equal((report["failed"], report["code"], report["can_undo"]), (2, "kServerSaid", False))
        contains(report["detail"], "too many keywords")
        equal(world.labels(user), {})
    finally:
        world.proxy.refuse(None)
    equal(world.act(user, "Label", "work", [1, 2])["done"], 2)
    equal(world.labels(user), {1: {"work"}, 2: {"work"}})


@case("no label: what is no keyword, what is a flag of another name, and none at all")
def _(world):
    user = world.user()
    for bad in ("-", "a b", "\\Seen", "$Junk", "nonjunk", "(x", "x\"y", "caf\u00e9", "k" * 51, "a%", "a*", "x]"):
        equal(world.act(user, "Label", bad, [1]).get("error"), "kInvalid", bad)
        equal(world.act(user, "Unlabel", bad, [1]).get("error"), "kInvalid", bad)
    equal(world.act(user, "Label", "k" * 50, [1])["done"], 1)
    equal(world.labels(user), {1: {"k" * 50}})
    equal([flags - {"\\Recent"} for flags in world.dovecot.flags(user, "INBOX").values()],
          [{"k" * 50}, set(), set(), set(), set()])


@case("labels go with a message that is moved, and come back with it")
def _(world):
    user = world.user(folder="Kept")
    world.dovecot.deliver(user, "INBOX", [message(subject="i0")])
    world.ask.until(lambda got: got.get("total") == 1, "folder", user, "INBOX", 1, 50, "refresh")
    equal(world.act(user, "Label", "exam", [1])["done"], 1)
    page = world.ask("folder", user, "INBOX", 1, 50)
    moved = world.ask.ended(user, world.ask("act", user, "INBOX", page["uid_validity"], "Move", "Kept", 0,
                                            "1:%d" % page["rows"][0]["identity"]))
    equal(moved["done"], 1)
    equal(list(world.labels(user, "Kept").values()), [{"exam"}])
    equal(world.ask.ended(user, world.ask("undo", user, moved["id"]))["done"], 1)
    equal(list(world.labels(user).values()), [{"exam"}])


@case("a restart keeps them; what changed meanwhile is told by the server, whatever it has to tell it by")
def _(world):
    for hide in ((), ("CONDSTORE",)):
        user = world.user(hide=hide)
        sealed = world.ask.seal(user, "demo")
        sealed = world.ask.keep_key(user, sealed)
        world.dovecot.flag(user, "INBOX", [1, 2, 3], "+FLAGS", "one two")
        world.until(user, {n: {"one", "two"} for n in (1, 2, 3)}, "refresh")
        world.webcache.stop()
        world.dovecot.flag(user, "INBOX", [1], "-FLAGS", "one two")
        world.dovecot.flag(user, "INBOX", [5], "+FLAGS", "three")
        world.webcache.start()
        world.ask.close()
        world.ask = Asker(world.webcache, world.folder)
        world.proxy.forget()
        contains(world.ask.resume(user, user, sealed), "done")
        wanted = {2: {"one", "two"}, 3: {"one", "two"}, 5: {"three"}}
        world.until(user, wanted)
        equal([line for line in world.proxy.commands() if "ENVELOPE" in line], [])


@case("without the mail server they are there after a restart, from disk alone")
def _(world):
    user = world.user()
    sealed = world.ask.keep_key(user, world.ask.seal(user, "demo"))
    equal(world.act(user, "Label", "exam", [2, 4])["done"], 2)
    world.webcache.stop()
    world.dovecot.stop()
    try:
        world.webcache.start()
        world.ask.close()
        world.ask = Asker(world.webcache, world.folder)
        world.ask.resume(user, user, sealed)
        world.until(user, {2: {"exam"}, 4: {"exam"}})
    finally:
        world.dovecot.start()


main(World)
