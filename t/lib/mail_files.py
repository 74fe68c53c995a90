# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of the fixtures, and of a whole corpus where a long run is given one.

    for path in mail_files(): ...                     # a message each, in a fixed order
"""
import glob
import os

import paths

SUFFIXES = (".eml", ".msg", ".raw", "")
CORPUS = os.environ.get("ALPHAMAIL_CORPUS") if os.environ.get("ALPHAMAIL_SOAK") else None
ROOT = os.path.join(CORPUS, "mail") if CORPUS else os.path.join(paths.top_srcdir, "t", "fixtures", "mail")


def is_mail(path):
    name = os.path.basename(path)
    return (os.path.isfile(path) and os.path.splitext(name)[1] in SUFFIXES and not name.startswith("README") and
            "_decoded" not in name and not name.startswith("expected") and
            os.path.getsize(path) > 0)  # of nothing no server makes a message


def mail_files(root=ROOT):
    return sorted(path for path in glob.glob(os.path.join(root, "**"), recursive=True) if is_mail(path))


def crlf(raw):
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
