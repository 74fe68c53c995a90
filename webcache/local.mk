# webcache: the daemon. All but main.cc is a library, so that tests link the same objects.
sbin_PROGRAMS += webcache/webcache
webcache_webcache_SOURCES = \
  webcache/main.cc \
  webcache/notify.cc webcache/notify.h \
  webcache/pid_file.cc webcache/pid_file.h \
  webcache/start_up.cc webcache/start_up.h \
  webcache/supervisor.cc webcache/supervisor.h
webcache_webcache_LDADD = webcache/libwebcache.la webcache/libimap.la common/libcommon.la

noinst_LTLIBRARIES += webcache/libwebcache.la
webcache_libwebcache_la_CPPFLAGS = $(AM_CPPFLAGS) $(ICU_CFLAGS)
webcache_libwebcache_la_LIBADD = $(ICU_LIBS)
webcache_libwebcache_la_SOURCES = \
  webcache/account.cc webcache/account.h \
  webcache/account_act.cc \
  webcache/account_append.cc \
  webcache/account_check.cc \
  webcache/account_disk.cc \
  webcache/account_counts.cc \
  webcache/account_folders.cc \
  webcache/account_follow.cc \
  webcache/account_index.cc \
  webcache/account_meant.cc \
  webcache/account_memory.cc \
  webcache/account_message.cc \
  webcache/account_offline.cc \
  webcache/account_search.cc webcache/account_search_charsets.cc webcache/account_search_texts.cc \
  webcache/account_second.cc \
  webcache/account_sorted.cc \
  webcache/account_steps.h \
  webcache/act_request.cc webcache/act_request.h \
  webcache/act_steps.h \
  webcache/action_file.cc webcache/action_file.h \
  webcache/actions.cc webcache/actions.h \
  webcache/accounts.cc webcache/accounts.h \
  webcache/cache_dir.cc webcache/cache_dir.h \
  webcache/base_subject.cc webcache/base_subject.h \
  webcache/chosen_rows.cc webcache/chosen_rows.h webcache/chunk_counts.h \
  webcache/body_search.cc webcache/body_search.h \
  webcache/clock.h \
  webcache/collation.cc webcache/collation.h \
  webcache/command_act.cc \
  webcache/command_build.cc \
  webcache/command_folder.cc \
  webcache/command_folders.cc \
  webcache/command_login.cc \
  webcache/command_message.cc webcache/command_state.cc \
  webcache/command_outbox.cc \
  webcache/command_search.cc \
  webcache/command_spool.cc \
  webcache/command_resume.cc \
  webcache/commands.cc webcache/commands.h \
  webcache/counters.def webcache/counters.h \
  webcache/file_system.cc webcache/file_system.h \
  webcache/folder_index.cc webcache/folder_index.h \
  webcache/folder_list.cc webcache/folder_list.h \
  webcache/folder_view.h webcache/version.h \
  webcache/index_row.h \
  webcache/index_codec.cc webcache/index_codec.h \
  webcache/index_file.cc webcache/index_file.h \
  webcache/index_writer.cc webcache/index_writer.h \
  webcache/idle_watch.cc webcache/idle_watch.h \
  webcache/heap_bytes.h \
  webcache/job.h \
  webcache/junk_command.cc webcache/junk_command.h \
  webcache/junk_report.cc webcache/junk_report.h \
  webcache/login_steps.h \
  webcache/kept_choices.h \
  webcache/login_throttle.cc webcache/login_throttle.h \
  webcache/memory_limit.cc webcache/memory_limit.h \
  webcache/memory_use.h \
  webcache/message_log.cc webcache/message_log.h \
  webcache/message_id.cc webcache/message_id.h \
  webcache/outbox.cc webcache/outbox.h \
  webcache/outbox_filing.cc \
  webcache/outbox_sending.cc \
  webcache/outgoing.cc webcache/outgoing.h \
  webcache/part_cache.cc webcache/part_cache.h \
  webcache/part_reader.cc \
  webcache/pending.h \
  webcache/readable_charsets.h \
  webcache/question_times.cc webcache/question_times.h \
  webcache/row_maker.cc webcache/row_maker.h webcache/recipient_list.h \
  webcache/sealed_file.cc webcache/sealed_file.h \
  webcache/row_match.cc webcache/row_match.h \
  webcache/row_order.cc webcache/row_order.h \
  webcache/row_set.h \
  webcache/row_sort.cc webcache/row_sort.h \
  webcache/search.cc webcache/search.h webcache/search_work.h \
  webcache/second_connection.cc webcache/second_connection.h \
  webcache/send_limits.cc webcache/send_limits.h \
  webcache/sent_log.cc webcache/sent_log.h \
  webcache/server.cc webcache/server.h \
  webcache/server_breaker.cc webcache/server_breaker.h \
  webcache/server_gate.cc webcache/server_gate.h \
  webcache/smtp_pool.h \
  webcache/sort_key.cc webcache/sort_key.h \
  webcache/spool.cc webcache/spool.h \
  webcache/spool_file.cc webcache/spool_file.h \
  webcache/spool_id.h \
  webcache/spool_writing.cc webcache/spool_writing.h \
  webcache/stored_fields.h \
  webcache/supervised.cc webcache/supervised.h \
  webcache/term_tells.cc webcache/term_tells.h \
  webcache/text_store.cc webcache/text_store.h \
  webcache/timers.cc webcache/timers.h \
  webcache/watchdog.cc webcache/watchdog.h \
  webcache/wire.cc webcache/wire_lists.cc webcache/wire_message.cc webcache/wire_spool.cc webcache/wire.h \
  webcache/reply_builder.cc webcache/reply_builder.h \
  webcache/wire_rows.cc webcache/wire_rows.h \
  webcache/workers.cc webcache/workers.h \
  webcache/wrapped_key.cc webcache/wrapped_key.h

# The IMAP engine, for the daemon and its tests.
noinst_LTLIBRARIES += webcache/libimap.la
webcache_libimap_la_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS)
webcache_libimap_la_LIBADD = common/libcommon.la $(ETPAN_LIBS) $(OPENSSL_LIBS)
webcache_libimap_la_SOURCES = \
  webcache/etpan.h \
  webcache/etpan_session.cc webcache/etpan_session.h \
  webcache/imap_command.cc webcache/imap_command.h \
  webcache/imap_appending.cc \
  webcache/imap_changing.cc \
  webcache/imap_folders.cc \
  webcache/imap_connection.cc webcache/imap_connection.h \
  webcache/imap_connection_impl.h \
  webcache/imap_cursor.cc webcache/imap_cursor.h \
  webcache/imap_envelope.cc \
  webcache/imap_error.cc webcache/imap_error.h \
  webcache/imap_fetch.cc webcache/imap_fetch.h webcache/keyword.h \
  webcache/imap_fetching.cc \
  webcache/imap_limits.h \
  webcache/imap_numbers.cc webcache/imap_numbers.h \
  webcache/imap_parser.cc webcache/imap_parser.h \
  webcache/imap_reader.cc webcache/imap_reader.h \
  webcache/imap_search.h \
  webcache/imap_searching.cc \
  webcache/imap_sorting.cc \
  webcache/imap_structure.cc \
  webcache/imap_types.h \
  webcache/imap_wire.cc webcache/imap_wire.h \
  webcache/message_bytes.cc webcache/message_bytes.h \
  webcache/server_wait.cc webcache/server_wait.h \
  webcache/smtp_connection.cc webcache/smtp_connection.h \
  webcache/smtp_reply.cc webcache/smtp_reply.h \
  webcache/tcp_connect.cc webcache/tcp_connect.h \
  webcache/tls_context.cc webcache/tls_context.h \
  webcache/tls_memory.cc webcache/tls_memory.h \
  webcache/tls_stream.cc webcache/tls_stream.h
