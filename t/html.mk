# Tests of HTML made safe, and of the frame that shows it.
noinst_PROGRAMS += t/html_cleaner  # also for t/bench/bench_reading.py
t_html_cleaner_SOURCES = t/html_cleaner.cc
t_html_cleaner_LDADD = mod_alphamail/libhtml.la mod_alphamail/libmodcore.la common/libcommon.la

check_PROGRAMS += t/unit/html_clean_test
t_unit_html_clean_test_SOURCES = t/unit/html_clean_test.cc
t_unit_html_clean_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_html_clean_test_LDADD = mod_alphamail/libhtml.la mod_alphamail/libmodcore.la common/libcommon.la $(GTEST_LIBS)

EXTRA_DIST += t/5400-html-mail.t t/5410-html-cleaner.t t/5420-html-browser.t t/5430-html-words.t t/5440-payload-roads.t t/lib/chromium.py t/lib/html_rules.py t/lib/mail_in_browser.js t/fixtures/html
