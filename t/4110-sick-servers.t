#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault that badimap.py knows, through the whole stack: a browser without script, httpd, webcache, the
faulty server before a Dovecot. With each of them every page comes in time, whole, and with what is right or a
reason in words; the daemon lives; a user of another server is answered meanwhile; no message but the ones that
were meant is touched, and none is lost.

The long form (ALPHAMAIL_SOAK=1) goes round until each mode has had so many faults, ALPHAMAIL_FAULTS (1000);
ALPHAMAIL_MODES names some of them. Its table is that of doc/reliability.md."""
import concurrent.futures
import os
import queue
import re
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from asker import deliver_many  # noqa: E402
from badproxy import CERTIFICATES, MODES, BadImap  # noqa: E402
from imapd import Dovecot, check, message, quoted  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, note, ok  # noqa: E402

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
WANTED = int(os.environ.get("ALPHAMAIL_FAULTS", "1000")) if SOAK else 1
PATIENCE = 1800 if SOAK else 60   # seconds, until a mode has had so many
SECONDS = 3.0     # AlphaMailDeadline
SLACK = 15.0      # what a busy machine may add to it
LANES = 6         # faulty servers at a time
COUNT = 9         # messages of each user

TLS_ALONE = {"starttls-strip", "starttls-refuse", "starttls-inject", "preauth"}   # no log-in at all
# Where there may be no fault at all: chaos makes few, and nothing is searched where the index is complete and the server
# can UID EXPUNGE.
NONE = {"pass", "chaos", "search-huge"}
# Those that show only where a connection is new.
ON_NEW = {"refuse-all", "refuse-kth", "stall-greeting", "bye-greeting", "stall-after", "close-after", "rst-after",
          "flap", "slow-greeting", "slow-login", "bye-after-login", "auth-reject-once", "auth-reject-kth",
          "auth-unavailable", "capability-change", "capability-lies", "capability-min"}
WHOLE = sorted(set(MODES) - TLS_ALONE)
if os.environ.get("ALPHAMAIL_MODES"):
    WHOLE = [name for name in WHOLE if name in os.environ["ALPHAMAIL_MODES"].split()]
USERS = ["m%02d" % n for n in range(len(WHOLE))]


class Sick(Stack):
    """Servers l0.edu ... before one Dovecot, each sick in its own way; well.edu is another Dovecot."""
    patience = 0    # pages that come before the mail server's answer are the matter here

    def __init__(self):
        super().__init__(users=USERS, imap={"ssl": "no", "processes": 600},
                         cache={"command_timeout": 700, "connect_timeout": 700, "workers": 48,
                                "login_failures_account": 1000, "login_failures_network": 100000},
                         site={"AlphaMailDeadline": int(SECONDS * 1000)}, start=("dovecot",))
        self.lanes, self.well, self.table = [], None, {}

    def __enter__(self):
        super().__enter__()
        try:
            self._start_all()
        except BaseException:
            self.close()
            raise
        return self

    def _start_all(self):
        self.well = Dovecot(self.folder, name="well", ssl="no")
        self.well.add_user("eve", "demo")
        self.well.start()
        self.well.deliver("eve", "INBOX", [message(subject="Elsewhere")])
        self.lanes = [BadImap(self.dovecot.imap_port, str(self.folder)) for _ in range(LANES)]
        domains = ["l%d.edu" % n for n in range(LANES)]
        servers = ["%s=127.0.0.1:%d[/]" % (domain, lane.port) for domain, lane in zip(domains, self.lanes)]
        self.webcache.write_config(imap_servers=", ".join(servers + ["well.edu=127.0.0.1:%d[/]" % self.well.imap_port]),
                                   imap_plain_allowed=", ".join(domains + ["well.edu"]), tls_ca_file="")
        self.webcache.start()
        self.httpd.start()

    def close(self):
        for lane in self.lanes:
            lane.close()
        if self.well is not None:
            self.well.stop()
        super().close()

    def inside(self, user):
        """{subject: (folder, flags)} as another client is told; what another one's flags say of \\Seen aside. A command
        that the server was given before may still be at work: until two looks tell the same, and each message once."""
        before, end = None, time.monotonic() + 20
        while True:
            found, twice = self._look_inside(user)
            if found == before and not twice:
                return found
            ok(time.monotonic() < end, why="%s: there twice: %r; %r, then %r" % (user, twice, before, found))
            before = found
            time.sleep(0.02)

    def _look_inside(self, user):
        client = self.dovecot.client(user)
        found, twice = {}, []
        for folder in ("INBOX", "Kept"):
            check(client.select(quoted(folder), readonly=True))
            for line in check(client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
                if isinstance(line, tuple):
                    flags = re.search(rb"FLAGS \(([^)]*)\)", line[0])[1].decode().split()
                    subject = line[1].decode().partition(":")[2].strip()
                    twice += [subject] if subject in found else []
                    found[subject] = (folder, frozenset(flags) - {"\\Seen", "\\Recent"})
        client.logout()
        return found, twice


class Watch:
    """Somebody at a server that is well, who reads all the while."""

    def __init__(self, stack):
        self.browser = stack.browser()
        self.browser.patience = 30
        self.longest, self.pages, self.trouble, self.ended = 0.0, 0, None, False
        contains(self.browser.log_in("eve", "demo", domain="well.edu").words, "Elsewhere")
        self.browser.patience = 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ended:
            begun = time.monotonic()
            try:
                page = self.browser.get("mail/INBOX/")
                if page.status != 200 or "Elsewhere" not in page.words:
                    self.trouble = "%d: %s" % (page.status, page.words[:300])
            except OSError as error:
                self.trouble = repr(error)
            self.longest = max(self.longest, time.monotonic() - begun)
            self.pages += 1
            time.sleep(0.05)

    def end(self):
        self.ended = True
        self.thread.join(30)


def marks(page):
    found = {}
    for row in re.findall(r'<tr class="msg.*?</tr>', page.text, re.S):
        subject = re.search(r'<a id="m\d+" href="[^"]*">(?:<span class="vh">[^<]*</span>)?<bdi>([^<]*)', row)[1]
        found[subject] = re.search(r'name="m" value="(\d+-[0-9a-f]{8})"', row)[1]
    return found


def sound(mode, what, page, seconds):
    """A page that came in time, is whole, and says what is wrong where something is."""
    where = "%s, %s: %d in %.1f s" % (mode, what, page.status, seconds)
    ok(seconds < SECONDS + SLACK, why=where)
    ok(page.status in (200, 403, 404, 409, 429, 502, 503, 504), why="%s: %s" % (where, page.words[:400]))
    ok(page.text.rstrip().endswith("</html>"), why=where + ", cut")
    if page.status != 200:
        ok('role="alert"' in page.text or 'role="status"' in page.text, why=where + ": " + page.words[:300])
    lacks(page.text, "<script>", where)


def one_round(stack, lane, domain, mode, user):
    """Everything a user does, under one mode. Gives how many faults there were, and what pages were like."""
    lane.mode("pass")
    end = time.monotonic() + 30
    while True:
        browser = stack.browser()
        page = browser.log_in(user, "demo", domain=domain)
        if page.status == 200 and "/mail/" in page.url and len(marks(page)) == COUNT:
            break
        ok(time.monotonic() < end, why="%s: no log-in before it: %s" % (mode, page.words[:300]))
        time.sleep(0.2)
    known = marks(page)
    form = page.form("v")
    before = stack.inside(user)
    faults = lane.faults()
    lane.set("prob", 0.15 if mode == "chaos" else 1.0)
    lane.mode(mode)
    if mode in ON_NEW:
        lane.kick()
    kinds = {}

    def step(what, ask):
        begun = time.monotonic()
        shown = ask()
        sound(mode, what, shown, time.monotonic() - begun)
        kinds[shown.status] = kinds.get(shown.status, 0) + 1
        return shown

    step("check", lambda: browser.submit(page, form, button=("do", "check")))
    step("list", lambda: browser.get("mail/INBOX/?sort=subject&order=asc"))
    step("message", lambda: browser.get("mail/INBOX/2"))
    step("another folder", lambda: browser.get("mail/Kept/"))
    step("star", lambda: browser.submit(page, form, button=("do", "star"), m=[known["s3"], known["s4"]]))
    step("move", lambda: browser.submit(page, form, button=("do", "move"), m=[known["s5"], known["s6"]], to="Kept"))
    step("log-in", lambda: stack.browser().log_in(user, "demo", domain=domain))
    faults = lane.faults() - faults
    lane.mode("pass")
    lane.kick()
    after = stack.inside(user)
    equal(sorted(after), sorted(before), mode + ": all messages are there, once")
    for subject, (folder, flags) in after.items():
        if subject not in ("s3", "s4"):
            equal(flags, before[subject][1], "%s: flags of %s" % (mode, subject))
        if subject not in ("s5", "s6"):
            equal(folder, before[subject][0], "%s: place of %s" % (mode, subject))
    # Well again: the same list as the server's, soon.
    end = time.monotonic() + 30
    while True:
        page = browser.get("mail/INBOX/")
        if page.status == 200 and page.url.endswith("/mail/INBOX/"):
            page = browser.submit(page, page.form("v"), button=("do", "check"))
        if page.status == 200 and 'class="note warn"' not in page.text and "/mail/INBOX/" in page.url:
            break
        if "/login" in page.url:
            browser = stack.browser()
            browser.log_in(user, "demo", domain=domain)
        ok(time.monotonic() < end, why="%s: not well again: %s" % (mode, page.words[:400]))
        time.sleep(0.3)
    there = {subject for subject, (folder, _) in after.items() if folder == "INBOX"}
    kinds["equal" if set(marks(page)) == there else "differs"] = 1
    put_back(stack, user, after)
    return faults, kinds


def enough(mode, total):
    return mode == "pass" or total >= WANTED or (mode in NONE and not SOAK)


def put_back(stack, user, after):
    client = stack.dovecot.client(user)
    check(client.select("Kept"))
    if any(folder == "Kept" for folder, _ in after.values()):
        check(client.uid("MOVE", "1:*", "INBOX"))
    check(client.select("INBOX"))
    check(client.uid("STORE", "1:*", "-FLAGS.SILENT", "(\\Flagged \\Seen)"))
    client.logout()


@case("each mode: pages in time, whole and clear; nothing touched that was not meant; other users do not notice")
def _(stack):
    for user in USERS:
        stack.dovecot.create(user, "Kept")
        deliver_many(stack.dovecot, user, "INBOX", (message(subject="s%d" % n) for n in range(COUNT)))
    watch = Watch(stack)
    todo = queue.Queue()
    for item in zip(WHOLE, USERS):
        todo.put(item)
    failures = []

    def work(number):
        lane, domain = stack.lanes[number], "l%d.edu" % number
        for name, value in (("kth", 2), ("stall_s", 20), ("slow_s", 1.5), ("delay_ms", 20), ("size", 300000),
                            ("storm", 300), ("down_ms", 700), ("up_ms", 500)):
            lane.set(name, value)
        while True:
            try:
                mode, user = todo.get_nowait()
            except queue.Empty:
                return
            total, kinds, rounds = 0, {}, 0
            begun = time.monotonic()
            try:
                while rounds == 0 or (time.monotonic() - begun < PATIENCE and not enough(mode, total)):
                    faults, shown = one_round(stack, lane, domain, mode, user)
                    total, rounds = total + faults, rounds + 1
                    for kind, count in shown.items():
                        kinds[kind] = kinds.get(kind, 0) + count
                ok(total > 0 or mode in NONE, why="no fault under " + mode)
            except Exception as error:  # pylint: disable=broad-except
                failures.append("%s: %s" % (mode, error))
            stack.table[mode] = (rounds, total, kinds)
    with concurrent.futures.ThreadPoolExecutor(LANES) as pool:
        list(pool.map(work, range(LANES)))
    watch.end()
    note("| mode | rounds | faults | pages by status |\n|---|---|---|---|")
    for mode in WHOLE:
        rounds, total, kinds = stack.table.get(mode, (0, 0, {}))
        note("| %s | %d | %d | %s |" % (mode, rounds, total, ", ".join(
            "%s: %d" % (kind, kinds[kind]) for kind in sorted(kinds, key=str))))
    note("another server's user: %d pages, the longest took %.2f s" % (watch.pages, watch.longest))
    ok(stack.webcache.server.alive())
    equal(watch.trouble, None)
    ok(watch.longest < 2 + SLACK, why="%.1f s" % watch.longest)
    equal(failures, [])


@case("each certificate and each trick before TLS: no password leaves, and the page says why")
def _(stack):
    kinds = [("cert-" + kind, ("--tls", "--cert", kind)) for kind in CERTIFICATES]
    kinds += [(mode, ("--starttls", "--mode", mode)) for mode in sorted(TLS_ALONE)]
    faulty = {name: BadImap(stack.dovecot.imap_port, str(stack.folder), *options) for name, options in kinds}
    try:
        trusted = os.path.join(stack.folder.path, "all.pem")
        with open(trusted, "w", encoding="ascii") as out:
            for one in faulty.values():
                with open(one.ca_file, encoding="ascii") as source:
                    out.write(source.read())
        os.chmod(trusted, 0o644)
        stack.webcache.stop()
        stack.webcache.write_config(tls_ca_file=trusted, imap_plain_allowed="", imap_servers=", ".join(
            "%s.edu=%s://localhost:%d[/]" % (name, "imaps" if name.startswith("cert-") else "imap", one.port)
            for name, one in faulty.items()))
        stack.webcache.start()
        stack.httpd.stop()
        stack.httpd.start()

        well = "cert-good", "starttls-strip"    # by loopback passwords may go without TLS

        def attempt(name):
            begun = time.monotonic()
            browser = stack.browser()
            browser.patience = 30 if name in well else 0
            page = browser.log_in(USERS[0], "demo", domain=name + ".edu")
            return name, page, time.monotonic() - begun
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for name, page, seconds in pool.map(attempt, faulty):
                sound(name, "log-in", page, seconds)
                if name in well:
                    ok(page.status == 200 and "/mail/" in page.url, why=page.words[:300])
                else:
                    ok(page.status in (502, 503, 504), why="%s: %d %s" % (name, page.status, page.words[:300]))
                    equal(faulty[name].stats()["logins"], 0, name)
        ok(stack.webcache.server.alive())
    finally:
        for one in faulty.values():
            one.close()


main(Sick)
