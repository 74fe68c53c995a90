# webcache: the daemon. All but main.cc is a library, so that tests link the same objects.
noinst_LTLIBRARIES += webcache/libwebcache.la
webcache_libwebcache_la_SOURCES = \
  webcache/counters.def webcache/counters.h \
  webcache/folder_index.cc webcache/folder_index.h \
  webcache/folder_list.cc webcache/folder_list.h \
  webcache/imap_connection.h webcache/imap_types.h \
  webcache/job.h \
  webcache/login_throttle.cc webcache/login_throttle.h \
  webcache/row_maker.cc webcache/row_maker.h \
  webcache/server_gate.cc webcache/server_gate.h \
  webcache/text_store.cc webcache/text_store.h \
  webcache/timers.cc webcache/timers.h \
  webcache/workers.cc webcache/workers.h
