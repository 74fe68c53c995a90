#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tree of folders comes about: in one round trip with its counts, subscriptions, other namespaces and quota;
home directories without their dot files; 50 000 folders; what the owner may not do; what is as large as it is."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import acl  # noqa: E402
import paths  # noqa: E402
from asker import Asker  # noqa: E402
from hideproxy import HideProxy  # noqa: E402
from imapd import Dovecot, check, message, quoted  # noqa: E402
from scriptedimap import Folder, Letter, ScriptedImap, said  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402
from webcache import Webcache  # noqa: E402

SHARED = """
namespace public {
  type = public
  separator = /
  prefix = Public/
  location = mdbox:%s/public
  subscriptions = no
  list = children
}
"""
QUOTA = """mail_plugins = $mail_plugins quota
protocol imap {
  mail_plugins = $mail_plugins quota imap_quota imap_acl
}
plugin {
  quota = count:User quota
  quota_rule = *:storage=1M
  quota_vsizes = yes
}
"""


class Home(ScriptedImap):
    """As UW's server: the home directory, subscriptions by LSUB, the mail in mail/; and namespaces that are listed only
    where they are named."""

    def __init__(self):
        super().__init__(capabilities=b"IMAP4rev1 LITERAL+ NAMESPACE")
        self.asked = []
        for name in (b"mail/Work", b"mail/.index", b"mail/deep/.cache/x", b"mail/deep/seen", b".bashrc", b"notes.txt",
                     b"user/anna/Shared plans", b"shared/Office"):
            self.folders[name] = Folder([Letter(1)])
        self.subscribed = {b"mail/Work"}

    def _matching(self, pattern, among):
        head = pattern.rstrip(b"*")
        return [n for n in among if n.startswith(head) and (pattern.endswith(b"*") or n == pattern)
                and (head or not n.startswith((b"user/", b"shared/")))]

    def _answer(self, command, words, folder):
        self.asked.append((command, words[-1] if words else b""))
        if command == b"NAMESPACE":
            return b'* NAMESPACE (("mail/" "/")) (("user/" "/" "X-PARAM" ("a" "b"))) (("shared/" "/"))\r\n', b"OK"
        if command in (b"LIST", b"LSUB"):
            among = list(self.folders) if command == b"LIST" else [n for n in self.folders if n in self.subscribed]
            return b"".join(b'* %s () "/" %s\r\n' % (command, said(n)) for n in self._matching(words[-1], among)), b"OK"
        return super()._answer(command, words, folder)


class Many(ScriptedImap):
    """50 000 folders, in one answer."""

    def __init__(self):
        super().__init__(capabilities=b"IMAP4rev1 LITERAL+ LIST-EXTENDED LIST-STATUS SPECIAL-USE")
        self.said = b"".join(
            b'* LIST (\\Subscribed) "/" "Year %d/Group %d/Box %d"\r\n* STATUS "Year %d/Group %d/Box %d" (MESSAGES 3 UNSEEN 1)\r\n'
            % ((n % 10, n % 500, n) * 2) for n in range(49000))

    def _answer(self, command, words, folder):
        if command == b"LIST":
            return b'* LIST () "/" INBOX\r\n* LIST (\\Sent) "/" "Sent"\r\n' + self.said, b"OK"
        if command in (b"RENAME", b"CREATE", b"DELETE", b"SUBSCRIBE", b"UNSUBSCRIBE"):
            return b"", b"NO [NOPERM] not on this server"
        return super()._answer(command, words, folder)


class World:
    def __enter__(self):
        self.folder = paths.TestFolder()
        rights = acl.plugin(self.folder, "Fixed owner lr", "NoDelete owner lrwsi", "Full owner lrwstipekxa")
        self.dovecot = Dovecot(self.folder, ssl="no", failure_delay="0 secs", extra=rights + QUOTA + SHARED % str(self.folder))
        for user in ("demo", "demo2", "demo3"):
            self.dovecot.add_user(user, "demo")
        self.dovecot.start()
        self.proxy = HideProxy(self.dovecot.imap_port)
        self.home, self.many = Home(), Many()
        self.webcache = Webcache(
            self.folder, imap_plain_allowed="example.edu, home.edu, many.edu",
            imap_servers="example.edu=127.0.0.1:%d[/], home.edu=127.0.0.1:%d[mail/], many.edu=127.0.0.1:%d[/]" % (
                self.proxy.port, self.home.port, self.many.port)).start()
        self.ask = Asker(self.webcache, self.folder)
        return self

    def __exit__(self, *_):
        self.ask.close()
        self.webcache.close()
        self.proxy.close()
        self.home.close()
        self.many.close()
        self.dovecot.stop()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 30)

    def tree(self, handle, *how):
        found = self.ask.until(lambda answer: answer.get("error") not in ("kUnderWay", "kBusy"), "folders", handle, *how)
        if "folders" not in found:
            raise AssertionError("no tree: %.500r" % found)
        return {f["address"]: f for f in found["folders"]}


@case("a home directory is shown without its dot files; subscriptions by LSUB; other namespaces by their names")
def _(w):
    w.ask.log_in("home", "anna", "demo", "home.edu")
    tree = w.tree("home")
    equal([a for a in tree if not a.startswith("~")], ["INBOX", "deep", "deep/seen", "Work"])
    equal({f["name"]: f["space"] for f in tree.values() if f["space"] != "Own"},
          {"user": "Others", "anna": "Others", "Shared plans": "Others", "shared": "Shared", "Office": "Shared"})
    equal([f["subscribed"] for a, f in tree.items() if a in ("Work", "deep/seen")], [False, True])
    page = w.ask.page("home", "~00~00/shared/Office")
    equal(page["total"], 1)
    # Asked once which namespaces there are, and what each of them holds is in the list from then on.
    w.home.asked.clear()
    w.tree("home", "anew")
    equal([words for command, words in w.home.asked if command == b"LIST"],
          [b"INBOX", b"mail/*", b"user/*", b"shared/*"] * (1 + w.ask.repeated))
    lacks([command for command, _ in w.home.asked], b"NAMESPACE")


@case("a namespace that a server lists by itself, with its quota, costs one round trip with all counts")
def _(w):
    client = w.dovecot.client("demo")
    check(client.create("Work"))
    check(client.subscribe("Work"))
    client.logout()
    w.ask.log_in("h1", "demo", "demo")
    tree = w.tree("h1", "anew")
    ok(tree["Work"]["subscribed"] and tree["Work"]["counted"], why=str(tree["Work"]))
    w.proxy.forget()
    w.tree("h1", "anew")
    sent = [line for line in w.proxy.commands() if "LIST" in line or "STATUS" in line or "LSUB" in line]
    equal(len(sent), 1 + w.ask.repeated)
    quotas = w.ask("quotas", "h1")["quotas"]
    equal([(q["resource"], q["limit"]) for q in quotas], [("STORAGE", 1024 * 1024)])


@case("the quota is as it is now after each look at the tree; sizes are told where they are asked for")
def _(w):
    before = w.ask("quotas", "h1")["quotas"][0]["used"]
    w.dovecot.deliver("demo", "Work", [message(subject="large", text="x" * 200000)])
    after = w.ask("quotas", "h1", "anew")["quotas"][0]["used"]
    ok(after >= before + 200000, why="%d, then %d" % (before, after))
    sizes = w.tree("h1", "anew", "sizes")
    ok(200000 <= sizes["Work"]["size"] < 260000, why=str(sizes["Work"]))
    equal(w.ask.page("h1", "INBOX")["quotas"][0]["used"], after)


@case("what the owner may not do is refused with the server's words, and nothing is changed")
def _(w):
    client = w.dovecot.client("demo")
    for name in ("Fixed", "NoDelete", "Full"):
        client.create(name)
    client.logout()
    before = set(w.tree("h1", "anew"))
    answers = [w.ask("change", "h1", "Delete", "NoDelete"), w.ask("change", "h1", "Rename", "NoDelete", "Other"),
               w.ask("change", "h1", "Create", "Fixed/Below")]
    for answer in answers:
        equal(answer.get("error"), "kForbidden")
        ok(answer["detail"], why="nothing is said")
    equal(set(w.tree("h1", "anew")), before)


@case("what is large is found in all folders that were read, and the others are counted")
def _(w):
    w.ask.log_in("h3", "demo3", "demo")
    client = w.dovecot.client("demo3")
    check(client.create("A"))
    check(client.create("B"))
    client.logout()
    w.dovecot.deliver("demo3", "INBOX", [message(subject="small"), message(subject="third", text="c" * 5000)])
    w.dovecot.deliver("demo3", "A", [message(subject="first", text="a" * 20000)])
    w.dovecot.deliver("demo3", "B", [message(subject="unread yet", text="b" * 30000)])
    w.tree("h3", "anew")
    w.ask.page("h3", "INBOX", 1, 50, "refresh")
    w.ask.page("h3", "A")
    found = w.ask("largest", "h3", 2)
    equal([(found["folders"][r["folder"]]["address"], r["row"]["subject"]) for r in found["rows"]],
          [("A", "first"), ("INBOX", "third")])
    equal(found["unknown"], 1)
    w.ask.page("h3", "B")
    equal(w.ask("largest", "h3", 1)["rows"][0]["row"]["subject"], "unread yet")


@case("50 000 folders: listed once, then from memory; pages have a few of them; what is refused there is said")
def _(w):
    w.ask.log_in("many", "anna", "demo", "many.edu")
    tree = w.tree("many")
    ok(len(tree) > 49000, why="only %d" % len(tree))
    begun = time.monotonic()
    again = w.tree("many")
    ok(time.monotonic() - begun < 10, why="it takes long")
    equal(len(again), len(tree))
    page = w.ask.page("many", "INBOX")
    ok(20 < len(page["folders"]) <= 1100, why="%d folders" % len(page["folders"]))
    contains([f["role"] for f in page["folders"]], "Sent")
    # Those around the one that is shown, with what is above them.
    w.many.folders[b"Year 7/Group 7/Box 7007"] = Folder([Letter(1)])
    page = w.ask.page("many", "Year 7/Group 7/Box 7007")
    names = [f["address"] for f in page["folders"]]
    for name in ("Year 7", "Year 7/Group 7", "Year 7/Group 7/Box 7007", "Year 7/Group 7/Box 7507"):
        contains(names, name)
    ok(len(names) <= 1100, why="%d folders" % len(names))
    depth = 0
    for f in page["folders"]:
        ok(f["depth"] <= depth, why="%s has nothing above it" % f["address"])
        depth = f["depth"] + 1
    answer = w.ask.until(lambda a: a.get("error") not in ("kUnderWay", "kBusy"), "change", "many", "Rename", "Year 7/Group 7/Box 7007", "Year 17")
    equal(answer.get("error"), "kForbidden")


main(World)
