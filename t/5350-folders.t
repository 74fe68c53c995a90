#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages about folders, by links and forms alone: the table with roles, counts and sizes, a folder made, renamed,
moved, subscribed to, chosen for a role and as a favourite, deleted after a page that asks; all of it saved as mbox
and zip; what is large. What is refused keeps what was typed. Hostile names are text. The quota stands under the
tree. Many folders make no page large."""
import html
import io
import mailbox
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import check, message, quoted  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok, skip  # noqa: E402

QUOTA = """mail_plugins = $mail_plugins quota
protocol imap {
  mail_plugins = $mail_plugins quota imap_quota
}
plugin {
  quota = count:User quota
  quota_rule = *:storage=2M
  quota_vsizes = yes
}
"""


class Folders(Stack):
    def __init__(self):
        super().__init__(users=("demo", "demo2", "many"), imap={"extra": QUOTA})

    def _start(self):
        super()._start()
        self.reader = self.browser()
        self.reader.log_in()

    def do(self, page, pressed, follow=True, **fields):
        """Presses that button of the form that has it."""
        form = [f for f in page.forms if pressed in f.buttons.get("do", [])][0]
        return self.reader.submit(page, form, button=("do", pressed), follow=follow, **fields)

    def one(self, address):
        return self.reader.get("folders/?folder=" + address)

    def names(self, user="demo"):
        client = self.dovecot.client(user)
        names = [line.decode().split(' "/" ')[1].strip('"') for line in check(client.list())]
        client.logout()
        return names

    def subjects(self, folder, user="demo"):
        client = self.dovecot.client(user)
        found = []
        if client.select(quoted(folder), readonly=True)[0] == "OK":
            for line in check(client.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
                if isinstance(line, tuple):
                    found.append(line[1].decode().partition(":")[2].strip())
        client.logout()
        return sorted(found)


def said(page):
    """[(role, words)]"""
    return [(role, html.unescape(words)) for role, words in
            re.findall(r'role="(status|alert)"><svg.*?</svg><p>([^<]*)</p>', page.text)]


def row_of(page, label):
    """The words of the cells of a folder's row."""
    for row in re.findall(r'<tr role="row"><th class="in.*?</tr>', page.text):
        if "<bdi>%s</bdi>" % html.escape(label) in row:
            return [html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
    return None


@case("the table has each folder with what it is for, its counts, its size and whether it is subscribed to")
def _(stack):
    stack.dovecot.create("demo", "Work", "Work/Plans")
    stack.deliver("Work/Plans", [message(subject="p%d" % n, text="x" * 3000) for n in range(3)])
    page = stack.do(stack.reader.get("folders/"), "check")
    equal(said(page), [("status", "The folders are as the mail server has them now.")])
    cells = row_of(page, "Plans")
    equal((cells[0], cells[2], cells[3], cells[5]), ("Work / Plans", "3", "3", "Yes"))
    contains(cells[4], "KB")
    equal(row_of(page, "Sent")[1], "Sent mail")
    contains(page.text, "<caption")
    contains(page.parsed.title, "Folders")
    contains(stack.reader.get("mail/INBOX/").text, 'href="/alphamail/folders/"')


@case("a folder is made, at the top and below another, and renamed and moved with all that is below it")
def _(stack):
    page = stack.do(stack.reader.get("folders/"), "create", name="  Grüße & <Küsse> 日本 ", into="")
    equal(said(page), [("status", "The folder is made.")])
    contains(page.words, "Grüße & <Küsse> 日本")
    lacks(page.text, "<Küsse>")
    contains(stack.names(), "Gr&APwA3w-e &- <K&APw-sse> &ZeVnLA-")
    page = stack.do(page, "create", name="50% of / it ~ .", into="Work")
    equal(said(page)[0][0], "alert")
    contains(said(page)[0][1], "allows no folder of this name")
    contains(page.text, 'value="50% of / it ~ ."')
    equal(page.status, 422)
    page = stack.do(stack.reader.get("folders/"), "create", name="50% *", into="Work")
    equal(page.history[0].status, 303)
    contains(stack.names(), "Work/50% *")
    page = stack.do(stack.one("Work"), "rename", name="Arbeit")
    equal(said(page), [("status", "The folder has its new name.")])
    contains(stack.names(), "Arbeit/Plans")
    equal(stack.subjects("Arbeit/Plans"), ["p0", "p1", "p2"])
    page = stack.do(page, "move", into="Grüße & <Küsse> 日本")
    equal(said(page), [("status", "The folder is moved.")])
    equal(stack.subjects("Gr&APwA3w-e &- <K&APw-sse> &ZeVnLA-/Arbeit/Plans"), ["p0", "p1", "p2"])
    contains(stack.reader.get("mail/Gr%C3%BC%C3%9Fe%20%26%20%3CK%C3%BCsse%3E%20%E6%97%A5%E6%9C%AC/Arbeit/Plans/").words, "3 unread of 3")
    page = stack.do(stack.one("Gr%C3%BC%C3%9Fe%20%26%20%3CK%C3%BCsse%3E%20%E6%97%A5%E6%9C%AC/Arbeit"), "move", into="")
    contains(stack.names(), "Arbeit/Plans")


@case("what cannot be is said in words, with what was typed: a name that is taken, none at all, INBOX, itself")
def _(stack):
    page = stack.do(stack.one("Arbeit"), "rename", name="Sent")
    equal((page.status, said(page)), (409, [("alert", "A folder of this name is there already.")]))
    contains(page.text, 'value="Sent"')
    page = stack.do(stack.one("Arbeit"), "rename", name="   ")
    equal((page.status, said(page)[0][0]), (422, "alert"))
    page = stack.do(stack.one("Arbeit"), "rename", name="x" * 300)
    equal(page.status, 422)
    page = stack.do(stack.one("Arbeit"), "rename", name="Inbox")
    equal(page.status, 422)
    page = stack.do(stack.one("Arbeit"), "move", into="Arbeit/Plans")
    equal(said(page), [("alert", "A folder cannot be moved into itself.")])
    page = stack.do(stack.one("Arbeit"), "move", into="../..")
    equal(page.status, 422)
    inbox = stack.one("INBOX")
    contains(inbox.words, "This folder can neither be renamed nor deleted.")
    lacks(inbox.text, 'value="rename"')
    page = stack.reader.post("folders/", {"token": inbox.token, "do": "rename", "folder": "INBOX", "name": "Old"})
    equal(page.status, 422)
    page = stack.reader.post("folders/", {"token": inbox.token, "do": "delete", "folder": "INBOX", "sure": "yes"})
    equal(page.status, 409)
    equal(stack.one("No%20such").status, 404)
    equal(stack.reader.post("folders/", {"token": inbox.token, "do": "rename", "folder": "Nowhere", "name": "a"}).status, 409)
    equal(stack.reader.post("folders/", {"token": "wrong", "do": "create", "name": "forged"}).status, 403)
    lacks(stack.names(), "forged")
    contains(stack.names(), "INBOX")


@case("before a folder is deleted a page asks, and says what it holds; the trash keeps it, from there it goes for good")
def _(stack):
    stack.dovecot.create("demo", "Old", "Old/Older")
    stack.deliver("Old", [message(subject="o%d" % n) for n in range(4)])
    stack.reader.get("folders/")
    asks = stack.do(stack.do(stack.reader.get("folders/"), "check") and stack.one("Old"), "delete")
    equal(asks.status, 200)
    contains(asks.words, "Delete the folder “Old”?")
    contains(asks.words, "It and the 1 folder below it hold 4 messages.")
    lacks(asks.text, 'value="delete"')
    contains(stack.names(), "Old/Older")
    contains(stack.reader.click(asks, "Cancel").words, "Old")
    page = stack.do(asks, "trash")
    equal(said(page), [("status", "The folder is in the trash.")])
    equal(stack.subjects("Trash/Old"), ["o0", "o1", "o2", "o3"])
    contains(stack.names(), "Trash/Old/Older")
    # Another of that name.
    stack.dovecot.create("demo", "Old")
    stack.do(stack.do(stack.do(stack.reader.get("folders/"), "check") and stack.one("Old"), "delete"), "trash")
    contains(stack.names(), "Trash/Old 2")
    asks = stack.do(stack.one("Trash/Old"), "delete")
    contains(asks.words, "delete the folders below it first")
    lacks(asks.text, 'name="do"')
    token = asks.token
    page = stack.reader.post("folders/", {"token": token, "do": "delete", "folder": "Trash/Old", "sure": "yes"})
    equal((page.status, said(page)), (409, [("alert", "This folder holds other folders; nothing was deleted.")]))
    page = stack.do(stack.do(stack.one("Trash/Old/Older"), "delete"), "delete")
    equal(said(page), [("status", "The folder is deleted.")])
    asks = stack.do(stack.one("Trash/Old"), "delete")
    contains(asks.words, "It holds 4 messages.")
    lacks(asks.text, 'value="trash"')
    stack.do(asks, "delete")
    lacks(stack.names(), "Trash/Old")


@case("subscriptions: shown, changed, and the tree with only the subscribed ones where the user wants that")
def _(stack):
    page = stack.do(stack.one("Arbeit/Plans"), "unsubscribe")
    equal(said(page), [("status", "The folder is no longer subscribed to.")])
    equal(row_of(stack.reader.get("folders/"), "Plans")[5], "No")
    side = 'href="/alphamail/mail/Arbeit/Plans/"'
    contains(stack.reader.get("mail/INBOX/").text, side)
    page = stack.do(stack.reader.get("folders/"), "show", what="subscribed")
    equal(said(page), [("status", "Which folders are shown is kept.")])
    lacks(stack.reader.get("mail/INBOX/").text, side)
    contains(stack.reader.get("mail/INBOX/").text, 'href="/alphamail/mail/Sent/"')
    contains(stack.reader.get("folders/").text, 'value="subscribed" checked')
    stack.do(stack.one("Arbeit/Plans"), "subscribe")
    contains(stack.reader.get("mail/INBOX/").text, side)
    stack.do(stack.reader.get("folders/"), "show", what="all")


@case("favourites stand on top of the tree, and follow a folder to its new name")
def _(stack):
    page = stack.do(stack.one("Arbeit/Plans"), "favourite")
    equal(said(page), [("status", "The folder is among the favourites.")])
    inbox = stack.reader.get("mail/INBOX/").text
    ok(inbox.index("Favourites") < inbox.index("mail/Arbeit/Plans/") < inbox.index("mail/INBOX/\" aria-current"), why="not on top")
    stack.do(stack.one("Arbeit/Plans"), "rename", name="Pläne")
    inbox = stack.reader.get("mail/INBOX/").text
    equal(inbox.count("mail/Arbeit/Pl%C3%A4ne/"), 2)
    stack.do(stack.one("Arbeit/Pl%C3%A4ne"), "unfavourite")
    inbox = stack.reader.get("mail/INBOX/").text
    equal((inbox.count("mail/Arbeit/Pl%C3%A4ne/"), "Favourites" in inbox), (1, False))


@case("the folder that the user chooses for a role serves for it, also after another log-in and a restart")
def _(stack):
    page = stack.do(stack.one("Arbeit"), "role", role="trash")
    equal(said(page), [("status", "What the folder is for is kept.")])
    stack.deliver("INBOX", [message(subject="thrown away")])
    inbox = stack.reader.get("mail/INBOX/")
    inbox = stack.reader.submit(inbox, inbox.form("v"), button=("do", "check"))
    mark = re.search(r'name="m" value="([^"]*)"', inbox.text)[1]
    stack.reader.submit(inbox, inbox.form("v"), button=("do", "delete"), m=[mark])
    equal(stack.subjects("Arbeit"), ["thrown away"])
    stack.webcache.stop()
    stack.webcache.start()
    equal(row_of(stack.reader.get("folders/"), "Trash")[0], "Trash")
    contains(stack.one("Arbeit").words, "· Trash")
    stack.reader = stack.browser()
    stack.reader.log_in()
    contains(stack.one("Arbeit").words, "· Trash")
    stack.do(stack.one("Arbeit"), "role", role="none")
    lacks(stack.one("Arbeit").words, "· Trash")
    equal(row_of(stack.reader.get("folders/"), "Trash")[1], "Trash")


@case("a folder is saved as mbox, with lines that begin with From kept apart, and as zip")
def _(stack):
    stack.dovecot.create("demo", "Export")
    texts = ["From me to you\n>From quoted\nplain", "a\r\n\r\nFrom \r\nFromage", "last line From"]
    stack.deliver("Export", [message(subject="e%d" % n, text=t) for n, t in enumerate(texts)])
    stack.do(stack.reader.get("folders/"), "check")
    page = stack.one("Export")
    got = stack.reader.get(page.link("Save all as mbox"))
    equal(got.status, 200)
    contains(got.headers["content-type"], "application/mbox")
    contains(got.headers["content-disposition"], "Export.mbox")
    contains(got.raw, b">From me to you\n>>From quoted\n")
    contains(got.raw, b"\n>From \nFromage")
    lacks(got.raw, b"\r")
    with tempfile.NamedTemporaryFile(suffix=".mbox") as out:
        out.write(got.raw)
        out.flush()
        box = mailbox.mbox(out.name)
        equal([m["Subject"] for m in box], ["e0", "e1", "e2"])
    got = stack.reader.get(page.link("Save all as zip"))
    with zipfile.ZipFile(io.BytesIO(got.raw)) as archive:
        equal(archive.testzip(), None)
        equal(sorted(n.split(" ", 1)[1] for n in archive.namelist()), ["e0.eml", "e1.eml", "e2.eml"])
        contains(archive.read(sorted(archive.namelist())[0]), b"From me to you\r\n>From quoted")
    equal(stack.reader.get("folders/export?folder=Export&as=exe").status, 400)
    equal(stack.reader.get("folders/export?folder=Nope&as=zip").status, 404)


@case("an empty folder is saved as well")
def _(stack):
    stack.dovecot.create("demo", "Hollow")
    stack.do(stack.reader.get("folders/"), "check")
    equal(stack.reader.get("folders/export?folder=Hollow&as=mbox").raw, b"")
    equal(zipfile.ZipFile(io.BytesIO(stack.reader.get("folders/export?folder=Hollow&as=zip").raw)).namelist(), [])


@case("what is large: folders and messages, which are opened, moved and deleted from there, and taken back")
def _(stack):
    stack.dovecot.create("demo", "Big")
    stack.deliver("Big", [message(subject="huge", text="y" * 300000), message(subject="big", text="z" * 200000)])
    stack.do(stack.reader.get("folders/"), "check")
    stack.reader.get("mail/Big/")
    page = stack.reader.get("folders/largest/")
    words = page.words
    ok(words.index("huge") < words.index("big"), why="not by size")
    contains(words, "not read yet")
    contains(stack.reader.click(page, "huge").words, "huge")
    marks = dict(re.findall(r'<th scope="row" role="rowheader" id="l([^"]*)"><a href="[^"]*"><bdi>([^<]*)', page.text))
    chosen = [mark for mark, subject in marks.items() if subject == "huge"]
    equal(said(stack.do(page, "delete")), [("status", "Tick the messages first that you mean.")])
    after = stack.do(page, "delete", m=chosen)
    equal(said(after), [("status", "1 message moved.")])
    equal((stack.subjects("Big"), "huge" in stack.subjects("Trash")), (["big"], True))
    undone = stack.do(after, "undo")
    equal(said(undone), [("status", "Undone: the messages are where they were.")])
    equal(stack.subjects("Big"), ["big", "huge"])
    equal(stack.reader.post("folders/largest/", {"token": page.token, "do": "delete", "m": "0-1-x"}).status, 400)


@case("the quota stands under the tree, in words and as a meter, and is as it is now after a check")
def _(stack):
    page = stack.reader.get("folders/")
    page = stack.do(page, "check")
    found = re.search(r'<span id="quota">([^<]*)</span> <meter[^>]*value="(\d+)"', page.text)
    ok(found, why="no quota")
    contains(found[1], "of 2")
    before = int(found[2])
    stack.deliver("Big", [message(subject="more", text="w" * 400000)])
    page = stack.do(page, "check")
    ok(int(re.search(r'<meter[^>]*value="(\d+)"', page.text)[1]) >= before + 15, why="it has not grown")
    for path in ("mail/INBOX/", "search/?q=more", "settings/", "settings/labels/", "settings/identities/", "contacts/"):
        contains(stack.reader.get(path).text, "<meter", path)


@case("all messages of a folder are marked as read, and the trash is emptied after a page that asks")
def _(stack):
    stack.dovecot.create("demo", "Unread")
    stack.deliver("Unread", [message(subject="u%d" % n) for n in range(3)])
    stack.do(stack.reader.get("folders/"), "check")
    page = stack.do(stack.one("Unread"), "read")
    equal([sorted(flags & {"\\Seen"}) for flags in stack.dovecot.flags("demo", "Unread").values()], [["\\Seen"]] * 3)
    lacks(stack.one("Unread").text, 'value="empty"')
    equal(stack.reader.post("folders/", {"token": page.token, "do": "empty", "folder": "Unread", "sure": "yes"}).status, 409)
    stack.deliver("Trash", [message(subject="rubbish")])
    stack.do(stack.reader.get("folders/"), "check")
    asks = stack.do(stack.one("Trash"), "empty")
    contains(asks.words, "Empty the folder “Trash”?")
    contains(stack.subjects("Trash"), "rubbish")
    stack.do(asks, "empty")
    equal(stack.subjects("Trash"), [])


@case("names that somebody made up to do harm are text, and lead where they say")
def _(stack):
    client = stack.dovecot.client("demo2")
    for name in ("<script>alert(1)", "\" onmouseover=x ", "&IC4-txt.exe", "javascript:alert(1)", "' or 1=1", "{{TOKEN}}", "[[Sent]]", "%2e%2e", "n" * 200):
        check(client.create(quoted(name)))
    client.logout()
    reader = stack.browser()
    page = reader.log_in("demo2")
    page = reader.get("folders/")
    lacks(page.text, "<script>alert")
    lacks(page.text, '" onmouseover')
    for name in ("<script>alert(1)", "{{TOKEN}}", "[[Sent]]", "%2e%2e", "javascript:alert(1)"):
        contains(page.words, name)
    links = [html.unescape(found) for found in re.findall(r'<td role="cell"><a href="([^"]*)">Change', page.text)]
    for link in links:
        equal(reader.get(link).status, 200)
    for link in re.findall(r'role="rowheader">(?:<span[^>]*>.*?</span>)?<a href="([^"]*)"', page.text):
        equal(reader.get(html.unescape(link)).status, 200)


@case("2 000 folders: found by name, page by page, and no page is large; the tree at the side has some of them")
def _(stack):
    client = stack.dovecot.client("many")
    for top in range(40):
        for n in range(50):
            check(client.create(quoted("Group %02d/Course %03d" % (top, n))))
    client.logout()
    reader = stack.browser()
    inbox = reader.log_in("many")
    inbox = reader.patient("mail/INBOX/")
    ok(len(inbox.text) < 120000, why="%d bytes" % len(inbox.text))
    contains(inbox.text, 'name="q"')
    deep = reader.patient("mail/Group%2023/Course%20037/")
    contains(deep.text, 'href="/alphamail/mail/Group%2023/Course%20037/" aria-current="page"')
    contains(deep.text, "/alphamail/mail/Group%2023/Course%20036/")
    contains(deep.text, 'href="/alphamail/mail/Sent/"')
    ok(len(deep.text) < 160000, why="%d bytes" % len(deep.text))
    page = reader.get("folders/")
    contains(page.words, "2,0")
    ok(len(page.text) < 220000, why="%d bytes" % len(page.text))
    found = reader.get("folders/?q=cOURSE%20049")
    equal(len(re.findall(r'<tr role="row"><th class="in', found.text)), 40)
    second = reader.click(page, "Next")
    contains(second.words, "101–200 of")
    contains(reader.get("folders/?q=nothing%20such").words, "No folder is found.")
    one = reader.get("folders/?folder=Group%2023/Course%20037")
    ok(len(one.text) < 120000, why="%d bytes" % len(one.text))
    form = [f for f in one.forms if "move" in f.buttons.get("do", [])][0]
    moved = reader.submit(one, form, button=("do", "move"), into="")
    if "notice=underway" in moved.url:    # which is said after 4 s
        end = time.monotonic() + 60
        while reader.get("folders/?folder=Course%20037").status != 200:
            ok(time.monotonic() < end, why=moved.words[:500])
            time.sleep(0.2)
    else:
        equal(said(moved), [("status", "The folder is moved.")])


@case("a text browser shows the table and the forms")
def _(stack):
    if not shutil.which("w3m"):
        skip("no w3m")
    page = stack.reader.get("folders/")
    shown = subprocess.run(["w3m", "-dump", "-T", "text/html", "-cols", "120"], input=page.raw, stdout=subprocess.PIPE,
                           check=True).stdout.decode()
    for words in ("Arbeit / Pläne", "Sent mail", "New folder", "Make the folder"):
        contains(shown, words)


main(Folders)
