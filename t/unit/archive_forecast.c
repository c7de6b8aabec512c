#include "components/archive/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/archive.h"
#include "shared/archive_row.h"
#include "shared/clock.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"
#include "t/lib/callbed.h"

#define OLD 1577880000000000	/* 2020-01-01T12:00:00Z */
#define FORECAST(bed) CALLBED_COMMAND(bed, "retention", NULL)

static struct archive_settings settings;
static struct archive archive = { .settings = &settings };

static int
new_bed(void **state)
{
	*state = callbed_new(*(const enum database_kind *)*state,
			     archive_commands, &archive);
	return 0;
}

static struct archive_row
row(int64_t stamp, const char *uid, const char *from, const char *to)
{
	return (struct archive_row){
		.mark = { .serial = serial_first_of(stamp), .stamp = stamp,
			  .uid = uid, .ways = ARCHIVE_SENT |
			  ARCHIVE_RECEIVED },
		.type = ARCHIVE_CHAT, .sender = from, .recipient = to,
		.resource = "", .to_resource = "", .body = "Wherefore?",
	};
}

static void
says_what_goes_by_each_rule(void **state)
{
	static const char *const rules[] = {
		"user r@a 30d", "user t@a 30d", "domain b forever", "all 1d",
		NULL
	};
	const struct archive_row rows[] = {
		row(OLD, "u1", "r@a", "j@b"),
		row(OLD + 1, "u2", "r@a", "n@c"),
		row(clock_now(), "u3", "r@a", "j@b"),
		row(OLD + CLOCK_SECOND, "u4", "n@c", "m@c"),
	};
	struct callbed *bed = *state;

	archivebed_write(bed->db, rows, 4);
	database_do(bed->db, "INSERT INTO archive_hold VALUES ('m', 'j@b', 0, "
		    "9223372036854775807, 'w', 0, NULL)");
	settings.retention = rules;
	assert_string_equal(FORECAST(bed),
			    "user r@a 30d|1|1|1|2020-01-01T12:00:00Z\n"
			    "user t@a 30d|0|0|0|\n"
			    "domain b forever|0|0|0|\n"
			    "all 1d|2|3|0|2020-01-01T12:00:00Z\n");
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      "archive_message WHERE ways = 3"), 4);
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      "audit_entry WHERE action = 'retention' "
				      "AND who = 'the operator'"), 1);
}

static void
says_that_there_are_no_rules(void **state)
{
	static const char *const rules[] = { NULL };

	settings.retention = rules;
	assert_string_equal(FORECAST((struct callbed *)*state),
			    "There are no rules: everything stays.\n");
}

static void
says_what_the_database_says(void **state)
{
	static const char *const rules[] = { "all 1d", NULL };
	struct callbed *bed = *state;

	database_do(bed->db, "ALTER TABLE archive_address RENAME TO away");
	settings.retention = rules;
	assert_non_null(strstr(FORECAST(bed), "error: "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   callbed_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(says_what_goes_by_each_rule),
		TEST(says_that_there_are_no_rules),
		TEST(says_what_the_database_says),
	};

	return archivebed_run("archive_forecast", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
