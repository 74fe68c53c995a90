# Tests of the IMAP engine.
check_PROGRAMS += t/imap_probe
t_imap_probe_SOURCES = t/imap_probe.cc
t_imap_probe_LDADD = webcache/libimap.la common/libcommon.la
