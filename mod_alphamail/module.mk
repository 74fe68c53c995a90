# The module's core: what knows nothing of httpd (unit tests link it alone), and what does.
noinst_LTLIBRARIES += mod_alphamail/libmodcore.la
mod_alphamail_libmodcore_la_CPPFLAGS = $(AM_CPPFLAGS) $(APU_CFLAGS) $(APR_CFLAGS) $(OPENSSL_CFLAGS)
mod_alphamail_libmodcore_la_CXXFLAGS = $(AM_CXXFLAGS) -fvisibility=hidden -fno-gnu-unique
mod_alphamail_libmodcore_la_LIBADD = $(APU_LIBS) $(APR_LIBS)
mod_alphamail_libmodcore_la_SOURCES = \
  mod_alphamail/assets.cc mod_alphamail/assets.h \
  mod_alphamail/cookie.cc mod_alphamail/cookie.h \
  mod_alphamail/csrf.cc mod_alphamail/csrf.h \
  mod_alphamail/folder_names.cc mod_alphamail/folder_names.h \
  mod_alphamail/folder_settings.cc mod_alphamail/folder_settings.h \
  mod_alphamail/known_browser.cc mod_alphamail/known_browser.h \
  mod_alphamail/login_form.cc mod_alphamail/login_form.h \
  mod_alphamail/percent.cc mod_alphamail/percent.h \
  mod_alphamail/pool.h \
  mod_alphamail/request.cc mod_alphamail/request.h \
  mod_alphamail/route.cc mod_alphamail/route.h \
  mod_alphamail/session.cc mod_alphamail/session.h \
  mod_alphamail/session_cache.h mod_alphamail/session_record.cc \
  mod_alphamail/site.h \
  mod_alphamail/store.cc mod_alphamail/store.h \
  mod_alphamail/store_schema.cc mod_alphamail/store_schema.h \
  mod_alphamail/user_agent.h
$(mod_alphamail_libmodcore_la_OBJECTS): common/protocol_generated.h

noinst_LTLIBRARIES += mod_alphamail/libmodhttpd.la
mod_alphamail_libmodhttpd_la_CPPFLAGS = $(AM_CPPFLAGS) $(HTTPD_CPPFLAGS) $(APU_CFLAGS) $(APR_CFLAGS) \
  $(OPENSSL_CFLAGS) $(CTEMPLATE_CFLAGS)
mod_alphamail_libmodhttpd_la_CXXFLAGS = $(AM_CXXFLAGS) -fvisibility=hidden -fno-gnu-unique
mod_alphamail_libmodhttpd_la_SOURCES = \
  mod_alphamail/boundary.h \
  mod_alphamail/compose_upload.cc mod_alphamail/compose_upload.h \
  mod_alphamail/directives.cc mod_alphamail/directives.h \
  mod_alphamail/error_filter.cc mod_alphamail/error_filter.h \
  mod_alphamail/exchange.cc mod_alphamail/exchange.h \
  mod_alphamail/login.cc mod_alphamail/login.h \
  mod_alphamail/module.h \
  mod_alphamail/response.h \
  mod_alphamail/response_writer.cc mod_alphamail/response_writer.h \
  mod_alphamail/router.cc mod_alphamail/router.h \
  mod_alphamail/session_cache.cc \
  mod_alphamail/session_store.cc mod_alphamail/session_store.h \
  mod_alphamail/settings_store.cc mod_alphamail/settings_store.h \
  mod_alphamail/site_loader.cc mod_alphamail/site_loader.h \
  mod_alphamail/ui_log.cc mod_alphamail/ui_log.h
$(mod_alphamail_libmodhttpd_la_OBJECTS): common/protocol_generated.h

# The module itself. It exports its record and nothing else, whatever it is made of.
moduledir = $(HTTPD_MODULE_DIR)
module_LTLIBRARIES = mod_alphamail/mod_alphamail.la
mod_alphamail_mod_alphamail_la_CPPFLAGS = $(mod_alphamail_libmodhttpd_la_CPPFLAGS)
mod_alphamail_mod_alphamail_la_CXXFLAGS = $(AM_CXXFLAGS) -fvisibility=hidden -fno-gnu-unique
mod_alphamail_mod_alphamail_la_LDFLAGS = $(MODULE_LDFLAGS) -module -avoid-version -shared \
  -Wl,--version-script=$(srcdir)/mod_alphamail/module.map
mod_alphamail_mod_alphamail_la_DEPENDENCIES = $(mod_alphamail_mod_alphamail_la_LIBADD) \
  mod_alphamail/module.map
EXTRA_DIST += mod_alphamail/module.map
mod_alphamail_mod_alphamail_la_LIBADD = mod_alphamail/libmodhttpd.la mod_alphamail/libpages.la \
  mod_alphamail/libwriting.la mod_alphamail/libmime.la mod_alphamail/libhtml.la mod_alphamail/libquestions.la mod_alphamail/libmodcore.la common/libcommon.la
mod_alphamail_mod_alphamail_la_SOURCES = mod_alphamail/mod_alphamail.cc
$(mod_alphamail_mod_alphamail_la_OBJECTS): common/protocol_generated.h
