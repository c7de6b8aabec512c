#include "components/archive/journaling/post.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_attendance.h"
#include "shared/archive_row.h"
#include "shared/archive_write.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/serial.h"
#include "shared/str.h"
#include "t/lib/archivebed.h"

#define DOMAIN "archive.example"
#define NOW (ARCHIVEBED_NOW + INT64_C(3600) * CLOCK_SECOND)
#define MINUTE (INT64_C(60) * CLOCK_SECOND)
#define BOTH (ARCHIVE_SENT | ARCHIVE_RECEIVED)

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

/* What an answer says: an id; or the uids of messages, in one line. */
struct answer {
	struct database *db;
	struct arena *arena;
	bool done;
	int64_t number;
	struct str uids;
	struct post_item last;
};

static void
on_number(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct answer *answer = ctx;

	assert_null(err);
	answer->number = store_get_int(result, 0, 0);
	answer->done = true;
}

static int64_t
open_post(struct database *db, const char *title)
{
	struct answer answer = { .db = db };

	post_open(db->store, DOMAIN, title, on_number, &answer);
	database_wait(db, &answer.done);
	return answer.number;
}

static void
on_items(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct answer *answer = ctx;

	assert_null(err);
	for (size_t i = 0; i < store_rows(result); i++) {
		answer->last = post_item_of(answer->arena, result, i);
		str_addf(&answer->uids, "%s%s", i == 0 ? "" : " ",
			 answer->last.row == NULL ? "gone" :
			 answer->last.row->mark.uid);
	}
	answer->done = true;
}

static void
expect_next(struct database *db, const struct post_place *place,
	    const char *uids)
{
	struct answer answer = { .db = db, .arena = arena_new() };

	str_addz(&answer.uids, "");
	post_next(db->store, place, on_items, &answer);
	assert_false(answer.done);
	database_wait(db, &answer.done);
	assert_string_equal(answer.uids.data, uids);
	str_fini(&answer.uids);
	arena_free(&answer.arena);
}

/* A message of that uid, so many seconds later, between two of them. */
static void
put(struct database *db, int64_t secs, const char *uid, const char *who)
{
	const char *to = *who == 'r' ? "j@b" : "r@a";
	const char *from = *who == 'r' ? "r@a" : "j@b";
	struct archive_row row = archivebed_row(
		secs * CLOCK_SECOND, uid, *who == 'm' ? "m@a" : from, to,
		BOTH);

	archivebed_write(db, &row, 1);
}

static int64_t
waiting(struct database *db)
{
	return database_ask(db, "SELECT count(*) FROM archive_post");
}

static void
has_what_is_stored_from_then_on(void **state)
{
	struct database *db = *state;
	struct post_place place = { .now = NOW };

	put(db, 0, "before", "r");
	assert_int_equal(waiting(db), 0);
	place.journaling = open_post(db, "office");
	assert_int_equal(open_post(db, "office"), place.journaling);
	put(db, 2, "second", "r");
	/* Late, with a serial of its own time. */
	put(db, 1, "first", "j");
	/* A copy is no other message. */
	put(db, 3, "second", "r");
	expect_next(db, &place, "first second");
	place.journaling = open_post(db, "other");
	put(db, 4, "third", "r");
	expect_next(db, &place, "third");
	assert_int_equal(waiting(db), 4);
}

static void
is_closed_where_there_is_no_section(void **state)
{
	static const char *const office[] = { "office", NULL };
	struct database *db = *state;
	struct post_place office_place = { .now = NOW };
	struct post_place other = { .now = NOW };

	office_place.journaling = open_post(db, "office");
	other.journaling = open_post(db, "other");
	put(db, 1, "one", "r");
	post_close_others(db->store, "elsewhere", office + 1);
	post_close_others(db->store, DOMAIN, office);
	put(db, 2, "two", "r");
	expect_next(db, &office_place, "one two");
	expect_next(db, &other, "one");
	assert_int_equal(open_post(db, "other"), other.journaling);
	put(db, 3, "three", "r");
	expect_next(db, &other, "one three");
}

/* Whose daemon is gone; it is as before once that is back. */
static void
has_no_more_after_thirty_days(void **state)
{
	struct database *db = *state;
	struct post_place place = { .now = NOW };
	struct str sql = { 0 };

	place.journaling = open_post(db, "office");
	put(db, 1, "one", "r");
	str_addf(&sql, "UPDATE archive_journaling SET seen = %lld",
		 (long long)(clock_now() - POST_GONE - MINUTE));
	database_do(db, sql.data);
	put(db, 2, "two", "r");
	expect_next(db, &place, "one");
	post_stay(db->store, place.journaling);
	put(db, 3, "three", "r");
	expect_next(db, &place, "one three");
	str_fini(&sql);
}

/* A little short of it. */
static void
has_more_as_long_as_its_daemon_may_come_back(void **state)
{
	struct database *db = *state;
	struct post_place place = { .now = NOW };
	struct str sql = { 0 };

	place.journaling = open_post(db, "office");
	str_addf(&sql, "UPDATE archive_journaling SET seen = %lld",
		 (long long)(clock_now() - POST_GONE + 60 * MINUTE));
	database_do(db, sql.data);
	put(db, 1, "one", "r");
	expect_next(db, &place, "one");
	str_fini(&sql);
}

/* Of what was said in a room while they were there. */
static void
has_whom_it_was_shown(void **state)
{
	const struct archive_attendance came = {
		.kind = ARCHIVE_ATTENDANCE_CAME, .room = "g@c/100",
		.people = (const char *[]){ "r@a", "t@a" }, .count = 2,
	};
	struct archive_row rows[] = {
		archivebed_row(1, "before", "j@b", "g@c/100",
			       ARCHIVE_RECEIVED),
		{ .mark = { .serial = serial_first_of(ARCHIVEBED_NOW + 2) },
		  .attendance = &came },
		archivebed_row(3, "said", "j@b", "g@c/100", ARCHIVE_RECEIVED),
	};
	struct database *db = *state;
	struct answer answer = { .db = db, .arena = arena_new() };
	struct post_place place = { .now = NOW };

	place.journaling = open_post(db, "office");
	rows[0].type = rows[2].type = ARCHIVE_GROUPCHAT;
	archivebed_write(db, rows, 3);
	post_next(db->store, &place, on_items, &answer);
	database_wait(db, &answer.done);
	assert_string_equal(answer.uids.data, "before said");
	assert_string_equal(answer.last.audience, "r@a\nt@a");
	str_fini(&answer.uids);
	arena_free(&answer.arena);
	place.window = MINUTE;
	expect_next(db, &place, "before said");
}

static void
gives_a_conversation_once_its_window_is_over(void **state)
{
	struct database *db = *state;
	struct post_place place = { .window = MINUTE };
	struct archive_row room = archivebed_row(CLOCK_SECOND * 3, "said",
						 "r@a", "room@c/1", 2);

	place.journaling = open_post(db, "office");
	put(db, 0, "one", "r");
	put(db, 1, "other", "m");
	put(db, 2, "two", "j");
	room.type = ARCHIVE_GROUPCHAT;
	archivebed_write(db, &room, 1);
	put(db, 59, "three", "r");
	put(db, 60, "four", "r");
	place.now = ARCHIVEBED_NOW + 59 * CLOCK_SECOND;
	expect_next(db, &place, "");
	place.now = ARCHIVEBED_NOW + 61 * CLOCK_SECOND;
	expect_next(db, &place, "one two three");
	database_do(db, "DELETE FROM archive_post WHERE serial IN (SELECT "
		    "serial FROM archive_message WHERE uid IN ('one', "
		    "'three'))");
	place.now = ARCHIVEBED_NOW + 62 * CLOCK_SECOND;
	expect_next(db, &place, "other");
	database_do(db, "DELETE FROM archive_post WHERE serial IN (SELECT "
		    "serial FROM archive_message WHERE uid = 'other')");
	place.now = NOW;
	expect_next(db, &place, "two four");
	database_do(db, "DELETE FROM archive_post WHERE serial IN (SELECT "
		    "serial FROM archive_message WHERE uid IN ('two', "
		    "'four'))");
	expect_next(db, &place, "said");
}

static void
gives_no_more_than_is_to_be_read(void **state)
{
	struct database *db = *state;
	struct post_place place = { .now = NOW };
	struct archive_row row = archivebed_row(1, "large", "r@a", "j@b",
						BOTH);
	char *text = malloc(POST_BYTES + 1);

	assert_non_null(text);
	memset(text, 'x', POST_BYTES);
	text[POST_BYTES] = '\0';
	row.body = text;
	place.journaling = open_post(db, "office");
	archivebed_write(db, &row, 1);
	put(db, 2, "next", "r");
	expect_next(db, &place, "large");
	free(text);
}

static void
on_done(void *ctx, const struct store_result *result, const struct error *err)
{
	(void)result;
	assert_null(err);
	*(bool *)ctx = true;
}

static void
commit(struct database *db, struct store_batch *batch)
{
	bool done = false;

	store_commit(&batch, on_done, &done);
	database_wait(db, &done);
}

static void
leaves_out_what_is_not_due(void **state)
{
	struct database *db = *state;
	struct post_place place = { .now = NOW };
	struct post_item item = { .tried = 5, .tries = 2, .refusals = 1 };
	struct answer answer = { .db = db, .arena = arena_new() };
	struct store_batch *batch;

	place.journaling = open_post(db, "office");
	put(db, 1, "one", "r");
	put(db, 2, "two", "r");
	item.serial = database_ask(db, "SELECT min(serial) FROM archive_post");
	batch = store_begin(db->store);
	post_defer(batch, place.journaling, &item, NOW + 1);
	commit(db, batch);
	expect_next(db, &place, "two");
	place.now++;
	expect_next(db, &place, "one two");
	place.fresh = true;
	expect_next(db, &place, "two");
	place.window = MINUTE;
	expect_next(db, &place, "two");
	place.fresh = false;
	expect_next(db, &place, "one two");
	place.window = 0;
	batch = store_begin(db->store);
	post_remove(batch, place.journaling, database_ask(
		db, "SELECT max(serial) FROM archive_post"));
	commit(db, batch);
	post_next(db->store, &place, on_items, &answer);
	database_wait(db, &answer.done);
	assert_string_equal(answer.uids.data, "one");
	assert_int_equal(answer.last.tried, 5);
	assert_int_equal(answer.last.tries, 2);
	assert_int_equal(answer.last.refusals, 1);
	str_fini(&answer.uids);
	arena_free(&answer.arena);
}

static void
tells_what_went_from_the_archive(void **state)
{
	struct database *db = *state;
	struct post_place place = { .now = NOW };

	place.journaling = open_post(db, "office");
	put(db, 1, "one", "r");
	put(db, 2, "two", "r");
	database_do(db, "DELETE FROM archive_message WHERE uid = 'one'");
	expect_next(db, &place, "gone two");
	/* It may come again, as by an import. */
	put(db, 1, "one", "r");
	expect_next(db, &place, "one two");
	/* Or be of nobody any more. */
	database_do(db, "UPDATE archive_message SET sender = sender + 100 "
		    "WHERE uid = 'two'");
	expect_next(db, &place, "one gone");
}

static void
on_written(void *ctx, const struct error *err)
{
	assert_null(err);
	*(bool *)ctx = true;
}

/* Whether anything can be stored is tried by what is nobody's. */
static void
leaves_out_what_is_a_trial(void **state)
{
	struct database *db = *state;
	struct archive_write *write = archive_write_new(db->store, 1);
	bool done = false;

	open_post(db, "office");
	archive_write_probe(write, serial_first_of(ARCHIVEBED_NOW),
			    on_written, &done);
	database_wait(db, &done);
	archive_write_free(&write);
	assert_int_equal(waiting(db), 0);
	put(db, 1, "one", "r");
	assert_int_equal(waiting(db), 1);
}

static void
tells_what_a_message_is_about(void **state)
{
	struct database *db = *state;
	struct post_place place = { .now = NOW };
	struct answer answer = { .db = db, .arena = arena_new() };
	struct archive_row row = archivebed_row(1, "edit", "r@a", "j@b", BOTH);

	row.relation = ARCHIVE_EDIT;
	row.about = "m1";
	place.journaling = open_post(db, "office");
	archivebed_write(db, &row, 1);
	post_next(db->store, &place, on_items, &answer);
	database_wait(db, &answer.done);
	assert_int_equal(answer.last.row->relation, ARCHIVE_EDIT);
	assert_string_equal(answer.last.row->about, "m1");
	str_fini(&answer.uids);
	arena_free(&answer.arena);
}

static void
sets_aside_until_it_is_to_be_tried_again(void **state)
{
	struct database *db = *state;
	struct post_place place = { .now = NOW };
	struct answer answer = { .db = db };
	struct store_batch *batch;
	int64_t serial;
	bool done = false;

	place.journaling = open_post(db, "office");
	put(db, 1, "one", "r");
	put(db, 2, "two", "r");
	serial = database_ask(db, "SELECT min(serial) FROM archive_post");
	batch = store_begin(db->store);
	post_set_aside(batch, place.journaling, serial, "554 no");
	commit(db, batch);
	expect_next(db, &place, "two");
	post_count(db->store, place.journaling, on_number, &answer);
	database_wait(db, &answer.done);
	assert_int_equal(answer.number, 1);
	post_retry(db->store, DOMAIN, serial + 1, on_done, &done);
	database_wait(db, &done);
	expect_next(db, &place, "two");
	post_retry(db->store, DOMAIN, serial, on_done, &done);
	post_retry(db->store, DOMAIN, 0, on_done, &done);
	expect_next(db, &place, "one two");
}

static void
is_forgotten_where_there_is_no_section(void **state)
{
	static const char *const none[] = { NULL };
	struct database *db = *state;
	bool done = false;

	open_post(db, "office");
	put(db, 1, "one", "r");
	post_forget(db->store, DOMAIN, "office", on_done, &done);
	database_wait(db, &done);
	assert_int_equal(waiting(db), 1);
	post_close_others(db->store, DOMAIN, none);
	post_forget(db->store, DOMAIN, "office", on_done, &done);
	assert_int_equal(waiting(db), 0);
}

#define BED_TEST(name) \
	cmocka_unit_test_setup_teardown(name, new_bed, database_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(has_what_is_stored_from_then_on),
		BED_TEST(is_closed_where_there_is_no_section),
		BED_TEST(has_no_more_after_thirty_days),
		BED_TEST(has_more_as_long_as_its_daemon_may_come_back),
		BED_TEST(has_whom_it_was_shown),
		BED_TEST(gives_a_conversation_once_its_window_is_over),
		BED_TEST(gives_no_more_than_is_to_be_read),
		BED_TEST(leaves_out_what_is_not_due),
		BED_TEST(tells_what_went_from_the_archive),
		BED_TEST(leaves_out_what_is_a_trial),
		BED_TEST(tells_what_a_message_is_about),
		BED_TEST(sets_aside_until_it_is_to_be_tried_again),
		BED_TEST(is_forgotten_where_there_is_no_section),
	};

	return archivebed_run("archive_post", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
