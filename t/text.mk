# Tests of mail text (common/mime_text.h) and of the reader of messages.
check_PROGRAMS += \
  t/unit/charset_test \
  t/unit/encoded_word_test \
  t/unit/transfer_encoding_test \
  t/unit/address_test \
  t/unit/rfc2231_test \
  t/unit/mail_date_test \
  t/unit/html_text_test \
  t/unit/mime_reader_test \
  t/unit/file_name_test \
  t/unit/mail_corpus_test

t_unit_charset_test_SOURCES = t/unit/charset_test.cc
t_unit_charset_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_charset_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_encoded_word_test_SOURCES = t/unit/encoded_word_test.cc
t_unit_encoded_word_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_encoded_word_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_transfer_encoding_test_SOURCES = t/unit/transfer_encoding_test.cc
t_unit_transfer_encoding_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_transfer_encoding_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_address_test_SOURCES = t/unit/address_test.cc
t_unit_address_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_address_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_rfc2231_test_SOURCES = t/unit/rfc2231_test.cc
t_unit_rfc2231_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_rfc2231_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_mail_date_test_SOURCES = t/unit/mail_date_test.cc
t_unit_mail_date_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_mail_date_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_html_text_test_SOURCES = t/unit/html_text_test.cc
t_unit_html_text_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_html_text_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_mime_reader_test_SOURCES = t/unit/mime_reader_test.cc t/unit/message_view.h
t_unit_mime_reader_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_mime_reader_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)

t_unit_file_name_test_SOURCES = t/unit/file_name_test.cc t/unit/message_view.h
t_unit_file_name_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_file_name_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)

t_unit_mail_corpus_test_SOURCES = t/unit/mail_corpus_test.cc t/unit/message_view.h t/unit/mime_split.h
t_unit_mail_corpus_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
t_unit_mail_corpus_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)

$(t_unit_mime_reader_test_OBJECTS) $(t_unit_file_name_test_OBJECTS) $(t_unit_mail_corpus_test_OBJECTS): common/protocol_generated.h

EXTRA_DIST += t/fixtures/mail
