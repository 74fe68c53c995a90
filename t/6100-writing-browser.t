#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the script adds to writing, in Chromium, with the clock of the page in the test's hands: the text is kept each
minute and when another tab is looked at, the draft replaced every ten and on leaving, a warning comes before what is
unsaved is left, an upload shows how far it is, names are completed. The submission server is t/lib/strictsmtp.py."""
import base64
import email
import email.policy
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import chromium  # noqa: E402
from composing import Composing  # noqa: E402
from imapd import check, quoted  # noqa: E402
from stack import Stack  # noqa: E402
from strictsmtp import StrictSmtp, Submits  # noqa: E402
from tap import case, contains, equal, lacks, main, ok, skip_all  # noqa: E402

if chromium.missing():
    skip_all(chromium.missing())


class Scripted(Submits, Stack):
    def __init__(self):
        self.smtp = StrictSmtp()
        super().__init__(security="imap", imap={"ssl": "no"}, cache={
            "upload_limit_mb": "1", "spool_limit_mb": "1", "smtp_servers": "example.edu=plain://127.0.0.1:%d" % self.smtp.port})

    def _start(self):
        super()._start()
        self.composing = Composing(self).__enter__()

    def close(self):
        if hasattr(self, "composing"):
            self.composing.__exit__()
        super().close()

    def write(self, path="compose"):
        return self.composing.open(path, self.reader)

    def drafts(self, subject):
        """The texts of all drafts with that subject."""
        client = self.dovecot.client("demo")
        found = []
        if client.select(quoted("Drafts"), readonly=True)[0] == "OK" and check(client.search(None, "ALL"))[0]:
            for line in check(client.uid("FETCH", "1:*", "(BODY.PEEK[])")):
                if isinstance(line, tuple):
                    one = email.message_from_bytes(line[1], policy=email.policy.default)
                    if one["Subject"] == subject:
                        found.append(one.get_body(("plain",)).get_content().strip())
        client.logout()
        return found

    def until_drafts(self, subject, texts, seconds=20):
        """What a page that was left has sent comes behind it."""
        end = time.monotonic() + seconds
        while self.drafts(subject) != texts and time.monotonic() < end:
            time.sleep(0.05)
        equal(self.drafts(subject), texts)

    def kept(self):
        """What a new message offers to go on with."""
        page = self.reader.get("compose")
        return [self.reader.get(href).form("body").fields["body"] for href, _ in page.links if "resume=" in href]

    def throw_away(self, window):
        window("press", name="Discard")
        window("press", name="Throw away")
        contains(window.told["words"], "thrown away")

    def forget(self):
        """Leaves no kept texts to the next case."""
        for href, _ in self.reader.get("compose").links:
            if "resume=" in href:
                page = self.reader.get(href)
                asked = self.reader.submit(page, page.form("body"), button=("do", "discard"), files=[])
                self.reader.submit(asked, asked.form("kept"), button=("do", "discard"))


@case("the text is kept a minute after it was typed, not before, and each minute that it changes")
def _(stack):
    window = stack.write()
    window("type", field="subject", text="Each minute")
    window("type", field="body", text="first words")
    window("pass", seconds=20)    # its clock runs on beside that
    equal(stack.kept(), [])
    window("pass", seconds=41)
    equal(stack.kept(), ["first words"])
    first = window.values["text"]
    window("pass", seconds=120)
    equal(window.values["text"], first, "nothing typed, nothing sent")
    window("type", field="body", text=" and more")
    window("pass", seconds=61)
    equal(stack.kept(), ["first words and more"])
    equal(stack.drafts("Each minute"), [])
    stack.forget()


@case("whoever turns to another tab finds the text kept at once; turning back, or with nothing new, keeps nothing")
def _(stack):
    window = stack.write()
    window("turn", hidden=True)
    window("turn", hidden=False)
    equal((stack.kept(), "text" in window.values), ([], False))
    window("type", field="subject", text="Elsewhere")
    window("type", field="body", text="typed and left")
    window("turn", hidden=True)
    equal(stack.kept(), ["typed and left"])
    first = window.values["text"]
    window("turn", hidden=False)
    window("turn", hidden=True)
    equal(window.values["text"], first, "nothing typed, nothing sent")
    window("turn", hidden=False)
    window("type", field="body", text=", and more")
    equal(stack.kept(), ["typed and left"])
    window("turn", hidden=True)
    equal(stack.kept(), ["typed and left, and more"])
    equal(stack.drafts("Elsewhere"), [])
    stack.forget()


@case("the draft is replaced every ten minutes, and whoever types does not notice")
def _(stack):
    window = stack.write()
    window("type", field="subject", text="Every ten")
    window("files", files=[{"name": "a.txt", "bytes": base64.b64encode(b"attached").decode()}])
    window("press", name="Attach")
    window("type", field="body", text="one")
    window("pass", seconds=500)
    equal(stack.drafts("Every ten"), [])
    window("pass", seconds=130)
    equal(stack.drafts("Every ten"), ["one"])
    told = window.told
    equal((told["focus"], told["values"]["body"]), ("body", "one"))
    contains(told["status"], "Draft saved at")
    ok(told["values"]["draft"] and not told["values"].get("text"), why=repr(told["values"]))
    window("type", field="body", text=" two")
    window("pass", seconds=640)
    equal(stack.drafts("Every ten"), ["one two"], "it takes the place of the one before")
    window("pass", seconds=1300)
    window("type", field="body", text=" three")
    window("press", name="Save draft")
    equal(stack.drafts("Every ten"), ["one two three"])
    lacks(window.told["words"], "another window")
    contains(window.told["words"], "a.txt")
    equal(stack.kept(), [])


def files(*contents):
    return [{"name": name, "bytes": base64.b64encode(data).decode()} for name, data in contents]


@case("what was typed in the last second is a draft once the page is left, by a link, the address line or the tab's cross")
def _(stack):
    leaving = {"go": lambda window: window("go", url=stack.composing.address("outbox/"))["warned"],
               "close": lambda window: window("close")["warned"]}
    for how, leave in leaving.items():
        window = stack.write()
        window("type", field="subject", text="Left by " + how)
        window("type", field="body", text="typed just now")
        equal(leave(window), 1)
        stack.until_drafts("Left by " + how, ["typed just now"])
    window = stack.write("compose?to=nobody&subject=Left+uncorrected")
    window("press", name="Send")
    contains(window.told["words"], "has no @")
    equal(window("close")["warned"], 1)
    stack.until_drafts("Left uncorrected", [""])
    window = stack.write()
    window("type", field="subject", text="Left by a link")
    window("type", field="body", text="one")
    window("press", name="Save draft")
    window("type", field="body", text=" and two")
    window("press", name="Inbox")
    stack.until_drafts("Left by a link", ["one and two"])
    equal(stack.kept(), [])


@case("no warning and no draft of what is saved, sent or was never typed")
def _(stack):
    window = stack.write()
    equal(window("go", url=stack.composing.address("compose?subject=Untouched"))["warned"], 0)
    equal(window("go", url=stack.composing.address("compose"))["warned"], 0)
    window("type", field="subject", text="Saved")
    window("press", name="Save draft")
    equal(window("go", url=stack.composing.address("compose"))["warned"], 0)
    window("type", field="subject", text="Kept for a minute")
    window("pass", seconds=61)
    equal(window("go", url=stack.composing.address("compose"))["warned"], 0)
    stack.until_drafts("Kept for a minute", [""])
    window("type", field="to", text="bob@example.edu")
    window("type", field="subject", text="Sent and gone")
    window("type", field="body", text="words")
    window("press", name="Send")
    contains(window.told["words"], "Sent.")
    equal(window("close")["warned"], 0)
    time.sleep(0.3)
    equal((stack.drafts("Untouched"), stack.drafts("Saved"), stack.drafts("Sent and gone")), ([], [""], []))
    equal(stack.kept(), [])


@case("a text too long to outlive its page goes while the warning is read")
def _(stack):
    text = "words of a long letter " * 4000
    window = stack.write()
    window("fill", field="body", text=text)
    window("hesitate", url=stack.composing.address("outbox/"))
    end = time.monotonic() + 20
    while text.split() not in [one.split() for one in stack.kept() + stack.drafts("")]:
        ok(time.monotonic() < end, why="the text is lost")
        time.sleep(0.1)
    equal(window("leave")["warned"], 1)
    contains([one.split() for one in stack.kept() + stack.drafts("")], text.split())
    stack.forget()


@case("a mail server that takes no draft from whoever leaves: the text is in the spool, and offered")
def _(stack):
    window = stack.write()
    window("type", field="subject", text="Server away")
    window("type", field="body", text="still here")
    stack.dovecot.stop()
    try:
        equal(window("close")["warned"], 1)
        end = time.monotonic() + 30
        while not stack.kept() and time.monotonic() < end:
            time.sleep(0.1)
    finally:
        stack.dovecot.start()
    equal(stack.kept(), ["still here"])
    stack.forget()


@case("an upload tells how far it is, in words too, and what is typed meanwhile stays")
def _(stack):
    window = stack.write()
    window("type", field="subject", text="Progress")
    window("files", files=files(("half.bin", bytes(250_000))))
    window("line", bytes=100_000)
    window("watch")
    window("begin", name="Attach")
    window("type", field="body", text="typed meanwhile")
    window("settle")
    window("line", bytes=0)
    told = window.told
    seen = told["progress"]
    values = [one["value"] for one in seen]
    ok(len(set(values)) > 3 and values == sorted(values), why=repr(values))
    for one in seen:
        ok(one["max"] > 250_000, why=repr(one))
        equal((one["name"], one["status"]), ("Attachments", "Files are being sent."))
    equal([one["share"] for one in seen if one["value"]][-1], "100%")
    contains(told["words"], "half.bin")
    equal((told["values"]["body"], told["values"]["subject"], told["focus"]), ("typed meanwhile", "Progress", "body"))
    window("pass", seconds=61)
    equal(stack.kept(), ["typed meanwhile"])
    window("press", name="Save draft")
    equal(stack.drafts("Progress"), ["typed meanwhile"])
    stack.throw_away(window)


@case("an upload that is refused, or that does not arrive, keeps the form")
def _(stack):
    window = stack.write()
    window("type", field="subject", text="Refused")
    window("type", field="body", text="kept")
    window("files", files=files(("film.mp4", bytes(1_100_000))))
    contains(window.told["invalid"][0], "film.mp4: 1100000 > 1000000")
    window("begin", name="Attach")
    window("settle")
    equal((window.told["values"]["body"], "progress" in window.told["words"]), ("kept", False))
    others = [stack.write(), stack.write()]
    for other in others:    # and a third one is more than the spool keeps for one user
        other("files", files=files(("first.bin", bytes(950_000))))
        other("press", name="Attach")
    window("files", files=files(("second.bin", bytes(950_000))))
    window("press", name="Attach")
    told = window.told
    contains(told["words"], "second.bin (950,000 bytes) was not attached: what you have begun to write")
    equal((told["values"]["body"], told["values"]["subject"]), ("kept", "Refused"))
    window("files", files=files(("third.bin", b"x")))
    stack.httpd.stop()
    try:
        window("press", name="Attach")
        told = window.told
        equal((told["status"], told["values"]["body"], told["values"]["subject"]),
              ("The files did not arrive. Try again.", "kept", "Refused"))
    finally:
        stack.httpd.start()
    for other in others:
        stack.throw_away(other)
    window("press", name="Attach")
    contains(window.told["words"], "third.bin")
    equal(window.values["body"], "kept")
    stack.throw_away(window)


@case("two windows with the same draft, and with the same kept text: the second is told, and both texts are there")
def _(stack):
    first = stack.write("compose?subject=Both")
    first("type", field="body", text="begun")
    first("press", name="Save draft")
    draft = first.values["draft"]
    folder, _, uid, _ = draft.split(":")
    second = stack.write("compose?draft=%s/%s" % (folder, uid))
    equal(second.values["body"].strip(), "begun")
    first("type", field="body", text=" first")
    second("type", field="body", text=" second")
    first("pass", seconds=640)
    contains(first.told["status"], "Draft saved at")
    second("pass", seconds=640)
    contains(second.told["status"], "changed or removed in another window")
    equal(sorted(stack.drafts("Both")), ["begun first", "begun second"])
    second("type", field="body", text=" again")
    second("pass", seconds=640)
    contains(second.told["status"], "Draft saved at")
    equal(sorted(stack.drafts("Both")), ["begun first", "begun second again"])

    first = stack.write()
    first("type", field="body", text="kept")
    first("pass", seconds=61)
    resume = "compose?resume=" + first.values["text"].split()[0]
    second = stack.write(resume)
    first("type", field="body", text=" first")
    second("type", field="body", text=" second")
    first("pass", seconds=61)
    second("pass", seconds=61)
    contains(second.told["status"], "both texts are kept")
    second("pass", seconds=61)
    equal(sorted(one.strip() for one in stack.kept()), ["kept first", "kept second"])
    stack.forget()


@case("a session that ends under somebody's hands: that is said, and behind the log-in the text is there and is sent")
def _(stack):
    window = stack.write()
    window("type", field="to", text="bob@example.edu")
    window("type", field="subject", text="Survives")
    window("files", files=files(("still.txt", b"still here")))
    window("press", name="Attach")
    window("cookies", cookie="")
    window("type", field="body", text="typed behind the end")
    window("pass", seconds=61)
    contains(window.told["status"], "Your session has ended.")
    window("pass", seconds=640)
    equal((window.told["status"][:23], window.values["body"]), ("Your session has ended.", "typed behind the end"))
    window("press", name="Send")
    contains(window.told["words"], "what you wrote comes back")
    window("type", field="user", text="demo")
    window("type", field="pass", text="demo")
    window("press", name="Log in")
    told = window.told
    equal((told["values"]["to"], told["values"]["subject"], told["values"]["body"]),
          ("bob@example.edu", "Survives", "typed behind the end"))
    window("press", name="Send")
    contains(window.told["words"], "Sent.")
    (_, _, data), = [m for m in stack.smtp.messages if b"Subject: Survives\r\n" in m[2]]
    parts = list(email.message_from_bytes(data, policy=email.policy.default).iter_attachments())
    equal([part.get_payload(decode=True) for part in parts], [b"still here"])


@case("a session that ends during an upload: the log-in page comes, and behind it the text")
def _(stack):
    window = stack.write()
    window("type", field="subject", text="Upload without a session")
    window("type", field="body", text="words beside it")
    window("files", files=files(("lost.txt", b"x")))
    window("cookies", cookie="")
    window("press", name="Attach")
    contains(window.told["words"], "what you wrote comes back")
    window("type", field="user", text="demo")
    window("type", field="pass", text="demo")
    window("press", name="Log in")
    equal((window.values["subject"], window.values["body"]), ("Upload without a session", "words beside it"))
    window("press", name="Save draft")
    equal(stack.drafts("Upload without a session"), ["words beside it"])


@case("names are completed by keyboard, as a combobox of ARIA 1.2 says; nothing is taken unless it is chosen")
def _(stack):
    for name in ("Mina Okafor", "Mina Lund", "Miro Novak"):
        page = stack.reader.get("contacts/?new=1")
        stack.reader.submit(page, page.form("addresses"), name=name, addresses=name.split()[1].lower() + "@example.edu", button=("do", "save"))
    window = stack.write()
    told = window("offer", field="to", text="mi")
    equal((told["role"], told["expanded"], len(told["offers"]), told["active"]), ("combobox", "true", 3, ""))
    equal(window("axe")["violations"], [])
    offers = told["offers"]
    told = window("keys", field="to", keys=["ArrowDown"])
    equal((told["active"], told["chosen"], told["value"], told["focus"]), (offers[0], offers[:1], "mi", "to"))
    equal(window("axe")["violations"], [])
    told = window("keys", field="to", keys=["ArrowUp"])
    equal((told["active"], told["chosen"]), (offers[2], offers[2:]))
    told = window("keys", field="to", keys=["Escape"])
    equal((told["expanded"], told["offers"], told["active"], told["value"], told["focus"]), ("false", [], "", "mi", "to"))
    told = window("offer", field="to", text="na l")
    equal(told["offers"], ["Mina Lund <lund@example.edu>"])
    told = window("keys", field="to", keys=["ArrowDown", "Enter"])
    equal((told["expanded"], told["value"], told["focus"]), ("false", "Mina Lund <lund@example.edu>, ", "to"))
    told = window("offer", field="to", text="miro")
    told = window("keys", field="to", keys=["Tab"])
    equal((told["expanded"], told["value"]), ("false", "Mina Lund <lund@example.edu>, miro"))
    window("offer", field="to", text=" n")
    told = window("keys", field="to", keys=["ArrowDown", "Enter"])
    equal(told["value"].count("@example.edu>"), 2)
    window("type", field="subject", text="Completed")
    window("type", field="body", text="words")
    window("press", name="Send")
    contains(window.told["words"], "Sent.")
    (_, recipients, _), = [m for m in stack.smtp.messages if b"Subject: Completed\r\n" in m[2]]
    equal(sorted(recipients), ["lund@example.edu", "novak@example.edu"])


@case("and nothing that was said to the server was out of order")
def _(stack):
    equal(stack.smtp.wrong, [])


main(Scripted)
