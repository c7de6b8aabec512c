#include "shared/drain.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/archive_write.h"
#include "shared/journal.h"
#include "t/lib/archivebed.h"
#include "t/lib/drainbed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* What the journal says of those that were put aside. */
static int
ask_aside(const struct drainbed *bed, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int number;

	assert_int_equal(sqlite3_open(bed->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	number = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return number;
}

static void
puts_aside_what_is_refused(void **state)
{
	struct drainbed *bed = *state;

	drainbed_refuse_poison(bed);
	drainbed_open_journal(bed);
	drainbed_put_many(bed, 1, 20);
	drainbed_put(bed, 30, "poison");
	drainbed_put_many(bed, 21, 25);
	drainbed_put(bed, 31, "poison");
	drainbed_wait_told(bed);
	drainbed_begin(bed);
	drainbed_wait_drained(bed, 2);
	drainbed_assert_written(bed, 25);
	assert_int_equal(ask_aside(bed, "SELECT count(*) FROM journal_aside "
		"WHERE text IN ('30 poison', '31 poison') AND "
		"reason = 'the database refused the request'"), 2);
	assert_int_equal(drainbed_metric(bed, "annex_journal_drained_total"),
			 25);
	drainbed_put_many(bed, 26, 40);
	drainbed_wait_drained(bed, 2);
	drainbed_assert_written(bed, 40);
}

static void
puts_aside_what_is_no_row(void **state)
{
	struct drainbed *bed = *state;

	drainbed_open_journal(bed);
	drainbed_put_text(bed, "nonsense");
	drainbed_wait_told(bed);
	drainbed_begin(bed);
	drainbed_wait_drained(bed, 1);
	drainbed_put_many(bed, 1, 2);
	drainbed_put_text(bed, "rubbish");
	drainbed_put_many(bed, 3, 4);
	drainbed_wait_drained(bed, 2);
	drainbed_assert_written(bed, 4);
	assert_int_equal(ask_aside(bed, "SELECT count(*) FROM journal_aside "
		"WHERE reason = 'it is ' || text"), 2);
}

/* Several batches are under way when they are found. */
static void
puts_aside_what_is_refused_in_each_batch(void **state)
{
	struct drainbed *bed = *state;

	drainbed_refuse_poison(bed);
	drainbed_open_journal(bed);
	for (unsigned i = 0; i < 4; i++) {
		drainbed_put_many(bed, i * ARCHIVE_WRITE_ROWS + 1,
				  (i + 1) * ARCHIVE_WRITE_ROWS - 1);
		drainbed_put(bed, (i + 1) * ARCHIVE_WRITE_ROWS, "poison");
	}
	drainbed_wait_told(bed);
	drainbed_begin(bed);
	drainbed_wait_drained(bed, 4);
	assert_int_equal(database_ask(bed->db, DRAINBED_COUNT),
			 4 * (ARCHIVE_WRITE_ROWS - 1));
	assert_int_equal(ask_aside(bed, "SELECT count(*) FROM journal_aside "
				   "WHERE text LIKE '%00 poison'"), 4);
}

#define BURIED DRAINBED_COUNT " WHERE uid = 'u1' AND body IS NULL AND " \
	"rest LIKE '<retracted %'"

/* Though it is in a later batch, which is written while that is not. */
static void
retracts_what_is_written_late(void **state)
{
	struct drainbed *bed = *state;

	drainbed_refuse_poison(bed);
	drainbed_open_journal(bed);
	drainbed_put_many(bed, 1, ARCHIVE_WRITE_ROWS - 1);
	drainbed_put(bed, ARCHIVE_WRITE_ROWS, "poison");
	drainbed_put(bed, ARCHIVE_WRITE_ROWS + 1, DRAINBED_RETRACTS "u1");
	drainbed_wait_told(bed);
	drainbed_begin(bed);
	drainbed_wait_drained(bed, 1);
	assert_int_equal(database_ask(bed->db, DRAINBED_COUNT),
			 ARCHIVE_WRITE_ROWS);
	assert_int_equal(database_ask(bed->db, BURIED), 1);
	assert_int_equal(drainbed_metric(bed, "annex_journal_drained_total"),
			 ARCHIVE_WRITE_ROWS);
}

/* Nothing need come that shows whose fault it is. */
static void
puts_aside_what_comes_alone(void **state)
{
	struct drainbed *bed = *state;

	drainbed_refuse_poison(bed);
	drainbed_open_journal(bed);
	drainbed_begin(bed);
	drainbed_put(bed, 9, "poison");
	drainbed_wait_drained(bed, 1);
	assert_int_equal(drainbed_metric(bed, "annex_journal_refusing"), 0);
	assert_int_equal(drainbed_metric(bed, "annex_journal_drained_total"),
			 0);
	drainbed_put(bed, 1, "good");
	drainbed_wait_drained(bed, 1);
	drainbed_assert_written(bed, 1);
}

/* However many they are. */
static void
puts_aside_a_whole_batch(void **state)
{
	struct drainbed *bed = *state;

	drainbed_refuse_poison(bed);
	drainbed_open_journal(bed);
	drainbed_begin(bed);
	/* To make a partition each time would take long. */
	drainbed_put_many(bed, 1, 1);
	drainbed_wait_drained(bed, 0);
	drain_free(&bed->drain);
	for (unsigned i = 0; i < ARCHIVE_WRITE_ROWS + 1; i++)
		drainbed_put(bed, 1000 + i, "poison");
	drainbed_put_many(bed, 2, 3);
	drainbed_wait_told(bed);
	drainbed_begin(bed);
	drainbed_wait_drained(bed, ARCHIVE_WRITE_ROWS + 1);
	drainbed_assert_written(bed, 3);
}

static void
waits_while_all_is_refused(void **state)
{
	struct drainbed *bed = *state;

	drainbed_open_journal(bed);
	drainbed_begin(bed);
	database_do(bed->db, "ALTER TABLE archive_message RENAME TO gone");
	drainbed_put_many(bed, 1, 40);
	drainbed_wait_metric(bed, "annex_journal_refusing", 1);
	/* Tried once more. */
	database_run(bed->db, 1200);
	assert_int_equal(journal_count(bed->journal).entries, 40);
	assert_true(drainbed_metric(bed, "annex_journal_oldest_seconds") >= 1);
	database_do(bed->db, "ALTER TABLE gone RENAME TO archive_message");
	drainbed_wait_drained(bed, 0);
	drainbed_assert_written(bed, 40);
	assert_int_equal(drainbed_metric(bed, "annex_journal_refusing"), 0);
}

/* What comes after the database was mended tells nothing of what came
   before. */
static void
blames_nobody_when_it_is_mended(void **state)
{
	struct drainbed *bed = *state;

	drainbed_open_journal(bed);
	drainbed_put_many(bed, 1, 40);
	drainbed_wait_told(bed);
	database_do(bed->db, "ALTER TABLE archive_message RENAME TO gone");
	drainbed_begin(bed);
	drainbed_wait_metric(bed, "annex_journal_refusing", 1);
	database_do(bed->db, "ALTER TABLE gone RENAME TO archive_message");
	drainbed_put_many(bed, 41, 41);
	drainbed_wait_drained(bed, 0);
	drainbed_assert_written(bed, 41);
	assert_int_equal(drainbed_metric(bed, "annex_journal_refusing"), 0);
}

/* The first is refused until another is written. */
static void
refuse_first(struct drainbed *bed)
{
	if (bed->db->kind == DATABASE_SQLITE) {
		database_do(bed->db, "CREATE TRIGGER first BEFORE INSERT ON "
			    "archive_message WHEN NEW.uid = 'u1' AND "
			    "NOT EXISTS (SELECT 1 FROM archive_message) "
			    "BEGIN SELECT RAISE(ABORT, 'first'); END");
		return;
	}
	database_do(bed->db, "CREATE FUNCTION first() RETURNS TRIGGER "
		    "LANGUAGE plpgsql AS $$ BEGIN IF NEW.uid = 'u1' AND "
		    "NOT EXISTS (SELECT 1 FROM archive_message) THEN "
		    "RAISE EXCEPTION 'first'; END IF; RETURN NEW; END $$");
	database_do(bed->db, "CREATE TRIGGER first BEFORE INSERT ON "
		    "archive_message FOR EACH ROW EXECUTE FUNCTION first()");
}

/* The same, but it happens while each is tried alone. */
static void
blames_nobody_when_it_is_mended_meanwhile(void **state)
{
	struct drainbed *bed = *state;

	refuse_first(bed);
	drainbed_refuse_poison(bed);
	drainbed_open_journal(bed);
	drainbed_put_many(bed, 1, 3);
	drainbed_put(bed, 9, "poison");
	drainbed_put_text(bed, "nonsense");
	drainbed_put_many(bed, 4, 5);
	drainbed_wait_told(bed);
	drainbed_begin(bed);
	drainbed_wait_drained(bed, 2);
	drainbed_assert_written(bed, 5);
	assert_int_equal(ask_aside(bed, "SELECT count(*) FROM journal_aside "
				   "WHERE text IN ('9 poison', 'nonsense')"),
			 2);
	assert_int_equal(drainbed_metric(bed, "annex_journal_drained_total"),
			 5);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, drainbed_setup, \
					drainbed_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(puts_aside_what_is_refused),
		TEST(puts_aside_what_is_refused_in_each_batch),
		TEST(retracts_what_is_written_late),
		TEST(puts_aside_what_is_no_row),
		TEST(puts_aside_what_comes_alone),
		TEST(puts_aside_a_whole_batch),
		TEST(waits_while_all_is_refused),
		TEST(blames_nobody_when_it_is_mended),
		TEST(blames_nobody_when_it_is_mended_meanwhile),
	};

	return archivebed_run("drain_refusals", tests, ARRAY_LEN(tests));
}
