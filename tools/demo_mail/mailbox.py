# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies in which folder. folders() gives, folder by folder, messages oldest first, as
(seconds since 1970, flags, bytes); the same at each run but for the dates, which follow `now`."""
import random

from demo_mail import compose, letters, newsletters, odd, people, pictures, threads, world

HOUR, DAY = 3600, 86400
ME = ("Robin Demo", "demo@example.edu", 60)
INBOX_SIZE = 400


class Writer:
    """Makes messages with the headers that real ones have, and counts their ids."""

    def __init__(self, now, seed, me=ME):
        self.now, self.rng, self.me, self.number = now, random.Random(seed), me, 0

    def fill(self, text):
        return text.format(**{name: self.rng.choice(values)
                              for name, values in letters.SLOTS.items()})

    def write(self, sender, subject, part, age, to=None, charset="utf-8", extra=(), message_id=None):
        """(seconds, bytes) of a message that came `age` seconds ago."""
        seconds = int(self.now - age)
        self.number += 1
        name, mail, offset = sender
        message_id = message_id or "<%x.%d@mail.%s>" % (seconds, self.number, mail.split("@")[1])
        to_name, to_mail, _ = to or self.me
        headers = [
            ("Received", "from mx.%s by mail.example.edu with ESMTPS id %06x;\r\n\t%s" % (
                mail.split("@")[1], self.number * 7919, compose.date_header(seconds + 3))),
            ("From", compose.address(name, mail, charset)),
            ("To", compose.address(to_name, to_mail)),
            ("Subject", compose.encode_words(subject, charset)),
            ("Date", compose.date_header(seconds, offset)),
            ("Message-ID", message_id), *extra]
        return seconds, compose.message(headers, part)

    def boundary(self):
        return "=_%08x_%d" % (self.rng.getrandbits(32), self.number)

    def letter(self, age, only=None):
        key, subject, text = self.rng.choice(only or letters.LETTERS)
        state = self.rng.getstate()
        subject = self.fill(subject)
        self.rng.setstate(state)      # the text speaks of the same day and room as the subject
        return self.write(people.EVERYBODY[key], subject, compose.text_part(self.fill(text)), age)


def _conversation(writer, inbox, sent):
    for subject, days, says in threads.THREADS:
        age, earlier, last_text = days * DAY + 7 * HOUR, [], None
        for number, (who, hours, text) in enumerate(says):
            age -= hours * HOUR + 660
            mine = who == "me"
            sender = writer.me if mine else people.COLLEAGUES[who]
            to = people.COLLEAGUES[says[number - 1][0]] if mine else None
            extra = [("In-Reply-To", earlier[-1]),
                     ("References", "\r\n ".join(earlier))] if earlier else []
            message_id = "<%x.t%d@mail.example.edu>" % (int(writer.now - age), len(earlier))
            body = text
            if last_text and number % 2:
                body += "\nOn another day somebody wrote:\n" + "".join(
                    "> %s\n" % line for line in last_text.splitlines())
            made = writer.write(sender, ("Re: " if earlier else "") + subject,
                                compose.text_part(body), max(age, 900), to=to, extra=extra,
                                message_id=message_id)
            (sent if mine else inbox).append((*made, None))
            earlier, last_text = earlier + [message_id], text


def _with_attachments(writer, inbox):
    p, w = people.COLLEAGUES, writer

    def add(who, days, subject, text, *parts, flags=None, subtype="mixed"):
        whole = compose.multipart(subtype, [compose.text_part(text), *parts], w.boundary())
        inbox.append((*w.write(p.get(who) or people.OFFICES[who], subject, whole, days * DAY), flags))
    image = compose.attachment
    add("amadou", 0.4, "Three pictures from the ridge", "Bonjour,\n\nthree pictures from yesterday "
        "evening. The last is my favourite.\n\nAmadou\n",
        *(image("ridge-%d.png" % n, "image/png", pictures.mountains(n)) for n in (1, 2, 3)))
    add("mirela", 5, "Floor plan of the new wing", "Hello,\n\nthe marked room is yours. The window "
        "looks at the linden.\n\nMirela\n", image("floor-plan.png", "image/png", pictures.floor_plan()),
        flags="\\Seen \\Flagged")
    add("noor", 2.2, "Season 3, first plot", "The pause before the big crack is in the middle of the "
        "plot. Look how quiet it gets.\n\nNoor\n", image("season-3.png", "image/png", pictures.plot()))
    add("hr", 8, "Your travel claim has been paid", "Dear colleague,\n\nthe statement is attached.\n\n"
        "Human Resources\n", image("statement.pdf", "application/pdf", pictures.pdf(
            "Travel claim 2210", ["Train to Nordhaven        38.50", "Bicycle                    6.00",
                                  "Cinnamon knots (refused)   0.00", "", "Total                     44.50"])))
    add("dean", 20, "Minutes of the faculty board, with annex", "Dear all,\n\nminutes and annex as "
        "agreed.\n\nOffice of the Dean\n",
        image("minutes.pdf", "application/pdf", pictures.pdf("Faculty board", ["1. Budget", "2. The clock"])),
        image("annex (final) (really).pdf", "application/pdf", pictures.pdf("Annex", ["See minutes."])))
    add("lev", 11, "Patch for the full moon", "Hello,\n\nsource and patch, packed.\n\nLev\n",
        image("tidegauge-2.0rc1.tar.gz", "application/gzip", pictures.tar_gz({
            "tidegauge/README": "Reads tides.\n", "tidegauge/moon.c": "int phase(void) { return 0; }\n",
            "tidegauge/moon.patch": "-  t = local();\n+  t = utc();\n"})), flags="\\Seen \\Answered")
    add("wilma", 14, "Solutions, sheets 1 to 7", "Hello,\n\nall seven in one archive.\n\nWilma\n",
        image("solutions.zip", "application/zip", pictures.zipped({
            "sheet-%d.txt" % n: "Solution of sheet %d: think, then count.\n" % n for n in range(1, 8)})))
    add("chen", 17, "修改稿与数据 (revised draft and data)", "您好，\n\n附上修改稿与数据表。\n\n望舒\n",
        image("修改稿.pdf", "application/pdf", pictures.pdf("Revised draft", ["Chapter 1"])),
        image("数据 2026.csv", "text/csv", "站,深度,温度\n一,12,4.7\n二,15,4.4\n".encode("utf-8")))
    forwarded = w.write(p["hal"], "Freight: delivery window", compose.text_part(
        "Dear customer,\n\nyour crate arrives between 8 and 12.\n\nFreight desk\n"), 7 * DAY)[1]
    add("hal", 6.5, "Fwd: Freight: delivery window", "See below, they mean it this time.\n\nHal\n",
        compose.attached_message(forwarded))
    deep = w.write(p["bea"], "Fwd: Fwd: Re: programme", compose.multipart("mixed", [
        compose.text_part("Passing this on.\n"), compose.attached_message(forwarded)], w.boundary()),
        30 * DAY)[1]
    add("bea", 29, "Fwd: Fwd: Fwd: Re: programme", "A letter in a letter in a letter.\n",
        compose.attached_message(deep))
    alternative = compose.multipart("alternative", [
        compose.text_part("The programme is out: three days, forty talks, one boat.\n"),
        compose.text_part("<html><body><h2>The programme is out</h2><p>Three days, forty talks, "
                          "<b>one boat</b>.</p></body></html>", subtype="html")], w.boundary())
    inbox.append((*w.write(p["bea"], "Programme of the workshop", compose.multipart("mixed", [
        alternative, image("programme.pdf", "application/pdf", pictures.pdf(
            "Programme", ["Day 1: water", "Day 2: ice", "Day 3: boat"]))], w.boundary()), 13 * DAY), None))
    invite = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:roof@example.edu"
              "\r\nDTSTART:20261210T090000Z\r\nSUMMARY:Roof walk\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    add("rooms", 1.3, "Invitation: roof walk", "You are invited to a roof walk.\n",
        compose.text_part(invite, subtype="calendar", extra="; method=REQUEST"))


def _newsletters(writer, inbox, count):
    for number in range(count):
        age = (2 + 7 * number) * DAY
        subject, text, html = newsletters.gazette(412 - number, writer.rng, None if number % 2 else
                                                  "banner%d@example.edu" % number)
        parts = [compose.text_part(text), compose.text_part(html, "utf-8", "html")]
        whole = compose.multipart("alternative", parts, writer.boundary())
        if number % 2 == 0:
            picture = compose.attachment("banner.png", "image/png", pictures.mountains(number, 120, 40),
                                         "inline", "banner%d@example.edu" % number)
            related = compose.multipart("related", [parts[1], picture], writer.boundary())
            whole = compose.multipart("alternative", [parts[0], related], writer.boundary())
        inbox.append((*writer.write(people.OFFICES["press"], subject, whole, age, extra=[
            ("List-Unsubscribe", "<https://gazette.example.com/unsubscribe>")]), None))
    for number in range(count // 2):
        subject, html = newsletters.sale(writer.rng)
        inbox.append((*writer.write(("Campus Supplies", "shop@example.com", 60), subject,
                                    compose.text_part(html, "utf-8", "html"), (4 + 11 * number) * DAY),
                      None))


def _world(writer, inbox):
    for number, (charset, name, mail, offset, subject, text) in enumerate(world.LETTERS):
        inbox.append((*writer.write((name, mail, offset), subject, compose.text_part(text, charset),
                                    (0.15 + 1.9 * number) * DAY, charset=charset), None))


def _odd(writer, inbox):
    for number, (headers, text) in enumerate(odd.MESSAGES):
        seconds = int(writer.now - (3.3 + 2.6 * number) * DAY)
        names = [name for name, _ in headers]
        lines = [("To", "demo@example.edu")] if "To" not in names and number else []
        charset = "latin-1" if "X-Raw" in names else "utf-8"
        raw = "".join("%s: %s\r\n" % (name, value.replace("{date}", compose.date_header(seconds)))
                      for name, value in lines + headers if name != "X-Raw")
        raw += "\r\n" + text.replace("\n", "\r\n")
        inbox.append((seconds, raw.encode(charset), "\\Seen" if number % 3 else ""))


def _flagged(writer, messages, unread_newest):
    """Believable flags for messages that have none given: the newest unread, some answered."""
    messages.sort(key=lambda one: one[0])
    rng, out = writer.rng, []
    for index, (seconds, raw, flags) in enumerate(messages):
        newest_first = len(messages) - 1 - index
        if flags is None:
            unread = newest_first < unread_newest and rng.random() < 0.75 or rng.random() < 0.015
            words = [] if unread else ["\\Seen"]
            if not unread and rng.random() < 0.2:
                words.append("\\Answered")
            if rng.random() < 0.03:
                words.append("\\Flagged")
            flags = " ".join(words)
        out.append((seconds, flags, raw))
    return out


def _letters(writer, count, first_days, last_days, only=None):
    spread = (last_days - first_days) * DAY / max(1, count)
    return [(*writer.letter(first_days * DAY + spread * (n + writer.rng.random()), only), None)
            for n in range(count)]


def _by(*names):
    return [letter for letter in letters.LETTERS if letter[0] in names]


def _own(writer, count, first_days, last_days):
    """What the owner wrote: answers to colleagues."""
    out = []
    for number in range(count):
        key, subject, _ = writer.rng.choice(_by(*people.COLLEAGUES))
        text = writer.fill(writer.rng.choice([
            "Hi,\n\nyes, {day} at {hour} suits me. I bring {sweet}.\n\nRobin\n",
            "Thank you, that helps. Could we use {room} instead? The other one echoes.\n\nRobin\n",
            "Dear {speaker},\n\nwith pleasure. I shall send the text before {day}.\n\nRobin\n",
            "I looked, and it is {thing}. Mystery solved, dignity lost.\n\nRobin\n"]))
        age = (first_days + (last_days - first_days) * number / count) * DAY + 3000
        subject = writer.fill(subject)
        out.append((*writer.write(writer.me, subject if subject.startswith("Re: ") else "Re: " + subject,
                                  compose.text_part(text), age, to=people.COLLEAGUES[key]), "\\Seen"))
    return out


SPAM = ["You have inherited a lighthouse", "Your parcel cannot find you", "Degree without lectures!!!",
        "Cheap watches, some with hands", "Re: your invoice that you never sent", "One weird trick to "
        "finish a thesis", "Congratulations, winner #20417", "Your mailbox is 104% full"]


def _junk(writer, count):
    return [(*writer.write(("Totally Real Offers", "offers%d@example.com" % n, -480),
                           writer.rng.choice(SPAM), compose.text_part(writer.fill(
                               "Dear friend,\n\nact before {day}! Only {size} left. Reply with {thing}.\n")),
                           (0.5 + n) * DAY), "" if n < 4 else "\\Seen") for n in range(count)]


def folders(now, owner=ME, seed=7):
    """[(folder name with / between levels, [(seconds, flags, bytes)])] without Lists."""
    w = Writer(now, seed, owner)
    inbox, sent = [], []
    _conversation(w, inbox, sent)
    _with_attachments(w, inbox)
    _newsletters(w, inbox, 14)
    _world(w, inbox)
    _odd(w, inbox)
    inbox += _letters(w, 24, 0.01, 4)
    inbox += _letters(w, max(0, INBOX_SIZE - len(inbox)), 4, 210)
    drafts = [(*w.write(w.me, subject, compose.text_part(text), days * DAY, to=people.COLLEAGUES["ines"]),
               "\\Seen \\Draft") for subject, text, days in (
                   ("Poem about the coffee machine", "O thou that hummest\n", 2),
                   ("Letter to the dean, second attempt", "Dear Dean,\n\nwith all due\n", 9),
                   ("", "milk, bread, oscilloscope\n", 21))]
    plan = [
        ("INBOX", inbox, 30), ("Sent", sent + _own(w, 70, 0.2, 200), 0), ("Drafts", drafts, 0),
        ("Junk", _junk(w, 24), 0), ("Trash", _letters(w, 18, 1, 40), 1),
        ("Archive", _letters(w, 12, 220, 300), 0),
        ("Archive/2025", _letters(w, 90, 330, 690), 0), ("Archive/2024", _letters(w, 60, 700, 1050), 0),
        ("Teaching", _letters(w, 15, 1, 120, _by("wilma", "ines", "rooms", "tomas")), 2),
        ("Teaching/Linear Algebra", _letters(w, 28, 2, 140, _by("wilma", "tomas", "rooms")), 3),
        ("Teaching/Linear Algebra/Exam", _letters(w, 6, 5, 60, _by("wilma", "rooms", "dean")), 0),
        ("Research", _letters(w, 9, 3, 200, _by("noor", "aoife", "seminar")), 1),
        ("Research/Glacier Acoustics", _letters(w, 33, 1, 220, _by("noor", "aoife", "amadou", "hal")), 4),
        ("Research/Reviews", _letters(w, 11, 10, 300, _by("szilvia")), 0),
        ("Projects/Green Roof", _letters(w, 17, 2, 90, _by("bea", "garden", "hal")), 2),
        ("Projects/tidegauge", _letters(w, 40, 0.3, 120, _by("forge")), 9),
        ("Travel", _letters(w, 14, 4, 260, _by("travel", "grete")), 0),
        ("Family", _letters(w, 13, 2, 300, _by("mum", "grete")), 1),
        ("R&D", _letters(w, 7, 5, 100), 1), ("50% done", _letters(w, 4, 5, 80), 0),
        ("notes v1.2", _letters(w, 3, 9, 70), 0), ("tilde ~ and ~more", _letters(w, 3, 9, 70), 0),
        ('The "quoted" folder', _letters(w, 3, 9, 90), 0), ("<b>not bold<b>", _letters(w, 2, 9, 90), 1),
        ("A folder with a name so long that a narrow pane has to decide what to do with it",
         _letters(w, 2, 20, 90), 0), ("Empty on purpose", [], 0)]
    made = [(name, _flagged(w, messages, unread)) for name, messages, unread in plan]
    for number, name in enumerate(world.FOLDERS):
        some = []
        for charset, who, mail, offset, subject, text in world.LETTERS[number::5]:
            some.append((*w.write((who, mail, offset), subject, compose.text_part(text, charset),
                                  (6 + 9 * len(some)) * DAY, charset=charset), None))
        made.append((name, _flagged(w, some, 1)))
    return made


def second_owner(now):
    """A smaller mailbox for demo2."""
    w = Writer(now, 8, ("Kim Demo", "demo2@example.edu", 60))
    inbox = []
    _world(w, inbox)
    inbox += _letters(w, 60, 0.05, 60)
    return [("INBOX", _flagged(w, inbox, 9)), ("Sent", _flagged(w, _own(w, 12, 1, 50), 0)),
            ("Archive", _flagged(w, _letters(w, 20, 70, 200), 0)), ("Projects/Choir", _flagged(
                w, _letters(w, 8, 1, 50, _by("choir")), 1))]
