# templates: pages, style sheets, icons and words; all of it is data that the module reads.
templatesdir = $(pkgdatadir)/templates
dist_templates_DATA = \
  templates/ask.tpl \
  templates/choose.tpl \
  templates/compose.tpl \
  templates/body.tpl \
  templates/confirm.tpl \
  templates/contacts.tpl \
  templates/error.tpl \
  templates/folder.tpl \
  templates/folders.tpl \
  templates/identities.tpl \
  templates/labels.tpl \
  templates/largest.tpl \
  templates/login.tpl \
  templates/message.tpl \
  templates/one_folder.tpl \
  templates/outbox.tpl \
  templates/part_brand.tpl \
  templates/part_bulk.tpl \
  templates/part_columns.tpl \
  templates/part_fields.tpl \
  templates/part_files.tpl \
  templates/part_foot.tpl \
  templates/part_head.tpl \
  templates/part_labels.tpl \
  templates/part_letter.tpl \
  templates/part_reports.tpl \
  templates/part_row.tpl \
  templates/part_side.tpl \
  templates/part_targets.tpl \
  templates/part_texts.tpl \
  templates/part_top.tpl \
  templates/print.tpl \
  templates/reset.tpl \
  templates/search.tpl \
  templates/settings.tpl \
  templates/sure.tpl

# The names that dictionaries may use: misspelling one does not compile.
BUILT_SOURCES += mod_alphamail/names.h
CLEANFILES += mod_alphamail/names.h
EXTRA_DIST += templates/make_names.sh
mod_alphamail/names.h: $(dist_templates_DATA) templates/make_names.sh
	$(AM_V_GEN)$(MKDIR_P) mod_alphamail && \
	  sh $(top_srcdir)/templates/make_names.sh $(addprefix $(top_srcdir)/,$(dist_templates_DATA)) > $@.tmp && mv $@.tmp $@

# Assets, each also as the bytes that browsers ask for, so that httpd never compresses one twice.
assetsdir = $(templatesdir)/assets
dist_assets_DATA = \
  templates/assets/alphamail.css \
  templates/assets/alphamail.js \
  templates/assets/compose.js \
  templates/assets/icons.svg \
  templates/assets/mark.svg \
  templates/assets/message.js
licensedir = $(templatesdir)
dist_license_DATA = templates/assets/LICENSE-icons.txt
COMPRESSED = $(dist_assets_DATA:=.br) $(dist_assets_DATA:=.gz)
nodist_assets_DATA = $(COMPRESSED)
CLEANFILES += $(COMPRESSED)
templates/assets/%.br: templates/assets/%
	$(AM_V_GEN)$(MKDIR_P) templates/assets && brotli -q 11 -f -o $@ $<
templates/assets/%.gz: templates/assets/%
	$(AM_V_GEN)$(MKDIR_P) templates/assets && gzip -9 -n -c $< > $@

# Words: a catalogue a language.
langdir = $(templatesdir)/lang
PO_FILES = templates/lang/de.po
MO_FILES = $(PO_FILES:.po=.mo)
EXTRA_DIST += $(PO_FILES) templates/lang/collect.sh
nodist_lang_DATA = $(MO_FILES)
CLEANFILES += $(MO_FILES)
templates/lang/%.mo: templates/lang/%.po
	$(AM_V_GEN)$(MKDIR_P) templates/lang && msgfmt -c -o $@ $<

# Everything translatable, for translators: msgmerge -U de.po alphamail.pot follows.
.PHONY: alphamail.pot
alphamail.pot:
	sh $(top_srcdir)/templates/lang/collect.sh $(top_srcdir) > $@
CLEANFILES += alphamail.pot
