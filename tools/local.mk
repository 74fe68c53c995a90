# tools: its part of the one makefile.

# Private servers for the demo and the tests; Python programs, not installed.
EXTRA_DIST += \
  tools/servers/__init__.py \
  tools/servers/ca.py \
  tools/servers/dovecot.py \
  tools/servers/exim.py \
  tools/servers/peer_paths.c \
  tools/servers/peers.py \
  tools/servers/process.py

# The parts of ./bootstrap.
EXTRA_DIST += \
  tools/bootstrap/build.sh \
  tools/bootstrap/packages.sh \
  tools/bootstrap/peers.sh
