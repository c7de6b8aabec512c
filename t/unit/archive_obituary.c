#include "shared/archive_obituary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "t/lib/archivebed.h"

#define LATE_ROUNDS 2000
#define TURN_MS 10

#define LEFT "SELECT count(*) FROM archive_retraction"
#define NOTED "SELECT count(*) FROM audit_entry WHERE "

/* By whom, of which message, in which room, as a moderator, and what became of
   the text. */
#define RETRACTED(serial, who, uid, room, moderated, held) \
	"INSERT INTO archive_retraction (serial, uid, retraction, who, held, " \
	"room, moderated) VALUES (" serial ", '" uid "', 'by-" uid "', '" who \
	"', " held ", " room ", " moderated ")"

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

static void
wait_for(struct database *db, const char *sql, int64_t wanted)
{
	for (int i = 0; i < LATE_ROUNDS; i++) {
		if (database_ask(db, sql) == wanted)
			return;
		database_run(db, TURN_MS);
	}
	fail_msg("never %d: %s", (int)wanted, sql);
}

/* One message has been retracted twice. */
static void
fill(struct database *db)
{
	database_do(db, RETRACTED("1", "r@a", "u1", "NULL", "0", "0"));
	database_do(db, RETRACTED("2", "r@a", "u2", "'hall@m'", "0", "1"));
	database_do(db, RETRACTED("3", "r@a", "u3", "'hall@n'", "0", "0"));
	database_do(db, RETRACTED("4", "j@a", "u4", "'hall@m'", "0", "2"));
	database_do(db, RETRACTED("5", "r@a", "u5", "'pub@m'", "0", "0"));
	database_do(db, RETRACTED("5", "r@a", "u6", "'pub@m'", "1", "0"));
	database_do(db, RETRACTED("7", "r@a", "u7", "'hall@x.m'", "0", "0"));
}

static void
notes_what_was_retracted_in_its_rooms(void **state)
{
	struct database *db = *state;
	struct archive_obituary *obituary;

	fill(db);
	obituary = archive_obituary_new(&db->loop, db->store, "m");
	wait_for(db, LEFT, 3);
	assert_int_equal(database_ask(db, LEFT " WHERE uid IN "
				      "('u1', 'u3', 'u7')"), 3);
	assert_int_equal(database_ask(db, NOTED "true"), 3);
	assert_int_equal(database_ask(db, NOTED "action = 'retracted' AND "
		"who = 'r@a' AND detail = '{\"messages\":["
		"{\"id\":\"u2\",\"by\":\"by-u2\",\"text\":\"held\","
		"\"room\":\"hall@m\"},"
		"{\"id\":\"u5\",\"by\":\"by-u5\",\"text\":\"removed\","
		"\"room\":\"pub@m\"}]}'"), 1);
	assert_int_equal(database_ask(db, NOTED "action = 'retracted' AND "
		"who = 'j@a' AND detail LIKE '%\"unseen\"%'"), 1);
	assert_int_equal(database_ask(db, NOTED "action = 'moderated' AND "
		"who = 'r@a' AND detail LIKE '%\"u6\"%'"), 1);
	archive_obituary_free(&obituary);
	assert_null(obituary);
}

static void
notes_what_was_said_in_none(void **state)
{
	struct database *db = *state;
	struct archive_obituary *obituary;

	fill(db);
	obituary = archive_obituary_new(&db->loop, db->store, NULL);
	wait_for(db, LEFT, 6);
	assert_int_equal(database_ask(db, LEFT " WHERE room IS NULL"), 0);
	assert_int_equal(database_ask(db, NOTED "detail LIKE '%\"u1\"%'"), 1);
	assert_int_equal(database_ask(db, NOTED "true"), 1);
	archive_obituary_free(&obituary);
}

/* Whether anybody has told of it or not. */
static void
notes_what_comes_later(void **state)
{
	struct database *db = *state;
	struct archive_obituary *obituary =
		archive_obituary_new(&db->loop, db->store, NULL);

	database_do(db, RETRACTED("1", "r@a", "u1", "NULL", "0", "0"));
	wait_for(db, LEFT, 0);
	database_do(db, RETRACTED("2", "r@a", "u2", "NULL", "0", "0"));
	archive_obituary_hurry(obituary);
	archive_obituary_hurry(obituary);
	wait_for(db, LEFT, 0);
	database_do(db, RETRACTED("3", "r@a", "u3", "NULL", "0", "0"));
	wait_for(db, LEFT, 0);
	assert_int_equal(database_ask(db, NOTED "true"), 3);
	archive_obituary_free(&obituary);
	archive_obituary_free(&obituary);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(notes_what_was_retracted_in_its_rooms),
		TEST(notes_what_was_said_in_none),
		TEST(notes_what_comes_later),
	};

	return archivebed_run("archive_obituary", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
