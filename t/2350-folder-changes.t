#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user does to the tree of folders, on every mail server that is run here: created, renamed with all that is
below, moved, deleted, subscribed to. Names in every script and with every odd character that the server takes are
the same there and here. What is refused is said, and nothing is lost; a folder that goes while it is open leaves
nothing behind. Roles that the user chose, quotas, namespaces, dot files, sizes, what is large, and 50 000 folders."""
import base64
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from action_cases import Worlds  # noqa: E402
from imapd import check, message, needs, quoted  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
KINDS = ("mdbox", "maildir", "mbox", "cyrus", "cyrus-inbox", "courier")
needs("cyrus", "courier")

# Levels of addresses: what people call folders, and what somebody may try.
NAMES = ("Physik II", "Grüße & Küsse", "Ärztliche Übung", "Ελληνικά", "Русская почта", "עברית", "العربية", "हिन्दी", "日本語",
         "中文 簡體", "한국어", "ไทย", "👩‍🔬 Labor", "e\u0301 decomposed", "\u202eevil\u202c", "100%", "a*b", "a~7Eb", "a~2Fb",
         "&", "&-", "a&b&c", "\"quoted\"", "back\\slash", "(list) {3}", "it's", "#hash", "!bang", "[bracket]",
         "a,b;c:d", "x=y", "<b>bold<b>", " leading", "trailing ", "two  spaces", "UPPER", "inbox", "Inbox2", "-", "+", "$",
         "new.folder", "..dots", "NIL", "n" * 100, "ü" * 60)


def utf7(address):
    """Modified UTF-7 of an address without escapes."""
    result, run = "", ""
    for c in address + "\0":
        if c != "\0" and (ord(c) < 0x20 or ord(c) > 0x7e):
            run += c
            continue
        if run:
            coded = base64.b64encode(run.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
            result, run = result + "&" + coded + "-", ""
        if c != "\0":
            result += "&-" if c == "&" else c
    return result


def tree(box, *how):
    found = box.ask.until(lambda answer: answer.get("error") != "kUnderWay", "folders", box.user, *how)
    if "folders" not in found:
        raise AssertionError("no tree: %r" % found)
    return {f["address"]: f for f in found["folders"]}


def change(box, what, *names):
    answer = box.ask("change", box.user, what, *names)
    if answer.get("error") in ("kUnreachable", "kNeedCredentials"):
        # Cyrus ends a connection whose folder is deleted by somebody else.
        contains(box.ask.log_in(box.user, box.user), "address")
        answer = box.ask("change", box.user, what, *names)
    if answer.get("error") == "kUnderWay":  # a busy machine: it is done behind the answer
        answer = box.ask.until(lambda tree: "folders" in tree, "folders", box.user, "anew")
    return answer


def refusal(box, what, *names):
    """Why it is refused; asked again while the server is at it, since nothing comes of it."""
    return box.ask.until(lambda answer: answer.get("error") not in ("kUnderWay", "kUnreachable", "kNeedCredentials")
                         or (answer["error"] != "kUnderWay" and box.ask.log_in(box.user, box.user) and False),
                         "change", box.user, what, *names)


def done(answer):
    ok("folders" in answer, why="%.300r" % answer)
    return {f["address"]: f for f in answer["folders"]}


def on(kind, title):
    def keep(function):
        case("%s: %s" % (kind, title))(lambda worlds: function(worlds.on(kind)))
        return function
    return keep


def listed(world, user):
    client = world.server.client(user)
    names = set()
    for line in check(client.list()):
        if isinstance(line, tuple):  # a literal
            names.add(line[1].decode())
        elif line:
            name = line.decode().split(") ", 1)[1].split(" ", 1)[1]
            if name.startswith('"'):
                name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
            names.add(name)
    client.logout()
    return names


def every_name(world):
    box = world.user(0)
    taken = []
    # All of them on one server, and a third on each of the others, another one each time.
    names = NAMES if SOAK or world.kind == "mdbox" else NAMES[KINDS.index(world.kind) % 3::3]
    for name in names:
        before = set(tree(box))
        answer = change(box, "Create", name)
        if "error" in answer:
            contains(("kForbidden", "kInvalid", "kChanged"), answer["error"])
            ok(answer["detail"], why="no word about %r" % name)
            equal(set(tree(box)), before)
            continue
        now = done(answer)
        added = set(now) - before
        # A server may write some characters in another way (normalised, say); one level of one name comes of it.
        if added == {name} or world.kind == "mdbox":
            equal((name, added), (name, {name}))
            if "~" not in name and "." not in name:
                contains(listed(world, box.user), world.server.named(utf7(name)))
        taken.append(name)
        if added != {name}:
            continue
        ok(now[name]["subscribed"], why="%r is not subscribed" % name)
        other = "R" + name
        renamed = change(box, "Rename", name, other)
        if "error" not in renamed:
            contains(done(renamed), other)
            lacks(done(renamed), name)
            name = other
        lacks(done(change(box, "Delete", name)), name)
    ok(len(taken) >= len(names) // 2, why="%s takes only %r" % (world.kind, taken))


def with_all_below(world):
    above = () if world.kind == "mbox" else ("Top", "Top/Mid")
    box = world.user(3, folders=above + ("Top/Mid/Leaf", "Other"))
    for folder, n in (("Top/Mid", 4), ("Top/Mid/Leaf", 2)):
        if world.kind == "mbox" and folder == "Top/Mid":
            continue  # a folder that holds others holds no messages there
        world.server.deliver(box.user, folder, [message(subject="in %s %d" % (folder, i)) for i in range(n)])
    leaf = box.subjects("Top/Mid/Leaf")
    equal(len(leaf), 2)
    known = done(change(box, "Rename", "Top", "New name"))
    lacks(known, "Top/Mid/Leaf")
    contains(known, "New name/Mid/Leaf")
    equal(box.subjects("New name/Mid/Leaf"), leaf)
    equal(box.page("INBOX")["total"], 3)
    equal(box.ask("folder", box.user, "Top/Mid/Leaf", 1, 50).get("error"), "kNotFound")
    if known["New name/Mid/Leaf"]["subscribed"] is False:
        raise AssertionError("the subscription did not follow")
    # One level out of the middle, to below another one and back.
    if world.kind != "mbox":
        known = done(change(box, "Rename", "New name/Mid", "Other/Mid"))
        equal(box.subjects("Other/Mid/Leaf"), leaf)
        equal(len(box.subjects("Other/Mid")), 4)
    equal(box.act("Delete", ("m1",))["done"], 1)
    equal(box.subjects(), ["m0", "m2"])


def what_is_refused(world):
    box = world.user(2, folders=("A/B", "C"))
    world.server.deliver(box.user, "C", [message(subject="kept")])
    before = set(tree(box, "anew"))
    for answer, code in (
            (refusal(box, "Rename", "INBOX", "Old mail"), "kInvalid"),
            (refusal(box, "Delete", "INBOX"), "kInvalid"),
            (refusal(box, "Create", "INBOX"), "kChanged"),
            (refusal(box, "Rename", "C", "INBOX"), "kChanged"),
            (refusal(box, "Rename", "C", "C"), "kInvalid"),
            (refusal(box, "Rename", "A", "A/B/A"), "kInvalid"),
            (refusal(box, "Rename", "A/B", "C"), "kChanged"),
            (refusal(box, "Create", "C"), "kChanged"),
            (refusal(box, "Delete", "A"), "kInvalid"),
            (refusal(box, "Delete", "No such"), "kNotFound"),
            (refusal(box, "Rename", "No such", "D"), "kNotFound"),
            (refusal(box, "Create", "x" * 2000), "kInvalid"),
            (refusal(box, "Create", "a//b"), "kInvalid"),
            (refusal(box, "Create", "../b"), "kInvalid"),
            (refusal(box, "Create", "iNbOx"), "kInvalid")):
        equal(answer.get("error"), code)
        ok(answer["detail"], why="nothing is said")
    equal(set(tree(box, "anew")), before)
    equal((box.subjects("C"), box.subjects()), (["kept"], ["m0", "m1"]))


def under_ones_hands(world):
    box = world.user(3, folders=("Open", "Gone", "Kept"))
    world.server.deliver(box.user, "Open", [message(subject="o%d" % i) for i in range(5)])
    world.server.deliver(box.user, "Gone", [message(subject="g%d" % i) for i in range(2)])
    row = box.page("Open")["rows"][0]
    contains(box.ask("message", box.user, "Open", row["uid"], 50), "header")
    box.page("Gone")
    # Another client takes two of them away; nothing that is asked for is mistaken for another one.
    client = world.server.client(box.user)
    check(client.delete(quoted(world.server.named("Gone"))))
    check(client.rename(quoted(world.server.named("Open")), quoted(world.server.named("Moved"))))
    client.logout()
    equal(refusal(box, "Rename", "Gone", "Gone too").get("error"), "kNotFound")
    equal(refusal(box, "Delete", "Gone").get("error"), "kNotFound")
    equal(refusal(box, "Delete", "Open").get("error"), "kNotFound")
    lacks(tree(box, "anew"), "Open")
    equal(box.subjects("Moved"), ["o%d" % i for i in range(5)])
    # One that is open is renamed, and its old name is used for another.
    contains(done(change(box, "Rename", "Moved", "Open2")), "Open2")
    contains(done(change(box, "Create", "Moved")), "Moved")
    equal(box.page("Moved")["total"], 0)
    equal(box.subjects("Open2"), ["o%d" % i for i in range(5)])
    # One that is open is deleted.
    lacks(done(change(box, "Delete", "Open2")), "Open2")
    equal(box.ask("folder", box.user, "Open2", 1, 50).get("error"), "kNotFound")
    equal(box.ask("message", box.user, "Open2", row["uid"], 50).get("error"), "kNotFound")
    contains(done(change(box, "Create", "Open2")), "Open2")
    equal(box.page("Open2")["rows"], [])
    equal(box.subjects(), ["m0", "m1", "m2"])


def roles_and_uids(world):
    box = world.user(2, folders=("Kopien",))
    roles = {f["role"]: name for name, f in tree(box, "anew").items() if f["role"] != "None"}
    equal(roles["Sent"], "Sent")
    equal(box.ask("roles", box.user, "Sent", "Kopien"), {"done": True})
    equal([f["role"] for f in tree(box).values() if f["address"] in ("Kopien", "Sent")], ["Sent", "None"])
    equal([f["address"] for f in tree(box, "anew").values() if f["role"] == "Sent"], ["Kopien"])
    # A choice that leads nowhere counts for nothing.
    box.ask("roles", box.user, "Sent", "No such", "Trash", "INBOX")
    equal([f["address"] for f in tree(box).values() if f["role"] in ("Sent", "Inbox")], ["INBOX", "Sent"])
    box.ask("roles", box.user)
    world.server.deliver(box.user, "Kopien", [message(subject="k%d" % i) for i in range(7)])
    uids = box.ask("uids", box.user, "Kopien")
    equal((len(uids["uids"]), uids["more"], uids["uids"]), (7, False, sorted(uids["uids"])))
    some = box.ask("uids", box.user, "Kopien", uids["uids"][2], 3)
    equal((some["uids"], some["more"]), (uids["uids"][3:6], True))
    equal(box.ask("uids", box.user, "Kopien", uids["uids"][-1])["uids"], [])
    equal(box.ask("uids", box.user, "None").get("error"), "kNotFound")
    # Subscriptions.
    equal(done(change(box, "Unsubscribe", "Kopien"))["Kopien"]["subscribed"], False)
    equal(done(change(box, "Subscribe", "Kopien"))["Kopien"]["subscribed"], True)
    client = world.server.client(box.user)
    check(client.unsubscribe(quoted(world.server.named("Kopien"))))
    client.logout()
    equal(tree(box, "anew")["Kopien"]["subscribed"], False)


for KIND in KINDS:
    on(KIND, "every name that the server takes is the same there and here, created, renamed and deleted")(every_name)
    on(KIND, "a folder is renamed and moved with all that is below it, and its messages")(with_all_below)
    on(KIND, "what cannot be is refused in words, and nothing is changed")(what_is_refused)
    on(KIND, "folders that go or change while they are open leave nothing behind")(under_ones_hands)
    on(KIND, "roles as the user chose them, UIDs of all messages, subscriptions")(roles_and_uids)

main(Worlds)
