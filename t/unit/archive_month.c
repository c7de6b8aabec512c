#include "shared/archive_month.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/clock.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define PARTITIONS "SELECT count(*) FROM pg_inherits WHERE inhparent = " \
	"CAST('archive_message' AS regclass)"
#define INSERT "INSERT INTO archive_message (serial, sender, recipient, " \
	"ways, flags, type, uid) VALUES ($1, 1, 2, 1, 0, 1, 'u')"
#define WHERE "SELECT count(*) FROM archive_message_"

static int
new_database(void **state)
{
	*state = archivebed_new(DATABASE_POSTGRES);
	return 0;
}

static int64_t
serial_of(const char *time)
{
	int64_t stamp;

	assert_int_equal(clock_parse(time, &stamp), 0);
	return serial_first_of(stamp);
}

static void
want(struct database *db, struct archive_month *month, int64_t serial)
{
	archive_month_want(month, db->store, serial);
	database_ask(db, "SELECT 1");
}

static void
insert(struct database *db, int64_t serial)
{
	struct database_answer answer = { 0 };

	store_write(db->store, INSERT, STORE_VALUES(store_int(serial)),
		    database_take, &answer);
	database_wait(db, &answer.done);
	assert_string_equal(answer.err.text, "");
	database_answer_fini(&answer);
}

static void
makes_three_months(void **state)
{
	struct archive_month month = { 0 };

	want(*state, &month, serial_of("2026-11-30T23:59:59.999999Z"));
	assert_int_equal(database_ask(*state, PARTITIONS), 3);
	insert(*state, serial_of("2026-11-01T00:00:00Z"));
	insert(*state, serial_of("2026-12-01T00:00:00Z") - 1);
	insert(*state, serial_of("2026-12-01T00:00:00Z"));
	insert(*state, serial_of("2027-02-01T00:00:00Z") - 1);
	assert_int_equal(database_ask(*state, WHERE "202611"), 2);
	assert_int_equal(database_ask(*state, WHERE "202612"), 1);
	assert_int_equal(database_ask(*state, WHERE "202701"), 1);
}

static void
makes_those_that_are_missing(void **state)
{
	struct archive_month month = { 0 };
	struct archive_month other = { 0 };

	want(*state, &month, serial_of("2026-11-30T00:00:00Z"));
	want(*state, &month, serial_of("2026-11-02T00:00:00Z"));
	assert_int_equal(database_ask(*state, PARTITIONS), 3);
	want(*state, &month, serial_of("2026-12-01T00:00:00Z"));
	assert_int_equal(database_ask(*state, PARTITIONS), 4);
	want(*state, &month, serial_of("2026-10-31T00:00:00Z"));
	assert_int_equal(database_ask(*state, PARTITIONS), 5);
	want(*state, &month, serial_of("1999-12-31T00:00:00Z"));
	assert_int_equal(database_ask(*state, PARTITIONS), 8);
	/* Another process does not know them. */
	want(*state, &other, serial_of("2026-12-01T00:00:00Z"));
	assert_int_equal(database_ask(*state, PARTITIONS), 8);
}

static void
makes_again_what_was_removed(void **state)
{
	struct archive_month month = { 0 };

	want(*state, &month, serial_of("2026-11-30T00:00:00Z"));
	database_do(*state, "ALTER TABLE archive_message DETACH PARTITION "
		    "archive_message_202612");
	database_do(*state, "DROP TABLE archive_message_202612");
	want(*state, &month, serial_of("2026-11-30T00:00:00Z"));
	assert_int_equal(database_ask(*state, PARTITIONS), 2);
	archive_month_forget(&month);
	want(*state, &month, serial_of("2026-11-30T00:00:00Z"));
	assert_int_equal(database_ask(*state, PARTITIONS), 3);
}

/* As when somebody has detached it, to remove it later.  The others are
   made. */
static void
makes_others_when_one_is_refused(void **state)
{
	struct database *db = *state;
	struct archive_month month = { 0 };
	int64_t serial = serial_of("2026-11-30T00:00:00Z");

	want(db, &month, serial);
	insert(db, serial);
	database_do(db, "ALTER TABLE archive_message DETACH PARTITION "
		    "archive_message_202611");
	archive_month_forget(&month);
	want(db, &month, serial_of("2026-10-30T00:00:00Z"));
	want(db, &month, serial);
	assert_int_equal(database_ask(db, PARTITIONS), 3);
	insert(db, serial_of("2026-10-30T00:00:00Z"));
	insert(db, serial_of("2027-01-30T00:00:00Z"));
	/* Once it is asked for again. */
	database_do(db, "DROP TABLE archive_message_202611");
	archive_month_forget(&month);
	want(db, &month, serial);
	insert(db, serial);
}

/* One that holds a lock until it is freed. */
static PGconn *
lock(struct database *db, const char *sql)
{
	PGconn *conn = PQconnectdb(db->url);
	PGresult *res;

	assert_int_equal(PQstatus(conn), CONNECTION_OK);
	res = PQexec(conn, sql);
	assert_int_equal(PQresultStatus(res), PGRES_COMMAND_OK);
	PQclear(res);
	return conn;
}

/* Neither the vacuum of a partition nor, once all are there, another one who
   makes some. */
static void
waits_for_nobody(void **state)
{
	struct archive_month month = { 0 };
	PGconn *other;

	want(*state, &month, serial_of("2026-11-30T00:00:00Z"));
	other = lock(*state, "BEGIN; LOCK TABLE archive_message_202611 "
		     "IN SHARE UPDATE EXCLUSIVE MODE");
	want(*state, &month, serial_of("2026-12-31T00:00:00Z"));
	PQfinish(other);
	other = lock(*state, "BEGIN; LOCK TABLE ONLY archive_message "
		     "IN SHARE UPDATE EXCLUSIVE MODE");
	archive_month_forget(&month);
	want(*state, &month, serial_of("2026-12-31T00:00:00Z"));
	PQfinish(other);
}

/* However many messages there are of them. */
static void
wants_each_once(void **state)
{
	static const char *const times[] = {
		"2026-01-01T00:00:00Z", "2026-01-31T00:00:00Z",
		"2026-02-01T00:00:00Z", "2026-07-01T00:00:00Z",
		"2026-08-01T00:00:00Z", "2026-08-02T00:00:00Z",
	};
	struct database *db = *state;
	struct archive_month month = { 0 };

	archivebed_count_months(db);
	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		want(db, &month, serial_of(times[i]));
	assert_int_equal(database_ask(db, "SELECT count(*) FROM asked"), 8);
	assert_int_equal(database_ask(db, PARTITIONS), 8);
}

/* Each partition has the indexes, under its parent's. */
static void
makes_their_indexes(void **state)
{
	struct archive_month month = { 0 };

	want(*state, &month, serial_of("2026-11-30T00:00:00Z"));
	assert_int_equal(database_ask(*state, "SELECT count(*) FROM pg_index "
		"WHERE indrelid = CAST('archive_message_202611' AS regclass)"),
		7);
	assert_int_equal(database_ask(*state, "SELECT count(*) FROM "
		"pg_inherits JOIN pg_index ON indexrelid = inhrelid WHERE "
		"indrelid = CAST('archive_message_202611' AS regclass)"), 7);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, new_database, database_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(makes_three_months),
		TEST(makes_those_that_are_missing),
		TEST(makes_again_what_was_removed),
		TEST(makes_others_when_one_is_refused),
		TEST(waits_for_nobody),
		TEST(wants_each_once),
		TEST(makes_their_indexes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_month", tests,
					   database_setup, database_teardown);
}
