#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault that t/lib/badimap.py can draw, in any order and at any reply (its mode "chaos"), between the webcache
and a Dovecot, while many users of some sick servers read and change their mail. Every question is answered in time; no
answer holds another user's mail; the daemon lives; nothing is changed, moved or lost but what was meant; another
server's user is served meanwhile; and once a server is well the lists are its own again.

In the short form until there were some hundred faults; in the long one (ALPHAMAIL_SOAK=1) a million, with another
look at the mailboxes after every 20 000, and then each mode alone until it has had 1 000. ALPHAMAIL_FAULTS and
ALPHAMAIL_MODE_FAULTS say other numbers (0 leaves it out), ALPHAMAIL_MODES which modes
(named twice, at two servers that share them), ALPHAMAIL_SEED where chance begins."""
import os
import queue
import random
import re
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from asker import Asker, deliver_many  # noqa: E402
from badproxy import MODES, BadImap  # noqa: E402
from imapd import Dovecot, check, message, numbers, quoted  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, equal, main, note, ok, skip  # noqa: E402
from webcache import Webcache  # noqa: E402

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
FAULTS = int(os.environ.get("ALPHAMAIL_FAULTS") or (1_000_000 if SOAK else 300))
MODE_FAULTS = int(os.environ.get("ALPHAMAIL_MODE_FAULTS") or (1000 if SOAK else 0))
MODE_SECONDS = min(900, MODE_FAULTS)     # at most for one mode: some spoil little
SERVERS = 6 if SOAK else 4       # a breaker each: while it is open nothing is asked there
A_ROUND = 20_000 // SERVERS
USERS = ["chaos%02d" % n for n in range(3 * SERVERS)]
COUNT = 24
DEADLINE = 3000          # ms, of a question
SLACK = 5.0              # s, what a busy machine may add
PROB = 0.06              # of a fault at a reply: with more the breaker is open all the time, and nothing is asked
BUMP = " bump"
# Without log-in there is nothing to spoil; those that would show only where a search of the server's is needed; none at all.
NO_MODE = {"starttls-strip", "starttls-refuse", "starttls-inject", "preauth", "search-huge", "pass", "chaos"}
# Those that show only where a connection is new.
ON_NEW = {"refuse-all", "refuse-kth", "stall-greeting", "bye-greeting", "stall-after", "close-after", "rst-after", "flap",
          "slow-greeting", "slow-login", "bye-after-login", "auth-reject-once", "auth-reject-kth", "auth-unavailable",
          "capability-change", "capability-lies", "capability-min"}
# Those that spoil only certain replies.
SELDOM = {"stall-mid-literal", "close-mid-literal", "long-header", "many-headers", "size-lies", "literal-bad", "literal-less",
          "literal-more", "literal-smuggle", "list-many", "list-odd", "expunge-storm", "uid-odd", "uid-shift", "seq-odd",
          "unbalanced", "big-literal", "date-odd"}


def mark_of(user):
    return "Q%sZ" % user.upper()


class World:
    def __enter__(self):
        self.folder = paths.TestFolder()
        self.dovecot = Dovecot(self.folder, ssl="no", failure_delay="0 secs", processes=1000)
        for user in USERS + ["eve"]:
            self.dovecot.add_user(user, "demo")
        self.dovecot.start()
        self.sick = [Sick(self, n) for n in range(SERVERS)]
        servers = ["%s=127.0.0.1:%d[/]" % (one.domain, one.bad.port) for one in self.sick]
        servers.append("well.edu=127.0.0.1:%d[/]" % self.dovecot.imap_port)
        self.webcache = Webcache(
            self.folder, command_timeout=400, connect_timeout=400, login_failures_account=1000, workers=64,
            login_failures_network=100000, imap_plain_allowed=", ".join(one.partition("=")[0] for one in servers),
            imap_servers=", ".join(servers)).start()
        return self

    def __exit__(self, *_):
        self.webcache.close()
        for one in self.sick:
            one.bad.close()
        self.dovecot.stop()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 40)

    def bump(self, user):
        """Something changes there, so that the server tells of it, and a message comes that is not known yet."""
        uids = self.dovecot.deliver(user, "INBOX", [message(subject=mark_of(user) + BUMP)])
        client = self.dovecot.client(user)
        check(client.select("INBOX"))
        check(client.uid("STORE", numbers(uids), "+FLAGS.SILENT", "(\\Deleted)"))
        check(client.uid("EXPUNGE", numbers(uids)))
        client.logout()

    def truth(self, user):
        """{subject: [(folder, flags), ...]} by another client, straight from the server."""
        client = self.dovecot.client(user)
        found = {}
        for folder in ("INBOX", "Kept"):
            check(client.select(quoted(folder), readonly=True))
            for line in check(client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
                if isinstance(line, tuple):
                    flags = set(re.search(rb"FLAGS \(([^)]*)\)", line[0])[1].decode().split())
                    subject = line[1].decode().partition(":")[2].strip()
                    found.setdefault(subject, []).append((folder, frozenset(flags) - {"\\Recent", "\\Seen"}))
        client.logout()
        return found

    def remove_copy(self, user, subject):
        client = self.dovecot.client(user)
        check(client.select("Kept"))
        uid = next(uid for uid in check(client.uid("SEARCH", "ALL"))[0].split()
                   if (subject + "\r").encode() in check(client.uid("FETCH", uid, "BODY.PEEK[HEADER.FIELDS (SUBJECT)]"))[0][1])
        check(client.uid("STORE", uid, "+FLAGS.SILENT", "(\\Deleted)"))
        check(client.uid("EXPUNGE", uid))
        client.logout()


class Walk(threading.Thread):
    """One user, who does one thing after the other until told to rest."""

    def __init__(self, world, user, domain, seed):
        super().__init__(daemon=True)
        self.world, self.user, self.domain, self.random = world, user, domain, random.Random(seed)
        self.ask = Asker(world.webcache, world.folder)
        self.ask.brings = self.ask.patient = False
        self.ask("deadline", DEADLINE)
        self.sealed = self.ask.seal(user, "demo", domain)
        self.page, self.touched = None, set()     # subjects that may have changed
        self.questions, self.answers, self.slowest, self.trouble = 0, {}, 0.0, None
        self.done, self.refused = 0, False        # messages changed, as answers said; whether not all were
        self.go, self.over, self.idle = threading.Event(), False, threading.Event()
        self.foreign = [mark_of(other).lower() for other in USERS + ["eve"] if other != user]

    def asked(self, *words):
        begun = time.monotonic()
        answer = self.ask(*words)
        took = time.monotonic() - begun
        self.questions += 1
        self.slowest = max(self.slowest, took)
        kind = answer.get("error") or "good"
        self.answers[kind] = self.answers.get(kind, 0) + 1
        ok(took < DEADLINE / 1000 + SLACK, why="%r took %.1f s" % (words[:4], took))
        said = repr(answer).lower()
        for word in self.foreign:
            ok(word not in said, why="%r shows %s: %s" % (words[:4], word, said[:500]))
        return answer

    def log_in(self):
        return self.asked("login", self.user, self.user, self.domain, "192.0.2.1", "demo")

    def begin(self):
        """Logs in, where a step has little time, and goes on by itself."""
        end = time.monotonic() + 30
        while "address" not in (answer := self.log_in()):
            ok(time.monotonic() < end, why="%s: %r" % (self.user, answer))
            time.sleep(0.1)
        self.start()

    def list(self, *more):
        answer = self.asked("folder", self.user, "INBOX", 1, 50, *more)
        if answer.get("rows"):
            self.page = answer
        return answer

    def act(self):
        if self.page is None:
            return self.list()
        rows = [row for row in self.page["rows"] if not row["subject"].endswith(BUMP)]
        chosen = self.random.sample(rows, min(len(rows), self.random.randint(1, 4)))
        action = self.random.choice(("Star", "Unstar", "Read", "Unread", "Move"))
        self.touched |= {row["subject"] for row in chosen}
        answer = self.asked("act", self.user, "INBOX", self.page["uid_validity"], action,
                            "Kept" if action == "Move" else "-", 0,
                            *["%d:%d" % (row["uid"], row["identity"]) for row in chosen])
        self.done += answer.get("done", 0)
        unsure = answer.get("progress") == "Running"
        self.refused = self.refused or bool(answer.get("error") or answer.get("failed") or unsure)
        if answer.get("can_undo") and self.random.random() < 0.5:
            answer = self.asked("undo", self.user, answer["id"])
        return answer

    def step(self):
        choice = self.random.random()
        if choice < 0.35:
            answer = self.list("refresh" if self.random.random() < 0.8 else "-")
        elif choice < 0.5:
            answer = self.list("refresh", self.random.choice(("Subject", "From", "Size")))
        elif choice < 0.7:
            uids = [row["uid"] for row in self.page["rows"][:2]] if self.page else []
            answer = self.asked("message", self.user, "INBOX", self.random.choice(uids + [self.random.randint(1, COUNT)]), 50)
        elif choice < 0.78:
            answer = self.asked("folder", self.user, "Kept", 1, 50, "refresh")
        elif choice < 0.86:
            answer = self.asked("folders", self.user, "anew")
        else:
            answer = self.act()
        if answer.get("error") == "kNeedCredentials":
            self.asked("resume", self.user, self.user, self.domain, *self.sealed)
        elif answer.get("error") == "kNoSession" or self.random.random() < 0.01:
            self.log_in()
        if answer.get("error") in ("kUnreachable", "kTimeout", "kBusy"):
            time.sleep(0.1)    # while the breaker is open, refusals come as fast as they are asked for

    def run(self):
        while not self.over:
            if not self.go.is_set():
                self.idle.set()
                self.go.wait(0.2)
                continue
            self.idle.clear()
            try:
                self.step()
            except Exception as error:  # pylint: disable=broad-except
                self.trouble = self.trouble or "%s: %s" % (self.user, error)
                self.go.clear()
        self.ask.close()


def pause(walks):
    for walk in walks:
        walk.go.clear()
    for walk in walks:
        ok(walk.idle.wait(60), why="%s does not come to rest" % walk.user)


def compare(world, server):
    """While these rest and their server is well: only what was ticked has changed, nothing is lost, lists are right."""
    before = server.before
    for walk in server.walks:
        truth = world.truth(walk.user)
        equal(sorted(truth), sorted(before[walk.user]), walk.user + ": all messages are there")
        for subject, places in truth.items():
            # A server that hides that it can MOVE, and goes between the copy and its end: both stay, and it was said. Whoever
            # moves it once more gets one more.
            if len(places) > 1 and subject in walk.touched and walk.refused:
                ok(sum(folder == "INBOX" for folder, _ in places) < 2, why="%s: %r" % (subject, places))
                for _ in places[1:]:
                    world.remove_copy(walk.user, subject)
        truth = world.truth(walk.user)
        equal([subject for subject, places in truth.items() if len(places) != 1], [])
        truth = {subject: places[0] for subject, places in truth.items()}
        for subject, place in truth.items():
            if subject not in walk.touched:
                equal(place, before[walk.user][subject], "%s of %s was not ticked" % (subject, walk.user))
        there = sorted(subject for subject, (folder, _) in truth.items() if folder == "INBOX")
        begun = time.monotonic()
        while True:
            answer = walk.list("refresh")
            if answer.get("error") in ("kNeedCredentials", "kNoSession"):
                walk.log_in()
            elif sorted(row["subject"] for row in answer.get("rows", ())) == there:
                break
            took = time.monotonic() - begun
            if "rows" in answer and took > 5:
                world.bump(walk.user)     # what was said while it lied stays until the server tells of a change
            if "rows" in answer and took > 10:
                server.doubts += 1
                server.talk_nonsense(walk)  # or until it is known to lie
            ok(took < 60, why="%s: %r is not %r, %.300r" % (
                walk.user, [(row["uid"], row["subject"]) for row in answer.get("rows", ())], there, answer))
            time.sleep(0.1)
        before[walk.user], walk.touched, walk.page, walk.refused = truth, set(), None, False


class Sick:
    """A sick server before the Dovecot, with its users."""

    def __init__(self, world, number):
        self.world, self.domain, self.users = world, "sick%d.edu" % number, USERS[number::SERVERS]
        self.bad, self.walks, self.before = BadImap(world.dovecot.imap_port, str(world.folder)), [], {}
        self.doubts = 0    # how often a lie stayed in a list until the server was caught at another one
        for name, value in (("prob", PROB), ("stall_s", 3), ("slow_s", 0.5), ("delay_ms", 20), ("size", 300000),
                            ("storm", 100), ("kth", 2), ("down_ms", 700), ("up_ms", 500)):
            self.bad.set(name, value)

    def begin(self, seed):
        self.before = {user: {subject: place for subject, (place,) in self.world.truth(user).items()} for user in self.users}
        self.walks = [Walk(self.world, user, self.domain, "%d %s" % (seed, user)) for user in self.users]
        for walk in self.walks:
            walk.begin()

    def spoil(self, mode, faults, seconds=10 ** 9):
        """Until so many more; then all is looked at. How many there were."""
        first, end = self.bad.faults(), time.monotonic() + seconds
        self.bad.mode(mode)
        for walk in self.walks:
            walk.go.set()
        kicked = bumped = time.monotonic()
        while self.bad.faults() < first + faults and time.monotonic() < end and not self.trouble():
            time.sleep(0.1)
            if mode in ON_NEW and time.monotonic() > kicked + 0.5:
                self.bad.kick()
                kicked = time.monotonic()
            if time.monotonic() > bumped + 0.3:
                self.world.bump(random.choice(self.users))
                bumped = time.monotonic()
        pause(self.walks)
        self.bad.mode("pass")
        self.bad.kick()
        equal(self.trouble(), [], mode)
        compare(self.world, self)
        return self.bad.faults() - first

    def talk_nonsense(self, walk):
        self.bad.set("prob", 1)
        self.bad.mode("garbage")
        walk.list("refresh")
        self.bad.mode("pass")
        self.bad.set("prob", PROB)
        self.bad.kick()

    def trouble(self):
        return [walk.trouble for walk in self.walks if walk.trouble]


def side_by_side(world, work):
    """work(server) in a thread for each; what failed in them."""
    failures = []

    def guarded(one):
        try:
            work(one)
        except Exception as error:  # pylint: disable=broad-except
            failures.append("%s: %s" % (one.domain, error))
            traceback.print_exc()
    threads = [threading.Thread(target=guarded, args=(one,)) for one in world.sick]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(failures, [])


def total(walks):
    kinds = {}
    for walk in walks:
        for kind, count in walk.answers.items():
            kinds[kind] = kinds.get(kind, 0) + count
    return kinds


def served(well):
    """On a busy machine this server, too, is late at times: it has 400 ms. A message that its user has moved away is
    not found, as it should be."""
    note("another server's user: %d answers, the slowest took %.1f s" % (well.questions, well.slowest))
    good = well.answers["good"] + well.answers.get("kNotFound", 0)
    ok(good > 0.9 * well.questions, why=repr(well.answers))
    equal(well.trouble, None)


@case("%d faults of every kind: answers in time, nothing foreign, nothing done that was not meant, and all is well after"
      % FAULTS)
def _(w):
    seed = int(os.environ.get("ALPHAMAIL_SEED", str(time.time_ns() % 10**6)))
    note("seed %d" % seed)
    for user in USERS + ["eve"]:
        w.dovecot.create(user, "Kept")
        deliver_many(w.dovecot, user, "INBOX", (
            message(subject="%s %d" % (mark_of(user), n), text="x" * (7 * n)) for n in range(COUNT)))
    pid = w.pid = w.webcache.pid
    for one in w.sick:
        one.begin(seed)
    w.well = Walk(w, "eve", "well.edu", seed)
    w.well.begin()
    w.well.go.set()
    begun, looks, faults, lock = time.monotonic(), 0, 0, threading.Lock()

    def work(one):
        nonlocal looks, faults
        while faults < FAULTS:
            some = one.spoil("chaos", min(A_ROUND, -(-FAULTS // SERVERS)))
            with lock:
                faults, looks = faults + some, looks + 1
                note("%d faults after %.0f s" % (faults, time.monotonic() - begun))
    side_by_side(w, work)
    equal(w.webcache.pid, pid, "the daemon died")
    walks = [walk for one in w.sick for walk in one.walks]
    kinds = total(walks)
    note("%d faults in %.0f s, %d looks; %d questions, %r; the slowest took %.1f s" % (
        faults, time.monotonic() - begun, looks, sum(walk.questions for walk in walks), kinds,
        max(walk.slowest for walk in walks)))
    each = {}
    for one in w.sick:
        for kind, count in one.bad.stats()["faults"].items():
            each[kind] = each.get(kind, 0) + count
    note("of each kind: %r" % each)
    note("%d times a lie stayed in a list until the server was known for one" % sum(one.doubts for one in w.sick))
    served(w.well)
    ok(kinds.get("good", 0) > 0 and len(kinds) > 2, why=repr(kinds))
    changed = sum(walk.done for walk in walks)
    note("%d messages were changed" % changed)
    ok(changed > 0, why="nothing was done: this shows nothing")


@case("each mode alone, %d faults of it: the same" % MODE_FAULTS)
def _(w):
    wanted = os.environ.get("ALPHAMAIL_MODES", "").split() or sorted(set(MODES) - NO_MODE)
    if not MODE_FAULTS:
        skip("part of a soak")
    todo, table, lock = queue.Queue(), {}, threading.Lock()
    for mode in wanted:
        todo.put(mode)

    def work(one):
        while True:
            try:
                mode = todo.get_nowait()
            except queue.Empty:
                return
            before, begun = total(one.walks), time.monotonic()
            one.bad.set("prob", 1 if mode in ON_NEW else 0.5 if mode in SELDOM else PROB)
            # One by its very meaning: the first log-in of a run.
            share = 1 if mode == "auth-reject-once" else -(-MODE_FAULTS // wanted.count(mode))
            faults = one.spoil(mode, share, MODE_SECONDS)
            with lock:
                table[mode] = table.get(mode, 0) + faults
            answers = {kind: count - before.get(kind, 0) for kind, count in total(one.walks).items()}
            note("| %s | %d | %.0f | %s |" % (mode, faults, time.monotonic() - begun, ", ".join(
                "%s: %d" % item for item in sorted(answers.items()) if item[1])))
    side_by_side(w, work)
    equal(w.webcache.pid, w.pid, "the daemon died")
    equal(sorted(table), sorted(set(wanted)))
    equal([mode for mode, faults in table.items() if faults == 0], [])
    served(w.well)


main(World)
