#include "components/archive/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/serial.h"
#include "shared/str.h"
#include "t/lib/archivebed.h"
#include "t/lib/callbed.h"

#define NOON 1795953600000000	/* 2026-11-29T12:00:00Z */
#define MANY 10000
#define ESTIMATE(bed, ...) CALLBED_COMMAND(bed, "estimate", __VA_ARGS__)

static int
new_bed(void **state)
{
	*state = callbed_new(*(const enum database_kind *)*state,
			     archive_commands, NULL);
	return 0;
}

/* The examples of other products, of which it is to be half at most: 2.7, 10.2
   and 26.3 GB. */
static void
does_the_sum_by_what_is_usual(void **state)
{
	struct callbed *bed = *state;

	assert_string_equal(
		ESTIMATE(bed, "users=1500"),
		"3000000|400|1200000000|1.2 GB|1.8 GB|nothing, as there are "
		"fewer than 10000 messages\n");
	assert_string_equal(
		ESTIMATE(bed, "users=2500", "messages-per-hour=15",
			 "characters=250"),
		"7500000|550|4125000000|4.1 GB|6.2 GB|nothing, as there are "
		"fewer than 10000 messages\n");
	assert_string_equal(
		ESTIMATE(bed, "users=2", "messages-per-hour=1", "hours=1",
			 "characters=10"),
		"2|310|620|620 bytes|930 bytes|nothing, as there are fewer "
		"than 10000 messages\n");
}

/* Each character of two bytes. */
static void
write_many(struct callbed *bed)
{
	struct archive_row *rows = calloc(MANY, sizeof(*rows));
	char (*uids)[40] = calloc(MANY, sizeof(*uids));
	struct str body = { 0 };

	assert_true(rows != NULL && uids != NULL);
	for (int i = 0; i < 50; i++)
		str_addz(&body, "\xc3\xbc");
	for (size_t i = 0; i < MANY; i++) {
		snprintf(uids[i], sizeof(uids[i]), "%036zu", i);
		rows[i] = (struct archive_row){
			.mark = { .serial = serial_first_of(
					  NOON + (int64_t)i),
				  .stamp = NOON, .uid = uids[i],
				  .ways = ARCHIVE_SENT },
			.type = ARCHIVE_CHAT, .sender = "r@a",
			.recipient = "j@b", .resource = "orchard",
			.to_resource = "", .body = body.data,
		};
	}
	archivebed_write(bed->db, rows, MANY);
	str_fini(&body);
	free(uids);
	free(rows);
}

static unsigned
each_of(const char *text)
{
	const char *cell = strchr(text, '|');

	assert_non_null(cell);
	return (unsigned)strtoul(cell + 1, NULL, 10);
}

/* A character more is two bytes more. */
static void
goes_by_what_is_measured(void **state)
{
	struct callbed *bed = *state;
	const char *text;
	unsigned each, more;

	write_many(bed);
	text = ESTIMATE(bed, "users=1000", "characters=50");
	each = each_of(text);
	more = each_of(ESTIMATE(bed, "users=1000", "characters=60"));
	assert_int_equal(more, each + 20);
	assert_in_range(each, 200, 600);
	assert_non_null(strstr(text, "|10000 messages here: "));
	assert_non_null(strstr(text, " bytes and 50 characters each\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   callbed_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(does_the_sum_by_what_is_usual),
		TEST(goes_by_what_is_measured),
	};

	return archivebed_run("archive_estimate", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
