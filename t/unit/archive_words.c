#include "shared/archive_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/error.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *words;
	const char *text;
	bool match;
} cases[] = {
	{ "rose", "a rose is a rose", true },
	{ "Rose", "A ROSE", true },
	{ "ose", "a rose", true },
	{ "roses", "a rose", false },
	{ "rose name", "What's in a name? that which we call a rose", true },
	{ "name rose", "a name", false },
	{ " \t\r\nrose\n\tname ", "name, rose", true },
	{ "rose rose", "rose", true },
	/* All letters. */
	{ "\xc3\x89T\xc3\x89", "un \xc3\xa9t\xc3\xa9", true },
	{ "\xc3\xa9t\xc3\xa9", "UN \xc3\x89T\xc3\x89", true },
	{ "ete", "un \xc3\xa9t\xc3\xa9", false },
	{ "\xf0\x9f\x98\x80", "ha\xf0\x9f\x98\x80", true },
	/* What databases give a sense. */
	{ "%", "100 %", true },
	{ "%", "100", false },
	{ "_", "a", false },
	{ "a_b", "acb", false },
	{ "\\", "\\", true },
	{ "\\%", "%", false },
	{ "'", "it's", true },
	{ "\"", "it's", false },
	{ ".*", "abc", false },
	/* Nothing. */
	{ NULL, "rose", true },
	{ NULL, NULL, true },
	{ "", "", true },
	{ " ", NULL, true },
	{ "rose", "", false },
	{ "rose", NULL, false },
};

static void
finds_all_words(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct archive_words words;
		struct error err = { 0 };

		assert_int_equal(archive_words_parse(*state, cases[i].words,
						     &words, &err), 0);
		if (archive_words_match(&words, cases[i].text) !=
		    cases[i].match)
			fail_msg("case %zu", i);
	}
}

static void
finds_them_in_several_texts(void **state)
{
	struct archive_words words;
	struct error err = { 0 };
	unsigned found = 0;

	assert_int_equal(archive_words_parse(*state, "rose name", &words,
					     &err), 0);
	assert_false(archive_words_find(&words, NULL, &found));
	assert_false(archive_words_find(&words, "a name", &found));
	assert_false(archive_words_find(&words, "a name", &found));
	assert_true(archive_words_find(&words, "a rose", &found));
	assert_int_equal(archive_words_parse(*state, "", &words, &err), 0);
	found = 0;
	assert_true(archive_words_find(&words, "a", &found));
}

static void
takes_so_many(void **state)
{
	struct archive_words words;
	struct error err = { 0 };

	assert_int_equal(archive_words_parse(
		*state, "1 2 3 4 5 6 7 8 9 a b c d e f g ", &words, &err), 0);
	assert_int_equal(words.count, 16);
	assert_string_equal(words.words[15], "g");
	assert_true(archive_words_match(&words, "GFEDCBA987654321"));
	assert_false(archive_words_match(&words, "FEDCBA987654321"));
	assert_int_equal(archive_words_parse(
		*state, "1 2 3 4 5 6 7 8 9 a b c d e f g h", &words, &err),
		-1);
	assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(finds_all_words),
		BED_ARENA_TEST(finds_them_in_several_texts),
		BED_ARENA_TEST(takes_so_many),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_words", tests, NULL, NULL);
}
