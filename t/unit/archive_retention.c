#include "components/archive/retention/retention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "components/archive/archivist.h"
#include "t/lib/tapbed.h"

#define ALL "SELECT count(*) FROM archive_message"
#define COUNT(what) "annex_archive_expired_total{what=\"" what "\"}"

#define FAILED "annex_archive_sweeps_total{outcome=\"failed\"}"

/* Two that have come long ago. */
static void
fill(struct tapbed *bed)
{
	tapbed_tap(bed, 1, "x1", "one");
	tapbed_tap(bed, 2, "x2", "two");
	tapbed_wait(bed, ALL, 2);
	database_do(bed->db, "UPDATE archive_message SET serial = "
		    "serial / 2");
}

static void
reload(struct tapbed *bed, const char *const *rules)
{
	bed->settings.retention = rules;
	bed->settings.retention_pause = 1;
	archivist_reload(bed->archive, &bed->settings);
}

static const char *const none[] = { NULL };
static const char *const rules[] = { "user r@example 1d", "all 2d", NULL };
static const char *const half[] = { "user r@example 1d", NULL };

static void
removes_what_is_over(void **state)
{
	struct tapbed *bed = *state;

	fill(bed);
	reload(bed, rules);
	tapbed_wait(bed, ALL, 0);
	tapbed_tap(bed, 3, "x3", "three");
	tapbed_wait(bed, ALL, 1);
	reload(bed, none);
	assert_int_equal(tapbed_metric(bed, COUNT("messages")), 2);
	assert_int_equal(tapbed_metric(bed, COUNT("copies")), 4);
	assert_int_equal(tapbed_metric(bed, COUNT("months")), 0);
	tapbed_wait(bed, "SELECT count(*) FROM audit_entry WHERE "
		    "who = 'retention' AND action = 'expired' AND detail = "
		    "'{\"copies\":4,\"messages\":2,\"months\":0,"
		    "\"events\":0}'", 1);
}

static void
looks_again_and_again(void **state)
{
	struct tapbed *bed = *state;

	reload(bed, rules);
	fill(bed);
	tapbed_wait(bed, ALL, 0);
	database_do(bed->db, "INSERT INTO archive_message (serial, sender, "
		    "recipient, ways, flags, type, uid) "
		    "VALUES (1, 1, 2, 3, 0, 1, 'x3')");
	tapbed_wait(bed, ALL, 0);
}

static void
tries_again_when_it_failed(void **state)
{
	struct tapbed *bed = *state;

	fill(bed);
	database_do(bed->db, "ALTER TABLE archive_hold RENAME TO away");
	reload(bed, rules);
	while (tapbed_metric(bed, FAILED) < 2)
		database_run(bed->db, 10);
	assert_int_equal(database_ask(bed->db, ALL), 2);
	database_do(bed->db, "ALTER TABLE away RENAME TO archive_hold");
	tapbed_wait(bed, ALL, 0);
}

static void
follows_the_settings(void **state)
{
	struct tapbed *bed = *state;

	fill(bed);
	reload(bed, half);
	tapbed_wait(bed, ALL " WHERE ways = 2", 2);
	reload(bed, rules);
	reload(bed, rules);
	tapbed_wait(bed, ALL, 0);
}

static void
ends_while_it_is_at_work(void **state)
{
	struct tapbed *bed = *state;

	fill(bed);
	for (int i = 0; i < 3; i++) {
		reload(bed, rules);
		database_run(bed->db, i * 500);
		tapbed_stop(bed);
		tapbed_start(bed);
	}
	tapbed_wait(bed, ALL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TAPBED_TEST(removes_what_is_over),
		TAPBED_TEST(looks_again_and_again),
		TAPBED_TEST(tries_again_when_it_failed),
		TAPBED_TEST(follows_the_settings),
		TAPBED_TEST(ends_while_it_is_at_work),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_retention", tests,
					   tapbed_folder, database_teardown);
}
