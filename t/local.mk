# t: its part of the one makefile, a file for each subject.
include t/core.mk
include t/harness.mk
include t/faults.mk
include t/html.mk
include t/imap.mk
include t/lane.mk
include t/module.mk
include t/pages.mk
include t/servers.mk
include t/text.mk
include t/writing.mk
include t/webcache.mk
include t/disk.mk
