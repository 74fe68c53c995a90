#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users choose: in groups, each with its default, kept for every session, reset one by one, by group or all at
once after a question; what the site says counts for whoever has chosen nothing, and what it locks nobody changes.
And each of them does what it says."""
import html
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import check, message, quoted  # noqa: E402
from mail_pages import act, rows, status_of, the_list  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402

OLD, MIDDLE, NEW = 1_790_000_000, 1_790_100_000, 1_790_200_000


class Settings(Stack):
    def _start(self):
        super()._start()
        self.reader = self.browser()
        for subject, sender, when in (("banana", "Cecilia <c@example.org>", OLD), ("apple", "Bert <b@example.org>", NEW),
                                      ("cherry", "Anna <a@example.org>", MIDDLE)):
            self.deliver("INBOX", [message(subject=subject, sender=sender, text="a first line\n")], date=when)
        self.reader.log_in()

    def page(self):
        return self.reader.get("settings/")

    def choose(self, **fields):
        page = self.page()
        return self.reader.submit(page, page.form("density", "post"), **fields)

    def fields(self, browser=None):
        return (browser or self.reader).get("settings/").form("density").fields

    def subjects(self, path="mail/INBOX/"):
        return [row.subject for row in rows(self.reader.get(path))]

    def inside(self, folder):
        client = self.dovecot.client("demo")
        status, _ = client.select(quoted(folder), readonly=True)
        found = {}
        if status == "OK" and check(client.search(None, "ALL"))[0]:
            for line in check(client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
                if isinstance(line, tuple):
                    found[line[1].decode().partition(":")[2].strip()] = line[0].decode()
        client.logout()
        return found

    def site(self, **keys):
        """The site with these keys in its configuration."""
        self.webcache.write_config(**keys)
        self.httpd.stop()
        self.httpd.start()


def reset(stack, what):
    asked = stack.reader.get("settings/?reset=" + what)
    return asked, stack.reader.submit(asked, asked.form("reset"), button=("do", "reset"))


@case("settings stand in groups, each with its help and its default, reached from a navigation")
def _(stack):
    page = stack.page()
    for group in ("look", "time", "lists", "reading", "writing", "actions", "folders"):
        contains(page.text, 'href="#%s"' % group)
        contains(page.text, '<h2 id="%s">' % group)
    contains(page.words, "Messages on a page")
    contains(page.words, "Default: 50.")
    lacks(page.words, "Reset")
    for described in re.findall(r'aria-describedby="([^"]+)"', page.text):
        contains(page.text, 'id="%s"' % described)
    equal(stack.reader.get("settings/?reset=nothing-like-it").status, 200)
    german = stack.choose(language="de")
    contains(german.words, "Vorgabe: 50.")
    lacks(german.words, "Default")
    stack.choose(language="browser")


@case("what is chosen is kept: for other sessions that are open, and for those that begin later")
def _(stack):
    other, _page = stack.log_in()
    contains(stack.choose(rows="100", density="compact", collect=None).words, "Saved.")
    later, _page = stack.log_in()
    for browser in (other, later, later):
        fields = stack.fields(browser)
        equal((fields["rows"], fields["density"], fields.get("collect")), ("100", "compact", None))
        contains(browser.get("mail/INBOX/").text, 'data-density="compact"')


@case("one setting is reset after a question that says what it will be")
def _(stack):
    contains(stack.page().text, "settings/?reset=rows")
    asked, done = reset(stack, "rows")
    contains(asked.words, "Reset 1 setting?")
    contains(asked.words, "Messages on a page: 50 instead of 100")
    contains(done.words, "Reset.")
    fields = stack.fields()
    equal((fields["rows"], fields["density"]), ("50", "compact"))
    lacks(stack.page().text, "settings/?reset=rows")
    equal(stack.reader.get("settings/?reset=rows").form("density").fields["rows"], "50", "nothing to ask about")


@case("a group is reset, and the others stay")
def _(stack):
    stack.choose(theme="dark", rows="25", dates="sent")
    asked, _done = reset(stack, "group-lists")
    contains(asked.words, "Reset 2 settings?")
    fields = stack.fields()
    equal((fields["rows"], fields["dates"], fields["theme"], fields["density"]), ("50", "arrived", "dark", "compact"))


@case("all are reset; asking alone changes nothing")
def _(stack):
    asked = stack.reader.get("settings/?reset=all")
    contains(asked.words, "Reset 3 settings?")
    equal(stack.fields()["theme"], "dark")
    stack.reader.submit(asked, asked.form("reset"), button=("do", "reset"))
    fields = stack.fields()
    equal((fields["theme"], fields["density"], fields.get("collect")), ("auto", "comfortable", "on"))
    lacks(stack.page().text, "?reset=")


@case("values that the page does not offer are refused, and nothing changes")
def _(stack):
    for odd in ({"rows": "51"}, {"rows": "-1"}, {"sort": "colour"}, {"order": "up"}, {"refresh": "3"},
                {"undo_seconds": "61"}, {"after_move": "x"}, {"tree": ""}, {"time_zone": "../etc"},
                {"language": "x" * 5000}):
        equal(stack.choose(**odd).status, 400, repr(odd))
    equal(stack.fields()["rows"], "50")
    token = stack.page().token
    equal(stack.reader.post("settings/", {"token": token, "role.sent": "../x", "no_such": "1"}).status, 200)
    equal(stack.reader.post("settings/", {"token": token, "do": "reset", "reset": "x" * 900}).status, 200)
    equal(stack.reader.post("settings/", {"token": "x", "do": "reset", "reset": "all"}).status, 403)


@case("the site's defaults count for whoever has chosen nothing, and follow the site")
def _(stack):
    stack.choose(density="compact")
    stack.site(setting_defaults="rows=25, density=compact, theme=dark, collect=off")
    fields = stack.fields()
    equal((fields["rows"], fields["theme"], fields.get("collect")), ("25", "dark", None))
    contains(stack.page().words, "Default: 25.")
    stack.choose(theme="light", collect="on")
    stack.site(setting_defaults="rows=100, theme=dark")
    fields = stack.fields()
    equal((fields["rows"], fields["theme"], fields.get("collect"), fields["density"]),
          ("100", "light", "on", "comfortable"), "what was the same as the default has followed it")
    asked, _done = reset(stack, "theme")
    contains(asked.words, "Colours: Dark instead of Light")
    contains(stack.reader.get("mail/INBOX/").text, 'data-theme="dark"')


@case("what the site locks is shown as fixed, and nobody changes it, by any form")
def _(stack):
    stack.site(setting_defaults=None)
    stack.choose(links="off", rows="25")
    stack.site(setting_defaults="rows=100", setting_locks="rows, ask_subject, language")
    page = stack.page()
    contains(page.words, "This is the same for everybody here and cannot be changed.")
    form = page.form("density")
    for name in ("rows", "ask_subject", "language"):
        ok(name not in form.fields, why=name)
    for fields in ({"rows": "25"}, {"shown": "ask_subject"}, {"language": "de"}, {"do": "reset", "reset": "rows"},
                   {"rows": "nonsense"}):
        equal(stack.reader.post("settings/", {"token": page.token, **fields}).status, 200)
    stack.choose(links="on")
    contains(stack.page().words, "Messages on a page 100")
    contains(stack.page().words, "Settings")
    stack.site(setting_defaults=None, setting_locks=None)
    fields = stack.fields()
    equal((fields["rows"], fields["ask_subject"], fields["links"]), ("25", "on", "on"), "the choice of before is there")
    reset(stack, "all")


@case("mistakes in the site's settings are told with their line, by httpd and by the webcache")
def _(stack):
    name = stack.webcache.config_file
    with open(name, encoding="utf-8") as source:
        text = source.read()
    bad = name + ".bad"
    lines = text.count("\n") + 1
    with open(bad, "w", encoding="utf-8") as out:
        out.write(text + "setting_defaults: rows=51, colour=red, theme, links=off, links=on\nsetting_locks: links, no_such\n")
    os.chmod(bad, 0o600)
    os.chown(bad, os.stat(name).st_uid, os.stat(name).st_gid)
    stack.httpd.write_config(AlphaMailConfig='"%s"' % bad)
    good, told = stack.httpd.check()
    stack.httpd.write_config(AlphaMailConfig='"%s"' % name)
    ok(not good)
    for words in ("'51' is no value of rows, which is one of 25, 50, 100, 200", "there is no setting 'colour'",
                  "'theme' is not name=value", "'links' is there twice"):
        contains(told, "%s:%d: setting_defaults: %s" % (bad, lines, words))
    contains(told, "%s:%d: setting_locks: there is no setting 'no_such'" % (bad, lines + 1))


@case("the order of lists: as chosen where the address says nothing; the address goes before")
def _(stack):
    equal(stack.subjects(), ["apple", "cherry", "banana"])
    stack.choose(sort="subject")
    equal(stack.subjects(), ["apple", "banana", "cherry"])
    equal(stack.subjects("mail/INBOX/?sort=date"), ["apple", "cherry", "banana"])
    equal(stack.subjects("mail/INBOX/?sort=from"), ["cherry", "apple", "banana"])
    equal(stack.subjects("mail/INBOX/?order=desc"), ["cherry", "banana", "apple"])
    page = stack.reader.get("mail/INBOX/")
    for words in ("Date", "From", "Size"):
        address = html.unescape([url for url, text in page.links if text.startswith(words)][0])
        contains(address, "sort=")
    ok(any(url.endswith("?order=desc") for url, text in page.links if text == "Reverse"))
    stack.choose(sort="date", order="asc")
    equal(stack.subjects(), ["banana", "cherry", "apple"])
    equal(stack.subjects("mail/INBOX/?order=desc"), ["apple", "cherry", "banana"])
    equal(stack.subjects("mail/INBOX/?sort=from"), ["cherry", "apple", "banana"], "the order is that sort's alone")
    first = stack.reader.get(rows(stack.reader.get("mail/INBOX/"))[0].url)
    contains(stack.reader.get(first.link("Newer")).parsed.title, "cherry")
    stack.choose(sort="date", order="usual")


@case("beginnings of texts can be left out of lists")
def _(stack):
    contains(stack.reader.get("mail/INBOX/").words, "a first line")
    stack.choose(snippets=None)
    lacks(stack.reader.get("mail/INBOX/").words, "a first line")
    stack.choose(snippets="on")


@case("after a message is moved away its page leads to the list, or to the next message, as chosen")
def _(stack):
    def delete(subject):
        page = stack.reader.get([row.url for row in rows(stack.reader.get("mail/INBOX/")) if row.subject == subject][0])
        return stack.reader.submit(page, the_list(page), button=("do", "delete"))

    stack.deliver("INBOX", [message(subject="one"), message(subject="two"), message(subject="three")])
    stack.reader.submit(*(lambda page: (page, the_list(page)))(stack.reader.get("mail/INBOX/")), button=("do", "check"))
    page = delete("three")
    contains(page.url, "/mail/INBOX/?")
    stack.choose(after_move="next")
    page = delete("two")
    contains(page.parsed.title, "one")
    contains(page.words, "moved to Trash")
    ok(re.search(r"/mail/INBOX/\d+\?", page.url), why=page.url)
    page = stack.reader.submit(page, the_list(page), button=("do", "star"))
    contains(page.parsed.title, "one", "what stays is stayed at")
    page = stack.reader.submit(page, the_list(page), button=("do", "unread"))
    contains(page.url, "/mail/INBOX/?")
    page = delete("banana")
    contains(page.parsed.title, "cherry", "behind the last one there is the one before it")
    page = stack.reader.get(rows(stack.reader.get("mail/INBOX/"))[0].url)
    for odd in ("0", "x", "99999999999"):
        ok(stack.reader.submit(page, the_list(page), button=("do", "delete"), next=odd).status in (200, 404), why=odd)
    stack.choose(after_move="list")


@case("the page works where the mail server's folders are out of reach, and keeps what is chosen")
def _(stack):
    stack.webcache.stop()
    try:
        page = stack.page()
        equal(page.status, 200)
        contains(stack.reader.submit(page, page.form("density"), density="compact").words, "Saved.")
    finally:
        stack.webcache.start()
    equal(stack.fields()["density"], "compact")


main(Settings)
