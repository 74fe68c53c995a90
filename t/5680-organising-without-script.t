#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Organising mail with what pages offer and nothing else: in w3m by keys alone, and in Chromium with script turned off.
What has become of the mail is read by Python's imaplib."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import chromium  # noqa: E402
import text_browser  # noqa: E402
from imapd import check, message, quoted  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, ok, skip  # noqa: E402
from text_browser import TextBrowser  # noqa: E402

COUNT = 30


class Organised(Stack):
    """demo's INBOX has Message 0 to 29, the newest last; pages have 25 rows."""

    def __init__(self):
        super().__init__(cache={"setting_defaults": "rows=25"})

    def _start(self):
        super()._start()
        self.dovecot.create("demo", "Work")
        self.fill()

    def fill(self):
        for folder in ("INBOX", "Work", "Archive", "Junk", "Trash"):
            if self.there(folder):
                self.dovecot.expunge("demo", folder)
        self.deliver("INBOX", [message(subject="Message %d" % n, sender="Anna <anna@example.org>") for n in range(COUNT)])

    def there(self, folder):
        """{subject: flags}"""
        client = self.dovecot.client("demo")
        found = {}
        if check(client.select(quoted(folder), readonly=True))[0] != b"0":
            for line in check(client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
                if isinstance(line, tuple):
                    flags = line[0].split(b"FLAGS (")[1].split(b")")[0].decode().split()
                    found[line[1].decode().partition(":")[2].strip()] = set(flags)
        client.logout()
        return found

    def folders(self):
        client = self.dovecot.client("demo")
        names = {line.split()[-1].strip(b'"').decode() for line in check(client.list())}
        client.logout()
        return names


@case("Chromium without script: star, archive, move, label, junk, a whole folder, filter, search, folders, settings")
def _(stack):
    if chromium.missing():
        skip(chromium.missing())
    did = chromium.drive("organise_in_browser.js", {"origin": stack.httpd.origin, "mount": "/alphamail"})
    equal({name: step for name, step in did.items() if isinstance(step, dict) and "error" in step}, {})
    inbox = stack.there("INBOX")
    ok("\\Flagged" in inbox["Message 29"], why=did["star"])
    contains(did["archive_and_undo"]["said"], "2 messages")
    ok(not {"Message 27", "Message 28"} & set(did["archive_and_undo"]["left"]))
    ok({"Message 27", "Message 28"} <= set(did["archive_and_undo"]["back"]))
    equal(set(stack.there("Archive")), set())
    equal(set(stack.there("Work")), {"Message 26"}, did["move"])
    equal([" ".join(chip.split()) for chip in did["label"]["chips"]], ["Label: Thesis"])
    ok(any("thesis" in flag.lower() for flag in inbox["Message 25"]), why=repr(inbox["Message 25"]))
    equal(did["junk"]["there"], ["Message 24"])
    ok("Message 24" in inbox)
    equal({subject for subject, flags in inbox.items() if "\\Seen" not in flags}, set(), did["whole_folder"])
    equal(did["filter"], ["Message 29"])
    equal(sorted(did["search"]["found"]), sorted(["Message 1"] + ["Message 1%d" % n for n in range(10)]))
    contains(did["search"]["said"], "11 messages")
    equal(set(inbox), {"Message %d" % n for n in range(COUNT)} - {"Message 26"})
    equal(stack.folders() & {"Projects", "Plans"}, set())
    contains(did["folders"]["asks"], "Plans")
    equal(did["settings"], True)


@case("w3m by keys: rows are starred, ticked, archived and taken back; a folder is made and renamed; mail is found")
def _(stack):
    if text_browser.missing():
        skip(text_browser.missing())
    stack.fill()
    with TextBrowser(stack.folder) as w3m:
        w3m.log_in(stack.httpd.origin, "Message 29")
        w3m.press_before("Message 29", 1)
        w3m.until("Undo")
        ok("\\Flagged" in stack.there("INBOX")["Message 29"])
        w3m.press_before("Message 28", 2)
        w3m.press_before("Message 27", 2)
        w3m.press("Archive.*Delete")
        w3m.until("2 messages")
        equal(set(stack.there("Archive")), {"Message 27", "Message 28"})
        w3m.press("Undo")
        w3m.until("Message 27")
        equal(set(stack.there("Archive")), set())
        w3m.press("^Starred|Starred *[0-9]")
        page = w3m.until("Message 29")
        ok("Message 28" not in page, why=page)
        w3m.go("/alphamail/folders/")
        w3m.until("Make the folder")
        w3m.fill("Name", "Projects")
        w3m.press("Make the folder")
        w3m.until("Projects")
        ok("Projects" in stack.folders())
        w3m.go("/alphamail/search/?q=%22Message+1%22+subject:message")
        w3m.until("Message 19")
        w3m.press("Tick all")
        w3m.until("Untick")
        w3m.press("Delete.*Junk")
        w3m.until("11 messages")
        equal(len(stack.there("Trash")), 11)
        w3m.press("Undo")
        w3m.until("Undone: 11")
        equal(len(stack.there("Trash")), 0)


main(Organised)
