# SPDX-License-Identifier: GPL-3.0-or-later
"""Apache httpd with the module, on a configuration of its own (the event MPM unless told)."""
import os
import shutil
import signal
import subprocess

from servers.process import Failed, Server, children, free_port, short_folder, tail, wait_free

MODULES = ("authz_core", "alias", "brotli", "deflate", "dir", "env", "expires", "filter", "headers",
           "http2", "mime", "negotiation", "reqtimeout", "rewrite", "setenvif", "socache_shmcb",
           "ssl", "unique_id")
PROGRAMS = ("/usr/sbin/apache2", "/usr/sbin/httpd")
MODULE_FOLDERS = ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/etc/httpd/modules")

CONFIG = """\
ServerRoot "{folder}"
DefaultRuntimeDir "{sockets}"
PidFile "{folder}/httpd.pid"
Mutex file:{sockets} default
LoadModule mpm_{mpm}_module "{modules}/mod_mpm_{mpm}.so"
{load}
LoadModule alphamail_module "{module}"
ServerName {host}
ServerTokens Prod
TraceEnable off
LogLevel {log_level}
ErrorLog "{folder}/error.log"
TypesConfig /etc/mime.types
DocumentRoot "{folder}/htdocs"
{tuning}
<Directory />
  AllowOverride None
  Require all denied
</Directory>
<Directory "{folder}/htdocs">
  Require all granted
</Directory>
{before}
{includes}
{site}
{listen}
"""
TLS = """\
Listen {address}:{port} https
SSLSessionCache none
SSLEngine on
SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1
SSLCertificateFile "{certificate}"
SSLCertificateKeyFile "{key}"
"""


def first_existing(paths, what):
    for path in paths:
        if os.path.exists(path):
            return path
    raise Failed("%s is not installed" % what)


class Httpd:
    """`site` holds the directives of AlphaMail (a dict of name: value, or None to leave one out)."""

    def __init__(self, folder, module, identity, site, port=None, address="127.0.0.1",
                 host="localhost", tls=None, mpm="event", includes=(), before="", extra="",
                 log_level="info", load=(), tuning="", sockets=None):
        self.folder, self.identity = os.path.abspath(folder), identity
        self.module, self.site, self.tls, self.mpm = module, dict(site), tls, mpm
        self.port, self.address, self.host = port or free_port(), address, host
        self.includes, self.before, self.extra = includes, before, extra
        self.log_level, self.load, self.tuning = log_level, load, tuning
        self.own_sockets = sockets is None
        self.sockets = sockets or short_folder(identity, "am-httpd-")
        self.program = first_existing(PROGRAMS, "apache2-bin")
        self.modules = first_existing(MODULE_FOLDERS, "apache2-bin")
        self.config_file = os.path.join(self.folder, "httpd.conf")
        self.error_log = os.path.join(self.folder, "error.log")
        self.server = None
        self.environment = {}    # besides what every server gets
        os.makedirs(os.path.join(self.folder, "htdocs"), exist_ok=True)

    @property
    def scheme(self):
        return "https" if self.tls else "http"

    @property
    def origin(self):
        return "%s://%s:%d" % (self.scheme, self.host, self.port)

    def write_config(self, **changes):
        """Directives given here change those of the site: AlphaMailDomain="mail.example.edu"."""
        self.site.update(changes)
        load = ["LoadModule %s_module \"%s/mod_%s.so\"" % (name, self.modules, name)
                for name in MODULES if os.path.exists("%s/mod_%s.so" % (self.modules, name))]
        load += ["LoadModule %s" % line for line in self.load]
        address = "[%s]" % self.address if ":" in self.address else self.address
        listen = "Listen %s:%d" % (address, self.port)
        if self.tls:
            listen = TLS.format(address=address, port=self.port, certificate=self.tls[0],
                                key=self.tls[1])
        text = CONFIG.format(
            folder=self.folder, sockets=self.sockets, mpm=self.mpm, modules=self.modules,
            load="\n".join(load), module=self.module, host="%s:%d" % (self.host, self.port),
            log_level=self.log_level, tuning=self.tuning, before=self.before,
            includes="\n".join('Include "%s"' % path for path in self.includes),
            site="\n".join("%s %s" % item for item in self.site.items() if item[1] is not None)
            + "\n" + self.extra, listen=listen)
        with open(self.config_file, "w", encoding="utf-8") as out:
            out.write(text)
        self.identity.give(self.folder)

    def command(self, *arguments):
        return [self.program, "-d", self.folder, "-f", self.config_file, *arguments]

    def check(self):
        """(good, text): what `httpd -t` says of the configuration."""
        self.write_config()
        done = subprocess.run(self.command("-t"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, cwd=self.folder,
                              env={**os.environ, **self.environment}, **self.identity.popen_args())
        return done.returncode == 0, done.stdout.decode("utf-8", "replace")

    def start(self):
        self.write_config()
        wait_free((self.port,), self.address)
        log = os.path.join(self.folder, "httpd.log")
        self.server = Server("httpd", log, self.identity)
        self.server.start(self.command("-DFOREGROUND"), self.environment, cwd=self.folder)
        try:
            self.server.wait_port(self.port, "127.0.0.1" if self.address in ("0.0.0.0", "::")
                                  else self.address)
        except Failed as failure:
            raise Failed("%s\nThe end of %s:\n%s" % (failure, self.error_log,
                                                     tail(self.error_log))) from failure
        return self

    @property
    def pid(self):
        return self.server.pid

    def children(self):
        """The process ids of the children, as the kernel knows them."""
        return children(self.pid)

    def graceful(self):
        os.kill(self.server.pid, signal.SIGUSR1)

    def reload(self):
        os.kill(self.server.pid, signal.SIGHUP)

    def stop(self):
        if self.server is not None:
            self.server.stop(seconds=5)
            self.server = None

    def close(self):
        self.stop()
        if self.own_sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)
