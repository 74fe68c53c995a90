#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the script adds to writing, in Chromium, with the clock of the page in the test's hands: the text is kept each
minute, and the draft replaced every ten."""
import base64
import email
import email.policy
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import chromium  # noqa: E402
from composing import Composing  # noqa: E402
from imapd import check, quoted  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok, skip_all  # noqa: E402

if chromium.missing():
    skip_all(chromium.missing())


class Scripted(Stack):
    def _start(self):
        super()._start()
        self.reader = self.browser()
        self.reader.log_in()
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

    def kept(self):
        """What a new message offers to go on with."""
        page = self.reader.get("compose")
        return [self.reader.get(href).form("body").fields["body"] for href, _ in page.links if "resume=" in href]

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
    window("pass", seconds=55)
    equal(stack.kept(), [])
    window("pass", seconds=6)
    equal(stack.kept(), ["first words"])
    first = window.values["text"]
    window("pass", seconds=120)
    equal(window.values["text"], first, "nothing typed, nothing sent")
    window("type", field="body", text=" and more")
    window("pass", seconds=61)
    equal(stack.kept(), ["first words and more"])
    equal(stack.drafts("Each minute"), [])
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


main(lambda: Scripted(cache={"upload_limit_mb": "2"}))
