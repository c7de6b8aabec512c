#include "components/offline/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"
#define COMMAND OFFLINEBED_COMMAND
#define NOON "2026-11-29T12:00:00Z"

static void
counts_all_or_those_of_one(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	offlineshim_store(bed, USER, "x2", "a@b/c");
	offlineshim_store(bed, "k@example", "x3", "a@b/c");
	assert_string_equal(COMMAND(bed, "count", NULL), "2|3|" NOON "\n");
	assert_string_equal(COMMAND(bed, "count", "user=" USER),
			    "1|2|" NOON "\n");
	assert_string_equal(COMMAND(bed, "count", "user=m@example"),
			    "0|0|\n");
}

static void
lists_users_by_their_addresses(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, "m@example", "x1", "a@b/c");
	offlineshim_store(bed, "k@example", "x2", "a@b/c");
	offlineshim_store(bed, USER, "x3", "a@b/c");
	offlineshim_store(bed, USER, "x4", "a@b/c");
	assert_string_equal(COMMAND(bed, "list", NULL),
			    USER "|2|" NOON "|" NOON "\n"
			    "k@example|1|" NOON "|" NOON "\n"
			    "m@example|1|" NOON "|" NOON "\n3 users.\n");
}

static void
lists_users_page_by_page(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, "m@example", "x1", "a@b/c");
	offlineshim_store(bed, "k@example", "x2", "a@b/c");
	offlineshim_store(bed, USER, "x3", "a@b/c");
	assert_string_equal(COMMAND(bed, "list", "limit=2"),
			    USER "|1|" NOON "|" NOON "\n"
			    "k@example|1|" NOON "|" NOON "\n"
			    "There are more: go on after k@example.\n");
	assert_string_equal(COMMAND(bed, "list", "limit=2",
				    "after=k@example"),
			    "m@example|1|" NOON "|" NOON "\n1 user.\n");
	assert_string_equal(COMMAND(bed, "list", "after=m@example"),
			    "0 users.\n");
}

static void
shows_from_whom_they_are_in_order(void **state)
{
	struct offlinebed *bed = *state;
	const char *text;

	offlineshim_store(bed, USER, "x2", "d@e/f");
	offlineshim_store(bed, USER, "x1", "a@b");
	offlineshim_store(bed, "k@example", "x3", "a@b/c");
	text = COMMAND(bed, "show", "user=" USER);
	assert_ptr_equal(strstr(text, "x2|d@e/f|" NOON "|"), text);
	assert_non_null(strstr(text, "\nx1|a@b|" NOON "|"));
	assert_null(strstr(text, "x3"));
	assert_null(strstr(text, "<body>"));
	assert_non_null(strstr(text, "\n2 messages.\n"));
}

/* How many there are, and three pages. */
static void
reads_some_at_a_time(void **state)
{
	static const char *const names[] = { "show", "export" };
	struct offlinebed *bed = *state;
	const char *text, *at;

	offlinebed_fill(bed, "k@example", 10, "a@b");
	offlinebed_fill(bed, USER, 450, "a@b");
	offlinebed_fill(bed, "m@example", 10, "a@b");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		text = at = COMMAND(bed, names[i], "user=" USER);
		assert_int_equal(bed->answers, 1 + 3);
		assert_int_equal(offlineshim_times(text, "\n"), 451);
		for (int n = 1; n <= 450; n++) {
			at = strstr(at, arena_printf(bed->hooks->arena,
						     "x%d|a@b|", n));
			assert_non_null(at);
		}
		assert_non_null(strstr(at, "\n450 messages.\n"));
	}
}

static void
exports_all_in_order_and_leaves_them(void **state)
{
	struct offlinebed *bed = *state;
	const char *text, *at;

	offlinebed_fill(bed, USER, 450, "a@b");
	text = COMMAND(bed, "export", NULL);
	assert_int_equal(offlineshim_times(text, "\n"), 451);
	at = text;
	for (int i = 1; i <= 450; i++) {
		at = strstr(at, arena_printf(bed->hooks->arena,
					     USER "|x%d|a@b|", i));
		assert_non_null(at);
	}
	assert_non_null(strstr(at, "<body>no 450</body></message>\n"
				   "450 messages.\n"));
	assert_int_equal(offlinebed_stored(bed, "1"), 450);
}

static void
exports_those_of_one(void **state)
{
	struct offlinebed *bed = *state;
	const char *text;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	offlineshim_store(bed, "k@example", "x2", "a@b/c");
	text = COMMAND(bed, "export", "user=k@example");
	assert_null(strstr(text, "|x1|"));
	assert_non_null(strstr(text, "k@example|x2|a@b/c|" NOON "|"));
}

static int64_t
steps_of(struct offlinebed *bed, const char *command)
{
	fake_store_steps(bed->store);
	COMMAND(bed, command, "user=" USER);
	return fake_store_steps(bed->store);
}

/* A step for each would be 600 more. */
static void
does_not_go_through_what_others_have(void **state)
{
	static const char *const names[] = { "count", "show", "export" };
	struct offlinebed *bed = *state;
	int64_t steps[sizeof(names) / sizeof(names[0])];

	offlinebed_fill(bed, USER, 5, "a@b");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		steps[i] = steps_of(bed, names[i]);
	offlinebed_fill(bed, "a@example", 300, "a@b");
	offlinebed_fill(bed, "k@example", 300, "a@b");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_in_range(steps_of(bed, names[i]), 1, steps[i] + 100);
}

static void
says_that_the_database_is_away(void **state)
{
	static const char *const names[] = { "count", "list", "show",
					     "export" };
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, 3, "a@b");
	fake_store_set_away(bed->store, true);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(COMMAND(bed, names[i],
					    strcmp(names[i], "list") == 0 ?
					    NULL : "user=" USER),
				    "error: away\n");
	fake_store_set_away(bed->store, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(counts_all_or_those_of_one),
		OFFLINEBED_TEST(lists_users_by_their_addresses),
		OFFLINEBED_TEST(lists_users_page_by_page),
		OFFLINEBED_TEST(shows_from_whom_they_are_in_order),
		OFFLINEBED_TEST(reads_some_at_a_time),
		OFFLINEBED_TEST(exports_all_in_order_and_leaves_them),
		OFFLINEBED_TEST(exports_those_of_one),
		OFFLINEBED_TEST(does_not_go_through_what_others_have),
		OFFLINEBED_TEST(says_that_the_database_is_away),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_survey", tests, NULL,
					   NULL);
}
