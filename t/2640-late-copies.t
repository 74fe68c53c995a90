#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server carries out an APPEND whose connection was cut a moment after the webcache that was started anew has
looked for it, or never: in both cases there is one copy of what was sent, and one draft."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import check, quoted  # noqa: E402
from meanwhile import until  # noqa: E402
from sending_world import ProxiedSendingWorld  # noqa: E402
from tap import case, equal, lacks, main  # noqa: E402
from writing import Writing, mail, new_id  # noqa: E402


class World(ProxiedSendingWorld):
    def sent(self, start):
        """Commands to the server so far that start so."""
        return sum(command.startswith(start) for command in self.proxy.commands())

    def die_in_append(self):
        """The webcache is killed once its APPEND is on its way, and started anew."""
        until(self.proxy.held, why="no APPEND")
        self.webcache.kill()
        self.proxy.cut()
        self.proxy.release()
        self.webcache.stop()
        self.proxy.forget()
        self.webcache.start()

    def carry_out(self, folder, flags, data):
        """What the server does behind the look of the one that was started anew."""
        until(lambda: self.sent("UID SEARCH"), why="it does not look")
        client = self.dovecot.client("anna")
        check(client.append(quoted(folder), flags, None, data))
        client.logout()

    def copies(self, folder, subject):
        client = self.dovecot.client("anna")
        check(client.select(quoted(folder), readonly=True))
        found = check(client.uid("SEARCH", "SUBJECT", quoted(subject)))[0].split()
        client.logout()
        return len(found)


for late, end in ((True, "by the command that was cut off"), (False, "by another command")):
    @case("of what was sent there is one copy, " + end)
    def _(world, late=late, subject="sent " + end):
        data, name = mail(subject=subject), new_id()
        lacks(world.anna.put(data, name=name), "error")
        world.proxy.hold("^APPEND")
        world.anna.send_again(name, ["bob@example.edu"], wait=0)
        world.die_in_append()
        with Writing(world.webcache, world.folder) as anna:
            anna.log_in("anna")
            if late:
                world.carry_out("Sent", "(\\Seen)", data)
            until(lambda: not anna.outbox(), why="it stays in the outbox")
        equal(world.copies("Sent", subject), 1)
        equal(world.sent("APPEND"), 0 if late else 1)

    @case("of a draft there is one, " + end)
    def _(world, late=late, subject="draft " + end):
        data, name = mail(subject=subject), new_id()
        lacks(world.anna.put(data, name=name), "error")
        world.proxy.hold("^APPEND")
        world.anna.begin("draft", name)     # which asks the new webcache by itself
        world.die_in_append()
        if late:
            world.carry_out("Drafts", "(\\Draft \\Seen)", data)
        lacks(world.anna.receive(), "error")
        equal(world.copies("Drafts", subject), 1)
        equal(world.sent("APPEND"), 0 if late else 1)


main(World)
