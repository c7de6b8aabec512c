# annex-muc: chatrooms (XEP-0045).

noinst_LIBRARIES += components/muc/libmuc.a
component_libs += components/muc/libmuc.a

components_muc_libmuc_a_SOURCES = \
	components/muc/absent.c components/muc/absent.h \
	components/muc/affiliation.c components/muc/affiliation.h \
	components/muc/announce.c \
	components/muc/arrival.c components/muc/arrival.h \
	components/muc/arrivals.c components/muc/arrivals.h \
	components/muc/attendance.c components/muc/attendance.h \
	components/muc/caretaker.c components/muc/caretaker.h \
	components/muc/change.c \
	components/muc/chronicle.c components/muc/chronicle.h \
	components/muc/chronicle_address.c \
	components/muc/chronicle_address.h \
	components/muc/chronicle_entry.c components/muc/chronicle_entry.h \
	components/muc/commands.c components/muc/commands.h \
	components/muc/configure.c components/muc/configure.h \
	components/muc/coverage.c components/muc/coverage.h \
	components/muc/door.c components/muc/door.h \
	components/muc/enter.c \
	components/muc/erasure.c components/muc/erasure.h \
	components/muc/filter.c components/muc/filter.h \
	components/muc/ghost.c components/muc/ghost.h \
	components/muc/handlers.h \
	components/muc/handover.c components/muc/handover.h \
	components/muc/history.c components/muc/history.h \
	components/muc/info.c \
	components/muc/invitation.c components/muc/invitation.h \
	components/muc/invite.c components/muc/invite.h \
	components/muc/leave.c components/muc/leave.h \
	components/muc/limit.c components/muc/limit.h \
	components/muc/list.c \
	components/muc/listing.c components/muc/listing.h \
	components/muc/loading.c components/muc/loading.h \
	components/muc/lookback.c components/muc/lookback.h \
	components/muc/manage.c \
	components/muc/memo.c components/muc/memo.h \
	components/muc/minutes.c components/muc/minutes.h \
	components/muc/moderate.c \
	components/muc/muc.c components/muc/muc.h \
	components/muc/nick.c components/muc/nick.h \
	components/muc/occupant.c components/muc/occupant.h \
	components/muc/option.c components/muc/option.h \
	components/muc/options.c components/muc/options.h \
	components/muc/owner.c \
	components/muc/people.c \
	components/muc/presence.c components/muc/presence.h \
	components/muc/private.c \
	components/muc/pseudonym.c components/muc/pseudonym.h \
	components/muc/queue.c components/muc/queue.h \
	components/muc/quota.c components/muc/quota.h \
	components/muc/register.c components/muc/register.h \
	components/muc/relay.c \
	components/muc/release.c components/muc/release.h \
	components/muc/restore.c components/muc/restore.h \
	components/muc/role.c components/muc/role.h \
	components/muc/room.c components/muc/room.h \
	components/muc/roomload.c components/muc/roomload.h \
	components/muc/rooms.c \
	components/muc/roomstore.c components/muc/roomstore.h \
	components/muc/rows.c components/muc/rows.h \
	components/muc/search.c \
	components/muc/show.c \
	components/muc/standing.c components/muc/standing.h \
	components/muc/subject.c \
	components/muc/table.h \
	components/muc/talk.c components/muc/talk.h \
	components/muc/target.c components/muc/target.h \
	components/muc/template.c components/muc/template.h \
	components/muc/tomb.c components/muc/tomb.h \
	components/muc/unsaved.c components/muc/unsaved.h \
	components/muc/visit.c components/muc/visit.h \
	components/muc/voice.c \
	components/muc/witness.c components/muc/witness.h \
	components/muc/word.c components/muc/word.h

sbin_PROGRAMS += annex-muc
annex_muc_SOURCES = components/muc/main.c
annex_muc_LDADD = components/muc/libmuc.a libannex.a $(DEPENDENCY_LIBS)

mucschemadir = $(pkgdatadir)/schema/muc
dist_mucschema_DATA = \
	schema/muc/0001-rooms.sql \
	schema/muc/0002-public.pg.sql \
	schema/muc/0002-public.sqlite.sql \
	schema/muc/0003-occupants.sql \
	schema/muc/0004-pseudonyms.sql \
	schema/muc/0005-archive.sql \
	schema/muc/0006-originals.sql

# Its journal is a real one.
t_unit_muc_attendance_t_LDADD = $(real_libs)
t_unit_muc_chronicle_t_LDADD = $(real_libs)
t_unit_muc_handover_t_LDADD = $(real_libs)
t_unit_muc_erasure_t_LDADD = $(real_libs)
t_unit_muc_witness_t_LDADD = $(real_libs)

# Whole stanzas in and out, without a router and a database.  It takes the
# component's constant from main.c, whose main gets another name.
check_LIBRARIES += t/lib/libmucbed.a
bed_libs += t/lib/libmucbed.a
t_lib_libmucbed_a_SOURCES = \
	components/muc/main.c \
	t/lib/gist.c t/lib/gist.h \
	t/lib/mucbed.c t/lib/mucbed.h
t_lib_libmucbed_a_CPPFLAGS = $(AM_CPPFLAGS) -Dmain=muc_main
t_lib_libmucbed_a_CFLAGS = $(AM_CFLAGS) -Wno-missing-prototypes

unit_tests += \
	t/unit/muc_absent.t \
	t/unit/muc_affiliation.t \
	t/unit/muc_announce.t \
	t/unit/muc_arrival.t \
	t/unit/muc_arrivals.t \
	t/unit/muc_attendance.t \
	t/unit/muc_caretaker.t \
	t/unit/muc_change.t \
	t/unit/muc_chronicle.t \
	t/unit/muc_chronicle_entry.t \
	t/unit/muc_commands.t \
	t/unit/muc_configure.t \
	t/unit/muc_coverage.t \
	t/unit/muc_door.t \
	t/unit/muc_enter.t \
	t/unit/muc_erasure.t \
	t/unit/muc_filter.t \
	t/unit/muc_ghost.t \
	t/unit/muc_handover.t \
	t/unit/muc_history.t \
	t/unit/muc_info.t \
	t/unit/muc_invitation.t \
	t/unit/muc_invite.t \
	t/unit/muc_leave.t \
	t/unit/muc_limit.t \
	t/unit/muc_list.t \
	t/unit/muc_listing.t \
	t/unit/muc_loading.t \
	t/unit/muc_lookback.t \
	t/unit/muc_manage.t \
	t/unit/muc_memo.t \
	t/unit/muc_minutes.t \
	t/unit/muc_moderate.t \
	t/unit/muc_muc.t \
	t/unit/muc_nick.t \
	t/unit/muc_occupant.t \
	t/unit/muc_option.t \
	t/unit/muc_options.t \
	t/unit/muc_owner.t \
	t/unit/muc_people.t \
	t/unit/muc_presence.t \
	t/unit/muc_private.t \
	t/unit/muc_pseudonym.t \
	t/unit/muc_queue.t \
	t/unit/muc_quota.t \
	t/unit/muc_register.t \
	t/unit/muc_relay.t \
	t/unit/muc_release.t \
	t/unit/muc_restore.t \
	t/unit/muc_role.t \
	t/unit/muc_room.t \
	t/unit/muc_roomload.t \
	t/unit/muc_rooms.t \
	t/unit/muc_roomstore.t \
	t/unit/muc_rows.t \
	t/unit/muc_search.t \
	t/unit/muc_show.t \
	t/unit/muc_standing.t \
	t/unit/muc_subject.t \
	t/unit/muc_talk.t \
	t/unit/muc_target.t \
	t/unit/muc_template.t \
	t/unit/muc_tomb.t \
	t/unit/muc_unsaved.t \
	t/unit/muc_visit.t \
	t/unit/muc_voice.t \
	t/unit/muc_witness.t \
	t/unit/muc_word.t
fuzz_targets += \
	t/fuzz/minutes \
	t/fuzz/muc

nodist_man_MANS += components/muc/annex-muc.8
CLEANFILES += components/muc/annex-muc.8
EXTRA_DIST += components/muc/muc.8
manuals += components/muc/muc.8

conf_samples += conf/muc.conf

systemdsystemunit_DATA += conf/systemd/annex-muc.service
CLEANFILES += conf/systemd/annex-muc.service
EXTRA_DIST += conf/systemd/annex-muc.service.in

EXTRA_DIST += components/muc/CONFORMANCE components/muc/packages \
	components/muc/configure.m4
CONFIGURE_DEPENDENCIES += $(srcdir)/components/muc/configure.m4
