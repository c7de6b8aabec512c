#include "components/archive/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"
#include "t/lib/callbed.h"

#define NOW 1795953600000000	/* 2026-11-29T12:00:00Z */
#define SECOND 1000000
#define SEARCH(bed, ...) CALLBED_COMMAND(bed, "search", __VA_ARGS__)
#define NOTED(bed, where) \
	database_ask((bed)->db, "SELECT count(*) FROM audit_entry WHERE " \
		     where)

static int
new_bed(void **state)
{
	*state = callbed_new(*(const enum database_kind *)*state,
			     archive_commands, NULL);
	return 0;
}

static struct archive_row
row(int64_t secs, const char *uid, const char *from, const char *to)
{
	int64_t stamp = NOW + secs * SECOND;

	return (struct archive_row){
		.mark = { .serial = serial_first_of(stamp), .stamp = stamp,
			  .uid = uid, .ways = ARCHIVE_SENT },
		.type = ARCHIVE_CHAT, .sender = from, .recipient = to,
		.resource = "", .to_resource = "", .body = "Wherefore?",
	};
}

static void
shows_all_of_a_message(void **state)
{
	struct callbed *bed = *state;
	struct archive_row one = row(0, "u1", "r@a", "j@b");

	one.resource = "orchard";
	one.to_resource = "balcony";
	one.subject = "su";
	one.body = "two\nlines";
	one.mark.flags = ARCHIVE_ENCRYPTED;
	archivebed_write(bed->db, &one, 1);
	assert_string_equal(SEARCH(bed, NULL), arena_printf(
		bed->arena, "2026-11-29T12:00:00Z|r@a/orchard|j@b/balcony|"
		"chat|su|two\nlines|1|u1|%lld||||sent\n1 message.\n",
		(long long)one.mark.serial));
}

static void
finds_and_shows_all_bodies(void **state)
{
	struct callbed *bed = *state;
	struct archive_row one = row(0, "u1", "r@a", "j@b");

	one.rest = "<body xml:lang='x'>the secret</body>";
	archivebed_write(bed->db, &one, 1);
	assert_non_null(strstr(SEARCH(bed, "text=secret"),
			       "|Wherefore?\nthe secret|"));
}

static void
write_some(struct callbed *bed)
{
	const struct archive_row rows[] = {
		row(0, "u1", "r@a", "j@b"), row(1, "u2", "j@b", "r@a"),
		row(2, "u3", "t@a", "r@a"), row(86400, "u4", "t@a", "j@b"),
	};

	archivebed_write(bed->db, rows, 4);
}

/* As it is, without what the archive's own address has. */
static void
shows_what_was_said_in_a_room(void **state)
{
	struct callbed *bed = *state;
	struct archive_row one = row(0, "u1", "r@a", "g@c/1795953600000000");

	one.type = ARCHIVE_GROUPCHAT;
	one.to_resource = "nick";
	archivebed_write(bed->db, &one, 1);
	assert_string_equal(SEARCH(bed, "room=g@c"), arena_printf(
		bed->arena, "2026-11-29T12:00:00Z|r@a|g@c/nick|groupchat||"
		"Wherefore?|0|u1|%lld||||sent\n1 message.\n",
		(long long)one.mark.serial));
}

/* The uids, each with a blank behind it. */
static const char *
uids(struct callbed *bed, const char *answer)
{
	const char *found = "";

	for (; (answer = strstr(answer, "|0|u")) != NULL; answer++)
		found = arena_printf(bed->arena, "%s%.2s ", found, answer + 3);
	return found;
}

static void
shows_the_latest_first(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	assert_string_equal(uids(bed, SEARCH(bed, NULL)), "u4 u3 u2 u1 ");
	assert_non_null(strstr(SEARCH(bed, NULL), "\n4 messages.\n"));
}

static const struct {
	const char *fields[3];
	const char *wanted;
} cases[] = {
	{ { "participant=j@b" }, "u4 u2 u1 " },
	{ { "participant=J@b/x" }, "u4 u2 u1 " },
	{ { "participant=j@b", "with=r@a" }, "u2 u1 " },
	{ { "since=2026-11-29T12:00:01Z" }, "u4 u3 u2 " },
	{ { "since=2026-11-30" }, "u4 " },
	{ { "until=2026-11-30" }, "u3 u2 u1 " },
	{ { "since=2026-11-29T13:00:01+01:00", "until=2026-11-29T12:00:02Z" },
	  "u2 " },
	{ { "text=WHERE fore" }, "u4 u3 u2 u1 " },
	{ { "text=rose" }, "" },
};

static void
takes_what_the_fields_say(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(uids(bed, callbed_command(
						 bed, "search",
						 cases[i].fields)),
				    cases[i].wanted);
}

static void
goes_on_from_where_it_was(void **state)
{
	struct callbed *bed = *state;
	const char *text, *before;

	write_some(bed);
	text = SEARCH(bed, "limit=2");
	assert_string_equal(uids(bed, text), "u4 u3 ");
	before = strstr(text, "go on with --before ");
	assert_non_null(before);
	before = arena_printf(bed->arena, "before=%.*s",
			      (int)strspn(before + 20, "0123456789"),
			      before + 20);
	text = SEARCH(bed, "limit=2", before);
	assert_string_equal(uids(bed, text), "u2 u1 ");
	text = SEARCH(bed, "limit=3", before);
	assert_non_null(strstr(text, "\n2 messages.\n"));
}

static void
refuses_what_makes_no_sense(void **state)
{
	struct callbed *bed = *state;

	assert_string_equal(SEARCH(bed, "since=yesterday"),
			    "error: since: yesterday is no time: write "
			    "2026-11-30 or 2026-11-30T12:00:00Z\n");
	assert_string_equal(SEARCH(bed, "until=2026-13-01"),
			    "error: until: 2026-13-01 is no time: write "
			    "2026-11-30 or 2026-11-30T12:00:00Z\n");
	/* Nothing is between two that were swapped. */
	assert_string_equal(SEARCH(bed, "since=2026-11-30",
				   "until=2026-11-29"),
			    "error: until: that is not after since\n");
	assert_string_equal(SEARCH(bed, "with=a@b"),
			    "error: with: participant is missing\n");
	assert_string_equal(SEARCH(bed, "participant=a@b", "with=c@d",
				   "room=e@f"),
			    "error: with: in a room all are spoken to\n");
	assert_string_equal(SEARCH(bed, "before=-1"),
			    "error: before: a serial is wanted\n");
	assert_string_equal(SEARCH(bed, "before=1x"),
			    "error: before: a serial is wanted\n");
	assert_int_equal(NOTED(bed, "1 = 1"), 0);
}

static void
notes_each_search(void **state)
{
	struct callbed *bed = *state;

	SEARCH(bed, "participant=j@b", "text=a \"b\"", "limit=100");
	assert_int_equal(NOTED(bed, "who = 'the operator' AND "
			       "action = 'search' AND detail = "
			       "'{\"participant\":\"j@b\","
			       "\"text\":\"a \\\"b\\\"\"}'"), 1);
}

/* Not even that there is nothing. */
static void
shows_nothing_that_cannot_be_noted(void **state)
{
	struct callbed *bed = *state;
	const char *text;

	write_some(bed);
	database_do(bed->db, "DROP TABLE audit_entry");
	text = SEARCH(bed, NULL);
	assert_ptr_equal(strstr(text, "error: "), text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   callbed_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shows_all_of_a_message),
		TEST(shows_what_was_said_in_a_room),
		TEST(finds_and_shows_all_bodies),
		TEST(shows_the_latest_first),
		TEST(takes_what_the_fields_say),
		TEST(goes_on_from_where_it_was),
		TEST(refuses_what_makes_no_sense),
		TEST(notes_each_search),
		TEST(shows_nothing_that_cannot_be_noted),
	};

	return archivebed_run("archive_lookup", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
