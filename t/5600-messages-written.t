#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages as AlphaMail builds them, read by Python's email and by a second reader that shares nothing with it:
what went in comes out, in every header field, character and byte; every line keeps the limits; nothing given
begins a header of its own."""
import base64
import email
import email.header
import email.policy
import email.utils
import os
import quopri
import random
import re
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from tap import case, contains, equal, lacks, main, note, ok  # noqa: E402

COUNT = 20000 if os.environ.get("ALPHAMAIL_SOAK") else 1500


class Writer:
    def __enter__(self):
        self.process = subprocess.Popen([os.path.join(paths.top_builddir, "t/mime_writer_probe")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)

    def write(self, fields):
        """(bytes of the message, needs SMTPUTF8), or None where it was refused."""
        out = self.process.stdin
        for name, value in fields:
            value = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
            out.write(b"%s %d\n%s\n" % (name.encode(), len(value), value))
        out.write(b"write 0\n\n")
        out.flush()
        size, flag = self.process.stdout.readline().split()
        if size == b"refused":
            return None
        return self.process.stdout.read(int(size)), flag == b"1"


BASE = [("date", "1795100280"), ("offset", "3600"), ("id", "abc@example.edu"),
        ("from", "Noor Lindqvist <noor@example.edu>"), ("to", "mina@example.edu")]


def checked_lines(raw):
    """Every rule that holds for each line of a message."""
    ok(raw.endswith(b"\r\n"), why="ends with a line end")
    lines = raw[:-2].split(b"\r\n")
    for line in lines:
        ok(b"\r" not in line and b"\n" not in line and b"\0" not in line, why=repr(line))
        ok(len(line) <= 998, why="a line of %d" % len(line))
    head = lines[:lines.index(b"")]
    for line in head:
        ok(line.strip(), why="no line of a header is blank")
        ok(re.match(rb"[A-Za-z-]+: ?|[ \t]", line), why=repr(line))
    return head


def names(head):
    return [line.split(b":")[0].decode() for line in head if not line[:1].isspace()]


def unflowed(text):
    """RFC 3676 section 4: the paragraphs, quote marks as "> "."""
    out, open_depth, joined = [], None, ""
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        line = line[depth:]
        line = line[1:] if line.startswith(" ") else line
        soft = line.endswith(" ") and line != "-- "
        if open_depth is not None and open_depth != depth:
            out.append(">" * open_depth + (" " if open_depth else "") + joined)
            open_depth, joined = None, ""
        joined += line
        if soft:
            open_depth = depth
            continue
        out.append((">" * depth + " " + joined if joined else ">" * depth) if depth else joined)
        open_depth, joined = None, ""
    if open_depth is not None:
        out.append(joined)
    return "\n".join(out)


def as_typed(text):
    """What a typed text says once line ends are one and ends of lines are bare."""
    lines = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        match = re.match(r"((?:> ?)*)(.*)", line)
        depth = match[1].count(">")
        rest = match[2]
        if rest != "-- ":
            rest = rest.rstrip(" \t")
        lines.append((">" * depth + " " + rest if rest else ">" * depth) if depth else rest)
    text = "\n".join(lines)
    return text[:-1] if text.endswith("\n") else text


def plain_reader(raw):
    """A second reader, by the letters of RFC 2045 to 2047 and 2231 and nothing of Python's email:
    ({name: value}, [(fields, bytes)])."""
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = {}
    for line in re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n"):
        name, _, value = line.partition(b":")
        fields.setdefault(name.decode().lower(), value[1:] if value[:1] == b" " else value)
    content = fields.get("content-type", b"text/plain")
    if content.startswith(b"multipart/"):
        mark = re.search(rb'boundary="([^"]*)"', content)[1]
        pieces = (b"\r\n" + body).split(b"\r\n--" + mark)
        ok(pieces[-1].startswith(b"--"), why="the last boundary closes")
        return fields, [plain_reader(p.partition(b"\r\n")[2])[1][0] for p in pieces[1:-1]]
    encoding = fields.get("content-transfer-encoding", b"7bit")
    if encoding == b"base64":
        body = base64.b64decode(body, validate=False)
    elif encoding == b"quoted-printable":
        body = quopri.decodestring(body)
    return fields, [(fields, body)]


def words_of(value):
    """RFC 2047 by hand."""
    value = re.sub(rb"(\?=)[ \t]+(?==\?)", rb"\1", value)

    def one(match):
        if match[1] in b"Bb":
            return base64.b64decode(match[2])
        return re.sub(rb"=([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), match[2].replace(b"_", b" "))
    return re.sub(rb"=\?utf-8\?([QB])\?([^? ]*)\?=", one, value).decode("utf-8")


def file_name_of(value):
    """RFC 2231 by hand."""
    plain = re.search(rb'filename="([^"]*)"', value)
    if plain:
        return plain[1].decode()
    pieces = re.findall(rb"filename(?:\*(\d+))?\*=([^;]*)", value)
    whole = b"".join(text for _, text in sorted(pieces, key=lambda p: int(p[0] or 0)))
    ok(whole.startswith(b"utf-8''"), why=repr(value))
    return urllib.parse.unquote(whole[7:].decode("ascii"), errors="strict")


ALPHABETS = ["abcdefghij ", "abc def. !\"#$%&'()*+,-/:;<=>?@[\\]^_`{|}~", "äöüß éèê Ø ",
             "Привет мир", "日本語の文字", "العربية ", "🎓👩‍🔬é ", "a\u2028b\u2029c ", "=?utf-8?Q?a?= "]


def some_text(random_, longest, lines=False):
    alphabet = random_.choice(ALPHABETS)
    if random_.random() < 0.3:
        alphabet += random_.choice(ALPHABETS)
    text = "".join(random_.choice(alphabet) for _ in range(random_.randrange(longest)))
    if random_.random() < 0.1:
        text += "x" * random_.randrange(1200)
    if lines:
        text = "".join(random_.choice(["\n", "\r\n", "\n\n", "\n> ", "\n>> ", "\n-- \n", "\nFrom ", "\n.\n", "\n "])
                       if random_.random() < 0.03 else c for c in text)
    return text


def some_bytes(random_):
    kind = random_.random()
    size = random_.choice([0, 1, 56, 57, 58, 113, 114, 115, random_.randrange(5000)])
    if kind < 0.3:
        return ("line of text %d\r\n" % size * (size // 16)).encode()
    return random_.randbytes(size)


def inner_message(random_):
    clean = random_.random() < 0.6
    body = "A line.\r\n" * random_.randrange(30)
    if not clean:
        body += random_.choice(["Ä 8-bit\r\n", "bare\nline\r\n", "x" * 1500 + "\r\n"])
    return ("From: a@example.org\r\nSubject: inner\r\n\r\n" + body).encode(), clean


@case("thousands of random messages are read by two other parsers as what they were made of")
def _(writer):
    random_ = random.Random(5322)
    for n in range(COUNT):
        subject, text = some_text(random_, 150), some_text(random_, 1500, True)
        name, other = some_text(random_, 60).strip(), some_text(random_, 30).strip()
        name = re.sub(" +", " ", name)
        fields = BASE[:3] + [("from", "noor@example.edu"), ("from_name", name), ("to_name", other),
                             ("subject", subject), ("text", text), ("cc", "x@bücher.example, y@example.org")]
        ids = ["%x@host%d.example" % (random_.getrandbits(random_.randrange(8, 400)), i)
               for i in range(random_.randrange(8))]
        fields += [("in_reply_to", i) for i in ids[-1:]] + [("reference", i) for i in ids]
        parts = []
        for _ in range(random_.choice([0, 0, 1, 3])):
            if random_.random() < 0.2:
                data, clean = inner_message(random_)
                parts.append((some_text(random_, 40) + ".eml", "message/rfc822" if clean else
                              "application/octet-stream", data))
                fields += [("part", parts[-1][0]), ("message", ""), ("bytes", data)]
            else:
                kind = random_.choice(["image/png", "text/plain", "application/vnd.oasis.opendocument.text"])
                parts.append((some_text(random_, 120) + ".odt", kind, some_bytes(random_)))
                fields += [("part", parts[-1][0]), ("type", kind), ("bytes", parts[-1][2])]
        raw, utf8 = writer.write(fields)
        try:
            compare(raw, utf8, subject, name, other, text, ids, parts)
        except Exception:
            note("message %d: %r" % (n, raw[:800]))
            raise


def compare(raw, utf8, subject, name, other, text, ids, parts):
    head = checked_lines(raw)
    ok(not utf8 and max(raw) < 128, why="all of it is 7-bit")
    for line in head:
        words = line.split()[1 if b": " in line else 0:]
        ok(len(line) <= 78 or len(words) <= 1, why="folded at 78: %r" % line)
    read = email.message_from_bytes(raw, policy=email.policy.default.clone(max_line_length=998))
    plain, found = plain_reader(raw)
    if "=?" not in subject:   # Python's reader takes encoded words out of encoded words
        equal(str(read["Subject"]), subject, "subject")
    equal(words_of(plain["subject"]), subject, "subject, second reader")
    phrase = plain["from"][:-len(b"<noor@example.edu>")].strip()
    equal(re.sub(r"\\(.)", r"\1", phrase[1:-1].decode()) if phrase.startswith(b'"') else words_of(phrase), name,
          "name of From, second reader")
    decoded = email.utils.parseaddr(plain["from"].decode())[0]
    equal("".join(t if isinstance(t, str) else t.decode(c or "ascii")
                  for t, c in email.header.decode_header(decoded)) if decoded.startswith("=?") else decoded, name,
          "name of From")
    equal([a.addr_spec for a in read["Cc"].addresses], ["x@xn--bcher-kva.example", "y@example.org"])
    equal(re.findall("<([^>]*)>", str(read["References"] or "")), ids, "references")
    equal(read["Message-ID"], "<abc@example.edu>")
    equal(read["Date"].datetime.isoformat(), "2026-11-19T15:58:00+01:00")
    leaves = list(read.iter_parts()) if read.is_multipart() else [read]
    equal(len(leaves), 1 + len(parts))
    equal(len(found), 1 + len(parts))
    body = leaves[0].get_payload(decode=True).decode(leaves[0].get_content_charset())
    equal(found[0][1].decode().replace("\r\n", "\n").rstrip("\n"), body.replace("\r\n", "\n").rstrip("\n"))
    body = body.replace("\r\n", "\n")
    if not read.is_multipart() or body.endswith("\n"):
        body = body[:-1] if body.endswith("\n") else body
    equal(unflowed(body).rstrip("\n"), as_typed(text).rstrip("\n"), "text")
    for (file_name, kind, data), leaf, (fields, other_data) in zip(parts, leaves[1:], found[1:]):
        equal(leaf.get_content_type(), kind)
        equal(leaf.get_content_disposition(), "attachment")
        equal(leaf.get_filename().strip(), file_name.strip(), "file name")   # Python's takes spaces off
        equal(file_name_of(fields["content-disposition"]), file_name, "file name, second reader")
        if kind == "message/rfc822":
            equal(leaf.get_payload(0)["Subject"], "inner")
            equal(other_data, data)
        else:
            equal(leaf.get_payload(decode=True), data)
            equal(other_data, data)


@case("nothing given becomes a header of its own: line ends and NUL are refused in each field")
def _(writer):
    for field in ("subject", "from_name", "to_name", "id", "in_reply_to", "reference", "part"):
        for evil in ("a\r\nBcc: victim@example.org", "a\nX: y", "a\rb", "a\0b", "\x7f", "\x85"):
            more = [("bytes", "x")] if field == "part" else []
            equal(writer.write(BASE + [(field, evil)] + more), None, "%s %r" % (field, evil))
    for evil in ("a\u2028b", "a\u2029b", "%0d%0aBcc: x"):
        raw, _ = writer.write(BASE + [("subject", evil)])
        head = checked_lines(raw)
        lacks(names(head), "Bcc")
        equal(str(email.message_from_bytes(raw, policy=email.policy.default)["Subject"]), evil)


@case("Bcc stands in what is kept and not in what goes out")
def _(writer):
    raw, _ = writer.write(BASE + [("bcc", "secret@example.edu")])
    lacks(raw, b"secret")
    raw, _ = writer.write(BASE + [("bcc", "secret@example.edu"), ("keep_bcc", "")])
    contains(raw, b"\r\nBcc: secret@example.edu\r\n")


@case("each part has the encoding that suits it")
def _(writer):
    for text, encoding in (("plain words", "7bit"), ("Grüße aus Köln, wie immer freundlich", "quoted-printable"),
                           ("Привет, как дела", "base64"), ("y" * 2000, "quoted-printable")):
        raw, _ = writer.write(BASE + [("text", text)])
        equal(email.message_from_bytes(raw)["Content-Transfer-Encoding"], encoding, text[:20])


@case("an address beyond ASCII is written as it is, and says that the server must know SMTPUTF8; a host is not")
def _(writer):
    raw, utf8 = writer.write(BASE + [("cc", "jörg@bücher.example")])
    ok(utf8)
    contains(raw, "Cc: jörg@xn--bcher-kva.example\r\n".encode())
    raw, utf8 = writer.write(BASE + [("cc", "jorg@BÜCHER.example")])
    ok(not utf8)
    contains(raw, b"Cc: jorg@xn--bcher-kva.example\r\n")


@case("ten thousand recipients are folded, one message")
def _(writer):
    raw, _ = writer.write(BASE + [("cc", ", ".join("user%d@example.edu" % i for i in range(10000)))])
    checked_lines(raw)
    equal(len(email.utils.getaddresses([email.message_from_bytes(raw)["Cc"]])), 10000)


@case("dates are right in every zone and on every day")
def _(writer):
    for seconds, offset, text in ((0, 0, "Thu, 1 Jan 1970 00:00:00 +0000"), (951782400, -12600, "Mon, 28 Feb 2000 20:30:00 -0330"),
                                  (4102444799, 20700, "Fri, 1 Jan 2100 05:44:59 +0545")):
        raw, _ = writer.write([("date", str(seconds)), ("offset", str(offset))] + BASE[2:])
        contains(raw, ("Date: %s\r\n" % text).encode())


main(Writer)
