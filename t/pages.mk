# t: what tests the pages; they are rendered from replies built by hand.
PAGES_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS) $(CTEMPLATE_CFLAGS) $(ICU_CFLAGS) \
  -DALPHAMAIL_TOP_SRCDIR='"$(abs_top_srcdir)"' -DALPHAMAIL_TOP_BUILDDIR='"$(abs_top_builddir)"'
PAGES_LIBS = mod_alphamail/libpages.la mod_alphamail/libmodcore.la mod_alphamail/libmime.la mod_alphamail/libquestions.la \
  common/libcommon.la

check_PROGRAMS += t/bench/render_bench
t_bench_render_bench_SOURCES = t/bench/render_bench.cc t/unit/pages_fixture.h
t_bench_render_bench_CPPFLAGS = $(PAGES_CPPFLAGS)
t_bench_render_bench_LDADD = $(PAGES_LIBS)

check_PROGRAMS += t/unit/view_test
t_unit_view_test_SOURCES = t/unit/view_test.cc t/unit/pages_fixture.h t/unit/html_shape.h t/unit/message_fixture.h
t_unit_view_test_CPPFLAGS = $(PAGES_CPPFLAGS)
t_unit_view_test_LDADD = $(PAGES_LIBS) $(GTEST_LIBS)

check_PROGRAMS += t/unit/locale_format_test
t_unit_locale_format_test_SOURCES = t/unit/locale_format_test.cc t/unit/pages_fixture.h
t_unit_locale_format_test_CPPFLAGS = $(PAGES_CPPFLAGS)
t_unit_locale_format_test_LDADD = $(PAGES_LIBS) $(GTEST_LIBS)

check_PROGRAMS += t/unit/list_filter_test
t_unit_list_filter_test_SOURCES = t/unit/list_filter_test.cc
t_unit_list_filter_test_CPPFLAGS = $(PAGES_CPPFLAGS)
t_unit_list_filter_test_LDADD = $(PAGES_LIBS) $(GTEST_LIBS)

check_PROGRAMS += t/unit/words_test
t_unit_words_test_SOURCES = t/unit/words_test.cc t/unit/pages_fixture.h
t_unit_words_test_CPPFLAGS = $(PAGES_CPPFLAGS)
t_unit_words_test_LDADD = $(PAGES_LIBS) $(GTEST_LIBS)

check_PROGRAMS += t/unit/templates_test
t_unit_templates_test_SOURCES = t/unit/templates_test.cc t/unit/pages_fixture.h
t_unit_templates_test_CPPFLAGS = $(PAGES_CPPFLAGS)
t_unit_templates_test_LDADD = $(PAGES_LIBS) $(GTEST_LIBS)

EXTRA_DIST += t/5000-templates.t t/5100-pages-browser.t t/5200-pages.t t/5210-sorting.t t/5300-actions.t t/5340-search.t t/5310-settings.t t/5320-labels.t t/5330-filters.t t/5350-folders.t t/5360-actions-all.t t/5365-junk-reports.t t/5370-live.t t/5450-reading.t t/5460-corpus.t t/5470-streaming.t t/lib/look_at_pages.js t/lib/patient.js t/lib/plain_chromium.js t/lib/plain_chromium.py \
  t/unit/html_shape.h t/unit/message_fixture.h t/unit/pages_fixture.h
