#include "shared/drain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_write.h"
#include "shared/drain_wait.h"
#include "shared/journal.h"
#include "t/lib/archivebed.h"
#include "t/lib/drainbed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define LATE_ROUNDS 6000	/* of 10 ms */
#define MANY (3 * ARCHIVE_WRITE_ROWS + 200)
/* Batches that it has at the most. */
#define BATCHES 7

static void
drains_what_comes(void **state)
{
	struct drainbed *bed = *state;

	drainbed_open_journal(bed);
	drainbed_begin(bed);
	drainbed_put_many(bed, 1, 3);
	drainbed_wait_drained(bed, 0);
	drainbed_assert_written(bed, 3);
	drainbed_put_many(bed, 4, MANY);
	drainbed_wait_drained(bed, 0);
	drainbed_assert_written(bed, MANY);
	assert_int_equal(database_ask(bed->db, DRAINBED_COUNT
				      " WHERE body = 'Wherefore?'"), MANY);
	assert_int_equal(drainbed_metric(bed, "annex_journal_drained_total"),
			 MANY);
	assert_int_equal(drainbed_metric(bed, "annex_journal_oldest_seconds"),
			 0);
}

static void
drains_what_was_in_before(void **state)
{
	struct drainbed *bed = *state;

	drainbed_open_journal(bed);
	drainbed_put_many(bed, 1, MANY);
	drainbed_wait_told(bed);
	drainbed_close_journal(bed);
	/* It opens while there is a drain, and then before. */
	drainbed_begin_journal(bed);
	drainbed_begin(bed);
	drainbed_wait_metric(bed, "annex_journal_drained_total", MANY);
	drainbed_assert_written(bed, MANY);
	assert_int_equal(bed->taken, MANY);
	drain_free(&bed->drain);
	drainbed_put_many(bed, MANY + 1, MANY + 9);
	drainbed_wait_told(bed);
	drainbed_close_journal(bed);
	drainbed_open_journal(bed);
	drainbed_begin(bed);
	drainbed_wait_drained(bed, 0);
	drainbed_assert_written(bed, MANY + 9);
}

static void
waits_for_the_database(void **state)
{
	struct drainbed *bed = *state;

	drainbed_open_journal(bed);
	drainbed_begin(bed);
	drainbed_put_many(bed, 1, 2);
	drainbed_wait_drained(bed, 0);
	drainbed_go_away(bed);
	drainbed_put_many(bed, 3, MANY);
	drainbed_wait_told(bed);
	database_run(bed->db, 1200);
	assert_int_equal(journal_count(bed->journal).entries, MANY - 2);
	assert_true(drainbed_metric(bed, "annex_journal_oldest_seconds") >= 1);
	drainbed_come_back(bed);
	drainbed_wait_drained(bed, 0);
	drainbed_assert_written(bed, MANY);
}

/* Several batches wait for it, and go together. */
static void
reads_ahead_so_far(void **state)
{
	struct drainbed *bed = *state;
	unsigned last = (BATCHES + 2) * ARCHIVE_WRITE_ROWS;

	drainbed_open_journal(bed);
	drainbed_put_many(bed, 1, last);
	drainbed_wait_told(bed);
	drainbed_go_away(bed);
	drainbed_begin(bed);
	for (int i = 0; i < LATE_ROUNDS &&
	     bed->taken < BATCHES * ARCHIVE_WRITE_ROWS; i++)
		database_run(bed->db, 10);
	database_run(bed->db, 50);
	assert_int_equal(bed->taken, BATCHES * ARCHIVE_WRITE_ROWS);
	drainbed_come_back(bed);
	drainbed_wait_drained(bed, 0);
	drainbed_assert_written(bed, last);
	if (bed->db->kind == DATABASE_POSTGRES)
		assert_in_range(database_ask(bed->db, "SELECT count(DISTINCT "
				"CAST(xmin AS TEXT)) FROM archive_message"),
				1, BATCHES + 1);
}

#define QUEUE 30000

/* What the store cannot take is not lost. */
static void
tries_again_what_the_store_lost(void **state)
{
	struct drainbed *bed = *state;
	static char large[QUEUE];

	memset(large, 'x', sizeof(large) - 1);
	database_close(bed->db, 10);
	archive_write_free(&bed->write);
	bed->db->settings.queue_bytes = QUEUE;
	database_open(bed->db);
	database_wait_up(bed->db, true);
	bed->write = archive_write_new(bed->db->store, 100);
	drainbed_open_journal(bed);
	drainbed_go_away(bed);
	store_write(bed->db->store, "DELETE FROM archive_message WHERE "
		    "body = $1", STORE_VALUES(store_text(large)), NULL, NULL);
	drainbed_begin(bed);
	drainbed_put_many(bed, 1, 30);
	drainbed_wait_told(bed);
	database_run(bed->db, 500);
	assert_int_equal(journal_count(bed->journal).entries, 30);
	assert_true(database_metric(bed->db, "annex_store_lost_total") > 0);
	drainbed_come_back(bed);
	drainbed_wait_drained(bed, 0);
	drainbed_assert_written(bed, 30);
}

static void
copy(const char *from, const char *to)
{
	char command[512];

	snprintf(command, sizeof(command), "cp '%s' '%s'", from, to);
	assert_int_equal(system(command), 0);
}

/* As after a kill between the database's commit and the journal's. */
static void
writes_once_what_comes_again(void **state)
{
	struct drainbed *bed = *state;
	char before[160];

	drainbed_refuse_poison(bed);
	drainbed_open_journal(bed);
	drainbed_put_many(bed, 1, 600);
	drainbed_put(bed, 700, "poison");
	drainbed_wait_told(bed);
	drainbed_close_journal(bed);
	snprintf(before, sizeof(before), "%s.before", bed->path);
	copy(bed->path, before);
	drainbed_open_journal(bed);
	drainbed_begin(bed);
	drainbed_wait_drained(bed, 1);
	drainbed_end(bed);
	copy(before, bed->path);
	drainbed_open_journal(bed);
	drainbed_begin(bed);
	drainbed_wait_drained(bed, 1);
	drainbed_assert_written(bed, 600);
	assert_int_equal(drainbed_metric(bed, "annex_journal_drained_total"),
			 600);
}

/* At whatever it was, all is there in the end. */
static void
may_be_freed_at_any_time(void **state)
{
	struct drainbed *bed = *state;

	drainbed_refuse_poison(bed);
	for (unsigned i = 0; i < 10; i++) {
		drainbed_open_journal(bed);
		drainbed_begin(bed);
		drainbed_put_many(bed, 40 * i + 1, 40 * i + 40);
		drainbed_put(bed, 2000 + i, "poison");
		drainbed_put_text(bed, "nonsense");
		database_run(bed->db, i * 3);
		drainbed_end(bed);
	}
	drainbed_open_journal(bed);
	drainbed_put_many(bed, 401, 402);
	drainbed_begin(bed);
	drainbed_wait_drained(bed, 20);
	drainbed_assert_written(bed, 402);
}

/* The store tells of its end when nobody listens. */
static void
may_be_freed_while_the_database_is_away(void **state)
{
	struct drainbed *bed = *state;

	drainbed_open_journal(bed);
	drainbed_begin(bed);
	drainbed_go_away(bed);
	drainbed_put_many(bed, 1, 600);
	drainbed_wait_told(bed);
	database_run(bed->db, 100);
	drainbed_end(bed);
	drainbed_open_journal(bed);
	assert_int_equal(journal_count(bed->journal).entries, 600);
	database_close(bed->db, 0);
}

static void
note(void *ctx)
{
	*(bool *)ctx = true;
}

static void
tells_when_what_was_in_is_written(void **state)
{
	struct drainbed *bed = *state;
	bool over = false;
	struct drain_wait wait = { .fn = note, .ctx = &over };

	drainbed_open_journal(bed);
	drainbed_begin(bed);
	assert_false(drain_await(bed->drain, &wait));
	drainbed_go_away(bed);
	drainbed_put_many(bed, 1, 150);
	drainbed_put_text(bed, "nonsense");
	assert_true(drain_await(bed->drain, &wait));
	drainbed_wait_told(bed);
	database_run(bed->db, 100);
	assert_false(over);
	drainbed_come_back(bed);
	database_wait(bed->db, &over);
	drainbed_assert_written(bed, 150);
	assert_int_equal(journal_count(bed->journal).entries, 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, drainbed_setup, \
					drainbed_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(drains_what_comes),
		TEST(drains_what_was_in_before),
		TEST(waits_for_the_database),
		TEST(reads_ahead_so_far),
		TEST(tries_again_what_the_store_lost),
		TEST(writes_once_what_comes_again),
		TEST(tells_when_what_was_in_is_written),
		TEST(may_be_freed_at_any_time),
		TEST(may_be_freed_while_the_database_is_away),
	};

	return archivebed_run("drain", tests, ARRAY_LEN(tests));
}
