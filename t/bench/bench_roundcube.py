# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "roundcube": lists of 50 messages from AlphaMail and, in turns with it, from Roundcube with and
without its caches: the same 8 users, folders and Dovecot, all three loaded by wrk. What a page costs
Roundcube is its list request; the frame around it, which comes once, is not counted. Its points go
into sizes.csv and the plot, beside AlphaMail's of the same run."""
import itertools
import os

import kit
import paths
import roundcube
import scatter

USERS = ("demo",) + tuple("demo%d" % n for n in range(2, 9))
SESSIONS = 4       # of each user: so that two requests of one session seldom meet
ROWS = 50
SPREAD = 17        # pages that are asked for in turn
ORDERS = (("date", "", ""), ("sender", "sort=from&order=asc", "from_ASC"),
          ("subject", "sort=subject&order=asc", "subject_ASC"), ("size", "sort=size&order=desc", "size_DESC"))
# What favours those who log in for every page.
IMAP = "auth_cache_size = 10M\nservice imap {\n  service_count = 500\n}"
ME, PLAIN, CACHES = "AlphaMail", "Roundcube", "Roundcube with caches"


def last_page(size):
    return (size + ROWS - 1) // ROWS


class Programs:
    """The three, logged in, and how they are asked."""

    def __init__(self, site, rivals, sizes):
        self.site, self.rivals = site, {rival.name: rival for rival in rivals}
        self.cookies = {ME: site.log_in([kit.page_of("F%d" % size, 1) for size in sizes], SESSIONS)}
        self.sessions, self.headers = {}, {}
        for name, rival in self.rivals.items():
            kit.say("logging in to " + name)
            sessions = [rival.log_in(user, "demo") for user in USERS * SESSIONS]
            self.sessions[name] = sessions
            self.cookies[name] = [session.cookies for session in sessions]

    def path(self, program, size, page, order):
        _, mine, its = next(one for one in ORDERS if one[0] == order)
        if program == ME:
            return self.site.mount + kit.page_of("F%d" % size, page, mine)
        return roundcube.list_path("F%d" % size, page, its)

    def case(self, program, size, pages, order="date"):
        """All these pages for all sessions in turn."""
        cookies = self.cookies[program]
        wanted = [self.path(program, size, page, order)
                  for page in itertools.islice(itertools.cycle(pages), len(pages) * len(cookies))]
        case = kit.Case("%s, %d messages" % (program, size), wanted, cookies, {}
                        if program == ME else {"X-Requested-With": "XMLHttpRequest"}, least=5000,
                        server=self.rivals.get(program))
        case.program, case.messages = program, size
        return case

    def check(self, sizes, pages):
        """Each list has its rows, for each user; which also makes them known to the caches."""
        for name, sessions in self.sessions.items():
            for session, size in itertools.product(sessions[:len(USERS)], sizes):
                for page, sort in [(page, "") for page in pages(size)] + [(1, "subject_ASC"), (1, "")]:
                    got = session.rows(roundcube.list_path("F%d" % size, page, sort))
                    if got != min(ROWS, size - (page - 1) * ROWS):
                        raise RuntimeError("%s lists %d rows on page %d of %d" % (name, got, page, size))


def spread(size):
    """Pages from the first to the last; of a large folder so many that their number shares no divisor
    with that of the sessions."""
    return sorted({1 + (last_page(size) - 1) * n // (SPREAD - 1) for n in range(SPREAD)})


def throughput(programs, sizes, bench, rounds):
    """[(what, {(program, size): case})]"""
    names, found = (ME, PLAIN, CACHES), []
    for what, pages, order in (("first page", None, "date"), ("pages in turn", spread, "date"),
                               ("first page by subject", None, "subject")):
        kit.say(what)
        cases = [programs.case(name, size, pages(size) if pages else [1], order)
                 for size in sizes for name in names]
        for case in cases:      # what is slow the first time, such as to sort
            bench.measure(case, keep=False, seconds=4)
        bench.rounds(cases, rounds)
        found.append((what, cases))
    kit.say("a flag changing")
    cases = [programs.case(name, size, [1]) for size in sizes for name in names]
    for _ in range(rounds):
        for case in cases:
            with kit.OtherClient(programs.site, "F%d" % case.messages, USERS):
                bench.measure(case)
    found.append(("first page, a flag changing", cases))
    return found


def latencies(programs, sizes, bench):
    """(program, messages, what, milliseconds), asked one by one; the better of two rounds."""
    points = []
    for order, _, _ in ORDERS:
        kit.say("times by " + order)
        cases = []
        for size, name in itertools.product(sizes, (ME, PLAIN, CACHES)):
            last = last_page(size)
            for what, page in (("first", 1), ("middle", max(last // 2, 1)), ("last", last)):
                case = programs.case(name, size, [page], order)
                case.name = "%s page by %s" % (what, order)
                case.seconds = 3 if name != ME and size >= 100000 else 1
                cases.append(case)
        for case in cases * 2:
            bench.measure(case)
        points += [(case.program, case.messages, case.name, min(case.p50) / 1000) for case in cases]
    return sorted(points, key=lambda point: (ME, PLAIN, CACHES).index(point[0]))


def run(options):
    sizes, rounds = ([100, 3000], 1) if options.quick else ([100, 1000, 10000, 100000], 3)
    sizes = sorted(options.sizes or sizes)
    large = [size for size in sizes if size >= 10000] or sizes[-1:]
    with paths.TestFolder() as folder, kit.Site(
            folder, USERS, cache={"memory_limit_mb": 4096}, imap={"extra": IMAP}) as site:
        site.fill_sizes(sizes)
        site.log_in(["mail/INBOX/"])
        for size in sizes:
            kit.say("waiting for the index of %d" % size)
            site.wait_complete("F%d" % size, last_page(size))
        with roundcube.Roundcube(folder, "plain", site.stack.dovecot, False) as plain, \
                roundcube.Roundcube(folder, "caches", site.stack.dovecot, True) as caches:
            programs = Programs(site, (plain, caches), sizes)
            kit.say("asking for each page once")
            programs.check(sizes, spread)
            if plain.cached() or not caches.cached():
                raise RuntimeError("Roundcube's caches are not as they should be")
            report(throughput(programs, large, kit.Bench(site, 1 if options.quick else 4, 8), rounds), large)
            points = latencies(programs, sizes, kit.Bench(site, 1, 1))
            programs.check(sizes, lambda size: [1, last_page(size)])   # nobody was logged out
    out = options.out or os.path.join(paths.top_builddir, "bench")
    os.makedirs(out, exist_ok=True)
    scatter.write_csv(os.path.join(out, "sizes.csv"), points)
    scatter.write_svg(os.path.join(out, "sizes.svg"), points)
    print("\n%d answers' times and their plot: %s/sizes.csv, sizes.svg" % (len(points), out))


def report(found, sizes):
    print("8 users with %d sessions each, 8 connections, the same Dovecot; medians of rounds in turns. CPU is that\n"
          "of httpd, webcache or PHP, and the IMAP server.\n" % SESSIONS)
    for size in sizes:
        rows = []
        for what, cases in found:
            mine, plain, caches = [case for case in cases if case.messages == size]
            rows.append([what] + ["%.0f" % kit.middle(case.rates) for case in (mine, plain, caches)] + [
                "%.0f" % mine.share_of(plain), "%.0f" % mine.share_of(caches)] + [
                    "%.2f" % (kit.middle(case.all_cpu_us()) / 1000) for case in (mine, plain, caches)] + [
                        "%.0f" % (kit.middle(case.all_cpu_us()) / kit.middle(mine.all_cpu_us()))
                        for case in (plain, caches)])
        print("%d messages:\n" % size)
        print(kit.table(["", "AlphaMail pages/s", "Roundcube", "with caches", "times", "times, caches",
                         "AlphaMail CPU ms", "Roundcube", "with caches", "times", "times, caches"], rows) + "\n",
              flush=True)
    what, cases = found[0]
    print("Where the CPU of the %s goes, ms:\n" % what)
    print(kit.table(["", "httpd", "webcache or PHP", "IMAP", "bytes"], [
        [case.name, *("%.2f" % (kit.middle(used) / 1000) for used in case.cpu_us.values()), "%.0f" % case.size]
        for case in cases]))
