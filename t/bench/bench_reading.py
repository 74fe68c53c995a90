# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "reading": (a) a message of 8 KB, and one of HTML with its frame, cached, beside an index page; (b) HTML cleaned; (c) an attachment of 100 MB beside
a plain IMAP client's FETCH of it; (d) the mail of t/fixtures, or of $ALPHAMAIL_CORPUS, opened one by one."""
import base64
import glob
import http.client
import os
import re
import subprocess
import time

import imap_reader
import kit
import newsletter
import paths
from bench_messages import letters
from imapd import message

USERS = ("demo", "demo2")
KEPT = 16


def newsletter_message(number):
    text = message(subject="News %d" % number, text=newsletter.newsletter(30_000), headers=(
        "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit"))
    return kit.NOW - number * 600, r"\Seen", text.replace("\n", "\r\n").encode()


def cached_message(site, rounds, seconds):
    """[index page, message, newsletter's page, its frame]: a list, and what stands in such lists."""
    filler = site.filler(USERS[0])
    filler.create("Letters")
    filler.append("Letters", letters(200))
    filler.create("News")
    filler.append("News", [newsletter_message(n) for n in range(KEPT)])
    filler.close()
    site.clone(USERS[0], USERS[1:])
    site.log_in(["mail/INBOX/"])
    site.wait_complete("Letters", 4)
    cookies = site.log_in(["mail/Letters/", "mail/News/"])

    def opened(folder, below=""):
        return ["%smail/%s/%d%s" % (site.mount, folder, uid, below) for uid in range(1, KEPT + 1) for _ in USERS]

    cases = [kit.Case("index page, 50 rows", site.mount + "mail/Letters/", cookies),
             kit.Case("message of 8 KB, cached", opened("Letters"), cookies, least=8000),
             kit.Case("newsletter of 30 KB, cached: its page", opened("News"), cookies, least=4000),
             kit.Case("its frame's document", opened("News", "/body"), cookies, least=20000)]
    kit.Bench(site, seconds, 8).rounds(cases, rounds)
    return cases


def peak_kb(child):
    """What a child that has ended took at most."""
    _, _, used = os.wait4(child.pid, 0)
    return used.ru_maxrss


def cleaned(html, times):
    """(ms of CPU each time, KB at most) of the cleaner in a process of its own."""
    program = os.path.join(paths.top_builddir, "t", "html_cleaner")
    with open(os.path.join(paths.top_builddir, "t", "bench", "cleaned.in"), "w+b") as source:
        source.write((b"%d\n" % len(html) + html) * times)
        source.seek(0)
        child = subprocess.Popen([program, "--recolour"], stdin=source, stdout=subprocess.PIPE)
        figures = []
        while line := child.stdout.readline():
            numbers = [int(word) for word in line.split()]
            child.stdout.read(numbers[0])
            figures.append(numbers[5] / 1000)
        most = peak_kb(child)
    os.unlink(source.name)
    if len(figures) != times:
        raise RuntimeError("the cleaner cleaned %d of %d" % (len(figures), times))
    return figures, most


def with_file(subject, size):
    block = os.urandom(57 * 1024)
    encoded = base64.encodebytes(block).decode() * (size // len(block))
    body = ("--xyz\nContent-Type: text/plain\n\nA short text.\n--xyz\nContent-Type: application/x-odd\nContent-Disposition: "
            "attachment; filename=large.bin\nContent-Transfer-Encoding: base64\n\n%s--xyz--\n" % encoded)
    return message(subject=subject, text=body, headers="MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=xyz")


def download(site, browser, path):
    """(seconds, bytes) of an answer that is thrown away."""
    connection = http.client.HTTPConnection(site.stack.httpd.origin.split("//")[1], timeout=300)
    begin = time.monotonic()
    connection.request("GET", browser.whole(path), headers={**browser.headers, "Cookie": kit.cookie_line(browser)})
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError("%s: %d" % (path, answer.status))
    total, buffer = 0, bytearray(1 << 18)
    while got := answer.readinto(buffer):
        total += got
    connection.close()
    return time.monotonic() - begin, total


def attachments(site, size, rounds):
    """[(seconds of FETCH, of the first download, of one from disk, bytes as a file)]: a message for each round, in turns."""
    dovecot = site.stack.dovecot
    dovecot.create(USERS[0], "Large")
    uids = [dovecot.deliver(USERS[0], "Large", [with_file("Large %d" % n, size)])[0] for n in range(rounds)]
    browser = site.stack.browser()
    browser.log_in(USERS[0], "demo")
    browser.get("mail/Large/")
    reader = imap_reader.Reader(dovecot, USERS[0])
    reader.ask("EXAMINE Large")
    rows = []
    for n, uid in enumerate(uids):
        kit.say("attachment %d of %d" % (n + 1, rounds))
        part = "mail/Large/%d/part/2" % uid
        # The server's own cache is warm for both: who comes first in a round pays nothing for the other.
        reader.ask("UID FETCH %d BODY.PEEK[2]" % uid)
        fetched = reader.ask("UID FETCH %d BODY.PEEK[2]" % uid)[0]
        first, total = download(site, browser, part)
        again, _ = download(site, browser, part)
        rows.append((fetched, first, again, total))
    reader.close()
    return rows


def mails():
    top = os.environ.get("ALPHAMAIL_CORPUS")
    folder = os.path.join(top, "mail") if top else os.path.join(paths.top_srcdir, "t", "fixtures")
    for path in sorted(glob.glob(os.path.join(folder, "**"), recursive=True)):
        name = os.path.basename(path)
        if os.path.isfile(path) and os.path.splitext(name)[1] in (".eml", ".msg", ".raw", "") and not name.startswith("README"):
            with open(path, "rb") as source:
                yield path, source.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def corpus(site):
    """(tried, right, [(ms, file)], crashes): each message's page, and its frame's document where it has one."""
    stack = site.stack
    found = list(mails())
    stack.dovecot.create(USERS[1], "Corpus")
    uids = stack.dovecot.deliver(USERS[1], "Corpus", [raw for _, raw in found])
    browser = stack.browser()
    browser.log_in(USERS[1], "demo")
    browser.get("mail/Corpus/")
    daemon, right, took = stack.webcache.pid, 0, []
    for (path, _), uid in zip(found, uids):
        begin = time.monotonic()
        page = browser.get("mail/Corpus/%d" % uid)
        statuses = [page.status]
        for frame in re.findall(r'<iframe class="frame"[^>]* src="([^"]+)"', page.text):
            statuses.append(browser.get(frame.replace("&amp;", "&")).status)
        took.append(((time.monotonic() - begin) * 1000, os.path.basename(path)))
        right += all(status == 200 for status in statuses)
    with open(stack.httpd.error_log, encoding="utf-8", errors="replace") as source:
        crashes = source.read().count("exit signal")
    crashes += 0 if stack.webcache.pid == daemon and os.path.exists("/proc/%d" % daemon) else 1
    return len(found), right, took, crashes


def run(options):
    quick = options.quick
    size = (8 if quick else 100) << 20
    with paths.TestFolder() as folder, kit.Site(folder, USERS) as site:
        cases = cached_message(site, 2 if quick else 7, 1 if quick else 4)
        index, opened = cases[:2]
        html = newsletter.newsletter(200_000).encode()
        times, most = cleaned(html, 5 if quick else 40)
        small, _ = cleaned(newsletter.newsletter(30_000).encode(), 5 if quick else 40)
        fetches = attachments(site, size, 2 if quick else 5)
        tried, right, took, crashes = corpus(site)
    ratio = kit.middle(a / b for a, b in zip(opened.all_cpu_us(), index.all_cpu_us()))
    print(kit.table(["(a)", "pages/s", "CPU us, httpd and webcache", "p50 us", "bytes"],
                    [[c.name, "%.0f" % kit.middle(c.rates), "%.0f" % kit.middle(c.all_cpu_us()), "%.0f" % kit.middle(c.p50),
                      "%.0f" % c.size] for c in cases]))
    print("\nThe message takes %.2f times the CPU of the index page (aim: at most 1.3).\n" % ratio)
    print(kit.table(["(b) HTML cleaned, recoloured", "CPU ms, median", "best", "aim"],
                    [["newsletter of 200 KB", "%.1f" % kit.middle(times), "%.1f" % min(times), "15"],
                     ["newsletter of 30 KB", "%.1f" % kit.middle(small), "%.1f" % min(small), ""]]))
    print("\nThe process that cleaned it took %.0f MB at most, all in all (aim: 64).\n" % (most / 1024))
    rows = [["FETCH by a plain client", [row[0] for row in fetches]], ["saved, the first time", [row[1] for row in fetches]],
            ["saved again, from disk", [row[2] for row in fetches]]]
    print(kit.table(["(c) %d MB" % (size >> 20), "s", "MB/s of the file"],
                    [[name, "%.2f" % kit.middle(seconds), "%.0f" % (fetches[0][3] / kit.middle(seconds) / (1 << 20))]
                     for name, seconds in rows]))
    print("\nThe first time it reaches %.0f %% of the plain client's throughput (aim: at least 60).\n" % (
        100 * kit.middle(row[0] / row[1] for row in fetches)))
    slowest = max(took)
    print("(d) %d messages opened, with their frames: %d right, the slowest in %.0f ms (%s), median %.1f ms, %d crashes." % (
        tried, right, slowest[0], slowest[1], kit.middle(one[0] for one in took), crashes))
