# SPDX-License-Identifier: GPL-3.0-or-later
"""The orders of a list, worked out from what a server says of its messages (world.truth), to compare those
of the webcache with.

    right = Right(truth(dovecot, "demo"))
    equal([row["uid"] for row in world.rows("h1", "INBOX", 200, *words("From", False))],
          right.order("From", False))
"""
import email.utils
import re

KEYS = ("Arrived", "Sent", "From", "To", "Subject", "Size", "Flags")


def words(key, descending):
    """What a question for a list ends with (t/webcache_ask)."""
    return "-", key, "-" if descending else "asc", "en"


def base(subject):
    """RFC 5256 section 2.1, as far as the subjects of tests go."""
    before = None
    while before != subject:
        before = subject
        subject = re.sub(r"(\(fwd\)|\s)+$", "", subject, flags=re.I)
        subject = re.sub(r"^\s*((\[[^][]*\]\s*)*(re|fwd?)\s*:\s*)", "", subject, flags=re.I)
        subject = re.sub(r"^\[[^][]*\]\s*(?=.)", "", subject)
    return subject


def shown(header):
    name, address = email.utils.getaddresses([header or ""])[0] if header else ("", "")
    return (name or address).casefold()


class Right:
    def __init__(self, mails):
        self.rows = []
        for mail in mails:
            head, flags = mail.header, mail.flags
            sent = email.utils.parsedate_to_datetime(head["Date"]).timestamp() if head["Date"] else mail.arrived
            weight = 8 * ("\\Flagged" in flags) + 4 * ("\\Seen" not in flags) + 2 * ("\\Answered" in flags)
            self.rows.append({"uid": mail.uid, "Arrived": mail.arrived, "Sent": sent, "From": shown(head["From"]),
                              "To": shown(head["To"]), "Subject": base(mail.subject).casefold(),
                              "Size": mail.size, "Flags": weight})

    def order(self, key, descending):
        """UIDs. What sorts the same stands newest first; a list by time is turned round as a whole."""
        newest = sorted(self.rows, key=lambda row: (row["Arrived"], row["uid"]), reverse=True)
        if key in ("Arrived", "Sent"):
            if not descending:
                newest.reverse()
            return [row["uid"] for row in sorted(newest, key=lambda row: row[key] * (-1 if descending else 1))]
        return [row["uid"] for row in sorted(newest, key=lambda row: row[key], reverse=descending)]
