#include "shared/archive_texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/archive_words.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define HTML(text) \
	"<html xmlns='http://jabber.org/protocol/xhtml-im'>" \
	"<body xmlns='http://www.w3.org/1999/xhtml'>" text "</body></html>"

/* As it is stored. */
static struct archive_row
row_of(struct arena *arena, const char *children)
{
	const struct archive_mark mark = { .serial = 1, .uid = "u",
					   .ways = ARCHIVE_SENT };
	struct stanza stanza = { 0 };
	struct archive_row row;
	struct error err;

	assert_int_equal(stanza_parse(arena, bed_xml(
		arena, NS_CLIENT, arena_printf(
			arena, "<message from='r@a/x' to='j@b'>%s</message>",
			children)), &stanza, &err), 0);
	assert_int_equal(archive_row_of(arena, &stanza, &mark, &row, &err),
			 0);
	return row;
}

static const struct {
	const char *children;
	const char *bodies;	/* NULL: none */
} cases[] = {
	{ "<subject>s</subject>", NULL },
	{ "<body>one</body>", "one" },
	{ "<body>one</body><body xml:lang='x'>two</body>", "one\ntwo" },
	{ "<body xml:lang='x'>one</body><body>two</body>", "one\ntwo" },
	{ "<body>one</body>" HTML("two"), "one" },
};

static void
has_all_bodies(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct archive_row row =
			row_of(*state, cases[i].children);
		const char *bodies = archive_texts_bodies(*state, &row);

		if (cases[i].bodies == NULL)
			assert_null(bodies);
		else
			assert_string_equal(bodies, cases[i].bodies);
	}
}

static const struct {
	const char *children, *words;
	bool match;
} searches[] = {
	{ "<body>one</body>", "one", true },
	{ "<body>one</body>", "two", false },
	{ "<subject>one</subject><body>two</body>", "two one", true },
	{ "<body xml:lang='x'>one</body><body>two</body>", "two", true },
	{ "<body>one</body><body xml:lang='x'>two</body>", "two one", true },
	{ "<subject>a</subject><subject xml:lang='x'>two</subject>", "two",
	  true },
	{ "<body>one</body>" HTML("t<b>w</b>o"), "two", true },
	{ "<body>one</body><store xmlns='urn:xmpp:hints'/>", "two", false },
	/* What is no text of anybody. */
	{ "<body>one</body><delay xmlns='urn:xmpp:delay'>two</delay>", "two",
	  false },
	{ "<body>one</body><openpgp xmlns='urn:xmpp:openpgp:0'>two</openpgp>",
	  "two", false },
	{ "<body>one</body>", NULL, true },
	{ "<store xmlns='urn:xmpp:hints'/>", NULL, true },
};

static bool
matches(struct arena *arena, const struct archive_row *row, const char *text)
{
	struct archive_words words;
	struct error err;

	assert_int_equal(archive_words_parse(arena, text, &words, &err), 0);
	return archive_texts_match(row, &words);
}

static void
finds_words_wherever_they_are(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(searches); i++) {
		const struct archive_row row =
			row_of(*state, searches[i].children);

		if (matches(*state, &row, searches[i].words) !=
		    searches[i].match)
			fail_msg("case %zu", i);
	}
}

/* Somebody else has changed it. */
static void
has_what_there_is_of_what_is_no_xml(void **state)
{
	struct archive_row row = row_of(*state, "<body>one</body>");

	row.rest = "<body>two<x>three";
	assert_string_equal(archive_texts_bodies(*state, &row), "one");
	assert_true(matches(*state, &row, "three one"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(has_all_bodies),
		BED_ARENA_TEST(finds_words_wherever_they_are),
		BED_ARENA_TEST(has_what_there_is_of_what_is_no_xml),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_texts", tests, NULL,
					   NULL);
}
