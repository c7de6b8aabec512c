#include "shared/archive_row-private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct archive_row full = {
	.mark = { .serial = INT64_MAX / 2, .stamp = 7, .uid = "u:1",
		  .ways = 7, .flags = 127 },
	.type = ARCHIVE_ERROR, .sender = "r@a", .recipient = "j@b",
	.resource = "", .to_resource = "-", .id = "3:x", .lang = "cs",
	.subject = "", .body = "a\nb \xf0\x9f\x98\x80", .thread = "0",
	.rest = "<x/>", .relation = ARCHIVE_DISPLAYED, .about = "a-",
};

static const struct {
	const char *text;
	bool good;
} texts[] = {
	{ "1 5 6 1 0 1 1:u1:a1:b0:0:------", true },
	{ "1 5 6 1 0 1 1:u1:a1:b0:0:------ ", false },
	{ "1 5 6 1 0 1 1:u1:a1:b0:0:-----", false },
	{ "100 5 6 1 0 13 0 1:u1:a1:b0:0:-------", true },
	{ "100 5 6 1 0 14 0 1:u1:a1:b0:0:-------", false },
	{ "100 5 6 1 0 0 0 1:u1:a1:b0:0:-------", false },
	{ "100 5 6 1 0 11 1:u1:a1:b0:0:------", false },
	{ "1 5 6 1 0 1 1:u1:a1:b0:0:-------", false },
	{ "2 5 6 1 0 1 0 1:u1:a1:b0:0:-------", true },
	{ "2 5 6 1 0 1 2 1:u1:a1:b0:0:------1:x", true },
	{ "2 5 6 1 0 1 0 1:u1:a1:b0:0:------", false },
	{ "2 5 6 1 0 1 1:u1:a1:b0:0:-------", false },
	{ "2 5 6 1 0 1 0 1:u1:a1:b0:0:------1:x", false },
	{ "2 5 6 1 0 1 2 1:u1:a1:b0:0:-------", false },
	{ "2 5 6 1 0 1 2 1:u1:a1:b0:0:------0:", false },
	{ "2 5 6 1 0 1 8 1:u1:a1:b0:0:------1:x", false },
	{ "2 5 6 0 0 2 1 1:u1:a1:b0:0:------1:x", true },
	{ "2 5 6 0 0 1 1 1:u1:a1:b0:0:------1:x", false },
	{ "2 5 6 0 0 2 2 1:u1:a1:b0:0:------1:x", false },
	{ "100 5 6 0 0 2 1 1:u1:a1:b0:0:------1:x", false },
	{ "3 5 6 1 0 1 0 1:u1:a1:b0:0:-------", false },
	{ "1 5 6 1 0 1 1:u1:a1:b0:-------", false },
	{ "1 5 6 1 0 1 -1:a1:b0:0:------", false },
	{ "1 5 6 1 0 1 0:1:a1:b0:0:------", false },
	{ "1 5 6 1 0 1 1:u0:1:b0:0:------", false },
	{ "1 5 6 1 0 5 1:u1:a1:b0:0:------", false },
	{ "1 5 6 0 0 1 1:u1:a1:b0:0:------", false },
	{ "1 5 6 56 0 1 1:u1:a1:b0:0:------", true },
	{ "1 5 6 64 0 1 1:u1:a1:b0:0:------", false },
	{ "1 5 6 1 128 1 1:u1:a1:b0:0:------", false },
	{ "1 0 6 1 0 1 1:u1:a1:b0:0:------", false },
	{ "1 -5 6 1 0 1 1:u1:a1:b0:0:------", false },
	{ "1 99999999999999999999 6 1 0 1 1:u1:a1:b0:0:------", false },
	{ "1 5 6 1 0 1 1:u1:a1:b0:0:-----9999999999:x", false },
	{ "1 5 6 1 0 1 1:u1:a1:b0:0:-----2:x", false },
	{ "1 5 6 1 0 1 1:u1:a1:b0:0:-----:x", false },
	{ "101 5 6 16 0 2 0 1:u1:a1:b0:0:-------1 0:-", true },
	{ "101 5 6 16 0 2 0 1:u1:a1:b0:0:-------6 3:c/11:o", true },
	{ "101 5 6 16 0 1 0 1:u1:a1:b0:0:-------1 0:-", false },
	{ "101 5 6 0 0 2 1 1:u1:a1:b0:0:------1:x1 0:-", false },
	{ "101 5 6 16 0 2 0 1:u1:a1:b0:0:-------0 0:-", false },
	{ "101 5 6 16 0 2 0 1:u1:a1:b0:0:-------1 --", false },
	{ "101 5 6 16 0 2 0 1:u1:a1:b0:0:-------1 0:", false },
	{ "101 5 6 16 0 2 0 1:u1:a1:b0:0:-------1 0:--", false },
	{ "101 5 6 16 0 2 0 1:u1:a1:b0:0:-------", false },
	{ "101 5 6 16 0 2 0 1:u1:a1:b0:0:-------256 0:-", false },
	{ "1 5 6 1 0 1 ", false },
	{ "1", false },
	{ "", false },
};

static void
same(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

static void
assert_same_row(struct archive_row *a, struct archive_row *b)
{
	const char **of_a[ARCHIVE_ROW_TEXTS], **of_b[ARCHIVE_ROW_TEXTS];

	assert_true(a->mark.serial == b->mark.serial);
	assert_true(a->mark.stamp == b->mark.stamp);
	assert_int_equal(a->mark.ways, b->mark.ways);
	assert_int_equal(a->mark.flags, b->mark.flags);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->relation, b->relation);
	archive_row_texts(a, of_a);
	archive_row_texts(b, of_b);
	for (size_t i = 0; i < ARCHIVE_ROW_TEXTS; i++)
		same(*of_a[i], *of_b[i]);
}

static void
reads_what_it_printed(void **state)
{
	struct archive_row in[] = { full, full, full }, out;
	struct error err = { 0 };

	in[1].id = in[1].lang = in[1].subject = in[1].body = NULL;
	in[1].thread = in[1].rest = NULL;
	in[2].body = "1 5 6 1 0 1 1:u1:a1:b0:0:------";
	for (size_t i = 0; i < ARRAY_LEN(in); i++) {
		struct str text = { 0 };

		archive_row_print(&text, &in[i]);
		assert_int_equal(strlen(text.data), text.len);
		assert_int_equal(archive_row_parse(*state, text.data, text.len,
						   &out, &err), 0);
		assert_same_row(&in[i], &out);
		str_fini(&text);
	}
}

static void
reads_nothing_else(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct archive_row row;
		struct error err = { 0 };
		int ret = archive_row_parse(*state, texts[i].text,
					    strlen(texts[i].text), &row, &err);

		assert_int_equal(ret, texts[i].good ? 0 : -1);
		if (!texts[i].good)
			assert_int_equal(err.cond, ERROR_BAD_REQUEST);
	}
}

/* Any beginning of a text is none. */
static void
reads_nothing_cut_short(void **state)
{
	struct archive_row row = full;
	struct str text = { 0 };

	archive_row_print(&text, &row);
	for (size_t len = 0; len < text.len; len++) {
		struct error err = { 0 };

		assert_int_equal(archive_row_parse(*state, text.data, len,
						   &row, &err), -1);
	}
	str_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(reads_what_it_printed),
		BED_ARENA_TEST(reads_nothing_else),
		BED_ARENA_TEST(reads_nothing_cut_short),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_row_text", tests, NULL,
					   NULL);
}
