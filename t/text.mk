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
  t/unit/mail_corpus_test \
  t/unit/mime_fuzz_test \
  t/unit/name_deceit_test \
  t/unit/reading_test \
  t/unit/search_query_test \
  t/unit/sender_trust_test \
  t/unit/text_fold_test

t_unit_search_query_test_SOURCES = t/unit/search_query_test.cc
t_unit_search_query_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_search_query_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_text_fold_test_SOURCES = t/unit/text_fold_test.cc
t_unit_text_fold_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_text_fold_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_charset_test_SOURCES = t/unit/charset_test.cc
t_unit_charset_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_charset_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_encoded_word_test_SOURCES = t/unit/encoded_word_test.cc t/unit/cpu_time.h
t_unit_encoded_word_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_encoded_word_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_transfer_encoding_test_SOURCES = t/unit/transfer_encoding_test.cc
t_unit_transfer_encoding_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_transfer_encoding_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_address_test_SOURCES = t/unit/address_test.cc t/unit/cpu_time.h
t_unit_address_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_address_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_rfc2231_test_SOURCES = t/unit/rfc2231_test.cc
t_unit_rfc2231_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_rfc2231_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_mail_date_test_SOURCES = t/unit/mail_date_test.cc
t_unit_mail_date_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_mail_date_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_html_text_test_SOURCES = t/unit/html_text_test.cc t/unit/cpu_time.h
t_unit_html_text_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_html_text_test_LDADD = common/libcommon.la $(GTEST_LIBS)

t_unit_mime_reader_test_SOURCES = t/unit/mime_reader_test.cc t/unit/message_view.h t/unit/cpu_time.h
t_unit_mime_reader_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_mime_reader_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)

t_unit_file_name_test_SOURCES = t/unit/file_name_test.cc t/unit/message_view.h
t_unit_file_name_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_file_name_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)

t_unit_mail_corpus_test_SOURCES = t/unit/mail_corpus_test.cc t/unit/message_view.h t/unit/mime_split.h t/unit/cpu_time.h
t_unit_mail_corpus_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
t_unit_mail_corpus_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)

t_unit_mime_fuzz_test_SOURCES = t/unit/mime_fuzz_test.cc t/fuzz/mime_text_fuzz.cc t/unit/message_view.h t/unit/mime_split.h
t_unit_mime_fuzz_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
t_unit_mime_fuzz_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)

t_unit_name_deceit_test_SOURCES = t/unit/name_deceit_test.cc
t_unit_name_deceit_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_name_deceit_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)

t_unit_reading_test_SOURCES = t/unit/reading_test.cc t/unit/message_view.h t/unit/cpu_time.h
t_unit_reading_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_reading_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)

t_unit_sender_trust_test_SOURCES = t/unit/sender_trust_test.cc
t_unit_sender_trust_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_sender_trust_test_LDADD = mod_alphamail/libmime.la common/libcommon.la $(GTEST_LIBS)

$(t_unit_mime_reader_test_OBJECTS) $(t_unit_reading_test_OBJECTS) $(t_unit_mime_fuzz_test_OBJECTS) $(t_unit_file_name_test_OBJECTS) $(t_unit_mail_corpus_test_OBJECTS): common/protocol_generated.h

EXTRA_DIST += t/fixtures/mail

# Fuzzing needs clang: make fuzz-build, then run what it made on a folder of inputs.
EXTRA_DIST += t/fuzz/mime_text_fuzz.cc
CLEANFILES += t/fuzz/mime_text_fuzz
mime_text_fuzz_sources = \
  $(top_srcdir)/t/fuzz/mime_text_fuzz.cc \
  $(addprefix $(top_srcdir)/,$(filter %.cc,$(mod_alphamail_libmime_la_SOURCES))) \
  $(addprefix $(top_srcdir)/common/,address.cc characters.cc charset.cc charset_name.cc encoded_word.cc html_entities.cc \
    html_text.cc iso2022jp.cc mail_date.cc rfc2231.cc snippet.cc transfer_encoding.cc)
t/fuzz/mime_text_fuzz: $(mime_text_fuzz_sources) common/protocol_generated.h
	$(AM_V_GEN)$(MKDIR_P) t/fuzz && clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined \
	  -fno-sanitize-recover=undefined -I$(top_srcdir) -I$(top_builddir) $(mime_text_fuzz_sources) $(ICU_LIBS) $(PSL_LIBS) $(MAGIC_LIBS) -o $@
.PHONY: fuzz-build
fuzz-build: t/fuzz/mime_text_fuzz

noinst_PROGRAMS += t/bench/mime_text_bench
t_bench_mime_text_bench_SOURCES = t/bench/mime_text_bench.cc
t_bench_mime_text_bench_LDADD = common/libcommon.la
