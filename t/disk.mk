# Tests of what the daemon keeps on disk.
check_PROGRAMS += t/unit/sealed_file_test
t_unit_sealed_file_test_SOURCES = t/unit/sealed_file_test.cc t/unit/failing_disk.h
t_unit_sealed_file_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_sealed_file_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/message_log_test
t_unit_message_log_test_SOURCES = t/unit/message_log_test.cc t/unit/failing_disk.h
t_unit_message_log_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_message_log_test_LDADD = $(webcache_test_libs)

check_PROGRAMS += t/unit/cache_dir_test
t_unit_cache_dir_test_SOURCES = t/unit/cache_dir_test.cc t/unit/failing_disk.h
t_unit_cache_dir_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_cache_dir_test_LDADD = $(webcache_test_libs)
EXTRA_DIST += t/2130-disk.t

check_PROGRAMS += t/unit/index_file_test
t_unit_index_file_test_SOURCES = t/unit/index_file_test.cc t/unit/failing_disk.h
t_unit_index_file_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_index_file_test_LDADD = $(webcache_test_libs)
