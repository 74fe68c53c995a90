#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No browser reads what the cleaner wrote as anything else than was meant (mutation XSS): the tree that Chromium's parser
builds of it, and the one it builds of what it writes itself of that, are the tree that was written. And the cleaner makes
the same of a document as it came and of what Chromium understood: where the two parsers differ, the words do not."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import chromium  # noqa: E402
import paths  # noqa: E402
from tap import case, equal, main, note, ok, skip_all  # noqa: E402

if chromium.missing():
    skip_all(chromium.missing())
try:
    import html_documents  # noqa: E402
    import html_rules as rules  # noqa: E402
except ImportError:
    skip_all("html5lib is not here (Debian: python3-html5lib)")

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
VECTORS = rules.documents(os.path.join(paths.top_srcdir, "t", "fixtures", "html"))
MAILS = html_documents.mails()
MIXED = html_documents.mutated(VECTORS, 40 if SOAK else 2, 7)


MUTATING = ['<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=canary()&gt;">',
            "<b>x</B>", "<p><div>x</div></p>", "<a href=x", "<!-- x -->y", "<pre>\n\nx</pre>", '<pre>\n\nx</pre>\n<a href="x">&amp;&#39;</a>']
# Kind: (documents, what the cleaner is told).
KINDS = {"vectors": (VECTORS, ()), "vectors, recoloured": (VECTORS, ("--recolour",)), "vectors, with pictures": (VECTORS, ("--remote",)),
         "mixed vectors": (MIXED, ("--recolour",)), "real mails": (MAILS, ("--recolour",))}
MADE = {kind: [made.html.decode() for made in rules.clean([html for _, html, _ in documents], *options)]
        for kind, (documents, options) in KINDS.items()}
SHOWN = chromium.drive("mail_in_browser.js", {
    "trees": MUTATING + sum(MADE.values(), []), "parsed": [html.decode() for _, html, _ in VECTORS + MAILS]})
TREES = iter(SHOWN["trees"])
# Where Chromium's words are others, and nothing that is shown to anybody comes of it.
OTHERWISE = {
    "own033": "</p> within <svg> ends it there, as the standard has it since 2020, and here not: what follows is left out with the SVG",
    "own034": "what Chromium writes of it is read as something else (which is the attack)",
    "own042": "Chromium writes an end of <plaintext>, which is text when it is read again",
}


@case("a tree that is another one than was written is seen")
def _():
    shown = [next(TREES) for _ in MUTATING]
    equal([html for html, one in zip(MUTATING, shown) if one["tree"] == html], MUTATING[-2:])
    ok(shown[0]["tree"] != shown[0]["again"], why=repr(shown[0]))


def without_first_lines(html):
    """Of a <pre> that begins with a line end a browser writes one less than it reads (HTML Living Standard section 13.3)."""
    return re.sub(r"(<pre(?: [^>]*)?>)\n+", r"\1", html)


for each in KINDS:
    def check(kind=each):
        @case("%s: the tree that Chromium reads is the one that was written, also of what it writes itself" % kind)
        def _():
            documents, written = KINDS[kind][0], MADE[kind]
            ok(len(written) >= (200 if kind != "real mails" or os.environ.get("ALPHAMAIL_CORPUS") else 6), why="%d" % len(written))
            wrong = []
            for (name, _, _), html in zip(documents, written):
                one = next(TREES)
                if one["tree"] != html:
                    wrong.append((name, "tree", html, one["tree"]))
                if without_first_lines(one["again"]) != without_first_lines(html):
                    wrong.append((name, "again", html, one["again"]))
            note("%d documents, %d bytes" % (len(written), sum(map(len, written))))
            equal(wrong[:3], [])
            ok(sum(html != "" for html in written) > len(written) * 3 / 4)
    check()


@case("documents as Chromium understood them, cleaned, hold the words of those as they came, and nothing that is not allowed")
def _():
    documents = VECTORS + MAILS
    came = rules.clean([html for _, html, _ in documents])
    read = rules.clean([html.encode("utf-8", "replace") for html in SHOWN["parsed"]])
    equal(len(read), len(documents))
    differ = [(name, a.html, b.html) for (name, _, _), a, b in zip(documents, came, read) if a.html != b.html]
    equal([(name, rules.troubles(b)[:3]) for name, _, b in differ if rules.troubles(b)], [])
    other = [(name, a[:200], b[:200]) for name, a, b in differ if rules.words(a) != rules.words(b)]
    note("%d documents, %d trees of another shape, %d with other words" % (len(documents), len(differ), len(other)))
    equal([one for one in other if one[0] not in OTHERWISE][:6], [])


main()
