#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML of strangers, cleaned, and looked at by another parser: only what is allowed, every word kept, cleaning twice
changes nothing, and nothing costs more than its share."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from tap import case, contains, equal, lacks, main, ok, skip_all  # noqa: E402

try:
    import html_documents  # noqa: E402
    import html_rules as rules  # noqa: E402
except ImportError:
    skip_all("html5lib is not here (Debian: python3-html5lib)")

FIXTURES = os.path.join(paths.top_srcdir, "t", "fixtures")
SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
VECTORS = rules.documents(os.path.join(FIXTURES, "html"))
OPTIONS = ((), ("--recolour",), ("--remote",))


def every_rule(documents, options):
    remote = "--remote" in options
    once = rules.clean([html for _, html, _ in documents], *options)
    wrong = [(name, rules.troubles(made.html, remote)[:3], html[:300])
             for (name, html, _), made in zip(documents, once) if rules.troubles(made.html, remote)]
    equal(wrong[:3], [])
    read = [(name, html[:300]) for (name, html, _), made in zip(documents, once)
            if rules.written(rules.tree_of(made.html)) != made.html.decode()]
    equal(read[:3], [])
    twice = rules.clean([made.html for made in once], *options)
    equal([(name, html[:300]) for (name, html, _), a, b in zip(documents, once, twice) if a.html != b.html][:3], [])
    return once


for chosen in OPTIONS:
    def check(options=chosen):
        @case("vectors %s: nothing but what is allowed, read back as written, and clean what is clean" % " ".join(options))
        def _():
            ok(len(VECTORS) >= 260)
            every_rule(VECTORS, options)
    check()


@case("no vector's live markup holds what it must never hold, and its words can be read")
def _():
    made = rules.clean([html for _, html, _ in VECTORS])
    for (name, _, vector), cleaned in zip(VECTORS, made):
        live = []
        for element in rules.tree_of(cleaned.html).iter():
            live.append("<" + element.tag.replace(rules.HTML, "") + "".join(
                ' %s="%s"' % pair for pair in element.attrib.items() if pair[0] not in ("title", "alt")) + ">")
        markup = "\n".join(live[1:]).lower()
        for never in vector.get("never", ()):
            # A link may lead there; nothing may be fetched from there.
            if never != "leak.invalid" or "href=" not in markup:
                ok(never not in markup, why="%s: %r in %s" % (name, never, markup[:300]))
        keep = vector.get("keep")
        if keep:
            ok(keep in rules.words(cleaned.html), why="%s: %r not in %r" % (name, keep, cleaned.html[:300]))


@case("mutated vectors: the same rules")
def _():
    every_rule(html_documents.mutated(VECTORS, 40 if SOAK else 4, 5), ("--recolour",))


@case("mails of the corpus: the same rules, each within 0.2 s")
def _():
    found = html_documents.mails()
    ok(len(found) > (200 if os.environ.get("ALPHAMAIL_CORPUS") else 5), why="%d mails" % len(found))
    once = every_rule(found, ("--recolour",))
    slowest = max(once, key=lambda made: made.cpu_us)
    print("# %d HTML parts, %d right, slowest %.1f ms" % (len(found), len(once), slowest.cpu_us / 1000))
    ok(slowest.cpu_us < 200_000)
    equal([name for (name, _, _), made in zip(found, once) if made.words_only], [])


BOMBS = {
    "100 000 nested elements": b"<div>" * 100_000 + b"text",
    "100 000 nested of many names": b"".join(b"<x%d><b><i>" % i for i in range(33_000)) + b"text",
    "10 MB of text": b"text and more " * 700_000,
    "10 MB of elements": b"<p>text</p>" * 900_000,
    "1 MB of attributes": b"<p " + b" ".join(b"a%d=1" % i for i in range(100_000)) + b">text",
    "one attribute of 10 MB": b'<p title="' + b"x" * 10_000_000 + b'">text',
    "adoption": b"text" + b"<a href=x><b><i><div>" * 20_000 + b"</a></b></i>" * 20_000,
    "formatting that goes on": b"text" + b"".join(b"<font color=#%06x><p>" % i for i in range(20_000)),
    "tables in tables": b"<table><tr><td>" * 30_000 + b"text",
    "foster parents": b"<table>" + b"text<b>" * 100_000,
    "CSS that never closes": b'text<div style="' + b"color:red;a:url(" * 100_000 + b'">text</div>',
    "CSS of brackets": b'text<div style="a:' + b"([{" * 500_000 + b'">text</div>',
    "comments": b"text" + b"<!--x-->" * 1_000_000,
    "a comment without end": b"text<!--" + b"-" * 10_000_000,
    "end tags": b"text" + b"</p></div></b>" * 500_000,
    "references": b"text" + b"&amp;&#x26;&notit;" * 500_000,
    "less-than signs": b"text" + b"<" * 10_000_000,
    "open tags": b"text" + b"<a " * 3_000_000,
    "select and option": b"text" + b"<select><option>" * 100_000,
    "SVG and back": b"text" + b"<svg><p>" * 100_000,
    "templates": b"text" + b"<template>" * 100_000,
    "tiny documents' worth of quotes": b"text" + b"'" * 5_000_000,
}


@case("who only looks is told the same, and gets no HTML")
def _():
    documents = [html for _, html, _ in VECTORS + html_documents.mails()] + [b"<p>" + html for html in BOMBS.values() if len(html) < 2_000_000]
    full, looked = rules.clean(documents), rules.clean(documents, "--only-look")
    told = [[(one.remote, one.tracking, one.cut, one.words_only) for one in made] for made in (full, looked)]
    equal(told[1], told[0])
    ok(sum(one[0] for one in told[0]) > 20 and any(one[1] for one in told[0]) and any(one[2] for one in told[0]))
    equal([one.html for one in looked if one.html], [])


@case("what was made to be a burden takes below 2 s and 64 MB, and its words are there")
def _():
    import resource
    import subprocess
    for name, html in BOMBS.items():
        ran = subprocess.run([os.path.join(paths.top_builddir, "t", "html_cleaner"), "--recolour"],
                             input=b"%d\n" % len(html) + html, stdout=subprocess.PIPE, check=False,
                             # The document itself is the test's; what reads it may take 64 MB for it.
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, ((64 << 20) + 10_500_000,) * 2))
        ok(ran.returncode == 0, why="%s: ended with %s" % (name, ran.returncode))
        head, _, made = ran.stdout.partition(b"\n")
        cpu_us = int(head.split()[5])
        ok(cpu_us < 2_000_000, why="%s: %d us" % (name, cpu_us))
        ok(b"text" in made or name == "one attribute of 10 MB", why="%s: %r" % (name, made[:200]))


@case("links tell where they lead, where their words say something else")
def _():
    def of(html):
        return rules.clean([html.encode()])[0].html.decode()

    contains(of('<a href="https://evil.example/x">https://bank.example/login</a>'), "</a><small> [evil.example]</small>")
    contains(of('<a href="https://evil.example/x">www.bank.example</a>'), "[evil.example]")
    lacks(of('<a href="https://www.bank.example/x">bank.example</a>'), "<small>")
    lacks(of('<a href="https://evil.example/">Click here</a>'), "<small>")
    contains(of('<a href="https://b\u00e4nk.example/">Click here</a>'), "[xn--bnk-qla.example]")
    contains(of('<a href="https://bank.example@evil.example/">x</a>'), 'href="https://evil.example/"')
    contains(of('<a href="https://evil.example/" title="Safe">x</a>'), 'title="https://evil.example/"')


@case("tracking pictures stay out even where pictures are allowed, others come by https")
def _():
    def of(html, *options):
        return rules.clean([html.encode()], *options)[0]

    for html in ('<img src="https://t.example/a" width=1 height=1>', '<img src="http://t.example/a" style="display:none">',
                 '<div hidden><img src="https://t.example/a" width=300></div>',
                 '<img src="https://x.list-manage.com/track/open.php?u=1" width=300 height=9>'):
        made = of("text" + html, "--remote")
        equal((made.remote, made.tracking, made.html), (0, 1, b"text" if "hidden" not in html else made.html), html)
        lacks(made.html.decode(), "src=")
    made = of('<img src="http://p.example/a b.png" alt="A map" width="300">', "--remote")
    equal((made.remote, made.tracking), (1, 0))
    contains(made.html.decode(), 'src="https://p.example/a%20b.png"')
    made = of('<img src="http://p.example/a.png" alt="A map">')
    equal((made.remote, made.html.decode()), (1, '<img alt="A map">'))


@case("only pictures of the message itself are found by cid")
def _():
    made = rules.clean([b'<img src="cid:known"><img src="cid:other"><img src="/logout"><img src="CID:%6Bnown">'])[0]
    equal(made.html.decode().count("/part/1.2/view"), 2)
    lacks(made.html.decode(), "logout")


main()
