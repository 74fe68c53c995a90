#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written meets servers that refuse it: a mailbox that is full (Dovecot with a quota), a submission server
without SMTPUTF8, certificates that are not to be trusted. Each is said in words, nothing is lost, and nothing is sent
twice when the trouble is over."""
import os
import ssl
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import badimap  # noqa: E402
import paths  # noqa: E402
from badproxy import CERTIFICATES  # noqa: E402
from imapd import check, quoted  # noqa: E402
from stack import Stack  # noqa: E402
from strictsmtp import StrictSmtp, Submits  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402

QUOTA = """mail_plugins = quota
protocol imap {
  mail_plugins = $mail_plugins imap_quota
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=600K
  quota_grace = 0
}"""
LONG = "A line of words that fills the mailbox.\n" * 3000  # 120 KB
KINDS = [kind for kind in CERTIFICATES if kind != "good"]


class Refusing(Submits, Stack):
    def __init__(self):
        folder = paths.TestFolder()
        self.certificates = os.path.join(str(folder), "certificates")
        os.mkdir(self.certificates, 0o755)
        self.contexts = {kind: self.context_of(kind) for kind in ["good", *KINDS]}
        self.smtp = StrictSmtp()
        self.smtp.context = self.contexts["good"]
        ca_file = os.path.join(self.certificates, "ca.pem")
        os.chmod(ca_file, 0o644)
        super().__init__(folder, security="imap", imap={"ssl": "no", "extra": QUOTA},
                         cache={"smtp_servers": "example.edu=smtps://localhost:%d" % self.smtp.port,
                                "tls_ca_file": ca_file, "smtp_timeout": "20s"})
        self.own_folder = True

    def context_of(self, kind):
        certificate, key, _ca = badimap.make_certs(self.certificates, kind)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if kind == "weak-key":
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.load_cert_chain(certificate, key)
        return context

    def show(self, kind):
        """The submission server has this certificate from now on."""
        self.smtp.context = self.contexts[kind]
        self.smtp.drop()

    def write(self, do="send", **fields):
        page = self.reader.get("compose")
        return self.reader.submit(page, page.form("body"), button=("do", do), files=[], **{
            "to": "bob@example.edu", "subject": "A letter", "body": "words", **fields})

    def fill(self):
        """Up to less than the long letter under the limit."""
        client = self.dovecot.client("demo")
        client.create("Full")
        answer = ("OK", None)
        while answer[0] == "OK":
            answer = client.append("Full", None, None, b"Subject: filler\r\n\r\n" + b"x" * 78 * 1000)
        client.logout()

    def free(self):
        client = self.dovecot.client("demo")
        check(client.select("Full"))
        check(client.store("1:*", "+FLAGS.SILENT", "\\Deleted"))
        check(client.expunge())
        client.logout()

    def subjects(self, folder):
        client = self.dovecot.client("demo")
        found = []
        if client.select(quoted(folder), readonly=True)[0] == "OK" and check(client.search(None, "ALL"))[0]:
            for line in check(client.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
                if isinstance(line, tuple):
                    found.append(line[1].decode().partition(":")[2].strip())
        client.logout()
        return found

    def outbox(self, subject, words, seconds=60):
        """The outbox once it says this of it, and the form of that message."""
        end = time.monotonic() + seconds
        while True:
            page = self.reader.get("outbox/")
            forms = [f for f in page.forms if "retry" in f.buttons.get("do", [])]
            if subject in page.words and words in page.words and forms:
                return page, forms[0]
            if time.monotonic() > end:
                raise AssertionError("%r of %r: %s" % (words, subject, page.words[:1500]))
            time.sleep(0.2)

    def taken(self, subject):
        return sum(("Subject: %s\r\n" % subject).encode() in message[2] for message in self.smtp.messages)

    def noticed(self, path, seconds=30):
        """This page once it says that one waits for its sender."""
        end = time.monotonic() + seconds
        while "1 message needs your attention" not in (page := self.reader.get(path)).words:
            ok(time.monotonic() < end, why=page.words[:500])
            time.sleep(0.1)
        return page

    def gone(self, seconds=60):
        """Until nothing waits any more, and no page says so."""
        end = time.monotonic() + seconds
        while "Nothing waits" not in self.reader.get("outbox/").words:
            ok(time.monotonic() < end, why=self.reader.get("outbox/").words[:1500])
            time.sleep(0.1)


@case("a full mailbox: what is sent is sent, its copy is not filed, and that is said on every page")
def _(stack):
    stack.fill()
    page = stack.write(subject="Too long to keep", body=LONG)
    page, _form = stack.outbox("Too long to keep", "uota")
    equal(stack.taken("Too long to keep"), 1)
    contains(page.words, "Sent")
    for path in ("mail/INBOX/", "contacts/", "settings/"):
        page = stack.noticed(path)
        contains(page.link("1 message needs your attention"), "/outbox/")
    ok("Too long to keep" not in stack.subjects("Sent"))


@case("once there is room the copy is filed, and the message is not sent again for it")
def _(stack):
    page, form = stack.outbox("Too long to keep", "uota")
    stack.free()    # behind which it is tried by itself, too
    stack.reader.submit(page, form, button=("do", "retry"))
    stack.gone()
    equal(stack.subjects("Sent").count("Too long to keep"), 1)
    equal(stack.taken("Too long to keep"), 1)
    lacks(stack.reader.get("mail/INBOX/").words, "needs your attention")


@case("a full mailbox: a draft that cannot be saved says why, and all that was typed is still there")
def _(stack):
    stack.fill()
    page = stack.write("draft", subject="A long draft", body=LONG)
    contains(page.words, "uota")
    ok(page.status >= 400, why=page.status)
    fields = page.form("body").fields
    equal((fields["subject"], fields["body"].replace("\r", "").strip()), ("A long draft", LONG.strip()))
    ok("A long draft" not in stack.subjects("Drafts"))
    stack.free()
    page = stack.reader.submit(page, page.form("body"), button=("do", "draft"), files=[])
    equal(page.status, 200)
    equal(stack.subjects("Drafts").count("A long draft"), 1)


@case("an address with letters of all scripts goes out by SMTPUTF8, from the form to the wire")
def _(stack):
    stack.smtp.offers.append("SMTPUTF8")
    stack.smtp.drop()
    before = len(stack.smtp.commands)
    contains(stack.write(to="Jürgen <jürgen@example.edu>, 用户@例子.example", subject="Grüße").words, "Sent.")
    stack.gone()
    sender, recipients, data = stack.smtp.messages[-1]
    equal(sorted(recipients), sorted(["jürgen@example.edu", "用户@xn--fsqu00a.example"]))
    contains(b"".join(stack.smtp.commands[before:]), b" SMTPUTF8\r\n")
    contains(data, "jürgen@example.edu".encode())
    equal(sender, "demo@example.edu")


@case("a server without SMTPUTF8: that is said before anything is sent, and the letter can be edited")
def _(stack):
    stack.smtp.offers.remove("SMTPUTF8")
    stack.smtp.drop()
    before = len(stack.smtp.messages)
    stack.write(to="jürgen@example.edu", subject="Not that way")
    page, form = stack.outbox("Not that way", "SMTPUTF8")
    equal(len(stack.smtp.messages), before)
    edit = stack.reader.submit(page, form, button=("do", "edit"))
    contains(edit.form("body").fields["to"], "jürgen@example.edu")
    contains(stack.reader.submit(edit, edit.form("body"), button=("do", "send"), files=[], to="juergen@example.edu").words,
             "Sent.")
    stack.gone()
    equal(stack.taken("Not that way"), 1)


@case("one of three recipients is refused: the Outbox names that one, with the server's words, and nobody has got it yet")
def _(stack):
    stack.smtp.fail("rcpt", "550 5.1.1 no <b>such</b> user", only="eve@example.edu")
    stack.write(to="bob@example.edu, eve@example.edu", cc="zoe@example.edu", subject="To three")
    page, form = stack.outbox("To three", "eve@example.edu: 550 5.1.1 no <b>such</b> user")
    contains(page.words, "The mail server said: 550 5.1.1")
    for other in ("bob", "zoe"):
        lacks(page.words, other + "@example.edu: 550")
    equal(stack.taken("To three"), 0)
    edit = stack.reader.submit(page, form, button=("do", "edit"))
    equal((edit.form("body").fields["to"], edit.form("body").fields["cc"]), ("bob@example.edu, eve@example.edu", "zoe@example.edu"))
    contains(stack.reader.submit(edit, edit.form("body"), button=("do", "send"), files=[], to="bob@example.edu").words, "Sent.")
    stack.smtp.heal()
    stack.gone()
    (_, recipients, _), = [m for m in stack.smtp.messages if b"Subject: To three\r\n" in m[2]]
    equal(sorted(recipients), ["bob@example.edu", "zoe@example.edu"])


for kind in KINDS:
    @case("a submission server's certificate that is not to be trusted (%s): no password and no letter for it" % kind)
    def _(stack, kind=kind):
        stack.show(kind)
        said, taken = len(stack.smtp.commands), len(stack.smtp.messages)
        stack.write(subject="By " + kind)
        page, form = stack.outbox("By " + kind, "Not sent.")
        contains(page.words.lower(), "certificate")
        equal((len(stack.smtp.commands), len(stack.smtp.messages)), (said, taken))
        stack.noticed("mail/INBOX/")
        stack.show("good")
        stack.reader.submit(page, form, button=("do", "retry"))
        stack.gone()
        equal(stack.taken("By " + kind), 1)


@case("and nothing that was said to the server was out of order")
def _(stack):
    equal(stack.smtp.wrong, [])


main(Refusing)
