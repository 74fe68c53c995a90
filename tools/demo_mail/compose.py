# SPDX-License-Identifier: GPL-3.0-or-later
"""Raw messages from parts: headers and bodies in the character set asked for, lines ended by CR LF.

The email package of the library would do, at a twentieth of the speed, and it refuses most of what
odd mailers really send.
"""
import base64
import binascii
import time

CRLF = b"\r\n"
# How each character set is carried in a body: as mailers of its region do.
BODY_ENCODING = {"us-ascii": "7bit", "iso-2022-jp": "7bit", "koi8-r": "8bit", "euc-kr": "base64",
                 "gb18030": "base64", "big5": "8bit", "shift_jis": "8bit", "utf-8": None,
                 "windows-1256": "quoted-printable", "iso-8859-15": "quoted-printable",
                 "iso-8859-1": "quoted-printable"}
Q_WORDS = ("iso-8859-1", "iso-8859-15")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def date_header(seconds, offset_minutes=60):
    t = time.gmtime(seconds + offset_minutes * 60)
    sign, offset = "-" if offset_minutes < 0 else "+", abs(offset_minutes)
    return "%s, %02d %s %d %02d:%02d:%02d %s%02d%02d" % (
        DAYS[t.tm_wday], t.tm_mday, MONTHS[t.tm_mon - 1], t.tm_year, t.tm_hour, t.tm_min, t.tm_sec,
        sign, offset // 60, offset % 60)


def is_ascii(text):
    return text.isascii()


def _word(piece, charset):
    raw = piece.encode(charset)
    if charset in Q_WORDS:
        coded = "".join(chr(b) if chr(b).isalnum() and b < 128 else "_" if b == 32 else "=%02X" % b
                        for b in raw)
        return "=?%s?Q?%s?=" % (charset, coded)
    return "=?%s?B?%s?=" % (charset, base64.b64encode(raw).decode("ascii"))


def encode_words(text, charset="utf-8"):
    """RFC 2047: words of at most 75 characters, each whole in itself."""
    if is_ascii(text):
        return text
    words, piece = [], ""
    for character in text:
        if piece and len(_word(piece + character, charset)) > 72:
            words.append(_word(piece, charset))
            piece = ""
        piece += character
    words.append(_word(piece, charset))
    return "\r\n ".join(words)


def address(name, mail, charset="utf-8"):
    if not name:
        return mail
    if not is_ascii(name):
        return "%s <%s>" % (encode_words(name, charset), mail)
    if any(c in name for c in '()<>[]:;@\\,."'):
        name = '"%s"' % name.replace("\\", "\\\\").replace('"', '\\"')
    return "%s <%s>" % (name, mail)


class Part:
    """One MIME entity: header lines without the end, and a body, both bytes."""

    def __init__(self, headers, body):
        self.headers, self.body = headers, body

    def bytes(self):
        return "".join("%s: %s\r\n" % h for h in self.headers).encode("utf-8") + CRLF + self.body


def _lines(text):
    return text.replace("\r\n", "\n").encode("utf-8") if isinstance(text, str) else text


def text_part(text, charset=None, subtype="plain", encoding=None, extra=""):
    if charset is None:
        charset = "us-ascii" if is_ascii(text) else "utf-8"
    raw = text.replace("\r\n", "\n").encode(charset, "replace")
    encoding = encoding or BODY_ENCODING.get(charset)
    if encoding is None:
        few = sum(b > 127 for b in raw) * 5 < len(raw)
        encoding = "quoted-printable" if few else "base64"
    if encoding in ("7bit", "8bit") and max(map(len, raw.split(b"\n"))) > 900:
        encoding = "quoted-printable"
    if encoding == "quoted-printable":
        body = binascii.b2a_qp(raw, istext=True).replace(b"\n", CRLF)
    elif encoding == "base64":
        body = base64_lines(raw.replace(b"\n", CRLF))
    else:
        body = raw.replace(b"\n", CRLF)
    return Part([("Content-Type", "text/%s; charset=%s%s" % (subtype, charset, extra)),
                 ("Content-Transfer-Encoding", encoding)], body)


def base64_lines(raw):
    coded = base64.b64encode(raw)
    return CRLF.join(coded[i:i + 76] for i in range(0, len(coded), 76)) + CRLF


def file_name_parameters(name):
    """For Content-Disposition: quoted where ASCII, RFC 2231 otherwise."""
    if is_ascii(name):
        return '; filename="%s"' % name.replace("\\", "\\\\").replace('"', '\\"')
    coded = "".join(chr(b) if chr(b).isalnum() and b < 128 or chr(b) in "._-" else "%%%02X" % b
                    for b in name.encode("utf-8"))
    return "; filename*=UTF-8''" + coded


def attachment(name, media_type, data, disposition="attachment", content_id=None):
    headers = [("Content-Type", media_type), ("Content-Transfer-Encoding", "base64"),
               ("Content-Disposition", disposition + file_name_parameters(name))]
    if content_id:
        headers.append(("Content-ID", "<%s>" % content_id))
    return Part(headers, base64_lines(data))


def attached_message(raw):
    return Part([("Content-Type", "message/rfc822"), ("Content-Disposition", "attachment")], raw)


def multipart(subtype, parts, boundary):
    line = b"--" + boundary.encode("ascii")
    body = b"".join(line + CRLF + part.bytes() + CRLF for part in parts) + line + b"--" + CRLF
    return Part([("Content-Type", 'multipart/%s; boundary="%s"' % (subtype, boundary))], body)


def message(headers, part):
    """headers: (name, value) pairs, already encoded; those of the part follow."""
    return Part([h for h in headers if h[1] is not None] + [("MIME-Version", "1.0")] + part.headers,
                part.body).bytes()
