# annex-archive: the archive of users' messages.

noinst_LIBRARIES += components/archive/libarchive.a
component_libs += components/archive/libarchive.a

components_archive_libarchive_a_SOURCES = \
	components/archive/rule.c components/archive/rule.h

unit_tests += \
	t/unit/archive_rule.t
