#include "components/archive/retention/lapse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/archivist.h"
#include "components/archive/policy/claim.h"
#include "t/lib/tapbed.h"

#define LEFT "SELECT count(*) FROM archive_held"
#define NOTED "SELECT count(*) FROM audit_entry WHERE who = 'retention' " \
	"AND action = 'lapsed' AND detail = " \
	"'{\"id\":\"k1\",\"policy\":\"p\",\"since\":\"1970-01-01T00:00:00Z\"}'"
#define KEEP(uid, since) \
	"INSERT INTO archive_held VALUES ('" uid "', 'example', 0, 'p', 0, " \
	since ", 'r@a/x', 'j@b', '<message/>', '')"
static const char *const rules[] = { "user r@example 1d", NULL };

#define LATER "4000000000000000"

static void
reload(struct tapbed *bed, unsigned secs)
{
	bed->settings.held_for = secs;
	bed->settings.retention_pause = 1;
	archivist_reload(bed->archive, &bed->settings);
}

#define SWEEPS "annex_archive_sweeps_total{outcome=\"done\"}"

/* It would have been looked at twice: as often as retention does. */
static void
wait_twice(struct tapbed *bed)
{
	long long before = tapbed_metric(bed, SWEEPS);

	while (tapbed_metric(bed, SWEEPS) < before + 3)
		database_run(bed->db, 10);
}

/* One that came later goes, so all before was looked at. */
static void
wait_passed(struct tapbed *bed)
{
	database_do(bed->db, "INSERT INTO archive_held VALUES ('k9', "
		    "'example', 0, 'p', 0, 9, 'n@c', 't@d', '<message/>', "
		    "'')");
	tapbed_wait(bed, LEFT " WHERE uid = 'k9'", 0);
}

static void
removes_what_nobody_decides_about(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, KEEP("k1", "1"));
	database_do(bed->db, KEEP("k2", LATER));
	reload(bed, 3600);
	tapbed_wait(bed, LEFT, 1);
	assert_int_equal(database_ask(bed->db, NOTED), 1);
	assert_int_equal(database_ask(bed->db, LEFT " WHERE uid = 'k2'"), 1);
	database_do(bed->db, KEEP("k3", "3"));
	tapbed_wait(bed, LEFT, 1);
	assert_int_equal(tapbed_metric(bed, "annex_archive_lapsed_total"), 2);
}

static void
leaves_all_without_the_setting(void **state)
{
	struct tapbed *bed = *state;

	bed->settings.retention = rules;
	database_do(bed->db, KEEP("k1", "1"));
	reload(bed, 0);
	wait_twice(bed);
	reload(bed, 3600);
	tapbed_wait(bed, LEFT, 0);
	reload(bed, 0);
	database_do(bed->db, KEEP("k1", "1"));
	wait_twice(bed);
	assert_int_equal(database_ask(bed->db, LEFT), 1);
}

/* By a hold, or as somebody decides just now. */
static void
leaves_what_is_not_to_go(void **state)
{
	struct tapbed *bed = *state;
	struct claim claim;

	database_do(bed->db, KEEP("k1", "1"));
	database_do(bed->db, "INSERT INTO archive_hold VALUES ('m', 'b', 0, 9, "
		    "'w', 0, NULL)");
	reload(bed, 3600);
	wait_passed(bed);
	assert_true(claim_take(&bed->archive->claims, &claim, "k1"));
	database_do(bed->db, "DELETE FROM archive_hold");
	wait_passed(bed);
	claim_drop(&bed->archive->claims, &claim);
	tapbed_wait(bed, LEFT, 0);
	assert_int_equal(database_ask(bed->db, NOTED), 1);
}

/* And it is written down first. */
static void
removes_nothing_without_the_audit_log(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, "CREATE TRIGGER forbid BEFORE INSERT ON "
		    "audit_entry BEGIN SELECT RAISE(ABORT, 'no'); END");
	database_do(bed->db, KEEP("k1", "1"));
	reload(bed, 3600);
	while (database_metric(bed->db, "annex_store_refused_total") < 2)
		database_run(bed->db, 10);
	assert_int_equal(database_ask(bed->db, LEFT), 1);
	database_do(bed->db, "DROP TRIGGER forbid");
	tapbed_wait(bed, LEFT, 0);
}

static void
counts_what_there_is(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, KEEP("k1", "1"));
	database_do(bed->db, KEEP("k2", "2"));
	database_do(bed->db, "UPDATE archive_held SET waits = 'p' "
		    "WHERE uid = 'k2'");
	tapbed_stop(bed);
	tapbed_start(bed);
	while (tapbed_metric(bed, "annex_archive_held") != 2)
		database_run(bed->db, 10);
	assert_int_equal(tapbed_metric(bed, "annex_archive_held_for_review"),
			 1);
	assert_in_range(tapbed_metric(
				bed, "annex_archive_held_oldest_seconds"),
			1700000000, INT64_MAX);
}

static void
ends_while_it_is_at_work(void **state)
{
	struct tapbed *bed = *state;

	for (int i = 0; i < 4; i++) {
		database_do(bed->db, KEEP("k1", "1"));
		reload(bed, 3600);
		database_run(bed->db, 990 + i * 5);
		tapbed_stop(bed);
		tapbed_start(bed);
		reload(bed, 3600);
		tapbed_wait(bed, LEFT, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TAPBED_TEST(removes_what_nobody_decides_about),
		TAPBED_TEST(leaves_all_without_the_setting),
		TAPBED_TEST(leaves_what_is_not_to_go),
		TAPBED_TEST(removes_nothing_without_the_audit_log),
		TAPBED_TEST(counts_what_there_is),
		TAPBED_TEST(ends_while_it_is_at_work),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_lapse", tests,
					   tapbed_folder, database_teardown);
}
