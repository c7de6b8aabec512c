#include "components/archive/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/search/eventlist.h"
#include "shared/archive_event.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "t/lib/archivebed.h"
#include "t/lib/callbed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define EVENTS(bed, ...) CALLBED_COMMAND(bed, "events", __VA_ARGS__)
#define HOUR (3600LL * CLOCK_SECOND)

static int
new_bed(void **state)
{
	*state = callbed_new(*(const enum database_kind *)*state,
			     archive_commands, NULL);
	return 0;
}

static void
shows_all_of_an_event(void **state)
{
	struct callbed *bed = *state;
	struct archive_row row = archivebed_event(
		0, "u1", ARCHIVE_EVENT_KICK, "ann@a", "r@m/7");

	row.id = "bob@a";
	archivebed_write(bed->db, &row, 1);
	assert_string_equal(EVENTS(bed, NULL), arena_printf(
		bed->arena, "2026-11-29T18:24:22Z|kick|ann@a/1|r@m|bob@a|"
		"{\"a\":1}|u1|%lld\n1 event.\n",
		(long long)row.mark.serial));
}

static void
write_some(struct callbed *bed)
{
	struct archive_row rows[] = {
		archivebed_event(0, "u1", ARCHIVE_EVENT_CREATION, "ann@a",
				 "r@m/7"),
		archivebed_event(HOUR, "u2", ARCHIVE_EVENT_JOIN, "bob@a",
				 "r@m/8"),
		archivebed_event(2 * HOUR, "u3", ARCHIVE_EVENT_FILE, "bob@a",
				 "cat@a"),
		archivebed_event(3 * HOUR, "u4", ARCHIVE_EVENT_KICK, "ann@a",
				 "rr@m/7"),
	};

	rows[3].id = "bob@a";
	archivebed_write(bed->db, rows, 4);
}

/* The uids, each with a blank behind it. */
static const char *
uids(struct callbed *bed, const char *answer)
{
	const char *found = "";

	for (; (answer = strstr(answer, "|u")) != NULL; answer++)
		found = arena_printf(bed->arena, "%s%.2s ", found, answer + 1);
	return found;
}

static const struct {
	const char *fields[3];
	const char *found;
} cases[] = {
	{ { NULL }, "u4 u3 u2 u1 " },
	{ { "participant=bob@a", NULL }, "u4 u3 u2 " },
	{ { "participant=cat@a", NULL }, "u3 " },
	{ { "participant=nobody@a", NULL }, "" },
	{ { "room=r@m", NULL }, "u2 u1 " },
	{ { "room=r@m", "participant=ann@a", NULL }, "u1 " },
	{ { "room=x@m", NULL }, "" },
	{ { "kind=join", NULL }, "u2 " },
	{ { "kind=presence", NULL }, "" },
	{ { "since=2026-11-29T20:24:22Z", NULL }, "u4 u3 " },
	{ { "until=2026-11-29T20:24:22Z", NULL }, "u2 u1 " },
	{ { "since=2026-11-29T19:00:00Z", "until=2026-11-29T20:00:00Z",
	    NULL }, "u2 " },
	{ { "limit=1", NULL }, "u4 " },
};

static void
finds_what_is_asked_for(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(uids(bed, callbed_command(
			bed, "events", cases[i].fields)), cases[i].found);
}

static void
goes_on_page_by_page(void **state)
{
	struct callbed *bed = *state;
	const char *answer, *before;

	write_some(bed);
	answer = EVENTS(bed, "limit=3");
	assert_string_equal(uids(bed, answer), "u4 u3 u2 ");
	assert_non_null(before = strstr(answer, "--before "));
	before = arena_printf(bed->arena, "before=%.18s",
			      before + strlen("--before "));
	answer = EVENTS(bed, "limit=1", before);
	assert_string_equal(uids(bed, answer), "u1 ");
	assert_non_null(strstr(answer, "\n1 event.\n"));
	assert_non_null(strstr(EVENTS(bed, "before=x"), "error: before"));
}

/* More than are read at a time. */
static void
shows_many(void **state)
{
	struct callbed *bed = *state;
	struct archive_row rows[EVENTLIST_ROWS + 1];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		rows[i] = archivebed_event(
			(int64_t)i, arena_printf(bed->arena, "%zu", i),
			ARCHIVE_EVENT_LEAVE, "ann@a", "r@m/7");
	archivebed_write(bed->db, rows, ARRAY_LEN(rows));
	assert_non_null(strstr(EVENTS(bed, "limit=10000"), "\n501 events.\n"));
	assert_non_null(strstr(EVENTS(bed, "limit=501"), "\n501 events.\n"));
	assert_non_null(strstr(EVENTS(bed, "limit=500"),
			       "\nThere is more: go on with --before "));
}

static void
says_who_has_looked(void **state)
{
	struct callbed *bed = *state;

	EVENTS(bed, "room=r@m");
	assert_int_equal(database_ask(
		bed->db, "SELECT count(*) FROM audit_entry WHERE action = "
		"'events' AND who = 'the operator' AND "
		"detail = '{\"room\":\"r@m\"}'"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   callbed_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(shows_all_of_an_event),
		TEST(finds_what_is_asked_for),
		TEST(goes_on_page_by_page),
		TEST(shows_many),
		TEST(says_who_has_looked),
	};

	return archivebed_run("archive_annals", tests, ARRAY_LEN(tests));
}
