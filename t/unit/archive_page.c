#include "shared/archive_page-private.h"

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
#include "shared/jid.h"
#include "shared/mam_query.h"
#include "shared/serial.h"
#include "shared/str.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define NOW 1795976662000000	/* 2026-11-29 */
#define HOUR (3600LL * CLOCK_SECOND)
#define DAY (24 * HOUR)
#define ALL_WAYS (ARCHIVE_SENT | ARCHIVE_RECEIVED | ARCHIVE_SHOWN)

/* What the last query found. */
struct bed {
	struct database *db;
	struct archive_owner owner;
	bool done;
	struct error err;
	struct str uids;	/* each with a blank behind it */
	struct str rows;	/* as they are printed */
	char first[32], last[32];
	size_t count;
	bool complete;
	long total, index;
};

static int
new_bed(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	bed->db = archivebed_new(*(const enum database_kind *)*state);
	*state = bed;
	return 0;
}

static int
free_bed(void **state)
{
	struct bed *bed = *state;

	database_free(&bed->db);
	str_fini(&bed->uids);
	str_fini(&bed->rows);
	free(bed);
	return 0;
}

static struct mam_query
everything(size_t max)
{
	return (struct mam_query){
		.filter = { .start = INT64_MIN, .end = INT64_MAX },
		.rsm = { .max = max },
	};
}

static void
on_page(void *ctx, const struct archive_page *page, const struct error *err)
{
	struct bed *bed = ctx;

	assert_false(bed->done);
	assert_true((page == NULL) != (err == NULL));
	bed->done = true;
	if (err != NULL) {
		bed->err = *err;
		return;
	}
	bed->count = page->count;
	bed->complete = page->complete;
	bed->total = page->total;
	bed->index = page->index;
	for (size_t i = 0; i < page->count; i++) {
		str_addf(&bed->uids, "%s ", page->rows[i].mark.uid);
		archive_row_print(&bed->rows, &page->rows[i]);
	}
	if (page->count == 0)
		return;
	snprintf(bed->first, sizeof(bed->first), "%s", page->rows[0].mark.uid);
	snprintf(bed->last, sizeof(bed->last), "%s",
		 page->rows[page->count - 1].mark.uid);
}

static void
begin(struct bed *bed, const char *owner, const struct mam_query *query)
{
	bed->done = false;
	bed->err = (struct error){ 0 };
	str_clear(&bed->uids);
	str_clear(&bed->rows);
	bed->count = 0;
	bed->owner.jid = owner;
	archive_page_find(bed->db->store, &bed->owner, query, on_page, bed);
	assert_false(bed->done);
}

static void
find(struct bed *bed, const char *owner, const struct mam_query *query)
{
	begin(bed, owner, query);
	database_wait(bed->db, &bed->done);
	assert_string_equal(bed->err.text, "");
}

static void
assert_uids(struct bed *bed, const char *uids)
{
	assert_string_equal(bed->count > 0 ? bed->uids.data : "", uids);
}

static void
assert_found(struct bed *bed, const char *owner, const struct mam_query *query,
	     const char *uids)
{
	find(bed, owner, query);
	assert_uids(bed, uids);
}

static void
assert_refused(struct bed *bed, const struct mam_query *query,
	       enum error_cond cond)
{
	begin(bed, "r@a", query);
	database_wait(bed->db, &bed->done);
	assert_int_equal(bed->err.cond, cond);
}

/* At the nth microsecond. */
static struct archive_row
row(int64_t n, const char *uid, const char *from, const char *to,
    unsigned ways)
{
	return (struct archive_row){
		.mark = { .serial = serial_first_of(NOW + n) + 1,
			  .stamp = NOW + n, .uid = uid, .ways = ways },
		.type = ARCHIVE_CHAT, .sender = from, .recipient = to,
		.resource = "", .to_resource = "", .body = "Wherefore?",
	};
}

static void
reads_all_of_a_message(void **state)
{
	struct archive_row rows[] = {
		row(0, "u1", "r@a", "j@b", ARCHIVE_SENT | ARCHIVE_SHOWN),
		row(1, "u2", "j@b", "r@a", ARCHIVE_RECEIVED),
	};
	struct mam_query query = everything(10);
	struct str expected = { 0 };
	struct bed *bed = *state;

	rows[0].mark.flags = ARCHIVE_REMOTE | ARCHIVE_ENCRYPTED;
	rows[0].type = ARCHIVE_NORMAL;
	rows[0].resource = "orchard";
	rows[0].to_resource = "balcony";
	rows[0].id = "a1";
	rows[0].lang = "en";
	rows[0].subject = "";
	rows[0].thread = "t";
	rows[0].rest = "<x xmlns='y'/>";
	rows[1].mark.stamp -= DAY;	/* it came late */
	rows[1].body = NULL;
	archivebed_write(bed->db, rows, 2);
	find(bed, "r@a", &query);
	archive_row_print(&expected, &rows[0]);
	archive_row_print(&expected, &rows[1]);
	assert_string_equal(bed->rows.data, expected.data);
	str_fini(&expected);
}

/* What others have to do with each other is not his, nor what was seen only on
   its way to or from somebody else. */
static void
finds_whose_they_are(void **state)
{
	const struct archive_row rows[] = {
		row(0, "sent", "r@a", "j@b", ARCHIVE_SENT),
		row(1, "got", "j@b", "r@a", ARCHIVE_RECEIVED),
		row(2, "shown", "j@b", "r@a", ARCHIVE_SHOWN),
		row(3, "both", "r@a", "n@a", ALL_WAYS),
		row(4, "on-its-way", "r@a", "j@b",
		    ARCHIVE_RECEIVED | ARCHIVE_SHOWN),
		row(5, "not-there-yet", "j@b", "r@a", ARCHIVE_SENT),
		row(6, "others", "j@b", "n@a", ALL_WAYS),
	};
	struct mam_query query = everything(10);

	archivebed_write(((struct bed *)*state)->db, rows, ARRAY_LEN(rows));
	assert_found(*state, "r@a", &query, "sent got shown both ");
	assert_found(*state, "j@b", &query,
		     "on-its-way not-there-yet others ");
	assert_found(*state, "n@a", &query, "both others ");
	assert_found(*state, "x@y", &query, "");
	assert_found(*state, "", &query, "");
	assert_found(*state, "' OR 1=1; --", &query, "");
}

static void
finds_groupchat_if_told_to(void **state)
{
	struct archive_row rows[] = {
		row(0, "u1", "r@a", "j@b", ARCHIVE_SENT),
		row(1, "u2", "room@c", "r@a", ARCHIVE_RECEIVED),
		row(2, "u3", "r@a", "room@c", ARCHIVE_SENT),
	};
	struct mam_query query = everything(10);

	rows[1].type = rows[2].type = ARCHIVE_GROUPCHAT;
	archivebed_write(((struct bed *)*state)->db, rows, ARRAY_LEN(rows));
	assert_found(*state, "r@a", &query, "u1 ");
	query.filter.groupchat = MAM_FILTER_GROUPCHAT_LEAVE;
	assert_found(*state, "r@a", &query, "u1 ");
	query.filter.groupchat = MAM_FILTER_GROUPCHAT_INCLUDE;
	assert_found(*state, "r@a", &query, "u1 u2 u3 ");
}

/* XEP-0313 section 4.1.1. */
static void
finds_those_with_somebody(void **state)
{
	static const struct {
		const char *bare, *resource, *uids;
	} cases[] = {
		{ "j@b", "", "to to-desk from-desk " },
		{ "j@b", "desk", "to-desk from-desk " },
		{ "j@b", "Desk", "" },
		{ "n@a", "", "other " },
		{ "x@y", "", "" },
		{ "x@y", "desk", "" },
		{ "r@a", "", "self to-self-phone self-phone " },
		{ "r@a", "phone", "to-self-phone self-phone " },
	};
	struct archive_row rows[] = {
		row(0, "to", "r@a", "j@b", ALL_WAYS),
		row(1, "to-desk", "r@a", "j@b", ALL_WAYS),
		row(2, "from-desk", "j@b", "r@a", ALL_WAYS),
		row(3, "other", "n@a", "r@a", ALL_WAYS),
		row(4, "self", "r@a", "r@a", ALL_WAYS),
		row(5, "to-self-phone", "r@a", "r@a", ALL_WAYS),
		row(6, "self-phone", "r@a", "r@a", ALL_WAYS),
	};

	rows[1].to_resource = "desk";
	rows[2].resource = "desk";
	rows[2].to_resource = rows[3].to_resource = "phone";
	rows[5].to_resource = "phone";
	rows[6].resource = "phone";
	archivebed_write(((struct bed *)*state)->db, rows, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct jid with = {
			.bare = cases[i].bare, .resource = cases[i].resource,
		};
		struct mam_query query = everything(10);

		query.filter.with = &with;
		assert_found(*state, "r@a", &query, cases[i].uids);
		query.rsm.mode = RSM_LAST;
		assert_found(*state, "r@a", &query, cases[i].uids);
		query.rsm.count_only = true;
		find(*state, "r@a", &query);
		query.rsm.count_only = false;
		query.rsm.max = (size_t)((struct bed *)*state)->total;
		assert_found(*state, "r@a", &query, cases[i].uids);
	}
}

/* Whichever of its ways were seen, and however it is found. */
static void
finds_what_is_to_oneself_once(void **state)
{
	const struct archive_row rows[] = {
		row(0, "u1", "r@a", "r@a", ARCHIVE_SENT),
		row(1, "u2", "r@a", "r@a", ARCHIVE_RECEIVED),
		row(2, "u3", "r@a", "r@a", ALL_WAYS),
		row(3, "u4", "r@a", "r@a", ARCHIVE_SHOWN),
	};
	struct mam_query query = everything(4);

	archivebed_write(((struct bed *)*state)->db, rows, ARRAY_LEN(rows));
	assert_found(*state, "r@a", &query, "u1 u2 u3 u4 ");
	assert_true(((struct bed *)*state)->complete);
	query.rsm.max = 2;
	assert_found(*state, "r@a", &query, "u1 u2 ");
	query.rsm.mode = RSM_LAST;
	assert_found(*state, "r@a", &query, "u3 u4 ");
	query.rsm.count_only = true;
	find(*state, "r@a", &query);
	assert_int_equal(((struct bed *)*state)->total, 4);
}

static void
finds_those_of_a_time(void **state)
{
	static const struct {
		int64_t start, end;
		const char *uids;
	} cases[] = {
		{ NOW, NOW + 2, "u0 u1 u2 " },
		{ NOW + 1, NOW + 1, "u1 " },
		{ NOW + 2, INT64_MAX, "u2 u3 " },
		{ INT64_MIN, NOW, "u0 late " },
		{ NOW + 1, NOW, "" },
		{ NOW + 4, INT64_MAX, "" },
		{ NOW + 10 * DAY, INT64_MAX, "" },
		{ INT64_MIN, NOW - 1, "late " },
		{ NOW - DAY, NOW - DAY, "late " },
		{ NOW - DAY + 1, NOW - 1, "" },
		{ INT64_MIN, NOW - DAY - 1, "" },
		{ INT64_MIN, 0, "" },
		{ INT64_MAX, INT64_MIN, "" },
		{ -1, 253402300799999999, "u0 u1 u2 u3 late " },
	};
	struct archive_row rows[] = {
		row(0, "u0", "r@a", "j@b", ARCHIVE_SENT),
		row(1, "u1", "j@b", "r@a", ARCHIVE_RECEIVED),
		row(2, "u2", "r@a", "r@a", ALL_WAYS),
		row(3, "u3", "r@a", "j@b", ARCHIVE_SENT),
		row(4, "late", "r@a", "j@b", ARCHIVE_SENT),
	};

	rows[4].mark.stamp = NOW - DAY;
	archivebed_write(((struct bed *)*state)->db, rows, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mam_query query = everything(10);

		query.filter.start = cases[i].start;
		query.filter.end = cases[i].end;
		assert_found(*state, "r@a", &query, cases[i].uids);
		query.rsm.mode = RSM_LAST;
		assert_found(*state, "r@a", &query, cases[i].uids);
	}
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
		return row(at, uid, "r@a", "j@b", ARCHIVE_SENT);
	case 1:
		return row(at, uid, "j@b", "r@a", ARCHIVE_RECEIVED);
	case 2:
		return row(at, uid, "r@a", "r@a", ALL_WAYS);
	case 3:
		return row(at, uid, "j@b", "n@a", ALL_WAYS);
	case 4:
		return row(at, uid, "n@a", "r@a", ALL_WAYS);
	case 5:
		return row(at, uid, "r@a", "n@a", ALL_WAYS);
	case 6:
		return row(at, uid, "r@a", "j@b", ALL_WAYS);
	default:
		return row(at, uid, "r@a", "j@b", ARCHIVE_RECEIVED);
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
take_page(struct bed *bed, const struct mam_query *query, size_t left)
{
	size_t max = query->rsm.max;

	find(bed, "r@a", query);
	assert_int_equal(bed->count, left < max ? left : max);
	assert_int_equal(bed->complete, left <= max);
}

static void
page_forward(struct bed *bed, struct mam_query query, bool (*is_in)(size_t i))
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
page_backward(struct bed *bed, struct mam_query query,
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
	struct bed *bed = *state;

	write_talk(bed->db);
	for (size_t max = 1; max <= TALK; max += 1 + max / 40) {
		page_forward(bed, everything(max), is_his);
		page_backward(bed, everything(max), is_his);
	}
}

static void
pages_through_those_with_somebody(void **state)
{
	const struct jid with = { .bare = "j@b", .resource = "" };
	struct bed *bed = *state;

	write_talk(bed->db);
	for (size_t max = 1; max <= TALK / 2; max += 1 + max / 8) {
		struct mam_query query = everything(max);

		query.filter.with = &with;
		page_forward(bed, query, is_his_with_juliet);
		page_backward(bed, query, is_his_with_juliet);
	}
}

static void
pages_through_a_search(void **state)
{
	struct bed *bed = *state;

	write_talk(bed->db);
	for (size_t max = 1; max <= TALK; max += 1 + max / 8) {
		struct mam_query query = everything(max);

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
	struct bed *bed = *state;
	size_t count = 0;

	write_talk(bed->db);
	for (size_t i = TALK; i-- > 0;)
		if (is_his(i))
			ids[count++] = talk_uids[i];
	for (size_t max = 1; max <= TALK; max += 1 + max / 4) {
		struct mam_query query = everything(max);

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
	struct bed *bed = *state;

	if (bed->db->kind != DATABASE_POSTGRES)
		return;
	write_talk(bed->db);
	write_twins(bed->db);
	for (size_t max = 1; max <= TALK; max += 1 + max / 8) {
		struct mam_query query = everything(max);

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
	struct bed *bed = *state;

	write_talk(bed->db);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mam_query query = everything(10);

		query.filter.after_id = cases[i].after;
		query.filter.before_id = cases[i].before;
		assert_found(bed, "r@a", &query, cases[i].uids);
		assert_true(bed->complete);
		query.rsm.mode = RSM_LAST;
		assert_found(bed, "r@a", &query, cases[i].uids);
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
	struct bed *bed = *state;

	write_talk(bed->db);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mam_query query = everything(2);

		query.rsm = cases[i].rsm;
		assert_found(bed, "r@a", &query, cases[i].uids);
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
	struct mam_query query = everything(2);

	write_talk(((struct bed *)*state)->db);
	query.filter.with = &with;
	query.rsm.mode = RSM_AFTER;
	query.rsm.item = "6";
	assert_found(*state, "r@a", &query, "12 13 ");
	query.rsm.mode = RSM_BEFORE;
	assert_found(*state, "r@a", &query, "4 5 ");
}

static void
finds_ids_that_match(void **state)
{
	static const char *const ids[] = { "12", "1", "4", "121", "2" };
	const struct jid with = { .bare = "n@a", .resource = "" };
	struct mam_query query = everything(10);

	write_talk(((struct bed *)*state)->db);
	query.filter.ids = ids;
	query.filter.ids_count = ARRAY_LEN(ids);
	assert_found(*state, "r@a", &query, "1 2 4 12 121 ");
	assert_true(((struct bed *)*state)->complete);
	assert_int_equal(((struct bed *)*state)->total, 5);
	query.filter.after_id = "2";
	query.filter.before_id = "121";
	assert_found(*state, "r@a", &query, "4 12 ");
	query.filter.before_id = query.filter.after_id = NULL;
	query.filter.with = &with;
	assert_found(*state, "r@a", &query, "4 12 ");
	query.filter.end = NOW + 4;
	assert_found(*state, "r@a", &query, "4 ");
	query.rsm.count_only = true;
	find(*state, "r@a", &query);
	assert_int_equal(((struct bed *)*state)->total, 1);
}

static void
refuses_what_is_not_there(void **state)
{
	/* Of others; not seen as his; nowhere. */
	static const char *const unknown[] = { "3", "7", "x", "'" };

	write_talk(((struct bed *)*state)->db);
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
		const char *const ids[] = { "1", unknown[i] };
		struct mam_query query = everything(2);

		query.filter.ids = ids;
		query.filter.ids_count = 2;
		assert_refused(*state, &query, ERROR_ITEM_NOT_FOUND);
		query = everything(2);
		query.rsm.mode = RSM_AFTER;
		query.rsm.item = unknown[i];
		assert_refused(*state, &query, ERROR_ITEM_NOT_FOUND);
	}
}

static long
count(struct bed *bed, const char *owner, struct mam_query query)
{
	query.rsm.count_only = true;
	query.rsm.max = 0;
	find(bed, owner, &query);
	assert_int_equal(bed->count, 0);
	assert_int_equal(bed->complete, bed->total == 0);
	assert_int_equal(bed->index, -1);
	return bed->total;
}

static void
counts(void **state)
{
	const struct jid with = { .bare = "j@b", .resource = "" };
	struct mam_query query = everything(0);

	write_talk(((struct bed *)*state)->db);
	assert_int_equal(count(*state, "r@a", query), TALK / 4 * 3);
	assert_int_equal(count(*state, "x@y", query), 0);
	query.filter.text = "Wherefore";
	assert_int_equal(count(*state, "r@a", query), TALK / 4 * 3);
	query.filter.text = "Therefore";
	assert_int_equal(count(*state, "r@a", query), 0);
	query.filter.text = NULL;
	query.filter.with = &with;
	assert_int_equal(count(*state, "r@a", query), TALK / 8 * 3);
	query.filter.end = NOW + DAY;
	assert_int_equal(count(*state, "r@a", query), TALK / 16 * 3);
	query.filter.after_id = "6";
	assert_int_equal(count(*state, "r@a", query), TALK / 16 * 3 - 3);
	/* Of the whole set, not of what is behind the item. */
	query.rsm.mode = RSM_AFTER;
	query.rsm.item = "117";
	assert_int_equal(count(*state, "r@a", query), TALK / 16 * 3 - 3);
}

static void
knows_how_many_there_are_of_few(void **state)
{
	struct mam_query query = everything(TALK);
	struct bed *bed = *state;

	write_talk(bed->db);
	find(bed, "r@a", &query);
	assert_int_equal(bed->total, TALK / 4 * 3);
	assert_int_equal(bed->index, 0);
	query.rsm.mode = RSM_LAST;
	find(bed, "r@a", &query);
	assert_int_equal(bed->total, TALK / 4 * 3);
	assert_int_equal(bed->index, 0);
}

/* Many, all alike, but those whose number is so divided. */
static void
write_many(struct database *db, int64_t number, int64_t divisor,
	   const char *body)
{
	static const char sql[] =
		"INSERT INTO archive_message (serial, sender, recipient, "
		"ways, flags, type, uid, body) "
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
		"SELECT i + 1 FROM n WHERE i < CAST($1 AS BIGINT)) "
		"SELECT (SELECT serial FROM archive_message "
		"WHERE uid = 'u1') + 256 * i, a.id, a.id, 1, 0, 1, "
		"CAST(i AS TEXT), CASE WHEN i % CAST($2 AS BIGINT) = 0 "
		"THEN 'a Rose' ELSE CAST($3 AS TEXT) END "
		"FROM n, archive_address a WHERE a.jid = 'r@a'";
	const struct archive_row one = row(0, "u1", "r@a", "j@b", ALL_WAYS);
	struct database_answer answer = { 0 };

	archivebed_write(db, &one, 1);
	store_write(db->store, sql,
		    STORE_VALUES(store_int(number), store_int(divisor),
				 store_text(body)), database_take, &answer);
	database_wait(db, &answer.done);
	assert_string_equal(answer.err.text, "");
	database_answer_fini(&answer);
}

static void
searches_far(void **state)
{
	struct mam_query query = everything(3);
	struct bed *bed = *state;

	write_many(bed->db, 4000, 997, "a name");
	query.filter.text = "rose A";
	assert_found(bed, "r@a", &query, "997 1994 2991 ");
	assert_false(bed->complete);
	query.rsm.max = 4;
	assert_found(bed, "r@a", &query, "997 1994 2991 3988 ");
	assert_true(bed->complete);
	assert_int_equal(bed->total, 4);
	query.rsm.mode = RSM_LAST;
	query.rsm.max = 2;
	assert_found(bed, "r@a", &query, "2991 3988 ");
	assert_false(bed->complete);
	query.rsm.mode = RSM_BEFORE;
	query.rsm.item = "2991";
	assert_found(bed, "r@a", &query, "997 1994 ");
	assert_true(bed->complete);
	assert_int_equal(count(bed, "r@a", query), 4);
}

static void
searches_and_counts_not_too_far(void **state)
{
	struct mam_query query = everything(2);
	struct bed *bed = *state;

	write_many(bed->db, ARCHIVE_PAGE_SEARCHED, 100, "a name");
	assert_int_equal(count(bed, "r@a", query), -1);
	query.filter.text = "Rose";
	assert_found(bed, "r@a", &query, "100 200 ");
	query.filter.text = "Tulip";
	assert_refused(bed, &query, ERROR_POLICY_VIOLATION);
	query.filter.before_id = "2000";
	assert_found(bed, "r@a", &query, "");
	assert_true(bed->complete);
	/* What is found before that is told, and it goes on there. */
	query.filter.before_id = NULL;
	query.filter.text = "Wherefore";
	assert_found(bed, "r@a", &query, "u1 ");
	assert_false(bed->complete);
	query.filter.before_id = "10000";
	query.filter.text = NULL;
	assert_int_equal(count(bed, "r@a", query), ARCHIVE_PAGE_COUNTED);
	query.filter.before_id = "10001";
	assert_int_equal(count(bed, "r@a", query), -1);
}

/* However few they are. */
static void
searches_not_too_much(void **state)
{
	static char large[(1 << 20) + 1];
	struct mam_query query = everything(10);
	struct bed *bed = *state;

	memset(large, 'x', sizeof(large) - 1);
	write_many(bed->db, 36, 32, large);
	query.filter.text = "Rose";
	assert_found(bed, "r@a", &query, "32 ");
	assert_false(bed->complete);
	assert_int_equal(count(bed, "r@a", query), -1);
	query.rsm.mode = RSM_LAST;
	assert_found(bed, "r@a", &query, "32 ");
	assert_false(bed->complete);
	query.filter.after_id = "4";
	assert_found(bed, "r@a", &query, "32 ");
	assert_true(bed->complete);
	query.filter.after_id = NULL;
	query.filter.text = "Tulip";
	assert_refused(bed, &query, ERROR_POLICY_VIOLATION);
}

static const char *const hostile[] = {
	"'", "\"", "\\", "\\\\\"", "{", "}", "%", "_", "a%b_c", "NULL",
	"'); DROP TABLE archive_message; --", "$1", "\\x00", "[1]", "?",
	"\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbf", "%s%n", "E'\\n'",
};

/* Each is found by itself, and says who it is from. */
static void
finds_hostile_texts(void **state)
{
	struct archive_row rows[ARRAY_LEN(hostile)];
	struct bed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		rows[i] = row((int64_t)i, hostile[i], hostile[i], "r@a",
			      ALL_WAYS);
		rows[i].resource = rows[i].body = rows[i].id = hostile[i];
	}
	archivebed_write(bed->db, rows, ARRAY_LEN(hostile));
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		const struct jid with = {
			.bare = hostile[i], .resource = hostile[i],
		};
		struct mam_query query = everything(50);
		struct str expected = { 0 };

		archive_row_print(&expected, &rows[i]);
		query.filter.with = &with;
		query.filter.ids = &hostile[i];
		query.filter.ids_count = 1;
		query.filter.text = hostile[i];
		find(bed, "r@a", &query);
		assert_string_equal(bed->rows.data, expected.data);
		query.filter.ids_count = 0;
		find(bed, "r@a", &query);
		assert_string_equal(bed->rows.data, expected.data);
		str_fini(&expected);
	}
}

static void
searches_for_no_pattern(void **state)
{
	struct archive_row rows[] = {
		row(0, "u1", "r@a", "j@b", ALL_WAYS),
		row(1, "u2", "r@a", "j@b", ALL_WAYS),
		row(2, "u3", "r@a", "j@b", ALL_WAYS),
	};
	struct mam_query query = everything(50);

	rows[0].body = "100 % \\ _";
	rows[1].body = "100";
	rows[2].body = NULL;
	rows[2].subject = "100 % \\ _";
	archivebed_write(((struct bed *)*state)->db, rows, ARRAY_LEN(rows));
	query.filter.text = "100";
	assert_found(*state, "r@a", &query, "u1 u2 ");
	query.filter.text = "%";
	assert_found(*state, "r@a", &query, "u1 ");
	query.filter.text = "_";
	assert_found(*state, "r@a", &query, "u1 ");
	query.filter.text = "1_0";
	assert_found(*state, "r@a", &query, "");
	query.filter.text = "\\";
	assert_found(*state, "r@a", &query, "u1 ");
	query.filter.text = " ";
	assert_found(*state, "r@a", &query, "u1 u2 u3 ");
	query.filter.text = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17";
	assert_refused(*state, &query, ERROR_POLICY_VIOLATION);
}

#define LARGE (ARCHIVE_PAGE_BYTES / 3 - 99)

/* However many are asked for. */
static void
ends_a_page_that_is_large(void **state)
{
	static char body[LARGE + 1], huge[3 * LARGE - 99];
	struct archive_row rows[] = {
		row(0, "u1", "r@a", "j@b", ALL_WAYS),
		row(1, "u2", "r@a", "j@b", ALL_WAYS),
		row(2, "u3", "r@a", "r@a", ALL_WAYS),
		row(3, "u4", "j@b", "r@a", ALL_WAYS),
		row(4, "u5", "r@a", "j@b", ALL_WAYS),
		row(5, "u6", "r@a", "j@b", ALL_WAYS),
	};
	struct mam_query query = everything(50);
	struct bed *bed = *state;

	memset(body, 'x', LARGE);
	memset(huge, 'x', sizeof(huge) - 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		rows[i].body = body;
	rows[4].body = huge;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		archivebed_write(bed->db, &rows[i], 1);
	find(bed, "r@a", &query);
	assert_uids(bed, "u1 u2 u3 u4 ");
	assert_false(bed->complete);
	query.rsm.mode = RSM_AFTER;
	query.rsm.item = "u4";
	assert_found(bed, "r@a", &query, "u5 u6 ");
	assert_true(bed->complete);
	query.rsm.mode = RSM_LAST;
	assert_found(bed, "r@a", &query, "u5 u6 ");
	assert_false(bed->complete);
	query.filter.text = "X";
	assert_found(bed, "r@a", &query, "u5 u6 ");
	assert_false(bed->complete);
	query.rsm.mode = RSM_FIRST;
	query.filter.text = "xx y";
	assert_found(bed, "r@a", &query, "");
	assert_true(bed->complete);
}

/* Whichever of its texts is. */
static void
ends_a_page_whatever_is_large(void **state)
{
	static char text[2 * LARGE + 1], uids[8][8];
	struct archive_row rows[ARRAY_LEN(uids)];
	const char **const texts[] = {
		&rows[0].resource, &rows[1].to_resource, &rows[2].id,
		&rows[3].lang, &rows[4].subject, &rows[5].body,
		&rows[6].thread, &rows[7].rest,
	};
	struct mam_query query = everything(50);
	struct bed *bed = *state;

	memset(text, 'x', 2 * LARGE);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(uids[i], sizeof(uids[i]), "u%zu", i);
		rows[i] = row((int64_t)i, uids[i], "r@a", "j@b", ALL_WAYS);
		*texts[i] = text;
		archivebed_write(bed->db, &rows[i], 1);
	}
	for (size_t i = 0; i + 2 < ARRAY_LEN(rows); i++) {
		char expected[32];

		snprintf(expected, sizeof(expected), "u%zu u%zu ", i, i + 1);
		assert_found(bed, "r@a", &query, expected);
		assert_false(bed->complete);
		query.rsm.mode = RSM_AFTER;
		query.rsm.item = uids[i];
	}
	query = everything(50);
	query.filter.text = "wherefore";
	assert_found(bed, "r@a", &query, "u0 u1 ");
	assert_false(bed->complete);
}

/* What was said to all, whatever else went there. */
static void
finds_what_was_said_in_a_room(void **state)
{
	static const struct {
		const char *bare, *resource, *uids;
	} cases[] = {
		{ "room@c", "", "u1 u2 u3 u4 " },
		{ "room@c", "Romeo", "u1 u3 " },
		{ "room@c", "romeo", "" },
		{ "room@c", "Juliet", "u2 " },
		{ "r@a", "", "u1 u3 u4 " },
		{ "r@a", "orchard", "u1 " },
		{ "r@a", "Romeo", "" },
		{ "n@a", "", "" },
		{ "x@y", "", "" },
	};
	struct archive_row rows[] = {
		row(0, "u1", "r@a", "room@c", ARCHIVE_RECEIVED),
		row(1, "u2", "j@b", "room@c", ARCHIVE_RECEIVED),
		row(2, "u3", "r@a", "room@c", ARCHIVE_RECEIVED),
		row(3, "sent", "r@a", "room@c", ARCHIVE_SENT),
		row(4, "from", "room@c", "r@a", ALL_WAYS),
		row(5, "private", "r@a", "room@c", ARCHIVE_RECEIVED),
		row(6, "other", "r@a", "other@c", ARCHIVE_RECEIVED),
		row(7, "u4", "r@a", "room@c", ALL_WAYS),
	};
	struct mam_query query = everything(10);
	struct bed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		rows[i].type = i == 5 ? ARCHIVE_CHAT : ARCHIVE_GROUPCHAT;
	rows[0].resource = "orchard";
	rows[0].to_resource = rows[2].to_resource = "Romeo";
	rows[1].to_resource = "Juliet";
	rows[7].to_resource = "Fool";
	archivebed_write(bed->db, rows, ARRAY_LEN(rows));
	bed->owner.kind = ARCHIVE_OF_ROOM;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct jid with = {
			.bare = cases[i].bare, .resource = cases[i].resource,
		};

		query.filter.with = &with;
		assert_found(bed, "room@c", &query, cases[i].uids);
		query.rsm.mode = RSM_LAST;
		assert_found(bed, "room@c", &query, cases[i].uids);
		query.rsm.mode = RSM_FIRST;
	}
	query.filter.with = NULL;
	assert_found(bed, "room@c", &query, "u1 u2 u3 u4 ");
	assert_int_equal(count(bed, "room@c", query), 4);
}

static void
pages_through_a_room(void **state)
{
	static const char *const ids[] = { "u1", "u3", "u2" };
	struct archive_row rows[] = {
		row(0, "u1", "r@a", "room@c", ARCHIVE_RECEIVED),
		row(1, "u2", "j@b", "room@c", ARCHIVE_RECEIVED),
		row(2, "u3", "r@a", "room@c", ARCHIVE_RECEIVED),
		row(3, "sent", "r@a", "room@c", ARCHIVE_SENT),
	};
	struct mam_query query = everything(2);
	struct bed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		rows[i].type = ARCHIVE_GROUPCHAT;
	archivebed_write(bed->db, rows, ARRAY_LEN(rows));
	bed->owner.kind = ARCHIVE_OF_ROOM;
	assert_found(bed, "room@c", &query, "u1 u2 ");
	assert_false(bed->complete);
	query.rsm.mode = RSM_AFTER;
	query.rsm.item = "u2";
	assert_found(bed, "room@c", &query, "u3 ");
	assert_true(bed->complete);
	query.rsm.mode = RSM_BEFORE;
	query.rsm.item = "u3";
	assert_found(bed, "room@c", &query, "u1 u2 ");
	query.filter.ids = ids;
	query.filter.ids_count = ARRAY_LEN(ids);
	assert_found(bed, "room@c", &query, "u1 u2 ");
	query.rsm.item = "sent";
	begin(bed, "room@c", &query);
	database_wait(bed->db, &bed->done);
	assert_int_equal(bed->err.cond, ERROR_ITEM_NOT_FOUND);
}

static void
says_what_the_database_says(void **state)
{
	struct mam_query query = everything(2);

	database_do(((struct bed *)*state)->db, "DROP TABLE archive_message");
	assert_refused(*state, &query, ERROR_INTERNAL_SERVER_ERROR);
}

/* It may fail at any step. */
static void
fails_when_a_column_is_missing(void **state)
{
	struct mam_query query = everything(2);
	struct bed *bed = *state;

	database_do(bed->db,
		    "ALTER TABLE archive_message RENAME COLUMN type TO kind");
	assert_refused(bed, &query, ERROR_INTERNAL_SERVER_ERROR);
	query.rsm.count_only = true;
	assert_refused(bed, &query, ERROR_INTERNAL_SERVER_ERROR);
}

/* The lines of an answer. */
struct plan {
	bool done;
	struct str text;
};

static void
on_plan(void *ctx, const struct store_result *result, const struct error *err)
{
	struct plan *plan = ctx;

	plan->done = true;
	if (err != NULL)
		fail_msg("%s", err->text);
	for (size_t i = 0; i < store_rows(result); i++)
		str_addf(&plan->text, "%s\n", store_get_text(result, i, 0));
}

static void
on_details(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct plan *plan = ctx;

	plan->done = true;
	if (err != NULL)
		fail_msg("%s", err->text);
	for (size_t i = 0; i < store_rows(result); i++)
		str_addf(&plan->text, "%s\n", store_get_text(result, i, 3));
}

static void
assert_plan_has(struct database *db, const char *sql, const char *what)
{
	static char texts[2][8192];	/* as below */
	const struct store_value values[9] = { 0 };
	static size_t used;
	struct plan plan = { 0 };
	char *text = texts[used++];

	assert_true(used <= ARRAY_LEN(texts));
	snprintf(text, sizeof(texts[0]), "EXPLAIN QUERY PLAN %s", sql);
	store_read(db->store, text, values, ARRAY_LEN(values), on_details,
		   &plan);
	database_wait(db, &plan.done);
	if (strstr(plan.text.data, what) == NULL)
		fail_msg("there is no %s in:\n%s", what, plan.text.data);
	str_fini(&plan.text);
}

/* Which has a column called serial only since the other is behind it. */
static void
looks_for_others_in_the_index(void **state)
{
	const struct archive_page_sql *sql =
		&archive_page_sqlite[ARCHIVE_OF_ACCOUNT];
	struct database *db = ((struct bed *)*state)->db;

	if (db->kind != DATABASE_SQLITE)
		return;
	assert_plan_has(db, sql->forward[ARCHIVE_PAGE_WITH],
			"USING INDEX archive_message_sender "
			"(sender=? AND serial>? AND serial<?)");
	assert_plan_has(db, sql->backward[ARCHIVE_PAGE_WITH],
			"USING INDEX archive_message_recipient "
			"(recipient=? AND serial>? AND serial<?)");
}

static void
check_no_scan(const char *plan)
{
	if (strstr(plan, "Seq Scan on archive_message_202611") != NULL ||
	    strstr(plan, "Seq Scan on archive_message_202612") != NULL)
		fail_msg("it is scanned:\n%s", plan);
}

/* No step may give more rows than are wanted of it: then nothing is sorted but
   what was found. */
static void
check_page(const char *plan)
{
	static const char rows[] = "(actual rows=";

	for (const char *at = plan; (at = strstr(at, rows)) != NULL; at++)
		if (strtol(at + strlen(rows), NULL, 10) > 2 * 51)
			fail_msg("it is read:\n%s", plan);
}

/* Of the account with the id 1, or of the room with its; with 2 or all of
   it. */
static void
explain(struct database *db, const char *sql, enum archive_page_source source,
	int64_t room, bool is_page)
{
	static char texts[100][8192];	/* a statement is known by its place */
	static size_t used;
	struct plan plan = { 0 };
	char *prepare = texts[used++], *execute = texts[used++];

	assert_true(used <= ARRAY_LEN(texts));
	snprintf(prepare, sizeof(texts[0]), "PREPARE p%zu AS %s", used, sql);
	database_do(db, prepare);
	snprintf(execute, sizeof(texts[0]), "EXPLAIN (ANALYZE, COSTS OFF, "
		 "TIMING OFF, SUMMARY OFF) EXECUTE p%zu(%d, 0, "
		 "9223372036854775807, %s, NULL, 0, 9223372036854775807, %d, "
		 "51%s)", used, room != 0 ? (int)room : 1,
		 source == ARCHIVE_PAGE_ALL ? "NULL" : "2", room != 0,
		 source == ARCHIVE_PAGE_IDS ? ", '{459770025472000001}'" : "");
	store_read(db->store, execute, NULL, 0, on_plan, &plan);
	database_wait(db, &plan.done);
	check_no_scan(plan.text.data);
	if (is_page)
		check_page(plan.text.data);
	if (source == ARCHIVE_PAGE_WITH &&
	    strstr(plan.text.data, "Index Only Scan") == NULL)
		fail_msg("it is looked up:\n%s", plan.text.data);
	str_fini(&plan.text);
}

static void
explain_all(struct database *db, enum archive_page_source source, int64_t room)
{
	const struct archive_page_sql *sql = &archive_page_pg[
		room != 0 ? ARCHIVE_OF_ROOM : ARCHIVE_OF_ACCOUNT];

	explain(db, sql->forward[source], source, room, true);
	explain(db, sql->backward[source], source, room, true);
	explain(db, sql->count[source], source, room, false);
}

/* Four months, two of them empty; a quarter of all is his, most of that with
   one, who says most in a room as well. */
static void
write_months(struct database *db)
{
	static struct archive_row rows[8000];
	static char uids[ARRAY_LEN(rows)][8], jids[200][8];

	for (size_t i = 0; i < ARRAY_LEN(jids); i++)
		snprintf(jids[i], sizeof(jids[i]), "u%zu@a", i);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t at = (int64_t)i * 60 * CLOCK_SECOND;
		const char *other = i % 4 == 0 ? "u1@a" : jids[i % 200];

		snprintf(uids[i], sizeof(uids[i]), "%zu", i);
		rows[i] = i % 8 == 0 ?
			row(at, uids[i], "u0@a", other, ALL_WAYS) :
			row(at, uids[i], other, jids[i % 4 == 0 ? 0 :
						     (i * 7) % 200], ALL_WAYS);
	}
	for (size_t i = 3; i < ARRAY_LEN(rows); i += 4) {
		rows[i].sender = i % 16 == 3 ? "u2@a" : "u1@a";
		rows[i].recipient = "room@c";
		rows[i].type = ARCHIVE_GROUPCHAT;
	}
	archivebed_write(db, rows, 2);
	archivebed_write(db, rows, ARRAY_LEN(rows));
	database_sql("VACUUM ANALYZE");
}

/* Neither when the values are known, nor when a plan is for all values. */
static void
never_scans_a_month(void **state)
{
	static const char *const modes[] = {
		"SELECT set_config('plan_cache_mode', 'force_custom_plan', "
		"false)",
		"SELECT set_config('plan_cache_mode', 'force_generic_plan', "
		"false)",
	};
	struct database *db = ((struct bed *)*state)->db;
	int64_t room;

	if (db->kind != DATABASE_POSTGRES)
		return;
	write_months(db);
	room = database_ask(db, "SELECT id FROM archive_address "
			    "WHERE jid = 'room@c'");
	assert_int_equal(database_ask(db, "SELECT min(id) FROM "
		"archive_address WHERE jid = 'u0@a'"), 1);
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		database_ask(db, modes[i]);
		for (int n = 0; n < ARCHIVE_PAGE_SOURCES; n++) {
			explain_all(db, n, 0);
			explain_all(db, n, room);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, free_bed)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reads_all_of_a_message),
		TEST(finds_whose_they_are),
		TEST(finds_groupchat_if_told_to),
		TEST(finds_those_with_somebody),
		TEST(finds_what_is_to_oneself_once),
		TEST(finds_those_of_a_time),
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
		TEST(searches_far),
		TEST(searches_and_counts_not_too_far),
		TEST(searches_not_too_much),
		TEST(finds_hostile_texts),
		TEST(searches_for_no_pattern),
		TEST(ends_a_page_that_is_large),
		TEST(ends_a_page_whatever_is_large),
		TEST(finds_what_was_said_in_a_room),
		TEST(pages_through_a_room),
		TEST(says_what_the_database_says),
		TEST(fails_when_a_column_is_missing),
		TEST(never_scans_a_month),
		TEST(looks_for_others_in_the_index),
	};

	return archivebed_run("archive_page", tests, ARRAY_LEN(tests));
}
