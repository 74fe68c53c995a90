# t: the build, and what common/ holds besides the lane and mail text.
EXTRA_DIST += t/0010-build.t t/0030-documents.t

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

check_PROGRAMS += t/unit/label_name_test
t_unit_label_name_test_SOURCES = t/unit/label_name_test.cc
t_unit_label_name_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_label_name_test_LDADD = common/libcommon.la $(GTEST_LIBS)

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

check_PROGRAMS += t/unit/config_docs_test
t_unit_config_docs_test_SOURCES = t/unit/config_docs_test.cc
t_unit_config_docs_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS) -DALPHAMAIL_TOP_SRCDIR='"$(abs_top_srcdir)"' \
  -DALPHAMAIL_TOP_BUILDDIR='"$(abs_top_builddir)"'
t_unit_config_docs_test_LDADD = common/libcommon.la $(GTEST_LIBS)
EXTRA_t_unit_config_docs_test_DEPENDENCIES = conf/alphamail_config doc/man/alphamail_config.5
