# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "changes": marking and moving 1, 50 and 5 000 messages, by a form and by bare IMAP clients; and what
other users notice while a mail server hangs, and while somebody deletes 5 000."""
import re
import statistics
import threading
import time

import kit
from asker import deliver_many
from badproxy import BadImap
from imap_reader import Reader
from imapd import check, message
from stack import Stack

SIZES = (1, 50, 5000)
IDENTITY = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"
MARK = re.compile(r'name="m" value="(\d+-[0-9a-f]{8})"')


class Changes(Stack):
    """example.edu is a Dovecot, sick.edu the same one behind a proxy that can hang."""

    def __init__(self):
        super().__init__(users=("demo", "demo2", "demo3"), imap={"ssl": "no"}, start=("dovecot",))
        self.bad = None

    def __enter__(self):
        super().__enter__()
        self.bad = BadImap(self.dovecot.imap_port, str(self.folder))
        self.webcache.write_config(
            imap_servers="example.edu=127.0.0.1:%d[/], sick.edu=127.0.0.1:%d[/]" % (
                self.dovecot.imap_port, self.bad.port), imap_plain_allowed="example.edu, sick.edu", tls_ca_file="")
        self.webcache.start()
        self.httpd.start()
        return self

    def close(self):
        if self.bad is not None:
            self.bad.close()
        super().close()


def all_marks(browser, folder, count):
    """Of the newest `count` messages, and the form that they stand in."""
    found, number = [], 1
    while len(found) < count:
        page = browser.get("mail/%s/?page=%d" % (folder, number))
        found += MARK.findall(page.text)
        number += 1
    return found[:count], browser.get("mail/%s/" % folder)


def done(browser, page):
    """Follows an action that is still under way to its end."""
    while "The mail server is still at work on this." in page.text:
        page = browser.click(page, "Look again")
    return page


def by_form(browser, folder, what, marks, page, **more):
    """(seconds until a page was there, seconds until all was done)"""
    begun = time.monotonic()
    answer = browser.submit(page, page.form("v"), button=("do", what), m=marks, **more)
    shown = time.monotonic() - begun
    if answer.status != 200:
        raise RuntimeError("%s of %d in %s: %d %s" % (what, len(marks), folder, answer.status, answer.words[:300]))
    done(browser, answer)
    return shown, time.monotonic() - begun


def bare(reader, uids, *command, naming=False):
    """Seconds for a bare client; naming: that selects the folder and has each message named before, as AlphaMail
    does, lest it is another one."""
    seconds = reader.ask("SELECT Many")[0] if naming else 0.0
    for at in range(0, len(uids), 500):
        some = ",".join(uids[at:at + 500])
        if naming:
            seconds += reader.ask("UID FETCH %s %s" % (some, IDENTITY))[0]
        seconds += reader.ask(" ".join(("UID", command[0], some) + command[1:]))[0]
    return seconds


def uids_in(client, folder):
    check(client.select(folder))
    return client.uid("SEARCH", "ALL")[1][0].decode().split()


def one_size(stack, browser, client, count, rounds):
    """Rows of the table for so many messages."""
    rows = {"mark": ([], [], [], []), "move": ([], [], [], [])}
    for _ in range(rounds):
        marks, page = all_marks(browser, "Many", count)
        for what, back in (("star", "unstar"),):
            for name in (what, back):
                shown, ended = by_form(browser, "Many", name, marks, page)
                rows["mark"][0].append(shown)
                rows["mark"][1].append(ended)
        shown, ended = by_form(browser, "Many", "move", marks, page, to="Other")
        rows["move"][0].append(shown)
        rows["move"][1].append(ended)
        check(client.select("Other"))
        check(client.uid("MOVE", "1:*", "Many"))
        browser.submit(page, page.form("v"), button=("do", "check"))
        uids = uids_in(client, "Many")[-count:]
        reader = Reader(stack.dovecot, "demo", tls=False)
        reader.ask("SELECT Many")
        for naming in (False, True):
            for change in ("+FLAGS.SILENT", "-FLAGS.SILENT"):
                rows["mark"][2 + naming].append(bare(reader, uids, "STORE", change, "(\\Flagged)", naming=naming))
            rows["move"][2 + naming].append(bare(reader, uids, "MOVE", "Other", naming=naming))
            check(client.select("Other"))
            check(client.uid("MOVE", "1:*", "Many"))
            uids = uids_in(client, "Many")[-count:]
        reader.close()
        page = browser.get("mail/Many/")
        browser.submit(page, page.form("v"), button=("do", "check"))
    middle = statistics.median
    return [["%s %d" % (name, count)] + ["%.1f" % (1000 * middle(times)) for times in columns] +
            ["%.1f" % (1000 * (middle(columns[0]) - middle(columns[3])))] for name, columns in rows.items()]


class Other:
    """Another user's pages, one after the other, for as long as something else goes on."""

    def __init__(self, stack):
        self.browser = stack.browser()
        self.browser.log_in("demo2", "demo")

    def p99_ms(self, seconds, meanwhile=None):
        other = threading.Thread(target=meanwhile or (lambda: None), daemon=True)
        other.start()
        times, end = [], time.monotonic() + seconds
        while time.monotonic() < end or (meanwhile and other.is_alive()):
            begun = time.monotonic()
            if self.browser.get("mail/INBOX/").status != 200:
                raise RuntimeError("no page")
            times.append(time.monotonic() - begun)
        other.join()
        times.sort()
        return 1000 * times[len(times) * 99 // 100], len(times)


def run(options):
    rounds, seconds = (1, 2) if options.quick else (5, 8)
    with Changes() as stack:
        kit.say("filling a folder of 6 000")
        stack.dovecot.create("demo", "Many", "Other", "Trash2")
        deliver_many(stack.dovecot, "demo", "Many", (message(subject="m%d" % n) for n in range(6000)))
        stack.deliver("INBOX", [message(subject="Elsewhere %d" % n) for n in range(50)], user="demo2")
        stack.deliver("INBOX", [message(subject="Sick")], user="demo3")
        browser = stack.browser()
        browser.log_in("demo", "demo")
        while "Still reading" in browser.get("mail/Many/?page=120").words:
            time.sleep(0.2)
        client = stack.dovecot.client("demo")
        table = []
        for count in SIZES:
            kit.say("%d messages" % count)
            table += one_size(stack, browser, client, count, rounds)
        print("Milliseconds, medians of %d rounds; the bare client names 500 messages a command.\n" % rounds)
        print(kit.table(["action, messages", "until a page", "until done", "bare IMAP client",
                         "one that has them named first", "page less that"], table))

        other = Other(stack)
        other.p99_ms(1)
        quiet, pages = other.p99_ms(seconds)
        sick = stack.browser()
        sick.log_in("demo3", "demo", domain="sick.edu")
        stack.bad.set("kth", 1)
        stack.bad.set("stall_s", 60)
        stack.bad.mode("stall-greeting,swallow")

        def hang():
            for _ in range(2):
                page = sick.get("mail/INBOX/")
                if page.status == 200 and page.forms:
                    sick.submit(page, page.form("v"), button=("do", "check"))
        stalled, pages_stalled = other.p99_ms(seconds, hang)
        stack.bad.mode("pass")
        marks, page = all_marks(browser, "Many", 5000)
        deleting, pages_deleting = other.p99_ms(0, lambda: by_form(browser, "Many", "delete", marks, page))
        print("\nAnother user's list of 50, one page after the other:\n")
        print(kit.table(["meanwhile", "pages", "p99 ms", "to quiet"], [
            ["nothing", pages, "%.1f" % quiet, "1.0"],
            ["a mail server hangs", pages_stalled, "%.1f" % stalled, "%.1f" % (stalled / quiet)],
            ["somebody deletes 5 000", pages_deleting, "%.1f" % deleting, "%.1f" % (deleting / quiet)]]))


