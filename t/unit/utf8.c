#include "shared/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *text, *mended;	/* NULL: it is right */
} cases[] = {
	{ "", NULL },
	{ "a\tb\x7f", NULL },
	{ "\xc2\x80\xdf\xbf", NULL },
	{ "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", NULL },
	{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", NULL },
	{ "\xc3", "" },
	{ "a\xc3", "a" },
	{ "a\xc3\"b", "a\"b" },
	{ "\xe2\x82 \xf0\x9f\x98", " " },
	{ "\xfc" "ber", "ber" },
	{ "\xc0\x80\xc1\xbf", "" },
	{ "\xe0\x9f\xbf\xf0\x8f\xbf\xbf", "" },
	{ "\xed\xa0\x80", "" },
	{ "\xf4\x90\x80\x80\xf5\x80\x80\x80", "" },
	{ "\x80\xbf", "" },
};

static void
is_told_from_other_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *wanted = cases[i].mended != NULL ?
				     cases[i].mended : cases[i].text;
		char text[32];

		strncpy(text, cases[i].text, sizeof(text) - 1);
		text[sizeof(text) - 1] = '\0';
		if (utf8_is(text) != (cases[i].mended == NULL))
			fail_msg("case %zu", i);
		utf8_mend(text);
		assert_string_equal(text, wanted);
	}
}

static void
has_characters_of_one_to_four_bytes(void **state)
{
	(void)state;
	assert_int_equal(utf8_length(""), 1);
	assert_int_equal(utf8_length("ab"), 1);
	assert_int_equal(utf8_length("\xc3\xbc" "b"), 2);
	assert_int_equal(utf8_length("\xe2\x82\xac"), 3);
	assert_int_equal(utf8_length("\xf0\x9f\x98\x80"), 4);
	assert_int_equal(utf8_length("\xe2\x82"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_told_from_other_bytes),
		cmocka_unit_test(has_characters_of_one_to_four_bytes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
