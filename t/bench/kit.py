# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of ./bootstrap bench share: a site of its own with one httpd (event MPM) that also has
the trivial handler, wrk, CPU and memory of processes, mail for several users, tables."""
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import paths  # noqa: E402
from demo_mail import fill, lists, mailbox  # noqa: E402
from resident import forget_peak, memory_kb  # noqa: E402,F401
from stack import Stack  # noqa: E402

NOW = 1_790_000_000
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

# Requests go round in `requests`; a line for each answer that is no page goes to standard output.
LUA = """
local wanted, cookies = { %s }, { %s }
local requests, n = {}, 0
init = function()
  for i, path in ipairs(wanted) do
    requests[i] = wrk.format("GET", path, { ["Cookie"] = cookies[(i - 1) %% #cookies + 1],
      ["User-Agent"] = "%s"%s })
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


def say(text):
    print(text, file=sys.stderr, flush=True)


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        try:
            with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as source:
                words = source.read().rpartition(")")[2].split()
            total += int(words[11]) + int(words[12])
        except OSError:
            pass
    return total / TICK


def tree_seconds(pid):
    """CPU of a process, of all that it has started, and of those among them that are gone."""
    total, todo = 0, [pid]
    while todo:
        one = todo.pop()
        try:
            with open("/proc/%d/stat" % one, encoding="ascii", errors="replace") as source:
                total += sum(map(int, source.read().rpartition(")")[2].split()[11:15]))
            for task in os.listdir("/proc/%d/task" % one):
                with open("/proc/%d/task/%s/children" % (one, task), encoding="ascii") as source:
                    todo += map(int, source.read().split())
        except OSError:
            pass
    return total / TICK


def middle(numbers):
    return statistics.median(numbers)


def table(head, rows):
    """Markdown; the first column is text."""
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


class Case:
    """What wrk asks for, in turns: `wanted` paths with the cookies, both round and round. `server` has
    an origin, and says by cpu() what its parts have used; without one it is the site."""

    def __init__(self, name, wanted, cookies, headers=None, least=10000, server=None):
        self.name, self.cookies, self.headers, self.least = name, cookies, headers or {}, least
        self.wanted = [wanted] * len(cookies) if isinstance(wanted, str) else wanted
        self.server = server
        self.seconds = None     # as the others
        self.rates, self.cpu_us, self.p50, self.p99 = [], {}, [], []
        self.size = self.requests = 0

    @property
    def httpd_us(self):
        return self.cpu_us["httpd"]

    @property
    def webcache_us(self):
        return self.cpu_us["webcache"]

    def all_cpu_us(self):
        """Of each round, by all parts."""
        return [sum(parts) for parts in zip(*self.cpu_us.values())]

    def share_of(self, other):
        return middle(a / b for a, b in zip(self.rates, other.rates))


class Bench:
    def __init__(self, site, seconds, connections):
        self.site, self.seconds, self.connections = site, seconds, connections

    def measure(self, case, keep=True, seconds=None):
        stack, server = self.site.stack, case.server or self.site
        script = os.path.join(str(stack.folder), "wrk.lua")
        more = "".join(', ["%s"] = "%s"' % item for item in case.headers.items())
        with open(script, "w", encoding="ascii") as out:
            out.write(LUA % (", ".join('"%s"' % path for path in case.wanted),
                             ", ".join('"%s"' % cookie for cookie in case.cookies),
                             stack.browser().headers["User-Agent"], more))
        server.settle()
        before = server.cpu()
        done = subprocess.run(
            ["wrk", "-t1", "-c%d" % self.connections, "-d%ds" % (seconds or case.seconds or self.seconds), "-s", script,
             "--timeout", "20s", server.origin.replace("localhost", "127.0.0.1"),
             "-H", "Host: " + server.origin.partition("//")[2]],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        after = server.cpu()
        found = re.search(r"FIGURES (.*)", done.stdout)
        if not found:
            raise RuntimeError("wrk: " + done.stdout)
        requests, micros, size, wrong, broken, p50, p99 = map(int, found.group(1).split())
        if not keep:
            return
        if not requests and not seconds:     # slower than that: once more, with patience
            self.measure(case, seconds=20)
            return
        if wrong or broken or not requests:
            raise RuntimeError("%s: %d requests, %d not answered with 200, %d broken off" % (
                case.name, requests, wrong, broken))
        case.size, case.requests = size / requests, requests
        if case.size < case.least:      # a redirect to the log-in page counts as good with wrk
            raise RuntimeError("%s: answers of %d bytes" % (case.name, case.size))
        case.rates.append(requests * 1e6 / micros)
        for part, used in after.items():
            case.cpu_us.setdefault(part, []).append((used - before[part]) * 1e6 / requests)
        case.p50.append(p50)
        case.p99.append(p99)

    def rounds(self, cases, number):
        """All cases in turns, so that what else the machine does falls on all alike."""
        for case in cases:
            self.measure(case, keep=False, seconds=1)
        for n in range(number):
            say("round %d of %d" % (n + 1, number))
            for case in cases:
                self.measure(case)


class Site:
    """Dovecot, webcache and httpd for these users (password demo), with the trivial handler."""

    def __init__(self, folder, users, **settings):
        self.folder, self.users = folder, users
        module = paths.reachable(os.path.join(
            paths.top_builddir, "t", "bench", ".libs", "mod_trivial.so"), str(folder))
        self.page_file = os.path.join(str(folder), "page.html")
        with open(self.page_file, "wb") as out:
            out.write(b"x" * 20000)
        # Compression as conf/alphamail.conf has it, for those who ask for it.
        web = {"tuning": TUNING, "log_level": "warn", "load": ['trivial_module "%s"' % module],
               "extra": 'TrivialFile "%s"\nTrivialInto "%s"\n<Location "/trivial">\n  SetHandler trivial\n'
                        "  Require all granted\n</Location>\nBrotliCompressionQuality 0\n"
                        "AddOutputFilterByType BROTLI_COMPRESS text/html" % (
                         self.page_file, os.path.join(str(folder), "httpd", "body"))}
        self.stack = Stack(folder, users=users, web=web, **{
            "cache": {"session_idle_minutes": 600, **settings.pop("cache", {})}, **settings})

    def __enter__(self):
        self.stack.__enter__()
        return self

    def __exit__(self, *what):
        self.stack.__exit__(*what)

    @property
    def origin(self):
        return self.stack.httpd.origin

    def cpu(self):
        """Seconds used so far, by each part."""
        return {"httpd": tree_seconds(self.stack.httpd.pid), "webcache": cpu_seconds([self.stack.webcache.pid]),
                "IMAP": tree_seconds(self.stack.dovecot.server.pid)}

    def settle(self):
        """What was asked for is answered at once: nothing is left of it."""

    @property
    def mount(self):
        return self.stack.httpd.site["AlphaMailMount"] + "/"

    def filler(self, user):
        return fill.Filler(self.stack.dovecot.imap_port, user, "demo")

    def fill_demo(self, user, posts=0):
        """The folders of the demonstration, and Lists with so many messages."""
        filler = self.filler(user)
        for name, messages in mailbox.folders(NOW):
            if name != "INBOX":
                filler.create(name)
            filler.append(name, messages)
        if posts:
            filler.create("Lists")
            filler.append("Lists", lists.posts(posts, NOW))
        filler.close()

    def fill_sizes(self, sizes):
        """A folder F100 of 100 messages, and so on, for everybody."""
        filler = self.filler(self.users[0])
        for size in sizes:
            say("filling a folder of %d" % size)
            filler.create("F%d" % size)
            filler.append("F%d" % size, lists.posts(size, NOW))
        filler.close()
        self.clone(self.users[0], self.users[1:])

    def clone(self, user, others):
        """The same mail for others: files of messages as hard links, indexes copied."""
        home = os.path.join(self.stack.dovecot.folder, "mail")
        self.stack.dovecot.stop()
        for other in others:
            target = os.path.join(home, other)
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(os.path.join(home, user), target, copy_function=_link_messages)
            subprocess.run(["chown", "-R", "--reference", os.path.join(home, user), target], check=True)
        self.stack.dovecot.start()

    def log_in(self, pages, sessions=1, users=None):
        """The Cookie lines of all sessions; each has seen each page, so that its folder is known."""
        cookies = []
        for user in list(users or self.users) * sessions:
            browser = self.stack.browser()
            first = browser.log_in(user, "demo")
            if first.status != 200 or first.parsed.title == "":
                raise RuntimeError("%s cannot log in: %d %s" % (user, first.status, first.words[:300]))
            for path in pages:
                answer = browser.get(path, follow=False)
                if answer.status != 200:
                    raise RuntimeError("%s answers %d" % (path, answer.status))
            cookies.append(cookie_line(browser))
            browser.close()
        return cookies

    def wait_complete(self, folder, pages, users=None):
        """Until the last page of the folder is there for everybody."""
        for user in users or self.users:
            browser = self.stack.browser()
            browser.log_in(user, "demo")
            wait_until_complete(browser, folder, pages)
            browser.close()

    def serve_to_trivial(self, page):
        """The trivial handler and the static file write these bytes from now on."""
        for target in (self.page_file, os.path.join(self.stack.httpd.folder, "htdocs", "page.html")):
            with open(target, "wb") as out:
                out.write(page.raw)
            os.chmod(target, 0o644)
        self.stack.httpd.stop()
        self.stack.httpd.start()


class OtherClient:
    """Changes a flag of an old message of the folder ten times a second for each of these users, by
    connections of its own."""

    def __init__(self, site, folder, users):
        self.clients = [site.stack.dovecot.client(user) for user in users]
        for client in self.clients:
            client.select(folder)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        turn = 0
        while not self.over.wait(0.1):
            turn += 1
            for client in self.clients:
                client.store(b"%d" % (1 + turn // 2 % 20), b"-+"[turn % 2:][:1] + b"FLAGS.SILENT", r"(\Flagged)")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        for client in self.clients:
            client.logout()


def _link_messages(source, target):
    if re.fullmatch(r"[mu]\.\d+", os.path.basename(source)):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def cookie_line(browser):
    return "; ".join("%s=%s" % item for item in browser.cookies.items())


def page_of(folder, number, order=""):
    query = "&".join(filter(None, ["page=%d" % number if number > 1 else "", order]))
    return "mail/%s/%s" % (folder, "?" + query if query else "")


def wait_until_complete(browser, folder, pages, seconds=900):
    """@return how long it took until the folder's page no longer says that it is being read"""
    begin = time.monotonic()
    while True:
        answer = browser.get(page_of(folder, pages), follow=False)
        if answer.status == 200 and rows_of(answer) > 0 and "Still reading" not in answer.words:
            return time.monotonic() - begin
        if time.monotonic() - begin > seconds:
            raise RuntimeError("the last page of %s does not come" % folder)
        time.sleep(0.05)


def rows_of(page):
    """How many messages a page lists: links to a number below the folder."""
    return len({href for href, _ in page.links if re.search(r"/\d+(\?|$)", href)})
