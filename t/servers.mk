# The same on every mail server.
EXTRA_DIST += \
  t/2500-server-matrix.t \
  t/2510-actions-servers.t \
  t/2520-orders-under-change.t \
  t/2540-server-journey.t \
  t/2545-unsettled-folders.t \
  t/4200-consistency.t \
  t/lib/action_cases.py \
  t/lib/mail_files.py \
  t/lib/mail_pages.py \
  t/lib/rounds.py

check_PROGRAMS += t/unit/tcp_connect_test t/unit/tls_stream_test
t_unit_tcp_connect_test_SOURCES = t/unit/tcp_connect_test.cc t/unit/loopback.h
t_unit_tls_stream_test_SOURCES = t/unit/tls_stream_test.cc
t_unit_tls_stream_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_tls_stream_test_LDADD = webcache/libimap.la common/libcommon.la $(GTEST_LIBS)
t_unit_tcp_connect_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_tcp_connect_test_LDADD = webcache/libimap.la common/libcommon.la $(GTEST_LIBS)
