# t: writing messages and sending them.
WRITING_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS) $(ICU_CFLAGS)
WRITING_LIBS = mod_alphamail/libwriting.la mod_alphamail/libmime.la common/libcommon.la

check_PROGRAMS += t/mime_writer_probe
t_mime_writer_probe_SOURCES = t/mime_writer_probe.cc
t_mime_writer_probe_LDADD = $(WRITING_LIBS)

check_PROGRAMS += t/unit/recipients_test
t_unit_recipients_test_SOURCES = t/unit/recipients_test.cc
t_unit_recipients_test_CPPFLAGS = $(WRITING_CPPFLAGS)
t_unit_recipients_test_LDADD = $(WRITING_LIBS) $(GTEST_LIBS)

check_PROGRAMS += t/unit/flowed_text_test
t_unit_flowed_text_test_SOURCES = t/unit/flowed_text_test.cc
t_unit_flowed_text_test_CPPFLAGS = $(WRITING_CPPFLAGS)
t_unit_flowed_text_test_LDADD = $(WRITING_LIBS) $(GTEST_LIBS)
$(t_unit_flowed_text_test_OBJECTS): common/protocol_generated.h

EXTRA_DIST += t/5600-messages-written.t

check_PROGRAMS += t/unit/multipart_reader_test
t_unit_multipart_reader_test_SOURCES = t/unit/multipart_reader_test.cc
t_unit_multipart_reader_test_CPPFLAGS = $(WRITING_CPPFLAGS)
t_unit_multipart_reader_test_LDADD = $(WRITING_LIBS) $(GTEST_LIBS)
