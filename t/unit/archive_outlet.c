#include "components/archive/outlet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/journal.h"
#include "t/lib/tapbed.h"

#define ALL "SELECT count(*) FROM archive_message"
#define LATE_ROUNDS 6000	/* of 10 ms */

static void
writes_by_its_number(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_tap(bed, 2, "x2", "two");
	tapbed_wait(bed, ALL, 2);
	tapbed_wait(bed, ALL " WHERE serial % 256 = (SELECT number FROM "
		    "archive_writer WHERE name = 'comp.example')", 2);
	tapbed_wait(bed, ALL " a JOIN archive_message b ON a.uid = 'x1' AND "
		    "b.uid = 'x2' WHERE a.serial < b.serial", 1);
}

static void
wait_trouble(struct tapbed *bed, const char *wanted)
{
	const char *trouble = NULL;

	for (int i = 0; i < LATE_ROUNDS; i++) {
		trouble = outlet_trouble(bed->archive->outlet);
		if (strcmp(trouble == NULL ? "" : trouble, wanted) == 0)
			return;
		database_run(bed->db, 10);
	}
	fail_msg("%s", trouble == NULL ? "none" : trouble);
}

static void
waits_for_a_number(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, "DELETE FROM archive_writer");
	database_do(bed->db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
		    "SELECT i + 1 FROM n WHERE i < 255) INSERT INTO "
		    "archive_writer SELECT i, 'n' || i FROM n");
	tapbed_stop(bed);
	tapbed_start(bed);
	tapbed_greet(bed, "e2");
	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait_ack(bed, 1);
	assert_int_equal(database_ask(bed->db, ALL), 0);
	wait_trouble(bed, "there is no number to write by, see the log");
	assert_int_equal(outlet_oldest_secs(bed->archive->outlet), -1);
	database_do(bed->db, "DELETE FROM archive_writer");
	tapbed_wait(bed, ALL, 1);
	wait_trouble(bed, "");
	for (int i = 0; i < LATE_ROUNDS &&
	     journal_count(bed->archive->journal).entries > 0; i++)
		database_run(bed->db, 10);
	assert_int_equal(outlet_oldest_secs(bed->archive->outlet), 0);
}

static void
says_that_all_is_refused(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, "CREATE TRIGGER away BEFORE INSERT ON "
		    "archive_message BEGIN SELECT RAISE(ABORT, 'away'); END");
	assert_null(outlet_trouble(bed->archive->outlet));
	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait_ack(bed, 1);
	wait_trouble(bed, "the database refuses all messages, see the log");
	for (int i = 0; i < LATE_ROUNDS &&
	     outlet_oldest_secs(bed->archive->outlet) < 1; i++)
		database_run(bed->db, 10);
	assert_true(outlet_oldest_secs(bed->archive->outlet) > 0);
	database_do(bed->db, "DROP TRIGGER away");
	tapbed_wait(bed, ALL, 1);
	wait_trouble(bed, "");
}

static void
on_put(void *ctx, const struct error *err)
{
	assert_null(err);
	*(bool *)ctx = true;
}

static void
puts_aside_what_nobody_has_put_in(void **state)
{
	struct tapbed *bed = *state;
	bool done = false;

	journal_put(bed->archive->journal, "nonsense", on_put, &done);
	database_wait(bed->db, &done);
	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait(bed, ALL, 1);
	for (int i = 0; i < LATE_ROUNDS &&
	     journal_count(bed->archive->journal).aside == 0; i++)
		database_run(bed->db, 10);
	assert_int_equal(journal_count(bed->archive->journal).aside, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TAPBED_TEST(writes_by_its_number),
		TAPBED_TEST(waits_for_a_number),
		TAPBED_TEST(says_that_all_is_refused),
		TAPBED_TEST(puts_aside_what_nobody_has_put_in),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_outlet", tests,
					   tapbed_folder, database_teardown);
}
