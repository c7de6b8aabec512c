#include "shared/archive_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/clock.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define NOW 1795976662000000	/* 2026-11-29 */
#define DAY (24LL * 3600 * CLOCK_SECOND)
#define BY_ADDRESS "archive_message JOIN archive_address s ON s.id = sender " \
	"JOIN archive_address r ON r.id = recipient"

struct bed {
	struct database *db;
	struct archive_write *write;
	bool done;
	struct error err;
};

static int
new_bed(void **state)
{
	enum database_kind kind = *(const enum database_kind *)*state;
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	bed->db = archivebed_new(kind);
	bed->write = archive_write_new(bed->db->store, 5);
	*state = bed;
	return 0;
}

static int
free_bed(void **state)
{
	struct bed *bed = *state;

	database_free(&bed->db);
	archive_write_free(&bed->write);
	assert_null(bed->write);
	archive_write_free(&bed->write);
	free(bed);
	return 0;
}

/* The nth microsecond's. */
static struct archive_row
row(int n, const char *uid, unsigned ways)
{
	return (struct archive_row){
		.mark = { .serial = serial_first_of(NOW + n) + 1,
			  .stamp = NOW + n, .uid = uid, .ways = ways },
		.type = ARCHIVE_CHAT, .sender = "r@a", .recipient = "j@b",
		.resource = "orchard", .to_resource = "", .id = "a1",
		.body = "Wherefore?",
	};
}

static void
on_done(void *ctx, const struct error *err)
{
	struct bed *bed = ctx;

	assert_false(bed->done);
	bed->done = true;
	bed->err = err != NULL ? *err : (struct error){ 0 };
}

static void
try_rows(struct bed *bed, const struct archive_row *rows, size_t count)
{
	bed->done = false;
	archive_write_rows(bed->write, rows, count, on_done, bed);
	assert_false(bed->done);
	database_wait(bed->db, &bed->done);
}

static void
write_rows(struct bed *bed, const struct archive_row *rows, size_t count)
{
	try_rows(bed, rows, count);
	assert_string_equal(bed->err.text, "");
}

static int64_t
count(struct bed *bed)
{
	return database_ask(bed->db, "SELECT count(*) FROM archive_message");
}

static int64_t
ways(struct bed *bed)
{
	return database_ask(bed->db, "SELECT ways FROM archive_message");
}

/* Those of a message. */
static void
assert_cells(struct bed *bed, const char *sql, const char *uid,
	     const char *const *cells, size_t n)
{
	struct database_answer answer = { 0 };

	store_read(bed->db->store, sql, STORE_VALUES(store_text(uid)),
		   database_take, &answer);
	database_wait(bed->db, &answer.done);
	assert_string_equal(answer.err.text, "");
	assert_int_equal(answer.rows, 1);
	for (size_t i = 0; i < n; i++)
		if (cells[i] != NULL)
			assert_string_equal(answer.cells[i], cells[i]);
		else
			assert_null(answer.cells[i]);
	database_answer_fini(&answer);
}
#define ASSERT_CELLS(bed, uid, columns, ...) \
	assert_cells(bed, "SELECT " columns " FROM " BY_ADDRESS \
		     " WHERE uid = $1", uid, \
		     (const char *const[]){ __VA_ARGS__ }, \
		     sizeof((const char *const[]){ __VA_ARGS__ }) / \
		     sizeof(char *))

static void
keeps_all_of_a_message(void **state)
{
	struct archive_row all = row(0, "u1", ARCHIVE_SENT);

	all.mark.flags = ARCHIVE_REMOTE;
	all.to_resource = "balcony";
	all.lang = "en";
	all.subject = "";
	all.thread = "t";
	all.rest = "<x xmlns='y'/>";
	all.relation = ARCHIVE_REACTION;
	all.about = "a0";
	write_rows(*state, &all, 1);
	ASSERT_CELLS(*state, "u1", "s.jid, resource, r.jid, to_resource, "
		     "serial, ways, flags, type",
		     "r@a", "orchard", "j@b", "balcony", "459770025472000001",
		     "1", "2", "1");
	ASSERT_CELLS(*state, "u1", "uid, archive_message.id, lang, subject, "
		     "body, thread, rest, stamp",
		     "u1", "a1", "en", "", "Wherefore?", "t", "<x xmlns='y'/>",
		     NULL);
	ASSERT_CELLS(*state, "u1", "relation, about", "3", "a0");
}

static void
stores_nothing_of_what_is_not_there(void **state)
{
	struct archive_row none = row(0, "u1", ARCHIVE_SENT);

	none.resource = "";
	none.id = none.body = NULL;
	write_rows(*state, &none, 1);
	ASSERT_CELLS(*state, "u1", "resource, to_resource, "
		     "archive_message.id, lang, subject, body, thread, rest",
		     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
}

/* To a second: what was sent is mostly here at once. */
static void
keeps_the_time_where_it_came_late(void **state)
{
	static const struct {
		int64_t stamp;
		const char *stored;
	} cases[] = {
		{ NOW, NULL },
		{ NOW - CLOCK_SECOND + 10, NULL },
		{ NOW + CLOCK_SECOND, NULL },
		{ NOW - CLOCK_SECOND, "1795976661000000" },
		{ NOW - DAY, "1795890262000000" },
		{ NOW + DAY, "1796063062000000" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char uid[] = { (char)('a' + i), '\0' };
		struct archive_row late = row((int)i, uid, ARCHIVE_SENT);

		late.mark.stamp = cases[i].stamp;
		write_rows(*state, &late, 1);
		ASSERT_CELLS(*state, uid, "stamp", cases[i].stored);
	}
}

static void
stores_once_what_comes_twice(void **state)
{
	struct archive_row rows[] = {
		row(0, "u1", ARCHIVE_SENT), row(1, "u2", ARCHIVE_SENT),
	};

	write_rows(*state, rows, 2);
	write_rows(*state, rows, 2);
	rows[0] = row(2, "u1", ARCHIVE_SENT);
	write_rows(*state, rows, 1);
	rows[1] = row(3, "u3", ARCHIVE_SENT);
	write_rows(*state, rows, 2);
	assert_int_equal(count(*state), 3);
	assert_int_equal(database_ask(((struct bed *)*state)->db,
				      "SELECT sum(ways) FROM archive_message"),
			 3);
}

static void
joins_the_copies_of_one_batch(void **state)
{
	struct archive_row rows[] = {
		row(0, "u1", ARCHIVE_SENT), row(1, "u1", ARCHIVE_RECEIVED),
		row(2, "u1", ARCHIVE_SENT),
	};

	rows[1].resource = "other";
	write_rows(*state, rows, 3);
	assert_int_equal(count(*state), 1);
	assert_int_equal(ways(*state), ARCHIVE_SENT | ARCHIVE_RECEIVED);
	ASSERT_CELLS(*state, "u1", "serial, resource",
		     "459770025472000001", "orchard");
}

static void
joins_the_copies_that_come_apart(void **state)
{
	struct archive_row sent = row(0, "u1", ARCHIVE_SENT);
	struct archive_row received = row(1, "u1", ARCHIVE_RECEIVED);

	received.mark.flags = ARCHIVE_BODY_IN_REST;
	write_rows(*state, &sent, 1);
	write_rows(*state, &received, 1);
	assert_int_equal(count(*state), 1);
	ASSERT_CELLS(*state, "u1", "ways, flags, serial",
		     "3", "0", "459770025472000001");
}

/* What is kept before it is delivered says nothing of it. */
static void
learns_where_it_came_from(void **state)
{
	struct bed *bed = *state;
	struct archive_row rows[] = {
		row(0, "u1", ARCHIVE_RECEIVED), row(1, "u2", ARCHIVE_RECEIVED),
		row(2, "u2", ARCHIVE_RECEIVED), row(3, "u1", ARCHIVE_RECEIVED),
	};

	rows[0].mark.flags = rows[1].mark.flags = ARCHIVE_ENCRYPTED;
	rows[2].mark.flags = ARCHIVE_COMPONENT | ARCHIVE_REST_LOST;
	rows[3].mark.flags = ARCHIVE_REMOTE | ARCHIVE_BODY_IN_REST;
	write_rows(bed, rows, 3);
	ASSERT_CELLS(bed, "u2", "flags, ways", "5", "2");
	write_rows(bed, &rows[3], 1);
	ASSERT_CELLS(bed, "u1", "flags, ways", "3", "2");
	write_rows(bed, rows, 3);
	ASSERT_CELLS(bed, "u1", "flags, ways", "3", "2");
	assert_int_equal(count(bed), 2);
}

/* Weeks may lie between, of which the shown copy tells nothing. */
static void
knows_what_is_shown_later(void **state)
{
	struct archive_row sent = row(0, "u1", ARCHIVE_SENT);
	struct archive_row rows[] = {
		row(1, "u2", ARCHIVE_SENT), row(0, "u1", ARCHIVE_SHOWN),
	};

	write_rows(*state, &sent, 1);
	rows[0].mark.serial = serial_first_of(NOW + 40 * DAY);
	rows[0].mark.stamp = NOW + 40 * DAY;
	rows[1].mark.serial = serial_first_of(NOW + 40 * DAY + 1);
	rows[1].mark.stamp = NOW + 40 * DAY;
	write_rows(*state, rows, 2);
	assert_int_equal(count(*state), 2);
	ASSERT_CELLS(*state, "u1", "ways", "5");
	ASSERT_CELLS(*state, "u2", "ways", "1");
}

/* One that comes late as well tells when it was sent. */
static void
knows_what_is_shown_beside_another_copy(void **state)
{
	struct archive_row sent = row(0, "u1", ARCHIVE_SENT);
	struct archive_row rows[] = {
		row(0, "u1", ARCHIVE_SHOWN), row(0, "u1", ARCHIVE_RECEIVED),
		row(0, "u1", ARCHIVE_SHOWN),
	};

	write_rows(*state, &sent, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		rows[i].mark.serial = serial_first_of(NOW + 40 * DAY) +
				      (int64_t)i;
		if (rows[i].mark.ways == ARCHIVE_SHOWN)
			rows[i].mark.stamp = NOW + 40 * DAY;
	}
	write_rows(*state, rows, ARRAY_LEN(rows));
	assert_int_equal(count(*state), 1);
	assert_int_equal(ways(*state), 7);
}

/* The clocks of others may differ. */
static void
knows_what_claims_to_be_younger(void **state)
{
	struct archive_row one = row(0, "u1", ARCHIVE_SENT);

	write_rows(*state, &one, 1);
	one.mark.stamp = NOW + 20 * 3600LL * CLOCK_SECOND;
	one.mark.serial = serial_first_of(one.mark.stamp);
	write_rows(*state, &one, 1);
	assert_int_equal(count(*state), 1);
}

static void
knows_what_is_stored_as_younger(void **state)
{
	struct archive_row one = row(0, "u1", ARCHIVE_SENT);

	one.mark.serial = serial_first_of(NOW + 40 * DAY);
	write_rows(*state, &one, 1);
	one = row(0, "u1", ARCHIVE_RECEIVED);
	write_rows(*state, &one, 1);
	assert_int_equal(count(*state), 1);
	assert_int_equal(ways(*state), 3);
}

static void
makes_the_months_it_needs(void **state)
{
	static const int64_t days[] = { 0, 40, -70, 800, 0 };

	for (size_t i = 0; i < ARRAY_LEN(days); i++) {
		char uid[] = { (char)('a' + i), '\0' };
		struct archive_row one = row((int)i, uid, ARCHIVE_SENT);

		one.mark.serial += serial_first_of(days[i] * DAY);
		write_rows(*state, &one, 1);
	}
	assert_int_equal(count(*state), ARRAY_LEN(days));
}

/* What waited elsewhere comes among the new ones. */
static void
asks_for_each_month_once(void **state)
{
	static struct archive_row rows[20];
	static char uids[ARRAY_LEN(rows)][8];
	struct bed *bed = *state;

	if (bed->db->kind == DATABASE_POSTGRES)
		archivebed_count_months(bed->db);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(uids[i], sizeof(uids[i]), "%zu", i);
		rows[i] = row((int)i, uids[i], ARCHIVE_SENT);
		if (i % 2 == 1)
			rows[i].mark.serial += serial_first_of(365 * DAY);
	}
	write_rows(bed, rows, ARRAY_LEN(rows));
	assert_int_equal(count(bed), ARRAY_LEN(rows));
	if (bed->db->kind == DATABASE_POSTGRES)
		assert_int_equal(database_ask(bed->db, "SELECT count(*) "
					      "FROM asked"), 6);
}

static void
remembers_some_addresses(void **state)
{
	static const char *const names[] = {
		"a@x", "b@x", "c@x", "d@x", "e@x", "f@x", "g@x", "b@x", "a@x",
	};
	struct archive_row rows[ARRAY_LEN(names)];
	struct bed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *uid = malloc(2);

		snprintf(uid, 2, "%c", (char)('A' + i));
		rows[i] = row((int)i, uid, ARCHIVE_SENT);
		rows[i].sender = names[i];
	}
	write_rows(bed, &rows[0], 2);
	assert_int_equal(archive_write_known(bed->write), 3);
	write_rows(bed, &rows[2], 7);
	assert_int_equal(archive_write_known(bed->write), 5);
	assert_int_equal(database_ask(bed->db, "SELECT count(*) "
				      "FROM archive_address"), 8);
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      BY_ADDRESS " WHERE s.jid = 'b@x'"), 2);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		free((char *)rows[i].mark.uid);
}

/* Another process may have stored them. */
static void
finds_addresses_that_others_stored(void **state)
{
	struct bed *bed = *state;
	struct archive_row one = row(0, "u1", ARCHIVE_SENT);

	database_do(bed->db, "INSERT INTO archive_address (jid) "
		    "VALUES ('x@y'), ('j@b')");
	write_rows(bed, &one, 1);
	ASSERT_CELLS(bed, "u1", "s.jid, r.jid", "r@a", "j@b");
	assert_int_equal(database_ask(bed->db, "SELECT count(*) "
				      "FROM archive_address"), 3);
}

static const char *const hostile[] = {
	"'", "\"", "\\", "\\\\\"", "{", "}", "{}", "{\"a\",NULL}", "NULL",
	"null", "\"NULL\"", "", " ", "\t\n\r", "\x01\x1f\x7f", ",", "[1]",
	"'); DROP TABLE archive_message; --", "$1", "\\x00", "\\u0000",
	"\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbf", "%s%n", "E'\\n'",
};

static void
changes_no_text(void **state)
{
	struct archive_row rows[ARRAY_LEN(hostile)];
	char uids[ARRAY_LEN(hostile)][4];
	struct bed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		snprintf(uids[i], sizeof(uids[i]), "%zu", i);
		rows[i] = row((int)i, uids[i], ARCHIVE_SENT);
		rows[i].body = rows[i].rest = rows[i].id = hostile[i];
		if (*hostile[i] != '\0')
			rows[i].sender = rows[i].resource = hostile[i];
	}
	write_rows(bed, rows, ARRAY_LEN(hostile));
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++)
		ASSERT_CELLS(bed, uids[i], "body, rest, archive_message.id, "
			     "s.jid, resource", hostile[i], hostile[i],
			     hostile[i], rows[i].sender, rows[i].resource);
}

static void
refuse_bad(struct bed *bed)
{
	database_do(bed->db, bed->db->kind == DATABASE_POSTGRES ?
		    "ALTER TABLE archive_message ADD CHECK (body <> 'bad')" :
		    "CREATE TRIGGER bad BEFORE INSERT ON archive_message WHEN "
		    "NEW.body = 'bad' BEGIN SELECT RAISE(ABORT, 'bad'); END");
}

/* After which each is tried alone. */
static void
writes_none_when_one_is_refused(void **state)
{
	struct archive_row rows[] = {
		row(0, "u1", ARCHIVE_SENT), row(1, "u2", ARCHIVE_SENT),
		row(2, "u3", ARCHIVE_SENT),
	};
	struct bed *bed = *state;

	refuse_bad(bed);
	rows[1].body = "bad";
	try_rows(bed, rows, 3);
	assert_int_equal(bed->err.cond, ERROR_INTERNAL_SERVER_ERROR);
	assert_int_equal(count(bed), 0);
	assert_int_equal(archive_write_known(bed->write), 0);
	write_rows(bed, &rows[0], 1);
	try_rows(bed, &rows[1], 1);
	assert_int_equal(bed->err.cond, ERROR_INTERNAL_SERVER_ERROR);
	write_rows(bed, &rows[2], 1);
	assert_int_equal(count(bed), 2);
}

static void
writes_what_follows_a_refused_one(void **state)
{
	struct archive_row one = row(0, "u1", ARCHIVE_SENT);
	struct archive_row other = row(1, "u2", ARCHIVE_SENT);
	struct bed *bed = *state, first = *bed;

	refuse_bad(bed);
	one.body = "bad";
	bed->done = false;
	archive_write_rows(bed->write, &one, 1, on_done, &first);
	archive_write_rows(bed->write, &other, 1, on_done, bed);
	database_wait(bed->db, &first.done);
	database_wait(bed->db, &bed->done);
	assert_int_equal(first.err.cond, ERROR_INTERNAL_SERVER_ERROR);
	assert_string_equal(bed->err.text, "");
	assert_int_equal(count(bed), 1);
}

/* As somebody has a table of its name. */
static void
writes_though_a_month_ahead_is_refused(void **state)
{
	struct archive_row one = row(0, "u1", ARCHIVE_SENT);
	struct archive_row other = row(1, "u2", ARCHIVE_SENT);
	struct bed *bed = *state;

	if (bed->db->kind != DATABASE_POSTGRES)
		return;
	database_do(bed->db, "CREATE TABLE archive_message_202612 (i BIGINT)");
	write_rows(bed, &one, 1);
	write_rows(bed, &other, 1);
	assert_int_equal(count(bed), 2);
}

static void
try_probe(struct bed *bed)
{
	bed->done = false;
	archive_write_probe(bed->write, serial_first_of(NOW) + 1, on_done,
			    bed);
	assert_false(bed->done);
	database_wait(bed->db, &bed->done);
}

static void
says_whether_the_database_stores_anything(void **state)
{
	struct archive_row bad = row(0, "u1", ARCHIVE_SENT);
	struct bed *bed = *state;

	try_probe(bed);
	assert_string_equal(bed->err.text, "");
	assert_int_equal(count(bed), 0);
	/* Whatever it thinks of one. */
	refuse_bad(bed);
	bad.body = "bad";
	try_rows(bed, &bad, 1);
	assert_int_equal(bed->err.cond, ERROR_INTERNAL_SERVER_ERROR);
	try_probe(bed);
	assert_string_equal(bed->err.text, "");
	bad.body = "good";
	write_rows(bed, &bad, 1);
	try_probe(bed);
	assert_string_equal(bed->err.text, "");
	assert_int_equal(count(bed), 1);
	database_do(bed->db, "ALTER TABLE archive_message RENAME TO gone");
	try_probe(bed);
	assert_int_equal(bed->err.cond, ERROR_INTERNAL_SERVER_ERROR);
}

/* All that a call takes, twice, the second before the first is done. */
static void
takes_full_batches_at_once(void **state)
{
	static struct archive_row rows[ARCHIVE_WRITE_ROWS];
	static char uids[ARCHIVE_WRITE_ROWS][8];
	struct bed *bed = *state, again = *bed;

	for (size_t i = 0; i < ARCHIVE_WRITE_ROWS; i++) {
		snprintf(uids[i], sizeof(uids[i]), "%zu", i);
		rows[i] = row((int)i, uids[i], ARCHIVE_SENT);
	}
	bed->done = false;
	archive_write_rows(bed->write, rows, ARCHIVE_WRITE_ROWS, on_done, bed);
	archive_write_rows(bed->write, rows, ARCHIVE_WRITE_ROWS, on_done,
			   &again);
	memset(uids, 0, sizeof(uids));
	database_wait(bed->db, &bed->done);
	database_wait(bed->db, &again.done);
	assert_string_equal(again.err.text, "");
	assert_int_equal(count(bed), ARCHIVE_WRITE_ROWS);
}

static void
notes_what_its_writer_stored_last(void **state)
{
	struct archive_row rows[] = {
		row(9, "u1", ARCHIVE_SENT), row(7, "u2", ARCHIVE_SENT),
	};
	struct bed *bed = *state;

	database_do(bed->db, "INSERT INTO archive_writer (number, name) "
		    "VALUES (1, 'a'), (2, 'b')");
	write_rows(bed, rows, 2);
	write_rows(bed, &rows[1], 1);
	assert_true(database_ask(bed->db, "SELECT last FROM archive_writer "
				 "WHERE number = 1") == rows[0].mark.serial);
	assert_int_equal(database_ask(bed->db, "SELECT last FROM "
				      "archive_writer WHERE number = 2"), 0);
}

static void
notes_nothing_that_was_refused(void **state)
{
	struct archive_row bad = row(9, "u1", ARCHIVE_SENT);
	struct bed *bed = *state;

	database_do(bed->db, "INSERT INTO archive_writer (number, name) "
		    "VALUES (1, 'a')");
	refuse_bad(bed);
	bad.body = "bad";
	try_rows(bed, &bad, 1);
	assert_int_equal(database_ask(bed->db, "SELECT last FROM "
				      "archive_writer"), 0);
}

/* What a connection did that broke is found when it is done again. */
static void
survives_a_lost_connection(void **state)
{
	struct bed *bed = *state;
	bool postgres = bed->db->kind == DATABASE_POSTGRES;
	struct archive_row rows[] = {
		row(0, "u1", ARCHIVE_SENT), row(1, "u2", ARCHIVE_SENT),
	};

	write_rows(bed, rows, 1);
	if (postgres)
		database_postgres("freeze");
	bed->done = false;
	archive_write_rows(bed->write, rows, 2, on_done, bed);
	database_run(bed->db, 100);
	if (postgres) {
		assert_false(bed->done);
		database_postgres("kill");
		database_postgres("start");
	}
	database_wait(bed->db, &bed->done);
	assert_string_equal(bed->err.text, "");
	write_rows(bed, rows, 2);
	assert_int_equal(count(bed), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, free_bed)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(keeps_all_of_a_message),
		TEST(stores_nothing_of_what_is_not_there),
		TEST(keeps_the_time_where_it_came_late),
		TEST(stores_once_what_comes_twice),
		TEST(joins_the_copies_of_one_batch),
		TEST(joins_the_copies_that_come_apart),
		TEST(learns_where_it_came_from),
		TEST(knows_what_is_shown_later),
		TEST(knows_what_is_shown_beside_another_copy),
		TEST(knows_what_claims_to_be_younger),
		TEST(knows_what_is_stored_as_younger),
		TEST(makes_the_months_it_needs),
		TEST(asks_for_each_month_once),
		TEST(remembers_some_addresses),
		TEST(finds_addresses_that_others_stored),
		TEST(changes_no_text),
		TEST(writes_none_when_one_is_refused),
		TEST(writes_what_follows_a_refused_one),
		TEST(writes_though_a_month_ahead_is_refused),
		TEST(says_whether_the_database_stores_anything),
		TEST(takes_full_batches_at_once),
		TEST(notes_what_its_writer_stored_last),
		TEST(notes_nothing_that_was_refused),
		TEST(survives_a_lost_connection),
	};

	return archivebed_run("archive_write", tests, ARRAY_LEN(tests));
}
