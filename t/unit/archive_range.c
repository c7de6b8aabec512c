#include "shared/archive_range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/archive_event.h"
#include "shared/archive_owner.h"
#include "shared/archive_row.h"
#include "shared/clock.h"
#include "shared/jid.h"
#include "shared/mam_query.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define NOW 1795976662000000	/* 2026-11-29 */
#define HOUR (3600LL * CLOCK_SECOND)
#define WEEK (168 * HOUR)
#define SERIAL(n) ((NOW + (n)) * 256 + 1)

struct found {
	struct arena *arena;
	bool done;
	struct archive_range range;
	struct error err;
};

static const struct archive_row rows[] = {
	{ .mark = { .serial = SERIAL(1), .stamp = NOW, .uid = "u1",
		    .ways = ARCHIVE_SENT },
	  .sender = "r@a", .recipient = "j@b", .resource = "",
	  .to_resource = "" },
	{ .mark = { .serial = SERIAL(2), .stamp = NOW, .uid = "u2",
		    .ways = ARCHIVE_SENT | ARCHIVE_SHOWN },
	  .sender = "j@b", .recipient = "r@a", .resource = "",
	  .to_resource = "" },
	{ .mark = { .serial = SERIAL(3), .stamp = NOW, .uid = "u3",
		    .ways = ARCHIVE_RECEIVED },
	  .sender = "r@a", .recipient = "j@b", .resource = "",
	  .to_resource = "" },
	{ .mark = { .serial = SERIAL(4), .stamp = NOW, .uid = "\\\"'{},",
		    .ways = ARCHIVE_SENT | ARCHIVE_RECEIVED },
	  .sender = "r@a", .recipient = "r@a", .resource = "",
	  .to_resource = "" },
};

static int
new_bed(void **state)
{
	struct database *db;

	db = archivebed_new(*(const enum database_kind *)*state);
	archivebed_write(db, rows, ARRAY_LEN(rows));
	*state = db;
	return 0;
}

static void
on_range(void *ctx, const struct archive_range *range,
	 const struct error *err)
{
	struct found *found = ctx;

	assert_false(found->done);
	assert_true((range == NULL) != (err == NULL));
	found->done = true;
	if (err != NULL)
		found->err = *err;
	else
		found->range = *range;
}

static struct mam_query
everything(void)
{
	return (struct mam_query){
		.filter = { .start = INT64_MIN, .end = INT64_MAX },
		.rsm = { .max = 10 },
	};
}

static struct found
find_of(struct database *db, const struct archive_owner *owner,
	const struct mam_query *query)
{
	struct found found = { .arena = arena_new() };

	archive_range_find(&(struct archive_range_search){
			   db->store, found.arena, owner, query },
			   on_range, &found);
	assert_false(found.done);
	database_wait(db, &found.done);
	return found;
}

static struct found
find(struct database *db, const char *owner, const struct mam_query *query)
{
	return find_of(db, &(struct archive_owner){
		       ARCHIVE_OF_ACCOUNT, owner }, query);
}

static void
assert_between(struct database *db, const struct mam_query *query,
	       int64_t after, int64_t before)
{
	struct found found = find(db, "r@a", query);

	assert_string_equal(found.err.text, "");
	assert_int_equal(found.range.after, after);
	assert_int_equal(found.range.before, before);
	arena_free(&found.arena);
}

static void
assert_not_found(struct database *db, const char *owner,
		 const struct mam_query *query)
{
	struct found found = find(db, owner, query);

	assert_int_equal(found.err.cond, ERROR_ITEM_NOT_FOUND);
	arena_free(&found.arena);
}

static struct archive_row
removal_of(int64_t n, const char *uid, const char *owner)
{
	return archivebed_event(NOW - ARCHIVEBED_NOW + n, uid,
				ARCHIVE_EVENT_REMOVAL, owner, owner);
}

/* Who has the address after that. */
static void
begins_where_the_account_does(void **state)
{
	const struct archive_row removals[] = {
		removal_of(5, "r1", "r@a"), removal_of(6, "r2", "r@a"),
		/* Told again. */
		removal_of(9, "r1", "r@a"),
	};
	const struct archive_row later[] = {
		archivebed_row(NOW - ARCHIVEBED_NOW + 8, "u8", "r@a", "j@b",
			       ARCHIVE_SENT | ARCHIVE_RECEIVED),
	};
	struct mam_query query = everything();

	archivebed_write(*state, removals, 2);
	archivebed_write(*state, later, 1);
	archivebed_write(*state, removals + 2, 1);
	assert_between(*state, &query, removals[1].mark.serial, INT64_MAX);
	query.filter.after_id = "u8";
	assert_between(*state, &query, later[0].mark.serial, INT64_MAX);
	query.filter.after_id = "u1";
	assert_not_found(*state, "r@a", &query);
	query.filter.after_id = NULL;
	query.rsm = (struct rsm){ .max = 10, .mode = RSM_BEFORE, .item = "u2" };
	assert_not_found(*state, "r@a", &query);
}

/* The other one's is as it was. */
static void
leaves_others_what_they_have(void **state)
{
	const struct archive_row removal = removal_of(5, "r1", "r@a");
	struct mam_query query = everything();
	struct found found;

	archivebed_write(*state, &removal, 1);
	query.filter.after_id = "u2";
	found = find(*state, "j@b", &query);
	assert_string_equal(found.err.text, "");
	assert_int_equal(found.range.after, SERIAL(2));
	arena_free(&found.arena);
}

static void
knows_who_is_meant(void **state)
{
	static const struct {
		const char *owner, *with;
		bool has_owner, has_with;
	} cases[] = {
		{ "r@a", NULL, true, false },
		{ "r@a", "j@b", true, true },
		{ "j@b", "r@a", true, true },
		{ "j@b", "n@b", true, false },
		{ "n@b", "j@b", false, true },
		{ "", NULL, false, false },
		{ "' OR true; --", "R@A", false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct jid with = { .bare = cases[i].with, .resource = "x" };
		struct mam_query query = everything();
		struct found found;

		query.filter.with = cases[i].with != NULL ? &with : NULL;
		found = find(*state, cases[i].owner, &query);
		assert_string_equal(found.err.text, "");
		assert_int_equal(found.range.owner != 0, cases[i].has_owner);
		assert_int_equal(found.range.with != 0, cases[i].has_with);
		assert_true(found.range.owner == 0 ||
			    found.range.owner != found.range.with);
		arena_free(&found.arena);
	}
}

static void
reaches_as_far_as_the_times(void **state)
{
	static const struct {
		int64_t start, end, after, before;
	} cases[] = {
		{ INT64_MIN, INT64_MAX, 0, INT64_MAX },
		{ NOW, NOW, (NOW - HOUR) * 256 - 1,
		  (NOW + WEEK + 1) * 256 },
		{ HOUR, -WEEK, 0, 256 },
		{ HOUR + 1, -WEEK - 1, 255, 0 },
		{ INT64_MAX, INT64_MIN, INT64_MAX, 0 },
		/* The year 9999. */
		{ 253402300799000000, 253402300799000000, INT64_MAX,
		  INT64_MAX },
		{ INT64_MAX / 256 + HOUR, INT64_MAX / 256 - WEEK,
		  INT64_MAX - 256, INT64_MAX },
		{ 0, INT64_MAX / 256 - WEEK - 1, 0, INT64_MAX - 255 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mam_query query = everything();

		query.filter.start = cases[i].start;
		query.filter.end = cases[i].end;
		assert_between(*state, &query, cases[i].after,
			       cases[i].before);
	}
}

static void
lies_between_messages(void **state)
{
	struct mam_query query = everything();

	query.filter.after_id = "u1";
	query.filter.before_id = "u2";
	assert_between(*state, &query, SERIAL(1), SERIAL(2));
	query.filter.after_id = "\\\"'{},";
	query.filter.before_id = "u1";
	assert_between(*state, &query, SERIAL(4), SERIAL(1));
	query.filter.after_id = query.filter.before_id = "u1";
	assert_between(*state, &query, SERIAL(1), SERIAL(1));
}

/* The narrower of the two. */
static void
lies_beside_the_item_of_a_page(void **state)
{
	struct mam_query query = everything();

	query.rsm.mode = RSM_AFTER;
	query.rsm.item = "u2";
	assert_between(*state, &query, SERIAL(2), INT64_MAX);
	query.filter.after_id = "u1";
	assert_between(*state, &query, SERIAL(2), INT64_MAX);
	query.rsm.item = "u1";
	query.filter.after_id = "u2";
	assert_between(*state, &query, SERIAL(2), INT64_MAX);
	query.rsm.mode = RSM_BEFORE;
	query.rsm.item = "\\\"'{},";
	assert_between(*state, &query, SERIAL(2), SERIAL(4));
	query.rsm.count_only = true;
	assert_between(*state, &query, SERIAL(2), INT64_MAX);
}

static void
knows_each_of_the_ids(void **state)
{
	static const char *const ids[] = { "\\\"'{},", "u1", "u2" };
	struct mam_query query = everything();
	struct found found;

	query.filter.ids = ids;
	query.filter.ids_count = ARRAY_LEN(ids);
	query.filter.before_id = "u2";
	found = find(*state, "r@a", &query);
	assert_string_equal(found.err.text, "");
	assert_int_equal(found.range.ids_count, 3);
	assert_int_equal(found.range.ids[0], SERIAL(4));
	assert_int_equal(found.range.ids[1], SERIAL(1));
	assert_int_equal(found.range.ids[2], SERIAL(2));
	assert_int_equal(found.range.before, SERIAL(2));
	arena_free(&found.arena);
}

/* SQLite has each once. */
static void
means_the_first_of_several(void **state)
{
	struct mam_query query = everything();
	struct archive_row twin = rows[0];
	struct database *db = *state;

	if (db->kind != DATABASE_POSTGRES)
		return;
	twin.mark.serial = SERIAL(5);
	twin.mark.uid = "twin";
	archivebed_write(db, &twin, 1);
	database_do(db, "UPDATE archive_message SET uid = 'u1' "
		    "WHERE uid = 'twin'");
	query.filter.after_id = "u1";
	assert_between(db, &query, SERIAL(1), INT64_MAX);
	query.filter.after_id = NULL;
	query.filter.before_id = "u1";
	assert_between(db, &query, 0, SERIAL(1));
}

static void
refuses_what_is_not_there(void **state)
{
	/* u3 is in the archive of whom it was for. */
	static const char *const unknown[] = { "u4", "u3", "", "U1", "%" };

	for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
		const char *const ids[] = { "u1", unknown[i] };
		struct mam_query query = everything();

		query.filter.after_id = unknown[i];
		assert_not_found(*state, "r@a", &query);
		query = everything();
		query.filter.before_id = unknown[i];
		assert_not_found(*state, "r@a", &query);
		query = everything();
		query.filter.ids = ids;
		query.filter.ids_count = 2;
		assert_not_found(*state, "r@a", &query);
		query = everything();
		query.rsm.mode = RSM_AFTER;
		query.rsm.item = unknown[i];
		assert_not_found(*state, "r@a", &query);
		query.rsm.mode = RSM_BEFORE;
		assert_not_found(*state, "r@a", &query);
		query.rsm.count_only = true;
		assert_not_found(*state, "r@a", &query);
	}
}

static void
refuses_what_is_with_others(void **state)
{
	struct mam_query query = everything();

	query.filter.after_id = "u1";
	assert_not_found(*state, "j@b", &query);
	assert_not_found(*state, "x@y", &query);
	query.filter.after_id = "u3";
	assert_not_found(*state, "r@a", &query);
	assert_between(*state, &(struct mam_query){
		.filter = { .start = INT64_MIN, .end = INT64_MAX,
			    .after_id = "u2" } }, SERIAL(2), INT64_MAX);
}

/* That it is, or is not. */
static void
assert_in_room(struct database *db, const char *uid, bool is_there)
{
	const struct archive_owner room = { ARCHIVE_OF_ROOM, "room@c" };
	struct mam_query query = everything();
	struct found found;

	query.filter.after_id = uid;
	found = find_of(db, &room, &query);
	assert_int_equal(found.err.cond,
			 is_there ? ERROR_NONE : ERROR_ITEM_NOT_FOUND);
	assert_true(!is_there || found.range.after > 0);
	arena_free(&found.arena);
}

static void
knows_what_is_in_a_room(void **state)
{
	struct archive_row row = rows[0];

	row.recipient = "room@c";
	row.type = ARCHIVE_GROUPCHAT;
	row.mark.ways = ARCHIVE_RECEIVED;
	row.mark.serial = SERIAL(10);
	row.mark.uid = "said";
	archivebed_write(*state, &row, 1);
	row.mark.ways = ARCHIVE_SENT;
	row.mark.serial = SERIAL(11);
	row.mark.uid = "sent";
	archivebed_write(*state, &row, 1);
	row.mark.ways = ARCHIVE_RECEIVED;
	row.type = ARCHIVE_CHAT;
	row.mark.serial = SERIAL(12);
	row.mark.uid = "private";
	archivebed_write(*state, &row, 1);
	assert_in_room(*state, "said", true);
	assert_in_room(*state, "sent", false);
	assert_in_room(*state, "private", false);
	assert_in_room(*state, "u1", false);
}

static void
says_what_the_database_says(void **state)
{
	struct mam_query query = everything();
	struct found found;

	database_do(*state, "DROP TABLE archive_message");
	found = find(*state, "r@a", &query);
	assert_int_equal(found.err.cond, ERROR_INTERNAL_SERVER_ERROR);
	arena_free(&found.arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(begins_where_the_account_does),
		TEST(leaves_others_what_they_have),
		TEST(knows_who_is_meant),
		TEST(reaches_as_far_as_the_times),
		TEST(lies_between_messages),
		TEST(lies_beside_the_item_of_a_page),
		TEST(knows_each_of_the_ids),
		TEST(means_the_first_of_several),
		TEST(refuses_what_is_not_there),
		TEST(refuses_what_is_with_others),
		TEST(knows_what_is_in_a_room),
		TEST(says_what_the_database_says),
	};

	return archivebed_run("archive_range", tests, ARRAY_LEN(tests));
}
