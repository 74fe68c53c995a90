#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders that nobody has put anything into, on Courier: it tells the time for their UIDVALIDITY, another one each
second, until something is stored there. What is put into them meanwhile is found again all the same, and once."""
import email
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from asker import Asker  # noqa: E402
from imapd import check, message, needs, quoted, server_of  # noqa: E402
from sending_world import ProxiedSendingWorld  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402
from writing import Writing, mail, new_id  # noqa: E402

needs("courier")
WITHOUT_UIDS = ("UIDPLUS",)


class World(ProxiedSendingWorld):
    users = ("anna", "ben", "carl", "dora")

    def mail_server(self):
        return server_of("courier", self.folder)

    def uid_validity(self, user, folder):
        """As another client is told of it that only looks."""
        client = self.dovecot.client(user)
        words = check(client.status(quoted(self.dovecot.named(folder)), "(UIDVALIDITY)"))[0].decode()
        client.logout()
        return words.rpartition("UIDVALIDITY ")[2].rstrip(")")

    def subjects(self, user, folder):
        client = self.dovecot.client(user)
        check(client.select(quoted(self.dovecot.named(folder)), readonly=True))
        found = [email.message_from_bytes(item[1])["Subject"]
                 for item in check(client.uid("FETCH", "1:*", "(BODY.PEEK[HEADER])")) if isinstance(item, tuple)]
        client.logout()
        return sorted(found)

    def over_a_second(self, command, user, folder):
        """Once such a command waits: until the folder's UIDVALIDITY is another one than it was before."""
        end = time.monotonic() + 20
        while not self.proxy.held():
            ok(time.monotonic() < end, why="no %s" % command)
            time.sleep(0.01)
        before = self.uid_validity(user, folder)
        while self.uid_validity(user, folder) == before:
            ok(time.monotonic() < end, why="UIDVALIDITY of %s stays" % folder)
            time.sleep(0.05)


@case("moved there by a server that does not tell where to: taken back")
def _(world):
    world.dovecot.deliver("ben", "INBOX", [message(subject="m%d" % n) for n in range(3)])
    world.proxy.hide(*WITHOUT_UIDS)
    with Asker(world.webcache, world.folder) as ask:
        contains(ask.log_in("ben", "ben"), "address")
        page = ask("folder", "ben", "INBOX", 1, 50)
        rows = ["%d:%d" % (row["uid"], row["identity"]) for row in page["rows"][:2]]
        world.proxy.hold("^UID COPY")
        report = ask("act", "ben", "INBOX", page["uid_validity"], "Move", "Archive", 0, *rows)
        world.over_a_second("UID COPY", "ben", "Archive")
        world.proxy.release()
        ended = ask.ended("ben", report)
        equal((ended["done"], ended["can_undo"]), (2, True))
        equal(len(world.subjects("ben", "Archive")), 2)
        equal(ask.ended("ben", ask("undo", "ben", report["id"]))["done"], 2)
        equal(world.subjects("ben", "INBOX"), ["m0", "m1", "m2"])
        equal(world.subjects("ben", "Archive"), [])
    world.proxy.hide()


@case("the first draft can be written on, with and without UIDPLUS")
def _(world):
    for user, hidden in (("anna", ()), ("carl", WITHOUT_UIDS)):
        world.proxy.hide(*hidden)
        with Writing(world.webcache, world.folder) as writer:
            writer.log_in(user)
            first = writer.put(mail(subject="One"))
            world.proxy.hold("^APPEND")
            writer.begin("draft", first["id"])
            world.over_a_second("APPEND", user, "Drafts")
            world.proxy.release()
            old = writer.receive()
            lacks(old, "error")
            second = writer.put(mail(subject="Two"))
            told = writer.ask("draft", second["id"], old["draft"])
            lacks(told, "error")
        equal(world.subjects(user, "Drafts"), ["Two"])
    world.proxy.hide()


@case("a copy of what was sent, whose APPEND nobody saw succeed, is not put there twice")
def _(world):
    sent = mail(subject="A letter", to="bob@example.org")
    name = new_id()
    with Writing(world.webcache, world.folder) as dora:
        dora.log_in("dora")
        put = dora.put(sent, name=name)
        lacks(put, "error")
        world.proxy.hold("^APPEND")
        dora.send_again(name, ["bob@example.org"], wait=0)
        world.over_a_second("APPEND", "dora", "Sent")
        world.webcache.kill()
    # It came through, and the answer was lost.
    client = world.dovecot.client("dora")
    check(client.append(quoted(world.dovecot.named("Sent")), "(\\Seen)", None, sent))
    client.logout()
    world.proxy.cut()
    world.proxy.release()
    world.webcache.stop()
    world.webcache.start()
    with Writing(world.webcache, world.folder) as dora:
        dora.log_in("dora")
        end = time.monotonic() + 20
        while dora.outbox():
            ok(time.monotonic() < end, why="%r" % dora.outbox())
            time.sleep(0.05)
    equal(world.subjects("dora", "Sent"), ["A letter"])


main(World)
