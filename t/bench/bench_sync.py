# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "sync": a folder of 100 000 messages (1 000 000 by --million) that the webcache has never seen: the
first page and the complete index, against a bare sort and fetch of one page and a bare read of the same
bytes; what it costs in CPU and memory; what a page costs in IMAP commands; the first page after a restart.

Each round has a user of its own, whose mail is a clone of the first user's, indexes of Dovecot's included."""
import re
import time

import kit
import paths
from asker import Asker
from demo_mail import lists
from imap_reader import Reader

FOLDER = "F"
ROWS = 50
COUNTED = 5.5   # seconds: the daemon counts its memory every 5
ITEMS = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (REFERENCES)])"


def bare(site, user):
    """Seconds for a page by the server's own sort, for reading all messages' rows, and their bytes."""
    reader = Reader(site.stack.dovecot, user)
    reader.ask("EXAMINE " + FOLDER)
    sort, _, answer = reader.ask("UID SORT RETURN (PARTIAL 1:%d) (REVERSE ARRIVAL) UTF-8 ALL" % ROWS, True)
    uids = re.search(rb"PARTIAL \(\S+ ([\d,:]+)\)", answer).group(1).decode("ascii")
    fetch, _, _ = reader.ask("UID FETCH %s %s" % (uids, ITEMS))
    total, size = 0.0, 0
    count = int(re.search(rb"\* (\d+) EXISTS", reader.ask("EXAMINE " + FOLDER, True)[2]).group(1))
    for first in range(1, count + 1, 1000):
        seconds, came, _ = reader.ask("FETCH %d:%d %s" % (first, first + 999, ITEMS))
        total, size = total + seconds, size + came
    reader.close()
    return sort + fetch, total, size


def counter(ask, name):
    return ask("status")[name]


def first_sight(site, ask, user, count):
    """What a new user waits for, and what it costs the daemon. Memory beyond that of before and of the index,
    as the daemon counts it, is extra; given back or not."""
    daemon = site.stack.webcache.pid
    browser = site.stack.browser()
    browser.log_in(user, "demo")
    time.sleep(COUNTED)                  # what a log-in does behind itself
    kit.forget_peak(daemon)
    index = counter(ask, "memory_bytes")
    rss, cpu, begin = kit.memory_kb(daemon), kit.cpu_seconds([daemon]), time.monotonic()
    answer = browser.get(kit.page_of(FOLDER, 1), follow=False)
    first = time.monotonic() - begin
    if answer.status != 200 or kit.rows_of(answer) != ROWS:
        raise RuntimeError("the first page: %d" % answer.status)
    # As bytes: to take the page to pieces would cost this machine more than the daemon does.
    while "Still reading" in browser.get(kit.page_of(FOLDER, 1), follow=False).text:
        time.sleep(0.05)
    complete = time.monotonic() - begin
    cpu = kit.cpu_seconds([daemon]) - cpu
    time.sleep(COUNTED)
    peak = kit.memory_kb(daemon, "VmHWM")
    index = counter(ask, "memory_bytes") - index
    return browser, {"first": first, "complete": complete, "cpu_us": cpu * 1e6 / count,
                     "kept": index / count, "extra_mb": (peak - rss) / 1024 - index / 1048576}


def walk(site, browser, pages):
    """Bytes a message that its snippet adds, over the second half of so many pages: during the first the
    daemon comes to the memory that it uses again and again for fetching, copying and saving."""
    daemon = site.stack.webcache.pid
    half, memory = pages // 2, {}
    for page in range(1, pages + 1):
        browser.get(kit.page_of(FOLDER, page), follow=False)
        if page in (half, pages):
            time.sleep(2)                # until what has changed is on disk
            memory[page] = kit.memory_kb(daemon)
    return (memory[pages] - memory[half]) * 1024 / ((pages - half) * ROWS)


def commands_of(site, ask, browser, path):
    before = counter(ask, "imap_commands")
    answer = browser.get(path, follow=False)
    if answer.status != 200:
        raise RuntimeError("%s answers %d" % (path, answer.status))
    return counter(ask, "imap_commands") - before


def restart(site, browser):
    """Milliseconds of the first page after the webcache was started anew."""
    site.stack.webcache.stop()
    site.stack.webcache.start()
    begin = time.monotonic()
    answer = browser.get(kit.page_of(FOLDER, 1), follow=False)
    took = time.monotonic() - begin
    if answer.status != 200 or kit.rows_of(answer) != ROWS:
        raise RuntimeError("the first page after a restart: %d" % answer.status)
    return 1000 * took


def run(options):
    count = 3000 if options.quick else 1000000 if options.million else 100000
    rounds = 1 if options.quick else 2 if options.million else 3
    users = ["demo"] + ["demo%d" % n for n in range(2, 2 + 2 * rounds - 1)]
    # Dovecot maps what it keeps of a folder into memory, of a million messages more than its processes may have.
    with paths.TestFolder() as folder, kit.Site(folder, users, cache={"memory_limit_mb": 8192},
                                                imap={"extra": "default_vsz_limit = 4G"}) as site:
        kit.say("filling a folder of %d" % count)
        filler = site.filler("demo")
        filler.create(FOLDER)
        filler.append(FOLDER, lists.posts(count, kit.NOW))
        filler.close()
        Reader(site.stack.dovecot, "demo").ask("EXAMINE " + FOLDER)
        site.clone("demo", users[1:])
        bares, ours = [], []
        for n in range(rounds):
            kit.say("round %d of %d" % (n + 1, rounds))
            bares.append(bare(site, users[2 * n]))
            with Asker(site.stack.webcache, folder) as ask:
                browser, measured = first_sight(site, ask, users[2 * n + 1], count)
            ours.append(measured)
        pages = min((count + ROWS - 1) // ROWS, 800)
        snippets = walk(site, browser, pages)
        with Asker(site.stack.webcache, folder) as ask:
            cached = commands_of(site, ask, browser, kit.page_of(FOLDER, 2))
            sorted_path = kit.page_of(FOLDER, 2, "sort=subject&order=asc")
            browser.get(sorted_path)
            time.sleep(1)
            browser.get(sorted_path)
            again = commands_of(site, ask, browser, sorted_path)
        restarts = [restart(site, browser) for _ in range(rounds)]
    report(count, rounds, bares, ours, (snippets, cached, again, restarts))


def report(count, rounds, bares, ours, others):
    snippets, cached, again, restarts = others

    def of(name):
        return kit.middle([measured[name] for measured in ours])
    page, read = kit.middle([b[0] for b in bares]), kit.middle([b[1] for b in bares])
    size = bares[0][2]
    print("A folder of %d messages, %d MB of rows by IMAP over TLS; medians of %d rounds.\n" % (
        count, size // 1000000, rounds))
    print(kit.table(["measure", "figure", "bare", "ratio", "aim"], [
        ["first page, never seen", "%.0f ms" % (1000 * of("first")), "%.0f ms" % (1000 * page),
         "%.1f" % (of("first") / page), "2"],
        ["complete index", "%.2f s" % of("complete"), "%.2f s" % read, "%.2f" % (of("complete") / read), "1.3"],
        ["webcache CPU a message", "%.1f us" % of("cpu_us"), "", "", "4 us"],
        ["extra memory meanwhile", "%.1f MB" % of("extra_mb"), "", "", "20 MB"],
        ["memory a message, without snippet", "%.0f bytes" % of("kept"), "", "", "64"],
        ["what a snippet adds", "%.0f bytes" % snippets, "", "", "64"],
        ["IMAP commands of a cached page", cached, "", "", "0"],
        ["IMAP commands of a sorted page, the second time", again, "", "", "0"],
        ["restart to first page", "%.0f ms" % kit.middle(restarts), "", "", "50 ms at 1 000 000"]]))
