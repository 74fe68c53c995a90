# Tests of HTML made safe, and of the frame that shows it.
check_PROGRAMS += t/html_cleaner
t_html_cleaner_SOURCES = t/html_cleaner.cc
t_html_cleaner_LDADD = mod_alphamail/libhtml.la mod_alphamail/libmodcore.la common/libcommon.la

check_PROGRAMS += t/unit/html_clean_test
t_unit_html_clean_test_SOURCES = t/unit/html_clean_test.cc
t_unit_html_clean_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_html_clean_test_LDADD = mod_alphamail/libhtml.la mod_alphamail/libmodcore.la common/libcommon.la $(GTEST_LIBS)

# The fuzz target, with a main of our own for its fixed run; by clang and libFuzzer: make fuzz-build.
check_PROGRAMS += t/unit/html_fuzz_test
t_unit_html_fuzz_test_SOURCES = t/unit/html_fuzz_test.cc t/fuzz/html_fuzz.cc
t_unit_html_fuzz_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS) $(GUMBO_CFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
t_unit_html_fuzz_test_LDADD = mod_alphamail/libhtml.la mod_alphamail/libmodcore.la common/libcommon.la $(GTEST_LIBS)

html_fuzz_sources = \
  $(top_srcdir)/t/fuzz/html_fuzz.cc $(top_srcdir)/mod_alphamail/percent.cc \
  $(addprefix $(top_srcdir)/,$(filter %.cc,$(mod_alphamail_libhtml_la_SOURCES))) \
  $(addprefix $(top_srcdir)/common/,characters.cc charset.cc charset_name.cc html_entities.cc html_text.cc iso2022jp.cc \
    transfer_encoding.cc)
t/fuzz/html_fuzz: $(html_fuzz_sources)
	$(AM_V_GEN)$(MKDIR_P) t/fuzz && clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined \
	  -fno-sanitize-recover=undefined -I$(top_srcdir) -I$(top_builddir) $(html_fuzz_sources) $(GUMBO_LIBS) $(ICU_LIBS) -o $@
fuzz-build: t/fuzz/html_fuzz
CLEANFILES += t/fuzz/html_fuzz
EXTRA_DIST += t/fuzz/html.dict t/5480-fuzz.t

EXTRA_DIST += t/5400-html-mail.t t/5410-html-cleaner.t t/5415-html-trees.t t/5420-html-browser.t t/5425-html-pages.t t/5430-html-words.t t/5440-payload-roads.t t/5442-payloads-kept.t t/lib/chromium.py t/lib/html_documents.py t/lib/html_rules.py t/lib/payloads.py t/lib/mail_in_browser.js t/fixtures/html
