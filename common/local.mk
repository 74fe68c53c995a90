# common: what module and daemon share; includes neither httpd nor libetpan.
noinst_LTLIBRARIES += common/libcommon.la
common_libcommon_la_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(ICU_CFLAGS)
common_libcommon_la_LIBADD = $(OPENSSL_LIBS) $(ICU_LIBS)
common_libcommon_la_SOURCES = \
  common/deadline.h \
  common/log.cc common/log.h \
  common/mailbox_name.cc common/mailbox_name.h \
  common/modified_utf7.cc \
  common/result.h \
  common/seal.cc common/seal.h \
  common/secret.cc common/secret.h \
  common/unique_fd.h \
  common/utf8.h

BUILT_SOURCES += common/protocol_generated.h
CLEANFILES += common/protocol_generated.h
EXTRA_DIST += common/protocol.fbs
common/protocol_generated.h: common/protocol.fbs
	$(AM_V_GEN)$(MKDIR_P) common && $(FLATC) --cpp --cpp-std c++17 --scoped-enums -o common $<
