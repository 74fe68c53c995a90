# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of a private Dovecot whose owner may not do everything (RFC 4314), by its ACL plugin.

    Dovecot(folder, extra=acl.plugin(folder, "Fixed owner lr", "NoDelete owner lrwsi"))
"""
import os


def plugin(folder, *lines):
    """What goes into dovecot.conf; each line is: mailbox, who, rights."""
    name = os.path.join(str(folder), "global-acls")
    with open(name, "w", encoding="utf-8") as out:
        out.write("".join(line + "\n" for line in lines))
    os.chmod(name, 0o644)
    return "mail_plugins = $mail_plugins acl\nplugin {\n  acl = vfile:%s\n}\n" % name
