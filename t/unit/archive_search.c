#include "shared/archive_search-private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_attendance.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/serial.h"
#include "shared/str.h"
#include "t/lib/archivebed.h"

#define NOW 1795976662000000	/* 2026-11-29 */
#define HOUR (3600LL * CLOCK_SECOND)
#define DAY (24 * HOUR)

/* A search, and what it found so far. */
struct bed {
	struct database *db;
	struct archive_search *search;
	struct str uids;	/* each with a blank behind it */
	struct str rows;	/* as they are printed */
	struct str audiences;	/* of each, ended by a blank */
	size_t parts, seen, most;
	int64_t reached;
	bool complete, came;
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
	str_fini(&bed->audiences);
	free(bed);
	return 0;
}

static void
on_part(void *ctx, const struct archive_search_part *part,
	const struct error *err)
{
	struct bed *bed = ctx;

	if (err != NULL)
		fail_msg("%s", err->text);
	bed->came = true;
	bed->parts++;
	bed->complete = part->complete;
	bed->seen = part->seen;
	bed->reached = part->reached;
	if (part->count > bed->most)
		bed->most = part->count;
	for (size_t i = 0; i < part->count; i++) {
		str_addf(&bed->uids, "%s ", part->rows[i].mark.uid);
		archive_row_print(&bed->rows, &part->rows[i]);
		str_addf(&bed->audiences, "%s ", part->audiences[i]);
	}
}

static void
read_part(struct bed *bed)
{
	bed->came = false;
	archive_search_next(bed->search, on_part, bed);
	assert_false(bed->came);
	database_wait(bed->db, &bed->came);
}

static void
begin(struct bed *bed, const struct archive_search_filter *filter)
{
	struct error err = { 0 };

	str_clear(&bed->uids);
	str_clear(&bed->audiences);
	str_clear(&bed->rows);
	str_addz(&bed->uids, "");
	bed->parts = bed->most = 0;
	bed->complete = false;
	assert_int_equal(archive_search_new(bed->db->store, filter,
					    &bed->search, &err), 0);
}

/* The uids of all that there is. */
static const char *
find(struct bed *bed, const struct archive_search_filter *filter)
{
	begin(bed, filter);
	while (!bed->complete)
		read_part(bed);
	archive_search_free(&bed->search);
	return bed->uids.data;
}

/* At the nth microsecond. */
static struct archive_row
row(int64_t n, const char *uid, const char *from, const char *to)
{
	return (struct archive_row){
		.mark = { .serial = serial_first_of(NOW + n) + 1,
			  .stamp = NOW + n, .uid = uid,
			  .ways = ARCHIVE_SENT },
		.type = ARCHIVE_CHAT, .sender = from, .recipient = to,
		.resource = "", .to_resource = "", .body = "Wherefore?",
	};
}

static void
reads_all_of_a_message(void **state)
{
	struct archive_row rows[] = {
		row(0, "u1", "r@a", "j@b"), row(HOUR, "u2", "j@b", "r@a"),
	};
	struct archive_search_filter filter = archive_search_all;
	struct str expected = { 0 };
	struct bed *bed = *state;

	rows[0].mark.flags = ARCHIVE_REMOTE | ARCHIVE_ENCRYPTED;
	rows[0].type = ARCHIVE_GROUPCHAT;
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
	find(bed, &filter);
	archive_row_print(&expected, &rows[0]);
	archive_row_print(&expected, &rows[1]);
	assert_string_equal(bed->rows.data, expected.data);
	str_fini(&expected);
}

/* Months apart, some at once, and of anybody. */
static void
write_some(struct bed *bed)
{
	const struct archive_row rows[] = {
		row(-400 * DAY, "u1", "r@a", "j@b"),
		row(-40 * DAY, "u2", "j@b", "r@a"),
		row(-1, "u3", "t@a", "r@a"),
		row(0, "u4", "t@a", "t@a"),
		row(1, "u5", "t@a", "j@b"),
		row(2 * HOUR, "u6", "r@a", "t@a"),
	};

	archivebed_write(bed->db, rows, sizeof(rows) / sizeof(rows[0]));
}

static const struct {
	struct archive_search_filter filter;	/* 0: as of all */
	const char *forward, *backward;
} cases[] = {
	{ { .who = NULL }, "u1 u2 u3 u4 u5 u6 ", "u6 u5 u4 u3 u2 u1 " },
	{ { .who = "r@a" }, "u1 u2 u3 u6 ", "u6 u3 u2 u1 " },
	{ { .who = "t@a" }, "u3 u4 u5 u6 ", "u6 u5 u4 u3 " },
	{ { .who = "x@a" }, "", "" },
	{ { .who = "r@a", .with = "j@b" }, "u1 u2 ", "u2 u1 " },
	{ { .who = "t@a", .with = "t@a" }, "u4 ", "u4 " },
	{ { .who = "t@a", .with = "x@a" }, "", "" },
	{ { .start = NOW }, "u4 u5 u6 ", "u6 u5 u4 " },
	{ { .end = NOW }, "u1 u2 u3 ", "u3 u2 u1 " },
	{ { .start = NOW - 41 * DAY, .end = NOW + 1 }, "u2 u3 u4 ",
	  "u4 u3 u2 " },
	{ { .who = "t@a", .start = NOW, .end = NOW + HOUR }, "u4 u5 ",
	  "u5 u4 " },
	{ { .start = NOW + 3 * HOUR }, "", "" },
};

static void
finds_what_the_filter_says_in_order(void **state)
{
	struct bed *bed = *state;

	write_some(bed);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct archive_search_filter filter = cases[i].filter;

		if (filter.start == 0)
			filter.start = INT64_MIN;
		if (filter.end == 0)
			filter.end = INT64_MAX;
		filter.before = INT64_MAX;
		assert_string_equal(find(bed, &filter), cases[i].forward);
		filter.backward = true;
		assert_string_equal(find(bed, &filter), cases[i].backward);
	}
}

static void
ends_at_a_time_that_never_comes(void **state)
{
	struct archive_search_filter filter = archive_search_all;
	struct bed *bed = *state;

	write_some(bed);
	filter.start = INT64_MAX / 2;
	assert_string_equal(find(bed, &filter), "");
	assert_int_equal(bed->parts, 1);
	filter.backward = true;
	assert_string_equal(find(bed, &filter), "");
	assert_int_equal(bed->parts, 1);
	assert_true(bed->reached == INT64_MAX);
}

static void
goes_on_between_serials(void **state)
{
	struct archive_search_filter filter = archive_search_all;
	struct bed *bed = *state;

	write_some(bed);
	filter.after = serial_first_of(NOW - 40 * DAY) + 1;
	filter.before = serial_first_of(NOW + 1) + 1;
	assert_string_equal(find(bed, &filter), "u3 u4 ");
	filter.who = "r@a";
	assert_string_equal(find(bed, &filter), "u3 ");
	filter.backward = true;
	assert_string_equal(find(bed, &filter), "u3 ");
}

/* The same room, made twice; another whose name is longer. */
static void
finds_what_was_said_in_a_room(void **state)
{
	struct archive_row rows[] = {
		row(-40 * DAY, "u1", "r@a", "g@c/100"),
		row(0, "u2", "j@b", "g@c/200"),
		row(1, "u3", "r@a", "g@c/200"),
		row(2, "u4", "r@a", "g@cc/200"), row(3, "u5", "r@a", "g@c"),
		row(4, "u6", "r@a", "g@c/nick"),
	};
	struct archive_search_filter filter = archive_search_all;
	struct bed *bed = *state;

	for (size_t i = 0; i < 4; i++)
		rows[i].type = ARCHIVE_GROUPCHAT;
	archivebed_write(bed->db, rows, sizeof(rows) / sizeof(rows[0]));
	filter.room = "g@c";
	assert_string_equal(find(bed, &filter), "u1 u2 u3 ");
	assert_null(strstr(bed->rows.data, "g@c/"));
	filter.who = "r@a";
	filter.backward = true;
	assert_string_equal(find(bed, &filter), "u3 u1 ");
	filter.room = "h@c";
	assert_string_equal(find(bed, &filter), "");
}

static struct archive_row
attendance(int64_t n, const struct archive_attendance *attendance)
{
	struct archive_row it = row(n, NULL, NULL, NULL);

	it.attendance = attendance;
	return it;
}

#define ATTENDANCE(of, where, who) \
	.kind = ARCHIVE_ATTENDANCE_ ## of, .room = where, \
	.people = (const char *[]){ who }, .count = 1

/* Romeo is in the garden from u2 to u4, and in the hall; Tybalt was shown u1
   later. */
static void
write_rooms(struct bed *bed)
{
	const struct archive_attendance came = {
		ATTENDANCE(CAME, "g@c/100", "r@a"),
	}, left = {
		ATTENDANCE(LEFT, "g@c/100", "r@a"),
	}, hall = {
		ATTENDANCE(CAME, "h@c/7", "r@a"),
	}, late = {
		ATTENDANCE(CAUGHT_UP, "g@c/100", "t@a"), .messages = 1,
		.until = NOW + 2,
	};
	struct archive_row rows[] = {
		row(0, "u1", "j@b", "g@c/100"), attendance(5, &came),
		row(6, "u2", "j@b", "g@c/100"), attendance(7, &hall),
		row(10, "u3", "r@a", "g@c/100"),
		row(20, "u4", "t@a", "g@c/100"), attendance(21, &left),
		row(30, "u5", "j@b", "g@c/100"),
		row(40, "v1", "j@b", "h@c/7"),
		row(50, "w1", "j@b", "r@a"), attendance(60, &late),
		row(70, "w2", "j@b", "t@a"),
	};

	for (size_t i = 0; i < 9; i++)
		rows[i].type = ARCHIVE_GROUPCHAT;
	archivebed_write(bed->db, rows, sizeof(rows) / sizeof(rows[0]));
}

static const struct {
	struct archive_search_filter filter;
	const char *found;
} shown[] = {
	{ { .who = "r@a" }, "u2 u3 u4 v1 w1 " },
	{ { .who = "t@a" }, "u1 u4 w2 " },
	{ { .who = "t@a", .with = "j@b" }, "u1 w2 " },
	{ { .who = "r@a", .with = "t@a" }, "u4 " },
	{ { .shown = "r@a" }, "u2 u3 u4 v1 " },
	{ { .shown = "r@a", .who = "j@b" }, "u2 v1 " },
	{ { .shown = "r@a", .room = "g@c" }, "u2 u3 u4 " },
	{ { .shown = "r@a", .room = "g@c", .who = "r@a" }, "u3 " },
	{ { .shown = "r@a", .room = "x@c" }, "" },
	{ { .shown = "t@a" }, "u1 " },
	{ { .shown = "t@a", .room = "g@c" }, "u1 " },
	{ { .shown = "t@a", .room = "h@c" }, "" },
	{ { .shown = "j@b" }, "" },
	{ { .shown = "nobody" }, "" },
	{ { .shown = "r@a", .text = "wherefore" }, "u2 u3 u4 v1 " },
	{ { .shown = "r@a", .start = NOW + 10 }, "u3 u4 v1 " },
	{ { .shown = "r@a", .end = NOW + 20 }, "u2 u3 " },
};

static void
finds_what_somebody_was_shown(void **state)
{
	struct bed *bed = *state;

	write_rooms(bed);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		struct archive_search_filter filter = shown[i].filter;

		if (filter.end == 0)
			filter.end = INT64_MAX;
		filter.before = INT64_MAX;
		if (strcmp(find(bed, &filter), shown[i].found) != 0)
			fail_msg("case %zu: %s", i, bed->uids.data);
	}
}

static void
tells_whom_it_was_shown(void **state)
{
	struct archive_search_filter filter = archive_search_all;
	struct bed *bed = *state;

	write_rooms(bed);
	filter.audience = true;
	find(bed, &filter);
	assert_string_equal(bed->audiences.data,
			    "t@a r@a r@a r@a  r@a   ");
	filter.room = "g@c";
	find(bed, &filter);
	assert_string_equal(bed->audiences.data, "t@a r@a r@a r@a  ");
	database_do(bed->db, "INSERT INTO archive_delivery SELECT a.id, "
		    "m.serial, 0, m.recipient FROM archive_address a, "
		    "archive_message m WHERE a.jid = 'j@b' AND m.uid = 'u2'");
	filter.shown = "r@a";
	find(bed, &filter);
	assert_string_equal(bed->audiences.data, "j@b\nr@a r@a r@a ");
	filter.audience = false;
	find(bed, &filter);
	assert_string_equal(bed->audiences.data, "   ");
}

static void
finds_the_latest_that_somebody_was_shown(void **state)
{
	struct archive_search_filter filter = archive_search_all;
	struct bed *bed = *state;

	write_rooms(bed);
	filter.backward = true;
	filter.who = "r@a";
	assert_string_equal(find(bed, &filter), "w1 v1 u4 u3 u2 ");
	filter.who = NULL;
	filter.shown = "r@a";
	assert_string_equal(find(bed, &filter), "v1 u4 u3 u2 ");
	filter.before = serial_first_of(NOW + 10) + 1;
	assert_string_equal(find(bed, &filter), "u2 ");
}

static void
finds_words_in_all_that_is_written(void **state)
{
	struct archive_row rows[] = {
		row(0, "u1", "r@a", "j@b"), row(1, "u2", "r@a", "j@b"),
		row(2, "u3", "r@a", "j@b"), row(3, "u4", "r@a", "j@b"),
	};
	struct archive_search_filter filter = archive_search_all;
	struct bed *bed = *state;

	rows[1].body = "A rose by any OTHER name";
	rows[2].subject = "Another Rose";
	rows[3].body = NULL;
	rows[3].rest = "<body xml:lang='x'>another</body>"
		       "<html xmlns='x'>Rose</html>";
	archivebed_write(bed->db, rows, 4);
	filter.text = "other rose";
	assert_string_equal(find(bed, &filter), "u2 u3 u4 ");
	assert_int_equal(bed->seen, 4);
	filter.text = "rose%";
	assert_string_equal(find(bed, &filter), "");
	filter.text = "' OR 1=1 --";
	assert_string_equal(find(bed, &filter), "");
}

static void
refuses_too_many_words(void **state)
{
	struct archive_search_filter filter = archive_search_all;
	struct error err = { 0 };
	struct bed *bed = *state;

	filter.text = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17";
	assert_int_equal(archive_search_new(bed->db->store, &filter,
					    &bed->search, &err), -1);
	assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
}

/* All within a second, as a busy server has them. */
static void
write_many(struct bed *bed, size_t count, size_t body_len)
{
	struct archive_row *rows = calloc(count, sizeof(*rows));
	char (*uids)[16] = calloc(count, sizeof(*uids));
	char *body = malloc(body_len + 1);

	assert_true(rows != NULL && uids != NULL && body != NULL);
	memset(body, 'x', body_len);
	body[body_len] = '\0';
	for (size_t i = 0; i < count; i++) {
		snprintf(uids[i], sizeof(uids[i]), "u%zu", i);
		rows[i] = row((int64_t)i * 10, uids[i], "r@a", "j@b");
		rows[i].body = body;
	}
	for (size_t i = 0; i < count; i += 100)
		archivebed_write(bed->db, rows + i,
				 count - i < 100 ? count - i : 100);
	free(rows);
	free(uids);
	free(body);
}

static void
assert_all_in_order(struct bed *bed, size_t count, bool backward)
{
	struct str expected = { 0 };

	for (size_t i = 0; i < count; i++)
		str_addf(&expected, "u%zu ", backward ? count - 1 - i : i);
	assert_string_equal(bed->uids.data, expected.data);
	str_fini(&expected);
}

static const struct {
	const char *who;
	bool backward;
} directions[] = {
	{ NULL, false }, { NULL, true }, { "r@a", false }, { "j@b", true },
};

static void
reads_some_at_a_time(void **state)
{
	struct bed *bed = *state;

	write_many(bed, 1300, 10);
	for (size_t i = 0; i < 4; i++) {
		struct archive_search_filter filter = archive_search_all;

		filter.who = directions[i].who;
		filter.backward = directions[i].backward;
		find(bed, &filter);
		assert_all_in_order(bed, 1300, filter.backward);
		assert_true(bed->most <= ARCHIVE_SEARCH_ROWS);
		assert_int_equal(bed->seen, 1300);
	}
}

/* Forty of 100,000 bytes: about ten in a part. */
static void
ends_a_part_that_is_large(void **state)
{
	struct bed *bed = *state;

	write_many(bed, 40, 100000);
	for (size_t i = 0; i < 4; i++) {
		struct archive_search_filter filter = archive_search_all;

		filter.who = directions[i].who;
		filter.backward = directions[i].backward;
		find(bed, &filter);
		assert_all_in_order(bed, 40, filter.backward);
		assert_in_range(bed->most, 10, 11);
	}
}

/* Whoever is told where the next part begins may begin anew there. */
static void
says_how_far_it_came(void **state)
{
	struct bed *bed = *state;

	write_many(bed, 700, 10);
	for (size_t i = 0; i < 4; i++) {
		struct archive_search_filter filter = archive_search_all;

		filter.who = directions[i].who;
		filter.backward = directions[i].backward;
		begin(bed, &filter);
		while (bed->uids.len == 0)
			read_part(bed);
		archive_search_free(&bed->search);
		assert_false(bed->complete);
		if (filter.backward)
			filter.before = bed->reached;
		else
			filter.after = bed->reached;
		assert_int_equal(archive_search_new(bed->db->store, &filter,
						    &bed->search, NULL), 0);
		while (!bed->complete)
			read_part(bed);
		archive_search_free(&bed->search);
		assert_all_in_order(bed, 700, filter.backward);
	}
}

/* A clock that was years ahead for a while hides nothing. */
static void
finds_what_came_by_a_clock_that_was_ahead(void **state)
{
	const struct archive_row rows[] = {
		row(0, "u1", "r@a", "j@b"),
		row(4000 * DAY, "u2", "r@a", "j@b"),
	};
	struct archive_search_filter filter = archive_search_all;
	struct bed *bed = *state;

	archivebed_write(bed->db, rows, 2);
	filter.backward = true;
	assert_string_equal(find(bed, &filter), "u2 u1 ");
	assert_true(bed->parts < 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			reads_all_of_a_message, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			finds_what_the_filter_says_in_order, new_bed,
			free_bed),
		cmocka_unit_test_setup_teardown(
			ends_at_a_time_that_never_comes, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			goes_on_between_serials, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			finds_what_was_said_in_a_room, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			finds_what_somebody_was_shown, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			tells_whom_it_was_shown, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			finds_the_latest_that_somebody_was_shown, new_bed,
			free_bed),
		cmocka_unit_test_setup_teardown(
			finds_words_in_all_that_is_written, new_bed,
			free_bed),
		cmocka_unit_test_setup_teardown(
			refuses_too_many_words, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			reads_some_at_a_time, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			ends_a_part_that_is_large, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			says_how_far_it_came, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			finds_what_came_by_a_clock_that_was_ahead, new_bed,
			free_bed),
	};

	return archivebed_run("archive_search", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
