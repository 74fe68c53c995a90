#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody writes is sent by a real MTA and arrives as it was written; copy, marks and drafts follow; it can be
taken back while it is held; nothing is sent twice and nothing is lost, whoever is restarted meanwhile."""
import email
import email.policy
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
import tap  # noqa: E402
from asker import ANSWERED, FLAGGED, FORWARDED, Asker  # noqa: E402
from imapd import Dovecot, check, message, quoted  # noqa: E402
from mta import Mta  # noqa: E402
from resident import forget_peak, memory_kb  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, contains, lacks, main, note, ok, skip  # noqa: E402
from webcache import Webcache, found_in_memory, sanitized  # noqa: E402
from writing import Writing, mail, new_id  # noqa: E402

PASSWORD = "Wort7!geheim"


def equal(got, wanted, what=""):
    tap.equal(got, wanted, str(what) if what else "")


class World:
    def __enter__(self):
        self.folder = paths.TestFolder()
        self.dovecot = Dovecot(self.folder, failure_delay="0 secs")
        for user in ("anna", "bob", "carol"):
            self.dovecot.add_user(user, PASSWORD)
        self.dovecot.start()
        self.mta = Mta(self.folder, self.dovecot).start()
        authorities = os.path.join(str(self.folder), "authorities.pem")
        with open(authorities, "wb") as out:
            for ca_file in (self.dovecot.ca_file, self.mta.ca_file):
                with open(ca_file, "rb") as one:
                    out.write(one.read())
        os.chmod(authorities, 0o644)
        self.webcache = Webcache(self.folder, self.dovecot, mta=self.mta, spool_limit_mb=60,
                                 tls_ca_file=authorities).start()
        self.anna = Writing(self.webcache, self.folder)
        self.anna.log_in("anna", PASSWORD)
        return self

    def __exit__(self, *_):
        self.anna.close()
        self.webcache.close()
        self.mta.stop()
        self.dovecot.stop()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 40)

    def restart(self, kill=False):
        if kill:
            self.webcache.kill()
        self.webcache.stop()
        self.webcache.start()

    def messages(self, user, folder="INBOX"):
        """{Message-ID: (bytes, flags)}"""
        client = self.dovecot.client(user)
        status, _ = client.select(quoted(folder), readonly=True)
        found = {}
        answer = check(client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")) if status == "OK" else []
        for item in answer:
            if isinstance(item, tuple):
                found.setdefault(email.message_from_bytes(item[1])["Message-ID"], []).append((item[1], item[0].decode()))
        client.logout()
        return found

    def arrived(self, data, user="bob", folder="INBOX", seconds=20):
        """All that has this message's id, once there is one."""
        wanted = email.message_from_bytes(data)["Message-ID"]
        end = time.monotonic() + seconds
        while True:
            found = self.messages(user, folder).get(wanted, [])
            if found or time.monotonic() > end:
                return found
            time.sleep(0.1)


def body_of(data):
    return data.split(b"\r\n\r\n", 1)[1]


def header_of(data, without=()):
    """The fields, by name and value, but for those that the MTA adds."""
    skip = {"received", "return-path", "delivery-date", "sender", "envelope-to", *without}
    fields = email.message_from_bytes(data, policy=email.policy.compat32).items()
    return [(name, value) for name, value in fields if name.lower() not in skip]


ODD = (b".\r\n..\r\n.one dot\r\n" + bytes(range(1, 10)) + bytes(range(14, 127)) + b"\r\n" +
       b"x" * 998 + b"\r\n\xc3\xa4\xf6 8-bit\r\n\r\n.\r\n \r\nno end")


@case("a message arrives with every byte, its Bcc field on none, and the copy has all of it")
def _(world):
    data = mail(text=ODD, bcc="carol@example.edu")
    sent = world.anna.send(data, ["bob@example.edu", "carol@example.edu"])
    equal(sent.get("state") in ("Sent", "Done"), True, sent)
    for user in ("bob", "carol"):
        (got, _), = world.arrived(data, user)
        equal(body_of(got), body_of(data) + b"\r\n")
        equal(header_of(got), header_of(data, without=["bcc"]))
        lacks(got.lower().split(b"\r\n\r\n")[0], b"bcc:")
    done = world.anna.until(sent["id"], "Done")
    equal(done["state"], "Done")
    (copy, flags), = world.arrived(data, "anna", "Sent")
    equal(copy, data + b"\r\n")
    contains(flags, "\\Seen")
    equal(world.anna.outbox(), [])


@case("a form sends once, however often it is submitted, also after a restart")
def _(world):
    data, name = mail(), new_id()
    first = world.anna.send(data, ["bob@example.edu"], name=name)
    for _ in range(3):
        again = world.anna.send_again(name, ["bob@example.edu"])
        equal(again.get("state") in ("Sent", "Done"), True, again)
    equal(world.anna.put(mail(), name=name)["exists"], True)
    world.anna.until(name, "Done")
    world.restart()
    equal(world.anna.send_again(name, ["bob@example.edu"])["state"], "Done")
    equal(first["id"], name)
    equal(len(world.arrived(data)), 1)
    equal(len(world.arrived(data, "anna", "Sent")), 1)


@case("a message that is held can be taken back, and is a draft then, Bcc and all")
def _(world):
    data = mail(subject="Taken back", bcc="carol@example.edu")
    held = world.anna.send(data, ["bob@example.edu"], hold=30, wait=0)
    equal(held["state"], "Held")
    equal([entry["state"] for entry in world.anna.outbox()], ["Held"])
    back = world.anna.act(held["id"], "edit")
    equal(back["state"], "Drafted", back)
    folder, _, uid, identity = back["draft"].split("|")
    equal(folder, "Drafts")
    ok(int(uid) > 0 and int(identity) > 0)
    (draft, flags), = world.arrived(data, "anna", "Drafts")
    equal(draft, data)
    contains(flags, "\\Draft")
    equal(world.anna.outbox(), [])
    equal(world.anna.send_again(held["id"], ["bob@example.edu"])["state"], "Drafted")
    equal(world.messages("bob").get(email.message_from_bytes(data)["Message-ID"]), None)


@case("one that is held goes when its time has come")
def _(world):
    for hold in (1, 4, 10):
        data = mail(subject="In a second")
        held = world.anna.send(data, ["bob@example.edu"], hold=hold, wait=0)
        if held["state"] == "Held":    # else it took longer to say so than it was held: once more, for longer
            break
    equal(held["state"], "Held")
    equal(world.anna.until(held["id"], "Done")["state"], "Done")
    equal(len(world.arrived(data)), 1)


@case("whoever sends one that is held is told so while it can be taken back, and does not wait for its end")
def _(world):
    data = mail(subject="Held, and told at once")
    held = world.anna.send(data, ["bob@example.edu"], hold=4, wait=20000)
    equal(held["state"], "Held")
    equal(world.anna.outgoing(held["id"], 20000)["state"], "Held")
    equal(world.anna.act(held["id"], "edit")["state"], "Drafted")
    equal(world.messages("bob").get(email.message_from_bytes(data)["Message-ID"]), None)


@case("held over a restart, it goes when somebody brings the password")
def _(world):
    for hold in (2, 10, 60):
        data = mail(subject="Held over a restart")
        begun = time.monotonic()
        held = world.anna.send(data, ["bob@example.edu"], hold=hold, wait=0)
        world.restart(kill=True)
        states = [entry["state"] for entry in world.anna.outbox()]  # resumes the session
        in_time = time.monotonic() - begun < hold   # else the machine was slow, and it may be gone: once more, for longer
        if in_time:
            equal(states, ["Held"])
        equal(world.anna.until(held["id"], "Done", seconds=hold + 30)["state"], "Done")
        equal(len(world.arrived(data)), 1)
        if in_time:
            break
    ok(in_time, why="a restart took more than %d s" % hold)


@case("who logs out at once has it sent and filed all the same")
def _(world):
    for hold in (1, 4, 10):
        data = mail(subject="And gone", sender="carol@example.edu")
        with Writing(world.webcache, world.folder) as carol:
            carol.log_in("carol", PASSWORD)
            held = carol.send(data, ["bob@example.edu"], sender="carol@example.edu", hold=hold, wait=0)
            equal(carol.ask("logout"), {})
        equal(len(world.arrived(data, seconds=40)), 1)
        equal(len(world.arrived(data, "carol", "Sent", seconds=40)), 1)
        if held["state"] == "Held":    # else it was sent before she had gone
            break
    equal(held["state"], "Held")


@case("what was answered is marked, what was forwarded too, and the draft goes")
def _(world):
    uid, other = world.dovecot.deliver("anna", "INBOX", [message(subject="Question"), message(subject="News")])
    with Asker(world.webcache, world.folder) as ask:
        ask.log_in("a1", "anna", PASSWORD)
        page = ask.page("a1")
        rows = {row["uid"]: row for row in page["rows"]}
        shown = {number: "INBOX|%d|%d|%d" % (page["uid_validity"], number, rows[number]["identity"])
                 for number in (uid, other)}
    draft = world.anna.put(mail(subject="A draft"))
    saved = world.anna.ask("draft", draft["id"])["draft"]
    # Which the server tells when the folder is selected to mark the answer, and is older than that.
    world.dovecot.flag("anna", "INBOX", [uid], "+FLAGS", "\\Flagged")
    data = mail(subject="Re: Question")
    sent = world.anna.send(data, ["bob@example.edu"],
                           settings=["answered=" + shown[uid], "draft=" + saved])
    world.anna.until(sent["id"], "Done")
    sent = world.anna.send(mail(), ["bob@example.edu"], settings=["forwarded=" + shown[other], "nocopy"])
    world.anna.until(sent["id"], "Done")
    flags = world.dovecot.flags("anna", "INBOX")
    contains(flags[uid], "\\Answered")
    contains(flags[other], "$Forwarded")
    with Asker(world.webcache, world.folder) as ask:
        ask.log_in("a2", "anna", PASSWORD)
        page = ask.until(lambda now: now["standing"] == "Live", "folder", "a2", "INBOX", 1, 50)
        flags = {row["uid"]: row["flags"] for row in page["rows"]}
        equal((flags[uid] & (ANSWERED | FLAGGED), flags[other] & FORWARDED), (ANSWERED | FLAGGED, FORWARDED))
    equal([m for m in world.messages("anna", "Drafts").values()
           if b"Subject: A draft" in m[0][0]], [])


@case("a draft takes the place of the one before, and never that of another device's")
def _(world):
    first = world.anna.put(mail(subject="One"))
    old = world.anna.ask("draft", first["id"])["draft"]
    second = mail(subject="Two")
    put = world.anna.put(second)
    new = world.anna.ask("draft", put["id"], old)["draft"]
    equal(world.anna.ask("draft", put["id"], old)["draft"], new)  # asked twice
    subjects = [email.message_from_bytes(m[0][0])["Subject"] for m in world.messages("anna", "Drafts").values()]
    equal((subjects.count("One"), subjects.count("Two")), (0, 1))
    third = world.anna.put(mail(subject="Three"))
    told = world.anna.ask("draft", third["id"], old)
    equal(told["error"], "kChanged")
    subjects = [email.message_from_bytes(m[0][0])["Subject"] for m in world.messages("anna", "Drafts").values()]
    equal((subjects.count("Two"), subjects.count("Three")), (1, 0))
    equal(world.anna.ask("draft", third["id"]).get("draft", "")[:7], "Drafts|")  # kept beside it


@case("the spool keeps what it was given, over a restart too, and says what is too much")
def _(world):
    data = os.urandom(3 << 20)
    put = world.anna.put(data, kind="upload", note="ä.pdf")
    world.restart(kill=True)
    equal(world.anna.read(put["id"], "upload") == data, True)
    equal(world.anna.read(put["id"], "upload", 100_000, 77) == data[100_000:100_077], True)
    equal(world.anna.read(put["id"], "upload", 65_536 * 3, 0) == data[65_536 * 3:], True)
    (listed,) = world.anna.ask("list", "upload")["files"]
    equal((listed["id"], listed["size"], listed["note"]), (put["id"], len(data), "ä.pdf"))
    told = world.anna.ask("begin", "upload", "-", 0, 26 << 20)
    equal((told["error"], told["detail"]), ("kTooLarge", "more than 25 MB"))
    told = world.anna.put(b"x" * ((25 << 20) + 1), kind="upload")
    equal(told["error"], "kTooLarge")
    equal(world.anna.ask("delete", "upload", put["id"]), {})
    equal(world.anna.read(put["id"], "upload")["error"], "kNotFound")
    text = world.anna.put(b"first", kind="text")
    after = world.anna.put(b"second", kind="text", name=text["id"], replaces=text["version"])
    equal(world.anna.put(b"other tab", kind="text", name=text["id"], replaces=text["version"])["error"], "kChanged")
    equal(world.anna.read(text["id"], "text"), b"second")
    world.anna.put(b"third", kind="text", name=text["id"], replaces=after["version"])
    equal(world.anna.read(text["id"], "text"), b"third")


@case("a webcache that dies in the middle of an upload is given what it lost")
def _(world):
    data = os.urandom(1 << 20)
    path = world.anna.path(data)
    world.anna.begin("put", "upload", "-", 0, path, "n", 40)
    time.sleep(0.3)
    world.webcache.kill()
    world.webcache.stop()
    world.webcache.start()
    put = world.anna.receive()
    equal(put.get("size"), len(data), put)
    equal(world.anna.read(put["id"], "upload") == data, True)


@case("the first upload of 25 MB makes the webcache grow by less than 2 MB at any time, and so does a second one")
def _(world):
    if sanitized():
        skip("a sanitizer has memory of its own")
    world.restart()
    world.anna.log_in("anna", PASSWORD)
    data = os.urandom(25 << 20)
    for _ in range(2):
        pid = world.webcache.pid
        forget_peak(pid)
        before = memory_kb(pid)
        put = world.anna.put(data, kind="upload")
        grown = memory_kb(pid, "VmHWM") - before
        equal(put.get("size"), len(data), put)
        note("%d KB more" % grown)
        ok(grown < 2000, why="%d KB more" % grown)
        world.anna.ask("delete", "upload", put["id"])


@case("nothing of it lies in clear on the disk, and the password is gone from memory")
def _(world):
    secret = b"a word that nobody else knows"
    world.anna.put(secret * 10, kind="text", note="another such word")
    spool = world.webcache.settings["spool_dir"]
    for top, _, names in os.walk(spool):
        for name in names:
            with open(os.path.join(top, name), "rb") as file:
                data = file.read()
            lacks(data, secret)
            lacks(data, b"another such word")
            equal(os.stat(os.path.join(top, name)).st_mode & 0o077, 0)
    sent = world.anna.send(mail(), ["bob@example.edu"])
    world.anna.until(sent["id"], "Done")
    world.webcache.server.wait_until(lambda: found_in_memory(world.webcache.pid, PASSWORD.encode()) == [],
                                     "forget the password", 10)


@case("cache_dir may be deleted: the spool has the key, too")
def _(world):
    put = world.anna.put(b"kept", kind="text")
    world.webcache.stop()
    for top, _, names in os.walk(world.webcache.settings["cache_dir"]):
        for name in names:
            os.remove(os.path.join(top, name))
    world.webcache.start()
    world.anna.log_in("anna", PASSWORD)
    equal(world.anna.read(put["id"], "text"), b"kept")


@case("no address that is none, none too many, none at all")
def _(world):
    for address in ("bob", "bob@", "a b@example.edu", "bob@example.edu>", "b\x7fb@example.edu",
                    "bob@example.edu> SIZE=1", "\u2028@example.edu", "x" * 65 + "@example.edu"):
        told = world.anna.send(mail(), [address])
        equal((told.get("error"), told.get("detail", "").split(":")[0]), ("kInvalid", "not an address"), told)
    many = world.anna.path("\n".join("u%d@example.edu" % n for n in range(10_000)).encode())
    name = new_id()
    world.anna.put(mail(), name=name)
    told = world.anna.send_again(name, "@" + many)
    equal(told["error"], "kTooLarge", told)
    equal(world.anna.send_again(name, ["bob@example.edu"]).get("state") in ("Sent", "Done"), True)
    for data in (mail(text=b"a NUL \0 in it"), mail(text=b"y" * 999)):
        equal(world.anna.send(data, ["bob@example.edu"])["error"], "kInvalid")


main(World)
