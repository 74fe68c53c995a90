#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No HTML of a message is refused for what it holds: the words that Chromium shows of it as it came are words of its frame
and of its text, through the whole stack; a text browser shows them, and axe-core has nothing to say. t/fixtures; with ALPHAMAIL_CORPUS in a soak all of that folder's mail."""
import base64
import collections
import email
import email.policy
import os
import re
import shutil
import subprocess
import sys
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import chromium  # noqa: E402
import paths  # noqa: E402
from mail_files import CORPUS, ROOT, mail_files  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, equal, main, note, ok, skip_all  # noqa: E402

if chromium.missing():
    skip_all(chromium.missing())

FOLDERS = [ROOT] if CORPUS else [ROOT, os.path.join(paths.top_srcdir, "t", "fixtures", "html", "letters")]


# Where Python's email, which finds the HTML for Chromium here, or Chromium itself reads a broken message worse.
OTHERWISE = {
    "non-mime-missing-charset.raw": "UTF-8 that nothing says is UTF-8: Chromium guesses windows-1252",
    "extra-base64-character.raw": "base64 with a character too many, which Python does not decode",
    "00038.8d93819b95ff90bf2e2b141c2909bfc9.eml": "a boundary that Python takes for text",
}


def html_messages():
    """[(name, the message, its one HTML part's bytes, the type to serve them by, whether it is the only text)] of all that
    have just one."""
    found = []
    for path in sum((mail_files(folder) for folder in FOLDERS), []):
        if os.path.basename(path) in OTHERWISE:
            continue
        with open(path, "rb") as source:
            raw = source.read()
        try:
            message = email.message_from_bytes(raw, policy=email.policy.compat32)
            parts = [part for part in message.walk() if part.get_content_type() == "text/html" and
                     part.get_content_disposition() != "attachment"]
            if len(parts) != 1 or any(part.get_content_type() == "message/rfc822" for part in message.walk()):
                continue
            body = parts[0].get_payload(decode=True)
        except (ValueError, LookupError, AttributeError):
            continue
        charset = parts[0].get_param("charset")
        # A name that Chromium does not know says nothing to us either: then the document itself may.
        kind = "text/html" + ("; charset=" + charset if isinstance(charset, str) and charset.isascii() else "")
        if body and body.strip():
            alone = not any(part.get_content_type() == "text/plain" for part in message.walk())
            found.append((os.path.relpath(path, FOLDERS[0]), raw, body, kind, alone))
    return found


MESSAGES = html_messages()


def words(text):
    """How often each word occurs; in small letters, since style may change those."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u00ad", "")
    return collections.Counter(re.findall(r"[^\W_]+", folded))


class Words(Stack):
    def _start(self):
        super()._start()
        self.uids = uids = self.dovecot.deliver("demo", "INBOX", [raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for _, raw, _, _, _ in MESSAGES])
        self.reader = reader = self.browser()
        reader.log_in()
        reader.get("mail/INBOX/")
        self.frames, self.texts, self.bad = [], [], []
        for (name, _, _, _, _), uid in zip(MESSAGES, uids):
            page = reader.get("mail/INBOX/%d" % uid)
            frame = re.search(r'<iframe class="frame"[^>]* src="([^"]+)"', page.text)
            body = reader.get(frame.group(1).replace("&amp;", "&")) if frame else page
            text = reader.get("mail/INBOX/%d?show=text" % uid)
            if not frame or (page.status, body.status, text.status) != (200, 200, 200):
                self.bad.append((name, page.status, body.status, text.status, bool(frame)))
            self.frames.append(body.raw)
            self.texts.append(text.words)
        shown = chromium.drive("mail_in_browser.js", {
            "words": [{"body": base64.b64encode(body).decode(), "type": kind} for _, _, body, kind, _ in MESSAGES] +
                     [{"body": base64.b64encode(body).decode(), "type": "text/html; charset=utf-8"} for body in self.frames]})["words"]
        self.raw, self.framed = shown[:len(MESSAGES)], shown[len(MESSAGES):]


def compare(shown, kind):
    """@param shown  [(name, the words of the HTML as it came, ours)]"""
    wrong, tried = [], 0
    for name, raw, ours in shown:
        wanted, have = words(raw), words(ours)
        tried += sum(wanted.values())
        # How often is no question: behind some links stands where they lead, and text that a style sheet hides is shown.
        lost = sorted(word for word in wanted if word not in have)
        if lost:
            wrong.append((name, len(lost), lost[:8]))
    note("%d messages, %d words, %d messages lack some in their %s" % (len(shown), tried, len(wrong), kind))
    ok(tried > 2000, why="%d words" % tried)
    ok(not wrong, why=repr(wrong[:12]))


@case("each message with an HTML version has a frame, a document and a text")
def _(stack):
    ok(len(MESSAGES) >= (200 if CORPUS else 15), why="%d" % len(MESSAGES))
    ok(not stack.bad, why=repr(stack.bad[:10]))


@case("every word that Chromium shows of the HTML as it came is in the frame's document")
def _(stack):
    compare([(message[0], raw, ours) for message, raw, ours in zip(MESSAGES, stack.raw, stack.framed)], "frame")


@case("and in the text, where no other was sent")
def _(stack):
    compare([(message[0], raw, ours) for message, raw, ours in zip(MESSAGES, stack.raw, stack.texts) if message[4]], "text")


@case("axe-core finds nothing on the pages of a sample of them: as written, as text, in print, with all headers")
def _(stack):
    paths_of = ["/alphamail/mail/INBOX/%d%s" % (uid, view) for uid in stack.uids[::max(1, len(stack.uids) // 6)]
                for view in ("", "?show=text", "?headers=all", "/print")]
    shown = chromium.drive("mail_in_browser.js", {
        "axe": {"origin": stack.httpd.origin, "cookies": stack.reader.cookies, "paths": paths_of}})["axe"]
    note("%d pages" % len(shown))
    equal([(path, page["violations"]) for path, page in zip(paths_of, shown) if page["violations"]][:6], [])
    ok(all(page["passes"] > 15 for page in shown))


if shutil.which("w3m"):
    @case("a text browser shows every word of the frame's documents")
    def _(stack):
        wrong = []
        for (name, _, _, _, _), body, framed in zip(MESSAGES, stack.frames, stack.framed):
            done = subprocess.run(["w3m", "-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8", "-cols", "2000", "-o",
                                   "display_link_number=0"], input=body, stdout=subprocess.PIPE, check=True)
            # It breaks lines of Chinese and Korean anywhere: what counts there is the run of letters.
            have = "".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", done.stdout.decode("utf-8", "replace")).casefold()))
            lost = sorted(word for word in words(framed) if word not in have)
            if lost:
                wrong.append((name, len(lost), lost[:8]))
        equal(wrong[:8], [])


main(Words)
