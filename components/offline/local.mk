# annex-offline: messages for users who are away (XEP-0160, XEP-0013).

noinst_LIBRARIES += components/offline/liboffline.a
component_libs += components/offline/liboffline.a

components_offline_liboffline_a_SOURCES = \
	components/offline/arrival.c components/offline/arrival.h \
	components/offline/commands.c components/offline/commands.h \
	components/offline/contents.c components/offline/contents.h \
	components/offline/custody.c components/offline/custody.h \
	components/offline/delivery.c components/offline/delivery.h \
	components/offline/disposal.c \
	components/offline/entry.c components/offline/entry.h \
	components/offline/expiry.c components/offline/expiry.h \
	components/offline/fetch.c components/offline/fetch.h \
	components/offline/import.c components/offline/import.h \
	components/offline/inquiry.c components/offline/inquiry.h \
	components/offline/keep.c components/offline/keep.h \
	components/offline/leaver.c components/offline/leaver.h \
	components/offline/letter.c components/offline/letter.h \
	components/offline/mailbox.c components/offline/mailbox.h \
	components/offline/office.c components/offline/office.h \
	components/offline/offline.c components/offline/offline.h \
	components/offline/pile.c components/offline/pile.h \
	components/offline/removal.c components/offline/removal.h \
	components/offline/resource.c components/offline/resource.h \
	components/offline/retrieval.c components/offline/retrieval.h \
	components/offline/selection.c components/offline/selection.h \
	components/offline/setback.c components/offline/setback.h \
	components/offline/shelf.c components/offline/shelf.h \
	components/offline/show.c components/offline/show.h \
	components/offline/survey.c \
	components/offline/suspect.c components/offline/suspect.h \
	components/offline/withdrawal.c components/offline/withdrawal.h

sbin_PROGRAMS += annex-offline
annex_offline_SOURCES = components/offline/main.c
annex_offline_LDADD = components/offline/liboffline.a libannex.a \
	$(DEPENDENCY_LIBS)

offlineschemadir = $(pkgdatadir)/schema/offline
dist_offlineschema_DATA = \
	schema/offline/0001-messages.pg.sql \
	schema/offline/0001-messages.sqlite.sql \
	schema/offline/0002-imports.sql \
	schema/offline/0003-accounts.sql

# As t/lib/libmucbed.a.
check_LIBRARIES += t/lib/libofflinebed.a
bed_libs += t/lib/libofflinebed.a
t_lib_libofflinebed_a_SOURCES = \
	t/lib/offlinebed.c t/lib/offlinebed.h \
	t/lib/offlineshim.c t/lib/offlineshim.h \
	components/offline/main.c
t_lib_libofflinebed_a_CPPFLAGS = $(AM_CPPFLAGS) -Dmain=offline_main
t_lib_libofflinebed_a_CFLAGS = $(AM_CFLAGS) -Wno-missing-prototypes

unit_tests += \
	t/unit/offline_arrival.t \
	t/unit/offline_contents.t \
	t/unit/offline_custody.t \
	t/unit/offline_delivery.t \
	t/unit/offline_disposal.t \
	t/unit/offline_entry.t \
	t/unit/offline_expiry.t \
	t/unit/offline_fetch.t \
	t/unit/offline_import.t \
	t/unit/offline_inquiry.t \
	t/unit/offline_keep.t \
	t/unit/offline_leaver.t \
	t/unit/offline_mailbox.t \
	t/unit/offline_office.t \
	t/unit/offline_resource.t \
	t/unit/offline_retrieval.t \
	t/unit/offline_selection.t \
	t/unit/offline_setback.t \
	t/unit/offline_shelf.t \
	t/unit/offline_show.t \
	t/unit/offline_survey.t \
	t/unit/offline_suspect.t \
	t/unit/offline_withdrawal.t
fuzz_targets += t/fuzz/import t/fuzz/offline

nodist_man_MANS += components/offline/annex-offline.8
CLEANFILES += components/offline/annex-offline.8
EXTRA_DIST += components/offline/offline.8
manuals += components/offline/offline.8

conf_samples += conf/offline.conf

systemdsystemunit_DATA += conf/systemd/annex-offline.service
CLEANFILES += conf/systemd/annex-offline.service
EXTRA_DIST += conf/systemd/annex-offline.service.in

EXTRA_DIST += components/offline/CONFORMANCE components/offline/packages \
	components/offline/configure.m4
CONFIGURE_DEPENDENCIES += $(srcdir)/components/offline/configure.m4
