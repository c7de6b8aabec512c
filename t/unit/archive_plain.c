#include "components/archive/rules/plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/rules/pattern.h"
#include "shared/arena.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* What a text becomes; folded, where that is something else. */
static const struct {
	const char *what, *text, *plain, *folded;
} cases[] = {
	{ "letters of ASCII", "Se\tCret\n", "Se\tCret\n", NULL },
	{ "others", "\xc3\x84rger", "\xc3\x84rger", "\xc3\xa4rger" },
	{ "a mark by itself", "gru\xcc\x88n", "gr\xc3\xbcn", NULL },
	{ "capitals of several letters", "Stra\xc3\x9f" "e",
	  "Stra\xc3\x9f" "e", "strasse" },
	{ "the soft hyphen", "sec\xc2\xadret", "secret", NULL },
	{ "zero-width space, joiners", "s\xe2\x80\x8b" "e\xe2\x80\x8c"
	  "c\xe2\x80\x8dret", "secret", NULL },
	{ "marks of direction", "\xe2\x80\xae" "secret\xe2\x80\xac\xe2\x81\xa6",
	  "secret", NULL },
	{ "variation selectors", "se\xef\xb8\x8f" "cret\xf3\xa0\x84\x80",
	  "secret", NULL },
	{ "tags", "se\xf3\xa0\x81\xa1" "cret", "secret", NULL },
	{ "the byte order mark", "\xef\xbb\xbfsecret", "secret", NULL },
	{ "annotations", "se\xef\xbf\xb9" "cret", "secret", NULL },
	{ "control characters", "se\x7f" "c\xc2\x9fret", "secret", NULL },
	{ "what strikes through", "s\xcc\xb6" "e\xcc\xb6" "cret", "secret",
	  NULL },
	{ "what encloses", "s\xe2\x83\x9d" "ecret", "secret", NULL },
	{ "wide letters", "\xef\xbc\xb3\xef\xbd\x85" "cret", "Secret",
	  "secret" },
	{ "mathematical ones", "\xf0\x9d\x90\x92" "ecret", "Secret",
	  "secret" },
	{ "ligatures", "o\xef\xac\x83" "ce", "office", NULL },
	{ "blanks", "a\xc2\xa0" "b", "a b", NULL },
	{ "one that is hidden before its mark", "u\xe2\x80\x8d\xcc\x88",
	  "\xc3\xbc", NULL },
	{ "another script", "s\xd0\xb5" "cret", "s\xd0\xb5" "cret", NULL },
	{ "no UTF-8", "\xff" "A", "\xff" "A", NULL },
	{ "nothing else", "\xc2\xad", "", NULL },
	{ "nothing", "", "", NULL },
};

static void
shows_what_people_read(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *plain = plain_text(*state, cases[i].text);
		const char *folded = plain_fold(*state, cases[i].text);

		if (strcmp(plain, cases[i].plain) != 0)
			fail_msg("%s: %s", cases[i].what, plain);
		if (strcmp(folded, cases[i].folded != NULL ?
				   cases[i].folded : cases[i].plain) != 0)
			fail_msg("%s, folded: %s", cases[i].what, folded);
	}
}

/* What is one for people is so wherever it is cut for our sake. */
static const struct {
	const char *text, *plain;
} long_ones[] = {
	{ "u\xcc\x88 ", "\xc3\xbc " },
	{ "u\xe2\x80\x8d\xcc\x88", "\xc3\xbc" },
	{ "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8", "\xea\xb0\x81" },
	{ "\xef\xbe\xa1\xef\xbf\x82", "\xea\xb0\x80" },
	{ "\xef\xbd\xb6\xef\xbe\x9e", "\xe3\x82\xac" },
	{ "\xe0\xa6\x95\xe0\xa7\x87\xe0\xa6\xbe",
	  "\xe0\xa6\x95\xe0\xa7\x8b" },
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
};

static const char *
repeat(struct arena *arena, const char *what, size_t times)
{
	char *text = arena_alloc(arena, times * strlen(what) + 1), *at = text;

	*text = '\0';
	while (times-- > 0)
		at = stpcpy(at, what);
	return text;
}

static void
makes_long_text_plain(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(long_ones); i++)
		if (strcmp(plain_text(*state, repeat(*state,
						     long_ones[i].text, 5000)),
			   repeat(*state, long_ones[i].plain, 5000)) != 0)
			fail_msg("case %zu", i);
}

static void
takes_no_longer_than_it_may(void **state)
{
	const char *marks = repeat(*state, "\xcc\x88", 50000);
	uint64_t now = pattern_clock_ns();

	assert_null(plain_text_until(*state, marks, now));
	assert_null(plain_fold_until(*state, marks, now));
	assert_string_equal(plain_text_until(*state, "a", now), "a");
	assert_int_equal(strlen(plain_text(*state, marks)), strlen(marks));
	assert_null(plain_fold_until(*state, repeat(*state, "\xef\xb7\xba",
						    80000), now + 1000000));
}

static void
leaves_plain_text_where_it_is(void **state)
{
	static const char text[] = "Some text.";

	assert_true(plain_is(text));
	assert_false(plain_is("a\x7f"));
	assert_ptr_equal(plain_text(*state, text), text);
	assert_ptr_equal(plain_fold(*state, text), text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(shows_what_people_read),
		BED_ARENA_TEST(makes_long_text_plain),
		BED_ARENA_TEST(takes_no_longer_than_it_may),
		BED_ARENA_TEST(leaves_plain_text_where_it_is),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_plain", tests, NULL, NULL);
}
