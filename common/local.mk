# common: what module and daemon share; includes neither httpd nor libetpan.
noinst_LTLIBRARIES += common/libcommon.la
common_libcommon_la_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(ICU_CFLAGS)
common_libcommon_la_LIBADD = $(OPENSSL_LIBS) $(ICU_LIBS)
common_libcommon_la_SOURCES = \
  common/address.cc \
  common/characters.cc common/characters.h \
  common/charset.cc \
  common/charset_name.cc common/charset_name.h \
  common/config.cc common/config.h \
  common/config_files.cc common/config_files.h \
  common/config_keys.cc common/config_keys.h \
  common/config_servers.cc \
  common/config_settings.cc \
  common/deadline.h \
  common/encoded_word.cc common/encoded_word.h \
  common/html_entities.cc common/html_entities.h \
  common/html_text.cc \
  common/iso2022jp.cc common/iso2022jp.h \
  common/label_name.cc common/label_name.h \
  common/lane.cc common/lane.h \
  common/lane_client.cc common/lane_client.h \
  common/lane_server.cc common/lane_server.h \
  common/log.cc common/log.h \
  common/mail_date.cc \
  common/mailbox_name.cc common/mailbox_name.h \
  common/mime_text.h \
  common/modified_utf7.cc \
  common/pulse.cc common/pulse.h \
  common/query_values.cc common/query_values.h \
  common/result.h \
  common/rfc2231.cc \
  common/served_lane.cc common/served_lane.h \
  common/seal.cc common/seal.h \
  common/search_form.cc common/search_form.h \
  common/search_query.cc common/search_query.h \
  common/secret.cc common/secret.h \
  common/setting_table.cc common/setting_table.h common/settings.h \
  common/snippet.cc \
  common/text_fold.cc common/text_fold.h \
  common/transfer_encoding.cc \
  common/unique_fd.h \
  common/utf8.h

BUILT_SOURCES += common/protocol_generated.h
CLEANFILES += common/protocol_generated.h
EXTRA_DIST += common/protocol.fbs
common/protocol_generated.h: common/protocol.fbs
	$(AM_V_GEN)$(MKDIR_P) common && $(FLATC) --cpp --cpp-std c++17 --scoped-enums -o common $<
