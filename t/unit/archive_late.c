#include "shared/archive_late.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/archive_write.h"
#include "shared/clock.h"
#include "t/lib/archivebed.h"

#define BOTH (ARCHIVE_SENT | ARCHIVE_RECEIVED)
#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Of literals, as statements are known again by where their text is. */
#define COUNT(db, where) \
	database_ask(db, "SELECT count(*) FROM archive_message WHERE " where)
#define IS_GONE "body IS NULL AND " \
	"rest LIKE '<retracted xmlns=''urn:xmpp:message-retract:1''%'"
#define NOTED(db, where) \
	database_ask(db, "SELECT count(*) FROM archive_retraction WHERE " \
		     where)

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

/* Said by r@a to j@b, in that second. */
static struct archive_row
said(int64_t n, const char *uid, const char *id)
{
	struct archive_row row = archivebed_row(n * CLOCK_SECOND, uid, "r@a",
						"j@b", BOTH);

	row.id = id;
	return row;
}

static struct archive_row
about(int64_t n, const char *uid, const char *id,
      enum archive_relation relation)
{
	struct archive_row row = said(n, uid, uid);

	row.relation = relation;
	row.about = id;
	return row;
}

/* By Ann, in a room. */
static struct archive_row
in_room(struct archive_row row)
{
	row.type = ARCHIVE_GROUPCHAT;
	row.mark.ways = ARCHIVE_RECEIVED;
	row.sender = "ann@a";
	row.recipient = "r@m/77";
	row.to_resource = "Ann";
	return row;
}

/* Sent in that second, and stored as it is. */
static struct archive_row
late(struct archive_row row, int64_t n)
{
	row.mark.stamp = ARCHIVEBED_NOW + n * CLOCK_SECOND;
	row.late = true;
	return row;
}

static void
bury(void *ctx, struct archive_row *row)
{
	unsigned *asked = ctx;

	assert_int_equal(row->relation, ARCHIVE_RETRACTION);
	row->buries = row->mark.ways;
	++*asked;
}

static void
on_written(void *ctx, const struct error *err)
{
	bool *done = ctx;

	assert_null(err);
	*done = true;
}

/* Each by itself.  Returns of how many retractions it was asked what they
   bury. */
static unsigned
write_all(struct database *db, const struct archive_row *rows, size_t count)
{
	struct archive_write *write = archive_write_new(db->store, 10);
	unsigned asked = 0;

	archive_write_on_late(write, bury, &asked);
	for (size_t i = 0; i < count; i++) {
		bool done = false;

		archive_write_rows(write, &rows[i], 1, on_written, &done);
		database_wait(db, &done);
	}
	archive_write_free(&write);
	return asked;
}

static void
takes_what_comes_behind_its_retraction(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		about(10, "u2", "a1", ARCHIVE_RETRACTION),
		late(said(20, "u1", "a1"), 5), late(said(21, "u1", "a1"), 5),
	};

	assert_int_equal(write_all(db, rows, ARRAY_LEN(rows)), 2);
	assert_int_equal(COUNT(db, "uid = 'u1' AND ways = 3 AND " IS_GONE
			       " AND rest LIKE '% stamp=''2026-11-29T18:24:32"
			       "%'' id=''u2''/>'"), 1);
	assert_int_equal(COUNT(db, "uid = 'u2' AND body IS NOT NULL"), 1);
	assert_int_equal(NOTED(db, "uid = 'u1' AND retraction = 'u2' "
			       "AND held = 0"), 1);
	assert_int_equal(NOTED(db, "true"), 1);
}

/* It need not be there itself. */
static void
takes_what_was_said_in_its_place(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		about(10, "u2", "a1", ARCHIVE_RETRACTION),
		late(about(20, "u3", "a1", ARCHIVE_EDIT), 5),
		late(about(21, "u4", "a2", ARCHIVE_EDIT), 5),
	};

	write_all(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, "uid = 'u3' AND " IS_GONE), 1);
	assert_int_equal(COUNT(db, "body IS NOT NULL"), 2);
}

static void
lets_be_what_was_not_meant(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		about(10, "u2", "a1", ARCHIVE_RETRACTION),
		late(said(20, "u3", "a1"), 15), late(said(21, "u4", "a2"), 5),
		late(said(22, "u5", "a1"), 5), late(said(23, "u6", "a1"), 5),
		said(24, "u7", "a1"), late(said(25, "u8", "a1"), 5),
	};

	rows[3].recipient = "v@b";
	rows[4].sender = "s@a";
	rows[6].relation = ARCHIVE_RETRACTION;
	rows[6].about = "a1";
	write_all(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, "body IS NOT NULL"),
			 (int)ARRAY_LEN(rows));
	assert_int_equal(NOTED(db, "true"), 0);
}

static void
takes_what_was_said_in_a_room(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		in_room(about(10, "u2", "u1", ARCHIVE_RETRACTION)),
		in_room(about(11, "u4", "u3", ARCHIVE_RETRACTION)),
		in_room(about(12, "u6", "u5", ARCHIVE_RETRACTION)),
		late(in_room(said(20, "u1", "a1")), 5),
		late(in_room(said(21, "u3", "a3")), 5),
		late(in_room(said(22, "u5", "a5")), 5),
		late(in_room(about(23, "u7", "a1", ARCHIVE_EDIT)), 5),
		late(in_room(about(24, "u8", "a5", ARCHIVE_EDIT)), 5),
	};

	/* A moderator, and somebody else. */
	rows[1].sender = "mod@a";
	rows[1].to_resource = "";
	rows[2].sender = "bob@a";
	rows[2].to_resource = "Bob";
	write_all(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, "uid IN ('u1', 'u3', 'u7') AND " IS_GONE),
			 3);
	assert_int_equal(COUNT(db, "uid IN ('u5', 'u8') AND body IS NOT NULL"),
			 2);
	assert_int_equal(NOTED(db, "true"), 3);
}

static void
asks_nobody_who_is_not_told(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		about(10, "u2", "a1", ARCHIVE_RETRACTION),
		late(said(20, "u1", "a1"), 5),
	};

	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, "body IS NOT NULL"), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(takes_what_comes_behind_its_retraction),
		TEST(takes_what_was_said_in_its_place),
		TEST(lets_be_what_was_not_meant),
		TEST(takes_what_was_said_in_a_room),
		TEST(asks_nobody_who_is_not_told),
	};

	return archivebed_run("archive_late", tests, ARRAY_LEN(tests));
}
