# conf: the sample configuration. An administrator's own files are never overwritten: the samples
# always go to $(pkgdatadir)/conf, and to $(sysconfdir)/alphamail only what is not there yet.
SAMPLES = conf/alphamail_config conf/alphamail.conf conf/alphamail.load
UNITS = conf/webcache.service
EXTRA_DIST += $(SAMPLES:=.in) $(UNITS:=.in)
CLEANFILES += $(SAMPLES) $(UNITS)

samplesdir = $(pkgdatadir)/conf
nodist_samples_DATA = $(SAMPLES)
if INSTALL_UNIT
nodist_systemdsystemunit_DATA = $(UNITS)
else
noinst_DATA = $(UNITS)
endif

# By make and not by configure, so that `make prefix=...` counts. systemd's own @groups stay.
SUBSTITUTE_PATHS = sed \
  -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
  -e 's|@localstatedir[@]|$(localstatedir)|g' \
  -e 's|@runstatedir[@]|$(runstatedir)|g' \
  -e 's|@pkgdatadir[@]|$(pkgdatadir)|g' \
  -e 's|@sbindir[@]|$(sbindir)|g' \
  -e 's|@moduledir[@]|$(HTTPD_MODULE_DIR)|g'
$(SAMPLES) $(UNITS): Makefile
	$(AM_V_GEN)$(MKDIR_P) conf && $(SUBSTITUTE_PATHS) $(top_srcdir)/$@.in > $@.tmp && mv $@.tmp $@
conf/alphamail_config: conf/alphamail_config.in
conf/alphamail.conf: conf/alphamail.conf.in
conf/alphamail.load: conf/alphamail.load.in
conf/webcache.service: conf/webcache.service.in

confdir = $(sysconfdir)/alphamail
install-data-hook: install-conf
.PHONY: install-conf uninstall-conf
install-conf:
	$(MKDIR_P) "$(DESTDIR)$(confdir)"
	for file in $(SAMPLES); do \
	  own="$(DESTDIR)$(confdir)/$${file#conf/}"; \
	  test -e "$$own" || $(INSTALL_DATA) $$file "$$own" || exit 1; \
	done

# What an administrator has changed stays, and so does the folder then.
uninstall-hook: uninstall-conf
uninstall-conf:
	for file in $(SAMPLES); do \
	  own="$(DESTDIR)$(confdir)/$${file#conf/}"; \
	  if test -e $$file && cmp -s $$file "$$own"; then rm -f "$$own"; fi; \
	done
	for folder in "$(DESTDIR)$(confdir)" "$(DESTDIR)$(pkgdatadir)" "$(DESTDIR)$(docdir)"; do \
	  if test -d "$$folder"; then find "$$folder" -depth -type d -empty -delete; fi; \
	done
