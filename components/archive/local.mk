# annex-archive: the archive of users' messages.

noinst_LIBRARIES += components/archive/libarchive.a
component_libs += components/archive/libarchive.a

components_archive_libarchive_a_SOURCES = \
	components/archive/rule.c components/archive/rule.h \
	components/archive/window.c components/archive/window.h

unit_tests += \
	t/unit/archive_rule.t \
	t/unit/archive_window.t
