#include "components/archive/format/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/arena.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* 2026-11-29T12:00:00Z, and its serial. */
#define NOON "1795953600000000"
#define SERIAL "459764121600000001"

static struct archive_row
row(const char *links)
{
	return (struct archive_row){ .links = links };
}

#define REACTIONS(more) "<reactions xmlns='urn:xmpp:reactions:0' id='a1'>" \
	more "</reactions><store xmlns='urn:xmpp:hints'/>"

static const struct {
	const char *link;
	const char *relation, *uid, *from, *sent, *text;
} cases[] = {
	{ "[2,\"u1\"," SERIAL ",null,\"r@a\",\"x\",\"Where?\"]",
	  "edit", "u1", "r@a/x", "2026-11-29T12:00:00Z", "Where?" },
	{ "[1,\"u1\"," SERIAL "," NOON ",\"r@a\",null,null]",
	  "retraction", "u1", "r@a", "2026-11-29T12:00:00Z", NULL },
	{ "[3,\"u1\",1,256000000,\"r@a\",null,\""
	  REACTIONS("<reaction>\\ud83d\\udc4b</reaction>"
		    "<reaction>x&amp;y</reaction>") "\"]",
	  "reaction", "u1", "r@a", "1970-01-01T00:04:16Z",
	  "\xf0\x9f\x91\x8b x&y" },
	{ "[3,\"u1\",1,256000000,\"r@a\",null,\"" REACTIONS("") "\"]",
	  "reaction", "u1", "r@a", "1970-01-01T00:04:16Z", NULL },
	{ "[3,\"u1\",1,256000000,\"r@a\",null,\"<x\"]",
	  "reaction", "u1", "r@a", "1970-01-01T00:04:16Z", NULL },
	{ "[7,\"u1\",1,256000000,null,null,null]",
	  "displayed", "u1", "", "1970-01-01T00:04:16Z", NULL },
};

static void
same(const char *found, const char *wanted)
{
	if (wanted == NULL || found == NULL)
		assert_ptr_equal(found, wanted);
	else
		assert_string_equal(found, wanted);
}

static void
reads_what_a_search_has_found(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct archive_row one = row(arena_printf(
			*state, "[%s]", cases[i].link));
		size_t count;
		const struct link *link = link_list(*state, &one, &count);

		assert_int_equal(count, 1);
		same(link->relation, cases[i].relation);
		same(link->uid, cases[i].uid);
		same(link->from, cases[i].from);
		same(link->sent, cases[i].sent);
		same(link->text, cases[i].text);
	}
}

static void
passes_over_what_is_none(void **state)
{
	static const char *const none[] = {
		NULL, "", "[]", "{}", "null", "[", "[null]", "[[]]",
		"[[0,\"u1\",1,1,\"r@a\",null,null]]",
		"[[8,\"u1\",1,1,\"r@a\",null,null]]",
		"[[-1,\"u1\",1,1,\"r@a\",null,null]]",
		"[[4294967298,\"u1\",1,1,\"r@a\",null,null]]",
		"[[2,null,1,1,\"r@a\",null,null]]",
	};

	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		const struct archive_row one = row(none[i]);
		size_t count;

		assert_non_null(link_list(*state, &one, &count));
		assert_int_equal(count, 0);
		assert_null(link_summary(*state, &one));
	}
}

static void
counts_them_in_one_line(void **state)
{
	const struct archive_row one = row(
		"[[3,\"u1\",1,1,\"r@a\",null,null],"
		"[2,\"u2\",1,1,\"r@a\",null,null],"
		"[3,\"u3\",1,1,\"r@a\",null,null]]");

	assert_string_equal(link_summary(*state, &one),
			    "edit 1, reaction 2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(reads_what_a_search_has_found),
		BED_ARENA_TEST(passes_over_what_is_none),
		BED_ARENA_TEST(counts_them_in_one_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_link", tests, NULL,
					   NULL);
}
