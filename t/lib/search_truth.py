# SPDX-License-Identifier: GPL-3.0-or-later
"""What a search has to find: messages in many charsets, queries about them, and a straightforward scan of the same
messages by Python's email package, which shares no line with the program.

    corpus = make_corpus(random.Random(1), 200)       # bytes of messages
    query = make_query(rng, [Scanned(...), ...])
    query.text                                        # as a user types it
    query.finds(scanned)                              # True or False
    told = is_plain_to_tell(raw)                      # of real mail: all readers read it alike
"""
import email
import email.policy
import html
import re
import unicodedata
from email.header import Header, decode_header, make_header
from email.utils import formataddr, getaddresses

import html5lib

# By charset: words, and how they are sent.
WORDS = {
    "us-ascii": "meeting agenda budget travel lichen microscope proposal minutes deadline password grass "
                "password42 committee autumn results appendix C++ R&D don't e-mail".split(),
    "iso-8859-1": "Müller Straße grüßen café naïve Übung señor fjörd Ærø Größe déjà façade".split(),
    "windows-1252": "Œuvre prix 100€ „Zitat“ – Čas".replace(" Čas", "").split(),
    "koi8-r": "привет мир работа конференция отчёт библиотека Москва".split(),
    "iso-8859-7": "Καλημέρα λόγος πανεπιστήμιο θάλασσα".split(),
    "iso-2022-jp": "会議 日本語 資料 研究室 こんにちは".split(),
    "gb18030": "你好 大学 图书馆 会议记录".split(),
    "euc-kr": "안녕하세요 대학교 회의".split(),
    "windows-1255": "שלום ספרייה".split(),
    "iso-8859-2": "Řím žluťoučký kůň Łódź".split(),
    "utf-8": "Müller привет 会議 λόγος Straße naïve ümlaut".split(),
}
PEOPLE = [("Anna Example", "anna@example.org"), ("Jürgen Größler", "juergen@example.org"),
          ("Иван Петров", "ivan@example.ru"), ("山田太郎", "taro@example.jp"), ("", "robot@lists.example.net"),
          ("O'Neill, Pat", "pat.oneill@example.com"), ("José Ñandú", "jose@example.es")]


def encoded(text, charset, transfer):
    data = text.encode(charset, "replace")
    if transfer == "base64":
        import base64
        return base64.encodebytes(data)
    if transfer == "quoted-printable":
        import quopri
        return quopri.encodestring(data)
    return data


def header_of(text, charset):
    try:
        text.encode("ascii")
        return text
    except UnicodeEncodeError:
        return Header(text, charset, maxlinelen=60).encode(linesep="\r\n")


def text_of(rng, charset, words=40):
    some = WORDS[charset] + WORDS["us-ascii"]
    out = []
    for n in range(rng.randrange(3, words)):
        out.append(rng.choice(some))
        out.append(rng.choice([" ", " ", " ", " ", ", ", ".\r\n", "\r\n"]))
    return "".join(out).strip() + "\r\n"


def html_of(rng, text):
    """The words of the text with tags between them, letters written in one of HTML's ways."""
    def letter(c):
        if ord(c) < 128:
            return html.escape(c)
        way = rng.randrange(4)
        if way == 0:
            return "&#%d;" % ord(c)
        name = html.entities.codepoint2name.get(ord(c))
        return "&%s;" % name if way == 1 and name else c
    words = re.split(r"(\s+)", text)
    out = ["<html><head><title>hidden title</title><style>p { color: red }</style></head><body><p>"]
    for word in words:
        if word.isspace():
            out.append(rng.choice([" ", " ", "<br>\r\n", "\r\n", "&nbsp;"]))
        elif rng.random() < 0.1:
            out.append("<b class=\"lichenattribute\">%s</b>" % "".join(map(letter, word)))
        else:
            out.append("".join(map(letter, word)))
    return "".join(out) + "</p></body></html>\r\n"


def part(rng, charset, subtype="plain", text=None, more=""):
    text = text_of(rng, charset) if text is None else text
    if subtype == "html":
        text = html_of(rng, text)
    transfer = rng.choice(["base64", "quoted-printable", "8bit"])
    if charset == "iso-2022-jp" and transfer == "8bit":
        transfer = "7bit"
    head = "Content-Type: text/%s; charset=%s\r\nContent-Transfer-Encoding: %s\r\n%s" % (subtype, charset, transfer, more)
    return head.encode() + b"\r\n" + encoded(text, charset, transfer).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def multipart(subtype, parts, boundary):
    head = b"Content-Type: multipart/%s; boundary=\"%s\"\r\n\r\n" % (subtype.encode(), boundary.encode())
    return head + b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), one) for one in parts) + \
        b"--%s--\r\n" % boundary.encode()


def make_message(rng, number):
    charset = rng.choice(list(WORDS))
    name, address = rng.choice(PEOPLE)
    subject = " ".join(rng.choice(WORDS[charset] + WORDS["us-ascii"]) for _ in range(rng.randrange(1, 5)))
    if rng.random() < 0.3:
        subject = "Re: " + subject
    named = charset if charset not in ("us-ascii",) else "utf-8"
    head = "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n" \
           "Message-ID: <%d.search@example.org>\r\nMIME-Version: 1.0\r\n" % (
               formataddr((name, address), "utf-8"), "Demo User <demo@example.edu>",
               header_of(subject, named), number)
    kind = rng.randrange(7)
    if kind < 3:
        body = part(rng, charset)
    elif kind == 3:
        body = part(rng, charset, "html")
    elif kind == 4:
        text = text_of(rng, charset)
        body = multipart("alternative", [part(rng, charset, "plain", text), part(rng, charset, "html", text)], "alt%d" % number)
    elif kind == 5:
        attached = part(rng, "us-ascii", "plain", "attachedword only in the file\r\n",
                        "Content-Disposition: attachment; filename=\"notes.txt\"\r\n")
        body = multipart("mixed", [part(rng, charset), attached], "mix%d" % number)
    else:
        inner = make_message(rng, number + 100000)
        body = multipart("mixed", [part(rng, charset), b"Content-Type: message/rfc822\r\n\r\n" + inner], "fwd%d" % number)
    return head.encode() + body


def make_corpus(rng, count):
    return [make_message(rng, n) for n in range(count)]


# ---- the scan ----

RECIPIENTS = 30         # of more, the first ones are searched
LARGEST_PART = 200_000  # bytes; of larger ones not all is searched


def is_plain_to_tell(raw):
    """Whether two readers of such a message must come to the same words: its parts and charsets are as the standards
    say, so that nothing in it is guessed."""
    message = email.message_from_bytes(raw)
    try:
        for name in ("From", "To", "Cc", "Subject"):
            for value in message.get_all(name, []):
                # A Header object stands for bytes of no charset; an encoded word beside other letters is read by some,
                # and so are comments and groups among addresses.
                if name != "Subject" and re.search(r"[(:;]", str(value)):
                    return False
                if not isinstance(value, str) or re.search(r"\S=\?|\?=[^\s>)\"]|\?=\s+=\?", value):
                    return False
                str(make_header(decode_header(value)))
        strict = email.message_from_bytes(raw, policy=email.policy.default)
        for name in ("From", "To", "Cc"):
            if any(value.defects for value in strict.get_all(name, [])):
                return False
        if len(message.get_all("From", [])) != 1 or len(message.get_all("Subject", [])) > 1:
            return False
        if "Content-Type" in message and "MIME-Version" not in message:  # RFC 2045 section 4
            return False
        for one in message.walk():
            for name in ("Content-Type", "Content-Disposition", "Content-Transfer-Encoding"):
                if len(one.get_all(name, [])) > 1:
                    return False
            if one.defects or (one.is_multipart() and one.get_content_maintype() not in ("multipart", "message")):
                return False
            if one.get_content_maintype() == "multipart" and not one.is_multipart():
                return False
            if one.get_content_maintype() != "text":
                continue
            data = one.get_payload(decode=True)
            if one.defects or len(data) > LARGEST_PART:
                return False
            text = data.decode(one.get_content_charset() or "ascii")
            if one.get_content_subtype() == "html" and has_words_in_pieces(text):
                return False
    except (LookupError, ValueError, TypeError, AttributeError, AssertionError, email.errors.HeaderParseError):
        return False
    return True


# Of HTML: what no reader of the message sees, and what begins and ends a line.
UNSEEN = {"script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp", "svg", "math", "template",
          "object", "select", "audio", "head"}
BLOCKS = {"p", "br", "div", "body", "html", "table", "tr", "td", "th", "tbody", "thead", "h1", "h2", "h3", "h4", "h5", "h6",
          "hr", "li", "ul", "ol", "dl", "dt", "dd", "blockquote", "pre", "center", "form", "address", "caption",
          "fieldset", "legend", "menu", "dir", "option", "img"}


SEAM = "\0"    # where an element begins or ends within a line


def seamed_words(text):
    out = []

    def walk(node):
        tag = node.tag if isinstance(node.tag, str) else None  # a comment has none
        edge = "\n" if tag in BLOCKS else SEAM
        if tag is not None and tag not in UNSEEN:
            out.append(edge + (node.text or "").replace(SEAM, ""))
            if tag == "img":
                out.append(node.get("alt", "").replace(SEAM, ""))  # what a picture says to those who do not see it
            for child in node:
                walk(child)
        out.append(edge + (node.tail or "").replace(SEAM, ""))

    walk(html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False))
    return "".join(out)


def words_of_html(text):
    """As a reader sees them; blocks end lines."""
    return seamed_words(text).replace(SEAM, "")


def has_words_in_pieces(text):
    """A word with a tag or a comment inside it: servers look for words in HTML as it is written."""
    return re.search(r"\w\0+\w", seamed_words(text)) is not None


def same_case(text):
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return re.sub(r"\s+", " ", text)


ODD = str.maketrans({"æ": "ae", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "œ": "oe", "ŧ": "t",
                     "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
                     "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-"})


def without_accents(text):
    apart = unicodedata.normalize("NFD", same_case(text))
    return unicodedata.normalize("NFC", "".join(c for c in apart if not "\u0300" <= c <= "\u036f").translate(ODD))


def is_attachment(part):
    """What people call one: said to be one, a forwarded message, a file; no signature, nothing shown in the text."""
    kind, named = part.get_content_type(), part.get_filename() is not None
    if kind.endswith("-signature") or part.get_content_maintype() == "multipart":
        return False
    if part.get_content_disposition() == "attachment" or kind == "message/rfc822":
        return True
    if part.get_content_maintype() == "text":
        return False
    if part.get_content_maintype() == "image" and (part["Content-ID"] or part.get_content_disposition() == "inline"):
        return False
    return named or part.get_content_maintype() in ("application", "audio", "video")


class Scanned:
    def __init__(self, folder, uid, raw, flags, arrived):
        self.folder, self.uid, self.size, self.flags, self.arrived = folder, uid, len(raw), flags, arrived
        self.missed = False    # by the server itself
        message = email.message_from_bytes(raw)
        shown = lambda value: str(make_header(decode_header(value or "")))
        self.subject = without_accents(shown(message["Subject"]))
        self.sender = self._people(message.get_all("From", [])[:1])
        self.to = self._people(message.get_all("To", []) + message.get_all("Cc", []), RECIPIENTS)
        self.words, self.texts, self.shown, self.titles, self.attached = [], [], [], [], False
        for one in message.walk():
            self.attached = self.attached or is_attachment(one)
            if one.get_content_maintype() != "text" or one.get_content_disposition() == "attachment":
                continue
            text = one.get_payload(decode=True).decode(one.get_content_charset() or "ascii", "replace")
            if one.get_content_subtype() == "html":
                self.titles += [same_case(title) for title in re.findall(r"(?is)<title[^>]*>(.*?)</title", text)]
                text = words_of_html(text)
            self.shown.append(text)
            self.texts.append(same_case(text))
            self.words += text.split()

    @staticmethod
    def _people(values, most=1):
        """Names and addresses, apart."""
        people = getaddresses([str(value) for value in values])[:most]
        return [without_accents(str(make_header(decode_header(one)))) for both in people for one in both if one]

    def body(self, text):
        wanted = same_case(text).strip()
        return any(wanted in one for one in self.texts)

    def holds(self, kind, value):
        bare = without_accents(str(value)).strip()
        if kind == "word":
            return self.holds("from", value) or self.holds("to", value) or bare in self.subject or self.body(value)
        if kind == "from":
            return any(bare in one for one in self.sender)
        if kind == "to":
            return any(bare in one for one in self.to)
        if kind == "subject":
            return bare in self.subject
        if kind == "body":
            return self.body(value)
        if kind == "unread":
            return "\\Seen" not in self.flags
        if kind == "starred":
            return "\\Flagged" in self.flags
        if kind == "attachment":
            return self.attached
        if kind == "larger":
            return self.size > value
        raise ValueError(kind)


class Query:
    """Clauses of (negated, kind, value), all of which hold; of one clause any."""

    def __init__(self, clauses):
        self.clauses = clauses
        self.text = " ".join(" OR ".join(map(self.spelled, clause)) for clause in clauses)

    @staticmethod
    def spelled(term):
        negated, kind, value = term
        quoted = '"%s"' % value if isinstance(value, str) and (" " in value or value.startswith("-")) else value
        words = {"word": "%s" % quoted, "unread": "is:unread", "starred": "is:starred",
                 "attachment": "has:attachment"}.get(kind, "%s:%s" % (kind, quoted))
        return "-" + words if negated else words

    def may_differ(self, scanned):
        """Whether a word is that of an HTML text's title: Dovecot shows it in PREVIEW, and so do lists."""
        return any(same_case(str(value)).strip() in title for clause in self.clauses for _, kind, value in clause
                   if kind == "word" for title in scanned.titles)

    def finds(self, scanned):
        return all(any(scanned.holds(kind, value) != negated for negated, kind, value in clause)
                   for clause in self.clauses)


def real_word_in(rng, texts):
    """A word of one of the texts, or two that stand beside each other in a line."""
    lines = [line for line in rng.choice(texts).splitlines() if re.search(r"\w{3}", line)] if texts else []
    words = rng.choice(lines).split() if lines else []
    words = [word for word in words if re.fullmatch(r"\w[\w.@'-]{2,40}", word)]
    return rng.choice(words).strip(".-'@") or "meeting" if words else "meeting"


def make_real_query(rng, scanned):
    """As make_query(), of words that are in real mail."""
    def term():
        one = rng.choice(scanned)
        negated = rng.random() < 0.1
        kind = rng.choice(["word"] * 6 + ["body"] * 4 + ["subject"] * 2 + ["from", "to", "attachment", "larger", "unread"])
        if kind in ("word", "body"):
            return negated, kind, real_word_in(rng, one.shown)
        if kind == "subject":
            return negated, kind, real_word_in(rng, [one.subject])
        if kind in ("from", "to"):
            return negated, kind, real_word_in(rng, one.sender if kind == "from" else one.to)
        return negated, kind, rng.choice([1000, 5000, 20000]) if kind == "larger" else None
    return Query([[term() for _ in range(rng.choice([1, 1, 1, 2]))] for _ in range(rng.choice([1, 1, 2, 3]))])


def word_in(rng, scanned):
    """A word, a piece of one, or two that stand beside each other."""
    one = rng.choice(scanned)
    if not one.words or rng.random() < 0.05:
        return rng.choice(["nowhereatall", "nirgends", "нигде"])
    at = rng.randrange(len(one.words))
    word = one.words[at]
    if rng.random() < 0.2 and at + 1 < len(one.words):
        word += " " + one.words[at + 1]
    elif rng.random() < 0.2 and len(word) > 4:
        word = word[1:-1]
    if rng.random() < 0.2:
        word = word.upper()
    word = word.replace('"', " ").replace("„", " ").replace("“", " ").strip(" ,.:")
    return word if word and word != "OR" and ":" not in word else "meeting"


def make_term(rng, scanned):
    kind = rng.choice(["word"] * 8 + ["body"] * 3 + ["subject", "from", "to", "unread", "starred", "attachment", "larger"])
    negated = rng.random() < 0.1
    if kind in ("word", "body", "subject"):
        return negated, kind, word_in(rng, scanned)
    if kind == "from":
        return negated, kind, rng.choice(["anna", "jurgen", "Größler", "Петров", "example.org", "山田", "nandu"])
    if kind == "to":
        return negated, kind, rng.choice(["demo", "nobody"])
    return negated, kind, rng.choice([500, 1000, 2000]) if kind == "larger" else None


def make_query(rng, scanned):
    clauses = []
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3])):
        clauses.append([make_term(rng, scanned) for _ in range(rng.choice([1, 1, 1, 1, 2]))])
    return Query(clauses)
