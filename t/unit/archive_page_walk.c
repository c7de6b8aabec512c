#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_page.h"
#include "shared/archive_row.h"
#include "shared/clock.h"
#include "shared/jid.h"
#include "shared/mam_query.h"
#include "shared/str.h"
#include "t/lib/archivebed.h"
#include "t/lib/pagebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define DAY (24LL * 3600 * CLOCK_SECOND)
#define ALL_WAYS (ARCHIVE_SENT | ARCHIVE_RECEIVED | ARCHIVE_SHOWN)

static void
assert_uids(struct pagebed *bed, const char *uids)
{
	assert_string_equal(bed->count > 0 ? bed->uids.data : "", uids);
}

/* Three of four are his, over two months; no two neighbours are alike. */
#define TALK 240

static char talk_uids[TALK][8];

static struct archive_row
talk_row(size_t i)
{
	int64_t at = (int64_t)(i < TALK / 2 ? i : i + 3 * DAY);
	const char *uid = talk_uids[i];

	snprintf(talk_uids[i], sizeof(talk_uids[i]), "%zu", i);
	switch (i % 8) {
	case 0:
		return archivebed_row(at, uid, "r@a", "j@b", ARCHIVE_SENT);
	case 1:
		return archivebed_row(at, uid, "j@b", "r@a", ARCHIVE_RECEIVED);
	case 2:
		return archivebed_row(at, uid, "r@a", "r@a", ALL_WAYS);
	case 3:
		return archivebed_row(at, uid, "j@b", "n@a", ALL_WAYS);
	case 4:
		return archivebed_row(at, uid, "n@a", "r@a", ALL_WAYS);
	case 5:
		return archivebed_row(at, uid, "r@a", "n@a", ALL_WAYS);
	case 6:
		return archivebed_row(at, uid, "r@a", "j@b", ALL_WAYS);
	default:
		return archivebed_row(at, uid, "r@a", "j@b", ARCHIVE_RECEIVED);
	}
}

/* In no order. */
static void
write_talk(struct database *db)
{
	static struct archive_row rows[TALK];

	for (size_t i = 0; i < TALK; i++)
		rows[(i * 77) % TALK] = talk_row(i);
	archivebed_write(db, rows, TALK);
}

static bool
is_his(size_t i)
{
	return i % 8 != 3 && i % 8 != 7;
}

static bool
is_his_with_juliet(size_t i)
{
	return i % 8 == 0 || i % 8 == 1 || i % 8 == 6;
}

/* A page that is full may have been the last one. */
static void
take_page(struct pagebed *bed, const struct mam_query *query, size_t left)
{
	size_t max = query->rsm.max;

	pagebed_find(bed, "r@a", query);
	assert_int_equal(bed->count, left < max ? left : max);
	assert_int_equal(bed->complete, left <= max);
}

static void
page_forward(struct pagebed *bed, struct mam_query query,
	     bool (*is_in)(size_t i))
{
	size_t left = 0, next = 0;
	char item[32];

	for (size_t i = 0; i < TALK; i++)
		left += is_in(i);
	for (bed->complete = false; !bed->complete; left -= bed->count) {
		struct str expected = { 0 };

		take_page(bed, &query, left);
		for (size_t n = 0; n < bed->count; next++) {
			if (!is_in(next))
				continue;
			str_addf(&expected, "%zu ", next);
			n++;
		}
		assert_uids(bed, expected.data != NULL ? expected.data : "");
		str_fini(&expected);
		memcpy(item, bed->last, sizeof(item));
		query.rsm.mode = RSM_AFTER;
		query.rsm.item = item;
	}
	assert_int_equal(left, 0);
}

/* The page's numbers, of those before next, in their order. */
static size_t
expect_before(struct str *expected, size_t next, size_t count,
	      bool (*is_in)(size_t i))
{
	size_t first = next;

	for (size_t n = 0; n < count;)
		n += is_in(--first);
	for (size_t i = first; i < next; i++)
		if (is_in(i))
			str_addf(expected, "%zu ", i);
	return first;
}

static void
page_backward(struct pagebed *bed, struct mam_query query,
	      bool (*is_in)(size_t i))
{
	size_t left = 0, next = TALK;
	char item[32];

	for (size_t i = 0; i < TALK; i++)
		left += is_in(i);
	query.rsm.mode = RSM_LAST;
	for (bed->complete = false; !bed->complete; left -= bed->count) {
		struct str expected = { 0 };

		take_page(bed, &query, left);
		next = expect_before(&expected, next, bed->count, is_in);
		assert_uids(bed, expected.data != NULL ? expected.data : "");
		str_fini(&expected);
		memcpy(item, bed->first, sizeof(item));
		query.rsm.mode = RSM_BEFORE;
		query.rsm.item = item;
	}
	assert_int_equal(left, 0);
}

static void
pages_through_all(void **state)
{
	struct pagebed *bed = *state;

	write_talk(bed->db);
	for (size_t max = 1; max <= TALK; max += 1 + max / 40) {
		page_forward(bed, pagebed_everything(max), is_his);
		page_backward(bed, pagebed_everything(max), is_his);
	}
}

static void
pages_through_those_with_somebody(void **state)
{
	const struct jid with = { .bare = "j@b", .resource = "" };
	struct pagebed *bed = *state;

	write_talk(bed->db);
	for (size_t max = 1; max <= TALK / 2; max += 1 + max / 8) {
		struct mam_query query = pagebed_everything(max);

		query.filter.with = &with;
		page_forward(bed, query, is_his_with_juliet);
		page_backward(bed, query, is_his_with_juliet);
	}
}

static void
pages_through_a_search(void **state)
{
	struct pagebed *bed = *state;

	write_talk(bed->db);
	for (size_t max = 1; max <= TALK; max += 1 + max / 8) {
		struct mam_query query = pagebed_everything(max);

		query.filter.text = "FORE where";
		page_forward(bed, query, is_his);
		page_backward(bed, query, is_his);
	}
}

/* All of his, the last first. */
static void
pages_through_ids(void **state)
{
	const char *ids[TALK];
	struct pagebed *bed = *state;
	size_t count = 0;

	write_talk(bed->db);
	for (size_t i = TALK; i-- > 0;)
		if (is_his(i))
			ids[count++] = talk_uids[i];
	for (size_t max = 1; max <= TALK; max += 1 + max / 4) {
		struct mam_query query = pagebed_everything(max);

		query.filter.ids = ids;
		query.filter.ids_count = count;
		page_forward(bed, query, is_his);
		page_backward(bed, query, is_his);
	}
}

/* Stores some again: the first behind the second. */
static void
write_twins(struct database *db)
{
	static const size_t places[][2] = {
		{ 0, 1 }, { 1, 6 }, { 2, 6 }, { 4, 6 }, { 5, 238 },
		{ 118, 121 }, { 238, 238 },
	};
	static char uids[ARRAY_LEN(places)][8];
	struct archive_row rows[ARRAY_LEN(places)];

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		rows[i] = talk_row(places[i][0]);
		rows[i].mark.serial = talk_row(places[i][1]).mark.serial + 1 +
				      (int64_t)i;
		snprintf(uids[i], sizeof(uids[i]), "t%zu", places[i][0]);
		rows[i].mark.uid = uids[i];
	}
	archivebed_write(db, rows, ARRAY_LEN(rows));
	database_do(db, "UPDATE archive_message SET uid = substr(uid, 2) "
		    "WHERE substr(uid, 1, 1) = 't'");
	database_do(db, "INSERT INTO archive_writer (number, name) "
		    "VALUES (1, 'one'), (2, 'other')");
}

/* SQLite has one writer alone. */
static void
leaves_out_what_was_stored_twice(void **state)
{
	const struct jid with = { .bare = "j@b", .resource = "" };
	struct pagebed *bed = *state;

	if (bed->db->kind != DATABASE_POSTGRES)
		return;
	write_talk(bed->db);
	write_twins(bed->db);
	for (size_t max = 1; max <= TALK; max += 1 + max / 8) {
		struct mam_query query = pagebed_everything(max);

		page_forward(bed, query, is_his);
		page_backward(bed, query, is_his);
		query.filter.text = "wherefore";
		page_forward(bed, query, is_his);
		page_backward(bed, query, is_his);
		query.filter.text = NULL;
		query.filter.with = &with;
		page_forward(bed, query, is_his_with_juliet);
		page_backward(bed, query, is_his_with_juliet);
	}
}

static void
finds_those_between_ids(void **state)
{
	static const struct {
		const char *after, *before, *uids;
	} cases[] = {
		{ "0", "6", "1 2 4 5 " },
		{ "1", "2", "" },
		{ "2", "2", "" },
		{ "6", "0", "" },
		{ "234", NULL, "236 237 238 " },
		{ "237", NULL, "238 " },
		{ "238", NULL, "" },
		{ NULL, "2", "0 1 " },
		{ NULL, "0", "" },
		/* Over the end of a month. */
		{ "116", "122", "117 118 120 121 " },
	};
	struct pagebed *bed = *state;

	write_talk(bed->db);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mam_query query = pagebed_everything(10);

		query.filter.after_id = cases[i].after;
		query.filter.before_id = cases[i].before;
		pagebed_expect(bed, "r@a", &query, cases[i].uids);
		assert_true(bed->complete);
		query.rsm.mode = RSM_LAST;
		pagebed_expect(bed, "r@a", &query, cases[i].uids);
	}
}

static void
pages_from_the_ends(void **state)
{
	static const struct {
		struct rsm rsm;
		const char *uids;
		bool complete;
		long index;
	} cases[] = {
		{ { RSM_FIRST, .max = 2 }, "0 1 ", false, 0 },
		{ { RSM_LAST, .max = 2 }, "237 238 ", false, -1 },
		{ { RSM_AFTER, "238", .max = 2 }, "", true, -1 },
		{ { RSM_AFTER, "237", .max = 2 }, "238 ", true, -1 },
		{ { RSM_AFTER, "236", .max = 2 }, "237 238 ", true, -1 },
		{ { RSM_AFTER, "234", .max = 2 }, "236 237 ", false, -1 },
		{ { RSM_BEFORE, "0", .max = 2 }, "", true, 0 },
		{ { RSM_BEFORE, "1", .max = 2 }, "0 ", true, 0 },
		{ { RSM_BEFORE, "2", .max = 2 }, "0 1 ", true, 0 },
		{ { RSM_BEFORE, "4", .max = 2 }, "1 2 ", false, -1 },
	};
	struct pagebed *bed = *state;

	write_talk(bed->db);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mam_query query = pagebed_everything(2);

		query.rsm = cases[i].rsm;
		pagebed_expect(bed, "r@a", &query, cases[i].uids);
		assert_int_equal(bed->complete, cases[i].complete);
		assert_int_equal(bed->index, cases[i].index);
		assert_int_equal(bed->total, -1);
	}
}

/* It is in the archive, whatever else is asked for. */
static void
pages_beside_what_does_not_match(void **state)
{
	const struct jid with = { .bare = "n@a", .resource = "" };
	struct mam_query query = pagebed_everything(2);

	write_talk(((struct pagebed *)*state)->db);
	query.filter.with = &with;
	query.rsm.mode = RSM_AFTER;
	query.rsm.item = "6";
	pagebed_expect(*state, "r@a", &query, "12 13 ");
	query.rsm.mode = RSM_BEFORE;
	pagebed_expect(*state, "r@a", &query, "4 5 ");
}

static void
finds_ids_that_match(void **state)
{
	static const char *const ids[] = { "12", "1", "4", "121", "2" };
	const struct jid with = { .bare = "n@a", .resource = "" };
	struct mam_query query = pagebed_everything(10);

	write_talk(((struct pagebed *)*state)->db);
	query.filter.ids = ids;
	query.filter.ids_count = ARRAY_LEN(ids);
	pagebed_expect(*state, "r@a", &query, "1 2 4 12 121 ");
	assert_true(((struct pagebed *)*state)->complete);
	assert_int_equal(((struct pagebed *)*state)->total, 5);
	query.filter.after_id = "2";
	query.filter.before_id = "121";
	pagebed_expect(*state, "r@a", &query, "4 12 ");
	query.filter.before_id = query.filter.after_id = NULL;
	query.filter.with = &with;
	pagebed_expect(*state, "r@a", &query, "4 12 ");
	query.filter.end = ARCHIVEBED_NOW + 4;
	pagebed_expect(*state, "r@a", &query, "4 ");
	query.rsm.count_only = true;
	pagebed_find(*state, "r@a", &query);
	assert_int_equal(((struct pagebed *)*state)->total, 1);
}

static void
refuses_what_is_not_there(void **state)
{
	/* Of others; not seen as his; nowhere. */
	static const char *const unknown[] = { "3", "7", "x", "'" };

	write_talk(((struct pagebed *)*state)->db);
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
		const char *const ids[] = { "1", unknown[i] };
		struct mam_query query = pagebed_everything(2);

		query.filter.ids = ids;
		query.filter.ids_count = 2;
		pagebed_refuse(*state, "r@a", &query, ERROR_ITEM_NOT_FOUND);
		query = pagebed_everything(2);
		query.rsm.mode = RSM_AFTER;
		query.rsm.item = unknown[i];
		pagebed_refuse(*state, "r@a", &query, ERROR_ITEM_NOT_FOUND);
	}
}

static void
counts(void **state)
{
	const struct jid with = { .bare = "j@b", .resource = "" };
	struct mam_query query = pagebed_everything(0);

	write_talk(((struct pagebed *)*state)->db);
	assert_int_equal(pagebed_count(*state, "r@a", query), TALK / 4 * 3);
	assert_int_equal(pagebed_count(*state, "x@y", query), 0);
	query.filter.text = "Wherefore";
	assert_int_equal(pagebed_count(*state, "r@a", query), TALK / 4 * 3);
	query.filter.text = "Therefore";
	assert_int_equal(pagebed_count(*state, "r@a", query), 0);
	query.filter.text = NULL;
	query.filter.with = &with;
	assert_int_equal(pagebed_count(*state, "r@a", query), TALK / 8 * 3);
	query.filter.end = ARCHIVEBED_NOW + DAY;
	assert_int_equal(pagebed_count(*state, "r@a", query), TALK / 16 * 3);
	query.filter.after_id = "6";
	assert_int_equal(pagebed_count(*state, "r@a", query),
			 TALK / 16 * 3 - 3);
	/* Of the whole set, not of what is behind the item. */
	query.rsm.mode = RSM_AFTER;
	query.rsm.item = "117";
	assert_int_equal(pagebed_count(*state, "r@a", query),
			 TALK / 16 * 3 - 3);
}

static void
knows_how_many_there_are_of_few(void **state)
{
	struct mam_query query = pagebed_everything(TALK);
	struct pagebed *bed = *state;

	write_talk(bed->db);
	pagebed_find(bed, "r@a", &query);
	assert_int_equal(bed->total, TALK / 4 * 3);
	assert_int_equal(bed->index, 0);
	query.rsm.mode = RSM_LAST;
	pagebed_find(bed, "r@a", &query);
	assert_int_equal(bed->total, TALK / 4 * 3);
	assert_int_equal(bed->index, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pagebed_setup, \
						   pagebed_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(pages_through_all),
		TEST(pages_through_those_with_somebody),
		TEST(pages_through_a_search),
		TEST(pages_through_ids),
		TEST(leaves_out_what_was_stored_twice),
		TEST(finds_those_between_ids),
		TEST(pages_from_the_ends),
		TEST(pages_beside_what_does_not_match),
		TEST(finds_ids_that_match),
		TEST(refuses_what_is_not_there),
		TEST(counts),
		TEST(knows_how_many_there_are_of_few),
	};

	return archivebed_run("archive_page_walk", tests, ARRAY_LEN(tests));
}
