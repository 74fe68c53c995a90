#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""All messages of a folder at once: 20 000 marked, moved and taken back. Lists show it before the server has done
it, other questions are answered meanwhile, few commands do it, and what goes wrong in the middle is said by
numbers: what was done, what was not, and nothing is lost."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from action_cases import POOR, Box, World, numbers  # noqa: E402
from asker import Asker, deliver_many  # noqa: E402
from imapd import check, message, quoted  # noqa: E402
from tap import case, contains, equal, main, note, ok  # noqa: E402

MANY = 20000
SOME = 2600  # more than two commands that move


class Everything(World):
    def __init__(self):
        super().__init__("mdbox")

    def filled(self, count, hide=(), known=True, folders=("Kept",)):
        """Somebody with so many messages in INBOX, every third of them unread."""
        box = self.user(0, hide=hide, folders=folders)
        deliver_many(self.server, box.user, "INBOX", (message(subject="m%d" % n) for n in range(count)))
        page = box.ask("folder", box.user, "INBOX", 1, 50, "refresh")
        if known:
            page = box.ask.until(lambda p: p.get("indexed") == p.get("total") == count, "folder", box.user, "INBOX",
                                 1, 50, seconds=60)
        self.proxy.forget()
        return box, page

    def all_of(self, box, page, action, target="-", folder="INBOX"):
        below = max(row["uid"] for row in page["rows"]) + 1
        return box.ask("act", box.user, folder, page["uid_validity"], action, target, 0, "all:%d" % below)

    def begun(self, box, report, total):
        """The report of an act once lists show it, which is before its answer, but where the machine is busy."""
        return box.ask.until(lambda told: told.get("total") == total, "report", box.user, report["id"], 0)

    def end_of(self, box, report, seconds=60):
        return box.ask.until(lambda told: told.get("progress") == "Done", "report", box.user, report["id"], 5000,
                             seconds=seconds)

    def sent(self, *words):
        return [line for line in self.proxy.commands() if line.startswith(words)]

    def unread(self, box, folder="INBOX"):
        """UIDs, as another client is told."""
        client = self.server.client(box.user)
        check(client.select(quoted(folder), readonly=True))
        found = check(client.uid("SEARCH", "UNSEEN"))[0].split()
        client.logout()
        return [int(uid) for uid in found]

    def size(self, box, folder="INBOX"):
        client = self.server.client(box.user)
        count = int(check(client.select(quoted(folder), readonly=True))[0])
        client.logout()
        return count

    def shown(self, box, folder="INBOX", report=0):
        return box.ask("folder", box.user, folder, 1, 50, "-", "Arrived", "-", "-", report)

    def again(self, box, key, *words):
        """Asks a daemon that has just begun: whoever asks brings the session's password where that is wanted."""
        end = time.monotonic() + 20
        while True:
            answer = self.ask(*words)
            if answer.get("error") not in ("kNeedCredentials", "kNoWebcache", "kUnderWay"):
                return answer
            if answer["error"] == "kNeedCredentials":
                self.ask.resume(box.user, box.user, key)
            ok(time.monotonic() < end, why=repr(answer))
            time.sleep(0.02)

    def half_moved(self, count):
        """(box, key, report): somebody whose messages are being moved, the first thousand of them done."""
        box, page = self.filled(count)
        key = self.ask.keep_key(box.user, self.ask.seal(box.user, "demo"))
        self.proxy.hold("^UID MOVE")
        report = self.all_of(box, page, "Move", "Kept")
        self.held()
        self.proxy.release(1)
        self.held()
        equal(box.ask("report", box.user, report["id"], 0)["done"], 1000)
        return box, key, report

    def held(self, count=1):
        end = time.monotonic() + 20
        while len(self.proxy.held()) < count:
            ok(time.monotonic() < end, why="nothing is held")
            time.sleep(0.02)


@case("20 000 marked as read: shown at once, by one command; what came since is left alone; and back, exactly")
def _(world):
    box, page = world.filled(MANY)
    before = world.unread(box)
    world.server.deliver(box.user, "INBOX", [message(subject="late")])
    begun = time.monotonic()
    report = world.begun(box, world.all_of(box, page, "Read"), MANY)
    shown = world.shown(box, report=report["id"])
    took = time.monotonic() - begun
    note("marking and the page behind it: %d ms" % (1000 * took))
    equal(report["total"], MANY)
    ok(shown["unread"] <= 1, why=repr(shown["unread"]))
    report = world.end_of(box, report)
    equal((numbers(report), report["can_undo"]), ({"done": MANY}, True))
    equal(len(world.sent("UID STORE")), 1, world.sent("UID STORE"))
    equal(len(world.unread(box)), 1)
    undone = box.undo(report)
    equal(numbers(world.end_of(box, undone)), {"done": len(before)})
    equal(world.unread(box)[:-1], before)
    shown = world.shown(box)
    ok(abs(shown["unread"] - len(before)) <= 1)
    ok(max(len(line) for line in world.proxy.commands()) < 8000)


@case("20 000 moved: the list is empty at once, other questions are answered meanwhile, and all come back")
def _(world):
    box, page = world.filled(MANY)
    world.server.deliver(box.user, "Kept", [message(subject="here before")])
    world.proxy.hold("^UID MOVE")
    report = world.begun(box, world.all_of(box, page, "Move", "Kept"), MANY)
    equal((report["progress"], numbers(report), report["total"]), ("Running", {}, MANY))
    shown = world.shown(box, report=report["id"])
    equal((shown["total"], shown["rows"]), (0, []))
    world.held()
    world.proxy.release(1)
    world.held()
    told = box.ask("report", box.user, report["id"], 0)
    equal((told["progress"], told["done"], told["total"]), ("Running", 1000, MANY))
    world.proxy.release()
    report = world.end_of(box, report)
    equal((numbers(report), report["can_undo"]), ({"done": MANY}, True))
    moves = world.sent("UID MOVE")
    note("%d commands: %s" % (len(moves), moves))
    ok(len(moves) <= 25)
    equal((world.size(box), world.size(box, "Kept")), (0, MANY + 1))
    memory = world.ask("status")["memory_accounts"] if "memory_accounts" in world.ask("status") else 0
    ok(memory < 64 * 1024 * 1024)
    undone = world.end_of(box, box.undo(report))
    equal(numbers(undone), {"done": MANY})
    equal((world.size(box), world.size(box, "Kept")), (MANY, 1))
    equal(box.subjects("Kept"), ["here before"])


@case("between two commands others are served: a message of another folder opens")
def _(world):
    box, page = world.filled(SOME)
    world.server.deliver(box.user, "Kept", [message(subject="here before")])
    kept = box.page("Kept")
    world.proxy.hold("^UID MOVE")
    report = world.all_of(box, page, "Move", "Kept")
    world.held()
    box.ask.send("message", box.user, "Kept", kept["rows"][0]["uid"], 50)
    with Asker(world.webcache, world.folder) as other:
        other.until(lambda told: told["jobs_waiting"] >= 1, "status")
    world.proxy.release(1)
    opened = box.ask.receive()
    contains(repr(opened), "here before")
    equal(box.ask("report", box.user, report["id"], 0)["progress"], "Running")
    world.proxy.release()
    equal(numbers(world.end_of(box, report)), {"done": SOME})
    equal(world.size(box, "Kept"), SOME + 1)


@case("moved and back where the server can neither MOVE nor tell where they are")
def _(world):
    box, page = world.filled(SOME, hide=POOR)
    report = world.end_of(box, world.all_of(box, page, "Move", "Kept"))
    equal((numbers(report), report["can_undo"]), ({"done": SOME}, True))
    equal((world.size(box), world.size(box, "Kept")), (0, SOME))
    equal(numbers(world.end_of(box, box.undo(report))), {"done": SOME})
    equal((world.size(box), world.size(box, "Kept")), (SOME, 0))
    equal(world.proxy.used(), [])


def stopped_in_the_middle(world, stop):
    """The first command moved 1 000; the second one is held while `stop` happens. Gives the end of it."""
    box, page = world.filled(SOME)
    world.proxy.hold("^UID MOVE")
    report = world.all_of(box, page, "Move", "Kept")
    world.held()
    world.proxy.release(1)
    world.held()
    stop(box)
    world.proxy.release()
    return box, report


@case("a quota that is full in the middle: so many were moved, so many not, in the server's words; undone by half")
def _(world):
    try:
        box, report = stopped_in_the_middle(
            world, lambda box: world.proxy.refuse("^UID MOVE", "NO [OVERQUOTA] your mailbox is full"))
        report = world.end_of(box, report)
    finally:
        world.proxy.refuse(None)
    equal((numbers(report), report["code"], report["can_undo"]),
          ({"done": 1000, "failed": SOME - 1000}, "kServerSaid", True))
    contains(report["detail"], "your mailbox is full")
    equal((world.size(box), world.size(box, "Kept")), (SOME - 1000, 1000))
    equal(world.shown(box)["total"], SOME - 1000)
    equal(numbers(world.end_of(box, box.undo(report))), {"done": 1000})
    equal(world.size(box), SOME)
    box.ask.until(lambda p: p.get("total") == SOME, "folder", box.user, "INBOX", 1, 50)


@case("a server that goes away in the middle: what was done and what not is said, and the list is the server's")
def _(world):
    box, report = stopped_in_the_middle(world, lambda box: world.proxy.cut())
    report = world.end_of(box, report)
    equal(numbers(report), {"done": 1000, "failed": SOME - 1000})
    box.ask.log_in(box.user, box.user)
    box.ask.until(lambda p: p.get("total") == world.size(box), "folder", box.user, "INBOX", 1, 50, "refresh")


@case("another client at work meanwhile: what it removed is counted, the rest is moved")
def _(world):
    def others(box):
        world.server.expunge(box.user, "INBOX", "2001:2010")
    box, report = stopped_in_the_middle(world, others)
    report = world.end_of(box, report)
    equal(numbers(report), {"done": SOME - 10, "gone": 10})
    equal((world.size(box), world.size(box, "Kept")), (0, SOME - 10))
    box.ask.until(lambda p: p.get("total") == 0, "folder", box.user, "INBOX", 1, 50)


@case("the folder that they go to is deleted in the middle: said, and the rest stays")
def _(world):
    def others(box):
        client = world.server.client(box.user)
        check(client.delete("Kept"))
        client.logout()
    box, report = stopped_in_the_middle(world, others)
    report = world.end_of(box, report)
    equal((numbers(report), report["code"]), ({"done": 1000, "failed": SOME - 1000}, "kNotFound"))
    equal((world.size(box), world.shown(box)["total"]), (SOME - 1000, SOME - 1000))
    gone = world.end_of(box, box.undo(report))
    equal(gone["done"], 0)
    ok(gone["failed"] == 1000)


@case("a folder whose index is not read yet: the server is told a range, and the rest of the index comes right")
def _(world):
    user = next(world.free)
    world.server.create(user, "Kept")
    deliver_many(world.server, user, "INBOX", (message(subject="m%d" % n) for n in range(6000)))
    world.proxy.hold(r"^FETCH \d+:\d+ ")
    try:
        box = Box(world, user, 0, (), ())
        box.ask.send("folder", box.user, "INBOX", 1, 50)
        world.held()
        world.proxy.release(1)
        page = box.ask.receive()
        ok(page.get("indexed", 0) < 6000, why=repr(page.get("indexed")))
        uid_next = 6001
        before = len(world.unread(box))
    finally:
        world.proxy.release()
    report = box.ask("act", box.user, "INBOX", page["uid_validity"], "Read", "-", 0, "all:%d" % uid_next)
    report = world.end_of(box, report)
    equal((numbers(report), report["can_undo"]), ({"done": 6000}, True))
    equal(world.unread(box), [])
    box.ask.until(lambda p: p.get("indexed") == 6000 and p["unread"] == 0, "folder", box.user, "INBOX", 1, 50,
                  seconds=30)
    equal(numbers(world.end_of(box, box.undo(report))), {"done": before})
    report = box.ask("act", box.user, "INBOX", page["uid_validity"], "Delete", "-", 0, "all:%d" % uid_next)
    equal(numbers(world.end_of(box, report)), {"done": 6000})
    equal((world.size(box), world.size(box, "Trash")), (0, 6000))


@case("all of the trash for good; nothing else")
def _(world):
    box, page = world.filled(SOME, folders=())
    refused = box.ended(world.all_of(box, page, "Purge"))
    equal((refused["code"], refused["done"]), ("kForbidden", 0))
    ok(refused["failed"] > 0)
    world.end_of(box, world.all_of(box, page, "Delete"))
    trash = box.ask.until(lambda p: p.get("total") == SOME, "folder", box.user, "Trash", 1, 50)
    asks = box.ended(world.all_of(box, trash, "Delete", folder="Trash"))
    equal((asks["progress"], numbers(asks)), ("Asks", {}))
    gone = world.end_of(box, world.all_of(box, trash, "Purge", folder="Trash"))
    equal((numbers(gone), gone["can_undo"]), ({"done": SOME}, False))
    equal(world.size(box, "Trash"), 0)
    equal(world.shown(box, "Trash")["total"], 0)


@case("a folder that was made anew since the page: nothing is done")
def _(world):
    box, page = world.filled(3)
    world.server.deliver(box.user, "Kept", [message(subject="old")])
    work = box.page("Kept")
    world.server.recreate(box.user, "Kept")
    world.server.deliver(box.user, "Kept", [message(subject="new")])
    report = box.ended(box.ask("act", box.user, "Kept", work["uid_validity"], "Delete", "-", 0, "all:100"))
    equal((report.get("done", 0), report.get("error") or report["code"]), (0, "kChanged"))
    equal(box.truth("Kept"), ["new"])


@case("bad input: all up to no message, all and single ones, a report that is none; an empty folder is no trouble")
def _(world):
    box, page = world.filled(3)
    ask = lambda *words: box.ask("act", box.user, "INBOX", page["uid_validity"], *words)  # noqa: E731
    equal(ask("Read", "-", 0, "all:0")["error"], "kInvalid")
    equal(box.ask("report", box.user, 12345, 0)["error"], "kNotFound")
    equal(numbers(world.end_of(box, ask("Read", "-", 0, "all:1"))), {})
    equal(numbers(world.end_of(box, ask("Read", "-", 0, "all:4294967295"))), {"done": 3})
    empty = box.page("Kept")
    report = box.ask("act", box.user, "Kept", empty["uid_validity"], "Delete", "-", 0, "all:1000")
    equal(numbers(world.end_of(box, report)), {})


@case("another webcache takes over in the middle of it: the old one ends what it began, the new one takes it back")
def _(world):
    box, key, report = world.half_moved(SOME)
    world.webcache.take_over()
    ok(len(world.webcache.daemons()) == 2, why="the old one has gone, and left the rest")
    world.proxy.release()
    world.webcache.server.wait_until(lambda: len(world.webcache.daemons()) == 1, "end the old one", 30)
    equal((world.size(box), world.size(box, "Kept")), (0, SOME))
    undone = world.again(box, key, "undo", box.user, report["id"])
    equal(numbers(world.end_of(box, undone)), {"done": SOME})
    equal((world.size(box), world.size(box, "Kept")), (SOME, 0))


@case("the webcache is ended in the middle of it: the next one tells what was done and what was not, and takes it back")
def _(world):
    many = 13000      # more than the command that is held and one of the longest that may follow
    box, key, report = world.half_moved(many)
    os.kill(world.webcache.supervisor_pid, signal.SIGTERM)
    end = time.monotonic() + 3
    while "error" not in world.ask("status") and time.monotonic() < end:     # it has not heard of that yet
        time.sleep(0.02)
    world.proxy.release()
    world.webcache.stop()
    world.webcache.start()
    moved = world.size(box, "Kept")
    ok(1000 <= moved < many, why="%d were moved: this shows nothing" % moved)
    equal(world.size(box), many - moved)
    page = world.again(box, key, "folder", box.user, "INBOX", 1, 50)
    note(repr(page["reports"]))
    equal([numbers(told) for told in page["reports"]], [{"done": moved, "failed": many - moved}])
    world.again(box, key, "folder", box.user, "INBOX", 1, 50, "refresh")
    undone = world.again(box, key, "undo", box.user, report["id"])
    equal(numbers(world.end_of(box, undone)), {"done": moved})
    equal((world.size(box), world.size(box, "Kept")), (many, 0))


main(Everything)
