# Tests of the IMAP engine.
check_PROGRAMS += t/imap_probe t/unit/imap_parser_test t/unit/imap_numbers_test t/unit/imap_command_test
t_imap_probe_SOURCES = t/imap_probe.cc t/memory_scan.h t/code_name.h
t_imap_probe_LDADD = webcache/libimap.la common/libcommon.la

t_unit_imap_parser_test_SOURCES = t/unit/imap_parser_test.cc t/unit/imap_text.h
t_unit_imap_parser_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS) -DALPHAMAIL_TEST_SRCDIR='"$(abs_top_srcdir)"'
t_unit_imap_parser_test_LDADD = webcache/libimap.la common/libcommon.la $(GTEST_LIBS)

t_unit_imap_numbers_test_SOURCES = t/unit/imap_numbers_test.cc t/unit/imap_text.h
t_unit_imap_numbers_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_imap_numbers_test_LDADD = webcache/libimap.la common/libcommon.la $(GTEST_LIBS)

t_unit_imap_command_test_SOURCES = t/unit/imap_command_test.cc
t_unit_imap_command_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_imap_command_test_LDADD = webcache/libimap.la common/libcommon.la $(GTEST_LIBS)

# Needs clang; made by its name alone.
fuzz_imap_files = $(top_srcdir)/t/fuzz/imap_parser_fuzz.cc \
  $(top_srcdir)/webcache/imap_parser.cc $(top_srcdir)/webcache/imap_fetch.cc \
  $(top_srcdir)/webcache/imap_envelope.cc $(top_srcdir)/webcache/imap_structure.cc \
  $(top_srcdir)/webcache/imap_cursor.cc $(top_srcdir)/webcache/imap_reader.cc \
  $(top_srcdir)/webcache/imap_error.cc $(top_srcdir)/webcache/imap_numbers.cc $(top_srcdir)/common/characters.cc
t/fuzz/imap_parser_fuzz: $(fuzz_imap_files) common/protocol_generated.h
	$(AM_V_GEN)$(MKDIR_P) t/fuzz && clang++ -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined \
	  -fno-sanitize-recover=undefined -DALPHAMAIL_SMALL_LIMITS -I$(top_srcdir) -I. -o $@ $(fuzz_imap_files)
CLEANFILES += t/fuzz/imap_parser_fuzz

EXTRA_DIST += t/fuzz/imap.dict t/fuzz/imap_parser_fuzz.cc t/lib/badimap.py t/lib/badproxy.py t/lib/hideproxy.py t/2010-imap.t t/fixtures/imap/README \
  t/fixtures/imap/expunge.txt t/fixtures/imap/fetch-annotations.txt t/fixtures/imap/fetch1.txt \
  t/fixtures/imap/fetch3.txt t/fixtures/imap/getbodypart.txt t/fixtures/imap/getmessageheaders.txt \
  t/fixtures/imap/getstream-section2.txt t/fixtures/imap/list-literal-subfolders.txt \
  t/fixtures/imap/list-nil-folder-delim.txt t/fixtures/imap/list-special-use.txt \
  t/fixtures/imap/notify-idle.txt t/fixtures/imap/select-inbox-no-modseq.txt \
  t/fixtures/imap/select-unittests-messages-qresync.txt t/fixtures/imap/status-literal-folder.txt

check_PROGRAMS += t/bench/imap_parser_bench
t_bench_imap_parser_bench_SOURCES = t/bench/imap_parser_bench.cc t/unit/imap_text.h
t_bench_imap_parser_bench_LDADD = webcache/libimap.la common/libcommon.la
