# Unit tests of the module's core.
MODULE_TEST_LIBS = mod_alphamail/libmodcore.la common/libcommon.la $(GTEST_LIBS) $(APU_LIBS) $(APR_LIBS)
MODULE_TEST_CPPFLAGS = $(AM_CPPFLAGS) $(GTEST_CPPFLAGS) $(APU_CFLAGS) $(APR_CFLAGS)

check_PROGRAMS += t/unit/assets_test
t_unit_assets_test_SOURCES = t/unit/assets_test.cc
t_unit_assets_test_CPPFLAGS = $(MODULE_TEST_CPPFLAGS)
t_unit_assets_test_LDADD = $(MODULE_TEST_LIBS)

check_PROGRAMS += t/unit/fields_test
t_unit_fields_test_SOURCES = t/unit/fields_test.cc
t_unit_fields_test_CPPFLAGS = $(MODULE_TEST_CPPFLAGS)
t_unit_fields_test_LDADD = $(MODULE_TEST_LIBS)

check_PROGRAMS += t/unit/folder_settings_test
t_unit_folder_settings_test_SOURCES = t/unit/folder_settings_test.cc
t_unit_folder_settings_test_CPPFLAGS = $(MODULE_TEST_CPPFLAGS)
t_unit_folder_settings_test_LDADD = $(MODULE_TEST_LIBS)

check_PROGRAMS += t/unit/route_test
t_unit_route_test_SOURCES = t/unit/route_test.cc
t_unit_route_test_CPPFLAGS = $(MODULE_TEST_CPPFLAGS)
t_unit_route_test_LDADD = $(MODULE_TEST_LIBS)

check_PROGRAMS += t/unit/csrf_test
t_unit_csrf_test_SOURCES = t/unit/csrf_test.cc
t_unit_csrf_test_CPPFLAGS = $(MODULE_TEST_CPPFLAGS)
t_unit_csrf_test_LDADD = $(MODULE_TEST_LIBS)

check_PROGRAMS += t/unit/cookie_test
t_unit_cookie_test_SOURCES = t/unit/cookie_test.cc
t_unit_cookie_test_CPPFLAGS = $(MODULE_TEST_CPPFLAGS)
t_unit_cookie_test_LDADD = $(MODULE_TEST_LIBS)

check_PROGRAMS += t/unit/known_browser_test
t_unit_known_browser_test_SOURCES = t/unit/known_browser_test.cc
t_unit_known_browser_test_CPPFLAGS = $(MODULE_TEST_CPPFLAGS)
t_unit_known_browser_test_LDADD = $(MODULE_TEST_LIBS)

check_PROGRAMS += t/unit/admission_test
t_unit_admission_test_SOURCES = t/unit/admission_test.cc
t_unit_admission_test_CPPFLAGS = $(MODULE_TEST_CPPFLAGS)
t_unit_admission_test_LDADD = mod_alphamail/libquestions.la $(MODULE_TEST_LIBS)

check_PROGRAMS += t/unit/login_form_test
t_unit_login_form_test_SOURCES = t/unit/login_form_test.cc
t_unit_login_form_test_CPPFLAGS = $(MODULE_TEST_CPPFLAGS)
t_unit_login_form_test_LDADD = $(MODULE_TEST_LIBS)

check_PROGRAMS += t/unit/session_record_test
t_unit_session_record_test_SOURCES = t/unit/session_record_test.cc
t_unit_session_record_test_CPPFLAGS = $(MODULE_TEST_CPPFLAGS)
t_unit_session_record_test_LDADD = $(MODULE_TEST_LIBS)

check_PROGRAMS += t/unit/store_test
t_unit_store_test_SOURCES = t/unit/store_test.cc
t_unit_store_test_CPPFLAGS = $(MODULE_TEST_CPPFLAGS)
t_unit_store_test_LDADD = $(MODULE_TEST_LIBS)

EXTRA_DIST += \
  t/3010-addresses.t \
  t/3020-hosts.t \
  t/3030-configuration.t \
  t/3040-postgresql.t \
  t/3050-mpms.t \
  t/3060-headers.t \
  t/3100-sessions.t \
  t/3110-forms.t \
  t/3120-restarts.t \
  t/3130-database.t \
  t/3140-no-webcache.t \
  t/lib/raw_http.py t/lib/pipelined.py t/lib/resident.py
