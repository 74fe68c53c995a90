#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An IMAP server that holds very many idle TLS connections at little cost, for the part "idle" and for
what is measured with many users: one process, everybody has the same folders of the same short messages
(INBOX, F1, F2, ...), and nothing ever happens in them.

    line_server.py PORT CERTIFICATE KEY [--messages N] [--folders N] [--text BYTES]
"""
import argparse
import asyncio
import re
import ssl

CAPABILITY = "IMAP4rev1 LITERAL+ IDLE NAMESPACE UIDPLUS"
WORDS = "A short text of a message that nobody has written. "
SHOWN = ('* %d FETCH (UID %d FLAGS (\\Seen) INTERNALDATE "%02d-Nov-2026 10:00:00 +0000" RFC822.SIZE %d '
         'ENVELOPE ("Mon, %02d Nov 2026 10:00:00 +0000" "Subject %d" (("Somebody" NIL "some%d" '
         '"example.edu")) NIL NIL (("Me" NIL "me" "example.edu")) NIL NIL NIL "<%d@example.edu>") '
         'BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" %d 1 NIL NIL NIL NIL)%s)\r\n')


OPTIONS = argparse.Namespace(messages=20, folders=0, text=len(WORDS))


def numbers(words):
    """The messages of a set; * is the last one."""
    found = set()
    for part in words.split(","):
        ends = [OPTIONS.messages if end == "*" else int(end) for end in part.split(":")]
        found.update(range(min(ends), min(max(ends), OPTIONS.messages) + 1))
    return [n for n in sorted(found) if 1 <= n <= OPTIONS.messages]


def text_of(n):
    return ("Number %d. " % n + WORDS * (OPTIONS.text // len(WORDS) + 1))[:OPTIONS.text]


def fetch(words, items):
    out = []
    sections = re.findall(r"BODY\.PEEK(\[[^\]]*\])(?:<(\d+)\.(\d+)>)?", items, re.IGNORECASE)
    for n in numbers(words):
        more = ""
        for name, first, length in sections:
            text = ("Subject: Subject %d\r\nFrom: some%d@example.edu\r\n\r\n" % (n, n)
                    if "HEADER" in name.upper() else text_of(n))
            if length:
                text = text[int(first):int(first) + int(length)]
            more += " BODY%s%s {%d}\r\n%s" % (name.upper(), "<%s>" % first if length else "", len(text), text)
        day = n % 28 + 1
        out.append(SHOWN % (n, n, day, 900 + n, day, n, n, n, OPTIONS.text, more))
    return "".join(out)


def select(word):
    return ("* %d EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen \\Flagged \\Answered \\Deleted \\Draft)\r\n"
            "* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT %d] .\r\n" % (OPTIONS.messages, OPTIONS.messages + 1),
            "[READ-WRITE] " + word)


def answer(name, words):
    """(untagged answers, words of the tagged one); None for the connection's end."""
    if name == "CAPABILITY":
        return "* CAPABILITY %s\r\n" % CAPABILITY, "done"
    if name in ("SELECT", "EXAMINE"):
        return select("done")
    if name == "LIST":
        names = ["INBOX"] + ["F%d" % n for n in range(1, OPTIONS.folders + 1)]
        return "".join('* LIST (\\HasNoChildren) "/" %s\r\n' % each for each in names), "done"
    if name == "NAMESPACE":
        return '* NAMESPACE (("" "/")) NIL NIL\r\n', "done"
    if name == "STATUS":
        return "* STATUS %s (MESSAGES %d UNSEEN 0 UIDNEXT %d UIDVALIDITY 7)\r\n" % (
            words.partition(" ")[0], OPTIONS.messages, OPTIONS.messages + 1), "done"
    if name in ("FETCH", "UID FETCH"):
        chosen, _, items = words.partition(" ")
        return fetch(chosen, items), "done"
    if name == "UID SEARCH":
        return "* SEARCH %s\r\n" % " ".join(map(str, range(1, OPTIONS.messages + 1))), "done"
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
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("certificate")
    parser.add_argument("key")
    for name, number in list(vars(OPTIONS).items()):
        parser.add_argument("--" + name, type=int, default=number)
    parser.parse_args(namespace=OPTIONS)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(OPTIONS.certificate, OPTIONS.key)
    server = await asyncio.start_server(serve, "127.0.0.1", OPTIONS.port, ssl=context, backlog=1024)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()

if __name__ == "__main__":
    asyncio.run(main())
