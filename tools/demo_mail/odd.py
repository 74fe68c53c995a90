# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages as they really come: without subject, without date, with addresses that nobody thought
of, with markup where none belongs. All harmless, all to be shown as what they are."""

LONG = ("Agenda, minutes, corrections to the minutes, corrections to the corrections, seating plan, "
        "and (at last, with apologies to everybody who asked on Monday, on Tuesday and again, with "
        "admirable restraint, on Thursday) the date of the next meeting of the subcommittee on the "
        "naming of rooms, corridors, stairwells and other enclosed or partly enclosed spaces, which "
        "is now definitely the twelfth, unless it is the thirteenth, in which case a further message "
        "with a subject not much shorter than this one will follow in good time before the twelfth")

# (headers in order, text): a value of None leaves the header out. {date} is filled in.
MESSAGES = [
    ([("From", "Ines Quellbach <ines.quellbach@example.edu>"), ("Date", "{date}")],
     "Forgot the subject, sorry. And the recipient, it seems. It was about the cake anyway.\n\nInes\n"),
    ([("From", "Piet Zandvliet <zandvliet@example.edu>"), ("Subject", ""), ("Date", "{date}")],
     "The subject is empty on purpose. I found nothing to add.\n\nPiet\n"),
    ([("From", "weather-station@example.edu"), ("Subject", "Hourly report without a clock")],
     "This station has lost its clock, so this message has no date.\nWind: some. Rain: yes.\n"),
    ([("From", "Old Fax Gateway <fax@example.com>"), ("Subject", "Fax from the past"),
      ("Date", "Thu, 1 Jan 1970 00:00:00 +0000")], "One page received. It smells of the seventies.\n"),
    ([("From", "clock@example.net"), ("Subject", "A date that nobody can read"),
      ("Date", "the day after the fair, towards evening")], "The header Date of this message is prose.\n"),
    ([("From", "Time Traveller <later@example.net>"), ("Subject", "Greetings from 2038"),
      ("Date", "Tue, 19 Jan 2038 03:14:08 +0000")], "Everything still works. Mostly.\n"),
    ([("From", "Office of the Dean <dean.office@example.edu>"), ("Subject", LONG), ("Date", "{date}")],
     "The subject says it all.\n"),
    ([("From", '"Dr. O\'Hara, \\"the\\" <Younger>" <"odd but legal"@example.org>'),
      ("Subject", "An address with quotes, a comma, angle brackets and a space"), ("Date", "{date}")],
     "My parents liked punctuation.\n"),
    ([("From", "Bounce <>"), ("Subject", "From nobody"), ("Date", "{date}")], "No sender at all.\n"),
    ([("Subject", "No From header either"), ("Date", "{date}")], "Who wrote this? You will never know.\n"),
    ([("From", "undisclosed-recipients:;"), ("Subject", "A group as a sender"), ("Date", "{date}")],
     "We are several, or none.\n"),
    ([("From", "Committee: Ines <ines.quellbach@example.edu>, piet@example.edu;"),
      ("Subject", "A group with members"), ("Date", "{date}")], "There are two of us.\n"),
    ([("From", "very.long.local.part.that.goes.on.and.on.and.on.until.somebody.stops.it@sub.domain.of."
       "a.domain.of.a.domain.example.org"), ("Subject", "An address without a name, and without end"),
      ("Date", "{date}")], "Do not print this on a card.\n"),
    ([("From", "=?utf-8?Q?J=C3=B6rg?= =?utf-8?Q?_Umlaut?= <joerg@example.org>"),
      ("Subject", "=?utf-8?B?w6Q=?==?utf-8?Q?broken =E2?= =?unknown-8bit?Q?=E4?= =?utf-8?X?zz?= and on"),
      ("Date", "{date}")], "Encoded words, some whole, some broken.\n"),
    ([("From", "Web Team <webteam@example.edu>"),
      ("Subject", "<script>alert('hello')</script> & <b>bold</b> in a subject"), ("Date", "{date}")],
     "We wanted to know whether your mail program shows <b>this</b> & <script>alert(1)</script> "
     "as it was written: as text.\n"),
    ([("From", "<img src=x onerror=alert(1)> <markup@example.org>"),
      ("Subject", "{{MARKER}} {{#SECTION}} in a subject"), ("Date", "{date}")],
     "Template markers are text too: {{MARKER}}.\n"),
    ([("From", "Right to left <rtl@example.org>"),
      ("Subject", "=?utf-8?B?4oCucmV2ZXJzZWQgYnkgYW4gb3ZlcnJpZGXigKw=?="), ("Date", "{date}")],
     "The subject holds a direction override.\n"),
    ([("From", "Bare <bare@example.org>"), ("Subject", "No MIME at all, 8-bit all the same: caf\xe9"),
      ("Date", "{date}"), ("X-Raw", "latin-1")], "Caf\xe9 cr\xe8me, said in Latin-1, announced nowhere.\n"),
    ([("From", "Tab\tand\ttab <tab@example.org>"), ("Subject", "Folded\r\n\tover\r\n several\r\n  lines"),
      ("Date", "{date}")], "The subject was folded in three places.\n"),
    ([("From", "Many <many@example.org>"),
      ("To", ", ".join("reader-%02d@example.edu" % n for n in range(1, 61))),
      ("Subject", "To sixty people, by name"), ("Date", "{date}")], "Hello, all sixty of you.\n"),
    ([("From", "Long Line <longline@example.org>"), ("Subject", "One line of nine hundred characters"),
      ("Date", "{date}")], "and on " * 120 + "and that was it.\n"),
    ([("From", "Silent <silent@example.org>"), ("Subject", "(an empty message)"), ("Date", "{date}")], ""),
]
