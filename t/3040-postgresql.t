#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same with PostgreSQL, a private server of its own: tables, sessions, settings, restarts."""
import glob
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from servers.process import Server, free_port, short_folder  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, ok, skip_all  # noqa: E402

PROGRAMS = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres") + glob.glob("/usr/bin/postgres"))
DRIVERS = glob.glob("/usr/lib/*/apr-util-1/apr_dbd_pgsql*.so") + glob.glob(
    "/usr/lib64/apr-util-1/apr_dbd_pgsql*.so")


class Postgres:
    """A cluster below `folder` that answers on a socket of its own, without any password."""

    def __init__(self, folder):
        self.bin = os.path.dirname(PROGRAMS[-1])
        self.data = os.path.join(str(folder), "pg")
        self.sockets = short_folder(paths.identity, "am-pg-")
        self.port = free_port()
        self.log = os.path.join(str(folder), "pg.log")
        self.server = None
        self._run("initdb", "-D", self.data, "-U", "alphamail", "-A", "trust", "--no-sync")

    def _run(self, program, *arguments):
        subprocess.run([os.path.join(self.bin, program), *arguments], check=True, cwd="/",
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
                       **paths.identity.popen_args())

    @property
    def params(self):
        return "host=%s port=%d user=alphamail dbname=postgres connect_timeout=3" % (
            self.sockets, self.port)

    def start(self):
        self.server = Server("postgres", self.log, paths.identity)
        self.server.start([os.path.join(self.bin, "postgres"), "-D", self.data, "-k", self.sockets,
                           "-p", str(self.port), "-c", "listen_addresses=", "-c", "fsync=off"])
        self.server.wait_until(self._answers, "answer")
        return self

    def _answers(self):
        try:
            self.sql("SELECT 1")
            return True
        except subprocess.CalledProcessError:
            return False

    def sql(self, statement):
        return subprocess.run(
            [os.path.join(self.bin, "psql"), "-h", self.sockets, "-p", str(self.port), "-U", "alphamail",
             "-d", "postgres", "-Atc", statement], check=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd="/").stdout.decode().strip()

    def stop(self):
        if self.server is not None:
            self.server.stop(signal.SIGINT, seconds=30)     # SIGTERM would wait for its clients
            self.server = None


class OnPostgres:
    def __enter__(self):
        self.folder = paths.TestFolder()
        self.postgres = Postgres(self.folder).start()
        try:
            self.stack = Stack(folder=self.folder, cache={"login_failures_account": 1000}, site={
                "AlphaMailDatabase": 'pgsql "%s"' % self.postgres.params}).__enter__()
        except BaseException:
            self.postgres.stop()
            self.folder.close()
            raise
        return self

    def __exit__(self, *_):
        self.stack.close()
        self.postgres.stop()
        os.rmdir(self.postgres.sockets) if not os.listdir(self.postgres.sockets) else None
        self.folder.close()

    def describe(self):
        return self.stack.describe()


@case("the store's own tests pass")
def _(given):
    program = os.path.join(paths.top_builddir, "t", "unit", "store_test")
    done = subprocess.run([program, "--gtest_filter=*pgsql*"], check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          env={**os.environ, "ALPHAMAIL_TEST_PGSQL": given.postgres.params})
    equal(done.returncode, 0, done.stdout.decode()[-2000:])
    contains(done.stdout.decode(), "PASSED  ] 4 tests")


@case("log-in, settings, log-out")
def _(given):
    browser, page = given.stack.log_in()
    equal(page.status, 200, page.words[:500])
    equal(given.postgres.sql("SELECT user_name, domain FROM alphamail_session"), "demo|example.edu")
    page = browser.get("settings/")
    page = browser.submit(page, page.form("density"), density="compact")
    equal(page.form("density").fields["density"], "compact")
    page = browser.get("contacts/?new=1")
    page = browser.submit(page, page.form("addresses"), button=("do", "save"), name="Mina 100%", addresses="mina@x.example")
    equal(browser.get("contacts/complete?q=mina").text, '["Mina 100% <mina@x.example>"]'.replace("<", "\\u003c").replace(">", "\\u003e"))
    page = browser.get("settings/identities/")
    page = browser.submit(page, page.form("signatures"), button=("do", "save"), name="Demo", signatures="one")
    contains(browser.get("compose").text, "\n-- \none")
    browser.submit(page, page.form("logout"))
    equal(given.postgres.sql("SELECT COUNT(*) FROM alphamail_session"), "0")
    equal(given.postgres.sql("SELECT version FROM alphamail_schema"), "5")


@case("a database server that is restarted, or away for a while")
def _(given):
    browser, _ = given.stack.log_in()
    given.postgres.stop()
    equal(browser.get("mail/", follow=False).status, 200, "reading goes on")
    fresh = given.stack.browser()
    page = fresh.get("")
    page = fresh.submit(page, page.form("password"), user="demo", password="demo")
    ok(page.status in (500, 503), why=str(page.status))
    given.postgres.start()
    equal(browser.get("mail/", follow=False).status, 200)
    equal(given.stack.log_in()[1].status, 200)
    given.stack.httpd.stop()
    given.stack.httpd.start()
    equal(browser.get("settings/", follow=False).status, 200, "the row was kept")


if not PROGRAMS or not DRIVERS:
    skip_all("needs PostgreSQL and apr_dbd_pgsql")
main(OnPostgres)
