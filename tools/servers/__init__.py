# SPDX-License-Identifier: GPL-3.0-or-later
"""Private servers for the demo and the tests: Dovecot, Exim, httpd and webcache, each with a
configuration of its own, on loopback, unprivileged, below one folder."""
