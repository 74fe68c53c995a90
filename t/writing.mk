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

EXTRA_DIST += t/5600-messages-written.t t/5610-writing.t t/5620-people.t t/5630-outbox.t t/5640-servers-that-refuse.t \
  t/6100-writing-browser.t t/lib/composing.py t/lib/compose_in_browser.js \
  t/5650-writing-limits.t t/5655-large-messages.t t/5660-writing-kills.t t/5670-text-browser.t t/5680-organising-without-script.t t/lib/text_browser.py

check_PROGRAMS += t/unit/multipart_reader_test
t_unit_multipart_reader_test_SOURCES = t/unit/multipart_reader_test.cc
t_unit_multipart_reader_test_CPPFLAGS = $(WRITING_CPPFLAGS)
t_unit_multipart_reader_test_LDADD = $(WRITING_LIBS) $(GTEST_LIBS)

# What is written is a form of a page, so these need all but httpd.
COMPOSE_LIBS = mod_alphamail/libpages.la mod_alphamail/libwriting.la mod_alphamail/libmime.la \
  mod_alphamail/libquestions.la mod_alphamail/libmodcore.la common/libcommon.la

check_PROGRAMS += t/unit/compose_form_test
t_unit_compose_form_test_SOURCES = t/unit/compose_form_test.cc
t_unit_compose_form_test_CPPFLAGS = $(PAGES_CPPFLAGS)
t_unit_compose_form_test_LDADD = $(COMPOSE_LIBS) $(GTEST_LIBS)

check_PROGRAMS += t/unit/contact_files_test
t_unit_contact_files_test_SOURCES = t/unit/contact_files_test.cc
t_unit_contact_files_test_CPPFLAGS = $(PAGES_CPPFLAGS)
t_unit_contact_files_test_LDADD = $(COMPOSE_LIBS) $(GTEST_LIBS)
$(t_unit_compose_form_test_OBJECTS) $(t_unit_contact_files_test_OBJECTS): common/protocol_generated.h mod_alphamail/names.h
