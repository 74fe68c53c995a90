#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ./bootstrap itself promises: words for mistakes, demos side by side, unprivileged servers, a
webcache that comes back, and nothing left behind."""
import os
import re
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from browser import Browser  # noqa: E402
from imapd import Dovecot, message  # noqa: E402
from servers.process import free_port, port_is_free  # noqa: E402
from tap import case, contains, equal, main, note, ok, skip_all  # noqa: E402

TOP = paths.top_srcdir
BOOTSTRAP = os.path.join(TOP, "bootstrap")
if os.path.realpath(paths.top_builddir) != os.path.realpath(os.path.join(TOP, "build")):
    skip_all("this build is not the one that ./bootstrap makes")


def bootstrap(*arguments, **settings):
    settings.setdefault("timeout", 900)   # it may have to build first
    return subprocess.run([BOOTSTRAP, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **settings)


def shell(script):
    """Runs shell code with the parts of bootstrap read in and apt replaced by what the code says."""
    start = ("set -euo pipefail; top=%s; build=$(mktemp -d); trap 'rm -rf $build' EXIT\n"
             "say() { echo \"$*\"; }; die() { echo \"$*\"; exit 1; }\n"
             ". $top/tools/bootstrap/packages.sh\n" % TOP)
    return subprocess.run(["bash", "-c", start + script], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)


def read(path):
    try:
        with open(path, "rb") as source:
            return source.read().decode("utf-8", "replace")
    except OSError:
        return ""


def descendants(pid):
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and read("/proc/%s/stat" % name).rpartition(")")[2].split()[1:2] == [
                str(pid)]:
            found += [int(name)] + descendants(int(name))
    return found


def alive(pid):
    return read("/proc/%d/stat" % pid).rpartition(")")[2].split()[:1] not in ([], ["Z"])


def wait_until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def patient_browser(port):
    browser = Browser("http://localhost:%d" % port)
    browser.patience = 30
    return browser


class Demos:
    """Two demos, started once and looked at by all cases; the first in a folder with a long name."""

    def __enter__(self):
        self.folder = paths.TestFolder()
        self.first = os.path.join(str(self.folder), "a-folder-with-a-long-name-" + "x" * 90)
        self.second = os.path.join(str(self.folder), "b")
        self.ports = free_port(), free_port()
        self.reader, writer = os.pipe()
        began = time.monotonic()
        self.outputs = []
        for folder, port in zip((self.first, self.second), self.ports):
            done = bootstrap("demo", "--dir", folder, "--port", str(port), "--messages", "30",
                             "--detach", pass_fds=[writer])
            self.outputs.append((done.returncode, done.stdout))
        os.close(writer)
        note("two demos were started in %.1f s" % (time.monotonic() - began))
        return self

    def __exit__(self, *_):
        for folder in (self.first, self.second):
            bootstrap("demo", "--dir", folder, "--stop")
        self.folder.close()

    def supervisor(self, folder):
        return int(read(os.path.join(folder, "state", "demo.pid")).split()[0])

    def browser(self, number):
        return patient_browser(self.ports[number])

    def describe(self):
        return "\n".join(output for _, output in self.outputs)


@case("an unknown command or option is told and nothing is done")
def _():
    for arguments, words in ((["dance"], 'no command "dance"'), (["demo", "--prot", "1"], "--prot"),
                             (["demo", "--port", "0"], "'0' is not a number"),
                             (["demo", "--imap", "nowhere"], "HOST:PORT"),
                             (["demo", "--listen", "here"], "not an IP address"),
                             (["check", "--fast"], "no options")):
        done = bootstrap(*arguments)
        ok(done.returncode != 0, why="%r succeeded" % arguments)
        contains(done.stdout, words)


@case("a port that is in use is told at once")
def _():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen(1)
        began = time.monotonic()
        done = bootstrap("demo", "--port", str(busy.getsockname()[1]), "--dir", "/tmp/am-no-such")
        equal(done.returncode, 1)
        contains(done.stdout, "in use")
        ok(time.monotonic() - began < 20, why="it took %.1f s" % (time.monotonic() - began))


@case("what would remove a package is refused before anything is installed")
def _():
    done = shell("""apt-get() { [ "$1" = -s ] || { echo INSTALLED; return; }
        echo 'Remv mail-transport-agent [1]'; }
        as_root() { "$@"; }; refresh_lists() { :; }; is_installed() { return 1; }
        install_packages foo""")
    equal(done.returncode, 1)
    contains(done.stdout, "would remove mail-transport-agent")
    ok("INSTALLED" not in done.stdout)


@case("without root and without sudo the exact command is printed")
def _():
    done = shell("""id() { echo 1000; }; command() { [ "$2" != sudo ] && builtin command "$@"; }
        apt-get() { :; }; refresh_lists() { :; }; is_installed() { return 1; }
        install_packages libfoo-dev""")
    equal(done.returncode, 1)
    contains(done.stdout, "apt-get install -y --no-install-recommends libfoo-dev")


@case("another system is told what to install, with its own names")
def _():
    done = shell("""command() { return 1; }; install_packages libetpan-dev""")
    equal(done.returncode, 1)
    contains(done.stdout, "libetpan-dev")
    contains(done.stdout, "dnf install")


@case("two demos in two folders on two ports are ready, each with one line that says so")
def _(demos):
    for (status, output), port in zip(demos.outputs, demos.ports):
        equal(status, 0, output)
        lines = [line for line in output.splitlines() if line.startswith("ready ")]
        equal(len(lines), 1)
        ok(re.fullmatch(r"ready http://localhost:%d/alphamail/ user=demo password=demo "
                        r"imaps=127\.0\.0\.1:\d+ submission=127\.0\.0\.1:\d+" % port, lines[0]),
           why=lines[0])


@case("a server that is there already takes the private one's place, with its own mail")
def _(demos):
    folder, port = os.path.join(str(demos.folder), "c"), free_port()
    with paths.TestFolder() as elsewhere, Dovecot(elsewhere, ssl="no") as theirs:
        theirs.add_user("ann", "herpassword")
        theirs.deliver("ann", "INBOX", [message(subject="Mail of a real server")])
        done = bootstrap("demo", "--dir", folder, "--port", str(port), "--detach",
                         "--imap", "127.0.0.1:%d[/]" % theirs.imap_port,
                         "--smtp", "127.0.0.1:%d" % free_port())
        try:
            equal(done.returncode, 0, done.stdout)
            browser = patient_browser(port)
            contains(browser.log_in("ann", "herpassword").words, "Mail of a real server")
            ok(not os.path.exists(os.path.join(folder, "imapd", "dovecot.conf")), why="a private one")
        finally:
            bootstrap("demo", "--dir", folder, "--stop")


@case("one browser is logged in at both of them at once")
def _(demos):
    one, two = demos.browser(0), demos.browser(1)
    equal(one.log_in().status, 200)
    two.cookies = one.cookies          # one browser: cookies know no ports
    equal(two.log_in("demo2").status, 200)
    one.cookies = two.cookies
    contains(one.get("mail/INBOX/").words, "Folders")
    contains(two.get("mail/INBOX/").words, "Folders")


@case("what stays running holds none of the caller's descriptors")
def _(demos):
    os.set_blocking(demos.reader, False)
    equal(os.read(demos.reader, 1), b"", "end of file")


@case("all servers run unprivileged, and none reads the checkout")
def _(demos):
    for folder in (demos.first, demos.second):
        pids = descendants(demos.supervisor(folder))
        ok(len(pids) > 6, why="only %r" % pids)
        for pid in pids + [demos.supervisor(folder)]:
            if not alive(pid):
                continue
            uids = re.search(r"^Uid:\s+(.*)$", read("/proc/%d/status" % pid), re.M)
            ok(uids is None or os.getuid() != 0 or "0" not in uids.group(1).split(),
               why="process %d runs as %s" % (pid, uids and uids.group(1)))
            ok(TOP + "/" not in read("/proc/%d/maps" % pid), why="%d maps the checkout" % pid)
            for link in ("exe", "cwd"):
                try:
                    where = os.readlink("/proc/%d/%s" % (pid, link))
                except OSError:
                    continue
                ok(not where.startswith(TOP + "/"), why="%s of %d is %s" % (link, pid, where))


@case("socket paths stay under 100 characters in a folder with a long name")
def _(demos):
    sockets = read(os.path.join(demos.first, "state", "sockets"))
    paths_seen = [os.path.join(base, name) for base, _, files in os.walk(sockets) for name in files]
    ok(any(path.endswith("webcache.sock") for path in paths_seen), why=repr(paths_seen))
    ok(max(map(len, paths_seen)) < 100, why=repr(paths_seen))


@case("a webcache that is killed is back by itself, and nobody is logged out")
def _(demos):
    browser = demos.browser(1)
    equal(browser.log_in().status, 200)
    pid_file = os.path.join(demos.second, "webcache", "webcache.pid")
    supervisor = int(read(pid_file))

    def daemons():
        return read("/proc/%d/task/%d/children" % (supervisor, supervisor)).split()
    old = daemons()
    equal(len(old), 1)
    os.kill(int(old[0]), signal.SIGKILL)
    ok(wait_until(lambda: daemons() not in ([], old), 15), why="no new webcache")
    ok(alive(supervisor))
    ok(wait_until(lambda: browser.get("mail/INBOX/").status == 200, 20))
    contains(browser.get("mail/INBOX/").words, "Folders")


@case("a second start in the same folder is done soon and keeps the mail")
def _(demos):
    equal(bootstrap("demo", "--dir", demos.second, "--stop").returncode, 0)
    began = time.monotonic()
    done = bootstrap("demo", "--dir", demos.second, "--port", str(demos.ports[1]), "--detach")
    took = time.monotonic() - began
    equal(done.returncode, 0, done.stdout)
    note("the second start took %.1f s" % took)
    ok(took < 60, why="%.1f s" % took)
    ok("filling" not in done.stdout, why=done.stdout)
    done = bootstrap("demo", "--dir", demos.second, "--port", str(free_port()), "--detach")
    equal(done.returncode, 1)
    contains(done.stdout, "already")


@case("--stop ends everything that was started, and leaves no process, port or socket")
def _(demos):
    supervisor = demos.supervisor(demos.second)
    pids = descendants(supervisor) + [supervisor]
    sockets = read(os.path.join(demos.second, "state", "sockets"))
    ok(os.path.isdir(sockets))
    equal(bootstrap("demo", "--dir", demos.second, "--stop").returncode, 0)
    ok(wait_until(lambda: not any(map(alive, pids)), 20),
       why=repr([(pid, read("/proc/%d/cmdline" % pid)) for pid in pids if alive(pid)]))
    ok(not os.path.exists(sockets), why=sockets)
    ok(port_is_free("127.0.0.1", demos.ports[1]))
    ok(alive(demos.supervisor(demos.first)), why="the other demo is gone too")


@case("in the foreground Ctrl-C ends it all, and so does the end of the supervisor by force")
def _(demos):
    for number in (signal.SIGINT, signal.SIGKILL):
        with subprocess.Popen([BOOTSTRAP, "demo", "--dir", demos.second, "--port",
                               str(demos.ports[1])], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            for line in process.stdout:
                if line.startswith("ready "):
                    break
            pids = descendants(process.pid)
            ok(len(pids) > 6, why=repr(pids))
            process.send_signal(number)
            process.stdout.read()
            process.wait(60)
        ok(wait_until(lambda: not any(map(alive, pids)), 30),
           why=repr([(pid, read("/proc/%d/cmdline" % pid)) for pid in pids if alive(pid)]))


main(Demos)
