# mod_alphamail: everything that runs inside httpd.

# The pages: they know nothing of httpd, so that tests render them without it.
noinst_LTLIBRARIES += mod_alphamail/libpages.la
mod_alphamail_libpages_la_CPPFLAGS = $(AM_CPPFLAGS) $(CTEMPLATE_CFLAGS) $(ICU_CFLAGS) $(OPENSSL_CFLAGS)
mod_alphamail_libpages_la_LIBADD = $(CTEMPLATE_LIBS) $(ICU_LIBS) -lboost_locale
mod_alphamail_libpages_la_SOURCES = \
  mod_alphamail/folder_view.cc mod_alphamail/folder_view.h \
  mod_alphamail/frame.cc mod_alphamail/frame.h \
  mod_alphamail/locale_format.cc mod_alphamail/locale_format.h \
  mod_alphamail/pages.h \
  mod_alphamail/sizes.cc mod_alphamail/sizes.h \
  mod_alphamail/templates.cc mod_alphamail/templates.h \
  mod_alphamail/time_zones.cc mod_alphamail/time_zones.h \
  mod_alphamail/urls.cc mod_alphamail/urls.h \
  mod_alphamail/view.cc mod_alphamail/view.h \
  mod_alphamail/words.cc mod_alphamail/words.h
nodist_mod_alphamail_libpages_la_SOURCES = mod_alphamail/names.h
