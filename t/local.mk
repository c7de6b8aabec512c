# The tests: make check, bench, fuzz and soak.

EXTRA_DIST += t/style.t t/conf.t t/configure.t t/conformance.t t/eunit.t \
	t/fuzz.t t/fuzz/run t/lib/shim.lua t/lib/unit.lua \
	t/lib/ejabberd/mod_editing.erl t/lib/ejabberd/released.erl \
	t/lib/prosody/mod_editing.lua \
	t/lib/prosody/mod_failing.lua t/lib/prosody/mod_hangup.lua \
	t/lib/prosody/mod_loopback.lua \
	t/lib/prosody/mod_unloading.lua

unit_tests += \
	t/unit/adhoc.t \
	t/unit/adhoc_form.t \
	t/unit/adhoc_node.t \
	t/unit/adhoc_session.t \
	t/unit/archive_about.t \
	t/unit/archive_address.t \
	t/unit/archive_burial.t \
	t/unit/archive_burial_room.t \
	t/unit/archive_attendance.t \
	t/unit/archive_cells.t \
	t/unit/archive_attendance_plan.t \
	t/unit/archive_ends.t \
	t/unit/archive_event.t \
	t/unit/archive_hearsay.t \
	t/unit/archive_hearsay_plan.t \
	t/unit/archive_hold.t \
	t/unit/archive_late.t \
	t/unit/archive_late_plan.t \
	t/unit/archive_month.t \
	t/unit/archive_obituary.t \
	t/unit/archive_outlet.t \
	t/unit/archive_page.t \
	t/unit/archive_page_plan.t \
	t/unit/archive_page_walk.t \
	t/unit/archive_page_words.t \
	t/unit/archive_profile.t \
	t/unit/archive_range.t \
	t/unit/archive_rest.t \
	t/unit/archive_row.t \
	t/unit/archive_row_text.t \
	t/unit/archive_search.t \
	t/unit/archive_search_links.t \
	t/unit/archive_search_plan.t \
	t/unit/archive_shelving.t \
	t/unit/archive_texts.t \
	t/unit/archive_tombstone.t \
	t/unit/archive_words.t \
	t/unit/archive_write.t \
	t/unit/archive_write_events.t \
	t/unit/archive_writer.t \
	t/unit/arena.t \
	t/unit/askings.t \
	t/unit/audit.t \
	t/unit/backoff.t \
	t/unit/bundle.t \
	t/unit/call.t \
	t/unit/causes.t \
	t/unit/check.t \
	t/unit/clock.t \
	t/unit/command.t \
	t/unit/component.t \
	t/unit/content.t \
	t/unit/control.t \
	t/unit/control_request.t \
	t/unit/control_socket.t \
	t/unit/copies.t \
	t/unit/crowd.t \
	t/unit/daemon.t \
	t/unit/dial.t \
	t/unit/digest.t \
	t/unit/disco.t \
	t/unit/dispatch.t \
	t/unit/drain.t \
	t/unit/drain_batch.t \
	t/unit/drain_doubt.t \
	t/unit/drain_refusals.t \
	t/unit/drain_trial.t \
	t/unit/drain_wait.t \
	t/unit/ejabberd_record.t \
	t/unit/entity.t \
	t/unit/erlang.t \
	t/unit/error.t \
	t/unit/fanout.t \
	t/unit/fanout_shim.t \
	t/unit/fold.t \
	t/unit/form.t \
	t/unit/forward.t \
	t/unit/handler.t \
	t/unit/handshake.t \
	t/unit/health.t \
	t/unit/groups.t \
	t/unit/hook.t \
	t/unit/hook_allowed.t \
	t/unit/hook_answer.t \
	t/unit/hook_event.t \
	t/unit/hook_host.t \
	t/unit/hook_request.t \
	t/unit/http.t \
	t/unit/httpclient.t \
	t/unit/inbox.t \
	t/unit/jid.t \
	t/unit/jid_routed.t \
	t/unit/journal.t \
	t/unit/journal_level.t \
	t/unit/journal_puts.t \
	t/unit/lag.t \
	t/unit/latency.t \
	t/unit/log.t \
	t/unit/log_pace.t \
	t/unit/lua.t \
	t/unit/mail.t \
	t/unit/mailing.t \
	t/unit/mam_answer.t \
	t/unit/mam_filter.t \
	t/unit/mam_fin.t \
	t/unit/mam_metadata.t \
	t/unit/mam_offer.t \
	t/unit/mam_query.t \
	t/unit/mam_result.t \
	t/unit/meeting.t \
	t/unit/metric.t \
	t/unit/migrate.t \
	t/unit/migrate_files.t \
	t/unit/multicast.t \
	t/unit/number.t \
	t/unit/outbox.t \
	t/unit/outfit.t \
	t/unit/output.t \
	t/unit/pace.t \
	t/unit/pairs.t \
	t/unit/parser.t \
	t/unit/prep.t \
	t/unit/process.t \
	t/unit/prosody_item.t \
	t/unit/query.t \
	t/unit/ranking.t \
	t/unit/router.t \
	t/unit/router_iq.t \
	t/unit/rsm.t \
	t/unit/scope.t \
	t/unit/scroll.t \
	t/unit/section.t \
	t/unit/serial.t \
	t/unit/serial_order.t \
	t/unit/service.t \
	t/unit/setting.t \
	t/unit/setting_load.t \
	t/unit/source.t \
	t/unit/spool_ejabberd.t \
	t/unit/spool_prosody.t \
	t/unit/spool_sql.t \
	t/unit/spread.t \
	t/unit/stanza.t \
	t/unit/status.t \
	t/unit/store.t \
	t/unit/store_list.t \
	t/unit/store_metrics.t \
	t/unit/store_pg.t \
	t/unit/store_pgcache.t \
	t/unit/store_pgflight.t \
	t/unit/store_pghost.t \
	t/unit/store_pglink.t \
	t/unit/store_request.t \
	t/unit/store_result.t \
	t/unit/store_sqlite.t \
	t/unit/store_sqlitedb.t \
	t/unit/store_sqlitefold.t \
	t/unit/store_sqlitegroup.t \
	t/unit/store_sqlitestmt.t \
	t/unit/str.t \
	t/unit/stream.t \
	t/unit/tables.t \
	t/unit/tag.t \
	t/unit/takeover.t \
	t/unit/transcript.t \
	t/unit/tree.t \
	t/unit/uplink.t \
	t/unit/utf8.t \
	t/unit/value.t \
	t/unit/wire.t \
	t/unit/xml.t \
	t/unit/xml_print.t

# Those that name what the beds stand in for, and want the real one.
t_unit_archive_attendance_t_LDADD = $(real_libs)
t_unit_archive_cells_t_LDADD = $(real_libs)
t_unit_archive_attendance_plan_t_LDADD = $(real_libs)
t_unit_archive_ends_t_LDADD = $(real_libs)
t_unit_archive_hearsay_t_LDADD = $(real_libs)
t_unit_archive_hearsay_plan_t_LDADD = $(real_libs)
t_unit_archive_hold_t_LDADD = $(real_libs)
t_unit_archive_late_t_LDADD = $(real_libs)
t_unit_archive_late_plan_t_LDADD = $(real_libs)
t_unit_archive_month_t_LDADD = $(real_libs)
t_unit_archive_obituary_t_LDADD = $(real_libs)
t_unit_archive_page_t_LDADD = $(real_libs)
t_unit_archive_page_plan_t_LDADD = $(real_libs)
t_unit_archive_page_walk_t_LDADD = $(real_libs)
t_unit_archive_page_words_t_LDADD = $(real_libs)
t_unit_archive_range_t_LDADD = $(real_libs)
t_unit_archive_search_t_LDADD = $(real_libs)
t_unit_archive_burial_t_LDADD = $(real_libs)
t_unit_archive_burial_room_t_LDADD = $(real_libs)
t_unit_archive_search_links_t_LDADD = $(real_libs)
t_unit_archive_search_plan_t_LDADD = $(real_libs)
t_unit_archive_shelving_t_LDADD = $(real_libs)
t_unit_archive_tombstone_t_LDADD = $(real_libs)
t_unit_archive_write_t_LDADD = $(real_libs)
t_unit_archive_write_events_t_LDADD = $(real_libs)
t_unit_archive_writer_t_LDADD = $(real_libs)
t_unit_audit_t_LDADD = $(real_libs)
t_unit_component_t_LDADD = $(real_libs)
t_unit_drain_t_LDADD = $(real_libs)
t_unit_drain_refusals_t_LDADD = $(real_libs)
t_unit_journal_t_LDADD = $(real_libs)
t_unit_migrate_t_LDADD = $(real_libs)
t_unit_tables_t_LDADD = $(real_libs)
t_unit_outfit_t_LDADD = $(real_libs)
t_unit_router_t_LDADD = $(real_libs)
t_unit_router_iq_t_LDADD = $(real_libs)
t_unit_service_t_LDADD = $(real_libs)
t_unit_spool_sql_t_LDADD = $(real_libs)
t_unit_store_t_LDADD = $(real_libs)
t_unit_store_pg_t_LDADD = $(real_libs)
t_unit_store_sqlite_t_LDADD = $(real_libs)
t_unit_uplink_t_LDADD = $(real_libs)

# A component's stanzas in and out, without a router and a database.
check_LIBRARIES += t/lib/libfake.a
bed_libs += t/lib/libfake.a
t_lib_libfake_a_SOURCES = \
	t/lib/declaration.c t/lib/declaration.h \
	t/lib/fake_router.c t/lib/fake_router.h \
	t/lib/fake_store.c t/lib/fake_store.h \
	t/lib/hookbed.c t/lib/hookbed.h
t_lib_libfake_a_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSCHEMADIR='"$(abs_top_srcdir)/schema"'

# Without what stands in for the store.
check_LIBRARIES += t/lib/libspoolbed.a
test_support += t/lib/libspoolbed.a
t_lib_libspoolbed_a_SOURCES = t/lib/spoolbed.c t/lib/spoolbed.h

# What they stand on, and others.
check_LIBRARIES += t/lib/libbed.a
t_lib_libbed_a_SOURCES = \
	t/lib/bed.c t/lib/bed.h \
	t/lib/printout.c t/lib/printout.h \
	t/lib/script.c t/lib/script.h

fuzz_targets += \
	t/fuzz/archive_attendance \
	t/fuzz/archive_row \
	t/fuzz/control \
	t/fuzz/form \
	t/fuzz/hook \
	t/fuzz/jid \
	t/fuzz/jid_routed \
	t/fuzz/mam_query \
	t/fuzz/scope \
	t/fuzz/setting \
	t/fuzz/xml

if FUZZ
check_PROGRAMS += $(fuzz_targets)
TEST_LIBS = $(FUZZ_ENGINE)
built_tests =
else
check_LIBRARIES += t/fuzz/libreplay.a
t_fuzz_libreplay_a_SOURCES = t/fuzz/replay.c
test_support += t/fuzz/libreplay.a
TEST_LIBS = $(CMOCKA_LIBS) -lm
if HAVE_CMOCKA
check_LIBRARIES += t/lib/libtest.a
t_lib_libtest_a_SOURCES = \
	t/lib/archivebed.c t/lib/archivebed.h \
	t/lib/callbed.c t/lib/callbed.h \
	t/lib/capture.c t/lib/capture.h \
	t/lib/chroniclebed.c t/lib/chroniclebed.h \
	t/lib/database.c t/lib/database.h \
	t/lib/drainbed.c t/lib/drainbed.h \
	t/lib/linkbed.c t/lib/linkbed.h \
	t/lib/notify.c t/lib/notify.h \
	t/lib/pagebed.c t/lib/pagebed.h \
	t/lib/peer.c t/lib/peer.h \
	t/lib/plan.c t/lib/plan.h \
	t/lib/settingbed.c t/lib/settingbed.h \
	t/lib/website.c t/lib/website.h
test_support += t/lib/libtest.a t/bench/libbench.a
check_PROGRAMS += $(unit_tests)
endif
check_PROGRAMS += $(fuzz_targets)
built_tests = $(unit_tests)
endif
test_support += t/lib/libbed.a

# make check T="t/unit/jid.t" runs one test, E2E=no leaves out those that
# start whole servers, PROVEFLAGS=-v shows all.
T =
E2E = yes
JOBS = 2
PROVEFLAGS =

test_env = E2E='$(E2E)' ANNEX_SRCDIR='$(abs_top_srcdir)' \
	ANNEX_BUILDDIR='$(abs_top_builddir)' \
	ANNEX_CC='$(CC)' ANNEX_CFLAGS='$(DEPENDENCY_CFLAGS)' \
	PYTHONDONTWRITEBYTECODE=1 PERL5LIB='$(abs_top_srcdir)/t/lib'

check-local:
if !HAVE_CMOCKA
	@echo "cmocka is missing (Debian package: libcmocka-dev)"; exit 1
endif
	@test -n '$(PROVE)' || \
		{ echo "prove is missing (Debian package: perl)"; exit 1; }
	@tests='$(T)'; \
	if test -z "$$tests"; then \
		test '$(E2E)' = no || \
			tests=`cd $(srcdir) && ls t/e2e/*/*.t`; \
		tests="$$tests $(built_tests) \
			`cd $(srcdir) && ls t/*.t t/lua/*.t`"; \
	fi; \
	paths=; \
	for t in $$tests; do \
		test -e "$$t" || t="$(srcdir)/$$t"; \
		paths="$$paths $$t"; \
	done; \
	$(test_env) $(PROVE) --harness Tally -j$(JOBS) $(PROVEFLAGS) $$paths

# Each target for FUZZ_SECS, in a build of its own where this is not one.
FUZZ_SECS = 600
FUZZ_JOBS = 2

.PHONY: check-programs fuzz soak bench

check-programs: $(check_PROGRAMS)

if FUZZ
fuzz: $(check_PROGRAMS)
	FUZZ_SECS=$(FUZZ_SECS) FUZZ_JOBS=$(FUZZ_JOBS) \
		$(srcdir)/t/fuzz/run $(fuzz_targets)
else
fuzz:
	$(MKDIR_P) build-fuzz
	cd build-fuzz && { test -f Makefile || \
		'$(abs_top_srcdir)/configure' CC=clang --enable-fuzz; }
	cd build-fuzz && $(MAKE) FUZZ_SECS=$(FUZZ_SECS) \
		FUZZ_JOBS=$(FUZZ_JOBS) fuzz
endif

# Repeats what starts whole servers, to find what fails once in a while; and
# kills more often than make check (ANNEX_ROUNDS), or has something last for
# longer (ANNEX_SECS).
SOAK_ROUNDS = 20

soak: all
	@round=1; while test $$round -le $(SOAK_ROUNDS); do \
		echo "round $$round of $(SOAK_ROUNDS)"; \
		ANNEX_ROUNDS=20 ANNEX_SECS=20 $(MAKE) check \
			T="`cd $(srcdir) && echo t/e2e/*/*.t`" \
			|| exit 1; \
		round=`expr $$round + 1`; \
	done

# How fast it is: BENCH="-q P1" is a short run of one figure.
BENCH =

EXTRA_LIBRARIES = t/bench/libbench.a
t_bench_libbench_a_SOURCES = \
	t/bench/client.c t/bench/client.h \
	t/bench/copies.c t/bench/copies.h \
	t/bench/cost.c t/bench/cost.h \
	t/bench/crowd.c t/bench/crowd.h \
	t/bench/element.c t/bench/element.h \
	t/bench/figure.c t/bench/figure.h \
	t/bench/latency.c t/bench/latency.h \
	t/bench/link.c t/bench/link.h \
	t/bench/mail.c t/bench/mail.h \
	t/bench/meeting.c t/bench/meeting.h \
	t/bench/pace.c t/bench/pace.h \
	t/bench/pairs.c t/bench/pairs.h \
	t/bench/plan.c t/bench/plan.h \
	t/bench/sessions.c t/bench/sessions.h \
	t/bench/shape.c t/bench/shape.h \
	t/bench/speech.c t/bench/speech.h \
	t/bench/spread.c t/bench/spread.h \
	t/bench/transcript.c t/bench/transcript.h \
	t/bench/usage.c t/bench/usage.h
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs) $(EXTRA_LIBRARIES)
EXTRA_DIST += t/bench/run
bench_programs = t/bench/arbiter t/bench/baseline t/bench/chat \
	t/bench/judge t/bench/load t/bench/shim t/bench/stub t/bench/tap
bench_libs = t/bench/libbench.a libannex.a $(DEPENDENCY_LIBS) -lm
t_bench_arbiter_LDADD = $(bench_libs)
t_bench_chat_LDADD = $(bench_libs)
t_bench_judge_LDADD = $(bench_libs)
t_bench_load_LDADD = $(bench_libs)
t_bench_shim_LDADD = $(bench_libs)
t_bench_stub_LDADD = $(bench_libs)
t_bench_tap_LDADD = $(bench_libs)
t_bench_baseline_LDADD = libannex.a $(DEPENDENCY_LIBS)

bench: all $(bench_programs)
	@$(test_env) $(srcdir)/t/bench/run $(BENCH)
