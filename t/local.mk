# The tests: make check, bench, fuzz and soak.

EXTRA_DIST += t/style.t t/conf.t t/configure.t t/conformance.t t/fuzz.t \
	t/fuzz/run

unit_tests += \
	t/unit/arena.t \
	t/unit/backoff.t \
	t/unit/check.t \
	t/unit/clock.t \
	t/unit/component.t \
	t/unit/crowd.t \
	t/unit/daemon.t \
	t/unit/dial.t \
	t/unit/disco.t \
	t/unit/dispatch.t \
	t/unit/entity.t \
	t/unit/error.t \
	t/unit/form.t \
	t/unit/handshake.t \
	t/unit/health.t \
	t/unit/http.t \
	t/unit/jid.t \
	t/unit/lag.t \
	t/unit/log.t \
	t/unit/metric.t \
	t/unit/migrate.t \
	t/unit/migrate_files.t \
	t/unit/parser.t \
	t/unit/prep.t \
	t/unit/process.t \
	t/unit/query.t \
	t/unit/router.t \
	t/unit/rsm.t \
	t/unit/scope.t \
	t/unit/section.t \
	t/unit/service.t \
	t/unit/setting.t \
	t/unit/setting_load.t \
	t/unit/source.t \
	t/unit/stanza.t \
	t/unit/store.t \
	t/unit/store_metrics.t \
	t/unit/store_pg.t \
	t/unit/store_pgcache.t \
	t/unit/store_pgflight.t \
	t/unit/store_pghost.t \
	t/unit/store_pglink.t \
	t/unit/store_request.t \
	t/unit/store_sqlite.t \
	t/unit/store_sqlitedb.t \
	t/unit/store_sqlitestmt.t \
	t/unit/str.t \
	t/unit/stream.t \
	t/unit/tree.t \
	t/unit/uplink.t \
	t/unit/value.t \
	t/unit/wire.t \
	t/unit/xml.t \
	t/unit/xml_print.t
fuzz_targets += \
	t/fuzz/form \
	t/fuzz/jid \
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
test_support = t/fuzz/libreplay.a
TEST_LIBS = $(CMOCKA_LIBS)
if HAVE_CMOCKA
check_LIBRARIES += t/lib/libtest.a
t_lib_libtest_a_SOURCES = \
	t/lib/bed.c t/lib/bed.h \
	t/lib/capture.c t/lib/capture.h \
	t/lib/database.c t/lib/database.h \
	t/lib/linkbed.c t/lib/linkbed.h \
	t/lib/notify.c t/lib/notify.h \
	t/lib/peer.c t/lib/peer.h \
	t/lib/settingbed.c t/lib/settingbed.h
test_support += t/lib/libtest.a t/bench/libbench.a
check_PROGRAMS += $(unit_tests)
endif
check_PROGRAMS += $(fuzz_targets)
built_tests = $(unit_tests)
endif

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
			`cd $(srcdir) && ls t/*.t`"; \
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

# Repeats what starts whole servers, to find what fails once in a while.
SOAK_ROUNDS = 20

soak: all
	@round=1; while test $$round -le $(SOAK_ROUNDS); do \
		echo "round $$round of $(SOAK_ROUNDS)"; \
		$(MAKE) check T="`cd $(srcdir) && echo t/e2e/*/*.t`" \
			|| exit 1; \
		round=`expr $$round + 1`; \
	done

# How fast it is, against a router that only counts: BENCH="-q P1" is short.
BENCH =

EXTRA_LIBRARIES = t/bench/libbench.a
t_bench_libbench_a_SOURCES = \
	t/bench/crowd.c t/bench/crowd.h \
	t/bench/element.c t/bench/element.h \
	t/bench/shape.c t/bench/shape.h \
	t/bench/usage.c t/bench/usage.h
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs) $(EXTRA_LIBRARIES)
EXTRA_DIST += t/bench/run
bench_programs = t/bench/stub t/bench/baseline
t_bench_stub_LDADD = t/bench/libbench.a libannex.a $(DEPENDENCY_LIBS)
t_bench_baseline_LDADD = libannex.a $(DEPENDENCY_LIBS)

bench: all $(bench_programs)
	@$(test_env) $(srcdir)/t/bench/run $(BENCH)
