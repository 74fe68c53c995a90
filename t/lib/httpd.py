# SPDX-License-Identifier: GPL-3.0-or-later
"""Apache httpd with the module of the build tree, for tests: Httpd(folder, webcache)."""
import os
import shutil

import paths
import sanitizers
from servers import httpd as private


def module_path(folder):
    """$ALPHAMAIL_MODULE may name another: httpd itself is built without ThreadSanitizer and loads no such module."""
    return paths.reachable(os.environ.get("ALPHAMAIL_MODULE") or os.path.join(
        paths.top_builddir, "mod_alphamail", ".libs", "mod_alphamail.so"), folder)


def templates_path(folder):
    """Templates and built assets side by side, as they are installed."""
    target = os.path.join(folder, "templates")
    if not os.path.isdir(target):
        paths.copy_tree(os.path.join(paths.top_srcdir, "templates"), target)
        built = os.path.join(paths.top_builddir, "templates")
        if os.path.isdir(built) and not os.path.samefile(
                built, os.path.join(paths.top_srcdir, "templates")):
            shutil.copytree(built, target, dirs_exist_ok=True)
    return target


class Httpd(private.Httpd):
    """`site` may change or remove (None) directives; other arguments as in servers.httpd.Httpd."""

    def __init__(self, folder, webcache, name="httpd", site=None, tuning=None, identity=None,
                 **settings):
        top = str(folder)
        home = os.path.join(top, name)
        os.makedirs(home, mode=0o755, exist_ok=True)
        directives = {
            "AlphaMailConfig": '"%s"' % webcache.config_file,
            "AlphaMailMount": "/alphamail",
            "AlphaMailTemplates": '"%s"' % templates_path(top),
            "AlphaMailDatabase": 'sqlite3 "%s/alphamail.db"' % home,
            **(site or {})}
        if tuning is None:
            tuning = ("StartServers 1\nServerLimit 2\nThreadsPerChild 32\nMaxRequestWorkers 64\n"
                      "MinSpareThreads 8\nMaxSpareThreads 64")
        super().__init__(home, module_path(top), identity or paths.identity, directives,
                         tuning=tuning, **settings)
        self.environment.update(sanitizers.environment_of(self.module, self.folder))

    def close(self):
        super().close()
        sanitizers.complain("module", os.path.join(self.folder, "sanitizer.*"),
                            os.path.join(self.folder, "httpd.log"))

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()
