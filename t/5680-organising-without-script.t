#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Organising mail with what pages offer and nothing else: each function once in w3m, by keys alone, and once in
Chromium with script turned off. Both make the same journeys. What has become of the mail is read by Python's imaplib,
of settings by another log-in."""
import contextlib
import imaplib
import io
import mailbox
import os
import re
import sys
import tempfile
import time
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import plain_chromium  # noqa: E402
import text_browser  # noqa: E402
from hideproxy import HideProxy  # noqa: E402
from imapd import check, message, network_form, quoted  # noqa: E402
from plain_chromium import PlainChromium  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok, skip  # noqa: E402
from text_browser import TextBrowser  # noqa: E402

COUNT, ROWS = 30, 25
QUOTA = """mail_plugins = $mail_plugins quota
protocol imap {
  mail_plugins = $mail_plugins quota imap_quota
}
plugin {
  quota = count:User quota
  quota_rule = *:storage=20M
  quota_vsizes = yes
}
"""
BROWSERS = {"w3m": text_browser.missing, "Chromium": plain_chromium.missing}
JOURNEYS = []
DAY = 24 * 3600


def journey(title):
    def keep(function):
        JOURNEYS.append((title, function))
        return function
    return keep


def name(number):
    return "Message %02d" % number


def names(*numbers):
    return {name(number) for number in numbers}


def listed(text):
    """The messages of a list, in its order."""
    return re.findall(r"Message \d\d", text)


class Site(Stack):
    """A user for each journey of each browser, of which one Chromium does for all of its own; a proxy that can keep a
    search waiting."""

    def __init__(self):
        super().__init__(users=["%s-%d" % (browser.lower(), number) for browser in BROWSERS for number in range(len(JOURNEYS))],
                         imap={"ssl": "no", "extra": QUOTA}, security="imap", cache={"setting_defaults": "rows=%d" % ROWS})

    def _start(self):
        self.start_names = ("dovecot",)
        super()._start()
        self.proxy = HideProxy(self.dovecot.imap_port, hide=("IDLE",))
        self.webcache.write_config(imap_servers="example.edu=127.0.0.1:%d[/]" % self.proxy.port)
        self.webcache.start()
        self.httpd.start()
        self.begun = contextlib.ExitStack()
        self.chromium = None

    @contextlib.contextmanager
    def hands(self, kind):
        """A browser in which nobody is logged in."""
        if kind == "w3m":
            with TextBrowser(self.folder) as browser:
                yield browser
        else:
            self.chromium = self.chromium or self.begun.enter_context(PlainChromium(self.folder))
            yield self.chromium

    def close(self):
        if hasattr(self, "begun"):
            self.begun.close()
        super().close()
        if getattr(self, "proxy", None):
            self.proxy.close()


class Mail:
    """A user's mailbox as another client sees it. INBOX has Message 00 to 29, the newest last: 28 is answered, 27
    forwarded, 10 starred, 09 read, 08 to a list, 07 of last month, 06 with a file, 05 large, 04 with a word that is
    found in its text only, 03 from somebody else."""

    def __init__(self, server, user):
        self.server, self.user = server, user
        self.client = server.client(user)
        for folder in ("Work", "Unseen"):
            check(self.client.create(folder))
        check(self.client.subscribe("Work"))
        now = time.time()
        flags = {28: "\\Answered", 27: "$Forwarded", 10: "\\Flagged \\Seen", 9: "\\Seen"}
        for number in range(COUNT):
            when = now - (40 * DAY if number == 7 else 60 * (COUNT - number))
            self.put("INBOX", self.written(number), flags.get(number, ""), when)

    def written(self, number):
        text = {4: "hay " * 60 + "lichen\n", 5: "large " * 20000 + "\n"}.get(number, "A line.\n")
        headers = ""
        if number == 6:
            headers = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n"
            text = ("--b\nContent-Type: text/plain\n\nA file.\n--b\nContent-Type: application/pdf; name=a.pdf\n"
                    "Content-Disposition: attachment; filename=a.pdf\n\n%PDF\n--b--\n")
        return message(subject=name(number), text=text, headers=headers,
                       to="list@example.org" if number == 8 else "%s@example.edu" % self.user,
                       sender="Bea <bea@example.net>" if number == 3 else "Anna <anna@example.org>")

    def put(self, folder, text, flags="", when=None):
        check(self.client.append(quoted(folder), "(%s)" % flags, imaplib.Time2Internaldate(when or time.time()),
                                 network_form(text)))

    def there(self, folder):
        """{subject: flags}"""
        found = {}
        if check(self.client.select(quoted(folder), readonly=True))[0] != b"0":
            for line in check(self.client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
                if isinstance(line, tuple):
                    flags = line[0].split(b"FLAGS (")[1].split(b")")[0].decode().split()
                    found[line[1].decode().partition(":")[2].strip()] = set(flags) - {"\\Recent"}
        check(self.client.unselect())
        return found

    def with_flag(self, flag, folder="INBOX"):
        return {subject for subject, flags in self.there(folder).items() if flag.lower() in map(str.lower, flags)}

    def folders(self, what="list"):
        return {line.split(b' "/" ')[1].strip(b'"').decode() for line in check(getattr(self.client, what)()) if line}


class Says:
    """What a browser shows."""

    def __init__(self, browser):
        self.browser = browser

    def __call__(self, *words):
        text = self.browser.text()
        while "See how far it is" in text:    # the server takes its time
            self.browser.press("See how far it is")
            text = self.browser.text()
        for one in words:
            contains(text, one)
        return text


def found(browser):
    """The page of a search that is over."""
    end = time.monotonic() + 30
    text = browser.text()
    while "Show more hits" in text:
        ok(time.monotonic() < end, why="the search does not end: " + text[:2000])
        browser.press("Show more hits")
        text = browser.text()
    return text


@journey("star, read, archive, move, copy, junk, delete, label; a page, a folder, all that was found; taken back")
def _(site, mail, browser, says):
    text = says("28 unread of 30")
    equal(listed(text), [name(n) for n in range(29, 3, -1) if n != 7])
    contains(text, "Answered. Unread. Message 28")
    contains(text, "Forwarded. Unread. Message 27")
    # One row's star.
    browser.star_row(name(29))
    says("Undo")
    equal(mail.with_flag("\\Flagged"), names(29, 10))
    browser.star_row(name(29))
    says("Star of 1 message removed")
    equal(mail.with_flag("\\Flagged"), names(10))

    def act(button, *numbers, **chosen):
        for number in numbers:
            browser.tick_row(name(number))
        for label, option in chosen.items():
            browser.choose(label.replace("_", " "), option)
        browser.press(button, "Check mail")
        return says("%d message" % len(numbers))

    act("Read", 29, 26)
    equal(mail.with_flag("\\Seen"), names(29, 26, 10, 9))
    act("Mark unread", 29, 10)
    equal(mail.with_flag("\\Seen"), names(26, 9))
    act("Add star", 25, 24)
    equal(mail.with_flag("\\Flagged"), names(25, 24, 10))
    act("Remove star", 25, 10)
    equal(mail.with_flag("\\Flagged"), names(24))
    # Away, and back.
    act("Archive", 28, 27)
    equal(mail.there("Archive"), {name(28): {"\\Answered"}, name(27): {"$Forwarded"}})
    browser.press("Undo")
    says("Undone: 2 messages")
    equal((mail.there("Archive"), names(28, 27) <= set(mail.there("INBOX"))), ({}, True))
    act("Move there", 23, To_folder="Work")
    act("Copy there", 22, To_folder="Work")
    equal(set(mail.there("Work")), names(23, 22))
    equal(names(23, 22) & set(mail.there("INBOX")), names(22))
    act("Junk", 21, 20)
    equal((mail.with_flag("$Junk", "Junk"), names(21, 20) & set(mail.there("INBOX"))), (names(21, 20), set()))
    browser.go("/alphamail/mail/Junk/")
    act("Not junk", 21)
    equal((set(mail.there("Junk")), mail.with_flag("$NotJunk"), mail.with_flag("$Junk")), (names(20), names(21), set()))
    browser.go("/alphamail/mail/INBOX/")
    act("Delete", 19, 18)
    equal(set(mail.there("Trash")), names(19, 18))
    browser.go("/alphamail/mail/Trash/")
    browser.tick_row(name(19))
    browser.press("Delete for good", "Check mail")
    says("Nobody can bring them back")
    browser.press("Delete for good")
    says("1 message")
    equal(set(mail.there("Trash")), names(18))
    # A label is made, put on, followed, taken off, and removed.
    browser.go("/alphamail/settings/labels/")
    browser.fill("Name", "Thesis", "One more")
    browser.choose("Colour", "Green", "One more")
    browser.press("Save", "One more")
    says("Thesis")
    browser.go("/alphamail/mail/INBOX/")
    act("Add label", 17, 16, Label="Thesis")
    equal(mail.with_flag("Thesis"), names(17, 16))
    browser.press("Label: Thesis", "Check mail")
    equal(set(listed(found(browser))), names(17, 16))
    browser.go("/alphamail/mail/INBOX/")
    act("Remove label", 17, Label="Thesis")
    equal(mail.with_flag("Thesis"), names(16))
    browser.go("/alphamail/settings/labels/")
    browser.press("Remove", "Thesis")
    browser.go("/alphamail/mail/INBOX/")
    lacks(browser.text(), "Label: Thesis")
    # All of the page; all of the folder; all that was found.
    here = set(mail.there("INBOX"))
    page = set(listed(browser.text()))
    equal((len(here), len(page)), (26, ROWS))
    browser.press("Tick all")
    says("All 25 messages on this page are ticked.")
    browser.press("Read", "Check mail")
    says("25 messages marked as read.")
    equal(mail.with_flag("\\Seen"), page | names(9))
    browser.go("/alphamail/mail/INBOX/")
    browser.press("Tick all")
    browser.press("Choose all 26 messages in this folder")
    says("Choose none")
    browser.press("Archive", "Check mail")
    says("26 messages")
    equal((mail.there("INBOX"), set(mail.there("Archive"))), ({}, here))
    browser.press("Undo")
    says("Undone: 26 messages")
    equal((set(mail.there("INBOX")), mail.there("Archive")), (here, {}))
    browser.go("/alphamail/search/?q=subject:message")
    everywhere = here | set(mail.there("Work")) | set(mail.there("Junk")) | set(mail.there("Trash"))
    contains(found(browser), "30 found for subject:message")
    browser.press("Tick all")
    browser.press("Choose all 30 messages that were found")
    browser.press("Add star", "Untick all")
    says("30 messages")
    equal({s for folder in ("INBOX", "Work", "Junk", "Trash") for s in mail.with_flag("\\Flagged", folder)}, everywhere)
    browser.press("Undo")
    says("Undone: 29 messages")
    equal({s for folder in ("INBOX", "Work", "Junk", "Trash") for s in mail.with_flag("\\Flagged", folder)}, names(24))


@journey("folders: made, renamed, moved, subscribed to, found, a favourite, with a role, read, saved, emptied, deleted")
def _(site, mail, browser, says):
    def one(address):
        browser.go("/alphamail/folders/?folder=" + address)

    browser.press("All folders", "Trash")
    text = says("Incoming mail", "of 21 MB used")
    lacks(text, "Projects")
    browser.fill("Name", "Projects", "New folder")
    browser.press("Make the folder")
    says("The folder is made.")
    browser.go("/alphamail/folders/")
    browser.press("Change Projects")
    browser.fill("Name", "Deep", "New folder below")
    browser.press("Make the folder")
    says("The folder is made.")
    equal(mail.folders() & {"Projects", "Projects/Deep"}, {"Projects", "Projects/Deep"})
    one("Projects")
    browser.fill("New name", "Plans")
    browser.press("Rename", "New name")
    says("The folder has its new name.")
    one("Plans")
    browser.choose("Below", "Work", "With all folders below it")
    browser.press("Move there")
    says("The folder is moved.")
    equal({folder for folder in mail.folders() if "Plans" in folder or "Projects" in folder}, {"Work/Plans", "Work/Plans/Deep"})
    # What stands at the side.
    one("Work/Plans")
    browser.press("Unsubscribe")
    says("The folder is no longer subscribed to.")
    equal(mail.folders("lsub") & {"Work", "Work/Plans", "Work/Plans/Deep"}, {"Work", "Work/Plans/Deep"})
    browser.press("Subscribe")
    says("The folder is subscribed to.")
    contains(mail.folders("lsub"), "Work/Plans")
    browser.go("/alphamail/folders/")
    browser.mark("Only those subscribed to")
    browser.press("Save", "Only those subscribed to")
    says("Which folders are shown is kept.")
    browser.go("/alphamail/mail/INBOX/")
    contains(browser.text().split("Check mail")[0], "Plans")
    lacks(browser.text().split("Check mail")[0], "Unseen")
    one("Unseen")
    browser.press("Add to favourites")
    says("The folder is among the favourites.")
    browser.go("/alphamail/mail/INBOX/")
    says("Favourites", "Unseen")
    one("Unseen")
    browser.press("Take from favourites")
    says("The folder is no longer among the favourites.")
    # The table's own field.
    browser.go("/alphamail/folders/")
    browser.fill("Find a folder", "dEEp")
    browser.press("Find", "Find a folder")
    contains(browser.text(), "Change Deep")
    lacks(browser.text(), "Change Drafts")
    # A role of the user's choice.
    one("Work/Plans")
    browser.choose("This folder is for", "Archive")
    browser.press("Save", "This folder is for")
    says("What the folder is for is kept.")
    browser.go("/alphamail/mail/INBOX/")
    browser.tick_row(name(29))
    browser.press("Archive", "Check mail")
    says("1 message")
    equal(mail.there("Work/Plans"), {name(29): set()})
    # All of it read, and saved in both ways.
    mail.put("Work/Plans", mail.written(6), "$Forwarded")
    one("Work/Plans")
    browser.press("Mark all as read")
    says("2 messages marked as read.")
    equal(mail.there("Work/Plans"), {name(29): {"\\Seen"}, name(6): {"\\Seen", "$Forwarded"}})
    one("Work/Plans")
    with tempfile.NamedTemporaryFile(suffix=".mbox") as out:
        out.write(browser.save("Save all as mbox"))
        out.flush()
        equal([m["Subject"] for m in mailbox.mbox(out.name)], [name(29), name(6)])
    with zipfile.ZipFile(io.BytesIO(browser.save("Save all as zip"))) as archive:
        equal(archive.testzip(), None)
        equal(sorted(n.split(" ", 1)[1] for n in archive.namelist()), [name(6) + ".eml", name(29) + ".eml"])
        contains(archive.read([n for n in archive.namelist() if name(6) in n][0]), b"filename=a.pdf")
    # What is large.
    browser.go("/alphamail/folders/")
    browser.press("What is large")
    equal(listed(says("Largest folders and messages", "of 21 MB used"))[0], name(5))
    browser.tick_row(name(5))
    browser.press("Delete ticked")
    says("1 message moved.")
    equal(set(mail.there("Trash")), names(5))
    browser.press("Undo")
    says("Undone")
    equal((mail.there("Trash"), name(5) in mail.there("INBOX")), ({}, True))
    # Into the trash, and for good; the trash is emptied.
    one("Work/Plans/Deep")
    browser.press("Delete folder…")
    says("Delete the folder")
    browser.press("Move to trash")
    says("The folder is in the trash.")
    contains(mail.folders(), "Trash/Deep")
    one("Trash/Deep")
    browser.press("Delete folder…")
    browser.press("Delete for good")
    says("The folder is deleted.")
    lacks(mail.folders(), "Trash/Deep")
    mail.put("Trash", mail.written(1))
    browser.go("/alphamail/folders/")
    browser.press("Ask the server")
    while "still at work on this" in browser.text():    # the server takes its time
        time.sleep(0.5)
        browser.press("Ask the server")
    says("The folders are as the mail server has them now.")
    one("Trash")
    browser.press("Empty the folder…")
    says("Empty the folder “Trash”?", "Nobody can bring them back")
    browser.press("Empty it")
    says("deleted for good.")
    equal(mail.there("Trash"), {})


@journey("filters, orders, searches by a field and by a form: stopped and gone on with, acted on, and back to what was found")
def _(site, mail, browser, says):
    def filtered(*pressed):
        browser.go("/alphamail/mail/INBOX/")
        for one in pressed:
            browser.press(one, "Sort by")
        return set(listed(browser.text()))

    equal(filtered("Starred 1"), names(10))
    equal(filtered("With attachment 1"), names(6))
    equal(filtered("Unread 28", "Starred 1"), set())
    lacks(filtered("To me 29"), name(8))
    lacks(filtered("Past 30 days 29"), name(7))
    browser.go("/alphamail/mail/INBOX/")
    browser.choose("Sort by", "Size")
    browser.press("Sort", "Sort by")
    equal(listed(says("largest first"))[0], name(5))
    browser.press("Reverse", "Sort by")
    lacks(listed(says("smallest first")), name(5))
    browser.go("/alphamail/mail/INBOX/")
    browser.press("Date", "Attachment")
    equal(listed(says("oldest first"))[0], name(7))
    browser.press("Newer", "Check mail")
    says("26–30 of 30")
    # By the field that is on every page.
    browser.fill("Search mail", "from:bea OR has:attachment OR older:30d")
    browser.press("Search", "Search mail")
    equal(set(listed(found(browser))), names(3, 6, 7))
    # By the form, which says the same.
    browser.go("/alphamail/search/")
    browser.fill("Subject", '"Message 0"', "More precisely")
    browser.fill("Since", time.strftime("%Y-%m-%d", time.localtime(time.time() - 30 * DAY)), "More precisely")
    browser.choose("Folder", "Inbox", "More precisely")
    browser.mark("unread", "with attachment")
    browser.press("Search", "starred")
    equal(set(listed(found(browser))), names(0, 1, 2, 3, 4, 5, 6, 8))
    browser.choose("Sort by", "Size")
    browser.press("Sort", "Sort by")
    equal(listed(browser.text())[0], name(5))
    # From there to a message and back, and away with some.
    browser.open_row(name(4))
    says("hay hay", "of 8")
    browser.press("Found messages")
    equal(listed(browser.text())[0], name(5))
    browser.tick_row(name(5))
    browser.tick_row(name(8))
    browser.press("Archive", "Tick all")
    says("2 messages")
    equal(set(mail.there("Archive")), names(5, 8))
    browser.press("Undo")
    says("Undone: 2 messages")
    equal((mail.there("Archive"), names(5, 8) <= set(mail.there("INBOX"))), ({}, True))
    # In the texts: more comes when it is asked for, and it can be stopped.
    site.proxy.hold("^UID SEARCH")
    try:
        browser.fill("Search mail", "lichen")
        browser.press("Search", "Search mail")
        says("0 found so far", "Show more hits")
        browser.press("Stop here")
        says("Stopped after")
    finally:
        site.proxy.release()
    browser.press("Search again")
    equal(set(listed(found(browser))), names(4))


@journey("settings of each group chosen and reset: one, a group, all; lists that renew themselves, with the unread in the title")
def _(site, mail, browser, says):
    def kept(*which):
        """As another log-in sees it."""
        other = site.browser()
        other.log_in(mail.user)
        fields = other.get("settings/").form("density", "post").fields
        return [fields.get(one) for one in which]

    before = kept("density", "language", "rows", "type", "ask_subject", "archive_years", "tree")
    equal(before, ["comfortable", "browser", "25", "proportional", "on", None, "all"])
    contains(browser.title().replace(" ", ""), "Inbox(28unread)")
    browser.press("Settings")
    browser.mark("Compact")
    browser.choose("Language", "English")
    browser.choose("Messages on a page", "50")
    browser.mark("Oldest, smallest or A first")
    browser.choose("Lists renew themselves", "every 5 minutes")
    browser.mark("All of one width")
    browser.mark("Ask about a missing subject")
    browser.mark("Archive by year")
    browser.mark("Those I am subscribed to")
    browser.press("Save", "Those I am subscribed to")
    says("Saved.")
    equal(kept("density", "language", "rows", "order", "refresh", "type", "ask_subject", "archive_years", "tree"),
          ["compact", "en", "50", "asc", "5", "fixed", None, "on", "subscribed"])
    browser.go("/alphamail/mail/INBOX/")
    text = says("Renewed every 5 minutes.")
    equal((len(listed(text)), listed(text)[0]), (COUNT, name(7)))
    lacks(text.split("Check mail")[0], "Unseen")
    browser.tick_row(name(29))
    browser.press("Archive", "Check mail")
    says("1 message")
    equal(mail.there(time.strftime("Archive/%Y")), {name(29): set()})
    browser.go("/alphamail/mail/INBOX/")
    browser.press("Change this")
    says("Lists renew themselves")
    browser.press("Reset: Messages on a page")
    says("Messages on a page")
    browser.press("Reset", "25")
    equal(kept("density", "rows", "order", "refresh"), ["compact", "25", "asc", "5"])
    browser.press("Reset this group: The list")
    browser.press("Reset", "never")
    equal(kept("density", "rows", "order", "refresh"), ["compact", "25", "usual", "0"])
    browser.press("Reset all settings")
    browser.press("Reset", "Archive by year")
    equal(kept("density", "language", "rows", "type", "ask_subject", "archive_years", "tree"), before)


def runs(kind, number, function):
    def run(site):
        if BROWSERS[kind]():
            skip(BROWSERS[kind]())
        user = "%s-%d" % (kind.lower(), number)
        mail = Mail(site.dovecot, user)
        with site.hands(kind) as browser:
            browser.log_in(site.httpd.origin, name(29), user)
            function(site, mail, browser, Says(browser))
        mail.client.logout()
    return run


for one in BROWSERS:
    for order, (title, what) in enumerate(JOURNEYS):
        case("%s: %s" % (one, title))(runs(one, order, what))
main(Site)
