# SPDX-License-Identifier: GPL-3.0-or-later
"""The unpacked mail servers: where they are, and how their programs are called.

`./bootstrap peers` unpacks them below build/peers/root and builds peer_paths.so beside it.
"""
import os
import shutil

from servers.process import Failed, copy_tree


class Peers:
    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        if not os.path.exists(self.preload):
            raise Failed("no mail servers below %s: run ./bootstrap peers" % self.folder)

    @property
    def root(self):
        return os.path.join(self.folder, "root")

    @property
    def preload(self):
        return os.path.join(self.folder, "peer_paths.so")

    def program(self, path):
        """The unpacked program that a package would have put at `path`."""
        return self.root + path

    def has(self, path):
        return os.path.exists(self.program(path))

    def environment(self, home=None, log=None):
        """`home`: where what the server has below /etc and /run is; `log`: for what it tells syslog."""
        libraries = self.root + "/usr/lib/dovecot"
        found = {"LD_LIBRARY_PATH": ":".join((
            libraries, libraries + "/modules/old-stats", self.root + "/usr/lib/x86_64-linux-gnu",
            self.root + "/usr/lib")), "LD_PRELOAD": self.preload, "PEER_ROOT": self.root}
        found.update({name: value for name, value in (("PEER_HOME", home), ("PEER_LOG", log)) if value})
        return found

    def copy_to(self, folder):
        """Copies what mail needs to another folder and gives the Peers there."""
        libraries = ["usr/lib/" + name for name in os.listdir(self.root + "/usr/lib") if name != "postgresql"]
        for part in libraries + ["usr/sbin", "usr/bin"]:
            copy_tree(os.path.join(self.root, part), os.path.join(folder, "root", part))
        shutil.copy(self.preload, os.path.join(folder, "peer_paths.so"))
        return Peers(folder)
