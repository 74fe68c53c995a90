# mod_alphamail: everything that runs inside httpd.

# The pages: they know nothing of httpd, so that tests render them without it.
noinst_LTLIBRARIES += mod_alphamail/libpages.la
mod_alphamail_libpages_la_CPPFLAGS = $(AM_CPPFLAGS) $(CTEMPLATE_CFLAGS) $(ICU_CFLAGS) $(OPENSSL_CFLAGS) $(ARCHIVE_CFLAGS)
mod_alphamail_libpages_la_LIBADD = $(CTEMPLATE_LIBS) $(ICU_LIBS) $(ARCHIVE_LIBS) -lboost_locale
mod_alphamail_libpages_la_SOURCES = \
  mod_alphamail/error_view.cc mod_alphamail/error_view.h \
  mod_alphamail/folder_view.cc mod_alphamail/folder_view.h \
  mod_alphamail/folder_pages.h \
  mod_alphamail/page_folder_change.cc mod_alphamail/page_folder_export.cc mod_alphamail/page_folders.cc \
  mod_alphamail/page_largest.cc \
  mod_alphamail/frame.cc mod_alphamail/frame.h \
  mod_alphamail/html_body.cc mod_alphamail/html_body.h \
  mod_alphamail/html_facts.cc mod_alphamail/html_facts.h \
  mod_alphamail/label_view.cc mod_alphamail/label_view.h \
  mod_alphamail/labels.cc mod_alphamail/labels.h \
  mod_alphamail/links.cc mod_alphamail/links.h \
  mod_alphamail/list_filter.cc mod_alphamail/list_filter.h \
  mod_alphamail/list_search.cc mod_alphamail/list_search.h \
  mod_alphamail/list_sort.cc mod_alphamail/list_sort.h \
  mod_alphamail/locale_format.cc mod_alphamail/locale_format.h \
  mod_alphamail/login_view.cc mod_alphamail/login_view.h \
  mod_alphamail/letter.cc mod_alphamail/letter.h \
  mod_alphamail/message_query.cc mod_alphamail/message_query.h \
  mod_alphamail/message_view.cc mod_alphamail/message_view.h \
  mod_alphamail/message_words.cc mod_alphamail/message_words.h \
  mod_alphamail/page_buffer.cc mod_alphamail/page_buffer.h \
  mod_alphamail/page_context.cc mod_alphamail/page_context.h \
  mod_alphamail/action_view.cc mod_alphamail/action_view.h \
  mod_alphamail/mail_action.cc mod_alphamail/mail_action.h \
  mod_alphamail/page_action.cc mod_alphamail/page_error.cc mod_alphamail/page_folder.cc mod_alphamail/page_login.cc \
  mod_alphamail/page_body.cc mod_alphamail/page_poll.cc \
  mod_alphamail/action_sender.cc mod_alphamail/action_sender.h \
  mod_alphamail/moving_rules.cc mod_alphamail/moving_rules.h \
  mod_alphamail/page_message.cc mod_alphamail/page_part.cc mod_alphamail/page_settings.cc \
  mod_alphamail/page_search.cc mod_alphamail/page_search_action.cc \
  mod_alphamail/compose_form.cc mod_alphamail/compose_form.h \
  mod_alphamail/compose_send.cc mod_alphamail/compose_send.h \
  mod_alphamail/compose_spool.cc mod_alphamail/compose_spool.h \
  mod_alphamail/compose_start.cc mod_alphamail/compose_start.h \
  mod_alphamail/compose_view.cc mod_alphamail/compose_view.h \
  mod_alphamail/contact_files.cc mod_alphamail/contacts.cc mod_alphamail/contacts.h \
  mod_alphamail/identities.cc mod_alphamail/identities.h \
  mod_alphamail/message_text.cc mod_alphamail/message_text.h \
  mod_alphamail/page_compose.cc mod_alphamail/page_contacts.cc mod_alphamail/page_identities.cc \
  mod_alphamail/page_labels.cc \
  mod_alphamail/page_outbox.cc \
  mod_alphamail/thread_fields.cc mod_alphamail/thread_fields.h \
  mod_alphamail/page_zip.cc mod_alphamail/part_stream.cc mod_alphamail/part_stream.h \
  mod_alphamail/page_pictures.cc mod_alphamail/picture_senders.cc mod_alphamail/picture_senders.h \
  mod_alphamail/pages.h \
  mod_alphamail/search_view.cc mod_alphamail/search_view.h \
  mod_alphamail/settings_view.cc mod_alphamail/settings_view.h \
  mod_alphamail/sizes.cc mod_alphamail/sizes.h \
  mod_alphamail/standing_view.cc mod_alphamail/standing_view.h \
  mod_alphamail/template_program.cc mod_alphamail/template_program.h \
  mod_alphamail/templates.cc mod_alphamail/templates.h \
  mod_alphamail/time_zones.cc mod_alphamail/time_zones.h \
  mod_alphamail/trust_view.cc mod_alphamail/trust_view.h \
  mod_alphamail/urls.cc mod_alphamail/urls.h \
  mod_alphamail/view.cc mod_alphamail/view.h \
  mod_alphamail/words.cc mod_alphamail/words.h \
  mod_alphamail/zip_stream.cc mod_alphamail/zip_stream.h \
  mod_alphamail/zone_list.cc mod_alphamail/zone_list.h
nodist_mod_alphamail_libpages_la_SOURCES = mod_alphamail/names.h
# mod_alphamail: its part of the one makefile.

# Reading messages: no httpd in it, so that unit tests and the fuzzer link it alone. Whoever links it
# links common/libcommon.la after it.
noinst_LTLIBRARIES += mod_alphamail/libmime.la
mod_alphamail_libmime_la_CPPFLAGS = $(AM_CPPFLAGS) $(ICU_CFLAGS) $(PSL_CFLAGS) $(MAGIC_CFLAGS)
mod_alphamail_libmime_la_LIBADD = $(ICU_LIBS) $(PSL_LIBS) $(MAGIC_LIBS)
mod_alphamail_libmime_la_SOURCES = \
  mod_alphamail/byte_range.cc mod_alphamail/byte_range.h \
  mod_alphamail/delivery_report.cc mod_alphamail/delivery_report.h \
  mod_alphamail/file_kind.cc mod_alphamail/file_kind.h \
  mod_alphamail/file_name.cc \
  mod_alphamail/header_fields.cc mod_alphamail/header_fields.h \
  mod_alphamail/mime_content.cc \
  mod_alphamail/mime_html.cc \
  mod_alphamail/mime_header.cc \
  mod_alphamail/mime_reader.h \
  mod_alphamail/mime_text_reader.cc \
  mod_alphamail/name_deceit.cc mod_alphamail/name_deceit.h \
  mod_alphamail/sender_trust.cc mod_alphamail/sender_trust.h \
  mod_alphamail/uuencode.cc mod_alphamail/uuencode.h
$(mod_alphamail_libmime_la_OBJECTS): common/protocol_generated.h

# Writing messages: streams, knows neither httpd nor pages.
noinst_LTLIBRARIES += mod_alphamail/libwriting.la
mod_alphamail_libwriting_la_CPPFLAGS = $(AM_CPPFLAGS) $(ICU_CFLAGS) $(OPENSSL_CFLAGS)
mod_alphamail_libwriting_la_LIBADD = $(ICU_LIBS)
mod_alphamail_libwriting_la_SOURCES = \
  mod_alphamail/content_encoder.cc mod_alphamail/content_encoder.h \
  mod_alphamail/flowed_text.cc mod_alphamail/flowed_text.h \
  mod_alphamail/header_writer.cc mod_alphamail/header_writer.h \
  mod_alphamail/mime_writer.cc mod_alphamail/mime_writer.h \
  mod_alphamail/multipart_reader.cc mod_alphamail/multipart_reader.h \
  mod_alphamail/recipients.cc mod_alphamail/recipients.h
$(mod_alphamail_libwriting_la_OBJECTS): common/protocol_generated.h

# HTML of strangers made safe; the same. Whoever links it links common/libcommon.la after it.
noinst_LTLIBRARIES += mod_alphamail/libhtml.la
mod_alphamail_libhtml_la_CPPFLAGS = $(AM_CPPFLAGS) $(ICU_CFLAGS) $(GUMBO_CFLAGS)
mod_alphamail_libhtml_la_LIBADD = $(GUMBO_LIBS) $(ICU_LIBS)
mod_alphamail_libhtml_la_SOURCES = \
  mod_alphamail/html_attributes.cc mod_alphamail/html_attributes.h \
  mod_alphamail/html_bounds.cc mod_alphamail/html_bounds.h \
  mod_alphamail/html_clean.cc mod_alphamail/html_clean.h \
  mod_alphamail/html_colour.cc mod_alphamail/html_colour.h \
  mod_alphamail/html_css.cc mod_alphamail/html_css.h \
  mod_alphamail/html_css_tokens.cc mod_alphamail/html_css_tokens.h \
  mod_alphamail/html_elements.cc mod_alphamail/html_elements.h \
  mod_alphamail/html_trackers.cc mod_alphamail/html_trackers.h \
  mod_alphamail/html_shorthand.cc mod_alphamail/html_shorthand.h \
  mod_alphamail/html_tree.cc mod_alphamail/html_tree.h \
  mod_alphamail/html_url.cc mod_alphamail/html_url.h \
  mod_alphamail/html_writer.cc mod_alphamail/html_writer.h

include mod_alphamail/module.mk
# Typed questions over the lane; httpd is not in it either.
noinst_LTLIBRARIES += mod_alphamail/libquestions.la
mod_alphamail_libquestions_la_SOURCES = \
  mod_alphamail/admission.cc mod_alphamail/admission.h \
  mod_alphamail/spool_pieces.h mod_alphamail/spool_writer.cc mod_alphamail/spool_writer.h \
  mod_alphamail/reply_bytes.cc mod_alphamail/reply_bytes.h \
  mod_alphamail/webcache_client.cc mod_alphamail/webcache_client.h
$(mod_alphamail_libquestions_la_OBJECTS): common/protocol_generated.h
