# SPDX-License-Identifier: GPL-3.0-or-later
"""What a query means (common/search_query.h), worked out by Python's email package from whole messages: the truth
that the webcache's lists are compared with.

    mails = scan(dovecot, "demo", "INBOX")                     # [Scanned], by UID
    [mail.uid for mail in mails if holds(mail, ["from:anna", "-is:read"], me=("demo@example.edu",))]
"""
import email
import email.policy
import imaplib
import re
import time
import unicodedata

from imapd import check, quoted

PLAIN = {"æ": "ae", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "œ": "oe", "ŧ": "t"}
PLAIN.update(dict.fromkeys("\u2018\u2019\u201A\u201B\u02BC", "'"))
PLAIN.update(dict.fromkeys("\u201C\u201D\u201E\u201F\u00AB\u00BB", '"'))
PLAIN.update(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))


def fold(text):
    """common/text_fold.h"""
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(PLAIN.get(c, c) for c in text
                   if not ("\u0300" <= c <= "\u036F" or "\u0591" <= c <= "\u05C7" or "\u064B" <= c <= "\u065F"))
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))


class Scanned:
    def __init__(self, line, raw):
        words = line.decode()
        self.uid = int(re.search(r"UID (\d+)", words)[1])
        self.flags = {flag.decode() for flag in imaplib.ParseFlags(line)}
        self.arrived = int(time.mktime(imaplib.Internaldate2tuple(line)))
        self.size = len(raw)
        self.message = email.message_from_bytes(raw, policy=email.policy.default)
        self.attached = any(part.get_content_disposition() == "attachment" for part in self.message.walk())

    def people(self, *fields):
        """["name address"] of all in these fields."""
        return [(str(one.display_name), "%s@%s" % (one.username, one.domain))
                for field in fields if self.message[field] for one in self.message[field].addresses]

    @property
    def subject(self):
        return str(self.message["Subject"] or "")


def scan(server, user, folder="INBOX"):
    client = server.client(user)
    check(client.select(quoted(server.named(folder)), readonly=True))
    answer = check(client.uid("FETCH", "1:*", "(UID FLAGS INTERNALDATE BODY.PEEK[])"))
    client.logout()
    return sorted((Scanned(*item[:2]) for item in answer if isinstance(item, tuple)), key=lambda mail: mail.uid)


STATES = {"unread": lambda mail: "\\Seen" not in mail.flags, "read": lambda mail: "\\Seen" in mail.flags,
          "starred": lambda mail: "\\Flagged" in mail.flags, "answered": lambda mail: "\\Answered" in mail.flags}


def person(people, value, me):
    if value == "me":
        return any(address.lower() in me for _, address in people)
    wanted = fold(value.strip('"'))
    return any(wanted in fold(name) or wanted in fold(address) for name, address in people)


def term(mail, text, me):
    """One term; dates are seconds here, sizes bytes."""
    if text.startswith("-"):
        return not term(mail, text[1:], me)
    operator, _, value = text.partition(":")
    if operator == "is":
        return STATES[value](mail)
    if operator == "has":
        return mail.attached
    if operator == "from":
        return person(mail.people("From"), value, me)
    if operator in ("to", "cc"):
        return person(mail.people("Cc") if operator == "cc" else mail.people("To", "Cc"), value, me)
    if operator == "label":
        return value.lower() in {flag.lower() for flag in mail.flags}
    if operator == "subject":
        return fold(value.strip('"')) in fold(mail.subject)
    if operator == "larger":
        return mail.size > int(value)
    if operator == "smaller":
        return mail.size < int(value)
    when = time.mktime(time.strptime(value, "%Y-%m-%d")) - time.timezone
    return mail.arrived >= when if operator == "after" else mail.arrived < when


def holds(mail, terms, me=()):
    """All of the terms; one of those that stand together in a list."""
    me = {address.lower() for address in me}
    return all(any(term(mail, one, me) for one in ([each] if isinstance(each, str) else each)) for each in terms)


def spelled(terms):
    return " ".join(each if isinstance(each, str) else " OR ".join(each) for each in terms)
