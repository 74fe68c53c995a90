#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identities with their signatures, and the address book: by hand, from messages, from files and back, for
completion and to pick from without script. What a user may not have is refused with a reason. The submission server is
t/lib/strictsmtp.py."""
import email
import email.policy
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import message  # noqa: E402
from stack import Stack  # noqa: E402
from strictsmtp import StrictSmtp, Submits  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402


class People(Submits, Stack):
    def __init__(self):
        self.smtp = StrictSmtp()
        super().__init__(users=("demo", "demo2", "demo3"), security="imap", imap={"ssl": "no"}, cache={
            "smtp_servers": "example.edu=plain://127.0.0.1:%d" % self.smtp.port})

    def _start(self):
        self.listed = os.path.join(str(self.folder), "identities")
        self.allow("physics@example.edu")
        self.settings[1].update(identities="list", identity_file=self.listed, campus_domains="example.edu", ask_recipients="2")
        super()._start()

    def rule(self, identities):
        """The site's rule on addresses, from now on."""
        self.httpd.stop()
        self.webcache.stop()
        self.webcache.write_config(identities=identities)
        self.webcache.start()
        self.httpd.start()

    def write_as(self, address, **more):
        """Fills the form of one more identity: the page behind it."""
        page = self.reader.get("settings/identities/")
        empty = [f for f in page.forms if "signatures" in f.fields and not f.fields["address"]][0]
        return self.reader.submit(page, empty, button=("do", "save"), address=address, **more)

    def opened(self, subject):
        """The page of a message in INBOX that has just come."""
        inbox = self.reader.get("mail/INBOX/")
        inbox = self.reader.submit(inbox, inbox.form("v"), button=("do", "check"))
        return self.reader.click(inbox, subject)

    def sent(self, subject):
        """(sender, recipients, message) of what the server has taken."""
        (sender, recipients, data), = [m for m in self.smtp.messages if ("Subject: %s\r\n" % subject).encode() in m[2]]
        return sender, recipients, email.message_from_bytes(data, policy=email.policy.default)

    def allow(self, address):
        """The one address that demo may write from, beside their own; from now on."""
        with open(self.listed, "w", encoding="ascii") as file:
            file.write("demo@example.edu: %s\n" % address)
        os.chmod(self.listed, 0o644)
        if self.httpd is not None:
            self.httpd.stop()
            self.httpd.start()

    def contact(self, **fields):
        page = self.reader.get("contacts/?new=1")
        return self.reader.submit(page, page.form("addresses"), button=("do", "save"), **fields)

    def bring_in(self, content, name="c.vcf"):
        page = self.reader.get("contacts/")
        form = [f for f in page.forms if "import" in f.buttons.get("do", [])][0]
        return self.reader.submit(page, form, button=("do", "import"), files=[("file", name, "text/vcard", content)])

    def completed(self, text):
        page = self.reader.get("contacts/complete?q=" + text)
        equal(page.headers["content-type"].split(";")[0], "application/json")
        return json.loads(page.text)


@case("identities: the first is written from, an answer comes from the one written to, each with its signature")
def _(stack):
    page = stack.reader.get("settings/identities/")
    page = stack.reader.submit(page, page.form("signatures"), button=("do", "save"),
                               name="Demo Person", signatures="Demo\nInstitute")
    contains(page.words, "Saved.")
    page = stack.write_as("physics@example.edu", name="Physics office", reply_to="office@example.edu", signatures="one\n%\ntwo")
    contains(page.words, "Physics office <physics@example.edu>")
    new = stack.reader.get("compose")
    ok(new.form("body").fields["body"].endswith("\n-- \nDemo\nInstitute\n"))
    stack.dovecot.deliver("demo", "INBOX", [message(subject="To the office", to="physics@example.edu")])
    answer = stack.reader.click(stack.opened("To the office"), "Reply")
    chosen = [a["value"] for tag, a in answer.parsed.elements if tag == "option" and "selected" in a]
    office = [f.fields["id"] for f in page.forms if f.fields.get("address") == "physics@example.edu"]
    equal(chosen, office)
    ok(answer.form("body").fields["body"].endswith(("\n-- \none\n", "\n-- \ntwo\n")))


def office_of(stack):
    """The form of the office's identity."""
    page = stack.reader.get("settings/identities/")
    return [f for f in page.forms if f.fields.get("address") == "physics@example.edu"][0]


@case("what goes out has the identity's name and address, where answers go, its own blind copy, and one of its signatures")
def _(stack):
    stack.reader.submit(stack.reader.get("settings/identities/"), office_of(stack), button=("do", "save"), bcc_self="1")
    answer = stack.reader.click(stack.opened("To the office"), "Reply")
    done = stack.reader.submit(answer, answer.form("body"), button=("do", "send"), files=[], to="demo2@example.edu", subject="From the office")
    contains(done.words, "Sent.")
    sender, recipients, got = stack.sent("From the office")
    equal((sender, sorted(recipients)), ("physics@example.edu", ["demo2@example.edu", "physics@example.edu"]))
    equal((got["From"], got["Reply-To"], got["Bcc"]),
          ("Physics office <physics@example.edu>", "office@example.edu", None))
    drawn = set()
    message_page = stack.opened("To the office")
    for _ in range(60):
        text = stack.reader.click(message_page, "Reply").form("body").fields["body"]
        drawn.add(text.rpartition("\n-- \n")[2].strip())
        if len(drawn) > 1:
            break
    equal(drawn, {"one", "two"})


@case("an answer to all goes to none of one's own addresses, and to where the sender wants answers")
def _(stack):
    stack.dovecot.deliver("demo", "INBOX", [
        b"From: Ann <ann@example.org>\r\nReply-To: Desk <desk@example.org>\r\n"
        b"To: PHYSICS@example.edu, demo2@example.edu\r\nCc: Demo <demo@Example.edu>, third@example.org\r\n"
        b"Subject: Many addresses\r\nMessage-ID: <many@example.org>\r\nDate: Thu, 19 Nov 2026 16:42:00 +0100\r\n\r\nwords\r\n"])
    page = stack.opened("Many addresses")
    fields = stack.reader.click(page, "Reply all").form("body").fields
    equal((fields["to"], fields["cc"]), ("Desk <desk@example.org>", "demo2@example.edu, third@example.org"))
    fields = stack.reader.click(page, "Reply").form("body").fields
    equal((fields["to"], fields["cc"]), ("Desk <desk@example.org>", ""))
    stack.dovecot.deliver("demo", "INBOX", [message(subject="My own words", sender="physics@example.edu", to="ann@example.org")])
    fields = stack.reader.click(stack.opened("My own words"), "Reply").form("body").fields
    equal((fields["to"], fields["from"]), ("ann@example.org", office_of(stack).fields["id"]))


@case("the site's rule: one's own address only, or any")
def _(stack):
    stack.rule("own")
    page = stack.write_as("dean@example.edu")
    equal(page.status, 422)
    contains(page.words, "may not write from dean@example.edu")
    answer = stack.reader.click(stack.opened("To the office"), "Reply")
    refused = stack.reader.submit(answer, answer.form("body"), button=("do", "send"), files=[], to="demo2@example.edu",
                                  subject="By the rule", **{"from": office_of(stack).fields["id"]})
    equal(refused.status, 422)
    contains(refused.words, "may not write from physics@example.edu")
    stack.rule("any")
    page = stack.write_as("dean@physics.example.org", name="The Dean")
    contains(page.words, "The Dean <dean@physics.example.org>")
    dean = [f for f in page.forms if f.fields.get("address") == "dean@physics.example.org"][0]
    new = stack.reader.get("compose")
    contains(stack.reader.submit(new, new.form("body"), button=("do", "send"), files=[], to="demo2@example.edu", subject="By any name",
                                 body="words", **{"from": dean.fields["id"]}).words, "Sent.")
    sender, _, got = stack.sent("By any name")
    equal((sender, got["From"]), ("dean@physics.example.org", "The Dean <dean@physics.example.org>"))
    stack.reader.submit(page, dean, button=("do", "delete"))
    stack.rule("list")


@case("an identity that the site does not allow, or that is no address, is refused with what was typed still there")
def _(stack):
    for address, words in (("rector@example.edu", "may not write from rector@example.edu"), ("no address", "is no address")):
        page = stack.write_as(address, name="X", signatures="kept")
        equal(page.status, 422)
        contains(page.words, words)
        ok(any(f.fields.get("address") == address and f.fields["signatures"] == "kept" for f in page.forms))


@case("an identity that the site allows no more, or that is another user's: said, nothing goes from it, all typed is kept")
def _(stack):
    def written_from(which):
        page = stack.reader.get("compose")
        page = stack.reader.submit(page, page.form("body"), button=("do", "send"), files=[], **{"from": which},
                                   to="demo2@example.edu", subject="Whose name", body="kept\n\n> words")
        fields = page.form("body").fields
        equal((page.status, fields["to"], fields["subject"], fields["body"]),
              (422, "demo2@example.edu", "Whose name", "kept\n\n> words"))
        return page.words

    def identity_of(browser, address):
        page = browser.get("settings/identities/")
        return [f.fields["id"] for f in page.forms if f.fields.get("address") == address][0]

    other = stack.browser()
    other.log_in("demo2")
    page = other.get("settings/identities/")
    other.submit(page, page.form("signatures"), button=("do", "save"), name="Somebody else", signatures="")
    contains(written_from(identity_of(other, "demo2@example.edu")), "This would be sent from demo@example.edu")
    office = identity_of(stack.reader, "physics@example.edu")
    stack.allow("chemistry@example.edu")
    contains(written_from(office), "You may not write from physics@example.edu")
    stack.allow("physics@example.edu")


@case("an identity can be removed")
def _(stack):
    page = stack.reader.get("settings/identities/")
    office = [f for f in page.forms if f.fields.get("address") == "physics@example.edu"][0]
    page = stack.reader.submit(page, office, button=("do", "delete"))
    lacks(page.words, "Physics office")


@case("a contact is added by hand, changed, found, and removed")
def _(stack):
    contains(stack.contact(name="Mina Okafor", addresses="mina@example.org\nm.okafor@x.example", organisation="Physics").words, "Saved.")
    page = stack.reader.get("contacts/?q=OKAF")
    contains(page.words, "Mina Okafor")
    page = stack.reader.click(page, "Mina Okafor")
    equal(page.form("addresses").fields["addresses"], "mina@example.org\nm.okafor@x.example")
    stack.reader.submit(page, page.form("addresses"), button=("do", "save"), name="Mina O.")
    contains(stack.reader.get("contacts/").words, "Mina O.")
    lacks(stack.reader.get("contacts/?q=nobody").words, "Mina")
    bad = stack.contact(name="Bad", addresses="fine@x.example\nnot one")
    equal(bad.status, 422)
    contains(bad.words, "“not one” is no address")
    equal(bad.form("addresses").fields["addresses"], "fine@x.example\nnot one")


@case("a contact is taken from a message")
def _(stack):
    stack.dovecot.deliver("demo", "INBOX", [message(subject="From a friend", sender="A Friend <friend@x.example>")])
    page = stack.reader.click(stack.opened("From a friend"), "Add to contacts")
    fields = page.form("addresses").fields
    equal((fields["name"], fields["addresses"]), ("A Friend", "friend@x.example"))


@case("names are completed, escaped, for the user alone")
def _(stack):
    stack.contact(name="</script><b>", addresses="evil@x.example")
    equal(stack.completed("mina"), ["Mina O. <mina@example.org>", "Mina O. <m.okafor@x.example>"])
    equal(stack.completed("evil"), ['"</script><b>" <evil@x.example>'])
    lacks(stack.reader.get("contacts/complete?q=evil").text, "</")
    equal(stack.completed("%25"), [])
    other = stack.browser()
    other.log_in("demo2")
    equal(other.get("contacts/complete?q=mina").text, "[]")
    equal(stack.browser().get("contacts/complete?q=mina", follow=False).status, 303)


@case("addresses are picked without script, and all that was typed comes back")
def _(stack):
    page = stack.reader.get("compose")
    page = stack.reader.submit(page, page.form("body"), button=("do", "choose"), files=[], to="first@x.example", body="words\n kept")
    form = page.form("kept")
    contains(page.words, "Mina O. <mina@example.org>")
    page = stack.reader.submit(page, form, button=("do", "chosen"), addto="Mina O. <mina@example.org>", addcc="A <a@x.example>")
    fields = page.form("body").fields
    equal((fields["to"], fields["cc"], fields["body"]),
          ("first@x.example, Mina O. <mina@example.org>", "A <a@x.example>", "words\n kept"))


def without_ids(text):
    """A book, without what each has of its own."""
    return sorted(line for line in text.split("\r\n") if not line.startswith(("UID", "REV")))


@case("the book goes out as vCard and CSV and comes in again, nobody twice")
def _(stack):
    cards = stack.reader.get("contacts/export?as=vcf")
    contains(cards.headers["content-disposition"], "contacts.vcf")
    contains(cards.text, "EMAIL:mina@example.org")
    csv = stack.reader.get("contacts/export?as=csv")
    contains(csv.text, '"Mina O."')
    contains(stack.bring_in(cards.raw).words, "0 contacts brought in")
    contains(stack.bring_in(b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:New One\r\nEMAIL:new@x.example\r\nEND:VCARD\r\n").words, "1 contact brought in")
    contains(stack.bring_in(b"Name,E-mail\r\nFrom CSV,csv@x.example\r\n", "c.csv").words, "1 contact brought in")
    stack.contact(name="Zoë; \"Quoted\", Jr.", addresses="zoe@x.example\nz@y.example", organisation="Chemie, Physik; und mehr")
    # Each form of it brings all of it into another book.
    for kind, user in (("vcf", "demo2"), ("csv", "demo3")):
        book = stack.reader.get("contacts/export?as=" + kind)
        other = stack.browser()
        other.log_in(user)
        page = other.get("contacts/")
        form = [f for f in page.forms if "import" in f.buttons.get("do", [])][0]
        page = other.submit(page, form, button=("do", "import"), files=[("file", "book." + kind, "text/plain", book.raw)])
        contains(page.words, "brought in")
        for again in ("vcf", "csv"):
            equal(without_ids(other.get("contacts/export?as=" + again).text),
                  without_ids(stack.reader.get("contacts/export?as=" + again).text), "%s behind %s" % (again, kind))
    for bad in (b"", b"\x00\xff" * 50, b"BEGIN:VCARD", b"no contacts"):
        equal(stack.bring_in(bad).status, 422, repr(bad[:10]))


@case("ticked contacts are written to, and deleted")
def _(stack):
    page = stack.reader.get("contacts/?q=csv")
    form = [f for f in page.forms if "delete" in f.buttons.get("do", [])][0]
    ticked = form.options["c"]
    written = stack.reader.submit(page, form, button=("do", "write"), c=ticked)
    equal(written.form("body").fields["to"], "From CSV <csv@x.example>")
    stack.reader.submit(page, form, button=("do", "delete"), c=ticked)
    lacks(stack.reader.get("contacts/").words, "From CSV")


@case("before an answer goes to many, or a letter to people outside of here, a page asks; each can be switched off")
def _(stack):
    stack.dovecot.deliver("demo", "INBOX", [message(subject="To all of us", to="demo@example.edu, a@example.edu, b@cs.example.edu")])
    form = stack.reader.click(stack.opened("To all of us"), "Reply all")
    asked = stack.reader.submit(form, form.form("body"), button=("do", "send"), files=[])
    contains(asked.words, "This answer goes to 3 addresses.")
    contains(asked.words, "1 recipient is outside of here: anna@example.org")
    lacks(asked.words, "b@cs.example.edu", "what is below the campus is of it")
    back = stack.reader.submit(asked, asked.form("kept"), button=("do", "edit"))
    contains(back.form("body").fields["cc"], "b@cs.example.edu")
    settings = stack.reader.get("settings/")
    stack.reader.submit(settings, settings.form("ask_many"), ask_many=None, ask_domain=None)
    page = stack.reader.submit(form, form.form("body"), button=("do", "send"), files=[])
    lacks(page.words, "This answer goes to")
    lacks(page.words, "outside of here")


@case("and nothing that was said to the server was out of order")
def _(stack):
    equal(stack.smtp.wrong, [])


main(People)
