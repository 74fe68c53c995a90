# SPDX-License-Identifier: GPL-3.0-or-later
"""Roundcube as Debian packages it, unpacked below build/peers, in an httpd and a PHP-FPM of its own
beside the same Dovecot: to measure beside AlphaMail, never to be reached by anybody else.

    with Roundcube(folder, "plain", dovecot, caches=False) as roundcube:
        session = roundcube.log_in("demo", "demo")     # its cookies
        session.rows("INBOX", 1)                       # how many rows a list request brings
"""
import http.client
import http.cookiejar
import json
import os
import re
import shutil
import sqlite3
import time
import urllib.parse
import urllib.request

import kit
import paths
from servers.httpd import MODULE_FOLDERS, PROGRAMS, first_existing
from servers.process import Server, free_port, short_folder

WORKERS = 16
PHP_MODULES = ("pdo", "pdo_sqlite", "ctype", "dom", "exif", "fileinfo", "iconv", "intl", "mbstring", "posix",
               "simplexml", "sockets", "tokenizer", "xml", "xmlreader", "xmlwriter")
INI = """
extension_dir = "{modules}"
zend_extension = opcache.so
{extensions}
include_path = ".:{root}/usr/share/php"
opcache.enable = 1
opcache.memory_consumption = 128
opcache.max_accelerated_files = 10000
opcache.revalidate_freq = 60
memory_limit = 256M
session.save_path = "{folder}/sessions"
session.gc_probability = 0
date.timezone = UTC
expose_php = Off
"""
FPM = """
[global]
error_log = {folder}/fpm.log
daemonize = no
[www]
listen = {socket}
listen.mode = 0600
pm = static
pm.max_children = {workers}
pm.max_requests = 0
"""
HTTPD = """
ServerRoot "{folder}"
DefaultRuntimeDir "{sockets}"
PidFile "{folder}/httpd.pid"
Mutex file:{sockets} default
{modules}
ServerName localhost
LogLevel warn
ErrorLog "{folder}/error.log"
TypesConfig /etc/mime.types
Listen 127.0.0.1:{port}
DocumentRoot "{folder}/site"
DirectoryIndex index.php
<Directory />
  AllowOverride None
  Require all denied
</Directory>
<Directory "{folder}/site">
  Require all granted
</Directory>
<FilesMatch "\\.php$">
  SetHandler "proxy:unix:{socket}|fcgi://localhost/"
</FilesMatch>
{tuning}
"""
# The front page of the package has its folder compiled in; here it is told.
INDEX = "<?php\ndefine('INSTALL_PATH', '%s/');\nrequire INSTALL_PATH . 'index.php';\n"
CONFIG = """<?php
$config['db_dsnw'] = 'sqlite:///{folder}/roundcube.db?mode=0600';
$config['imap_host'] = '127.0.0.1:{imap}';
$config['des_key'] = 'for-a-benchmark-only-123';
$config['plugins'] = [];
$config['mail_pagesize'] = 50;
$config['session_storage'] = 'php';
$config['session_lifetime'] = 600;
$config['log_dir'] = '{folder}/logs/';
$config['temp_dir'] = '{folder}/temp/';
$config['language'] = 'en_US';
$config['enable_installer'] = false;
$config['imap_cache'] = {imap_cache};
$config['messages_cache'] = {messages_cache};
"""


class Roundcube:
    """Sessions in files, the user database in SQLite (WAL), opcache on; `caches` switches its own caches
    on. Without TLS towards the mail server, which spares it a handshake a page."""

    def __init__(self, folder, name, dovecot, caches):
        self.folder, self.dovecot, self.caches = os.path.join(str(folder), name), dovecot, caches
        self.root = paths.reachable(os.path.join(paths.peers_folder, "root"), str(folder))
        self.name = "Roundcube with caches" if caches else "Roundcube"
        self.port = free_port()
        self.origin = "http://127.0.0.1:%d" % self.port
        self.sockets = short_folder(paths.identity, "am-roundcube-")
        self.fpm = self.httpd = self.database = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)

    def install(self):
        """A tree as the package makes it in /var/lib, below our folder."""
        share, etc = self.root + "/usr/share/roundcube", self.root + "/etc/roundcube"
        for name in ("install", "site", "sessions", "logs", "temp"):
            os.makedirs(self.path(name))
        for name in ("program", "SQL", "skins", "plugins", "index.php"):
            os.symlink(os.path.join(share, name), self.path("install/" + name))
        os.makedirs(self.path("install/config"))
        for name in ("defaults.inc.php", "mimetypes.php"):
            shutil.copy(os.path.join(etc, name), self.path("install/config/" + name))
        caches = {"imap_cache": "'db'", "messages_cache": "'db'"} if self.caches else {
            "imap_cache": "null", "messages_cache": "false"}
        self.write("install/config/config.inc.php", CONFIG.format(
            folder=self.folder, imap=self.dovecot.imap_port, **caches))
        self.write("site/index.php", INDEX % self.path("install"))
        # Kept open: else each request is the last that has it, and clears the log away.
        self.database = sqlite3.connect(self.path("roundcube.db"))
        self.database.execute("PRAGMA journal_mode=WAL")
        with open(share + "/SQL/sqlite.initial.sql", encoding="utf-8") as schema:
            self.database.executescript(schema.read())

    def configure(self):
        socket, modules = os.path.join(self.sockets, "fpm"), first_existing(MODULE_FOLDERS, "apache2-bin")
        php = os.path.join(self.root, "usr/lib/php")
        extensions = os.path.join(php, next(name for name in sorted(os.listdir(php)) if name.isdigit()))
        self.write("php.ini", INI.format(
            folder=self.folder, root=self.root, modules=extensions,
            extensions="\n".join("extension = %s.so" % name for name in PHP_MODULES)))
        self.write("fpm.conf", FPM.format(folder=self.folder, socket=socket, workers=WORKERS))
        wanted = ("mpm_event", "authz_core", "dir", "mime", "proxy", "proxy_fcgi")
        self.write("httpd.conf", HTTPD.format(
            folder=self.folder, sockets=self.sockets, port=self.port, socket=socket, tuning=kit.TUNING,
            modules="\n".join('LoadModule %s_module "%s/mod_%s.so"' % (name, modules, name)
                              for name in wanted)))

    def start(self):
        os.makedirs(self.folder)
        self.install()
        self.configure()
        paths.identity.give(self.folder)
        fpm = next(name for name in sorted(os.listdir(self.root + "/usr/sbin")) if name.startswith("php-fpm"))
        self.fpm = Server("PHP-FPM", self.path("php.log"), paths.identity)
        self.fpm.start([os.path.join(self.root, "usr/sbin", fpm), "-F", "-c", self.path("php.ini"), "-y",
                        self.path("fpm.conf")], {"PHP_INI_SCAN_DIR": ""}, cwd=self.folder)
        self.fpm.wait_until(lambda: os.path.exists(os.path.join(self.sockets, "fpm")), "listen")
        self.httpd = Server("httpd", self.path("httpd.log"), paths.identity)
        self.httpd.start([first_existing(PROGRAMS, "apache2-bin"), "-d", self.folder, "-f",
                          self.path("httpd.conf"), "-DFOREGROUND"], cwd=self.folder)
        self.httpd.wait_port(self.port)
        return self

    def close(self):
        for server in (self.httpd, self.fpm):
            if server is not None:
                server.stop()
        if self.database is not None:
            self.database.close()
        shutil.rmtree(self.sockets, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    def cpu(self):
        """Seconds used so far, by each part."""
        return {"httpd": kit.tree_seconds(self.httpd.pid), "PHP": kit.tree_seconds(self.fpm.pid),
                "IMAP": kit.tree_seconds(self.dovecot.server.pid)}

    def settle(self):
        """Until requests that nobody waits for any more are over: they hold their sessions' locks."""
        before, now = -1.0, self.cpu()["PHP"]
        while before != now or self.busy():
            time.sleep(0.1)
            before, now = now, self.cpu()["PHP"]

    def busy(self):
        """Whether a session's file is locked."""
        with open("/proc/locks", encoding="ascii") as source:
            locked = {line.split()[5].rpartition(":")[2] for line in source if " FLOCK " in line}
        return any(str(entry.inode()) in locked for entry in os.scandir(self.path("sessions")))

    def cached(self):
        """How many messages its own cache holds."""
        return self.database.execute("SELECT count(*) FROM cache_messages").fetchone()[0]

    def log_in(self, user, password):
        return Session(self, user, password)


class Session:
    """One browser's session. What a page costs is its list request: the frame comes once."""

    def __init__(self, roundcube, user, password):
        self.roundcube, jar = roundcube, http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        token = self.token(self.get("/?_task=login"))
        frame = self.get("/?_task=login", {
            "_task": "login", "_action": "login", "_timezone": "UTC", "_url": "", "_user": user,
            "_pass": password, "_token": token})
        self.headers = {"X-Roundcube-Request": self.token(frame), "X-Requested-With": "XMLHttpRequest"}
        if '"task":"mail"' not in frame:
            raise RuntimeError("Roundcube lets nobody in: " + re.sub(r"<[^>]*>|\s+", " ", frame)[:500])
        self.cookies = "; ".join("%s=%s" % (cookie.name, cookie.value) for cookie in jar)

    def get(self, path, form=None, headers=()):
        data = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(self.roundcube.origin + path, data, dict(headers))
        try:
            with self.opener.open(request, timeout=120) as answer:
                return answer.read().decode("utf-8", "replace")
        except http.client.HTTPException as failure:
            raise RuntimeError("%s: %r" % (path, failure)) from failure

    @staticmethod
    def token(page):
        found = re.search(r'"request_token":"(\w+)"', page)
        if not found:
            raise RuntimeError("no page of Roundcube's: " + page[:500])
        return found.group(1)

    def rows(self, path):
        """How many messages a list request brings."""
        answer = json.loads(self.get(path, headers=self.headers))
        return answer["exec"].count("this.add_message_row(")


def list_path(folder, page, sort=""):
    """The request for a page of a list; `sort` like subject_ASC, else that of arrival."""
    words = {"_task": "mail", "_action": "list", "_mbox": folder, "_page": page, "_remote": 1}
    if sort:
        words["_sort"] = sort
    return "/?" + urllib.parse.urlencode(words)
