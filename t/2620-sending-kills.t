#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The webcache is killed at random moments of sending, and started again: each message arrived once and is said to
be sent, or waits in the outbox; one that may have arrived is marked so. Then the disk is full at every step."""
import email
import os
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
import tap  # noqa: E402
from imapd import check  # noqa: E402
from sending_world import SendingWorld  # noqa: E402
from tap import case, main, note, ok  # noqa: E402
from writing import mail, new_id  # noqa: E402

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
SENDS = 1000 if SOAK else 20


def equal(got, wanted, what=""):
    tap.equal(got, wanted, str(what) if what else "")


class World(SendingWorld):
    def copies(self):
        """How often each Message-ID lies in Sent."""
        client = self.dovecot.client("anna")
        status, _ = client.select("Sent", readonly=True)
        found = {}
        for item in check(client.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")) if status == "OK" else []:
            if isinstance(item, tuple):
                name = email.message_from_bytes(item[1])["Message-ID"]
                found[name] = found.get(name, 0) + 1
        client.logout()
        return found


@case("killed at random moments of %d sends: each arrived once, or is in the outbox" % SENDS)
def _(world):
    seed = random.randrange(1 << 30)
    draw = random.Random(seed)
    took = 0.5
    states = {}
    for number in range(SENDS):
        data, name = mail(text=b"x" * 70 + b"\r\n" + b"line\r\n" * draw.randrange(20_000)), new_id()
        begun = time.monotonic()
        answers = []
        # A process that a thread starts ends with it; so the thread sends, and this one kills.
        sender = threading.Thread(
            target=lambda: answers.append(world.anna.send(data, ["bob@example.edu"], name=name)))  # pylint: disable=cell-var-from-loop
        sender.start()
        if number >= 2:  # two tell how long it takes
            time.sleep(draw.random() * took * 1.3)
            world.webcache.kill()
            world.webcache.stop()
            world.webcache.start()
        sender.join()
        told = answers[0]
        if number < 2:
            world.anna.until(name, "Done")
            took = time.monotonic() - begun
        # As the page does, whose answer did not come: the same form once more, by the same id.
        if "error" in told:
            told = world.anna.send(data, ["bob@example.edu"], name=name)
        end = time.monotonic() + 30
        while told.get("state") not in ("Done", "Uncertain") and time.monotonic() < end:
            told = world.anna.outgoing(name, 1000)
            if told.get("error") == "kNotFound":
                told = world.anna.send(data, ["bob@example.edu"], name=name)
        arrived = sum(message[2] == data for message in world.smtp.messages)
        wanted = (1,) if told.get("state") == "Done" else (0, 1)
        ok(told.get("state") in ("Done", "Uncertain"), why="seed %d send %d: %r" % (seed, number, told))
        ok(arrived in wanted, why="seed %d send %d: %r, arrived %d times" % (seed, number, told, arrived))
        states[told["state"]] = states.get(told["state"], 0) + 1
        if told["state"] == "Uncertain":
            equal([e["id"] for e in world.anna.outbox()], [name])
            world.anna.act(name, "discard")
    note("seed %d: %r" % (seed, states))
    counts = world.copies()
    equal({name: n for name, n in counts.items() if n != 1}, {}, "copies, seed %d" % seed)
    ok(sum(counts.values()) >= states.get("Done", 0))
    equal(world.smtp.wrong, [])


def limit_files(world, limit):
    """No file of the daemon's may grow beyond that: each write behind it fails as on a full disk."""
    subprocess.run(["prlimit", "--pid", str(world.webcache.pid), "--fsize=%s:" % limit], check=True,
                   **paths.identity.popen_args())


@case("a disk that is full at any step: it is said, and nothing is half there")
def _(world):
    put = world.anna.put(mail(text=b"line\r\n" * 50_000))
    spool = world.webcache.settings["spool_dir"]
    size = max(os.path.getsize(os.path.join(top, name)) for top, _, names in os.walk(spool) for name in names)
    world.anna.ask("delete", "message", put["id"])
    journal = [size + more for more in (-50, 50, 500, 560, 620, 700, 800, 1000)]
    for limit in list(range(0, 4000, 800)) + [70_000, 200_000] + journal:
        data, name = mail(text=b"line\r\n" * 50_000), new_id()
        limit_files(world, limit)
        told = world.anna.send(data, ["bob@example.edu"], name=name)
        limit_files(world, "unlimited")
        arrived = sum(message[2] == data for message in world.smtp.messages)
        if "error" in told:
            equal(told["error"], "kStorage", (limit, told))
            equal(arrived, 0)
            told = world.anna.send(data, ["bob@example.edu"], name=name)
        if told["state"] == "Failed":
            told = world.anna.act(name, "retry")
        if told["state"] != "Uncertain":
            world.anna.until(name, "Done", seconds=60)
            equal(sum(message[2] == data for message in world.smtp.messages), 1)


main(World)
