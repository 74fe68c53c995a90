# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML to be cleaned, besides the vectors of html_rules.documents(): that of real mails, and vectors that were mixed."""
import email
import email.policy
import os
import random

import paths

FIXTURES = os.path.join(paths.top_srcdir, "t", "fixtures")


def mails():
    """[(name, HTML, {})]: the HTML parts of all mails in the fixtures, and in $ALPHAMAIL_CORPUS."""
    found = []
    for folder in (os.path.join(FIXTURES, "mail"), os.path.join(FIXTURES, "html", "letters"), os.environ.get("ALPHAMAIL_CORPUS")):
        for top, _, names in os.walk(folder or "/nonexistent"):
            for name in sorted(names):
                with open(os.path.join(top, name), "rb") as source:
                    message = email.message_from_binary_file(source, policy=email.policy.compat32)
                for part in message.walk():
                    bytes_of = part.get_payload(decode=True) if part.get_content_type() == "text/html" else None
                    if bytes_of:
                        found.append((name, bytes_of.decode("utf-8", "replace").replace("\0", "").encode(), {}))
    return found


def mutated(documents, rounds, seed):
    """Pieces of documents cut, doubled and mixed, the same ones each time."""
    chance, made = random.Random(seed), []
    marks = [b"<", b">", b'"', b"'", b"/", b"=", b"&", b"<!--", b"-->", b"<p>", b"</p>", b"<table>", b"<td>", b"<a href=x>",
             b"<svg>", b"<math>", b"<style>", b"</style>", b"<b>", b"</b>", b"<li>", b"<pre>\n", b"<h1>", b"`", b"\xc2\x85"]
    for _ in range(rounds):
        for name, html, vector in documents:
            html = bytearray(html[:4000])
            for _ in range(chance.randint(1, 6)):
                at, way = chance.randint(0, len(html)), chance.randint(0, 3)
                if way == 0:
                    html[at:at] = chance.choice(marks)
                elif way == 1:
                    del html[at:at + chance.randint(1, 8)]
                elif way == 2:
                    html[at:at] = html[max(0, at - chance.randint(1, 60)):at]
                else:
                    html[at:at] = chance.choice(documents)[1][:chance.randint(1, 200)]
            made.append((name, bytes(html).decode("utf-8", "replace").encode(), vector))
    return made
