# annex-archive: the archive of users' messages.

noinst_LIBRARIES += components/archive/libarchive.a
component_libs += components/archive/libarchive.a $(PCRE2_LIBS) \
	$(UNISTRING_LIBS)

DEPENDENCY_CFLAGS += $(PCRE2_CFLAGS)
components_archive_libarchive_a_SOURCES = \
	components/archive/amendment.c components/archive/amendment.h \
	components/archive/annals.c \
	components/archive/archive.c components/archive/archive.h \
	components/archive/archivist.c components/archive/archivist.h \
	components/archive/backlog.c components/archive/backlog.h \
	components/archive/calendar.c components/archive/calendar.h \
	components/archive/claim.c components/archive/claim.h \
	components/archive/clause.c components/archive/clause.h \
	components/archive/clause-private.h \
	components/archive/clause_read.c \
	components/archive/commands.c components/archive/commands.h \
	components/archive/concern.c components/archive/concern.h \
	components/archive/compliance.c components/archive/compliance.h \
	components/archive/copies.c components/archive/copies.h \
	components/archive/copies-private.h \
	components/archive/court.c components/archive/court.h \
	components/archive/deeds.c components/archive/deeds.h \
	components/archive/deeds-private.h \
	components/archive/desk.c components/archive/desk.h \
	components/archive/diary.c components/archive/diary.h \
	components/archive/disclosure.c components/archive/disclosure.h \
	components/archive/docket.c components/archive/docket.h \
	components/archive/erasure.c components/archive/erasure.h \
	components/archive/estimate.c \
	components/archive/eventlist.c components/archive/eventlist.h \
	components/archive/eventlist-private.h \
	components/archive/exhibit.c components/archive/exhibit.h \
	components/archive/export.c \
	components/archive/forecast.c \
	components/archive/format.c components/archive/format.h \
	components/archive/globs.c components/archive/globs.h \
	components/archive/handout.c components/archive/handout.h \
	components/archive/hearing.c components/archive/hearing.h \
	components/archive/held.c components/archive/held.h \
	components/archive/hostname.c components/archive/hostname.h \
	components/archive/inquiry.c components/archive/inquiry.h \
	components/archive/inspection.c \
	components/archive/intake.c components/archive/intake.h \
	components/archive/journaling.c components/archive/journaling.h \
	components/archive/judge.c components/archive/judge.h \
	components/archive/lapse.c components/archive/lapse.h \
	components/archive/ledger.c components/archive/ledger.h \
	components/archive/link.c components/archive/link.h \
	components/archive/letter.c components/archive/letter.h \
	components/archive/legacy.c components/archive/legacy.h \
	components/archive/lookup.c \
	components/archive/mail.c components/archive/mail.h \
	components/archive/matter.c components/archive/matter.h \
	components/archive/mime.c components/archive/mime.h \
	components/archive/occasion.c components/archive/occasion.h \
	components/archive/note.c components/archive/note.h \
	components/archive/offer.c components/archive/offer.h \
	components/archive/party.c components/archive/party.h \
	components/archive/pattern.c components/archive/pattern.h \
	components/archive/pending.c components/archive/pending.h \
	components/archive/period.c components/archive/period.h \
	components/archive/plain.c components/archive/plain.h \
	components/archive/policy.c components/archive/policy.h \
	components/archive/post.c components/archive/post.h \
	components/archive/postbag.c components/archive/postbag.h \
	components/archive/posting.c \
	components/archive/postman.c components/archive/postman.h \
	components/archive/postoffice.c components/archive/postoffice.h \
	components/archive/preference.c components/archive/preference.h \
	components/archive/preferences.c components/archive/preferences.h \
	components/archive/probe.c components/archive/probe.h \
	components/archive/question.c components/archive/question.h \
	components/archive/rate.c components/archive/rate.h \
	components/archive/readers.c components/archive/readers.h \
	components/archive/reading.c components/archive/reading.h \
	components/archive/record.c components/archive/record.h \
	components/archive/reminder.c components/archive/reminder.h \
	components/archive/rehearsal.c \
	components/archive/relic.c components/archive/relic.h \
	components/archive/retention.c components/archive/retention.h \
	components/archive/retraction.c components/archive/retraction.h \
	components/archive/retrial.c components/archive/retrial.h \
	components/archive/review.c components/archive/review.h \
	components/archive/role.c components/archive/role.h \
	components/archive/rule.c components/archive/rule.h \
	components/archive/rulebook.c components/archive/rulebook.h \
	components/archive/ruling.c components/archive/ruling.h \
	components/archive/sentence.c components/archive/sentence.h \
	components/archive/sieve.c components/archive/sieve.h \
	components/archive/smtp.c components/archive/smtp.h \
	components/archive/smtp_check.c \
	components/archive/sweep.c components/archive/sweep.h \
	components/archive/tap.c components/archive/tap.h \
	components/archive/tenure.c components/archive/tenure.h \
	components/archive/traces.c components/archive/traces.h \
	components/archive/visits.c components/archive/visits.h \
	components/archive/verdict.c components/archive/verdict.h \
	components/archive/wares.c components/archive/wares.h \
	components/archive/window.c components/archive/window.h

# Its tables, and those of the journal, are the library's.
sbin_PROGRAMS += annex-archive
annex_archive_SOURCES = components/archive/main.c
annex_archive_LDADD = components/archive/libarchive.a libannex.a \
	$(PCRE2_LIBS) $(UNISTRING_LIBS) $(DEPENDENCY_LIBS)

# As t/lib/libmucbed.a.
check_LIBRARIES += t/lib/libtapbed.a
bed_libs += t/lib/libtapbed.a
t_lib_libtapbed_a_SOURCES = \
	components/archive/main.c \
	t/lib/tapbed.c t/lib/tapbed.h \
	t/lib/tapshim.c t/lib/tapshim.h
t_lib_libtapbed_a_CPPFLAGS = $(AM_CPPFLAGS) -Dmain=archive_main
t_lib_libtapbed_a_CFLAGS = $(AM_CFLAGS) -Wno-missing-prototypes

# Needs no more than libbed.a.
check_LIBRARIES += t/lib/libclausebed.a
test_support += t/lib/libclausebed.a
t_lib_libclausebed_a_SOURCES = t/lib/clausebed.c t/lib/clausebed.h

unit_tests += \
	t/unit/archive_amendment.t \
	t/unit/archive_annals.t \
	t/unit/archive_archivist.t \
	t/unit/archive_backlog.t \
	t/unit/archive_claim.t \
	t/unit/archive_clause.t \
	t/unit/archive_concern.t \
	t/unit/archive_compliance.t \
	t/unit/archive_copies_plan.t \
	t/unit/archive_desk.t \
	t/unit/archive_diary.t \
	t/unit/archive_disclosure.t \
	t/unit/archive_erasure.t \
	t/unit/archive_estimate.t \
	t/unit/archive_eventlist_plan.t \
	t/unit/archive_exhibit.t \
	t/unit/archive_export.t \
	t/unit/archive_forecast.t \
	t/unit/archive_format.t \
	t/unit/archive_globs.t \
	t/unit/archive_handout.t \
	t/unit/archive_hearing.t \
	t/unit/archive_hostname.t \
	t/unit/archive_inspection.t \
	t/unit/archive_intake.t \
	t/unit/archive_journaling.t \
	t/unit/archive_judge.t \
	t/unit/archive_lapse.t \
	t/unit/archive_link.t \
	t/unit/archive_letter.t \
	t/unit/archive_legacy.t \
	t/unit/archive_lookup.t \
	t/unit/archive_mail.t \
	t/unit/archive_matter.t \
	t/unit/archive_mime.t \
	t/unit/archive_occasion.t \
	t/unit/archive_offer.t \
	t/unit/archive_party.t \
	t/unit/archive_pattern.t \
	t/unit/archive_plain.t \
	t/unit/archive_pending.t \
	t/unit/archive_policy.t \
	t/unit/archive_post.t \
	t/unit/archive_posting.t \
	t/unit/archive_postman.t \
	t/unit/archive_preference.t \
	t/unit/archive_preferences.t \
	t/unit/archive_probe.t \
	t/unit/archive_question.t \
	t/unit/archive_rate.t \
	t/unit/archive_reading.t \
	t/unit/archive_reminder.t \
	t/unit/archive_rehearsal.t \
	t/unit/archive_relic.t \
	t/unit/archive_retention.t \
	t/unit/archive_retraction.t \
	t/unit/archive_retrial.t \
	t/unit/archive_review.t \
	t/unit/archive_role.t \
	t/unit/archive_rule.t \
	t/unit/archive_rulebook.t \
	t/unit/archive_ruling.t \
	t/unit/archive_smtp.t \
	t/unit/archive_sweep.t \
	t/unit/archive_tap.t \
	t/unit/archive_tenure.t \
	t/unit/archive_verdict.t \
	t/unit/archive_wares.t \
	t/unit/archive_window.t
fuzz_targets += t/fuzz/preference t/fuzz/plain
fuzz_targets += t/fuzz/occasion

fuzz_targets += t/fuzz/ruling
t_unit_archive_annals_t_LDADD = $(real_libs)
fuzz_targets += t/fuzz/ruling t/fuzz/rulebook
t_unit_archive_erasure_t_LDADD = $(real_libs)
t_unit_archive_estimate_t_LDADD = $(real_libs)
t_unit_archive_eventlist_plan_t_LDADD = $(real_libs)
t_unit_archive_export_t_LDADD = $(real_libs)
t_unit_archive_forecast_t_LDADD = $(real_libs)
t_unit_archive_inspection_t_LDADD = $(real_libs)
t_unit_archive_legacy_t_LDADD = $(real_libs)
t_unit_archive_lookup_t_LDADD = $(real_libs)
t_unit_archive_matter_t_LDADD = $(real_libs)
t_unit_archive_pending_t_LDADD = $(real_libs)
t_unit_archive_rehearsal_t_LDADD = $(real_libs)
t_unit_archive_post_t_LDADD = $(real_libs)
t_unit_archive_posting_t_LDADD = $(real_libs)
t_unit_archive_copies_plan_t_LDADD = $(real_libs)
t_unit_archive_sweep_t_LDADD = $(real_libs)
fuzz_targets += t/fuzz/mail
fuzz_targets += t/fuzz/relic

nodist_man_MANS += components/archive/annex-archive.8
CLEANFILES += components/archive/annex-archive.8
EXTRA_DIST += components/archive/archive.8
manuals += components/archive/archive.8

conf_samples += conf/archive.conf

systemdsystemunit_DATA += conf/systemd/annex-archive.service
CLEANFILES += conf/systemd/annex-archive.service
EXTRA_DIST += conf/systemd/annex-archive.service.in

EXTRA_DIST += components/archive/packages components/archive/configure.m4 \
	components/archive/policy.yaml
EXTRA_DIST += components/archive/CONFORMANCE components/archive/packages \
	components/archive/configure.m4 \
	components/archive/policy.yaml components/archive/policyserver.py
CONFIGURE_DEPENDENCIES += $(srcdir)/components/archive/configure.m4
