# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user does to messages, on any mail server: marked, moved, copied, deleted, for good, and taken back. On
servers that can MOVE and tell COPYUID, and on those that cannot. Nothing is done to another message than the
one that was shown, whatever happened meanwhile, and what was not done is said.

    cases_on("cyrus", "courier")     # makes them cases of the program, once for each kind of server
    main(Worlds)
"""
import time

import paths
from asker import FLAGGED, SEEN, Asker, deliver_many
from hideproxy import HideProxy
from imapd import check, message, quoted, server_of
from servers.process import tail
from tap import case, contains, equal, lacks, ok, skip
from webcache import Webcache

CASES = []  # (title, function of a World)

POOR = ("MOVE", "UIDPLUS", "CREATE-SPECIAL-USE")
USERS = ["u%02d" % n for n in range(40)]


def acting(title):
    def keep(function):
        CASES.append((title, function))
        return function
    return keep


def cases_on(*kinds):
    for kind in kinds:
        for title, function in CASES:
            case("%s: %s" % (kind, title))(lambda worlds, kind=kind, function=function: function(worlds.on(kind)))


class Worlds:
    """One World at a time."""

    def __init__(self):
        self.world = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.world is not None:
            self.world.__exit__()
            self.world = None

    def on(self, kind):
        if self.world is None or self.world.kind != kind:
            self.__exit__()
            self.world = World(kind).__enter__()
        return self.world

    def describe(self):
        return self.world.describe() if self.world is not None else ""


class World:
    """On one server of a kind of imapd.server_of()."""

    def __init__(self, kind):
        self.kind = kind

    def __enter__(self):
        self.folder = paths.TestFolder()
        self.server = server_of(self.kind, self.folder, USERS).start()
        self.proxy = HideProxy(self.server.imap_port)
        self.webcache = Webcache(self.folder,
                                 imap_servers="example.edu=127.0.0.1:%d%s" % (
                                     self.proxy.port, self.server.brackets)).start()
        self.ask = Asker(self.webcache, self.folder)
        self.free = iter(USERS)
        return self

    def __exit__(self, *_):
        self.ask.close()
        self.webcache.close()
        self.proxy.close()
        self.server.stop()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 40) + tail(getattr(self.server, "server", self.server).log, 60)

    def user(self, count=6, hide=(), folders=()):
        """Somebody with so many messages in INBOX, logged in: a Box."""
        return Box(self, next(self.free), count, hide, folders)


class Box:
    def __init__(self, world, user, count, hide, folders):
        self.world, self.user, self.ask = world, user, world.ask
        world.server.settle(user)
        if folders:
            world.server.create(user, *folders)
        if count:
            world.server.deliver(user, "INBOX", [message(subject="m%d" % n) for n in range(count)])
        world.proxy.hide(*hide)
        world.proxy.forget()
        self.ask.let_in(user, user)

    def page(self, folder="INBOX", report=0, rows=200):
        page = self.ask("folder", self.user, folder, 1, rows, "-", "Arrived", "-", "-", report)
        if "rows" not in page:
            raise AssertionError("no page: %r" % page)
        return page

    def subjects(self, folder="INBOX"):
        return sorted(row["subject"] for row in self.page(folder)["rows"])

    def truth(self, folder="INBOX"):
        client = self.world.server.client(self.user)
        status, _ = client.select(quoted(self.world.server.named(folder)), readonly=True)
        if status != "OK":
            return None
        found = []
        for line in check(client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
            if isinstance(line, tuple):
                found.append(line[1].decode().partition(":")[2].strip())
        client.logout()
        return sorted(found)

    def act(self, action, subjects, target="-", folder="INBOX", page=None, report=0, again=True, wait=True):
        """Its report, once it has ended; without `wait` as far as it is answered."""
        page = page or self.page(folder)
        marked = ["%d:%d" % (row["uid"], row["identity"]) for row in page["rows"]
                  if row["subject"] in subjects]
        words = ("act", self.user, folder, page["uid_validity"], action, target, report, *marked)
        answer = self.ask(*words)
        if again and answer.get("error") == "kNeedCredentials":    # as a browser's session does
            self.ask.resume(self.user, self.user, self.ask.seal(self.user, "demo"))
            answer = self.ask(*words)
        return self.ended(answer) if wait else answer

    def undo(self, report):
        return self.ended(self.ask("undo", self.user, report["id"]))

    def ended(self, report):
        return self.ask.ended(self.user, report)


def numbers(report):
    return {name: report[name] for name in ("done", "gone", "others", "failed") if report[name]}


def row_of(page, subject):
    return next(row for row in page["rows"] if row["subject"] == subject)


def labels_of(page, subject):
    return [page["labels"][place] for place in row_of(page, subject)["labels"]]


@acting("read, unread, starred, unstarred: in the list at once, at the server, and back")
def _(world):
    box = world.user()
    for action, bit, name, on in (("Read", SEEN, "\\Seen", True), ("Unread", SEEN, "\\Seen", False),
                                  ("Star", FLAGGED, "\\Flagged", True), ("Unstar", FLAGGED, "\\Flagged", False)):
        report = box.act(action, ("m1", "m2"))
        equal((report["action"], report["progress"], numbers(report)), (action, "Done", {"done": 2}))
        page = box.page(report=report["id"])
        equal([one["id"] for one in page["reports"]], [report["id"]])
        for subject in ("m1", "m2"):
            equal(bool(row_of(page, subject)["flags"] & bit), on, action)
        flags = world.server.flags(box.user, "INBOX")
        uid = row_of(page, "m1")["uid"]
        equal(name in flags[uid], on, action)
    report = box.act("Star", ("m3",))
    undone = box.undo(report)
    equal((undone["undo"], numbers(undone), undone["can_undo"]), (True, {"done": 1}, False))
    page = box.page()
    equal(row_of(page, "m3")["flags"] & FLAGGED, 0)
    lacks(world.server.flags(box.user, "INBOX")[row_of(page, "m3")["uid"]], "\\Flagged")


@acting("a label set and taken away: in the list at once, at the server, and back; what had it keeps it")
def _(world):
    box = world.user()
    uid = row_of(box.page(), "m1")["uid"]
    world.server.flag(box.user, "INBOX", [uid], "+FLAGS", "exam")
    report = box.act("Label", ("m1", "m2"), "Exam")
    equal((report["action"], report["label"], report["progress"], numbers(report)),
          ("Label", "Exam", "Done", {"done": 2}))
    page = box.page(report=report["id"])
    equal({subject: [word.lower() for word in labels_of(page, subject)] for subject in ("m0", "m1", "m2")},
          {"m0": [], "m1": ["exam"], "m2": ["exam"]})
    equal(sorted(n for n, flags in world.server.flags(box.user, "INBOX").items()
                 if "exam" in {flag.lower() for flag in flags}), sorted([uid, row_of(page, "m2")["uid"]]))
    equal(numbers(box.undo(report)), {"done": 1})
    page = box.page()
    equal([len(labels_of(page, subject)) for subject in ("m1", "m2")], [1, 0])
    equal(numbers(box.act("Unlabel", ("m0", "m1"), "EXAM")), {"done": 2})
    equal(labels_of(box.page(), "m1"), [])
    equal([flags for flags in world.server.flags(box.user, "INBOX").values()
           if "exam" in {flag.lower() for flag in flags}], [])


@acting("what was so already is done without a change, and taking back leaves it so")
def _(world):
    box = world.user()
    box.act("Read", ("m1",))
    report = box.act("Read", ("m1", "m2"))
    equal(numbers(report), {"done": 2})
    equal(numbers(box.undo(report)), {"done": 1})
    page = box.page()
    ok(row_of(page, "m1")["flags"] & SEEN)
    ok(not row_of(page, "m2")["flags"] & SEEN)


def moves_and_returns(world, hide):
    box = world.user(hide=hide, folders=("Kept",))
    equal(box.subjects("Kept"), [])
    report = box.act("Move", ("m1", "m4"), "Kept")
    equal((report["target"], numbers(report), report["can_undo"]), ("Kept", {"done": 2}, True))
    equal(box.subjects(), ["m0", "m2", "m3", "m5"])
    equal(box.subjects("Kept"), ["m1", "m4"])
    equal(box.truth(), ["m0", "m2", "m3", "m5"])
    equal(box.truth("Kept"), ["m1", "m4"])
    counts = {f["address"]: (f["total"], f["unread"]) for f in box.page()["folders"]}
    equal((counts["INBOX"], counts["Kept"]), ((4, 4), (2, 2)))
    equal(numbers(box.undo(report)), {"done": 2})
    equal(box.subjects(), ["m%d" % n for n in range(6)])
    equal(box.subjects("Kept"), [])
    equal(box.truth(), ["m%d" % n for n in range(6)])
    equal(world.proxy.used(), [])
    return box


@acting("moved and back, where the server can MOVE and tells where they are")
def _(world):
    if not world.server.moves:
        skip("this server cannot MOVE")
    moves_and_returns(world, ())
    ok(any("UID MOVE" in line for line in world.proxy.commands()))


@acting("moved and back, where it can neither: copied, marked, expunged, and found again by what they are")
def _(world):
    moves_and_returns(world, POOR)
    ok(any(line.startswith("UID COPY") for line in world.proxy.commands()))


@acting("the numbers beside a folder that nobody has opened follow what comes, is read, goes and is taken back")
def _(world):
    box = world.user(folders=("Kept",))

    def beside(folder):
        return next((f["total"], f["unread"]) for f in box.page()["folders"] if f["address"] == folder)

    box.ask.until(lambda page: all(f["counted"] for f in page["folders"] if f["address"] == "Kept"), "folder", box.user, "INBOX", 1, 50)
    identity = row_of(box.page(), "m1")["identity"]
    report = box.act("Move", ("m1", "m4"), "Kept")
    equal((beside("INBOX"), beside("Kept")), ((4, 4), (2, 2)))
    client = world.server.client(box.user)
    validity = int(client.status(quoted(world.server.named("Kept")), "(UIDVALIDITY)")[1][0].split(b"UIDVALIDITY ")[1].rstrip(b")"))
    check(client.select(quoted(world.server.named("Kept")), readonly=True))
    uid = int(check(client.uid("SEARCH", "SUBJECT", "m1"))[0])
    client.logout()
    read = box.ask("act", box.user, "Kept", validity, "Read", "-", 0, "%d:%d" % (uid, identity))
    equal(numbers(box.ended(read)), {"done": 1})
    equal(beside("Kept"), (2, 1))
    equal(numbers(box.undo(report)), {"done": 2})
    equal((beside("INBOX"), beside("Kept")), ((6, 5), (0, 0)))
    # Still selected, it is told as it is now to who asks for the tree anew.
    report = box.act("Move", ("m2",), "Kept")
    equal(numbers(box.undo(report)), {"done": 1})
    world.server.deliver(box.user, "Kept", [message(subject="new")])

    def told(tree):
        return [(f["total"], f["unread"]) for f in tree.get("folders", ()) if f["address"] == "Kept"]

    tree = box.ask.until(told, "folders", box.user, "anew")
    if told(tree) != [(1, 1)]:    # at once, but where the list has no counts
        equal((world.server.moves, told(tree)), (False, [(0, 0)]))
        box.ask.until(lambda tree: told(tree) == [(1, 1)], "folders", box.user)
    return box


@acting("without UIDPLUS nothing else goes: what another client has marked as deleted is there, still marked")
def _(world):
    box = world.user(hide=POOR, folders=("Kept",))
    uid = row_of(box.page(), "m3")["uid"]
    world.server.flag(box.user, "INBOX", [uid], "+FLAGS", "\\Deleted")
    equal(numbers(box.act("Move", ("m1",), "Kept")), {"done": 1})
    equal(box.truth(), ["m0", "m2", "m3", "m4", "m5"])
    contains(world.server.flags(box.user, "INBOX")[uid], "\\Deleted")


@acting("copied: both are there, and taken back only the copy goes")
def _(world):
    for hide in ((), POOR):
        box = world.user(hide=hide, folders=("Kept",))
        report = box.act("Copy", ("m1", "m2"), "Kept")
        equal(numbers(report), {"done": 2})
        equal((box.truth(), box.truth("Kept")), (["m%d" % n for n in range(6)], ["m1", "m2"]))
        equal(numbers(box.undo(report)), {"done": 2})
        equal((box.truth(), box.truth("Kept")), (["m%d" % n for n in range(6)], []))


@acting("deleted: into the trash, which is made where there is none; from there for good, which is asked before")
def _(world):
    for hide in ((), POOR):
        box = world.user(hide=hide)
        report = box.act("Delete", ("m0", "m5"))
        equal((report["target"], numbers(report)), ("Trash", {"done": 2}))
        page = box.ask.until(lambda page: all(f["counted"] for f in page["folders"] if f["address"] == "Trash"),
                             "folder", box.user, "INBOX", 1, 200)
        trash = next(f for f in page["folders"] if f["address"] == "Trash")
        equal((trash["role"], trash["total"]), ("Trash", 2))
        equal(box.truth("Trash"), ["m0", "m5"])
        asked = box.act("Delete", ("m0",), folder="Trash")
        equal((asked["progress"], numbers(asked), asked["can_undo"]), ("Asks", {}, False))
        equal(box.truth("Trash"), ["m0", "m5"])
        gone = box.act("Purge", ("m0",), folder="Trash")
        equal((numbers(gone), gone["can_undo"]), ({"done": 1}, False))
        equal(box.truth("Trash"), ["m5"])
        equal(box.subjects("Trash"), ["m5"])
        contains(box.undo(gone), "error")
        # What could still be taken back of the first: one of the two.
        equal(numbers(box.undo(report)), {"done": 1, "gone": 1})
        equal(box.truth(), ["m1", "m2", "m3", "m4", "m5"])


@acting("nothing goes for good but from the trash")
def _(world):
    box = world.user()
    report = box.act("Purge", ("m1",))
    equal((report["failed"], report["code"]), (1, "kForbidden"))
    equal(len(box.truth()), 6)


@acting("messages that are gone are left out and counted; those with another's UID are left alone")
def _(world):
    box = world.user(folders=("Kept",))
    page = box.page()
    world.server.expunge(box.user, "INBOX", [row_of(page, "m2")["uid"]])
    row_of(page, "m3")["identity"] ^= 1
    report = box.act("Move", ("m1", "m2", "m3"), "Kept", page=page)
    equal(numbers(report), {"done": 1, "gone": 1, "others": 1})
    equal((box.truth(), box.truth("Kept")), (["m0", "m3", "m4", "m5"], ["m1"]))
    equal(box.subjects(), ["m0", "m3", "m4", "m5"])


@acting("in a folder that was made anew nothing is done")
def _(world):
    box = world.user(0, folders=("Work",))
    world.server.deliver(box.user, "Work", [message(subject="m1"), message(subject="m2")])
    page = box.page("Work")
    world.server.recreate(box.user, "Work")
    world.server.deliver(box.user, "Work", [message(subject="new1"), message(subject="new2")])
    report = box.act("Move", ("m1", "m2"), "INBOX", "Work", page=page)
    if "error" not in report:  # the connection may have the old one selected still
        equal(report["done"], 0)
    equal(box.truth("Work"), ["new1", "new2"])
    report = box.act("Move", ("m1", "m2"), "INBOX", "Work", page=page)
    equal(report.get("done", 0), 0)
    equal((box.truth("Work"), box.truth()), (["new1", "new2"], []))


@acting("a folder to go to that is not there, or was deleted meanwhile, is said, and nothing is lost")
def _(world):
    box = world.user(folders=("Kept",))
    report = box.act("Move", ("m1",), "Nowhere")
    equal((report["failed"], report["code"]), (1, "kNotFound"))
    box.subjects("Kept")
    client = world.server.client(box.user)
    check(client.delete(quoted(world.server.named("Kept"))))
    client.logout()
    report = box.act("Move", ("m1",), "Kept")
    equal((report["failed"], report["done"], report["code"]), (1, 0, "kNotFound"))
    equal(len(box.truth()), 6)
    equal(len(box.subjects()), 6)


@acting("a server that refuses is said in its words, and the list is as it was")
def _(world):
    box = world.user(folders=("Kept",))
    before = box.subjects()
    world.proxy.refuse(r"^UID (MOVE|COPY|STORE)", "NO [OVERQUOTA] there is no room for it")
    try:
        report = box.act("Move", ("m1", "m2"), "Kept")
        equal((numbers(report), report["code"]), ({"failed": 2}, "kServerSaid"))
        contains(report["detail"], "there is no room for it")
        equal(box.subjects(), before)
        report = box.act("Read", ("m1",))
        equal(numbers(report), {"failed": 1})
        equal(row_of(box.page(), "m1")["flags"] & SEEN, 0)
    finally:
        world.proxy.refuse(None)


@acting("the list shows it while the server has not answered; the answer says that it is under way")
def _(world):
    box = world.user(folders=("Kept",))
    page = box.page()
    world.proxy.hold(r"^UID (MOVE|COPY)")
    report = box.act("Move", ("m1",), "Kept", page=page, wait=False)
    equal((report["progress"], numbers(report)), ("Running", {}))
    shown = box.page(report=report["id"])
    equal(sorted(r["subject"] for r in shown["rows"]), ["m0", "m2", "m3", "m4", "m5"])
    equal(shown["reports"][0]["progress"], "Running")
    world.proxy.release()
    ended = box.ask.until(lambda p: p["reports"][0]["progress"] == "Done", "folder", box.user, "INBOX", 1, 50,
                          "-", "Arrived", "-", "-", report["id"])
    equal(numbers(ended["reports"][0]), {"done": 1})
    equal(box.truth("Kept"), ["m1"])


@acting("a server that goes away in the middle: taken back in the list, and the next page says it, once")
def _(world):
    box = world.user(folders=("Kept",))
    page = box.page()
    world.proxy.hold(r"^UID (MOVE|COPY)")
    report = box.act("Move", ("m1",), "Kept", page=page, wait=False)
    equal(report["progress"], "Running")
    world.proxy.cut()
    world.proxy.release()
    end = time.monotonic() + 20
    while True:
        shown = box.ask("folder", box.user, "INBOX", 1, 50)
        if shown.get("reports"):
            break
        ok(time.monotonic() < end, why=repr(shown)[:500])
        time.sleep(0.05)
    equal(numbers(shown["reports"][0]), {"failed": 1})
    equal(len(shown["rows"]), 6)
    equal(box.ask("folder", box.user, "INBOX", 1, 50)["reports"], [])


@acting("without a connection nothing is begun: the password is asked for, or the trouble is said")
def _(world):
    box = world.user(folders=("Kept",))
    page = box.page()
    world.proxy.cut()
    end = time.monotonic() + 20
    while True:
        report = box.act("Move", ("m1",), "Kept", page=page, again=False)
        if report.get("error") == "kNeedCredentials":
            break
        ok(time.monotonic() < end and report.get("done", 0) == 0, why=repr(report))
    equal(len(box.truth()), 6)


@acting("under one report: many messages by several questions, and taken back as one")
def _(world):
    box = world.user(0, folders=("Filled", "Kept"))
    deliver_many(world.server, box.user, "Filled", (message(subject="m%d" % n) for n in range(1300)))
    world.ask.until(lambda p: p.get("indexed") == 1300, "folder", box.user, "Filled", 1, 200)
    rows = []
    for number in range(1, 8):
        rows += box.ask("folder", box.user, "Filled", number, 200)["rows"]
    page = {"uid_validity": box.page("Filled")["uid_validity"], "rows": rows}
    first = box.act("Move", {"m%d" % n for n in range(900)}, "Kept", "Filled", page)
    second = box.act("Move", {"m%d" % n for n in range(900, 1300)}, "Kept", "Filled", page, first["id"])
    equal(second["id"], first["id"])
    equal(numbers(second), {"done": 1300})
    equal(len(box.truth("Kept")), 1300)
    equal(box.subjects("Filled"), [])
    equal(box.undo(first)["progress"], "Done")
    equal((len(box.truth("Filled")), len(box.truth("Kept"))), (1300, 0))


@acting("the same asked twice is done once")
def _(world):
    box = world.user(folders=("Kept",))
    page = box.page()
    equal(numbers(box.act("Move", ("m1",), "Kept", page=page)), {"done": 1})
    equal(numbers(box.act("Move", ("m1",), "Kept", page=page)), {"gone": 1})
    equal(box.truth("Kept"), ["m1"])


@acting("bad input: no messages, too many, UID 0, no such folder, no such report, another user's report")
def _(world):
    box, other = world.user(), world.user()
    page = box.page()
    ask = world.ask
    equal(ask("act", box.user, "INBOX", page["uid_validity"], "Read", "-", 0)["error"], "kInvalid")
    equal(ask("act", box.user, "INBOX", page["uid_validity"], "Read", "-", 0, "0:1")["error"], "kInvalid")
    many = ["%d:1" % n for n in range(1, 1002)]
    equal(ask("act", box.user, "INBOX", page["uid_validity"], "Read", "-", 0, *many)["error"], "kTooLarge")
    equal(ask("act", box.user, "../x", page["uid_validity"], "Read", "-", 0, "1:1")["error"], "kNotFound")
    equal(ask("act", box.user, "INBOX", page["uid_validity"], "Move", "a//b", 0, "1:1")["error"], "kNotFound")
    equal(ask("undo", box.user, 12345)["error"], "kNotFound")
    report = box.act("Star", ("m1",))
    equal(ask("undo", other.user, report["id"])["error"], "kNotFound")
    ok(row_of(box.page(), "m1")["flags"] & FLAGGED)
    report = box.ended(ask("act", box.user, "INBOX", page["uid_validity"], "Read", "-", 0, "4294967295:7"))
    equal(numbers(report), {"gone": 1})
    row = row_of(page, "m2")
    report = box.ended(ask("act", box.user, "INBOX", page["uid_validity"], "Read", "-", 0, "4294967295:7",
                           "%d:%d" % (row["uid"], row["identity"])))
    equal(numbers(report), {"done": 1, "gone": 1})


def keywords_of(world, user, folder, subject):
    """The keywords of a message, in small letters, as the server says."""
    client = world.server.client(user)
    check(client.select(quoted(world.server.named(folder)), readonly=True))
    for line in check(client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
        if isinstance(line, tuple) and line[1].decode().partition(":")[2].strip() == subject:
            client.logout()
            words = line[0].decode().split("FLAGS (")[1].split(")")[0].split()
            return {word.lower() for word in words if not word.startswith("\\")}
    raise AssertionError("no %s in %s" % (subject, folder))


@acting("archived: into the folder of that role, made where there is none, or the one that is named; and back")
def _(world):
    for hide in ((), POOR):
        box = world.user(hide=hide)
        report = box.act("Archive", ("m0", "m5"))
        equal((report["target"], numbers(report), report["can_undo"]), ("Archive", {"done": 2}, True))
        equal(next(f for f in box.page()["folders"] if f["address"] == "Archive")["role"], "Archive")
        equal((box.truth(), box.truth("Archive")), (["m1", "m2", "m3", "m4"], ["m0", "m5"]))
        refused = box.act("Archive", ("m0",), folder="Archive")
        equal((refused["code"], refused["failed"]), ("kInvalid", 1))
        equal(numbers(box.undo(report)), {"done": 2})
        equal((box.truth(), box.truth("Archive")), (["m%d" % n for n in range(6)], []))
        report = box.act("Archive", ("m1",), "Archive/2026")
        equal((report["target"], numbers(report)), ("Archive/2026", {"done": 1}))
        equal(box.truth("Archive/2026"), ["m1"])
        report = box.act("Archive", ("m2",), "Archive/2026")
        equal((box.truth("Archive/2026"), numbers(report)), (["m1", "m2"], {"done": 1}))


@acting("junk: marked and moved, and not junk again; each is taken back whole")
def _(world):
    for hide in ((), POOR):
        box = world.user(hide=hide)
        uid = row_of(box.page(), "m2")["uid"]
        world.server.flag(box.user, "INBOX", [uid], "+FLAGS", "$NotJunk")
        report = box.act("Junk", ("m1", "m2"))
        equal((report["target"], numbers(report), report["can_undo"]), ("Junk", {"done": 2}, True))
        equal(next(f for f in box.page()["folders"] if f["address"] == "Junk")["role"], "Junk")
        equal((box.truth(), box.truth("Junk")), (["m0", "m3", "m4", "m5"], ["m1", "m2"]))
        equal(keywords_of(world, box.user, "Junk", "m1"), {"$junk"})
        equal(keywords_of(world, box.user, "Junk", "m2"), {"$junk"})
        equal(numbers(box.undo(report)), {"done": 2})
        equal((box.truth(), box.truth("Junk")), (["m%d" % n for n in range(6)], []))
        equal(keywords_of(world, box.user, "INBOX", "m1"), set())
        equal(keywords_of(world, box.user, "INBOX", "m2"), {"$notjunk"})
        box.act("Junk", ("m3",))
        report = box.act("NotJunk", ("m3",), folder="Junk")
        equal((report["target"], numbers(report)), ("INBOX", {"done": 1}))
        equal(keywords_of(world, box.user, "INBOX", "m3"), {"$notjunk"})
        equal(numbers(box.undo(report)), {"done": 1})
        equal((box.truth("Junk"), keywords_of(world, box.user, "Junk", "m3")), (["m3"], {"$junk"}))


@acting("junk on a server that keeps no keywords: moved all the same")
def _(world):
    box = world.user()
    world.proxy.refuse(r"^UID STORE .*Junk", "NO [CANNOT] no keywords here")
    try:
        report = box.act("Junk", ("m1",))
        equal((report["target"], numbers(report)), ("Junk", {"done": 1}))
        equal(box.truth("Junk"), ["m1"])
        equal(numbers(box.undo(report)), {"done": 1})
        equal(len(box.truth()), 6)
    finally:
        world.proxy.refuse(None)


@acting("junk that cannot be moved is no junk: its keyword is taken away again")
def _(world):
    box = world.user()
    world.proxy.refuse(r"^UID (MOVE|COPY)", "NO [OVERQUOTA] there is no room for it")
    try:
        equal(numbers(box.act("Junk", ("m1",))), {"failed": 1})
    finally:
        world.proxy.refuse(None)
    equal(len(box.truth()), 6)
    equal(keywords_of(world, box.user, "INBOX", "m1") - {"$notjunk"}, set())


def ended(box, report):
    """The report of an act, once it has ended well."""
    told = box.ended(report)
    equal(told["progress"], "Done", repr(told))
    return told


@acting("all of a folder, but what came after the page: marked, moved, deleted for good, and back")
def _(world):
    for hide in ((), POOR):
        box = world.user(hide=hide, folders=("Kept",))
        page = box.page()
        below = "all:%d" % (max(row["uid"] for row in page["rows"]) + 1)
        world.server.deliver(box.user, "INBOX", [message(subject="late")])
        all_of = lambda action, target="-": ended(box, world.ask(  # noqa: E731
            "act", box.user, "INBOX", page["uid_validity"], action, target, 0, below))
        box.act("Read", ("m1",), page=page)
        report = all_of("Read")
        equal((numbers(report), report["total"]), ({"done": 6}, 6))
        flags = world.server.flags(box.user, "INBOX")
        equal(sum("\\Seen" in one for one in flags.values()), 6)
        equal(numbers(ended(box, box.undo(report))), {"done": 5})
        report = all_of("Move", "Kept")
        equal((numbers(report), report["target"]), ({"done": 6}, "Kept"))
        equal((box.truth(), box.truth("Kept")), (["late"], ["m%d" % n for n in range(6)]))
        equal(box.subjects(), ["late"])
        equal(numbers(ended(box, box.undo(report))), {"done": 6})
        equal((len(box.truth()), box.truth("Kept")), (7, []))
        flags = world.server.flags(box.user, "INBOX")
        equal(sum("\\Seen" in one for one in flags.values()), 1)


def found_by(box, query, *more):
    """A search that is over: what its page says."""
    page = box.ask("search", box.user, query, "rows=200", *more)
    return box.ask.until(lambda p: p.get("progress") not in ("Running", None), "search", box.user, query,
                         "search=" + page["search"], "rows=200")


@acting("all that a search has found, in whatever folders: starred, moved, deleted, and each taken back by one Undo")
def _(world):
    for hide in ((), POOR):
        box = world.user(hide=hide, folders=("Kept", "Work"))
        for folder, names in (("Kept", ("m here", "other")), ("Work", ("m there", "m also there"))):
            world.server.deliver(box.user, folder, [message(subject=name) for name in names])
        for folder in ("INBOX", "Kept", "Work"):
            box.ask("folder", box.user, folder, 1, 50, "refresh")
        page = found_by(box, "subject:m", "anew=1")
        equal(page["found"], 9)
        on_all = lambda action, target="-": box.ask(  # noqa: E731
            "act", box.user, "INBOX", 0, action, target, 0, "found:" + page["search"])
        report = ended(box, on_all("Star"))
        equal((report["action"], numbers(report), report["total"]), ("Star", {"done": 9}, 9))
        starred = sum("\\Flagged" in flags for folder in ("INBOX", "Kept", "Work")
                      for flags in world.server.flags(box.user, folder).values())
        equal(starred, 9)
        equal(numbers(ended(box, box.undo(report))), {"done": 9})
        # What is there already is not moved, and what came since is left alone.
        world.server.deliver(box.user, "Work", [message(subject="m late")])
        report = ended(box, on_all("Move", "Kept"))
        equal(numbers(report), {"done": 8})
        equal((box.truth(), box.truth("Work")), ([], ["m late"]))
        equal(len(box.truth("Kept")), 10)
        equal(box.subjects("Work"), ["m late"])
        equal(numbers(ended(box, box.undo(report))), {"done": 8})
        equal((box.truth("Kept"), len(box.truth()), len(box.truth("Work"))), (["m here", "other"], 6, 3))


@acting("all found: for good only from the trash; what lies there already is no second time deleted, and where all do it asks")
def _(world):
    box = world.user()
    box.act("Delete", ("m5",))
    world.server.deliver(box.user, "Trash", [message(subject="other")])
    for folder in ("INBOX", "Trash"):
        box.ask("folder", box.user, folder, 1, 50, "refresh")
    page = found_by(box, "subject:m in:any", "anew=1")
    equal(page["found"], 6)
    words = ("act", box.user, "INBOX", 0)
    purged = ended(box, box.ask(*words, "Purge", "-", 0, "found:" + page["search"]))
    equal(numbers(purged), {"done": 1})
    equal((len(box.truth()), box.truth("Trash")), (5, ["other"]))
    deleted = ended(box, box.ask(*words, "Delete", "-", 0, "found:" + page["search"]))
    equal(numbers(deleted), {"done": 5})
    again = found_by(box, "subject:m in:Trash", "anew=1")
    asks = box.ended(box.ask(*words, "Delete", "-", 0, "found:" + again["search"]))
    equal((asks["progress"], numbers(asks)), ("Asks", {}))
    equal(len(box.truth("Trash")), 6)


@acting("all found by a search that is not over, forgotten, or found nothing: nothing is done, and it is said")
def _(world):
    box = world.user(folders=("Kept",))
    world.server.deliver(box.user, "Kept", [message(subject="kept")])
    words = ("act", box.user, "INBOX", 0, "Read", "-", 0)
    equal(box.ask(*words, "found:12345")["error"], "kNotFound")
    page = found_by(box, "subject:nothing-of-the-kind", "anew=1")
    equal(box.ask(*words, "found:" + page["search"])["error"], "kInvalid")
    world.proxy.hold(r"^UID SEARCH")
    try:
        page = box.ask("search", box.user, "body:hay", "rows=50", "anew=1")
        equal(page["progress"], "Running")
        equal(box.ask(*words, "found:" + page["search"])["error"], "kChanged")
    finally:
        world.proxy.release()
