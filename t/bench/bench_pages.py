# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "pages": (a) a static file and a trivial handler that write the bytes of the INBOX page, (b) that
page for logged-in users in turn, as it is and by brotli at the level of alphamail.conf, (c) the first, middle and last page of a folder
of 20 000, (d) a round trip through the lane."""
import os
import subprocess

import kit
import paths

USERS = ("demo", "demo2", "demo3", "demo4")
SESSIONS = 2    # of each user


def lane_figures(seconds):
    program = os.path.join(paths.top_builddir, "t", "bench", "lane_bench")
    done = subprocess.run([program, str(seconds)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return done.stdout.strip()


def run(options):
    rounds, seconds = (2, 1) if options.quick else (7, 4)
    count = min(options.messages, 3000) if options.quick else options.messages
    last = (count + 49) // 50
    pages = {"first": kit.page_of("Lists", 1), "middle": kit.page_of("Lists", last // 2),
             "last": kit.page_of("Lists", last)}
    with paths.TestFolder() as folder, kit.Site(folder, USERS) as site:
        kit.say("filling %d mailboxes" % len(USERS))
        site.fill_demo(USERS[0], count)
        site.clone(USERS[0], USERS[1:])
        site.log_in(["mail/INBOX/"])
        site.wait_complete("Lists", last)
        browser = site.stack.browser()
        browser.log_in("demo", "demo")
        inbox = browser.get("mail/INBOX/")
        kit.say("the INBOX page lists %d messages" % kit.rows_of(inbox))
        site.serve_to_trivial(inbox)
        cookies = site.log_in(["mail/INBOX/", *pages.values()], SESSIONS)
        brotli = {"Accept-Encoding": "br"}
        trivial = kit.Case("(a) trivial handler", "/trivial", ["none=1"])
        inbox = site.mount + "mail/INBOX/"
        plain = kit.Case("(b) INBOX, 50 rows", inbox, cookies)
        packed = kit.Case("(b) INBOX, brotli 0", inbox, cookies, brotli, least=3000)
        cases = [kit.Case("(a) static file", "/page.html", ["none=1"]), trivial, plain, packed]
        large = [kit.Case("(c) %d messages, %s page" % (count, name), site.mount + path, cookies)
                 for name, path in pages.items()]
        kit.Bench(site, seconds, options.connections).rounds(cases + large, rounds)
    print("httpd event MPM, 2 children of 48 threads, no access log; wrk with 1 thread and %d connections "
          "on\nthe same cores; %d users with %d sessions each; medians of %d rounds of %d s.\n" % (
              options.connections, len(USERS), SESSIONS, rounds, seconds))
    print(kit.table(
        ["case", "requests/s", "of trivial", "httpd CPU us", "webcache CPU us", "p50 us", "p99 us", "bytes"],
        [[c.name, "%.0f" % kit.middle(c.rates), "%.0f %%" % (100 * c.share_of(trivial)),
          "%.1f" % kit.middle(c.httpd_us), "%.1f" % kit.middle(c.webcache_us),
          "%.0f" % kit.middle(c.p50), "%.0f" % kit.middle(c.p99), "%.0f" % c.size]
         for c in cases + large]))
    print("\n(b) reaches %.0f %% of the trivial handler (aim: at least 40 %%), %.0f %% by brotli (aim: 25 %%); "
          "the slowest\nof (c) %.0f %% of (b) (aim: 95 %%).\n" % (
              100 * plain.share_of(trivial), 100 * packed.share_of(trivial),
              100 * min(case.share_of(plain) for case in large)))
    print("(d) the lane, two processes, replies of 6 KB (aim: p50 under 20 us, p99 under 60 us):\n")
    print("\n".join("    " + line for line in lane_figures(0.5 if options.quick else 3).splitlines()))
