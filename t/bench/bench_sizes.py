# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "sizes": the same page out of folders of 100 to 100 000 messages (1 000 000 by --million): first,
middle and last page, every order, and while another client changes a flag ten times a second. Users,
pages and orders alternate; the answer's time goes into sizes.csv and the plot sizes.svg."""
import os

import kit
import paths
import scatter

USERS = ("demo", "demo2")
ORDERS = ["sort=%s&order=%s" % order for order in (
    ("date", "desc"), ("date", "asc"), ("from", "asc"), ("to", "asc"), ("subject", "asc"), ("size", "desc"),
    ("flags", "desc"))]
ROWS = 50


def can_sort(site, folder):
    """Whether the list has more orders than one."""
    browser = site.stack.browser()
    browser.log_in(USERS[0], "demo")
    page = browser.get("mail/%s/" % folder).text
    return "?sort=" in page or 'name="sort"' in page


def make_cases(site, sizes, cookies):
    """A case for each page, order and size, sizes side by side; within one the users take turns."""
    orders = ORDERS if can_sort(site, "F%d" % sizes[0]) else ORDERS[:1]
    cases = []
    for name in ("first", "middle", "last"):
        for query in orders:
            for size in sizes:
                last = (size + ROWS - 1) // ROWS
                number = {"first": 1, "middle": max(last // 2, 1), "last": last}[name]
                path = kit.page_of("F%d" % size, number, "" if query == ORDERS[0] else query)
                case = kit.Case("%s page by %s" % (name, " ".join(
                    word.split("=")[1] for word in query.split("&"))), site.mount + path, cookies)
                case.messages = size
                cases.append(case)
    return cases


def run(options):
    sizes = [100, 1000, 3000] if options.quick else [100, 1000, 10000, 100000]
    if options.million and not options.quick:
        sizes.append(1000000)
    rounds = 2 if options.quick else 3
    with paths.TestFolder() as folder, kit.Site(folder, USERS, cache={"memory_limit_mb": 4096}) as site:
        site.fill_sizes(sizes)
        site.log_in(["mail/INBOX/"])
        for size in sizes:
            kit.say("waiting for the index of %d" % size)
            site.wait_complete("F%d" % size, (size + ROWS - 1) // ROWS)
        cookies = site.log_in([kit.page_of("F%d" % size, 1) for size in sizes], 2)
        cases = make_cases(site, sizes, cookies)
        changed = []
        for size in sizes:
            case = kit.Case("first page, a flag changing", site.mount + kit.page_of("F%d" % size, 1), cookies)
            case.messages = size
            changed.append(case)
        bench = kit.Bench(site, 1, 8)
        bench.rounds(cases, rounds)
        for _ in range(rounds):
            for case in changed:
                with kit.OtherClient(site, "F%d" % case.messages, USERS):
                    bench.measure(case)
        alone = kit.Bench(site, 1, 1)     # one request at a time: the time of an answer
        points = latencies(alone, cases + changed)
    report(sizes, cases, changed)
    out = options.out or os.path.join(paths.top_builddir, "bench")
    os.makedirs(out, exist_ok=True)
    scatter.write_csv(os.path.join(out, "sizes.csv"), points)
    scatter.write_svg(os.path.join(out, "sizes.svg"), points)
    print("\n%d answers' times and their plot: %s/sizes.csv, sizes.svg" % (len(points), out))


def latencies(bench, cases):
    """(program, messages, what, milliseconds): the median of one connection that asks one by one; the better
    of two rounds, since other work can only add to it."""
    singles = [kit.Case(case.name, case.wanted, case.cookies) for case in cases]
    for _ in range(2):
        for single in singles:
            bench.measure(single)
    return [("AlphaMail", case.messages, case.name, min(single.p50) / 1000)
            for case, single in zip(cases, singles)]


def report(sizes, cases, changed):
    """Each row one page and order; the folder of 100 is what the others are compared with."""
    base = {case.name: case for case in cases + changed if case.messages == sizes[0]}
    rows = []
    for name in base:
        row = [name, "%.0f" % kit.middle(base[name].rates)]
        for size in sizes[1:]:
            case = next(c for c in cases + changed if c.name == name and c.messages == size)
            row.append("%.1f %%" % (100 * case.share_of(base[name])))
        rows.append(row)
    print("Pages a second at 8 connections from the folder of %d, and what of that the larger ones reach "
          "(aim: 95 %%).\nEach row has its own base; medians of rounds in turns.\n" % sizes[0])
    print(kit.table(["page"] + ["%d messages" % size for size in sizes], rows))
    print("\nThe same over all pages and orders, as medians; CPU is that of httpd and webcache, which says more "
          "than rates\nwhere other work has the machine.\n")
    every = [[case for case in cases + changed if case.messages == size] for size in sizes]
    costs = [[a + b for case in some for a, b in zip(case.httpd_us, case.webcache_us)] for some in every]
    first = [rate for case in every[0] for rate in case.rates]
    print(kit.table(["messages", "pages/s", "of the smallest", "CPU us a page", "of the smallest"], [
        [size, "%.0f" % kit.middle([rate for case in some for rate in case.rates]),
         "%.1f %%" % (100 * kit.middle([rate / base for rate, base in zip(
             [rate for case in some for rate in case.rates], first)])),
         "%.0f" % kit.middle(cost),
         "%.1f %%" % (100 * kit.middle([cost_here / base for cost_here, base in zip(cost, costs[0])]))]
        for size, some, cost in zip(sizes, every, costs)]))
