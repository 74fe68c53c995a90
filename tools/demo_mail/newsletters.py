# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML mail: newsletters of the campus, as their mailers write them."""

STORIES = [
    ("The tower clock runs again", "After eleven years of standing at twenty to four, the clock in the old tower moves. The first to notice were the pigeons."),
    ("A prize for the quietest lab", "The acoustics group has won the national award for low-noise engineering. They celebrated, in their words, \u201caudibly\u201d."),
    ("New tram stop at the boathouse", "From spring the number 4 stops at the boathouse. Rowers rejoice; the number 7 is said to be hurt."),
    ("Open day: two thousand visitors, one tortoise", "The tortoise has been found. It was in the Faculty of Law, in a queue."),
    ("Library extends its hours", "The reading room now stays open until midnight during exams. Tea is served at ten, in whispers."),
    ("Students build a bridge of spaghetti", "It carried 84 kilograms, and afterwards fed forty people."),
    ("The garden asks for names", "A new begonia has no name yet. Suggestions go into the box by the gate; \u201cBegonia McBegoniaface\u201d has been suggested enough."),
    ("Measuring the wind, forty years on", "The weather station on the roof turns forty. Its first logbook is on show in the foyer, including the page with the jam."),
]
EVENTS = [("Organ and oboe", "Chapel, 19:30"), ("Repair caf\u00e9", "Bicycle Kitchen, from 16:00"),
          ("Star night", "Old Observatory, if clear"), ("Chess under the linden", "Courtyard, noon"),
          ("Poetry slam, third heat", "Turing Annex, 20:00"), ("Jumble sale", "Sports hall, 10:00")]


def gazette(number, random, banner):
    """The weekly newsletter: (subject, plain text, HTML). `banner` is a cid: reference or None."""
    stories = random.sample(STORIES, 3)
    events = random.sample(EVENTS, 3)
    text = "CAMPUS GAZETTE %d\n\n" % number
    text += "".join("* %s\n  %s\n\n" % story for story in stories)
    text += "On this week\n" + "".join("  %s: %s\n" % event for event in events)
    image = ('<img src="cid:%s" width="320" height="120" alt="Evening over the campus">' % banner
             if banner else '<img src="https://gazette.example.com/banner-%d.png" alt="">' % number)
    html = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>Campus Gazette %d</title>
<style>body{font-family:Georgia,serif;background:#f4f1ea;color:#222}h1{color:#12615a}
td{vertical-align:top;padding:8px}.when{color:#666;font-size:13px}</style></head>
<body><table width="600" align="center" cellspacing="0" bgcolor="#ffffff">
<tr><td colspan="2">%s<h1>Campus Gazette</h1><p class="when">No. %d &middot; every Monday</p></td></tr>
""" % (number, image, number)
    for title, line in stories:
        html += ("<tr><td colspan=\"2\"><h2>%s</h2><p>%s</p>"
                 "<p><a href=\"https://gazette.example.com/%d/%s\">Read on</a></p></td></tr>\n"
                 % (title, line, number, title.lower().replace(" ", "-").replace(":", "")))
    html += "<tr><td><h3>On this week</h3><ul>"
    html += "".join("<li><b>%s</b>, %s</li>" % event for event in events)
    html += ("</ul></td><td><p>You read this because you are here. "
             "<a href=\"https://gazette.example.com/unsubscribe?id=%d\">Unsubscribe</a>, "
             "if you must.</p></td></tr></table></body></html>\n" % number)
    return "Campus Gazette %d: %s" % (number, stories[0][0]), text, html


def sale(random):
    """A shop's circular: HTML only, and loud."""
    percent = random.choice([15, 20, 25, 40, 60])
    thing = random.choice(["notebooks", "fountain pens", "rucksacks", "desk lamps", "bicycle bells"])
    html = """<html><body bgcolor="#fff7e6"><center>
<font face="Arial" size="6" color="#c02020"><b>%d%% off all %s!</b></font>
<p><font face="Arial">Only until Sunday, only at <a href="https://shop.example.com/sale">Campus Supplies</a>,
next to the <i>tram loop</i>.</font></p>
<table border="0" cellpadding="6"><tr bgcolor="#ffd9a0"><th>Was</th><th>Is</th></tr>
<tr><td>12,00 &euro;</td><td><b>%.2f &euro;</b></td></tr></table>
<p><small>Prices while stocks last. Dogs welcome.</small></p></center></body></html>
""" % (percent, thing, 12 * (100 - percent) / 100)
    return "%d%% off all %s \u2013 only this week" % (percent, thing), html
