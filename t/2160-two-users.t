#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The webcache and the web server as two users, as the guide has it: they meet through the socket's
group, and nobody else gets an answer."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from browser import Browser  # noqa: E402
from httpd import Httpd  # noqa: E402
from imapd import Dovecot  # noqa: E402
from servers.process import Identity  # noqa: E402
from tap import case, contains, equal, main, ok, skip_all  # noqa: E402
from webcache import Webcache  # noqa: E402

# Users that every Debian system has.
CACHE_USER, WEB_USER = "daemon", "www-data"

# Whether the daemon greets a caller, as lane.h has it, or hangs up.
KNOCK = """
import socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.settimeout(20)
s.connect(sys.argv[1])
try:
    s.send(struct.pack("=QHHI", 0x3130656e614c6d41, 1, 1, 0))
    print("greets" if s.recv(4096) else "hung up")
except ConnectionError:
    print("hung up")
"""

if os.getuid() != 0:
    skip_all("only root can be two users")


class World:
    def __enter__(self):
        self.folder = paths.TestFolder()
        cache, web = Identity(CACHE_USER), Identity(WEB_USER)
        self.dovecot = Dovecot(self.folder, failure_delay="0 secs")
        self.dovecot.add_user("demo", "demo")
        self.dovecot.start()
        self.webcache = Webcache(self.folder, self.dovecot, identity=cache, webcache_user=CACHE_USER,
                                 web_user=WEB_USER,
                                 insecure_loopback_cookies="on")
        # The folder of the socket belongs to the one user and the other's group, and hands that on.
        os.chown(self.webcache.sockets, cache.uid, web.gid)
        os.chmod(self.webcache.sockets, 0o2751)
        self.webcache.start()
        home = os.path.join(str(self.folder), "httpd")
        os.makedirs(home)
        self.config = os.path.join(home, "alphamail_config")
        with open(self.webcache.config_file, encoding="utf-8") as source:
            lines = source.read()
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(lines.replace(self.webcache.settings["secret_file"],
                                    os.path.join(home, "secret")))
        os.chmod(self.config, 0o600)
        self.httpd = Httpd(self.folder, self.webcache, identity=web,
                           site={"AlphaMailConfig": '"%s"' % self.config})
        self.httpd.start()
        return self

    def __exit__(self, *_):
        self.httpd.close()
        self.webcache.close()
        self.dovecot.stop()
        self.folder.close()


@case("the two run as two users, and a log-in goes through both")
def _(w):
    with open("/proc/%d/status" % w.webcache.pid, encoding="ascii") as status:
        contains(status.read(), "Uid:\t%d\t" % Identity(CACHE_USER).uid)
    with open("/proc/%d/status" % w.httpd.pid, encoding="ascii") as status:
        contains(status.read(), "Uid:\t%d\t" % Identity(WEB_USER).uid)
    browser = Browser(w.httpd.origin, "/alphamail")
    page = browser.log_in("demo", "demo")
    equal(page.status, 200, page.words[:500])
    contains(page.words, "Inbox")


@case("the web server's user reads neither the webcache's files nor its memory")
def _(w):
    web = Identity(WEB_USER)
    for path in (os.path.join(w.webcache.folder, "cache"), os.path.join(w.webcache.folder, "spool"),
                 w.webcache.config_file, "/proc/%d/mem" % w.webcache.pid):
        tried = subprocess.run(["find", path, "-exec", "head", "-c", "1", "{}", "+"], stdin=subprocess.DEVNULL,
                               capture_output=True, text=True, check=False, **web.popen_args())
        ok(tried.returncode != 0, why=path)
        contains(tried.stderr, "Permission denied")


@case("a third user gets no answer, even where the socket's mode lets everybody in")
def _(w):
    os.chmod(w.webcache.socket, 0o666)
    tried = subprocess.run([sys.executable, "-c", KNOCK, w.webcache.socket], capture_output=True,
                           text=True, check=False, **Identity("nobody").popen_args())
    equal(tried.stdout, "hung up\n", tried.stderr)
    tried = subprocess.run([sys.executable, "-c", KNOCK, w.webcache.socket], capture_output=True,
                           text=True, check=False, **Identity(WEB_USER).popen_args())
    equal(tried.stdout, "greets\n", tried.stderr)
    os.chmod(w.webcache.socket, 0o660)
    browser = Browser(w.httpd.origin, "/alphamail")
    equal(browser.log_in("demo", "demo").status, 200)


main(World)
