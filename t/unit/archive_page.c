#include "shared/archive_page-private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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
reads_all_of_a_message(void **state)
{
	struct archive_row rows[] = {
		archivebed_row(0, "u1", "r@a", "j@b",
			       ARCHIVE_SENT | ARCHIVE_SHOWN),
		archivebed_row(1, "u2", "j@b", "r@a", ARCHIVE_RECEIVED),
	};
	struct mam_query query = pagebed_everything(10);
	struct str expected = { 0 };
	struct pagebed *bed = *state;

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
	pagebed_find(bed, "r@a", &query);
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
		archivebed_row(0, "sent", "r@a", "j@b", ARCHIVE_SENT),
		archivebed_row(1, "got", "j@b", "r@a", ARCHIVE_RECEIVED),
		archivebed_row(2, "shown", "j@b", "r@a", ARCHIVE_SHOWN),
		archivebed_row(3, "both", "r@a", "n@a", ALL_WAYS),
		archivebed_row(4, "on-its-way", "r@a", "j@b",
			       ARCHIVE_RECEIVED | ARCHIVE_SHOWN),
		archivebed_row(5, "not-there-yet", "j@b", "r@a", ARCHIVE_SENT),
		archivebed_row(6, "others", "j@b", "n@a", ALL_WAYS),
	};
	struct mam_query query = pagebed_everything(10);

	archivebed_write(((struct pagebed *)*state)->db, rows, ARRAY_LEN(rows));
	pagebed_expect(*state, "r@a", &query, "sent got shown both ");
	pagebed_expect(*state, "j@b", &query,
		       "on-its-way not-there-yet others ");
	pagebed_expect(*state, "n@a", &query, "both others ");
	pagebed_expect(*state, "x@y", &query, "");
	pagebed_expect(*state, "", &query, "");
	pagebed_expect(*state, "' OR 1=1; --", &query, "");
}

static void
finds_groupchat_if_told_to(void **state)
{
	struct archive_row rows[] = {
		archivebed_row(0, "u1", "r@a", "j@b", ARCHIVE_SENT),
		archivebed_row(1, "u2", "room@c", "r@a", ARCHIVE_RECEIVED),
		archivebed_row(2, "u3", "r@a", "room@c", ARCHIVE_SENT),
	};
	struct mam_query query = pagebed_everything(10);

	rows[1].type = rows[2].type = ARCHIVE_GROUPCHAT;
	archivebed_write(((struct pagebed *)*state)->db, rows, ARRAY_LEN(rows));
	pagebed_expect(*state, "r@a", &query, "u1 ");
	query.filter.groupchat = MAM_FILTER_GROUPCHAT_LEAVE;
	pagebed_expect(*state, "r@a", &query, "u1 ");
	query.filter.groupchat = MAM_FILTER_GROUPCHAT_INCLUDE;
	pagebed_expect(*state, "r@a", &query, "u1 u2 u3 ");
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
		archivebed_row(0, "to", "r@a", "j@b", ALL_WAYS),
		archivebed_row(1, "to-desk", "r@a", "j@b", ALL_WAYS),
		archivebed_row(2, "from-desk", "j@b", "r@a", ALL_WAYS),
		archivebed_row(3, "other", "n@a", "r@a", ALL_WAYS),
		archivebed_row(4, "self", "r@a", "r@a", ALL_WAYS),
		archivebed_row(5, "to-self-phone", "r@a", "r@a", ALL_WAYS),
		archivebed_row(6, "self-phone", "r@a", "r@a", ALL_WAYS),
	};

	rows[1].to_resource = "desk";
	rows[2].resource = "desk";
	rows[2].to_resource = rows[3].to_resource = "phone";
	rows[5].to_resource = "phone";
	rows[6].resource = "phone";
	archivebed_write(((struct pagebed *)*state)->db, rows, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct jid with = {
			.bare = cases[i].bare, .resource = cases[i].resource,
		};
		struct mam_query query = pagebed_everything(10);

		query.filter.with = &with;
		pagebed_expect(*state, "r@a", &query, cases[i].uids);
		query.rsm.mode = RSM_LAST;
		pagebed_expect(*state, "r@a", &query, cases[i].uids);
		query.rsm.count_only = true;
		pagebed_find(*state, "r@a", &query);
		query.rsm.count_only = false;
		query.rsm.max = (size_t)((struct pagebed *)*state)->total;
		pagebed_expect(*state, "r@a", &query, cases[i].uids);
	}
}

/* Whichever of its ways were seen, and however it is found. */
static void
finds_what_is_to_oneself_once(void **state)
{
	const struct archive_row rows[] = {
		archivebed_row(0, "u1", "r@a", "r@a", ARCHIVE_SENT),
		archivebed_row(1, "u2", "r@a", "r@a", ARCHIVE_RECEIVED),
		archivebed_row(2, "u3", "r@a", "r@a", ALL_WAYS),
		archivebed_row(3, "u4", "r@a", "r@a", ARCHIVE_SHOWN),
	};
	struct mam_query query = pagebed_everything(4);

	archivebed_write(((struct pagebed *)*state)->db, rows, ARRAY_LEN(rows));
	pagebed_expect(*state, "r@a", &query, "u1 u2 u3 u4 ");
	assert_true(((struct pagebed *)*state)->complete);
	query.rsm.max = 2;
	pagebed_expect(*state, "r@a", &query, "u1 u2 ");
	query.rsm.mode = RSM_LAST;
	pagebed_expect(*state, "r@a", &query, "u3 u4 ");
	query.rsm.count_only = true;
	pagebed_find(*state, "r@a", &query);
	assert_int_equal(((struct pagebed *)*state)->total, 4);
}

static void
finds_those_of_a_time(void **state)
{
	static const struct {
		int64_t start, end;
		const char *uids;
	} cases[] = {
		{ ARCHIVEBED_NOW, ARCHIVEBED_NOW + 2, "u0 u1 u2 " },
		{ ARCHIVEBED_NOW + 1, ARCHIVEBED_NOW + 1, "u1 " },
		{ ARCHIVEBED_NOW + 2, INT64_MAX, "u2 u3 " },
		{ INT64_MIN, ARCHIVEBED_NOW, "u0 late " },
		{ ARCHIVEBED_NOW + 1, ARCHIVEBED_NOW, "" },
		{ ARCHIVEBED_NOW + 4, INT64_MAX, "" },
		{ ARCHIVEBED_NOW + 10 * DAY, INT64_MAX, "" },
		{ INT64_MIN, ARCHIVEBED_NOW - 1, "late " },
		{ ARCHIVEBED_NOW - DAY, ARCHIVEBED_NOW - DAY, "late " },
		{ ARCHIVEBED_NOW - DAY + 1, ARCHIVEBED_NOW - 1, "" },
		{ INT64_MIN, ARCHIVEBED_NOW - DAY - 1, "" },
		{ INT64_MIN, 0, "" },
		{ INT64_MAX, INT64_MIN, "" },
		{ -1, 253402300799999999, "u0 u1 u2 u3 late " },
	};
	struct archive_row rows[] = {
		archivebed_row(0, "u0", "r@a", "j@b", ARCHIVE_SENT),
		archivebed_row(1, "u1", "j@b", "r@a", ARCHIVE_RECEIVED),
		archivebed_row(2, "u2", "r@a", "r@a", ALL_WAYS),
		archivebed_row(3, "u3", "r@a", "j@b", ARCHIVE_SENT),
		archivebed_row(4, "late", "r@a", "j@b", ARCHIVE_SENT),
	};

	rows[4].mark.stamp = ARCHIVEBED_NOW - DAY;
	archivebed_write(((struct pagebed *)*state)->db, rows, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mam_query query = pagebed_everything(10);

		query.filter.start = cases[i].start;
		query.filter.end = cases[i].end;
		pagebed_expect(*state, "r@a", &query, cases[i].uids);
		query.rsm.mode = RSM_LAST;
		pagebed_expect(*state, "r@a", &query, cases[i].uids);
	}
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
	struct pagebed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		rows[i] = archivebed_row((int64_t)i, hostile[i],
					 hostile[i], "r@a", ALL_WAYS);
		rows[i].resource = rows[i].body = rows[i].id = hostile[i];
	}
	archivebed_write(bed->db, rows, ARRAY_LEN(hostile));
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		const struct jid with = {
			.bare = hostile[i], .resource = hostile[i],
		};
		struct mam_query query = pagebed_everything(50);
		struct str expected = { 0 };

		archive_row_print(&expected, &rows[i]);
		query.filter.with = &with;
		query.filter.ids = &hostile[i];
		query.filter.ids_count = 1;
		query.filter.text = hostile[i];
		pagebed_find(bed, "r@a", &query);
		assert_string_equal(bed->rows.data, expected.data);
		query.filter.ids_count = 0;
		pagebed_find(bed, "r@a", &query);
		assert_string_equal(bed->rows.data, expected.data);
		str_fini(&expected);
	}
}

#define LARGE (ARCHIVE_PAGE_BYTES / 3 - 99)

/* However many are asked for. */
static void
ends_a_page_that_is_large(void **state)
{
	static char body[LARGE + 1], huge[3 * LARGE - 99];
	struct archive_row rows[] = {
		archivebed_row(0, "u1", "r@a", "j@b", ALL_WAYS),
		archivebed_row(1, "u2", "r@a", "j@b", ALL_WAYS),
		archivebed_row(2, "u3", "r@a", "r@a", ALL_WAYS),
		archivebed_row(3, "u4", "j@b", "r@a", ALL_WAYS),
		archivebed_row(4, "u5", "r@a", "j@b", ALL_WAYS),
		archivebed_row(5, "u6", "r@a", "j@b", ALL_WAYS),
	};
	struct mam_query query = pagebed_everything(50);
	struct pagebed *bed = *state;

	memset(body, 'x', LARGE);
	memset(huge, 'x', sizeof(huge) - 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		rows[i].body = body;
	rows[4].body = huge;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		archivebed_write(bed->db, &rows[i], 1);
	pagebed_expect(bed, "r@a", &query, "u1 u2 u3 u4 ");
	assert_false(bed->complete);
	query.rsm.mode = RSM_AFTER;
	query.rsm.item = "u4";
	pagebed_expect(bed, "r@a", &query, "u5 u6 ");
	assert_true(bed->complete);
	query.rsm.mode = RSM_LAST;
	pagebed_expect(bed, "r@a", &query, "u5 u6 ");
	assert_false(bed->complete);
	query.filter.text = "X";
	pagebed_expect(bed, "r@a", &query, "u5 u6 ");
	assert_false(bed->complete);
	query.rsm.mode = RSM_FIRST;
	query.filter.text = "xx y";
	pagebed_expect(bed, "r@a", &query, "");
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
	struct mam_query query = pagebed_everything(50);
	struct pagebed *bed = *state;

	memset(text, 'x', 2 * LARGE);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(uids[i], sizeof(uids[i]), "u%zu", i);
		rows[i] = archivebed_row((int64_t)i, uids[i], "r@a", "j@b",
					 ALL_WAYS);
		*texts[i] = text;
		archivebed_write(bed->db, &rows[i], 1);
	}
	for (size_t i = 0; i + 2 < ARRAY_LEN(rows); i++) {
		char expected[32];

		snprintf(expected, sizeof(expected), "u%zu u%zu ", i, i + 1);
		pagebed_expect(bed, "r@a", &query, expected);
		assert_false(bed->complete);
		query.rsm.mode = RSM_AFTER;
		query.rsm.item = uids[i];
	}
	query = pagebed_everything(50);
	query.filter.text = "wherefore";
	pagebed_expect(bed, "r@a", &query, "u0 u1 ");
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
		archivebed_row(0, "u1", "r@a", "room@c", ARCHIVE_RECEIVED),
		archivebed_row(1, "u2", "j@b", "room@c", ARCHIVE_RECEIVED),
		archivebed_row(2, "u3", "r@a", "room@c", ARCHIVE_RECEIVED),
		archivebed_row(3, "sent", "r@a", "room@c", ARCHIVE_SENT),
		archivebed_row(4, "from", "room@c", "r@a", ALL_WAYS),
		archivebed_row(5, "private", "r@a", "room@c", ARCHIVE_RECEIVED),
		archivebed_row(6, "other", "r@a", "other@c", ARCHIVE_RECEIVED),
		archivebed_row(7, "u4", "r@a", "room@c", ALL_WAYS),
	};
	struct mam_query query = pagebed_everything(10);
	struct pagebed *bed = *state;

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
		pagebed_expect(bed, "room@c", &query, cases[i].uids);
		query.rsm.mode = RSM_LAST;
		pagebed_expect(bed, "room@c", &query, cases[i].uids);
		query.rsm.mode = RSM_FIRST;
	}
	query.filter.with = NULL;
	pagebed_expect(bed, "room@c", &query, "u1 u2 u3 u4 ");
	assert_int_equal(pagebed_count(bed, "room@c", query), 4);
}

static void
pages_through_a_room(void **state)
{
	static const char *const ids[] = { "u1", "u3", "u2" };
	struct archive_row rows[] = {
		archivebed_row(0, "u1", "r@a", "room@c", ARCHIVE_RECEIVED),
		archivebed_row(1, "u2", "j@b", "room@c", ARCHIVE_RECEIVED),
		archivebed_row(2, "u3", "r@a", "room@c", ARCHIVE_RECEIVED),
		archivebed_row(3, "sent", "r@a", "room@c", ARCHIVE_SENT),
	};
	struct mam_query query = pagebed_everything(2);
	struct pagebed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		rows[i].type = ARCHIVE_GROUPCHAT;
	archivebed_write(bed->db, rows, ARRAY_LEN(rows));
	bed->owner.kind = ARCHIVE_OF_ROOM;
	pagebed_expect(bed, "room@c", &query, "u1 u2 ");
	assert_false(bed->complete);
	query.rsm.mode = RSM_AFTER;
	query.rsm.item = "u2";
	pagebed_expect(bed, "room@c", &query, "u3 ");
	assert_true(bed->complete);
	query.rsm.mode = RSM_BEFORE;
	query.rsm.item = "u3";
	pagebed_expect(bed, "room@c", &query, "u1 u2 ");
	query.filter.ids = ids;
	query.filter.ids_count = ARRAY_LEN(ids);
	pagebed_expect(bed, "room@c", &query, "u1 u2 ");
	query.rsm.item = "sent";
	pagebed_refuse(bed, "room@c", &query, ERROR_ITEM_NOT_FOUND);
}

static void
says_what_the_database_says(void **state)
{
	struct mam_query query = pagebed_everything(2);

	database_do(((struct pagebed *)*state)->db,
		    "DROP TABLE archive_message");
	pagebed_refuse(*state, "r@a", &query, ERROR_INTERNAL_SERVER_ERROR);
}

/* It may fail at any step. */
static void
fails_when_a_column_is_missing(void **state)
{
	struct mam_query query = pagebed_everything(2);
	struct pagebed *bed = *state;

	database_do(bed->db,
		    "ALTER TABLE archive_message RENAME COLUMN type TO kind");
	pagebed_refuse(bed, "r@a", &query, ERROR_INTERNAL_SERVER_ERROR);
	query.rsm.count_only = true;
	pagebed_refuse(bed, "r@a", &query, ERROR_INTERNAL_SERVER_ERROR);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pagebed_setup, \
						   pagebed_teardown)

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
		TEST(finds_hostile_texts),
		TEST(ends_a_page_that_is_large),
		TEST(ends_a_page_whatever_is_large),
		TEST(finds_what_was_said_in_a_room),
		TEST(pages_through_a_room),
		TEST(says_what_the_database_says),
		TEST(fails_when_a_column_is_missing),
	};

	return archivebed_run("archive_page", tests, ARRAY_LEN(tests));
}
