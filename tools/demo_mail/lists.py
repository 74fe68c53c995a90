# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder Lists: as many posts of the campus lists as are asked for, made fast and one by one."""
import random

from demo_mail import compose
from demo_mail.people import FIRST, LAST

LISTS = [("tides-announce", "Tides"), ("linux-users", "Linux users"), ("field-notes", "Field notes"),
         ("board-games", "Board games"), ("typesetting", "Typesetting"), ("kitchen-chemistry", "Kitchen")]
SUBJECTS = {
    "tides-announce": ["Spring tide at the boathouse", "Gauge 4 reads backwards", "Table for {m}",
                       "Low water and lower spirits", "Calibration weekend, day {n}",
                       "The buoy is back (with a seal)"],
    "linux-users": ["Sound works, then it does not", "Which editor for {n} GB of logs?",
                    "Kernel {n}.{k}: my scanner sings", "A script that saved my Sunday",
                    "Fonts, again", "How I lost {n} files and found {k}"],
    "field-notes": ["Heron count, week {n}", "Moss on the north wall", "First frost, {k} degrees",
                    "Something has eaten sensor {n}", "Seen: an owl in daylight", "Mud report"],
    "board-games": ["Friday: {n} players, one table", "House rules for the long game",
                    "Who has the missing dice?", "Tournament, round {k}", "Teach me a card game",
                    "The rulebook contradicts page {n}"],
    "typesetting": ["Hyphenating place names", "Ligatures in a thesis of {n} pages",
                    "The margin question", "Footnote {n} has a footnote", "Small caps in Greek",
                    "Widow on page {k}"],
    "kitchen-chemistry": ["Sourdough at {k} degrees", "Why is my jam blue?", "Foam, stable for {n} min",
                          "Salt, an appreciation", "Caramel without tears", "Yeast from the attic"],
}
OPENINGS = ["Hello list,", "Hi all,", "Dear all,", "Good evening,", "Friends,", "Hello again,"]
SENTENCES = [
    "I have tried this twice now, once with care and once in a hurry, and the hurry won.",
    "The numbers are in the usual place; the explanation is still missing.",
    "Somebody wrote about it last spring, but the search finds only my own question.",
    "It worked on Tuesday, which is of course no argument for Wednesday.",
    "My neighbour says it is the weather, and my neighbour is seldom right and never in doubt.",
    "If anyone has a spare one, I can offer soup, or an hour of proof-reading.",
    "We measured for {n} hours and drank {k} cups of tea, which may have been the mistake.",
    "The manual devotes one line to it, and that line has a misprint.",
    "Thank you for the help last week; it was the cable, it is always the cable.",
    "I attach no picture, since the picture would only show a man looking puzzled.",
    "The second attempt was better by {k} per cent, within the error of my kitchen scales.",
    "Does this happen to others, or is it a talent?",
    "Before you ask: yes, I switched it off and on, and it enjoyed both.",
    "For the archive: the answer is {n}, and the reason is humidity.",
    "There will be cake, and a short discussion of what went wrong with the last cake.",
    "I shall be at the usual table from seven, with the large map.",
]
ENDINGS = ["Best,", "Cheers,", "Greetings from the attic,", "Yours in haste,", "Thanks,", "73,"]
MONTHS = ("January February March April May June July August September October November "
          "December").split()


def _person(number):
    first, last = FIRST[number % len(FIRST)], LAST[(number * 7 + number // 36) % len(LAST)]
    local = "".join(c for c in (first + "." + last).lower() if c.isalnum() and c.isascii() or c == ".")
    return first + " " + last, "%s@example.%s" % (local, ("edu", "org", "net", "com")[number % 4])


def posts(count, now, seed=20):
    """(seconds, flags, bytes), oldest first; the newest a few minutes old."""
    rng, now = random.Random(seed), int(now)
    people = [_person(number) for number in range(420)]
    senders = [compose.address(name, mail) for name, mail in people]
    step = 5 * 365 * 86400 // max(count, 5000)     # five years, or denser where there are more
    recent = {}
    for index in range(count):
        seconds = now - 300 - (count - 1 - index) * step - rng.randrange(step)
        who = int(rng.random() ** 2 * len(people))
        name, title = LISTS[int(rng.random() * len(LISTS))]
        n, k = 2 + index % 37, 3 + index % 11
        threads = recent.setdefault(name, [])
        if threads and rng.random() < 0.62:
            subject, parent, references = threads[int(rng.random() * len(threads))]
            subject = subject if subject.startswith("Re: ") else "Re: " + subject
            message_id = "<%x.%d@lists.example.org>" % (seconds, index)
            references = (references + " " + parent)[-600:].lstrip()
            thread = "In-Reply-To: %s\r\nReferences: %s\r\n" % (
                parent, references.replace(" ", "\r\n "))
        else:
            message_id = "<%x.%d@lists.example.org>" % (seconds, index)
            choice = SUBJECTS[name]
            subject = "[%s] %s" % (title, choice[int(rng.random() * len(choice))].format(
                n=n, k=k, m=MONTHS[index % 12]))
            references, thread = "", ""
        threads.append((subject, message_id, references))
        if len(threads) > 25:
            del threads[0]
        body = [SENTENCES[int(rng.random() * len(SENTENCES))].format(n=n, k=k)
                for _ in range(2 + index % 4)]
        text = "%s\r\n\r\n%s\r\n\r\n%s\r\n%s\r\n" % (
            OPENINGS[index % 6], "\r\n".join(body), ENDINGS[index % 5], people[who][0])
        raw = ("Received: from lists.example.org by mail.example.edu with ESMTPS; %s\r\n"
               "From: %s\r\nTo: %s@lists.example.org\r\nSubject: %s\r\nDate: %s\r\n"
               "Message-ID: %s\r\n%sList-Id: %s <%s.lists.example.org>\r\nPrecedence: list\r\n"
               "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
               "Content-Transfer-Encoding: 8bit\r\n\r\n%s" % (
                   compose.date_header(seconds + 4), senders[who], name, subject,
                   compose.date_header(seconds, (0, 60, 120, -300)[who % 4]), message_id, thread,
                   title, name, text))
        age = count - index
        flags = [] if age < 40 and index % 3 else ["\\Seen"]
        if index % 211 == 0:
            flags.append("\\Flagged")
        if index % 97 == 0:
            flags.append("\\Answered")
        yield seconds, " ".join(flags), raw.encode("utf-8")
