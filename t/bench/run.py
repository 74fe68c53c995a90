#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of doc/performance.md, as a Markdown table: ./bootstrap bench [--quick]

One httpd (event MPM) serves all cases in turns, several rounds of them, so that what else the machine
does falls on all alike: (a) a static file and a trivial handler that write the bytes of the INBOX
page, (b) that page for logged-in users in turn, (c) the first, middle and last page of a folder of
20 000, (d) a round trip through the lane. wrk keeps its connections and shares the machine's cores.
Medians are shown; read the ratios, not the absolute figures.
"""
import argparse
import os
import platform
import re
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import paths  # noqa: E402
from browser import Browser  # noqa: E402
from demo_mail import fill, lists, mailbox  # noqa: E402
from stack import Stack  # noqa: E402

USERS = ("demo", "demo2", "demo3", "demo4")
SESSIONS = 2    # of each user
TUNING = """StartServers 2
ServerLimit 2
ThreadsPerChild 48
ThreadLimit 48
MaxRequestWorkers 96
MaxConnectionsPerChild 0
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 30
EnableMMAP On
EnableSendfile On"""
TICK = os.sysconf("SC_CLK_TCK")

LUA = """
local cookies = { %s }
local requests, n = {}, 0
init = function()
  for i, cookie in ipairs(cookies) do
    requests[i] = wrk.format("GET", nil, { ["Cookie"] = cookie, ["User-Agent"] = "%s" })
  end
end
request = function()
  n = n %% #requests + 1
  return requests[n]
end
done = function(summary, latency)
  io.write(string.format("FIGURES %%d %%d %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    summary.bytes, summary.errors.status, summary.errors.connect + summary.errors.read +
    summary.errors.write + summary.errors.timeout, latency:percentile(50), latency:percentile(99)))
end
"""


def cpu_ticks(pids):
    total = 0
    for pid in pids:
        try:
            with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as source:
                words = source.read().rpartition(")")[2].split()
            total += int(words[11]) + int(words[12])
        except OSError:
            pass
    return total


class Case:
    def __init__(self, name, path, cookies):
        self.name, self.path, self.cookies = name, path, cookies
        self.rates, self.httpd_us, self.webcache_us, self.p50, self.p99 = [], [], [], [], []
        self.size = 0


class Bench:
    def __init__(self, stack, seconds, connections):
        self.stack, self.seconds, self.connections = stack, seconds, connections

    def measure(self, case, keep=True):
        script = os.path.join(str(self.stack.folder), "wrk.lua")
        with open(script, "w", encoding="ascii") as out:
            out.write(LUA % (", ".join('"%s"' % cookie for cookie in case.cookies),
                             self.stack.browser().headers["User-Agent"]))
        web = [self.stack.httpd.pid, *self.stack.httpd.children()]
        daemon = [self.stack.webcache.pid]
        before = cpu_ticks(web), cpu_ticks(daemon)
        done = subprocess.run(
            ["wrk", "-t1", "-c%d" % self.connections, "-d%ds" % self.seconds, "-s", script,
             self.stack.httpd.origin.replace("localhost", "127.0.0.1") + case.path,
             "-H", "Host: localhost:%d" % self.stack.httpd.port],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        after = cpu_ticks(web), cpu_ticks(daemon)
        found = re.search(r"FIGURES (.*)", done.stdout)
        if not found:
            raise RuntimeError("wrk: " + done.stdout)
        requests, micros, size, wrong, broken, p50, p99 = map(int, found.group(1).split())
        if wrong or broken or not requests:
            raise RuntimeError("%s: %d requests, %d not answered with 200, %d broken off" % (
                case.name, requests, wrong, broken))
        case.size = size / requests
        if case.size < 10000:      # a redirect to the log-in page counts as good with wrk
            raise RuntimeError("%s: answers of %d bytes" % (case.name, case.size))
        if keep:
            case.rates.append(requests * 1e6 / micros)
            case.httpd_us.append((after[0] - before[0]) * 1e6 / TICK / requests)
            case.webcache_us.append((after[1] - before[1]) * 1e6 / TICK / requests)
            case.p50.append(p50)
            case.p99.append(p99)


def fill_mail(stack, count):
    now = 1_790_000_000
    folders = [(name, list(messages)) for name, messages in mailbox.folders(now)]
    posts = list(lists.posts(count, now))
    for user in USERS:
        filler = fill.Filler(stack.dovecot.imap_port, user, "demo")
        for name, messages in folders:
            if name != "INBOX":
                filler.create(name)
            filler.append(name, messages)
        filler.create("Lists")
        filler.append("Lists", posts)
        filler.close()


def log_in_all(stack, pages):
    """The Cookie lines of all sessions; each has seen each page, so that its folder is known."""
    cookies = []
    for user in USERS * SESSIONS:
        browser = stack.browser()
        first = browser.log_in(user, "demo")
        if first.status != 200 or first.parsed.title == "":
            raise RuntimeError("%s cannot log in: %d %s" % (user, first.status, first.words[:300]))
        for path in pages:
            answer = browser.get(path, follow=False)
            if answer.status != 200:
                raise RuntimeError("%s answers %d" % (path, answer.status))
        cookies.append("; ".join("%s=%s" % item for item in browser.cookies.items()))
        browser.close()
    return cookies


def wait_complete(stack, page):
    """Until the last page of Lists is there for everybody."""
    import time
    for user in USERS:
        browser = stack.browser()
        browser.log_in(user, "demo")
        end = time.monotonic() + 120
        while time.monotonic() < end:
            answer = browser.get(page, follow=False)
            if answer.status == 200 and rows_of(answer) > 0:
                break
            time.sleep(0.2)
        else:
            raise RuntimeError("the last page of Lists does not come")
        browser.close()


def rows_of(page):
    """How many messages a page lists: links to a number below the folder."""
    return len({href for href, _ in page.links if re.search(r"/\d+(\?|$)", href)})


def lane_figures(seconds):
    program = os.path.join(paths.top_builddir, "t", "bench", "lane_bench")
    done = subprocess.run([program, str(seconds)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return done.stdout.strip()


def table(cases, trivial):
    base = statistics.median(trivial.rates)
    lines = ["| case | requests/s | of trivial | httpd CPU us | webcache CPU us | p50 us | p99 us | bytes |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for case in cases:
        middle = statistics.median
        share = middle(rate / other for rate, other in zip(case.rates, trivial.rates))
        lines.append("| %s | %.0f | %.0f %% | %.1f | %.1f | %.0f | %.0f | %.0f |" % (
            case.name, middle(case.rates), 100 * share, middle(case.httpd_us),
            middle(case.webcache_us), middle(case.p50), middle(case.p99), case.size))
    return "\n".join(lines), base


def main():
    parser = argparse.ArgumentParser(prog="./bootstrap bench")
    parser.add_argument("--quick", action="store_true", help="short rounds: only to see that it runs")
    parser.add_argument("--messages", type=int, default=20000)
    parser.add_argument("--connections", type=int, default=32)
    options = parser.parse_args()
    rounds, seconds = (2, 1) if options.quick else (7, 4)
    count = min(options.messages, 3000) if options.quick else options.messages
    last = (count + 49) // 50
    pages = {"first": "mail/Lists/", "middle": "mail/Lists/?page=%d" % (last // 2),
             "last": "mail/Lists/?page=%d" % last}
    with paths.TestFolder() as folder:
        module = paths.reachable(os.path.join(
            paths.top_builddir, "t", "bench", ".libs", "mod_trivial.so"), str(folder))
        page_file = os.path.join(str(folder), "page.html")
        with open(page_file, "wb") as out:
            out.write(b"x" * 20000)
        web = {"tuning": TUNING, "log_level": "warn",
               "load": ['trivial_module "%s"' % module],
               "extra": 'TrivialFile "%s"\n<Location "/trivial">\n  SetHandler trivial\n'
                        "  Require all granted\n</Location>" % page_file}
        with Stack(folder, users=USERS, web=web,
                   cache={"session_idle_minutes": 600}) as stack:
            print("filling %d mailboxes" % len(USERS), file=sys.stderr)
            fill_mail(stack, count)
            stack.browser().log_in("demo", "demo")
            wait_complete(stack, pages["last"])
            cookies = log_in_all(stack, ["mail/INBOX/", *pages.values()])
            # (a) writes the very bytes of (b): httpd is started again with them.
            browser = stack.browser()
            browser.log_in("demo", "demo")
            inbox = browser.get("mail/INBOX/")
            print("the INBOX page lists %d messages" % rows_of(inbox), file=sys.stderr)
            for target in (page_file, os.path.join(stack.httpd.folder, "htdocs", "page.html")):
                with open(target, "wb") as out:
                    out.write(inbox.raw)
                os.chmod(target, 0o644)
            stack.httpd.stop()
            stack.httpd.start()
            mount = stack.httpd.site["AlphaMailMount"] + "/"
            trivial = Case("(a) trivial handler", "/trivial", ["none=1"])
            cases = [Case("(a) static file", "/page.html", ["none=1"]), trivial,
                     Case("(b) INBOX, 50 rows", mount + "mail/INBOX/", cookies)]
            cases += [Case("(c) %d messages, %s page" % (count, name), mount + path, cookies)
                      for name, path in pages.items()]
            bench = Bench(stack, seconds, options.connections)
            for case in cases:
                bench.measure(case, keep=False)
            for number in range(rounds):
                print("round %d of %d" % (number + 1, rounds), file=sys.stderr)
                for case in cases:
                    bench.measure(case)
        text, base = table(cases, trivial)
    print("\n%s, %d cores; httpd event MPM, 2 children of 48 threads, no access log; wrk with 1 thread "
          "and %d\nconnections on the same cores; %d users with %d sessions each; medians of %d "
          "rounds of %d s.\n" % (platform.platform(), os.cpu_count(), options.connections, len(USERS),
                                 SESSIONS, rounds, seconds))
    print(text)
    b = statistics.median(r / t for r, t in zip(cases[2].rates, trivial.rates))
    worst = min(statistics.median(r / i for r, i in zip(case.rates, cases[2].rates))
                for case in cases[3:])
    print("\n(b) reaches %.0f %% of the trivial handler (aim: at least 40 %%); the slowest of (c) "
          "%.0f %% of (b) (aim: 95 %%).\n" % (100 * b, 100 * worst))
    print("(d) the lane, two processes, replies of 6 KB (aim: p50 under 20 us, p99 under 60 us):\n")
    print("\n".join("    " + line for line in lane_figures(0.5 if options.quick else 3).splitlines()))


main()
