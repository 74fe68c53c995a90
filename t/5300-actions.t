#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user does to messages, by forms alone: ticked rows and the open message are marked, starred, moved,
copied, deleted and taken back; before anything goes for good a page asks. Forms that are old, sent twice,
forged or far too large do nothing to anything else, and say so."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import mail_pages  # noqa: E402
from imapd import check, message, quoted  # noqa: E402
from mail_pages import marks, status_of, the_list  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402


class Actions(Stack):
    def _start(self):
        super()._start()
        self.reader = self.browser()
        self.reader.log_in()

    def fill(self, *subjects):
        """INBOX, Kept and Trash anew, with these in INBOX. Gives the first page."""
        client = self.dovecot.client("demo")
        for folder in ("INBOX", "Kept", "Trash"):
            client.create(quoted(folder))
            check(client.select(quoted(folder)))
            check(client.store("1:*", "+FLAGS.SILENT", "\\Deleted")) if client.uid("SEARCH", "ALL")[1][0] else None
            check(client.expunge())
        client.logout()
        self.dovecot.deliver("demo", "INBOX", [message(subject=s) for s in subjects])
        page = self.reader.get("mail/INBOX/")
        return self.reader.submit(page, the_list(page), button=("do", "check"))

    def inside(self, folder):
        client = self.dovecot.client("demo")
        status, _ = client.select(quoted(folder), readonly=True)
        found = []
        if status == "OK":
            for line in check(client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
                if isinstance(line, tuple):
                    found.append(line[1].decode().partition(":")[2].strip())
        client.logout()
        return sorted(found)


def do(stack, page, what, subjects, follow=True, **more):
    known = marks(page)
    return stack.reader.submit(page, the_list(page), button=("do", what), follow=follow,
                               m=[known[s] for s in subjects], **more)


def undo(stack, page):
    return mail_pages.undo(stack.reader, page)


@case("ticked messages are marked as read, the page says how many, and Undo takes it back")
def _(stack):
    page = stack.fill("one", "two", "three")
    contains(page.words, "3 unread of 3")
    page = do(stack, page, "read", ("one", "two"))
    equal(page.history[0].status, 303)
    equal(status_of(page), [("status", "2 messages marked as read.")])
    contains(page.parsed.title, "2 messages marked as read.")
    contains(page.words, "1 unread of 3")
    page = undo(stack, page)
    equal(status_of(page), [("status", "Undone: 2 messages are as they were.")])
    contains(page.words, "3 unread of 3")
    lacks(page.text, 'value="undo"')


@case("the star of a row is a button: on, and off")
def _(stack):
    page = stack.fill("one", "two")
    mark = marks(page)["one"]
    page = stack.reader.submit(page, the_list(page), button=("star", mark))
    equal(status_of(page), [("status", "1 message starred.")])
    contains(page.text, 'name="unstar" value="%s" class="on"' % mark)
    page = stack.reader.submit(page, the_list(page), button=("unstar", mark))
    equal(status_of(page), [("status", "Star of 1 message removed.")])
    lacks(page.text, 'name="unstar"')


@case("deleted messages go to the trash and come back")
def _(stack):
    page = do(stack, stack.fill("one", "two", "three"), "delete", ("one", "three"))
    equal(status_of(page), [("status", "2 messages moved to Trash.")])
    equal(list(marks(page)), ["two"])
    equal((stack.inside("INBOX"), stack.inside("Trash")), (["two"], ["one", "three"]))
    page = undo(stack, page)
    equal(sorted(marks(page)), ["one", "three", "two"])
    equal(stack.inside("Trash"), [])


@case("from the trash they go for good, after a page that asks; Cancel leads back")
def _(stack):
    do(stack, stack.fill("one", "two"), "delete", ("one", "two"))
    trash = stack.reader.get("mail/Trash/")
    lacks(trash.text, 'value="delete"')
    asks = do(stack, trash, "purge", ("one",))
    equal(asks.status, 200)
    contains(asks.words, "Delete 1 message for good?")
    equal(stack.inside("Trash"), ["one", "two"])
    contains(stack.reader.click(asks, "Cancel").words, "2 unread of 2")
    page = stack.reader.submit(asks, asks.form("sure"), button=("do", "purge"))
    equal(status_of(page), [("status", "1 message deleted for good.")])
    lacks(page.text, 'value="undo"')
    equal((stack.inside("Trash"), list(marks(page))), (["two"], ["two"]))


@case("a form that deletes in the trash, though it was not made there, asks as well")
def _(stack):
    do(stack, stack.fill("one"), "delete", ("one",))
    asks = do(stack, stack.reader.get("mail/Trash/"), "delete", ("one",))
    contains(asks.words, "Delete 1 message for good?")
    equal(stack.inside("Trash"), ["one"])


@case("moved and copied to a folder that was chosen; one that was not is asked for")
def _(stack):
    page = stack.fill("one", "two", "three")
    contains(the_list(page).options["to"], "Kept")
    lacks(the_list(page).options["to"], "INBOX")
    moved = do(stack, page, "move", ("one",), to="Kept")
    equal(status_of(moved), [("status", "1 message moved to Kept.")])
    copied = do(stack, moved, "copy", ("two",), to="Kept")
    equal(status_of(copied), [("status", "1 message copied to Kept.")])
    equal((stack.inside("INBOX"), stack.inside("Kept")), (["three", "two"], ["one", "two"]))
    page = do(stack, copied, "move", ("three",))
    equal(status_of(page), [("status", "Choose the folder first that they are to go to.")])
    page = do(stack, copied, "read", ())
    equal(status_of(page), [("status", "Tick the messages first that you mean.")])
    equal(stack.inside("INBOX"), ["three", "two"])


@case("the open message: starred it stays open; unread, moved or deleted leads to the list")
def _(stack):
    page = stack.reader.click(stack.fill("one", "two"), "one")
    page = stack.reader.submit(page, page.form("v"), button=("do", "star"))
    contains(page.url, "/mail/INBOX/")
    equal(status_of(page), [("status", "1 message starred.")])
    contains(page.text, 'value="unstar"')
    contains(page.parsed.title, "one")
    page = stack.reader.submit(page, page.form("v"), button=("do", "unread"))
    equal(status_of(page), [("status", "1 message marked as unread.")])
    contains(page.words, "2 unread of 2")
    page = stack.reader.click(page, "two")
    page = stack.reader.submit(page, page.form("v"), button=("do", "delete"))
    equal((status_of(page), list(marks(page))), ([("status", "1 message moved to Trash.")], ["one"]))
    page = stack.reader.click(page, "one")
    page = stack.reader.submit(page, page.form("v"), button=("do", "move"), to="Kept")
    equal((status_of(page), list(marks(page))), ([("status", "1 message moved to Kept.")], []))
    contains(page.words, "Nothing waits here")


@case("Tick all ticks the page by a link, Untick all takes it back")
def _(stack):
    page = stack.fill("one", "two")
    page = stack.reader.click(page, "Tick all")
    equal(page.text.count(" checked"), 2)
    lacks(stack.reader.click(page, "Untick all").text, " checked")


@case("after an action the list is where it was: page and order")
def _(stack):
    stack.fill(*["n%02d" % n for n in range(60)])
    page = stack.reader.get("mail/INBOX/?page=2&sort=subject")
    page = do(stack, page, "read", ("n55",))
    contains(page.url, "page=2")
    contains(page.url, "sort=subject")
    contains(page.words, "51\u201360 of 60")


@case("the same form sent twice, and after Back: done once, and said")
def _(stack):
    page = stack.fill("one", "two")
    do(stack, page, "move", ("one",), to="Kept")
    again = do(stack, page, "move", ("one",), to="Kept")
    equal(status_of(again), [("status", "1 message was no longer there.")])
    equal((stack.inside("INBOX"), stack.inside("Kept")), (["two"], ["one"]))


@case("Undo a second time, and of a number that is none, is refused in words")
def _(stack):
    page = do(stack, stack.fill("one", "two"), "delete", ("one",))
    undo(stack, page)
    again = undo(stack, page)
    contains(again.words, "This cannot be undone any more.")
    equal(stack.inside("INBOX"), ["one", "two"])
    for word in ("", "0", "zzzz", "ffffffffffffffff"):
        again = stack.reader.submit(page, page.form("report"), button=("do", "undo"), report=word)
        contains(again.words, "This cannot be undone any more.")


@case("Undo after others changed the same: what is still there comes back, the rest is said")
def _(stack):
    page = do(stack, stack.fill("one", "two", "three"), "delete", ("one", "two"))
    client = stack.dovecot.client("demo")
    check(client.select("Trash"))
    check(client.store("1", "+FLAGS.SILENT", "\\Deleted"))
    check(client.expunge())
    client.logout()
    page = undo(stack, page)
    equal(status_of(page), [("status", "Undone: 1 message is as it was. 1 message was no longer there.")])
    equal(stack.inside("INBOX"), ["three", "two"])


@case("ticked rows some of which are gone: the rest is done")
def _(stack):
    page = stack.fill("one", "two", "three")
    client = stack.dovecot.client("demo")
    check(client.select("INBOX"))
    check(client.store("2", "+FLAGS.SILENT", "\\Deleted"))
    check(client.expunge())
    client.logout()
    page = do(stack, page, "move", ("one", "two", "three"), to="Kept")
    equal(status_of(page), [("status", "2 messages moved to Kept. 1 message was no longer there.")])


@case("an old form does nothing to a message that is another one now")
def _(stack):
    page = stack.fill("one", "two")
    known = marks(page)
    forged = known["one"].split("-")[0] + "-" + known["two"].split("-")[1]
    page = stack.reader.submit(page, the_list(page), button=("do", "delete"), m=[forged])
    equal(status_of(page), [("alert", "1 message is another one by now and was left alone.")])
    equal(stack.inside("INBOX"), ["one", "two"])


@case("a folder to go to that is gone is said as an alert, and what was ticked stays")
def _(stack):
    page = do(stack, stack.fill("one"), "move", ("one",), to="Not/There")
    kind, words = status_of(page)[0]
    equal(kind, "alert")
    contains(words, "1 message was not changed. The folder does not exist.")
    equal((stack.inside("INBOX"), list(marks(page))), (["one"], ["one"]))


@case("malformed forms are refused, and change nothing")
def _(stack):
    page = stack.fill("one")
    good = marks(page)["one"]
    reader, token = stack.reader, page.token
    v = the_list(page).fields["v"]
    for fields in ({"do": "explode", "m": good, "v": v}, {"do": "delete", "m": "1", "v": v},
                   {"do": "delete", "m": "x-00000000", "v": v}, {"do": "delete", "m": good},
                   {"do": "delete", "m": "0-00000000", "v": v}, {"do": "delete", "m": good, "v": "-1"},
                   {"do": "delete", "m": "99999999999-00000000", "v": v}):
        equal(reader.post("mail/INBOX/", {"token": token, **fields}).status, 400, repr(fields))
    equal(reader.post("mail/INBOX/", {"do": "delete", "m": good, "v": v}).status, 403)
    equal(reader.post("mail/INBOX/", {"token": token, "do": "delete", "m": good, "v": v},
                      headers={"Sec-Fetch-Site": "cross-site"}).status, 403)
    equal(reader.post("mail/Not/There/", {"token": token, "do": "delete", "m": good, "v": v}).status, 404)
    equal(stack.inside("INBOX"), ["one"])


@case("5 000 messages in one form, most of them not there; more are refused; so are a million fields")
def _(stack):
    page = stack.fill("one", "two")
    known = marks(page)
    token, v = page.token, the_list(page).fields["v"]
    many = list(known.values()) + ["%d-00000000" % n for n in range(4000000000, 4000004998)]
    page = stack.reader.post("mail/INBOX/", {"token": token, "do": "read", "v": v, "m": many})
    equal(status_of(page), [("status", "2 messages marked as read. 4,998 messages were no longer there.")])
    many.append("4100000000-00000000")
    equal(stack.reader.post("mail/INBOX/", {"token": token, "do": "read", "v": v, "m": many}).status, 413)
    body = {"token": token, "do": "delete", "v": v, "m": ["1"] * 1000000}
    ok(stack.reader.post("mail/INBOX/", body).status in (400, 413))
    equal(stack.inside("INBOX"), ["one", "two"])


@case("another user's folders and reports are out of reach")
def _(stack):
    page = do(stack, stack.fill("one"), "delete", ("one",))
    report = page.form("report").fields["report"]
    other = stack.browser()
    mine = other.log_in("demo2")
    page = other.post("mail/INBOX/", {"token": mine.token, "do": "undo", "report": report})
    contains(page.words, "This cannot be undone any more.")
    lacks(other.get("mail/INBOX/?done=" + report).text, "moved to Trash")
    equal(stack.inside("Trash"), ["one"])


@case("in German, too")
def _(stack):
    page = stack.fill("one", "two")
    page = stack.reader.submit(page, the_list(page), button=("do", "delete"), m=list(marks(page).values()))
    stack.reader.headers["Accept-Language"] = "de"
    try:
        contains(stack.reader.get(page.url).words, "2 Nachrichten nach Papierkorb verschoben.")
    finally:
        stack.reader.headers["Accept-Language"] = "en"


main(Actions)
