# tools: its part of the one makefile.

# What an admin types.
sbin_PROGRAMS += tools/webcache-status
tools_webcache_status_SOURCES = tools/webcache_status.cc
tools_webcache_status_LDADD = common/libcommon.la
$(tools_webcache_status_OBJECTS): common/protocol_generated.h

# Private servers for the demo and the tests; Python programs, not installed.
EXTRA_DIST += \
  tools/servers/__init__.py \
  tools/servers/ca.py \
  tools/servers/courier.py \
  tools/servers/cyrus.py \
  tools/servers/dovecot.py \
  tools/servers/exim.py \
  tools/servers/httpd.py \
  tools/servers/peer_paths.c \
  tools/servers/peers.py \
  tools/servers/process.py \
  tools/servers/webcache.py

# The parts of ./bootstrap.
EXTRA_DIST += \
  tools/bootstrap/build.sh \
  tools/bootstrap/packages.sh \
  tools/bootstrap/peers.sh

# The demo's mail.
EXTRA_DIST += \
  tools/demo_mail/__init__.py \
  tools/demo_mail/compose.py \
  tools/demo_mail/fill.py \
  tools/demo_mail/letters.py \
  tools/demo_mail/lists.py \
  tools/demo_mail/mailbox.py \
  tools/demo_mail/newsletters.py \
  tools/demo_mail/odd.py \
  tools/demo_mail/people.py \
  tools/demo_mail/pictures.py \
  tools/demo_mail/threads.py \
  tools/demo_mail/world.py

# What ./bootstrap demo runs.
EXTRA_DIST += \
  tools/demo/__init__.py \
  tools/demo/demo.py \
  tools/demo/options.py \
  tools/demo/running.py \
  tools/demo/supervise.py
