#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One journey through the pages, by a browser without script, on each mail server, over TLS: log in, see folders,
sort, read, save a file, star, move, delete, take back, delete for good, log out. On Courier and Cyrus; with
ALPHAMAIL_SOAK=1 on each of Dovecot's stores, too, which other tests show page by page."""
import os
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import mail_pages  # noqa: E402
from imapd import KINDS, message, needs  # noqa: E402
from mail_pages import act, marks, rows, status_of, undo  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main  # noqa: E402
from world import truth  # noqa: E402

ALL = os.environ.get("ALPHAMAIL_SOAK") == "1"
WITH_FILE = message(subject="The file", headers="""\
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"
""", text="""\
--b
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe und mehr.
--b
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="data.bin"
Content-Transfer-Encoding: base64

AAECAwQF
--b--
""")


def subjects(server, folder):
    return sorted(mail.subject for mail in truth(server, "demo", folder))


def journey(stack):
    server = stack.dovecot
    server.create("demo", "Work", "Work/Deep") if stack.kind != "mbox" else server.create("demo", "Work")
    stack.deliver("INBOX", [WITH_FILE] + [message(subject="Letter %d" % n, sender="Person %d <p@example.org>" % (9 - n))
                                          for n in range(4)])
    browser, page = stack.log_in()
    contains(page.words, "5 unread of 5")
    folders = mail_pages.tree(page)
    for name in ("INBOX", "Drafts", "Sent", "Archive", "Junk", "Trash", "Work"):
        contains(folders, name)
    equal(folders["INBOX"], 5)
    page = browser.get("mail/INBOX/?sort=from")
    equal([row.subject for row in rows(page)], ["The file", "Letter 3", "Letter 2", "Letter 1", "Letter 0"])

    letter = browser.click(page, "The file")
    contains(letter.words, "Gr\u00fc\u00dfe und mehr.")
    link = next(href for href, text in letter.links if text.startswith("Save data.bin"))
    equal(browser.get(urllib.parse.urljoin(letter.url, link)).raw, bytes(range(6)))
    page = browser.get("mail/INBOX/")
    contains(page.words, "4 unread of 5")

    page = act(browser, page, "star", rows(page)[:2])
    equal(status_of(page), [("status", "2 messages starred.")])
    equal(sum("\\Flagged" in mail.flags for mail in truth(server, "demo")), 2)
    chosen = [row for row in rows(page) if row.subject in ("Letter 1", "Letter 2")]
    page = act(browser, page, "move", chosen, to="Work")
    equal(status_of(page), [("status", "2 messages moved to Work.")])
    equal((subjects(server, "INBOX"), subjects(server, "Work")),
          (["Letter 0", "Letter 3", "The file"], ["Letter 1", "Letter 2"]))
    equal(sorted(marks(browser.get("mail/Work/"))), ["Letter 1", "Letter 2"])
    page = undo(browser, page)
    equal(len(marks(page)), 5)
    equal(subjects(server, "Work"), [])

    page = act(browser, page, "delete", [row for row in rows(page) if row.subject == "Letter 3"])
    equal(status_of(page), [("status", "1 message moved to Trash.")])
    trash = browser.get("mail/Trash/")
    equal(list(marks(trash)), ["Letter 3"])
    asks = act(browser, trash, "purge", rows(trash))
    contains(asks.words, "Delete 1 message for good?")
    page = browser.submit(asks, asks.form("sure"), button=("do", "purge"))
    equal(status_of(page), [("status", "1 message deleted for good.")])
    equal((subjects(server, "Trash"), len(subjects(server, "INBOX"))), ([], 4))

    server.arrive("demo", message(subject="Just in"))
    page, end = browser.get("mail/INBOX/"), time.monotonic() + 20
    while True:
        page = browser.submit(page, mail_pages.the_list(page), button=("do", "check"))
        if rows(page)[0].subject == "Just in" or time.monotonic() > end:    # else the server was slow to tell
            break
    equal(rows(page)[0].subject, "Just in")
    page = browser.submit(page, page.form("/logout"))
    lacks(page.words, "Just in")
    equal(browser.get("mail/INBOX/", follow=False).status, 303)


def on(kind, security):
    def run():
        with Stack(kind=kind, security=security) as stack:
            journey(stack)
    return run


WAYS = [("cyrus", "imaps"), ("cyrus-inbox", "imap"), ("courier", "imaps"), ("courier", "imap")]
if ALL:
    WAYS = [(kind, security) for kind in KINDS for security in ("imaps", "imap")]
needs(*(kind for kind, _ in WAYS))
for one_kind, one_security in WAYS:
    case("%s by %s: a journey through the pages" % (
        one_kind, "TLS" if one_security == "imaps" else "STARTTLS"))(on(one_kind, one_security))
main()
