#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML that attacks, by the roads on which something of a sender or user is kept and shown again later: drafts, saved here
or by another mail program, read and gone on with; the address book, out of cards and tables, and what it completes; names
and signatures of identities; labels. As in t/5440-payload-roads.t: another parser finds nothing that harmless words do not
make, and in Chromium with script, without the pages' policy, no canary sings."""
import csv
import io
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import chromium  # noqa: E402
import mail_pages  # noqa: E402
from tap import case, contains, equal, lacks, main, note, ok, skip_all  # noqa: E402

try:
    import payloads  # noqa: E402
except ImportError:
    skip_all("html5lib is not here (Debian: python3-html5lib)")
from payloads import HARMLESS, PAYLOADS, ROADS, SOAK, line_of  # noqa: E402

MOST = 5000  # characters that are typed into a field: of a header beyond 256 KB nothing is read
TEXTS = [HARMLESS] + PAYLOADS + [HARMLESS]  # at both ends of a list, where a neighbour is missing
ROAD_OF_DRAFTS = "/alphamail/mail/Drafts/%d%s"


class Kept(payloads.Reading):
    def deliver_all(self):
        # By another mail program, with all that a message can hold.
        self.foreign = self.dovecot.deliver("demo", "Drafts", [payloads.letter(text, n) for n, text in enumerate(TEXTS)])

    def _start(self):
        super()._start()
        for text in TEXTS:
            page = self.reader.get("compose")
            typed = line_of(text)[:MOST]
            page = self.reader.submit(page, page.form("body"), button=("do", "draft"), files=[], to='"%s" <to@b.example>' % typed.replace('"', ""),
                                      cc=typed, subject=typed, body="%s\n> %s\nhttps://a.example/\n-- \n%s" % ((text,) * 3))
            ok(page.status == 200, why=page.words[:400])
        self.reader.get("mail/Drafts/")
        self.own = sorted({row.uid for row in mail_pages.all_rows(self.reader, "Drafts")} - set(self.foreign))

    def drafts(self, uid):
        """Pages that show something of one; those saved here have no HTML version."""
        roads = [road for road in ROADS if road != "/body" or uid in self.foreign]
        return [ROAD_OF_DRAFTS % (uid, road) for road in roads] + ["/alphamail/compose?draft=Drafts/%d" % uid]

    def bring_in(self, content, name, kind):
        page = self.reader.get("contacts/")
        form = [one for one in page.forms if "import" in one.buttons.get("do", [])][0]
        page = self.reader.submit(page, form, button=("do", "import"), files=[("file", name, kind, content)])
        equal(page.status, 200)
        return page

    def people(self):
        """The pages of the address book."""
        lists = ["/alphamail/contacts/"]
        page = self.reader.get("contacts/")
        while True:
            later = [a["href"] for tag, a in page.parsed.elements if tag == "a" and a.get("rel") == "next"]
            if not later:
                break
            lists.append(later[0])
            page = self.reader.get(later[0])
        one_by_one = sorted({link for path in lists for link, _ in self.reader.get(path).links if "?edit=" in link})
        return lists, one_by_one


@case("drafts, saved here or by another program: read in every view, and gone on with")
def _(stack):
    equal(len(stack.own), len(TEXTS))
    tried = 0
    for uids in (stack.foreign, stack.own):
        contains(stack.reader.get("mail/Drafts/%d" % uids[0]).words, HARMLESS)
        fields = stack.reader.get("compose?draft=Drafts/%d" % uids[0]).form("body").fields
        contains(fields["body"], HARMLESS)
        contains(fields["subject"], HARMLESS)
        pages, wrong = stack.compared(stack.drafts(uids[0]) + stack.drafts(uids[-1]),
                                      [(text, stack.drafts(uid)) for uid, text in zip(uids[1:-1], PAYLOADS)])
        equal(wrong[:6], [])
        tried += pages
    note("%d drafts, %d pages" % (len(stack.own) + len(stack.foreign), tried))
    ok(tried == 13 * len(PAYLOADS), why="%d" % tried)


@case("a draft that was saved here is gone on with as it was typed")
def _(stack):
    for uid, text in zip(stack.own, TEXTS):
        fields = stack.reader.get("compose?draft=Drafts/%d" % uid).form("body").fields
        if re.search(r"[\0-\x08\x0b-\x1f]", text) is None:
            equal(" ".join(fields["subject"].split()), " ".join(line_of(text)[:MOST].split()))
            # A line that begins with '>' is a quote, and stands as quotes do.
            typed = re.sub(r"(^|\n)(>+) ?", r"\1\2 ", text)
            contains(" ".join(fields["body"].split()), " ".join(typed.split()))


@case("and their list, with beginnings of texts")
def _(stack):
    pairs, addresses = stack.look("/alphamail/mail/Drafts/")
    equal(payloads.on_a_list(pairs), [])
    equal([one for one in addresses if payloads.bad_address(*one)], [])


@case("people out of cards and tables: the book, each of them, what is completed, and the files that go out again")
def _(stack):
    stack.bring_in("".join(payloads.vcard(text, n) for n, text in enumerate(TEXTS)).encode("utf-8", "replace"), "c.vcf", "text/vcard")
    table = io.StringIO()
    out = csv.writer(table)
    out.writerow(["Name", "E-mail", "Organisation", "Phone", "Note"])
    for n, text in enumerate(TEXTS):
        out.writerow([line_of(text)[:300], "table%d@b.example" % n] + [line_of(text)[:300]] * 3)
    stack.bring_in(table.getvalue().encode("utf-8", "replace"), "c.csv", "text/csv")
    lists, one_by_one = stack.people()
    ok(len(one_by_one) >= 2 * len(TEXTS) - 2, why="%d people" % len(one_by_one))
    pairs = set()
    for path in lists + one_by_one + ["/alphamail/contacts/?q=canary"]:
        found, addresses = stack.look(path)
        pairs |= found
        equal([one for one in addresses if payloads.bad_address(*one)], [], path)
    equal(payloads.on_a_list(pairs), [])
    ok(sum(HARMLESS in stack.reader.get(path).form("addresses").fields["name"] for path in one_by_one) == 4)
    for n in range(len(TEXTS)):
        got = stack.reader.get("contacts/complete?q=card%d@" % n)
        equal((got.headers["content-type"].split(";")[0], got.headers["x-content-type-options"]), ("application/json", "nosniff"))
        ok(json.loads(got.text)[0].endswith("<card%d@b.example>" % n), why=got.text)
        ok(re.search("[<>&]", got.text) is None, why=got.text)
    for kind in ("vcf", "csv"):
        got = stack.reader.get("contacts/export?as=" + kind)
        contains(got.headers["content-disposition"], "attachment")
        equal(got.headers["x-content-type-options"], "nosniff")


@case("who is written to, picked without script")
def _(stack):
    page = stack.reader.get("compose")
    typed = line_of(PAYLOADS[0])
    page = stack.reader.submit(page, page.form("body"), button=("do", "choose"), files=[], to=typed, subject=typed, body=typed)
    equal(page.status, 200)
    pairs, addresses = payloads.found_in(page.raw)
    equal(payloads.on_a_list(pairs), [])
    equal([one for one in addresses if payloads.bad_address(*one)], [])
    contains(page.words, "card1@b.example")


@case("names and signatures of one's own, and labels")
def _(stack):
    wrong = []
    # There may be thirty labels.
    for text in TEXTS[::1 + len(TEXTS) // 24] if SOAK else TEXTS[:12]:
        page = stack.reader.get("settings/identities/")
        page = stack.reader.submit(page, page.form("signatures"), button=("do", "save"), name=line_of(text)[:100], signatures=text[:500])
        looked = [page.raw] + [stack.reader.get(path).raw for path in ("settings/identities/", "compose", "settings/")]
        page = stack.reader.get("settings/labels/")
        new = [form for form in page.forms if form.fields.get("name") == ""][0]
        looked.append(stack.reader.submit(page, new, button=("do", new.buttons["do"][0]), name=line_of(text)[:40]).raw)
        looked.append(stack.reader.get("mail/Drafts/").raw)
        for raw in looked:
            pairs, addresses = payloads.found_in(raw)
            if payloads.on_a_list(pairs) or any(payloads.bad_address(*one) for one in addresses):
                wrong.append((text[:100], payloads.on_a_list(pairs)))
    equal(wrong[:6], [])
    lacks(page.words, "no such page")


if not chromium.missing():
    @case("in Chromium with script and without the pages' policy no canary sings, neither from names that are completed")
    def _(stack):
        some = slice(1, None) if SOAK else slice(1, 4)
        paths = ["/alphamail/mail/Drafts/", "/alphamail/settings/identities/", "/alphamail/settings/labels/"]
        for uid in stack.foreign[some] + stack.own[some]:
            paths += stack.drafts(uid)
        lists, one_by_one = stack.people()
        pages = [{"path": path} for path in paths + lists + one_by_one[::1 if SOAK else 6]]
        # The longest part of an address that all have in common: ten are offered at a time.
        typed = [{"path": "/alphamail/compose", "type": {"into": "#cc", "text": "card%d" % n, "until": "[role=option]"}}
                 for n in range(1, len(TEXTS) if SOAK else 4)]
        shown = chromium.drive("mail_in_browser.js", {"bare": {"origin": stack.httpd.origin, "cookies": stack.reader.cookies,
                               "pages": pages + typed + [{"path": "/alphamail/contacts/", "inject": "<img src=x onerror=canary()>"}]}},
                               timeout=payloads.PATIENCE)["bare"]
        equal(set(shown[-1]), {"script"})
        equal([(page["path"], log[:2]) for page, log in zip(pages + typed, shown[:-1]) if log][:6], [])


main(Kept)
