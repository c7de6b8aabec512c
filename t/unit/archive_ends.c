#include "shared/archive_ends.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shared/archive_event.h"
#include "shared/archive_owner.h"
#include "shared/archive_row.h"
#include "shared/clock.h"
#include "shared/mam_metadata.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ALL_WAYS (ARCHIVE_SENT | ARCHIVE_RECEIVED | ARCHIVE_SHOWN)
#define DAY (24LL * 3600 * CLOCK_SECOND)

struct ends {
	bool done;
	char start_id[16], end_id[16];	/* "": none */
	int64_t start, end;
	struct error err;
};

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

static void
on_ends(void *ctx, const struct mam_metadata *ends, const struct error *err)
{
	struct ends *got = ctx;

	assert_false(got->done);
	assert_true((ends == NULL) != (err == NULL));
	got->done = true;
	if (err != NULL) {
		got->err = *err;
		return;
	}
	assert_true((ends->start_id == NULL) == (ends->end_id == NULL));
	if (ends->start_id == NULL)
		return;
	snprintf(got->start_id, sizeof(got->start_id), "%s", ends->start_id);
	snprintf(got->end_id, sizeof(got->end_id), "%s", ends->end_id);
	got->start = ends->start;
	got->end = ends->end;
}

static struct ends
ask(struct database *db, enum archive_kind kind, const char *owner)
{
	struct ends got = { 0 };

	archive_ends_find(db->store, &(struct archive_owner){ kind, owner },
			  on_ends, &got);
	assert_false(got.done);
	database_wait(db, &got.done);
	return got;
}

static struct ends
find(struct database *db, const char *owner)
{
	struct ends got = ask(db, ARCHIVE_OF_ACCOUNT, owner);

	assert_string_equal(got.err.text, "");
	return got;
}

static void
assert_ends(struct database *db, const char *owner, const char *start_id,
	    const char *end_id)
{
	struct ends got = find(db, owner);

	assert_string_equal(got.start_id, start_id);
	assert_string_equal(got.end_id, end_id);
}

static void
finds_the_first_and_the_last(void **state)
{
	const struct archive_row rows[] = {
		archivebed_row(0, "u1", "r@a", "j@b", ARCHIVE_SENT),
		archivebed_row(1, "u2", "j@b", "r@a",
			       ARCHIVE_SENT | ARCHIVE_SHOWN),
		archivebed_row(2, "u3", "r@a", "j@b", ARCHIVE_RECEIVED),
		archivebed_row(40 * DAY, "u4", "r@a", "n@b", ARCHIVE_SENT),
		archivebed_row(40 * DAY + 1, "u5", "n@b", "m@a",
			       ARCHIVE_RECEIVED),
	};
	struct ends got;

	archivebed_write(*state, rows, ARRAY_LEN(rows));
	assert_ends(*state, "r@a", "u1", "u4");
	assert_ends(*state, "j@b", "u2", "u3");
	assert_ends(*state, "m@a", "u5", "u5");
	got = find(*state, "r@a");
	assert_int_equal(got.start, ARCHIVEBED_NOW);
	assert_int_equal(got.end, ARCHIVEBED_NOW + 40 * DAY);
}

static void
begins_where_the_account_does(void **state)
{
	const struct archive_row before[] = {
		archivebed_row(0, "u1", "r@a", "j@b", ARCHIVE_SENT),
		archivebed_row(1, "u2", "j@b", "r@a", ALL_WAYS),
		archivebed_event(2, "x1", ARCHIVE_EVENT_REMOVAL, "r@a", "r@a"),
	};
	const struct archive_row after[] = {
		archivebed_row(3, "u3", "j@b", "r@a", ALL_WAYS),
	};

	archivebed_write(*state, before, ARRAY_LEN(before));
	assert_ends(*state, "r@a", "", "");
	assert_ends(*state, "j@b", "u2", "u2");
	archivebed_write(*state, after, ARRAY_LEN(after));
	assert_ends(*state, "r@a", "u3", "u3");
	assert_ends(*state, "j@b", "u2", "u3");
}

static void
finds_the_one(void **state)
{
	const struct archive_row self = archivebed_row(0, "u1", "r@a", "r@a",
		ARCHIVE_SENT | ARCHIVE_RECEIVED);

	archivebed_write(*state, &self, 1);
	assert_ends(*state, "r@a", "u1", "u1");
}

/* Its own copy, though the other's is there. */
static void
finds_nothing_in_an_empty_one(void **state)
{
	const struct archive_row rows[] = {
		archivebed_row(0, "u1", "r@a", "j@b", ARCHIVE_SENT),
		archivebed_row(1, "u2", "n@b", "r@a", ARCHIVE_RECEIVED),
	};

	assert_ends(*state, "j@b", "", "");
	archivebed_write(*state, rows, ARRAY_LEN(rows));
	assert_ends(*state, "j@b", "", "");
	assert_ends(*state, "n@b", "", "");
	assert_ends(*state, "x@y", "", "");
	assert_ends(*state, "'; --", "", "");
}

/* It stands where it came. */
static void
tells_when_they_were_sent(void **state)
{
	struct archive_row rows[] = {
		archivebed_row(0, "u1", "r@a", "j@b", ARCHIVE_SENT),
		archivebed_row(1, "u2", "r@a", "j@b", ARCHIVE_SENT),
	};
	struct ends got;

	rows[1].mark.stamp -= DAY;
	archivebed_write(*state, rows, ARRAY_LEN(rows));
	got = find(*state, "r@a");
	assert_string_equal(got.start_id, "u1");
	assert_string_equal(got.end_id, "u2");
	assert_int_equal(got.end, ARCHIVEBED_NOW + 1 - DAY);
}

static void
finds_those_of_a_room(void **state)
{
	struct archive_row rows[] = {
		archivebed_row(0, "private", "r@a", "room@c", ARCHIVE_RECEIVED),
		archivebed_row(1, "u1", "r@a", "room@c", ARCHIVE_RECEIVED),
		archivebed_row(2, "u2", "j@b", "room@c", ARCHIVE_RECEIVED),
		archivebed_row(3, "u3", "r@a", "room@c", ARCHIVE_RECEIVED),
		archivebed_row(4, "sent", "r@a", "room@c", ARCHIVE_SENT),
		archivebed_row(5, "from", "room@c", "r@a", ALL_WAYS),
	};
	struct ends got;

	for (size_t i = 1; i < ARRAY_LEN(rows); i++)
		rows[i].type = ARCHIVE_GROUPCHAT;
	archivebed_write(*state, rows, ARRAY_LEN(rows));
	got = ask(*state, ARCHIVE_OF_ROOM, "room@c");
	assert_string_equal(got.err.text, "");
	assert_string_equal(got.start_id, "u1");
	assert_string_equal(got.end_id, "u3");
	assert_ends(*state, "r@a", "sent", "from");
}

static void
says_what_the_database_says(void **state)
{
	struct ends got;

	database_do(*state, "DROP TABLE archive_message");
	got = ask(*state, ARCHIVE_OF_ACCOUNT, "r@a");
	assert_int_equal(got.err.cond, ERROR_INTERNAL_SERVER_ERROR);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(finds_the_first_and_the_last),
		TEST(begins_where_the_account_does),
		TEST(finds_the_one),
		TEST(finds_nothing_in_an_empty_one),
		TEST(tells_when_they_were_sent),
		TEST(finds_those_of_a_room),
		TEST(says_what_the_database_says),
	};

	return archivebed_run("archive_ends", tests, ARRAY_LEN(tests));
}
