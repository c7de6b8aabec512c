#include "components/archive/journaling/arrears.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shared/clock.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"

#define SECTIONS "SELECT count(*) FROM archive_journaling WHERE " \
	"title = 'office' AND active = 1"
#define ROUNDS 1000	/* of 10 ms */

struct bed {
	struct database *db;
	struct arrears *arrears;
	int64_t id;
	unsigned opened;
};

static void
on_opened(void *ctx, int64_t id)
{
	struct bed *bed = ctx;

	bed->id = id;
	bed->opened++;
}

static void
begin(struct bed *bed)
{
	bed->arrears = arrears_new(&(struct arrears_plan){
		.loop = &bed->db->loop, .store = bed->db->store,
		.domain = "archive.example", .title = "office",
		.alarm_secs = 3600, .opened = on_opened, .ctx = bed,
	});
}

static int
new_bed(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	bed->db = archivebed_new(*(const enum database_kind *)*state);
	*state = bed;
	return 0;
}

static int
drop_bed(void **state)
{
	struct bed *bed = *state;

	if (bed->arrears != NULL)
		arrears_free(&bed->arrears);
	database_free(&bed->db);
	free(bed);
	return 0;
}

static void
wait_open(struct bed *bed)
{
	for (int i = 0; i < ROUNDS && bed->opened == 0; i++)
		database_run(bed->db, 10);
	assert_int_equal(bed->opened, 1);
}

/* One that is so old. */
static void
put(struct bed *bed, int64_t secs)
{
	struct database_answer answer = { 0 };

	store_write(bed->db->store, "INSERT INTO archive_post (journaling, "
		    "serial, sender, one, other) SELECT id, $1, 1, 1, 2 "
		    "FROM archive_journaling", STORE_VALUES(store_int(
			    serial_first_of(clock_now() -
					    secs * CLOCK_SECOND))),
		    database_take, &answer);
	database_wait(bed->db, &answer.done);
	assert_int_equal(answer.err.cond, ERROR_NONE);
	database_answer_fini(&answer);
}

static void
wait_count(struct bed *bed, uint64_t waiting)
{
	for (int i = 0; i < ROUNDS &&
	     arrears_count(bed->arrears).waiting != waiting; i++)
		database_run(bed->db, 10);
	assert_int_equal(arrears_count(bed->arrears).waiting, waiting);
}

static void
opens_its_section(void **state)
{
	struct bed *bed = *state;

	begin(bed);
	assert_int_equal(bed->opened, 0);
	wait_open(bed);
	assert_int_equal(database_ask(bed->db, SECTIONS), 1);
	assert_int_equal(database_ask(bed->db, "SELECT id FROM "
				      "archive_journaling"), bed->id);
	assert_int_equal(arrears_count(bed->arrears).waiting, 0);
	assert_int_equal(arrears_count(bed->arrears).oldest_secs, 0);
	assert_null(arrears_alarm(bed->arrears));
}

static void
counts_again_and_again(void **state)
{
	struct bed *bed = *state;

	begin(bed);
	wait_open(bed);
	put(bed, 60);
	wait_count(bed, 1);
	assert_in_range(arrears_count(bed->arrears).oldest_secs, 60, 90);
	assert_null(arrears_alarm(bed->arrears));
}

static void
alarms_by_age_and_by_what_was_set_aside(void **state)
{
	struct bed *bed = *state;

	begin(bed);
	wait_open(bed);
	arrears_free(&bed->arrears);
	bed->opened = 0;
	put(bed, 4000);
	database_do(bed->db, "INSERT INTO archive_post_aside (journaling, "
		    "serial, sender, one, other, stamp, reason) SELECT id, "
		    "1, 1, 1, 2, 1, 'no' FROM archive_journaling");
	begin(bed);
	wait_count(bed, 1);
	assert_int_equal(arrears_count(bed->arrears).aside, 1);
	assert_string_equal(arrears_alarm(bed->arrears),
			    "mails of messages wait too long");
	arrears_set_alarm(bed->arrears, 7200);
	put(bed, 100);
	wait_count(bed, 2);
	assert_string_equal(arrears_alarm(bed->arrears),
			    "mails of messages were set aside");
}

/* As when it is not there yet. */
static void
asks_until_the_database_answers(void **state)
{
	struct bed *bed = *state;

	database_do(bed->db, "ALTER TABLE archive_journaling RENAME TO away");
	begin(bed);
	database_ask(bed->db, "SELECT 1");
	assert_int_equal(bed->opened, 0);
	database_do(bed->db, "ALTER TABLE away RENAME TO archive_journaling");
	wait_open(bed);
}

/* Before the store has answered. */
static void
goes_at_any_time(void **state)
{
	struct bed *bed = *state;

	begin(bed);
	arrears_free(&bed->arrears);
	assert_null(bed->arrears);
	database_ask(bed->db, "SELECT 1");
	assert_int_equal(bed->opened, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, drop_bed)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opens_its_section),
		TEST(counts_again_and_again),
		TEST(alarms_by_age_and_by_what_was_set_aside),
		TEST(asks_until_the_database_answers),
		TEST(goes_at_any_time),
	};

	return archivebed_run("archive_arrears", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
