#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions on messages while the server gives them other numbers: another UIDVALIDITY at each turn, the UIDs of
their neighbours, storms of EXPUNGE, sequence numbers that cannot be. Rows are ticked as pages showed them, in
good times or bad, and after each action the mailbox itself is asked: nothing but what was ticked has changed.

In the short form some 10 000 messages are ticked, in the long one (ALPHAMAIL_SOAK=1) 100 000; ALPHAMAIL_TICKS
says another number."""
import concurrent.futures
import os
import random
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from asker import Asker, deliver_many  # noqa: E402
from badproxy import BadImap  # noqa: E402
from imapd import Dovecot, check, message, quoted  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, equal, main, note, ok  # noqa: E402
from webcache import Webcache, sanitized  # noqa: E402

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
TICKS = int(os.environ.get("ALPHAMAIL_TICKS", "100000" if SOAK else "1000" if sanitized() else "10000"))
COUNT = 40
MODES = ("uidvalidity", "uid-shift", "expunge-storm", "seq-odd")
ACTIONS = ("Star", "Unstar", "Read", "Unread", "Move", "Delete", "Copy")


class World:
    def __enter__(self):
        self.folder = paths.TestFolder()
        self.dovecot = Dovecot(self.folder, ssl="no", failure_delay="0 secs")
        for mode in MODES:
            self.dovecot.add_user(mode, "demo")
        self.dovecot.start()
        self.bad = {mode: BadImap(self.dovecot.imap_port, str(self.folder)) for mode in MODES}
        self.webcache = Webcache(
            self.folder, command_timeout="2s", connect_timeout="2s", login_failures_account=1000,
            imap_plain_allowed=", ".join(mode + ".edu" for mode in MODES),
            imap_servers=", ".join("%s.edu=127.0.0.1:%d[/]" % (mode, self.bad[mode].port) for mode in MODES)).start()
        return self

    def __exit__(self, *_):
        self.webcache.close()
        for bad in self.bad.values():
            bad.close()
        self.dovecot.stop()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 40)


class Reader:
    """One user at one sick server."""

    def __init__(self, world, mode, seed):
        self.world, self.mode, self.bad, self.random = world, mode, world.bad[mode], random.Random(seed)
        self.ask = Asker(world.webcache, world.folder)
        self.ask.patient = False    # a server that lies is not asked for ever
        self.domain = mode + ".edu"
        self.sealed = self.ask.seal(mode, "demo", self.domain)
        self.outcomes = {}
        self.ticked = self.changed = self.turns = 0
        self.client = world.dovecot.client(mode)  # asks the mailbox itself
        self.fill()
        self.bad.mode("pass")
        self.ask.until(lambda got: "address" in got, "login", mode, mode, self.domain, "192.0.2.1", "demo")

    def fill(self):
        client = self.client
        for folder in ("INBOX", "Kept", "Trash"):
            client.create(quoted(folder))
            check(client.select(quoted(folder)))
            if client.uid("SEARCH", "ALL")[1][0]:
                check(client.store("1:*", "+FLAGS.SILENT", "\\Deleted"))
                check(client.expunge())
        deliver_many(self.world.dovecot, self.mode, "INBOX", (message(subject="s%d" % n) for n in range(COUNT)))
        self.now = self.truth()

    def truth(self):
        """{subject: sorted [(folder, flags)]} by another client, straight from the server."""
        client, found = self.client, {}
        for folder in ("INBOX", "Kept", "Trash"):
            check(client.select(quoted(folder), readonly=True))
            for line in check(client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
                if isinstance(line, tuple):
                    flags = set(re.search(rb"FLAGS \(([^)]*)\)", line[0])[1].decode().split()) - {"\\Recent"}
                    subject = line[1].decode().partition(":")[2].strip()
                    found.setdefault(subject, []).append((folder, tuple(sorted(flags))))
        return {subject: sorted(places) for subject, places in found.items()}

    def asked(self, *words):
        """The answer; a session that is to bring its password does."""
        for _ in range(3):
            answer = self.ask(*words)
            if answer.get("error") != "kNeedCredentials":
                return answer
            self.ask.resume(self.mode, self.mode, self.sealed, self.domain)
        return answer

    def page(self):
        for _ in range(3):
            page = self.asked("folder", self.mode, "INBOX", 1, 50, *(("refresh",) if self.random.random() < .5 else ()))
            if page.get("rows"):
                return page
        return None

    def turn(self):
        """One action in good or bad times, on rows of a page from either."""
        rng = self.random
        self.bad.mode(self.mode if rng.random() < 0.5 else "pass")
        self.bad.set("every", rng.choice((1, 1, 2, 3)))
        if self.mode == "expunge-storm":
            self.bad.kick()  # there is one a connection
        page = self.page()
        if page is None:
            self.bad.mode("pass")
            self.count("no page")
            return
        rows = page["rows"]
        begin = rng.randrange(len(rows))
        chosen = rows[begin:begin + rng.randint(1, 15)] if rng.random() < 0.5 else rng.sample(
            rows, min(len(rows), rng.randint(1, 15)))
        meant = {row["subject"] for row in chosen}
        action = rng.choice(ACTIONS)
        before = self.now
        self.bad.mode(self.mode if rng.random() < 0.7 else "pass")
        report = self.asked("act", self.mode, "INBOX", page["uid_validity"], action, "Kept" if action in (
            "Move", "Copy") else "-", 0, *["%d:%d" % (row["uid"], row["identity"]) for row in chosen])
        report = self.ask.ended(self.mode, report)
        after = self.now = self.truth()
        self.ticked += len(chosen)
        changed = {subject for subject in set(before) | set(after) if before.get(subject) != after.get(subject)}
        self.changed += len(changed)
        wrong = changed - meant
        equal(wrong, set(), "%s under %s: meant %s, answered %.300r; changed" % (
            action, self.mode, sorted(meant), report))
        equal(set(before) - set(after), set(), "lost")
        self.count(report.get("error") or ("done" if report["done"] else report["code"] or "nothing"))
        # What an index was told by a liar it believes until that talks nonsense or there are other messages: all is refused then.
        self.turns += 1
        if self.turns % 20 == 0 or len(after) < COUNT or sum(place[0][0] == "INBOX" for place in after.values()) < 15:
            self.bad.mode("pass")
            self.fill()

    def count(self, outcome):
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    def run(self):
        try:
            while self.ticked < TICKS / len(MODES):
                self.turn()
            return self.ticked, self.changed, self.bad.faults(), self.outcomes
        finally:
            self.ask.close()
            self.client.logout()


@case("of some %d messages that were ticked under four kinds of wrong numbers, no other one was changed" % TICKS)
def _(w):
    seed = int(os.environ.get("ALPHAMAIL_SEED", "1"))
    with concurrent.futures.ThreadPoolExecutor(len(MODES)) as pool:
        results = list(pool.map(lambda mode: Reader(w, mode, "%d %s" % (seed, mode)).run(), MODES))
    note("| mode | ticked | changed | faults | answers |\n|---|---|---|---|---|")
    for mode, (ticked, changed, faults, outcomes) in zip(MODES, results):
        note("| %s | %d | %d | %d | %s |" % (mode, ticked, changed, faults, ", ".join(
            "%s: %d" % item for item in sorted(outcomes.items()))))
        ok(faults > 0, why=mode)
    ok(sum(result[1] for result in results) > TICKS / 20, why="nearly nothing was done at all")
    ok(w.webcache.server.alive())


main(World)
