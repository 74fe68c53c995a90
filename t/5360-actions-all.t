#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions on a whole folder, archive and junk, by forms alone: after 'Tick all' a line offers all messages of the
folder; what takes longer says how far it is and is taken back as a whole; archive, junk and not junk have buttons
on lists and messages where they make sense."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import mail_pages  # noqa: E402
from asker import deliver_many  # noqa: E402
from imapd import check, message, quoted  # noqa: E402
from mail_pages import marks, rows, status_of, the_list  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, note, ok  # noqa: E402

MANY = 20000


class Actions(Stack):
    def _start(self):
        super()._start()
        self.reader = self.browser()
        self.reader.log_in()

    def client_at(self, folder):
        client = self.dovecot.client("demo")
        status, data = client.select(quoted(folder))
        return client, int(data[0]) if status == "OK" else 0

    def size(self, folder):
        client, count = self.client_at(folder)
        client.logout()
        return count

    def unread(self, folder):
        client, _ = self.client_at(folder)
        found = check(client.uid("SEARCH", "UNSEEN"))[0].split()
        client.logout()
        return len(found)

    def subjects(self, folder):
        client, count = self.client_at(folder)
        found = [line[1].decode().partition(":")[2].strip() for line in check(
            client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")) if isinstance(line, tuple)] if count else []
        client.logout()
        return sorted(found)

    def fill(self, *subjects, folders=("INBOX", "Kept", "Trash", "Archive", "Junk")):
        """These folders anew, with messages of these subjects in INBOX. Gives the first page."""
        for folder in folders:
            client = self.dovecot.client("demo")
            client.create(quoted(folder))
            if int(check(client.select(quoted(folder)))[0]):
                check(client.store("1:*", "+FLAGS.SILENT", "\\Deleted"))
                check(client.expunge())
            client.logout()
        if subjects:
            self.dovecot.deliver("demo", "INBOX", [message(subject=s) for s in subjects])
        return self.check_mail("INBOX")

    def check_mail(self, folder):
        token = self.reader.get("settings/").token
        return self.reader.post("mail/%s/" % folder, {"token": token, "do": "check"})

    def filled(self, folder, count):
        """A folder with so many messages, every third unread, all of them known."""
        client = self.dovecot.client("demo")
        client.select("INBOX")
        client.delete(quoted(folder))
        client.logout()
        deliver_many(self.dovecot, "demo", folder, (message(subject="n%05d" % n) for n in range(count)))
        end = time.monotonic() + 90
        while True:
            page = self.check_mail(folder)
            if page.status == 200 and "Still reading" not in page.words and "of {:,}".format(count) in page.words:
                return page
            ok(time.monotonic() < end, why=page.words[:500])
            time.sleep(0.2)


def do(stack, page, what, subjects=None, **more):
    chosen = [row.mark for row in rows(page) if subjects is None or row.subject in subjects]
    return stack.reader.submit(page, the_list(page), button=("do", what), m=chosen, **more)


def ended(stack, page):
    """Looks until the page tells the end of it."""
    end = time.monotonic() + 300
    while "See how far it is" in page.text:
        ok(time.monotonic() < end, why=page.words[:500])
        time.sleep(0.05)
        page = stack.reader.click(page, "See how far it is")
    return page


@case("after 'Tick all' a line offers all of the folder, and says when they are chosen; one page offers nothing")
def _(stack):
    page = stack.filled("Large", 120)
    page = stack.reader.click(page, "Tick all")
    contains([words for _, words in status_of(page)], "All 50 messages on this page are ticked.")
    page = stack.reader.click(page, "Choose all 120 messages in this folder")
    contains([words for _, words in status_of(page)], "All 120 messages in this folder are chosen.")
    equal(page.text.count(" checked"), 50)
    equal((the_list(page).fields["all"], the_list(page).fields["below"], the_list(page).fields["count"]),
          ("1", "121", "120"))
    back = stack.reader.click(page, "Choose none")
    equal(back.text.count(" checked"), 0)
    lacks(the_list(back).fields, "all")
    small = stack.reader.click(stack.fill("one", "two"), "Tick all")
    lacks(small.text, "Choose all")
    second = stack.reader.get("mail/Large/?page=2&sort=subject&tick=page")
    contains(second.link("Choose all 120 messages"), "page=2&sort=subject&tick=all")


@case("20 000 marked as read: the page is there within a moment, says so, and Undo is exact")
def _(stack):
    stack.filled("Larger", MANY)
    before = stack.unread("Larger")
    page = stack.reader.get("mail/Larger/?tick=all")
    begun = time.monotonic()
    stack.reader.patience, patience = 0, stack.reader.patience
    page = do(stack, page, "read")
    stack.reader.patience = patience
    note("form, redirect and page: %d ms" % (1000 * (time.monotonic() - begun)))
    if "See how far it is" in page.text:
        contains(page.words, "Marking 20,000 messages as read: ")
    lacks(page.words, "unread of")
    page = ended(stack, stack.reader.get(page.url))
    equal(status_of(page), [("status", "20,000 messages marked as read.")])
    equal(stack.unread("Larger"), 0)
    page = ended(stack, mail_pages.undo(stack.reader, page))
    equal(status_of(page), [("status", "Undone: {:,} messages are as they were.".format(before))])
    equal(stack.unread("Larger"), before)
    contains(page.words, "{:,} unread of 20,000".format(before))


@case("all moved to the trash but what came since; and back")
def _(stack):
    stack.fill()
    stack.filled("Large", 1200)
    page = stack.reader.get("mail/Large/?tick=all")
    stack.dovecot.deliver("demo", "Large", [message(subject="late")])
    page = ended(stack, do(stack, page, "delete"))
    equal(status_of(page), [("status", "1,200 messages moved to Trash.")])
    equal((stack.subjects("Large"), stack.size("Trash")), (["late"], 1200))
    page = ended(stack, mail_pages.undo(stack.reader, page))
    equal(status_of(page), [("status", "Undone: 1,200 messages are as they were.")])
    equal((stack.size("Large"), stack.size("Trash")), (1201, 0))


@case("who unticks one of them means those that are ticked")
def _(stack):
    stack.fill()
    stack.filled("Large", 120)
    page = stack.reader.get("mail/Large/?tick=all")
    left = [row.subject for row in rows(page)][1:]
    page = do(stack, page, "move", left, to="Kept")
    equal(status_of(page), [("status", "49 messages moved to Kept.")])
    equal((stack.size("Large"), stack.size("Kept")), (71, 49))


@case("where a filter is on, all means what is listed")
def _(stack):
    stack.filled("Large", 240)
    page = stack.reader.click(stack.reader.get("mail/Large/?filter=unread&tick=page"), "Choose all 80 messages that are listed")
    contains([words for _, words in status_of(page)], "All 80 messages that are listed are chosen.")
    page = ended(stack, do(stack, page, "star"))
    contains([words for _, words in status_of(page)], "80 messages starred.")
    client, _ = stack.client_at("Large")
    starred = set(check(client.uid("SEARCH", "FLAGGED"))[0].split())
    equal(starred, set(check(client.uid("SEARCH", "UNSEEN"))[0].split()))
    client.logout()
    equal(len(starred), 80)
    few = stack.reader.get("mail/Large/?filter=attachment&tick=page")
    lacks(few.text, "Choose all")


@case("all of the trash for good is asked first, with how many; Cancel does nothing")
def _(stack):
    stack.fill()
    stack.filled("Large", 120)
    ended(stack, do(stack, stack.reader.get("mail/Large/?tick=all"), "delete"))
    page = stack.check_mail("Trash")
    page = stack.reader.get("mail/Trash/?tick=all")
    asks = do(stack, page, "purge")
    contains(asks.words, "Delete 120 messages for good?")
    equal(stack.size("Trash"), 120)
    contains(stack.reader.click(asks, "Cancel").words, "of 120")
    page = ended(stack, stack.reader.submit(asks, asks.form("sure"), button=("do", "purge")))
    equal(status_of(page), [("status", "120 messages deleted for good.")])
    lacks(page.text, 'value="undo"')
    equal(stack.size("Trash"), 0)


@case("archived from the list and from the message, and back")
def _(stack):
    page = do(stack, stack.fill("one", "two", "three"), "archive", ("one",))
    equal(status_of(page), [("status", "1 message moved to Archive.")])
    equal((stack.subjects("INBOX"), stack.subjects("Archive")), (["three", "two"], ["one"]))
    page = mail_pages.undo(stack.reader, page)
    equal(stack.subjects("Archive"), [])
    page = stack.reader.click(page, "two")
    page = stack.reader.submit(page, page.form("v"), button=("do", "archive"))
    equal(status_of(page), [("status", "1 message moved to Archive.")])
    contains(page.url, "/mail/INBOX/?")
    equal(stack.subjects("Archive"), ["two"])
    lacks(stack.reader.get("mail/Archive/").text, 'value="archive"')


@case("junk from the list and from the message; not junk in the folder for it; what one wrote is none")
def _(stack):
    page = do(stack, stack.fill("one", "two"), "junk", ("one",))
    equal(status_of(page), [("status", "1 message moved to Junk.")])
    page = stack.reader.click(page, "two")
    page = stack.reader.submit(page, page.form("v"), button=("do", "junk"))
    equal(stack.subjects("Junk"), ["one", "two"])
    page = stack.check_mail("Junk")
    lacks(the_list(page).buttons["do"], "junk")
    contains(page.words, "Not junk")
    page = do(stack, page, "notjunk", ("one",))
    equal(status_of(page), [("status", "1 message moved to Inbox.")])
    equal((stack.subjects("INBOX"), stack.subjects("Junk")), (["one"], ["two"]))
    page = stack.reader.click(page, "two")
    contains(page.form("v").buttons["do"], "notjunk")
    client = stack.dovecot.client("demo")
    client.create("Sent")
    check(client.append("Sent", None, None, message(subject="mine").replace("\n", "\r\n").encode()))
    client.logout()
    page = stack.check_mail("Sent")
    lacks(the_list(page).buttons["do"], "junk")
    contains(the_list(page).buttons["do"], "archive")


@case("malformed forms are refused, and change nothing")
def _(stack):
    page = stack.reader.get("mail/INBOX/")
    stack.fill("one", "two")
    page = stack.reader.get("mail/INBOX/")
    v, token = the_list(page).fields["v"], page.token
    post = lambda **fields: stack.reader.post("mail/INBOX/", {"token": token, "do": "delete", **fields})  # noqa: E731
    equal(post(v=v, all="1", rows="0", count="2").status, 400)
    equal(post(v=v, all="1", rows="0", count="2", below="0").status, 400)
    equal(post(v=v, all="1", rows="0", count="2", below="99999999999").status, 400)
    equal(post(all="1", rows="0", count="2", below="3").status, 400)
    equal(stack.subjects("INBOX"), ["one", "two"])
    anew = post(v=str(int(v) + 1), all="1", rows="0", count="2", below="9999")
    contains(anew.words, "The folder has changed meanwhile.")
    equal(stack.subjects("INBOX"), ["one", "two"])


@case("in German, too")
def _(stack):
    stack.filled("Large", 120)
    stack.reader.headers["Accept-Language"] = "de"
    try:
        page = stack.reader.get("mail/Large/?tick=page")
        contains(page.words, "Alle 50 Nachrichten auf dieser Seite sind angekreuzt.")
        contains(page.words, "Alle 120 Nachrichten in diesem Ordner ausw\u00e4hlen")
        contains(page.words, "Archivieren")
    finally:
        stack.reader.headers["Accept-Language"] = "en"


main(Actions)
