# Unit tests of the daemon's parts.
webcache_test_libs = webcache/libwebcache.la webcache/libimap.la common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/question_times_test
t_unit_question_times_test_SOURCES = t/unit/question_times_test.cc
t_unit_question_times_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_question_times_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/folder_index_test
t_unit_folder_index_test_SOURCES = t/unit/folder_index_test.cc
t_unit_folder_index_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_folder_index_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/index_orders_test
t_unit_index_orders_test_SOURCES = t/unit/index_orders_test.cc
t_unit_index_orders_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_index_orders_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/chosen_rows_test
t_unit_chosen_rows_test_SOURCES = t/unit/chosen_rows_test.cc
t_unit_chosen_rows_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_chosen_rows_test_LDADD = $(webcache_test_libs)
check_PROGRAMS += t/unit/row_match_test
t_unit_row_match_test_SOURCES = t/unit/row_match_test.cc
t_unit_row_match_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_row_match_test_LDADD = $(webcache_test_libs)

# What an index costs; run by hand.
check_PROGRAMS += t/bench/index_bench
t_bench_index_bench_SOURCES = t/bench/index_bench.cc
t_bench_index_bench_LDADD = webcache/libwebcache.la webcache/libimap.la common/libcommon.la

check_PROGRAMS += t/unit/body_search_test
t_unit_body_search_test_SOURCES = t/unit/body_search_test.cc
t_unit_body_search_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_body_search_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/folder_list_test
t_unit_folder_list_test_SOURCES = t/unit/folder_list_test.cc
t_unit_folder_list_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_folder_list_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/actions_test
t_unit_actions_test_SOURCES = t/unit/actions_test.cc
t_unit_actions_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_actions_test_LDADD = $(webcache_test_libs)
check_PROGRAMS += t/unit/junk_report_test
t_unit_junk_report_test_SOURCES = t/unit/junk_report_test.cc
t_unit_junk_report_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_junk_report_test_LDADD = $(webcache_test_libs)
check_PROGRAMS += t/unit/login_throttle_test
t_unit_login_throttle_test_SOURCES = t/unit/login_throttle_test.cc
t_unit_login_throttle_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_login_throttle_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/workers_test
t_unit_workers_test_SOURCES = t/unit/workers_test.cc
t_unit_workers_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_workers_test_LDADD = $(webcache_test_libs)

# Asks the daemon one question over a lane and prints the answer, for t/21*.t.
check_PROGRAMS += t/webcache_ask
t_webcache_ask_SOURCES = t/webcache_ask.cc t/code_name.h
t_webcache_ask_LDADD = common/libcommon.la

EXTRA_DIST += t/2100-webcache.t t/2110-webcache-faults.t t/2150-orders.t t/2120-webcache-start.t t/2200-servers.t t/2210-odd-servers.t \
  t/2300-actions.t t/2320-labels.t t/2340-search.t t/2360-actions-all.t t/lib/search_truth.py t/2330-chosen.t t/2350-folder-changes.t t/2370-folder-tree.t t/lib/queries.py t/lib/scriptedimap.py t/lib/world.py t/lib/orders.py t/lib/asker.py t/lib/imapcount.py

check_PROGRAMS += t/unit/idle_watch_test
t_unit_idle_watch_test_SOURCES = t/unit/idle_watch_test.cc
t_unit_idle_watch_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_idle_watch_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/wire_test
t_unit_wire_test_SOURCES = t/unit/wire_test.cc
t_unit_wire_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_wire_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/row_maker_test
t_unit_row_maker_test_SOURCES = t/unit/row_maker_test.cc
t_unit_row_maker_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_row_maker_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/accounts_test
t_unit_accounts_test_SOURCES = t/unit/accounts_test.cc
t_unit_accounts_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_accounts_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/server_breaker_test
t_unit_server_breaker_test_SOURCES = t/unit/server_breaker_test.cc
t_unit_server_breaker_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_server_breaker_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/server_gate_test
t_unit_server_gate_test_SOURCES = t/unit/server_gate_test.cc
t_unit_server_gate_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_server_gate_test_LDADD = $(webcache_test_libs)

# Two users, and what the daemon tells of itself.
EXTRA_DIST += t/2400-server-away.t t/2410-wrong-messages.t t/2415-chaos.t t/2420-other-clients.t t/lib/acl.py
EXTRA_DIST += t/2140-status.t t/2160-two-users.t t/2170-connections.t t/2190-memory.t t/2180-second-connection.t t/2450-supervision.t

check_PROGRAMS += t/unit/supervisor_test t/unit/watchdog_test
t_unit_supervisor_test_SOURCES = t/unit/supervisor_test.cc webcache/supervisor.cc webcache/notify.cc
t_unit_supervisor_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_supervisor_test_LDADD = $(webcache_test_libs)

t_unit_watchdog_test_SOURCES = t/unit/watchdog_test.cc
t_unit_watchdog_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_watchdog_test_LDADD = $(webcache_test_libs)

# Writing and sending.
check_PROGRAMS += t/unit/spool_test
t_unit_spool_test_SOURCES = t/unit/spool_test.cc t/unit/failing_disk.h
t_unit_spool_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_spool_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/outgoing_test
t_unit_outgoing_test_SOURCES = t/unit/outgoing_test.cc
t_unit_outgoing_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_outgoing_test_LDADD = $(webcache_test_libs)

# Asks what the pages ask when somebody writes, for t/26*.t.
check_PROGRAMS += t/outgoing_ask
t_outgoing_ask_SOURCES = t/outgoing_ask.cc t/code_name.h
t_outgoing_ask_LDADD = mod_alphamail/libquestions.la common/libcommon.la

EXTRA_DIST += t/2600-sending.t t/2610-smtp-faults.t t/2615-smtp-starttls.t t/2620-sending-kills.t t/2630-shared-spool.t \
  t/2640-late-copies.t t/lib/sending_world.py t/lib/strictsmtp.py t/lib/writing.py
