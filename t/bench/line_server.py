#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An IMAP server that holds very many idle TLS connections at little cost, for the part "idle": one
process, everybody has the same mailbox of 20 short messages, and nothing ever happens in it.

    line_server.py PORT CERTIFICATE KEY
"""
import asyncio
import re
import ssl
import sys

COUNT = 20
CAPABILITY = "IMAP4rev1 LITERAL+ IDLE NAMESPACE UIDPLUS"
TEXT = "A short text of a message that nobody has written."
SHOWN = ('* %d FETCH (UID %d FLAGS (\\Seen) INTERNALDATE "%02d-Nov-2026 10:00:00 +0000" RFC822.SIZE %d '
         'ENVELOPE ("Mon, %02d Nov 2026 10:00:00 +0000" "Subject %d" (("Somebody" NIL "some%d" '
         '"example.edu")) NIL NIL (("Me" NIL "me" "example.edu")) NIL NIL NIL "<%d@example.edu>") '
         'BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" %d 1 NIL NIL NIL NIL)%s)\r\n')


def numbers(words):
    """The messages of a set; * is the last one."""
    found = set()
    for part in words.split(","):
        ends = [COUNT if end == "*" else int(end) for end in part.split(":")]
        found.update(range(min(ends), min(max(ends), COUNT) + 1))
    return [n for n in sorted(found) if 1 <= n <= COUNT]


def fetch(words, items):
    out = ""
    section = re.search(r"BODY\.PEEK(\[[^\]]*\])(<(\d+)[.\d]*>)?", items, re.IGNORECASE)
    for n in numbers(words):
        more = ""
        if section:
            text = "\r\n" if "HEADER" in section.group(1).upper() else TEXT
            origin = "<%s>" % section.group(3) if section.group(2) else ""
            more = " BODY%s%s {%d}\r\n%s" % (section.group(1).upper(), origin, len(text), text)
        out += SHOWN % (n, n, n, 900 + n, n, n, n, n, len(TEXT), more)
    return out


def select(word):
    return ("* %d EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen \\Flagged \\Answered \\Deleted \\Draft)\r\n"
            "* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT %d] .\r\n" % (COUNT, COUNT + 1), "[READ-WRITE] " + word)


def answer(name, words):
    """(untagged answers, words of the tagged one); None for the connection's end."""
    if name == "CAPABILITY":
        return "* CAPABILITY %s\r\n" % CAPABILITY, "done"
    if name in ("SELECT", "EXAMINE"):
        return select("done")
    if name == "LIST":
        return '* LIST (\\HasNoChildren) "/" INBOX\r\n', "done"
    if name == "NAMESPACE":
        return '* NAMESPACE (("" "/")) NIL NIL\r\n', "done"
    if name == "STATUS":
        return "* STATUS INBOX (MESSAGES %d UNSEEN 0 UIDNEXT %d UIDVALIDITY 7)\r\n" % (
            COUNT, COUNT + 1), "done"
    if name in ("FETCH", "UID FETCH"):
        chosen, _, items = words.partition(" ")
        return fetch(chosen, items), "done"
    if name == "UID SEARCH":
        return "* SEARCH %s\r\n" % " ".join(map(str, range(1, COUNT + 1))), "done"
    if name == "LOGOUT":
        return None
    return "", "done"


async def serve(reader, writer):
    idle = None
    writer.write(("* OK [CAPABILITY %s] ready\r\n" % CAPABILITY).encode("ascii"))
    try:
        while True:
            line = (await reader.readline()).decode("ascii", "replace")
            if not line:
                return
            while re.search(r"\{\d+\+?\}\r\n$", line):
                size = int(re.search(r"\{(\d+)", line[line.rfind("{"):]).group(1))
                if "+}" not in line[line.rfind("{"):]:
                    writer.write(b"+ go on\r\n")
                line += (await reader.readexactly(size)).decode("ascii", "replace")
                line += (await reader.readline()).decode("ascii", "replace")
            if idle:
                writer.write(("%s OK done\r\n" % idle).encode("ascii"))
                idle = None
                continue
            tag, _, rest = line.strip().partition(" ")
            name, _, words = rest.partition(" ")
            name = name.upper()
            if name == "UID":
                name, _, words = words.partition(" ")
                name = "UID " + name.upper()
            if name == "IDLE":
                idle = tag
                writer.write(b"+ idling\r\n")
                continue
            said = answer(name, words)
            if said is None:
                return
            writer.write(("%s%s OK %s\r\n" % (said[0], tag, said[1])).encode("ascii"))
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), ssl=context, backlog=1024)
    async with server:
        await server.serve_forever()

if __name__ == "__main__":
    asyncio.run(main())
