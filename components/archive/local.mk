# annex-archive: the archive of users' messages.

noinst_LIBRARIES += components/archive/libarchive.a
component_libs += components/archive/libarchive.a $(PCRE2_LIBS) \
	$(UNISTRING_LIBS)

DEPENDENCY_CFLAGS += $(PCRE2_CFLAGS)
components_archive_libarchive_a_SOURCES = \
	components/archive/archive.c components/archive/archive.h \
	components/archive/archivist.c components/archive/archivist.h \
	components/archive/commands.c components/archive/commands.h \
	components/archive/command/period.c \
	components/archive/command/period.h \
	components/archive/command/role.c components/archive/command/role.h \
	components/archive/command/sieve.c components/archive/command/sieve.h \
	components/archive/keep/compliance.c \
	components/archive/keep/compliance.h \
	components/archive/keep/evidence.c \
	components/archive/keep/evidence.h \
	components/archive/keep/note.c components/archive/keep/note.h \
	components/archive/keep/pledge.c components/archive/keep/pledge.h \
	components/archive/keep/preference.c \
	components/archive/keep/preference.h \
	components/archive/keep/preferences.c \
	components/archive/keep/preferences.h \
	components/archive/keep/revision.c \
	components/archive/keep/revision.h \
	components/archive/keep/rule.c components/archive/keep/rule.h \
	components/archive/format/format.c components/archive/format/format.h \
	components/archive/format/link.c components/archive/format/link.h \
	components/archive/format/mail.c components/archive/format/mail.h \
	components/archive/format/mime.c components/archive/format/mime.h \
	components/archive/format/record.c components/archive/format/record.h \
	components/archive/search/annals.c \
	components/archive/search/eventlist.c \
	components/archive/search/eventlist-private.h \
	components/archive/search/eventlist.h \
	components/archive/search/export.c \
	components/archive/search/inspection.c \
	components/archive/search/lookup.c \
	components/archive/journaling/arrears.c \
	components/archive/journaling/arrears.h \
	components/archive/journaling/journaling.c \
	components/archive/journaling/journaling.h \
	components/archive/journaling/letter.c \
	components/archive/journaling/letter.h \
	components/archive/journaling/post.c \
	components/archive/journaling/post.h \
	components/archive/journaling/postbag.c \
	components/archive/journaling/postbag.h \
	components/archive/journaling/posting.c \
	components/archive/journaling/postman.c \
	components/archive/journaling/postman.h \
	components/archive/journaling/postoffice.c \
	components/archive/journaling/postoffice.h \
	components/archive/journaling/receiver.c \
	components/archive/journaling/receiver.h \
	components/archive/journaling/smtp.c \
	components/archive/journaling/smtp.h \
	components/archive/journaling/smtp_check.c \
	components/archive/import/legacy.c components/archive/import/legacy.h \
	components/archive/import/relic.c components/archive/import/relic.h \
	components/archive/rules/amendment.c \
	components/archive/rules/amendment.h \
	components/archive/rules/clause.c \
	components/archive/rules/clause-private.h \
	components/archive/rules/clause.h \
	components/archive/rules/clause_read.c \
	components/archive/rules/concern.c components/archive/rules/concern.h \
	components/archive/rules/exhibit.c components/archive/rules/exhibit.h \
	components/archive/rules/globs.c components/archive/rules/globs.h \
	components/archive/rules/hostname.c \
	components/archive/rules/hostname.h \
	components/archive/rules/offer.c components/archive/rules/offer.h \
	components/archive/rules/party.c components/archive/rules/party.h \
	components/archive/rules/pattern.c components/archive/rules/pattern.h \
	components/archive/rules/plain.c components/archive/rules/plain.h \
	components/archive/rules/rate.c components/archive/rules/rate.h \
	components/archive/rules/rulebook.c \
	components/archive/rules/rulebook.h \
	components/archive/rules/ruling.c components/archive/rules/ruling.h \
	components/archive/rules/wares.c components/archive/rules/wares.h \
	components/archive/policy/backlog.c \
	components/archive/policy/backlog.h \
	components/archive/policy/claim.c components/archive/policy/claim.h \
	components/archive/policy/court.c components/archive/policy/court.h \
	components/archive/policy/decree.c components/archive/policy/decree.h \
	components/archive/policy/docket.c components/archive/policy/docket.h \
	components/archive/policy/hearing.c \
	components/archive/policy/hearing.h \
	components/archive/policy/held.c components/archive/policy/held.h \
	components/archive/policy/inquiry.c \
	components/archive/policy/inquiry.h \
	components/archive/policy/judge.c components/archive/policy/judge.h \
	components/archive/policy/ledger.c components/archive/policy/ledger.h \
	components/archive/policy/policy.c components/archive/policy/policy.h \
	components/archive/policy/probe.c components/archive/policy/probe.h \
	components/archive/policy/question.c \
	components/archive/policy/question.h \
	components/archive/policy/rehearsal.c \
	components/archive/policy/retrial.c \
	components/archive/policy/retrial.h \
	components/archive/policy/review.c components/archive/policy/review.h \
	components/archive/policy/sentence.c \
	components/archive/policy/sentence.h \
	components/archive/policy/verdict.c \
	components/archive/policy/verdict.h \
	components/archive/retention/calendar.c \
	components/archive/retention/calendar.h \
	components/archive/retention/clearance.c \
	components/archive/retention/clearance.h \
	components/archive/retention/copies.c \
	components/archive/retention/copies-private.h \
	components/archive/retention/copies.h \
	components/archive/retention/deeds.c \
	components/archive/retention/deeds-private.h \
	components/archive/retention/deeds.h \
	components/archive/retention/erasure.c \
	components/archive/retention/erasure.h \
	components/archive/retention/estimate.c \
	components/archive/retention/forecast.c \
	components/archive/retention/lapse.c \
	components/archive/retention/lapse.h \
	components/archive/retention/matter.c \
	components/archive/retention/matter.h \
	components/archive/retention/pending.c \
	components/archive/retention/pending.h \
	components/archive/retention/retention.c \
	components/archive/retention/retention.h \
	components/archive/retention/sweep.c \
	components/archive/retention/sweep.h \
	components/archive/retention/tenure.c \
	components/archive/retention/tenure.h \
	components/archive/retention/traces.c \
	components/archive/retention/traces.h \
	components/archive/retention/visits.c \
	components/archive/retention/visits-private.h \
	components/archive/retention/visits.h \
	components/archive/intake/closing.c \
	components/archive/intake/diary.c components/archive/intake/diary.h \
	components/archive/intake/disclosure.c \
	components/archive/intake/disclosure.h \
	components/archive/intake/intake.c components/archive/intake/intake.h \
	components/archive/intake/occasion.c \
	components/archive/intake/occasion.h \
	components/archive/intake/removals.c \
	components/archive/intake/removals.h \
	components/archive/intake/reminder.c \
	components/archive/intake/reminder.h \
	components/archive/intake/tap.c components/archive/intake/tap.h \
	components/archive/intake/window.c components/archive/intake/window.h \
	components/archive/desk/desk.c components/archive/desk/desk.h \
	components/archive/desk/handout.c components/archive/desk/handout.h \
	components/archive/desk/readers.c components/archive/desk/readers.h \
	components/archive/desk/reading.c components/archive/desk/reading.h \
	components/archive/desk/retraction.c \
	components/archive/desk/retraction.h

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
	t/lib/askbed.c t/lib/askbed.h \
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
	t/unit/archive_arrears.t \
	t/unit/archive_backlog.t \
	t/unit/archive_claim.t \
	t/unit/archive_clearance.t \
	t/unit/archive_clause.t \
	t/unit/archive_concern.t \
	t/unit/archive_compliance.t \
	t/unit/archive_copies_plan.t \
	t/unit/archive_decree.t \
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
	t/unit/archive_ledger.t \
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
	t/unit/archive_pledge.t \
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
	t/unit/archive_receiver.t \
	t/unit/archive_removals.t \
	t/unit/archive_reminder.t \
	t/unit/archive_record.t \
	t/unit/archive_rehearsal.t \
	t/unit/archive_relic.t \
	t/unit/archive_retention.t \
	t/unit/archive_retraction.t \
	t/unit/archive_retrial.t \
	t/unit/archive_review.t \
	t/unit/archive_revision.t \
	t/unit/archive_role.t \
	t/unit/archive_rule.t \
	t/unit/archive_rulebook.t \
	t/unit/archive_ruling.t \
	t/unit/archive_smtp.t \
	t/unit/archive_sweep.t \
	t/unit/archive_tap.t \
	t/unit/archive_tenure.t \
	t/unit/archive_verdict.t \
	t/unit/archive_visits_plan.t \
	t/unit/archive_wares.t \
	t/unit/archive_window.t
fuzz_targets += t/fuzz/preference t/fuzz/plain
fuzz_targets += t/fuzz/occasion

fuzz_targets += t/fuzz/ruling
t_unit_archive_annals_t_LDADD = $(real_libs)
t_unit_archive_arrears_t_LDADD = $(real_libs)
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
t_unit_archive_clearance_t_LDADD = $(real_libs)
t_unit_archive_copies_plan_t_LDADD = $(real_libs)
t_unit_archive_sweep_t_LDADD = $(real_libs)
t_unit_archive_visits_plan_t_LDADD = $(real_libs)
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
