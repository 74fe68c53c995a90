#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same on every server that is run here: Dovecot's stores, Cyrus with folders beside INBOX and below it,
Courier. Log-in, the tree with roles and counts, pages in every order, messages and attachments, what
another client does to messages and to folders, the usual actions with Undo, a restart with the index from
disk. What each of them costs in commands is part of it. doc/reliability.md has the results."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from asker import ATTACHMENT, FLAGGED, SEEN  # noqa: E402
from imapd import KINDS, check, message, needs, quoted  # noqa: E402
from rounds import SOAK, World, fill, round_of, same, same_orders, truth  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402
from world import truth as mails_of  # noqa: E402

ROLES = ["Inbox", "Drafts", "Sent", "Archive", "Junk", "Trash"]
# Those that t/2200-servers.t goes round on in any case.
ROUND = KINDS if SOAK else ("mdbox", "cyrus", "cyrus-inbox", "courier")
LETTER = message(subject="With two files", headers='MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"', text="""\
--b
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe.
--b
Content-Type: application/pdf; name="paper.pdf"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="paper.pdf"

%s
--b
Content-Type: message/rfc822
Content-Disposition: attachment

Subject: inside
Content-Type: text/plain

A letter in it.
--b--
""" % (("JVBERi0x" * 9 + "\n") * 12000))  # three pieces, as the webcache asks for them


def folders_of(w, handle):
    """{address: (role, total, unread, level)} as the tree shows them."""
    return {f["address"]: (f["role"], f["total"], f["unread"]) for f in w.ask("folders", handle)["folders"]}


def counted(server, user, *folders):
    """{folder: (total, unread)}, as the server tells."""
    client = server.client(user)
    found = {}
    for folder in folders:
        words = check(client.status(quoted(server.named(folder)), "(MESSAGES UNSEEN)"))[0].decode()
        numbers = words.rpartition("(")[2].rstrip(")").split()
        found[folder] = (int(numbers[numbers.index("MESSAGES") + 1]), int(numbers[numbers.index("UNSEEN") + 1]))
    client.logout()
    return found


def the_life_of(w, kind):
    server, user = w.servers[kind], "life"
    fill(server, user, "INBOX", 60)
    fill(server, user, "Work", 25)
    server.create(user, "Year/Deep")  # where there is no Year
    server.deliver(user, "Year/Deep", [LETTER, message(subject="Gr&APw-n, not in UTF-7")])
    handle = w.log_in(kind, user)

    # The tree: roles by SPECIAL-USE or by name, levels, counts.
    wanted = counted(server, user, "INBOX", "Work", "Year/Deep")
    w.ask.until(lambda tree: {f["address"]: (f["total"], f["unread"]) for f in tree["folders"]
                              if f["address"] in wanted} == wanted, "folders", handle)
    tree = w.ask("folders", handle)["folders"]
    equal([f["role"] for f in tree[:6]], ROLES)
    equal([(f["address"], f["depth"]) for f in tree if f["address"].startswith("Year")], [("Year", 0), ("Year/Deep", 1)])

    # A message and its files.
    rows = {row["subject"]: row for row in w.ask.page(handle, "Year/Deep")["rows"]}
    row = rows["With two files"]
    equal((row["flags"] & ATTACHMENT, rows["Gr&APw-n, not in UTF-7"]["flags"] & ATTACHMENT), (ATTACHMENT, 0))
    opened = w.ask("message", handle, "Year/Deep", row["uid"], 50)
    equal([part["type"] for part in opened["parts"] if part["section"] == "2"], ["application/pdf"])
    part = w.ask("part", handle, "Year/Deep", row["uid"], 0, "2", 0)
    contains(bytes.fromhex(part["begins"]), b"JVBERi0x")
    equal(part["bytes"], mails_bytes(server, user, "Year/Deep", row["uid"], "2"))
    equal(server.flags(user, "Year/Deep")[row["uid"]] & {"\\Seen"}, {"\\Seen"})

    # Another client's folders.
    client = server.client(user)
    check(client.create(quoted(server.named("New"))))
    check(client.append(quoted(server.named("New")), None, None, message(subject="first there").encode()))
    check(client.rename(quoted(server.named("Year/Deep")), quoted(server.named("Moved"))))
    w.ask.page(handle, "INBOX", 1, 50, "refresh")
    w.ask.until(lambda tree: {f["address"]: f["total"] for f in tree["folders"]}.get("New") == 1, "folders", handle)
    names = folders_of(w, handle)
    lacks(names, "Year/Deep")
    contains(names, "Moved")
    equal(w.ask.page(handle, "Year/Deep").get("error"), "kNotFound")
    equal([r["subject"] for r in w.ask.page(handle, "New")["rows"]], ["first there"])
    equal(len(w.ask.page(handle, "Moved")["rows"]), 2)
    check(client.select(quoted(server.named("INBOX"))))
    check(client.delete(quoted(server.named("New"))))
    client.logout()
    equal(w.ask.page(handle, "New", 1, 50, "refresh").get("error"), "kNotFound")
    w.ask.page(handle, "INBOX", 1, 50, "refresh")
    lacks(folders_of(w, handle), "New")
    same(w, kind, user, handle, "INBOX", refresh=True)

    acts(w, kind, user, handle)
    restarts(w, kind, user, handle)


def mails_bytes(server, user, folder, uid, section):
    """How many bytes the server has of this part."""
    client = server.client(user)
    check(client.select(quoted(server.named(folder)), readonly=True))
    answer = check(client.uid("FETCH", str(uid), "(BODY.PEEK[%s])" % section))
    client.logout()
    return len(answer[0][1])


def acts(w, kind, user, handle):
    """Each action once, and taken back; here and at the server."""
    server = w.servers[kind]

    def act(action, count, target="-", folder="INBOX"):
        page = w.ask.page(handle, folder)
        marked = ["%d:%d" % (row["uid"], row["identity"]) for row in page["rows"][:count]]
        report = w.ask.ended(handle, w.ask("act", handle, folder, page["uid_validity"], action, target, 0, *marked))
        equal((report.get("progress"), report.get("done"), report.get("failed")), ("Done", count, 0), repr(report))
        return report

    def undo(report):
        return w.ask.ended(handle, w.ask("undo", handle, report["id"]))

    def inside(*folders):
        return [sorted(mail.subject for mail in mails_of(server, user, folder)) for folder in folders]
    for action, name, on in (("Star", FLAGGED, 1), ("Unstar", FLAGGED, 0), ("Unread", SEEN, 0), ("Read", SEEN, 1)):
        report = act(action, 3)
        equal({bool(row[1] & name) for row in truth(server, user)[:3]}, {bool(on)}, action)
        equal({bool(row["flags"] & name) for row in w.ask.page(handle)["rows"][:3]}, {bool(on)}, action)
    before = inside("INBOX", "Work")
    for action in ("Move", "Copy"):
        report = act(action, 4, "Work")
        after = inside("INBOX", "Work")
        equal((len(after[0]), len(after[1])), (56 if action == "Move" else 60, 29))
        equal(undo(report).get("done"), 4)
        equal(inside("INBOX", "Work"), before, action)
    report = act("Delete", 2)
    equal([len(x) for x in inside("INBOX", "Trash")], [58, 2])
    equal(undo(report).get("done"), 2)
    act("Delete", 5)
    act("Purge", 3, folder="Trash")
    equal([len(x) for x in inside("INBOX", "Trash")], [55, 2])
    for folder in ("INBOX", "Work", "Trash"):
        same(w, kind, user, handle, folder, refresh=True)
    same_orders(w, kind, user, handle, "INBOX")


def restarts(w, kind, user, handle):
    """The index comes from disk: nothing that it knows is fetched again, and what changed meanwhile is."""
    server, proxy = w.servers[kind], w.proxies[kind]
    w.ask.page(handle)
    session = w.ask.keep_key(handle, w.ask.seal(user, "demo", domain=kind + ".example"))
    for changes in (False, True):
        w.webcache.stop()
        uids = [row[0] for row in truth(server, user)]
        if changes:
            server.deliver(user, "INBOX", [message(subject="while it was away")])
            server.flag(user, "INBOX", [uids[7]], "+FLAGS", "\\Answered")
            server.expunge(user, "INBOX", str(uids[9]))
        w.webcache.start()
        proxy.forget()
        equal(w.ask.resume(handle, user, session, domain=kind + ".example"), {"done": True})
        same(w, kind, user, handle)
        fetched = [words for words in proxy.commands() if "ENVELOPE" in words]
        equal(len(fetched), 1 if changes else 0, repr(proxy.commands()))
        if changes:
            ok(all(":4294967295" in words or "," not in words for words in fetched), why=repr(fetched))


for one_kind in ROUND:
    @case("%s: every page is what the server says, before and after each change" % one_kind)
    def _(w, kind=one_kind):
        round_of(w, kind, "round", ())

for one_kind in KINDS:
    @case("%s: folders, files, what another client does, actions and Undo, a restart" % one_kind)
    def _(w, kind=one_kind):
        the_life_of(w, kind)


@case("the tree with all its counts is one LIST and the first page one SELECT; else a STATUS a folder comes behind it")
def _(w):
    for kind in ("mdbox", "cyrus", "cyrus-inbox", "courier"):
        w.servers[kind].deliver("count", "INBOX", [message()])
        handle = w.log_in(kind, "count")
        tree = w.ask.until(lambda tree: all(f["counted"] for f in tree["folders"]), "folders", handle)["folders"]
        equal(w.ask.until(lambda page: page.get("indexed") == 1, "folder", handle, "INBOX", 1, 50)["total"], 1)
        verbs = [words.split()[0] for words in w.proxies[kind].commands()]
        one = kind != "courier"
        # Cyrus names others' and shared folders only where they are asked for: one or two more, once; Courier counts by STATUS.
        equal((verbs.count("LIST"), verbs.count("SELECT")), ({"mdbox": 1, "cyrus-inbox": 2, "cyrus": 3, "courier": 4}[kind], 1), kind)
        ok(verbs.count("STATUS") == 0 if one else verbs.count("STATUS") <= len(tree), why=repr(verbs))
        w.ask("logout", handle)


needs(*KINDS)
main(lambda: World(KINDS, users=("round", "life", "count"), idle_renew="2s"))
