#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels by forms alone: set and removed on ticked rows and on the open message, shown on both with their names and
a link to all that have them; made, renamed, recoloured and removed on a page of their own. What other mail programs
have set is shown, what they use among themselves is not; names of strangers are text."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import mail_pages  # noqa: E402
from imapd import check, message  # noqa: E402
from mail_pages import marks, status_of, the_list  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402

CHIP = re.compile(r'<a class="tag chip (\w+)" href="([^"]*)"><span class="vh">([^<]*)</span><bdi>(.*?)</bdi></a>')


class Labels(Stack):
    def _start(self):
        super()._start()
        self.reader = self.browser()
        self.reader.log_in()

    def fill(self, *subjects):
        """INBOX anew. Gives its page."""
        client = self.dovecot.client("demo")
        check(client.select("INBOX"))
        if client.uid("SEARCH", "ALL")[1][0]:
            check(client.store("1:*", "+FLAGS.SILENT", "\\Deleted"))
            check(client.expunge())
        client.logout()
        self.dovecot.deliver("demo", "INBOX", [message(subject=s) for s in subjects])
        return self.check()

    def check(self):
        page = self.reader.get("mail/INBOX/")
        return self.reader.submit(page, the_list(page), button=("do", "check"))

    def flag(self, page, subject, change, flags):
        self.dovecot.flag("demo", "INBOX", [int(marks(page)[subject].split("-")[0])], change, flags)
        return self.check()

    def keywords(self):
        """All that messages of INBOX have, as the server says."""
        return set().union(*self.dovecot.flags("demo", "INBOX").values()) - {"\\Seen", "\\Recent"}

    def labels_page(self):
        return self.reader.get("settings/labels/")

    def save(self, page, keyword, **fields):
        form = next(f for f in page.parsed.forms if f.fields.get("keyword") == keyword)
        return self.reader.submit(page, form, button=("do", "save"), **fields)


def chips(page):
    """(colour, name) of each, in the order of the page."""
    return [(colour, name) for colour, _, _, name in CHIP.findall(page.text)]


def do(stack, page, what, subjects, **more):
    known = marks(page)
    return stack.reader.submit(page, the_list(page), button=("do", what), m=[known[s] for s in subjects], **more)


@case("ticked messages get a label, which the list shows by name, and lose it again; Undo takes it back")
def _(stack):
    page = stack.fill("one", "two", "three")
    equal(the_list(page).options["label"], ["", "$label1", "$label2", "$label3", "$label4", "$label5"])
    page = do(stack, page, "label", ("one", "two"), label="$label2")
    equal(status_of(page), [("status", "2 messages labelled “Work”.")])
    equal(chips(page), [("orange", "Work")] * 2)
    equal(stack.keywords(), {"$label2"})
    contains(page.text, '<span class="vh">Label: </span><bdi>Work</bdi>')
    page = do(stack, page, "unlabel", ("one",), label="$label2")
    equal(status_of(page), [("status", "Label “Work” removed from 1 message.")])
    equal(chips(page), [("orange", "Work")])
    page = mail_pages.undo(stack.reader, page)
    equal(status_of(page), [("status", "Undone: 1 message is as it was.")])
    equal(chips(page), [("orange", "Work")] * 2)


@case("a label leads to all messages that have it")
def _(stack):
    page = do(stack, stack.fill("one"), "label", ("one",), label="$label4")
    equal(CHIP.findall(page.text)[0][1], "/alphamail/search/?q=label%3A%22To%20do%22")


@case("without a label chosen, or without a message, the page says what is missing")
def _(stack):
    page = stack.fill("one")
    equal(status_of(do(stack, page, "label", ("one",))), [("status", "Choose the label first.")])
    equal(status_of(do(stack, page, "label", (), label="$label1")),
          [("status", "Tick the messages first that you mean.")])
    equal(stack.keywords(), set())


@case("the open message shows its labels, gets and loses them, and stays open")
def _(stack):
    page = stack.reader.click(stack.fill("one", "two"), "one")
    page = stack.reader.submit(page, page.form("v"), button=("do", "label"), label="$label1")
    contains(page.parsed.title, "one")
    equal(status_of(page), [("status", "1 message labelled “Important”.")])
    equal(chips(page), [("red", "Important")])
    page = stack.reader.submit(page, page.form("v"), button=("do", "unlabel"), label="$label1")
    contains(page.parsed.title, "one")
    equal((chips(page), stack.keywords()), ([], set()))


@case("what other programs have set shows under its own name and can be removed; what they use among themselves does not")
def _(stack):
    page = stack.flag(stack.fill("one", "two"), "one", "+FLAGS", "Thesis $MDNSent")
    equal(chips(page), [("grey", "Thesis")])
    contains(the_list(page).options["label"], "Thesis")
    lacks(page.text, "MDNSent")
    page = do(stack, page, "unlabel", ("one",), label="Thesis")
    equal((chips(page), stack.keywords()), ([], {"$MDNSent"}))
    page = stack.flag(page, "two", "+FLAGS", "Pr&APw-fung &-<b>'")
    equal(chips(page), [("grey", "Prüfung"), ("grey", "&amp;&lt;b&gt;&#39;")])


@case("a label that is no keyword, or is not one, is refused, and nothing is set")
def _(stack):
    page = stack.fill("one")
    for bad in ("a b", "\\Seen", "$Junk", "(x", "k" * 51, "caf\u00e9"):
        answer = do(stack, page, "label", ("one",), label=bad)
        ok(answer.status in (400, 404), why="%r: %d" % (bad, answer.status))
    equal(stack.keywords(), set())


@case("a label is made: its keyword is what other mail programs make of the name")
def _(stack):
    page = stack.labels_page()
    equal([f.fields["keyword"] for f in page.parsed.forms if "keyword" in f.fields],
          ["$label1", "$label2", "$label3", "$label4", "$label5", ""])
    page = stack.save(page, "", name="  Prüfung im  Herbst ", colour="teal")
    equal(page.history[0].status, 303)
    contains(page.words, "Saved.")
    contains(page.text, "Prüfung im  Herbst")
    page = do(stack, stack.fill("one"), "label", ("one",), label="pr&APw-fung_im__herbst")
    equal(chips(page), [("teal", "Prüfung im  Herbst")])
    equal({word.lower() for word in stack.keywords()}, {"pr&apw-fung_im__herbst"})
    # It is the same label to a program that has made it first, with other letters.
    page = stack.flag(stack.fill("two"), "two", "+FLAGS", "PR&APW-FUNG_im__Herbst")
    equal(chips(page), [("teal", "Prüfung im  Herbst")])


@case("a label is renamed and recoloured, and messages that have it follow; removed, they keep the keyword")
def _(stack):
    page = do(stack, stack.fill("one"), "label", ("one",), label="$label3")
    equal(chips(page), [("green", "Personal")])
    stack.save(stack.labels_page(), "$label3", name="Home", colour="blue")
    page = stack.reader.get("mail/INBOX/")
    equal(chips(page), [("blue", "Home")])
    other = stack.browser()  # and in a session that begins later
    other.log_in()
    equal(chips(other.get("mail/INBOX/")), [("blue", "Home")])
    settings = stack.labels_page()
    form = next(f for f in settings.parsed.forms if f.fields.get("keyword") == "$label3")
    stack.reader.submit(settings, form, button=("do", "delete"))
    page = stack.reader.get("mail/INBOX/")
    equal((chips(page), stack.keywords()), ([], {"$label3"}))
    lacks(the_list(page).options["label"], "$label3")
    contains(the_list(page).options["label"], "$label1")


@case("names that cannot be: none, one that is there, one that is too long; what was typed is still there")
def _(stack):
    for name, words in (("   ", "A label needs a name."), ("wORK", "There is a label “Work” already."),
                        ("x" * 61, "The name is too long."), ("a\tb", "There is a control character in the name.")):
        page = stack.save(stack.labels_page(), "", name=name, colour="purple")
        equal(page.status, 422, name)
        contains(page.words, words)
        contains(page.text, '<option value="purple" selected>')
    page = stack.reader.submit(stack.labels_page(), next(f for f in stack.labels_page().parsed.forms if "keyword" in f.fields),
                               button=("do", "save"), keyword="nobody's", name="x")
    equal(page.status, 404)


@case("names are text wherever they stand")
def _(stack):
    name = "<b>\"'&{{UID}}[[@mount]]"
    page = stack.save(stack.labels_page(), "", name=name, colour="red")
    keyword = next(f.fields["keyword"] for f in page.parsed.forms if f.fields.get("name") == name)
    page = do(stack, stack.fill("one"), "label", ("one",), label=keyword)
    lacks(page.text, "<b>")
    equal(page.words.count(name), 3)  # report, chip, choice
    lacks(stack.reader.click(page, "one").text, "<b>")


@case("the last of them can go: then there are none, and not the first five again")
def _(stack):
    page = stack.labels_page()
    while True:
        form = next((f for f in page.parsed.forms if f.fields.get("keyword")), None)
        if form is None:
            break
        page = stack.reader.submit(page, form, button=("do", "delete"))
        contains(page.words, "Saved.")
    equal(the_list(stack.fill("one")).options["label"], [""])
    page = stack.save(stack.labels_page(), "", name="Again")
    equal([f.fields["keyword"] for f in page.parsed.forms if "keyword" in f.fields], ["again", ""])


@case("another user's labels are their own")
def _(stack):
    _, page = stack.log_in("demo2")
    lacks(page.text, "Again")


@case("as many as there may be, and no more")
def _(stack):
    page = stack.labels_page()
    for n in range(29):
        page = stack.save(page, "", name="%02d %s" % (n, "ü" * 28))
    lacks(page.text, 'name="keyword" value=""')
    equal(len([f for f in page.parsed.forms if "keyword" in f.fields]), 30)
    contains(stack.reader.get("mail/INBOX/").text, "28 " + "ü" * 28)
    token = next(f.fields["token"] for f in page.parsed.forms if "keyword" in f.fields)
    answer = stack.reader.post("settings/labels/", {"token": token, "do": "save", "keyword": "", "name": "more"})
    equal(answer.status, 422)
    contains(answer.words, "There are as many labels as there may be.")


@case("in German")
def _(stack):
    reader, _ = stack.log_in("demo2")
    page = reader.get("settings/labels/", headers={"Accept-Language": "de"})
    contains(page.words, "Etiketten")
    contains(page.words, "Wichtig")
    lacks(page.words, "Label")


main(Labels)
