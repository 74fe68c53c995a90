# t: its part of the one makefile.
include t/harness.mk
include t/webcache.mk
include t/pages.mk
include t/lane.mk

check_PROGRAMS += t/unit/secret_test
t_unit_secret_test_SOURCES = t/unit/secret_test.cc
t_unit_secret_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_secret_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/seal_test
t_unit_seal_test_SOURCES = t/unit/seal_test.cc
t_unit_seal_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_seal_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/log_test
t_unit_log_test_SOURCES = t/unit/log_test.cc
t_unit_log_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_log_test_LDADD = common/libcommon.la $(GTEST_LIBS)

EXTRA_DIST += \
  t/lib/imapd.py \
  t/lib/paths.py

check_PROGRAMS += t/unit/mailbox_name_test
t_unit_mailbox_name_test_SOURCES = t/unit/mailbox_name_test.cc
t_unit_mailbox_name_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_mailbox_name_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/config_test
t_unit_config_test_SOURCES = t/unit/config_test.cc
t_unit_config_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_config_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/config_files_test
t_unit_config_files_test_SOURCES = t/unit/config_files_test.cc
t_unit_config_files_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_config_files_test_LDADD = common/libcommon.la $(GTEST_LIBS)
include t/imap.mk

include t/module.mk
include t/text.mk
