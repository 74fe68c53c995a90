# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "overload": ten times the requests of a normal load, which is under a third of what the machine can do.
Somebody who is let in is as quick as before, everybody else is told 503 with Retry-After at once, and the
memory is given back. wrk makes the load, with pauses; the times are those of a reader of its own, who asks all
the while, by whether they were let in."""
import http.client
import os
import re
import subprocess
import threading
import time

import kit
import paths
from imapd import message

CONNECTIONS = 16       # of the normal load
SHARE = 0.3            # of what the machine can do
PAGE = "mail/INBOX/"
ROWS = 50

# As kit.LUA, with a pause before each request, and counts of the answers by what they are.
LUA = """
local cookies, pause = { %s }, %d
local requests, n, threads = {}, 0, {}
good, refused, silent, other = 0, 0, 0, 0
function setup(thread) table.insert(threads, thread) end
function init()
  for i, cookie in ipairs(cookies) do
    requests[i] = wrk.format("GET", "%s", { ["Cookie"] = cookie, ["User-Agent"] = "%s" })
  end
end
function delay() return pause end
function request()
  n = n %% #requests + 1
  return requests[n]
end
function response(status, headers)
  local after = headers["Retry-After"] or headers["retry-after"]
  if status == 200 then good = good + 1
  elseif status == 503 and after then refused = refused + 1
  elseif status == 503 then silent = silent + 1
  else other = other + 1 end
end
function done(summary)
  local sums = { 0, 0, 0, 0 }
  for _, thread in ipairs(threads) do
    for i, name in ipairs({ "good", "refused", "silent", "other" }) do sums[i] = sums[i] + thread:get(name) end
  end
  io.write(string.format("ANSWERS %%d %%d %%d %%d %%d %%d\\n", sums[1], sums[2], sums[3], sums[4],
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout, summary.duration))
end
"""


class Load:
    """So many connections, each with a pause before each request."""

    def __init__(self, site, cookies, connections, pause_ms, seconds):
        script = os.path.join(str(site.folder), "load-%d.lua" % connections)
        with open(script, "w", encoding="ascii") as out:
            out.write(LUA % (", ".join('"%s"' % cookie for cookie in cookies), pause_ms, site.mount + PAGE,
                             site.stack.browser().headers["User-Agent"]))
        host = site.origin.partition("//")[2]
        self.process = subprocess.Popen(
            ["wrk", "-t2", "-c%d" % connections, "-d%ds" % seconds, "-s", script, "--timeout", "20s",
             site.origin.replace("localhost", "127.0.0.1"), "-H", "Host: " + host],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def end(self):
        said = self.process.communicate()[0]
        found = re.search(r"ANSWERS (.*)", said)
        if not found:
            raise RuntimeError("wrk: " + said)
        self.good, self.refused, self.silent, self.other, self.broken, micros = map(int, found[1].split())
        self.seconds = micros / 1e6
        return self


class Reader(threading.Thread):
    """Asks for one page after the other, with a pause of its own."""

    def __init__(self, site, cookie, agent):
        super().__init__(daemon=True)
        host, port = site.origin.partition("//")[2].split(":")
        self.connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
        self.path = site.mount + PAGE
        self.headers = {"Host": "%s:%s" % (host, port), "Cookie": cookie, "User-Agent": agent}
        self.over = threading.Event()
        self.let_in, self.refused, self.wrong = [], [], []

    def ask(self):
        begun = time.monotonic()
        try:
            self.connection.request("GET", self.path, headers=self.headers)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            # httpd closes what waits for a next request where it has many: browsers ask once more, too.
            self.connection.close()
            self.connection.request("GET", self.path, headers=self.headers)
            answer = self.connection.getresponse()
        body = answer.read()
        took = 1000 * (time.monotonic() - begun)
        if answer.status == 200 and body.count(b'name="m"') == ROWS:
            self.let_in.append(took)
        elif answer.status == 503 and answer.getheader("Retry-After"):
            self.refused.append(took)
        else:
            self.wrong.append((answer.status, body[:200]))

    def run(self):
        # A browser has a processor of its own: this thread shall not wait for one of the machine that is overloaded.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -19)
        while not self.over.wait(0.005):
            self.ask()

    def end(self):
        self.over.set()
        self.join()
        self.connection.close()
        if self.wrong:
            raise RuntimeError("neither a page nor a refusal: %r" % self.wrong[:3])
        return self


def p99(times):
    return sorted(times)[len(times) * 99 // 100] if times else float("nan")


def shown(number, form="%.1f"):
    return form % number if number == number else "–"


def memory_mb(site):
    stack = site.stack
    return sum(kit.memory_kb(pid) for pid in [stack.webcache.pid] + stack.httpd.children()) / 1024


def under(site, cookies, agent, connections, pause_ms, seconds):
    """A reader's times while so much is asked. (reader, MB at most, load)"""
    load = Load(site, cookies[1:], connections, pause_ms, seconds)
    time.sleep(0.5)
    reader = Reader(site, cookies[0], agent)
    reader.start()
    most = 0.0
    end = time.monotonic() + seconds - 1
    while time.monotonic() < end:
        most = max(most, memory_mb(site))
        time.sleep(0.2)
    return reader.end(), most, load.end()


def run(options):
    seconds, users = (3, 12) if options.quick else (15, 40)
    names = ["u%d" % n for n in range(users)]
    with paths.TestFolder() as folder:
        with kit.Site(folder, names) as site:
            site.stack.deliver("INBOX", [message(subject="Letter %d" % n) for n in range(ROWS)], user=names[0])
            site.clone(names[0], names[1:])
            kit.say("logging %d users in" % users)
            cookies = site.log_in([PAGE])
            agent = site.stack.browser().headers["User-Agent"]
            can = Load(site, cookies[1:], 8, 0, seconds).end()
            rate = can.good / can.seconds
            pause_ms = max(1, round(1000 * CONNECTIONS / (SHARE * rate)))
            kit.say("%.0f pages a second can be had; a pause of %d ms" % (rate, pause_ms))
            before = memory_mb(site)
            rows, quiet = [], None
            for name, times in (("a normal load", 1), ("ten times that", 10), ("a normal load again", 1)):
                reader, most, load = under(site, cookies, agent, CONNECTIONS * times, pause_ms, seconds)
                if load.silent or load.other:
                    raise RuntimeError("%s: %d refused without Retry-After, %d other answers" % (
                        name, load.silent, load.other))
                figures = [kit.middle(reader.let_in), p99(reader.let_in)] if reader.let_in else [float("nan")] * 2
                quiet = quiet or figures
                rows.append([
                    name, "%.0f" % ((load.good + load.refused) / load.seconds), "%.0f" % (load.good / load.seconds), load.broken,
                    *[shown(figure) for figure in figures], *[shown(a / b) for a, b in zip(figures, quiet)],
                    len(reader.refused), shown(kit.middle(reader.refused)) if reader.refused else "–",
                    shown(p99(reader.refused)), "%.0f" % most])
            time.sleep(2 if options.quick else 20)
            print("%.0f pages a second could be had, by 8 connections. Times in ms, of a reader beside the load.\n" % rate)
            print(kit.table(["load", "asked a second", "answered", "broken off", "let in, median", "p99", "to normal", "p99 to normal",
                             "refused", "median", "p99", "MB at most"], rows))
            print("\nMemory of httpd's children and the webcache: %.0f MB before, %.0f MB afterwards." % (
                before, memory_mb(site)))
