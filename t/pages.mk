# t: what tests the pages; they are rendered from replies built by hand.
PAGES_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS) $(CTEMPLATE_CFLAGS) $(ICU_CFLAGS) \
  -DALPHAMAIL_TOP_SRCDIR='"$(abs_top_srcdir)"' -DALPHAMAIL_TOP_BUILDDIR='"$(abs_top_builddir)"'
PAGES_LIBS = mod_alphamail/libpages.la common/libcommon.la

check_PROGRAMS += t/bench/render_bench
t_bench_render_bench_SOURCES = t/bench/render_bench.cc t/unit/pages_fixture.h
t_bench_render_bench_CPPFLAGS = $(PAGES_CPPFLAGS)
t_bench_render_bench_LDADD = $(PAGES_LIBS)
