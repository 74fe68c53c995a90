#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two webcaches that share a spool: each knows what the other has, one at a time works on a message, and when one dies
the other goes on. And a server that wants no log-in."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from imapd import Dovecot  # noqa: E402
from servers.process import tail  # noqa: E402
from strictsmtp import StrictSmtp  # noqa: E402
from tap import case, equal, lacks, main, ok  # noqa: E402
from webcache import Webcache  # noqa: E402
from writing import Writing, mail  # noqa: E402


class World:
    def __enter__(self):
        self.folder = paths.TestFolder()
        self.dovecot = Dovecot(self.folder, ssl="no", failure_delay="0 secs")
        for user in ("anna", "bert"):
            self.dovecot.add_user(user, "demo")
        self.dovecot.start()
        self.smtp = StrictSmtp().__enter__()
        self.nodes = [self.node("one"), self.node("two", spool_dir=os.path.join(str(self.folder), "one", "spool"))]
        self.writers = [Writing(node, self.folder) for node in self.nodes]
        for writer in self.writers:
            equal(writer.log_in("anna"), {"address": "anna@example.edu"})
        return self

    def node(self, name, **settings):
        return Webcache(
            self.folder, name=name, imap_servers="example.edu=127.0.0.1:%d[/]" % self.dovecot.imap_port,
            smtp_servers="example.edu=plain://127.0.0.1:%d" % self.smtp.port, **settings).start()

    def __exit__(self, *_):
        for writer in self.writers:
            writer.close()
        for node in self.nodes:
            node.close()
        self.smtp.__exit__()
        self.dovecot.stop()
        self.folder.close()

    def describe(self):
        return "\n".join(tail(node.log, 20) for node in self.nodes)

    def taken(self, data):
        return sum(message[2] == data for message in self.smtp.messages)


@case("what one has written the other reads")
def _(world):
    one, two = world.writers
    put = one.put(b"across", kind="text")
    equal(two.read(put["id"], "text"), b"across")
    two.put(b"and back", kind="text", name=put["id"], replaces=put["version"])
    equal(one.read(put["id"], "text"), b"and back")
    equal(one.put(b"late", kind="text", name=put["id"], replaces=put["version"])["error"], "kChanged")


@case("a message that one holds the other shows and leaves alone, and a form sends once on both")
def _(world):
    one, two = world.writers
    for hold in (2, 6, 20):
        data = mail(subject="Held by one")
        begun = time.monotonic()
        held = one.send(data, ["bob@example.edu"], hold=hold, wait=0)
        states = [entry["state"] for entry in two.outbox()]
        refused = two.act(held["id"], "edit").get("error")
        again = two.send_again(held["id"], ["bob@example.edu"])["state"]
        in_time = time.monotonic() - begun < hold     # else it may be gone by now: once more, for longer
        if in_time:
            equal((states, refused, again), (["Held"], "kChanged", "Held"))
        one.until(held["id"], "Done", seconds=hold + 30)
        equal(two.send_again(held["id"], ["bob@example.edu"])["state"], "Done")
        equal(world.taken(data), 1)
        if in_time:
            break
    ok(in_time, why="three questions took more than %d s" % hold)


@case("when the one that holds it dies, the other sends it, once")
def _(world):
    one, _ = world.writers
    data = mail(subject="Held by the dead")
    held = one.send(data, ["bob@example.edu"], hold=60, wait=0)
    world.nodes[0].kill()
    with Writing(world.nodes[1], world.folder) as back:
        back.log_in("anna")
        equal([entry["state"] for entry in back.outbox()], ["Held"])
        equal(back.act(held["id"], "edit")["state"], "Drafted")
    data = mail(subject="Held by the dead again")
    world.nodes[0].stop()
    world.nodes[0].start()
    held = one.send(data, ["bob@example.edu"], hold=3, wait=0)
    equal(held.get("state"), "Held", str(held))
    world.nodes[0].kill()
    with Writing(world.nodes[1], world.folder) as back:
        back.log_in("anna")
        back.until(held["id"], "Done")
    world.nodes[0].stop()
    world.nodes[0].start()
    equal(one.send_again(held["id"], ["bob@example.edu"])["state"], "Done")
    equal(world.taken(data), 1)


@case("a trusted relay is not told who sends, and needs no log-in")
def _(world):
    node = world.nodes[1]
    node.stop()
    node.write_config(smtp_trusted_relay="example.edu")
    node.start()
    world.smtp.drop()
    world.smtp.offers = ["SIZE 1000000"]
    before = len(world.smtp.commands)
    with Writing(node, world.folder) as bert:
        bert.log_in("bert")
        data = mail(sender="bert@example.edu")
        equal(bert.send(data, ["bob@example.edu"], sender="bert@example.edu").get("state") in ("Sent", "Done"), True)
    equal(world.taken(data), 1)
    lacks(b"".join(world.smtp.commands[before:]), b"AUTH")
    equal(world.smtp.wrong, [])


main(World)
