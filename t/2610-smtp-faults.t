#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever an SMTP server does, the user is told in its words, nothing is lost, and nothing is sent twice unasked.
The server is t/lib/strictsmtp.py, which also looks at every byte."""
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import tap  # noqa: E402
from imapd import check, quoted  # noqa: E402
from sending_world import SendingWorld  # noqa: E402
from strictsmtp import CLOSE, HANG, TAKE_AND_CLOSE  # noqa: E402
from tap import case, contains, lacks, main, note, ok  # noqa: E402
from writing import Writing, mail, new_id  # noqa: E402

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
MANY = 10_000 if SOAK else 250


def equal(got, wanted, what=""):
    tap.equal(got, wanted, str(what) if what else "")


class World(SendingWorld):
    users = ("anna", "carl", "dora", "eve", "fritz")

    def settings(self):
        return {**super().settings(), "smtp_timeout": "1500ms"}

    def send(self, data=None, recipients=("bob@example.edu",), **how):
        return self.anna.send(data or mail(), list(recipients), **how)

    def taken(self, data):
        """How often the server has taken this message."""
        return sum(message[2] == data for message in self.smtp.messages)

    def broken(self, step, how, only=None, recipients=("bob@example.edu",)):
        """A message that meets this fault: how it stands, and its bytes."""
        self.smtp.drop()  # a connection that is kept would not meet what is at its beginning
        self.smtp.fail(step, how, only)
        data = mail()
        told = self.send(data, recipients)
        self.smtp.heal()
        return told, data

    def again(self, told, data, times=1):
        """'Try again' sends what was not sent."""
        done = self.anna.act(told["id"], "retry")
        equal(done.get("state") in ("Sent", "NotFiled", "Done"), True, done)
        equal(self.taken(data), times)
        self.anna.until(told["id"], "Done")


STEPS = ["connect", "ehlo", "auth", "mail", "rcpt", "data", "end"]


@case("4xx and 5xx at every step are told in the server's words, and 'Try again' sends once")
def _(world):
    for step in STEPS:
        for reply in ("451 4.3.0 not today", "550 5.7.1 not from you\x07"):
            told, data = world.broken(step, reply)
            equal(told["state"], "Failed", (step, told))
            contains(told["detail"], reply.rstrip("\x07"), step)
            if step in ("mail", "rcpt", "data", "end"):
                equal(told["reply"], int(reply[:3]))
            equal(world.taken(data), 0)
            equal([e["state"] for e in world.anna.outbox()], ["Failed"])
            world.again(told, data)
    equal(world.anna.outbox(), [])


@case("a refused recipient is named, and nobody is sent anything before that is mended")
def _(world):
    people = ["bob@example.edu", "eve@example.edu", "zoe@example.edu"]
    told, data = world.broken("rcpt", "550 5.1.1 no such user here", "eve@example.edu", people)
    equal(told["state"], "Failed")
    equal(told["refused"], [["eve@example.edu", 550, "550 5.1.1 no such user here"]])
    equal(world.taken(data), 0)
    equal(world.anna.act(told["id"], "discard")["state"], "Discarded")
    equal(world.anna.outbox(), [])
    equal(world.send().get("state") in ("Sent", "Done"), True)  # the connection is in step


@case("hanging or hanging up before the end of the message: not sent, for sure")
def _(world):
    for step in STEPS[:-1] + ["body"]:
        for how in (HANG, CLOSE):
            if (step, how) == ("body", HANG):
                continue  # it hangs where the answer to the whole message would be
            told, data = world.broken(step, how)
            equal(told["state"], "Failed" if step != "body" else told["state"], (step, how, told))
            if told["state"] == "Failed":
                equal(world.taken(data), 0)
                world.again(told, data)
            else:
                world.anna.act(told["id"], "discard")


@case("hanging or hanging up behind it: uncertain, said so, kept, and never sent again unasked")
def _(world):
    for how in (HANG, TAKE_AND_CLOSE, CLOSE):
        told, data = world.broken("end", how)
        equal(told["state"], "Uncertain", (how, told))
        before = world.taken(data)
        equal(before, 0 if how == CLOSE else 1)
        world.webcache.kill()
        world.webcache.stop()
        world.webcache.start()
        equal([e["state"] for e in world.anna.outbox()], ["Uncertain"])
        time.sleep(0.5)
        equal(world.taken(data), before)
        world.again(told, data, before + 1)


@case("no server there at all")
def _(world):
    told, data = None, mail()
    with Writing(world.webcache, world.folder) as dora:
        dora.log_in("dora")
        world.smtp.fail("connect", CLOSE)
        told = dora.send(data, ["bob@example.edu"], sender="dora@example.edu")
        world.smtp.heal()
        equal(told["state"], "Failed")
        contains(told["detail"], "connecting to the mail server")
        equal(dora.act(told["id"], "edit")["state"], "Drafted")
        equal(dora.outbox(), [])


@case("a password that this server does not know, and a log-in without PLAIN")
def _(world):
    world.smtp.drop()
    world.smtp.password = "another"
    told = world.send()
    equal((told["state"], told["code"]), ("Failed", "kBadCredentials"))
    world.smtp.password = "demo"
    offers, world.smtp.offers = world.smtp.offers, ["AUTH LOGIN"]
    equal(world.anna.act(told["id"], "retry").get("state") in ("Sent", "Done"), True)
    world.smtp.offers = offers


@case("what the server cannot take is not begun: size, 8 bits, international addresses")
def _(world):
    offers, world.smtp.offers = world.smtp.offers, ["SIZE 1000", "AUTH PLAIN"]
    for data, to, words in ((mail(text=b"x\r\n" * 1000), "bob@example.edu", "the mail server takes 1000"),
                            (mail(text="ä\r\n".encode()), "bob@example.edu", "8BITMIME"),
                            (mail(), "bøb@example.edu", "SMTPUTF8"),
                            (mail(subject="ä"), "bob@example.edu", "TUTF8")):
        world.smtp.drop()
        before = len(world.smtp.messages)
        told = world.anna.send(data, [to])
        equal(told["state"], "Failed")
        contains(told["detail"], words if words != "TUTF8" else "SMTPUTF8")
        equal(len(world.smtp.messages), before)
        world.anna.act(told["id"], "discard")
    world.smtp.offers = offers + ["SMTPUTF8"]
    world.smtp.drop()
    before = len(world.smtp.commands)
    data = mail(subject="ä")
    equal(world.anna.send(data, ["bøb@example.edu"]).get("state") in ("Sent", "Done"), True)
    contains(b"".join(world.smtp.commands[before:]), b"SMTPUTF8\r\n")
    world.smtp.offers = offers
    world.smtp.drop()


@case("the mailbox is away while it is sent: the copy is filed by itself once it is back, one copy of one message")
def _(world):
    data, end = mail(subject="While the mailbox is away"), time.monotonic() + 30
    while world.anna.outbox() and time.monotonic() < end:      # what went before is filed
        time.sleep(0.05)
    world.dovecot.stop()
    try:
        told = world.send(data)
        told = world.anna.until(told["id"], "NotFiled")
        equal(world.taken(data), 1)
        equal([e["state"] for e in world.anna.outbox()], ["NotFiled"])
    finally:
        world.dovecot.start()
    world.anna.until(told["id"], "Done", seconds=90)
    equal((world.taken(data), world.anna.outbox()), (1, []))
    client = world.dovecot.client("anna")
    check(client.select("Sent", readonly=True))
    equal(len(check(client.uid("SEARCH", "SUBJECT", quoted("While the mailbox is away")))[0].split()), 1)
    client.logout()


@case("a copy that cannot be filed for long: it rests")
def _(world):
    world.fritz = Writing(world.webcache, world.folder)
    world.fritz.log_in("fritz")
    world.rests = mail(sender="fritz@example.edu", subject="Rests")
    told = world.fritz.send(world.rests, ["bob@example.edu"], sender="fritz@example.edu", settings=["folder=Not/Yet"])
    world.fritz.until(told["id"], "NotFiled")
    world.begun = time.monotonic()


@case("a copy that cannot be filed is said, tried again, and the message is not sent again for it")
def _(world):
    with Writing(world.webcache, world.folder) as carl:
        carl.log_in("carl")
        data = mail(sender="carl@example.edu")
        told = carl.send(data, ["bob@example.edu"], sender="carl@example.edu", settings=["folder=No/Such"])
        told = carl.until(told["id"], "NotFiled")
        ok(told["detail"])
        equal([e["state"] for e in carl.outbox()], ["NotFiled"])
        equal(carl.act(told["id"], "edit").get("error"), "kChanged")
        client = world.dovecot.client("carl")
        client.create("No")
        client.create("No/Such")
        client.logout()
        carl.until(told["id"], "Done", seconds=60)
        equal(world.taken(data), 1)


@case("one connection serves many messages, and one that was closed meanwhile is no failure")
def _(world):
    world.smtp.drop()
    before = world.smtp.connections
    for _ in range(5):
        world.send()
    equal(world.smtp.connections - before, 1)
    world.smtp.drop()
    equal(world.send().get("state") in ("Sent", "Done"), True)


def random_mail(draw):
    """Dots, long lines, stray CR and LF, no end: what lies in a spool."""
    pieces = [b".", b"..", b"\r\n", b"\n", b"\r", b"\r\r\n", b".\r\n", b"\r\n.\r\n", b"text ", b"x" * 300, b"\t", b"From "]
    text = b"".join(draw.choice(pieces) for _ in range(draw.randrange(60)))
    lines = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if any(len(line) > 998 for line in lines):
        return random_mail(draw)
    return mail(text=text, bcc=draw.choice([None, "secret@example.edu"]))


def as_sent(data):
    """What has to be on the wire of it."""
    head, _, text = data.partition(b"\r\n\r\n")
    kept, skipping = [], False
    for line in head.split(b"\r\n"):
        if not line.startswith((b" ", b"\t")):
            skipping = line.lower().startswith(b"bcc:")
        if not skipping:
            kept.append(line)
    text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    whole = b"\r\n".join(kept) + b"\r\n\r\n" + text
    return whole if whole.endswith(b"\r\n") else whole + b"\r\n"


@case("%d random messages: every byte of them, and of every command, is as RFC 5321 says" % MANY)
def _(world):
    seed = random.randrange(1 << 30)
    draw = random.Random(seed)
    world.smtp.wrong.clear()
    for number in range(MANY):
        data = random_mail(draw)
        told = world.anna.send(data, ["bob@example.edu"], settings=["nocopy"])
        equal(told.get("state") in ("Sent", "Done"), True, (seed, number, told))
        equal(world.smtp.messages[-1][2], as_sent(data), "seed %d, message %d" % (seed, number))
    equal(world.smtp.wrong, [], "seed %d" % seed)


@case("and is filed once it can be, whoever asks or not")
def _(world):
    time.sleep(max(0, world.begun + 23 - time.monotonic()))   # behind the last of the tries one upon another
    equal([e["state"] for e in world.fritz.outbox()], ["NotFiled"])
    client = world.dovecot.client("fritz")
    client.create("Not")
    client.create("Not/Yet")
    end = time.monotonic() + 100
    while True:
        check(client.select("Not/Yet", readonly=True))
        found = check(client.uid("SEARCH", "SUBJECT", "Rests"))[0].split()
        if found or time.monotonic() > end:
            break
        time.sleep(0.2)
    client.logout()
    equal((len(found), world.taken(world.rests)), (1, 1))
    note("filed %.0f s behind the first try" % (time.monotonic() - world.begun))
    end = time.monotonic() + 20
    while world.fritz.outbox():     # it hears of it behind who looks into the folder
        ok(time.monotonic() < end, why=repr(world.fritz.outbox()))
        time.sleep(0.05)
    world.fritz.close()


@case("and nothing in all of the above was out of order")
def _(world):
    equal(world.smtp.wrong, [])
    with open(world.webcache.log, encoding="utf-8", errors="replace") as log:
        lacks(log.read(), "exception")


@case("a user's limits an hour are said, with the time to wait")
def _(world):
    world.webcache.stop()
    world.webcache.write_config(sends_per_hour=3, recipients_per_hour=5)
    world.webcache.start()
    equal(world.send()["error"], "kThrottled", "anna has sent more than that within the hour, by the daemon before")
    with Writing(world.webcache, world.folder) as eve:
        eve.log_in("eve")
        for _ in range(2):
            equal(eve.send(mail(), ["bob@example.edu"]).get("state") in ("Sent", "Done"), True)
        told = eve.send(mail(), ["u%d@example.edu" % n for n in range(4)])
        equal(told["error"], "kThrottled")
        ok(3500 < told["retry_after"] <= 3600)
        equal(eve.send(mail(), ["u%d@example.edu" % n for n in range(6)])["error"], "kTooLarge")
        name = new_id()
        equal(eve.send(mail(), ["bob@example.edu"], name=name).get("state") in ("Sent", "Done"), True)
        equal(eve.send(mail(), ["bob@example.edu"])["error"], "kThrottled")
        for how in ("kill", "stop"):
            getattr(world.webcache, how)()
            world.webcache.stop()
            world.webcache.start()
            equal(eve.send_again(name, ["bob@example.edu"]).get("state") in ("Sent", "Done"), True, how)
            equal(eve.send(mail(), ["bob@example.edu"])["error"], "kThrottled", how)


main(World)
