#include "components/archive/keep/pledge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "components/archive/archive.h"
#include "components/archive/keep/compliance.h"
#include "shared/component.h"
#include "shared/groups.h"
#include "t/lib/archivebed.h"

#define LATE_ROUNDS 1000
#define TURN_MS 10

#define COUNT(db, where) \
	database_ask(db, "SELECT count(*) FROM archive_kept WHERE " where)

static const char *const nobody[] = { NULL };
static const char *const users[] = { "r@a", "hall@rooms", NULL };
static const char *const domains[] = { "b", NULL };
static const char *const names[] = { "traders", NULL };
static const char *const traders[] = { "t@c", "r@a", NULL };
static const char *const others[] = { "x@c", NULL };

static const struct groups_settings trading = { traders, domains };
static const struct groups_settings idle = { others, nobody };
static const struct setting_titled groups[] = {
	{ "idle", &idle }, { "traders", &trading }, { .title = NULL },
};

static const struct compliance_settings all = {
	.users = users, .domains = nobody, .groups = names,
	.hints = true, .retractions = true,
};
static const struct compliance_settings hints = {
	.users = others, .domains = nobody, .groups = nobody, .hints = true,
};
static const struct setting_titled sections[] = {
	{ "all", &all }, { "hints", &hints }, { .title = NULL },
};

struct bed {
	struct database *db;
	struct runtime runtime;
	struct archive_settings settings;
	struct archive archive;
	struct pledge *pledge;
};

static struct bed bed;

static int
setup(void **state)
{
	bed = (struct bed){
		.db = archivebed_new(*(const enum database_kind *)*state),
		.settings = { .compliance = sections, .group = groups },
	};
	bed.runtime.loop = &bed.db->loop;
	bed.runtime.store = bed.db->store;
	bed.runtime.domain = "archive.a";
	bed.archive.runtime = &bed.runtime;
	bed.archive.settings = &bed.settings;
	bed.pledge = pledge_new(&bed.archive);
	*state = bed.db;
	return 0;
}

static int
teardown(void **state)
{
	if (bed.pledge != NULL)
		pledge_free(&bed.pledge);
	return database_drop(state);
}

static void
wait_count(int64_t wanted)
{
	for (int i = 0; i < LATE_ROUNDS; i++) {
		if (COUNT(bed.db, "keeper = 'archive.a'") == wanted)
			return;
		database_run(bed.db, TURN_MS);
	}
	fail_msg("never %d", (int)wanted);
}

static void
names_whom_sections_name(void **state)
{
	(void)state;
	wait_count(4);
	assert_int_equal(COUNT(bed.db, "whose IN ('r@a', 'hall@rooms', "
			       "'t@c', 'b')"), 4);
}

static void
takes_back_what_is_said_no_more(void **state)
{
	static const struct setting_titled none[] = { { .title = NULL } };

	(void)state;
	wait_count(4);
	database_do(bed.db, "INSERT INTO archive_kept (keeper, whose) "
		    "VALUES ('other.a', 'r@a')");
	bed.settings.compliance = none;
	pledge_renew(bed.pledge);
	wait_count(0);
	assert_int_equal(COUNT(bed.db, "true"), 1);
	pledge_renew(NULL);
}

static void
tells_what_changes_while_it_tells(void **state)
{
	static const struct setting_titled one[] = {
		{ "hints", &hints }, { .title = NULL },
	};

	(void)state;
	wait_count(4);
	pledge_renew(bed.pledge);
	bed.settings.compliance = one;
	pledge_renew(bed.pledge);
	wait_count(0);
}

static void
ends_while_it_is_asked(void **state)
{
	(void)state;
	pledge_renew(bed.pledge);
	pledge_free(&bed.pledge);
	assert_null(bed.pledge);
	pledge_free(&bed.pledge);
	wait_count(4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(names_whom_sections_name),
		TEST(takes_back_what_is_said_no_more),
		TEST(tells_what_changes_while_it_tells),
		TEST(ends_while_it_is_asked),
	};

	return archivebed_run("archive_pledge", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
