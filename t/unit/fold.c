#include "shared/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/str.h"

static const struct {
	const char *text, *folded;
} cases[] = {
	{ "", "" },
	{ "Ab9 Z[", "ab9 z[" },
	{ "\u00c4\u00d6\u00dc\u00df", "\u00e4\u00f6\u00fc\u00df" },
	{ "\u0416\u03a3\u0391", "\u0436\u03c3\u03b1" },
	{ "\u1e9e", "\u00df" },
	{ "\U0001f600X", "\U0001f600x" },
	/* Not UTF-8. */
	{ "A\xc3", "a\xc3" },
	{ "\xff\xc3\x84\xc3""B", "\xff\xc3\xa4\xc3""b" },
	{ "\xed\xa0\x80Q", "\xed\xa0\x80q" },
};

static void
folds_letters_and_leaves_the_rest(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str folded = { 0 };

		str_addz(&folded, "A");
		fold_add(&folded, cases[i].text, strlen(cases[i].text));
		assert_string_equal(folded.data + 1, cases[i].folded);
		str_fini(&folded);
	}
}

static void
takes_nul_for_a_character(void **state)
{
	struct str folded = { 0 };

	(void)state;
	fold_add(&folded, "A\0B", 3);
	assert_int_equal(folded.len, 3);
	assert_memory_equal(folded.data, "a\0b", 4);
	str_fini(&folded);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds_letters_and_leaves_the_rest),
		cmocka_unit_test(takes_nul_for_a_character),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
