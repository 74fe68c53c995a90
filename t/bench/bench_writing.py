# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "writing": (a) CPU of the page of writing beside an index page's, (b) an upload of 25 MB beside httpd
writing the same body to a file, and what httpd and webcache grow by."""
import os
import time

import kit
import paths

USERS = ("demo", "demo2")
BYTES = 25_000_000


def children(pid):
    """Processes of httpd below its first one."""
    found = []
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, task), encoding="ascii") as source:
            found += map(int, source.read().split())
    return found


def post(browser, path, fields, content):
    begin = time.monotonic()
    page = browser.post_files(path, fields, [("attachments", "file.bin", "application/octet-stream", content)], follow=False)
    if page.status != 200:
        raise RuntimeError("%s answers %d: %s" % (path, page.status, page.words[:300]))
    return time.monotonic() - begin, page


def memory(watched, what="VmRSS"):
    """KB of each program, or the most since the last call."""
    found = {name: sum(kit.memory_kb(pid, what) for pid in pids) for name, pids in watched.items()}
    for pids in watched.values():
        for pid in pids:
            kit.forget_peak(pid)
    return found


def run(options):
    rounds, seconds = (2, 1) if options.quick else (5, 3)
    with paths.TestFolder() as folder, kit.Site(folder, USERS) as site:
        site.fill_demo(USERS[0])
        site.clone(USERS[0], USERS[1:])
        cookies = site.log_in(["mail/INBOX/", "compose"])
        index = kit.Case("INBOX, 50 rows", site.mount + "mail/INBOX/", cookies)
        compose = kit.Case("page of writing", site.mount + "compose?to=a%40example.edu", cookies, least=3000)
        kit.Bench(site, seconds, 8).rounds([index, compose], rounds)

        browser = site.stack.browser()
        browser.log_in("demo", "demo")
        page = browser.get("compose")
        fields = {k: v for k, v in page.form("body").fields.items() if isinstance(v, str)}
        fields["do"] = "attach"
        content = os.urandom(BYTES)
        watched = {"webcache": [site.stack.webcache.pid], "httpd": children(site.stack.httpd.pid)}
        times, plain, growth = [], [], {name: [] for name in watched}
        for _ in range(rounds + 1):   # the first one is in the growth alone: it makes what later ones find
            before = memory(watched)
            took = post(browser, "compose", fields, content)[0]
            for name, most in memory(watched, "VmHWM").items():
                growth[name].append((most - before[name]) / 1000)
            times.append(took)
            plain.append(post(browser, "/trivial", fields, content)[0])
        del times[0], plain[0]
    print(kit.table(["case", "httpd CPU us", "webcache CPU us", "p50 us"], [
        [c.name, "%.1f" % kit.middle(c.httpd_us), "%.1f" % kit.middle(c.webcache_us), "%.0f" % kit.middle(c.p50)]
        for c in (index, compose)]))
    ratio = kit.middle(a / b for a, b in zip(map(sum, zip(compose.httpd_us, compose.webcache_us)),
                                             map(sum, zip(index.httpd_us, index.webcache_us))))
    print("\nThe page of writing takes %.2f times the CPU of an index page (aim: at most 1.3).\n" % ratio)
    print(kit.table(["25 MB", "MB/s"], [
        ["to the spool", "%.0f" % (BYTES / 1e6 / kit.middle(times))],
        ["httpd to a file", "%.0f" % (BYTES / 1e6 / kit.middle(plain))]]))
    print("\n%.0f %% of httpd writing to a file (aim: at least 70 %%).\n" %
          (100 * kit.middle(b / a for a, b in zip(times, plain))))
    print(kit.table(["grows at most by (aim: under 2 MB)", "the first time", "later"], [
        [name, "%.1f MB" % each[0], "%.1f MB" % max(each[1:])] for name, each in growth.items()]))
