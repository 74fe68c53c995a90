# Faults and bad input as a user meets them: the whole stack, through a browser without script.
EXTRA_DIST += t/4000-server-faults.t t/4010-kills.t t/4020-hostile-text.t t/4030-clock.t \
  t/4100-server-away.t t/4110-sick-servers.t t/4150-takeover.t t/4160-two-users.t t/4170-overload.t \
  t/4180-secrets.t t/4190-scribbler.t t/lib/meanwhile.py

# A library that moves the wall clock of the program it is preloaded into.
check_LTLIBRARIES += t/lib/moved_clock.la
t_lib_moved_clock_la_SOURCES = t/lib/moved_clock.cc
t_lib_moved_clock_la_LDFLAGS = -module -avoid-version -shared -rpath $(abs_top_builddir)

# One that has a thread hang.
check_LTLIBRARIES += t/lib/hanging.la
t_lib_hanging_la_SOURCES = t/lib/hanging.cc
t_lib_hanging_la_LDFLAGS = -module -avoid-version -shared -rpath $(abs_top_builddir)
