# What runs the tests: t/run over t/*.t; t/lib for those written in Python.
EXTRA_DIST += \
  t/README \
  t/run t/starved \
  t/0020-bootstrap.t \
  t/0100-unit.t \
  t/lib/browser.py \
  t/lib/httpd.py \
  t/lib/imapd.py \
  t/lib/mta.py \
  t/lib/paths.py \
  t/lib/sanitizers.py \
  t/lib/stack.py \
  t/lib/tap.py \
  t/lib/webcache.py

check-local: check-programs
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' $(top_srcdir)/t/run $(T)

.PHONY: check-programs
check-programs: $(check_PROGRAMS) $(check_LTLIBRARIES)

# What ./bootstrap bench measures with.
EXTRA_DIST += t/bench/run.py t/bench/kit.py t/bench/scatter.py t/bench/bench_pages.py t/bench/bench_sizes.py t/bench/bench_organise.py \
  t/bench/bench_messages.py t/bench/bench_reading.py t/bench/newsletter.py t/bench/bench_writing.py t/bench/bench_sync.py t/bench/bench_changes.py t/bench/bench_idle.py t/bench/bench_faults.py t/bench/bench_overload.py t/bench/bench_sending.py t/bench/bench_roundcube.py t/bench/roundcube.py \
  t/bench/imap_reader.py t/bench/organise_polls.py t/bench/organise_tree.py \
  t/bench/line_server.py
EXTRA_LTLIBRARIES = t/bench/mod_trivial.la
t_bench_mod_trivial_la_SOURCES = t/bench/mod_trivial.cc
t_bench_mod_trivial_la_CPPFLAGS = $(HTTPD_CPPFLAGS) $(APR_CFLAGS)
t_bench_mod_trivial_la_LDFLAGS = -module -avoid-version -shared -rpath $(HTTPD_MODULE_DIR)
CLEANFILES += t/bench/mod_trivial.la

.PHONY: bench-programs
bench-programs: t/bench/mod_trivial.la t/bench/lane_bench t/html_cleaner t/webcache_ask t/outgoing_ask
