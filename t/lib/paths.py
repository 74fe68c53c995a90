# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the tests find the source, the build and the unpacked mail servers.

`make check` says so in the environment; by hand, build/ below the source is taken. Importing this
also makes the folder tools/ importable (servers, demo_mail).
"""
import os
import shutil
import sys
import tempfile

top_srcdir = os.path.abspath(os.environ.get(
    "top_srcdir", os.path.join(os.path.dirname(__file__), "..", "..")))
top_builddir = os.path.abspath(os.environ.get(
    "top_builddir", os.path.join(top_srcdir, "build")))


def _find_peers():
    """$ALPHAMAIL_PEERS, or peers/ in the build folder or in one above it (make distcheck)."""
    if "ALPHAMAIL_PEERS" in os.environ:
        return os.environ["ALPHAMAIL_PEERS"]
    folder = top_builddir
    for _ in range(5):
        if os.path.isdir(os.path.join(folder, "peers", "root")):
            break
        folder = os.path.dirname(folder)
    else:
        folder = top_builddir
    return os.path.join(folder, "peers")


peers_folder = _find_peers()
tools_folder = os.path.join(top_srcdir, "tools")
if tools_folder not in sys.path:
    sys.path.insert(0, tools_folder)
sys.dont_write_bytecode = True

from servers.peers import Peers  # noqa: E402
from servers.process import Identity, copy_tree  # noqa: E402

identity = Identity()


class TestFolder:
    """A temporary folder that the servers' user can pass; removed at close()."""

    def __init__(self, name="alphamail-test-"):
        self.path = tempfile.mkdtemp(prefix=name)
        os.chmod(self.path, 0o755)
        identity.give(self.path)

    def __str__(self):
        return self.path

    def close(self):
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def reachable(path, folder):
    """`path` (a file or a folder), or a copy below `folder` where the servers' user cannot pass."""
    if identity.can_pass(path if os.path.isdir(path) else os.path.dirname(path)):
        return path
    # In a folder of their own, since a server's folder may be called as its program is.
    copy = os.path.join(folder, "reached", os.path.basename(path))
    if os.path.lexists(copy):
        return copy
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    if os.path.isdir(path):
        copy_tree(path, copy)
    else:
        shutil.copy(path, copy)
        os.chmod(copy, 0o755)
    return copy


def peers(folder):
    """The mail servers, copied below `folder` where the servers' user cannot pass to them."""
    found = Peers(peers_folder)
    if identity.can_pass(found.root):
        return found
    copy = os.path.join(folder, "peers")
    # Once: a second server runs from the copy that the first one runs from.
    return Peers(copy) if os.path.lexists(copy) else found.copy_to(copy)
