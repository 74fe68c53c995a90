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

check_PROGRAMS += t/unit/charset_test
t_unit_charset_test_SOURCES = t/unit/charset_test.cc
t_unit_charset_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_charset_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/encoded_word_test
t_unit_encoded_word_test_SOURCES = t/unit/encoded_word_test.cc
t_unit_encoded_word_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_encoded_word_test_LDADD = common/libcommon.la $(GTEST_LIBS)
check_PROGRAMS += t/unit/config_test
t_unit_config_test_SOURCES = t/unit/config_test.cc
t_unit_config_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_config_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/config_files_test
t_unit_config_files_test_SOURCES = t/unit/config_files_test.cc
t_unit_config_files_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_config_files_test_LDADD = common/libcommon.la $(GTEST_LIBS)
include t/imap.mk

check_PROGRAMS += t/unit/transfer_encoding_test
t_unit_transfer_encoding_test_SOURCES = t/unit/transfer_encoding_test.cc
t_unit_transfer_encoding_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_transfer_encoding_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/address_test
t_unit_address_test_SOURCES = t/unit/address_test.cc
t_unit_address_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_address_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/rfc2231_test
t_unit_rfc2231_test_SOURCES = t/unit/rfc2231_test.cc
t_unit_rfc2231_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_rfc2231_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/mail_date_test
t_unit_mail_date_test_SOURCES = t/unit/mail_date_test.cc
t_unit_mail_date_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_mail_date_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/html_text_test
t_unit_html_text_test_SOURCES = t/unit/html_text_test.cc
t_unit_html_text_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_html_text_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/mime_reader_test
t_unit_mime_reader_test_SOURCES = t/unit/mime_reader_test.cc t/unit/message_view.h
t_unit_mime_reader_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_mime_reader_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/file_name_test
t_unit_file_name_test_SOURCES = t/unit/file_name_test.cc t/unit/message_view.h
t_unit_file_name_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_file_name_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)
$(t_unit_mime_reader_test_OBJECTS) $(t_unit_file_name_test_OBJECTS): common/protocol_generated.h
include t/module.mk

check_PROGRAMS += t/unit/transfer_encoding_test
t_unit_transfer_encoding_test_SOURCES = t/unit/transfer_encoding_test.cc
t_unit_transfer_encoding_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_transfer_encoding_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/address_test
t_unit_address_test_SOURCES = t/unit/address_test.cc
t_unit_address_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_address_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/rfc2231_test
t_unit_rfc2231_test_SOURCES = t/unit/rfc2231_test.cc
t_unit_rfc2231_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_rfc2231_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/mail_date_test
t_unit_mail_date_test_SOURCES = t/unit/mail_date_test.cc
t_unit_mail_date_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_mail_date_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/html_text_test
t_unit_html_text_test_SOURCES = t/unit/html_text_test.cc
t_unit_html_text_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_html_text_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/mime_reader_test
t_unit_mime_reader_test_SOURCES = t/unit/mime_reader_test.cc t/unit/message_view.h
t_unit_mime_reader_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_mime_reader_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/file_name_test
t_unit_file_name_test_SOURCES = t/unit/file_name_test.cc t/unit/message_view.h
t_unit_file_name_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_file_name_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)
$(t_unit_mime_reader_test_OBJECTS) $(t_unit_file_name_test_OBJECTS): common/protocol_generated.h

check_PROGRAMS += t/unit/mail_corpus_test
t_unit_mail_corpus_test_SOURCES = t/unit/mail_corpus_test.cc t/unit/message_view.h t/unit/mime_split.h
t_unit_mail_corpus_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
t_unit_mail_corpus_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)
$(t_unit_mail_corpus_test_OBJECTS): common/protocol_generated.h
