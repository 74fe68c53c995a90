#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two browsers without script, another IMAP client and a deliverer change the same folders at random. Whenever
they pause, a folder that is looked at is soon as the server has it, and behind 'Check mail' all are: rows in
several orders, flags, counts in the tree, texts; no message is lost that nobody removed, and no action touched
another message than those that were ticked.

Some users play at each server side by side, each with mail of his own; 2 000 steps in all, 100 000 with
ALPHAMAIL_SOAK=1 or as many as ALPHAMAIL_STEPS says. A play is made anew by its kind of server (ALPHAMAIL_KIND,
lib/imapd.py), its seed (ALPHAMAIL_SEED) and its user (ALPHAMAIL_USER)."""
import os
import queue
import random
import re
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import mail_pages  # noqa: E402
from imapd import check, message, needs, quoted  # noqa: E402
from orders import Right  # noqa: E402
from servers.process import tail  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, note, ok  # noqa: E402
from world import truth  # noqa: E402

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
SEED = int(os.environ.get("ALPHAMAIL_SEED") or random.SystemRandom().randrange(10 ** 6))
STEPS = int(os.environ.get("ALPHAMAIL_STEPS") or (100_000 if SOAK else 2000))
PLAY = 500 if SOAK else 250     # steps of one user
AT_ONCE = 4                     # plays: most of a play is waiting
SHARES = {"mdbox": 2, "cyrus-inbox": 1, "courier": 1}
ASKED = os.environ.get("ALPHAMAIL_KIND", "")
KINDS = {kind: SHARES.get(kind, 1) for kind in (ASKED.split() if ASKED else SHARES)}
RUNS = {kind: STEPS * share // sum(KINDS.values()) for kind, share in KINDS.items()}
PAUSE = 40   # steps between two comparisons
FIXED = ("INBOX", "Work", "Kept", "Trash", "Drafts", "Sent", "Archive", "Junk")
SORTS = {"date": "Arrived", "from": "From", "to": "To", "subject": "Subject", "size": "Size", "flags": "Flags"}
LABELS = {"$label2": "Work", "$label4": "To do"}   # by keyword
MATTERS = {"\\Seen", "\\Flagged", *LABELS}


def token_of(subject):
    return subject.split()[-1]


class Play:
    """Who does what to whose mail, and what must hold."""

    def __init__(self, stack, kind, user):
        self.kind, self.user, self.server = kind, user, stack.dovecot
        self.random = random.Random("%s %s %d" % (kind, user, SEED))
        self.browsers = [stack.log_in(user)[0] for _ in range(2)]
        self.pages = [None, None]
        self.boxes, self.made = [], 0          # folders that come and go
        self.serial, self.sent = 0, set()      # messages are told apart by a word in subject and text
        self.removed = set()                   # by somebody who meant to
        self.opened = set()                    # whose \\Seen may still be on its way to the server, behind their page
        self.story = []
        client = self.server.client(self.user)
        for folder in FIXED[1:]:
            client.create(quoted(self.server.named(folder)))
            client.subscribe(quoted(self.server.named(folder)))
        client.logout()
        for _ in range(30):
            self.append("INBOX")

    def text(self):
        self.serial += 1
        token = "t%05d" % self.serial
        self.sent.add(token)
        return message(subject="%s %s" % (self.random.choice(("Re: Plan", "Notes", "[list] Talk", "Fwd: Notes")), token),
                       sender="Writer %d <w@example.org>" % self.random.randrange(7), message_id="<%s.%s.%d@play>" % (token, self.user, SEED),
                       text="Text of %s.\n%s" % (token, "x" * self.random.randrange(60) + "\n"))

    def tell(self, *words):
        self.story.append(" ".join(str(word) for word in words))

    @property
    def folders(self):
        return [f for f in FIXED] + self.boxes

    def some_folder(self):
        return self.random.choice(("INBOX", "INBOX", "INBOX") + FIXED[1:4] + tuple(self.boxes))

    # ---- the browsers ----

    def settled(self, browser, page):
        """The page once what was begun has ended."""
        end = time.monotonic() + 30
        # A page behind a change, not the change, may have been told to come again.
        while "Look again" in page.text or "See how far it is" in page.text or self.later(page):
            ok(time.monotonic() < end, why="still under way: " + page.words[:600])
            time.sleep(0.1)
            history, page = page.history, browser.get(page.url)
            page.history = page.history or history
        return self.sound(page)

    @staticmethod
    def later(page):
        return page.status == 503 and page.history and "retry-after" in page.headers

    def sound(self, page):
        """Whatever happened meanwhile, a page is a page."""
        if page.status not in (200, 404):
            raise AssertionError("status %d: %s" % (page.status, page.words[:600]))
        return page

    def patient(self, browser, address):
        return self.sound(browser.patient(address, lambda page: self.tell("told to come again:", page.words[:200])))

    def browse(self, who):
        folder = self.some_folder()
        query = "sort=%s&order=%s" % (self.random.choice(sorted(SORTS)), self.random.choice(("asc", "desc")))
        self.tell("browser", who, "looks at", folder, query)
        self.pages[who] = self.patient(self.browsers[who], "mail/%s/?%s" % (folder, query))

    def shown(self, who):
        """A page with rows that this browser has, maybe an old one."""
        if self.pages[who] is None or not mail_pages.rows(self.pages[who]):
            self.browse(who)
        return self.pages[who], mail_pages.rows(self.pages[who])

    def act(self, who, what, **more):
        page, rows = self.shown(who)
        if not rows:
            return
        if "/Trash/" in page.url and what == "delete":
            what = "purge"
        chosen = self.random.sample(rows, min(len(rows), self.random.choice((1, 1, 2, 5))))
        named = {token_of(row.subject) for row in chosen}
        self.tell("browser", who, what, sorted(named), "on", page.url, more or "")
        looks = self.random.random() < 0.25
        before = self.all_there() if looks else None
        browser = self.browsers[who]
        after = mail_pages.act(browser, page, what, chosen, **more)
        if what == "purge":
            self.removed |= named
            if after.status == 200 and any("sure" in form.fields for form in after.forms):
                after = browser.submit(after, after.form("sure"), button=("do", "purge"))
        self.pages[who] = self.settled(browser, after)
        if looks:
            changed = self.changed_since(before)
            ok(changed <= named, why="%s changed %r, only %r were ticked" % (what, changed - named, named))

    def undo(self, who):
        page = self.pages[who]
        if page is None or 'value="undo"' not in page.text:
            return self.act(who, "star")
        self.tell("browser", who, "takes back on", page.url)
        return self.keep(who, mail_pages.undo(self.browsers[who], page))

    def keep(self, who, page):
        self.pages[who] = self.settled(self.browsers[who], page)

    def open(self, who):
        _, rows = self.shown(who)
        if rows:
            row = self.random.choice(rows)
            self.tell("browser", who, "opens", row.subject)
            page = self.patient(self.browsers[who], row.url)
            if page.status == 200:
                contains(page.text, "Text of %s." % token_of(row.subject))
                self.opened.add(token_of(row.subject))

    def transfer(self, who):
        self.act(who, self.random.choice(("move", "copy")), to=self.random.choice(("Work", "Kept", "INBOX")))

    def put_away(self, who):
        self.act(who, self.random.choice(("archive", "junk", "notjunk")))

    def label(self, who):
        self.act(who, self.random.choice(("label", "label", "unlabel")), label=self.random.choice(sorted(LABELS)))

    def browser_folders(self, who):
        """A folder made, renamed, moved below another with all that is below it, and deleted in both ways: what then is
        where another client finds it, or nothing has changed and the page says so."""
        browser, folder = self.browsers[who], self.random.choice(self.boxes) if self.boxes else ""
        what = self.random.choice(("create", "rename", "move", "move", "trash", "delete")) if self.boxes else "create"
        if what == "create" and len(self.boxes) >= 5:
            what = "trash"
        self.made += 1
        name, level = "Box%d" % self.made, folder.split("/")[-1]
        below = [box for box in self.boxes if box.startswith(folder + "/")]
        into = self.random.choice([""] + [box for box in self.boxes if box not in (folder, *below)])
        more = {"create": {"name": name, "into": into}, "rename": {"folder": folder, "name": name},
                "move": {"folder": folder, "into": into}}.get(what, {"folder": folder, "sure": "yes"})
        self.tell("browser", who, what, more)
        before = {box: self.tokens(box) for box in self.boxes}
        token = self.patient(browser, "folders/").token
        after = browser.post("folders/", {"token": token, "do": what, **more})
        if after.history and after.history[0].status == 303 and "notice=" in after.url:
            if what == "create":
                self.boxes.append((into + "/" if into else "") + name)
            elif what == "delete":
                self.removed |= before.pop(folder)
                self.boxes.remove(folder)
            else:
                self.renamed(folder, {"rename": "/".join(folder.split("/")[:-1] + [name]), "trash": "Trash/" + level,
                                      "move": (into + "/" if into else "") + level}[what])
        else:
            ok('role="alert"' in after.text, why="%d: %s" % (after.status, after.words[:600]))
        self.tell("... which is %d %s; there are %r" % (after.status, after.url, self.boxes))
        end = time.monotonic() + (30 if "notice=underway" in after.url else 0)
        while self.listed() != set(self.boxes) and time.monotonic() < end:
            time.sleep(0.1)
        equal(self.listed(), set(self.boxes), "%s %r" % (what, more))
        there = (self.tokens(box) for box in self.boxes if not (what == "create" and box.endswith(name)))
        equal(sorted(map(sorted, there)), sorted(map(sorted, before.values())), "%s %r" % (what, more))

    def renamed(self, old, new):
        """With all that is below it."""
        self.boxes = [new + box[len(old):] if box == old or box.startswith(old + "/") else box for box in self.boxes]

    def listed(self):
        """The folders that come and go, as another client is told of them."""
        client = self.server.client(self.user)
        names = [line.decode() for line in check(client.list()) if line]
        client.logout()
        names = [name for name in names if "\\noselect" not in name.lower() and "\\nonexistent" not in name.lower()]
        return {"/".join(found.split(self.server.separator)) for found in
                (re.search(r'\) "." "?(?:%s)?(.*?)"?$' % re.escape(self.server.prefix or ""), name)[1] for name in names)
                if "Box" in found}

    def tokens(self, folder):
        return {token_of(mail.subject) for mail in truth(self.server, self.user, folder)}

    def changed_since(self, before):
        """The messages of which all_there() tells something else now, behind an action, but for those just opened."""
        changed = {token for _, token, _ in before ^ self.all_there()} - self.opened
        self.opened = set()
        return changed

    def act_on_all(self, who):
        """On every message of a folder that was there when its page was shown, as after 'Choose all'."""
        page, rows = self.shown(who)
        if not rows or "/Trash/" in page.url:
            return
        folder = page.url.split("/mail/")[1].split("/?")[0].strip("/")
        what = self.random.choice(("read", "unread", "star", "unstar", "move", "archive"))
        below = max(row.uid for row in rows) + 1
        self.tell("browser", who, what, "all below", below, "in", folder)
        client = self.server.client(self.user)
        meant = set()
        if client.select(quoted(self.server.named(folder)), readonly=True)[0] == "OK":
            meant = {token for uid, token in self.inside(client, folder, True) if uid < below}
        client.logout()
        before = self.all_there()
        more = {"to": self.random.choice(("Work", "Kept", "INBOX"))} if what == "move" else {}
        after = mail_pages.act(self.browsers[who], page, what, rows, all="1", below=str(below), count=str(len(rows)),
                               rows=str(len(rows)), **more)
        self.keep(who, after)
        changed = self.changed_since(before)
        ok(changed <= meant, why="%s changed %r as well" % (what, changed - meant))

    def act_on_found(self, who):
        """On every message that a search has found, in whatever folders."""
        browser, word = self.browsers[who], self.random.choice(("plan", "notes", "fwd", "list"))
        query = "search/?q=subject%%3A%s" % word
        page = self.patient(browser, query)
        while "Show more hits" in page.text:
            page = browser.click(page, "Show more hits")
        found = re.search(r"([\d,]+) found for", page.words)
        if not found or "<table" not in page.text:
            return
        what = self.random.choice(("read", "unread", "star", "unstar", "move", "archive", "delete"))
        self.tell("browser", who, what, "all", found[1], "found by", word)
        before = self.all_there()
        meant = {token for mails in (truth(self.server, self.user, folder) for folder in self.folders)
                 for token in (token_of(mail.subject) for mail in mails if word in mail.subject.lower())}
        more = {"to": self.random.choice(("Work", "Kept", "INBOX"))} if what == "move" else {}
        after = browser.post(page.form("f0").action, {"token": page.token, "do": what, "all": "1", "rows": "0",
                                        "count": found[1].replace(",", ""), **more})
        page = self.settled(browser, after)
        self.pages[who] = None  # its rows lie in several folders
        if 'value="undo"' in page.text and self.random.random() < 0.4:
            self.tell("browser", who, "takes it back")
            self.settled(browser, mail_pages.undo(browser, page))
        changed = self.changed_since(before)
        ok(changed <= meant, why="%s of all found changed %r as well" % (what, changed - meant))

    # ---- the other client, and the deliverer ----

    def append(self, folder):
        flags = self.random.choice(("", "\\Seen", "\\Seen \\Flagged", "\\Answered"))
        text = self.text()
        self.tell("client appends", self.serial, "to", folder)
        self.server.deliver(self.user, folder, [text], flags=flags)

    def inside(self, client, folder, readonly=False):
        """[(uid, token)]"""
        check(client.select(quoted(self.server.named(folder)), readonly=readonly))
        if not int(client.untagged_responses["EXISTS"][-1]):
            return []
        found = []
        for item in check(client.uid("FETCH", "1:*", "(UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
            if isinstance(item, tuple):
                found.append((int(item[0].split(b"UID ")[1].split()[0]), token_of(item[1].decode().strip())))
        return found

    def client_changes(self):
        folder = self.some_folder()
        client = self.server.client(self.user)
        there = self.inside(client, folder)
        if there:
            chosen = self.random.sample(there, min(len(there), self.random.choice((1, 2, 6))))
            uids = ",".join(str(uid) for uid, _ in chosen)
            what = self.random.choice(("flag", "flag", "expunge", "copy"))
            self.tell("client", what, [token for _, token in chosen], "in", folder)
            if what == "flag":
                check(client.uid("STORE", uids, self.random.choice("+-") + "FLAGS", "(%s)" % self.random.choice(
                    ("\\Seen", "\\Flagged", "\\Answered", "\\Seen \\Flagged"))))
            elif what == "copy":
                check(client.uid("COPY", uids, quoted(self.server.named("Kept"))))
            else:
                self.removed |= {token for _, token in chosen}
                check(client.uid("STORE", uids, "+FLAGS.SILENT", "(\\Deleted)"))
                check(client.expunge())
        client.logout()

    def client_folders(self):
        client = self.server.client(self.user)
        what = self.random.choice(("create", "create", "rename", "delete")) if self.boxes else "create"
        new = "Box%d" % (self.made + 1)
        if what != "delete":
            self.made += 1
        if what == "create" and len(self.boxes) < 4:
            self.tell("client creates", new)
            check(client.create(quoted(self.server.named(new))))
            check(client.append(quoted(self.server.named(new)), None, None, self.text().replace("\n", "\r\n").encode()))
            self.boxes.append(new)
        elif self.boxes:
            old = self.random.choice([box for box in self.boxes if not any(b.startswith(box + "/") for b in self.boxes)])
            self.tell("client", what, old, new)
            self.boxes.remove(old)
            if what == "delete":
                self.removed |= {token for _, token in self.inside(client, old)}
                check(client.select("INBOX"))
                check(client.delete(quoted(self.server.named(old))))
            else:
                check(client.rename(quoted(self.server.named(old)), quoted(self.server.named(new))))
                self.boxes.append(new)
        client.logout()

    def arrive(self):
        self.tell("mail arrives:", self.serial + 1)
        self.server.arrive(self.user, self.text())

    def step(self):
        who = self.random.randrange(2)
        doing, = self.random.choices(
            (lambda: self.browse(who), lambda: self.act(who, self.random.choice(("read", "unread", "star", "unstar"))),
             lambda: self.transfer(who), lambda: self.act(who, "delete"), lambda: self.undo(who),
             lambda: self.open(who), lambda: self.append(self.some_folder()), self.client_changes,
             self.client_folders, self.arrive, lambda: self.put_away(who), lambda: self.act_on_all(who),
             lambda: self.act_on_found(who), lambda: self.label(who), lambda: self.browser_folders(who)),
            (14, 12, 9, 6, 6, 6, 4, 14, 3, 8, 5, 4, 3, 5, 5))
        doing()

    # ---- what must hold ----

    def all_there(self):
        """{(folder, token, flags that matter)} of all folders, as the server says."""
        return {(folder, token_of(mail.subject), frozenset(mail.flags & MATTERS))
                for folder in self.folders for mail in truth(self.server, self.user, folder)}

    def as_server(self, browser, folder, sort="date", order="desc"):
        """All rows of a list, after they were found to be the server's messages in the right order."""
        mails = truth(self.server, self.user, folder)
        known = {mail.uid: mail for mail in mails}
        rows = mail_pages.all_rows(browser, folder, "sort=%s&order=%s" % (sort, order))
        about = "%s by %s %s" % (folder, sort, order)
        equal([row.uid for row in rows], Right(mails).order(SORTS[sort], order == "desc"), about)
        equal([(row.uid, row.subject, row.unread, row.starred, row.answered, sorted(row.labels)) for row in rows],
              [(row.uid, known[row.uid].subject, "\\Seen" not in known[row.uid].flags,
                "\\Flagged" in known[row.uid].flags, "\\Answered" in known[row.uid].flags,
                sorted(LABELS[flag] for flag in known[row.uid].flags if flag in LABELS)) for row in rows], about)
        return mails

    def by_itself(self, browser, folder, sort="date", order="desc", seconds=75):
        """Who looks at a folder soon sees it as it is, without asking for it, also where the connection was lost just then (a
        server may end one whose folder another client deletes)."""
        end = time.monotonic() + seconds
        while True:
            try:
                return self.as_server(browser, folder, sort, order)
            except AssertionError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def pause(self):
        looking, checking = self.random.sample(self.browsers, 2)
        present, unread = set(), {}
        self.by_itself(looking, self.random.choice(FIXED[:4]))
        for folder in self.folders:
            page = checking.get("mail/%s/" % folder)
            equal(page.status, 200, folder)
            page = checking.submit(page, mail_pages.the_list(page), button=("do", "check"))
            # The server may take its time, and flags of one without CONDSTORE come behind the answer.
            mails = self.by_itself(looking, folder, "date", self.random.choice(("asc", "desc")), seconds=30)
            self.by_itself(looking, folder, self.random.choice(sorted(SORTS)), self.random.choice(("asc", "desc")),
                           seconds=30)
            present |= {token_of(mail.subject) for mail in mails}
            unread[folder] = len(mails) if folder in ("Drafts", "Junk") else sum(
                "\\Seen" not in mail.flags for mail in mails)
        end = time.monotonic() + 20
        while True:
            got = mail_pages.tree(looking.get("mail/INBOX/"))
            if got == unread:
                break
            # Counts may come behind the list.
            ok(time.monotonic() < end, why="the tree says %r, the server %r" % (got, unread))
            time.sleep(0.2)
        lost = self.sent - self.removed - present
        ok(not lost, why="lost: %r" % sorted(lost))
        for row in mail_pages.all_rows(looking, "INBOX")[:2]:
            page = looking.get(row.url)
            contains(page.text, "Text of %s." % token_of(row.subject))
            contains(page.parsed.title, row.subject)

    def run(self, steps):
        number = 0
        try:
            for number in range(1, steps + 1):
                self.step()
                if number % PAUSE == 0 or number == steps:
                    self.pause()
        except Exception:
            lines = ["step %d of ALPHAMAIL_KIND=%s ALPHAMAIL_USER=%s ALPHAMAIL_SEED=%d; before it:" % (
                number, self.kind, self.user, SEED)] + ["  " + line for line in self.story[-25:]]
            note("\n".join(lines))
            raise


def play(stack, kind, users, failures):
    """One play after the other, until there are no users left."""
    while not failures:
        try:
            user, steps = users.get_nowait()
        except queue.Empty:
            return
        try:
            Play(stack, kind, user).run(steps)
            if SOAK:
                note("%s on %s: %d steps" % (user, kind, steps))
        except Exception as error:  # pylint: disable=broad-except
            failures.append("%s: %s" % (user, error))
            traceback.print_exc()


def runs_on(kind):
    def run():
        plays = -(-RUNS[kind] // PLAY)
        names = os.environ.get("ALPHAMAIL_USER", "").split() or ["demo%d" % n for n in range(plays)]
        users, failures = queue.Queue(), []
        for n, name in enumerate(names):
            users.put((name, min(PLAY, RUNS[kind] - n * PLAY)))
        with Stack(kind=kind, users=names) as stack:
            threads = [threading.Thread(target=play, args=(stack, kind, users, failures)) for _ in range(AT_ONCE)]
            for one in threads:
                one.start()
            for one in threads:
                one.join()
            if failures:
                note(tail(stack.webcache.log, 25))
            equal(failures, [])
    return run


needs(*RUNS)
note("ALPHAMAIL_SEED=%d" % SEED)
for one_kind, count in RUNS.items():
    case("%s: %d random steps, and the pages are what the server says at each pause" % (one_kind, count))(runs_on(one_kind))
main()
