# t: the lane and the typed questions over it.
check_PROGRAMS += t/unit/lane_test
t_unit_lane_test_SOURCES = t/unit/lane_test.cc t/unit/lane_fixture.h
t_unit_lane_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_lane_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/lane_trust_test
t_unit_lane_trust_test_SOURCES = t/unit/lane_trust_test.cc t/unit/lane_fixture.h t/lib/raw_lane.h
t_unit_lane_trust_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_lane_trust_test_LDADD = common/libcommon.la $(GTEST_LIBS)

check_PROGRAMS += t/unit/webcache_client_test
t_unit_webcache_client_test_SOURCES = t/unit/webcache_client_test.cc t/unit/lane_fixture.h
t_unit_webcache_client_test_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS)
t_unit_webcache_client_test_LDADD = mod_alphamail/libquestions.la common/libcommon.la $(GTEST_LIBS)

noinst_PROGRAMS += t/bench/lane_bench
t_bench_lane_bench_SOURCES = t/bench/lane_bench.cc
t_bench_lane_bench_LDADD = common/libcommon.la -lpthread

check_PROGRAMS += t/lane_torture
t_lane_torture_SOURCES = t/lane_torture.cc t/lane_torture.h t/lane_torture_ends.cc t/lib/raw_lane.h
t_lane_torture_LDADD = common/libcommon.la -lpthread
EXTRA_DIST += t/1010-lane-torture.t
