#include "shared/archive_tombstone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"

#define NOW 1795953600000000	/* 2026-11-29T12:00:00Z */
#define ALL_FLAGS 127

static struct archive_row
row(int64_t n, const char *uid, const char *from, const char *to)
{
	return (struct archive_row){
		.mark = { .serial = serial_first_of(NOW + n),
			  .stamp = NOW + n, .uid = uid,
			  .ways = ARCHIVE_SENT, .flags = ALL_FLAGS },
		.type = ARCHIVE_CHAT, .sender = from, .recipient = to,
		.resource = "x", .to_resource = "y", .id = "id",
		.lang = "it", .subject = "s", .body = "b", .thread = "t",
		.rest = "<a xmlns='b'/>",
	};
}

static int
new_bed(void **state)
{
	const struct archive_row rows[] = {
		row(1, "u1", "r@a", "j@b"), row(2, "u2", "r@a", "j@b"),
		row(3, "u3", "j@b", "n@c"),
	};

	*state = archivebed_new(*(const enum database_kind *)*state);
	archivebed_write(*state, rows, 3);
	return 0;
}

static size_t
finish(struct database *db)
{
	struct database_answer got = { 0 };
	size_t rows;

	archive_tombstone_finish(db->store, database_take, &got);
	database_wait(db, &got.done);
	assert_string_equal(got.err.text, "");
	rows = got.rows;
	database_answer_fini(&got);
	return rows;
}

#define HAS_TEXT "body IS NOT NULL AND subject IS NOT NULL " \
	"AND thread IS NOT NULL AND rest IS NOT NULL AND lang IS NOT NULL"
#define HAS_NONE "body IS NULL AND subject IS NULL " \
	"AND thread IS NULL AND rest IS NULL AND lang IS NULL"
#define COUNT(where) "SELECT count(*) FROM archive_message WHERE " where

/* As those do who take a message away that is held. */
#define HIDE(where) "UPDATE archive_message SET flags = flags | 128 " where

static void
leaves_that_there_was_one(void **state)
{
	struct database *db = *state;

	assert_int_equal(finish(db), 0);
	database_do(db, HIDE("WHERE uid = 'u2'"));
	assert_int_equal(finish(db), 1);
	assert_int_equal(database_ask(db, COUNT("uid = 'u2' AND " HAS_NONE
		" AND flags = 135 AND id = 'id' AND resource = 'x' "
		"AND to_resource = 'y' AND ways = 1 AND type = 1")), 1);
	assert_int_equal(database_ask(db, COUNT("flags = 127 AND " HAS_TEXT)),
			 2);
	assert_int_equal(finish(db), 0);
	assert_int_equal(database_ask(db, COUNT("flags >= 128")), 1);
}

static void
leaves_the_text_while_it_is_held(void **state)
{
	struct database *db = *state;

	database_do(db, "INSERT INTO archive_hold VALUES ('m', 'r@a', 0, "
		    "9223372036854775807, 'w', 0, NULL)");
	database_do(db, HIDE("WHERE uid IN ('u1', 'u3')"));
	assert_int_equal(finish(db), 1);
	assert_int_equal(database_ask(db, COUNT("uid = 'u1' AND flags = 255 "
						"AND " HAS_TEXT)), 1);
	assert_int_equal(database_ask(db, COUNT("uid = 'u3' AND " HAS_NONE)),
			 1);
	assert_int_equal(finish(db), 0);
	database_do(db, "DELETE FROM archive_hold");
	assert_int_equal(finish(db), 1);
	assert_int_equal(database_ask(db, COUNT("uid = 'u1' AND flags = 135 "
						"AND " HAS_NONE)), 1);
	assert_int_equal(database_ask(db, COUNT("uid = 'u2' AND flags = 127 "
						"AND " HAS_TEXT)), 1);
	assert_int_equal(finish(db), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(leaves_that_there_was_one),
		TEST(leaves_the_text_while_it_is_held),
	};

	return archivebed_run("archive_tombstone", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
