#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web child in an attacker's hands writes random bytes, states and lengths over its lane to the real
webcache, which also holds somebody else's mail: the daemon stays up, an honest child's answers stay right,
and the attacker's memory never holds a byte of the other's mail. t/1010-lane-torture.t does the same to the
lane alone. ALPHAMAIL_SOAK=1 asks for ten times as many."""
import mmap
import os
import random
import re
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from asker import Asker  # noqa: E402
from imapd import message  # noqa: E402
from tap import case, equal, main, note, ok, skip_all  # noqa: E402
from world import World  # noqa: E402

if os.getuid() != 0:
    skip_all("only root may read the honest child's memory, to know what a question looks like")

POINTS = 1_000_000 if os.environ.get("ALPHAMAIL_SOAK") == "1" else 100_000
CANARY = b"QSECRETHONEST"
MAGIC = 0x3130656e614c6d41
SLOTS, REQUEST, RING = 64, 16 * 1024, 256 * 1024
AT_POSTED, AT_SLEEPING, AT_SLOTS, AT_REQUESTS, AT_RINGS = 64, 128, 4096, 16 * 1024, 1040 * 1024
SLOT = 192
SIZE = AT_RINGS + SLOTS * RING


class Lane:
    """As lane.h draws it."""

    def __init__(self, path):
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(5)
        self.control.connect(path)
        self.control.send(struct.pack("=QHHI", MAGIC, 1, 1, 0))
        _, fds, _, _ = socket.recv_fds(self.control, 64, 2)
        if len(fds) != 2:
            raise ConnectionError("no greeting")
        self.memory, self.bell = mmap.mmap(fds[0], SIZE), fds[1]
        os.close(fds[0])
        self.control.setblocking(False)

    def ended(self):
        try:
            return self.control.recv(64) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def ring(self):
        os.write(self.bell, struct.pack("=Q", 1))

    def close(self):
        self.memory.close()
        os.close(self.bell)
        self.control.close()

    def put(self, at, form, value):
        struct.pack_into("=" + form, self.memory, at, value)


def questions_of(pid):
    """Requests that lie in a child's lane: what an attacker could have sent by itself."""
    with open("/proc/%d/maps" % pid, encoding="ascii") as maps:
        line = [line for line in maps if re.search(r"^\S+ rw-s ", line) and int(line.split("-")[1].split()[0], 16) -
                int(line.split("-")[0], 16) == SIZE][0]
    begin = int(line.split("-")[0], 16)
    found = []
    with open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for slot in range(SLOTS):
            memory.seek(begin + AT_SLOTS + slot * SLOT)
            _, size = struct.unpack("=II", memory.read(8))
            if 0 < size <= REQUEST:
                memory.seek(begin + AT_REQUESTS + slot * REQUEST)
                found.append(memory.read(size))
    return found


class Attacker:
    def __init__(self, path, seed, questions):
        self.path, self.random, self.questions = path, random.Random(seed), questions
        self.lanes = self.points = 0
        self.foreign = []

    def strike(self, lane):
        rnd, slot = self.random, self.random.randrange(SLOTS)
        at = AT_SLOTS + slot * SLOT
        kind = rnd.randrange(9)
        if kind == 0:
            for _ in range(rnd.randrange(32)):
                lane.put(rnd.randrange(AT_REQUESTS), "B", rnd.randrange(256))
        elif kind == 1:
            lane.put(at, "I", rnd.randrange(64))
        elif kind == 2:
            lane.put(at + 128, "I", rnd.getrandbits(32) if rnd.random() < .5 else rnd.randrange(1000))
        elif kind == 3:
            lane.put(at + 4, "I", rnd.getrandbits(32) if rnd.random() < .2 else rnd.randrange(REQUEST))
        elif kind == 4:
            lane.put(at + 64 + 4 * rnd.randrange(3), "I", rnd.getrandbits(32))
        elif kind == 5:
            lane.put(AT_SLEEPING, "I", rnd.randrange(2))
        elif kind == 6:
            head = struct.pack("=II", rnd.randrange(SLOTS + 2), rnd.randrange(4))
            try:
                lane.control.send((head + rnd.randbytes(rnd.randrange(200)))[:rnd.randrange(1, 208)])
            except OSError:
                pass
        else:     # a question, whole or damaged
            question = bytearray(rnd.choice(self.questions))
            for _ in range(rnd.choice((0, 1, 1, 2, 8))):
                question[rnd.randrange(len(question))] = rnd.randrange(256)
            start = AT_REQUESTS + slot * REQUEST
            lane.memory[start:start + len(question)] = bytes(question)
            lane.put(at + 4, "I", len(question))
            lane.put(at + 8, "I", int(rnd.random() < .1))
            word, = struct.unpack_from("=I", lane.memory, at)
            lane.put(at, "I", (word >> 3) << 3 | 1)
            posted, = struct.unpack_from("=Q", lane.memory, AT_POSTED)
            lane.put(AT_POSTED, "Q", posted | 1 << slot)
            lane.ring()
        if rnd.random() < .001:
            lane.put(AT_POSTED, "Q", rnd.getrandbits(64))
            lane.ring()

    def look(self, lane):
        for word in (CANARY, CANARY.lower()):
            if lane.memory.find(word) >= 0:
                self.foreign.append((self.points, word))

    def run(self, points):
        while self.points < points:
            try:
                lane = Lane(self.path)
            except OSError:
                time.sleep(0.01)
                continue
            self.lanes += 1
            begun = self.points
            while self.points < points and self.points - begun < 3000:
                self.strike(lane)
                self.points += 1
                if self.points % 16 == 0 and lane.ended():
                    break
            self.look(lane)
            lane.close()


class Scribbled(World):
    def __init__(self):
        super().__init__(users=("honest", "mallory"))

    def __enter__(self):
        super().__enter__()
        self.dovecot.deliver("honest", "INBOX", [
            message(subject="%s %d" % (CANARY.decode(), n)) for n in range(1, 31)])
        self.dovecot.deliver("mallory", "INBOX", [message(subject="own %d" % n) for n in range(1, 31)])
        return self


@case("%d scribbles over a lane: the daemon lives, others get the right answers, nothing foreign is seen" % POINTS)
def _(w):
    ok("address" in w.ask.log_in("honest", "honest"))
    w.complete("honest")
    right = [row["subject"] for row in w.ask.page("honest")["rows"]]
    equal(len(right), 30)
    ok(all(CANARY.decode() in subject for subject in right))
    with Asker(w.webcache, w.folder) as mallory:
        mallory.log_in("m1", "mallory")
        mallory("parallel", 8, "folder", "m1", "INBOX", 1, 50)
        mallory("message", "m1", "INBOX", 1)
        mallory("folders", "m1")
        questions = questions_of(mallory.process.pid)
        ok(questions)
        pid = w.webcache.pid
        seed = int(os.environ.get("ALPHAMAIL_SEED", str(time.time_ns() % 10**6)))
        attackers = [Attacker(w.webcache.socket, seed + n, questions) for n in range(2)]
        threads = [threading.Thread(target=one.run, args=(POINTS // 2,), daemon=True) for one in attackers]
        for one in threads:
            one.start()
        answers = 0
        while any(one.is_alive() for one in threads):
            equal([row["subject"] for row in w.ask.page("honest")["rows"]], right)
            answers += 1
        for one in threads:
            one.join()
    note("seed %d: %d scribbles in %d lanes; %d honest answers meanwhile" % (
        seed, sum(one.points for one in attackers), sum(one.lanes for one in attackers), answers))
    equal([found for one in attackers for found in one.foreign], [])
    equal(w.webcache.pid, pid, "the daemon died")
    ok(answers > 20)


@case("afterwards all lanes but the honest one are gone")
def _(w):
    w.ask.until(lambda told: told["lanes"] <= 1, "status")


main(Scribbled)
