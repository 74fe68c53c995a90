# doc: manual pages, with the paths of this installation in them, and the documents.
MAN_PAGES = doc/man/alphamail_config.5 doc/man/mod_alphamail.8 doc/man/webcache.8 doc/man/webcache-status.8
nodist_man_MANS = $(MAN_PAGES)
EXTRA_DIST += $(MAN_PAGES:=.in)
CLEANFILES += $(MAN_PAGES)

$(MAN_PAGES): Makefile
	$(AM_V_GEN)$(MKDIR_P) doc/man && $(SUBSTITUTE_PATHS) $(top_srcdir)/$@.in > $@.tmp && mv $@.tmp $@
doc/man/alphamail_config.5: doc/man/alphamail_config.5.in
doc/man/mod_alphamail.8: doc/man/mod_alphamail.8.in
doc/man/webcache.8: doc/man/webcache.8.in
doc/man/webcache-status.8: doc/man/webcache-status.8.in

dist_doc_DATA = README.md ChangeLog COPYING
EXTRA_DIST += doc/admin-guide.md doc/architecture.md doc/performance.md doc/reliability.md doc/screenshot.png \
  doc/sizes.csv doc/sizes.svg
