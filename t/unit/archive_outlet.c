#include "shared/archive_outlet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/journal.h"
#include "shared/str.h"
#include "t/lib/tapbed.h"

#define ALL "SELECT count(*) FROM archive_message"
#define LATE_ROUNDS 6000	/* of 10 ms */

static void
on_put(void *ctx, const struct error *err)
{
	assert_null(err);
	*(bool *)ctx = true;
}

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

#define FUTURE "4102444800000000 * 256"	/* 2100-01-01 */

/* As when the clock was set back while it was not there. */
static void
goes_on_behind_what_is_stored(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait(bed, ALL, 1);
	tapbed_wait_drained(bed);
	tapbed_stop(bed);
	database_do(bed->db, "UPDATE archive_message SET serial = " FUTURE);
	database_do(bed->db, "UPDATE archive_writer SET last = " FUTURE);
	tapbed_start(bed);
	tapbed_greet(bed, "e2");
	tapbed_tap(bed, 1, "x2", "two");
	tapbed_tap(bed, 2, "x3", "three");
	tapbed_wait(bed, ALL " WHERE serial / 256 = 4102444800000001 "
		    "AND uid = 'x2'", 1);
	tapbed_wait(bed, ALL " WHERE serial / 256 = 4102444800000002 "
		    "AND uid = 'x3'", 1);
}

/* The journal has what came before the clock was set back, and after that. */
static void
keeps_the_order_of_what_waits(void **state)
{
	struct tapbed *bed = *state;
	struct str text = { 0 };
	struct archive_row row = {
		.mark = { 4102444800000000 * 256, 1, "x0", ARCHIVE_SENT, 0 },
		.sender = "r@example", .recipient = "j@example",
		.resource = "", .to_resource = "", .body = "zero",
	};
	bool done = false;

	tapbed_lock_database(bed);
	archive_row_print(&text, &row);
	journal_put(bed->archive->journal, text.data, on_put, &done);
	database_wait(bed->db, &done);
	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait_ack(bed, 1);
	tapbed_unlock(bed);
	tapbed_wait(bed, ALL " WHERE serial / 256 = 4102444800000001 "
		    "AND uid = 'x1'", 1);
	str_fini(&text);
}

static void
wait_trouble(struct tapbed *bed, const char *wanted)
{
	const char *trouble = NULL;

	for (int i = 0; i < LATE_ROUNDS; i++) {
		trouble = archive_outlet_trouble(bed->archive->outlet);
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
		    "archive_writer (number, name) SELECT i, 'n' || i "
		    "FROM n");
	tapbed_stop(bed);
	tapbed_start(bed);
	tapbed_greet(bed, "e2");
	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait_ack(bed, 1);
	assert_int_equal(database_ask(bed->db, ALL), 0);
	wait_trouble(bed, "there is no number to write by, see the log");
	assert_int_equal(archive_outlet_oldest_secs(bed->archive->outlet), -1);
	database_do(bed->db, "DELETE FROM archive_writer");
	tapbed_wait(bed, ALL, 1);
	wait_trouble(bed, "");
	tapbed_wait_drained(bed);
	assert_int_equal(archive_outlet_oldest_secs(bed->archive->outlet), 0);
}

static void
says_that_all_is_refused(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, "CREATE TRIGGER away BEFORE INSERT ON "
		    "archive_message BEGIN SELECT RAISE(ABORT, 'away'); END");
	assert_null(archive_outlet_trouble(bed->archive->outlet));
	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait_ack(bed, 1);
	wait_trouble(bed, "the database refuses all messages, see the log");
	for (int i = 0; i < LATE_ROUNDS &&
	     archive_outlet_oldest_secs(bed->archive->outlet) < 1; i++)
		database_run(bed->db, 10);
	assert_true(archive_outlet_oldest_secs(bed->archive->outlet) > 0);
	database_do(bed->db, "DROP TRIGGER away");
	tapbed_wait(bed, ALL, 1);
	wait_trouble(bed, "");
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
		TAPBED_TEST(goes_on_behind_what_is_stored),
		TAPBED_TEST(keeps_the_order_of_what_waits),
		TAPBED_TEST(waits_for_a_number),
		TAPBED_TEST(says_that_all_is_refused),
		TAPBED_TEST(puts_aside_what_nobody_has_put_in),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_outlet", tests,
					   tapbed_folder, database_teardown);
}
