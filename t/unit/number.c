#include "shared/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *text;
	uint64_t number;	/* with 7 for usual and 100 for max */
} cases[] = {
	{ "0", 0 },
	{ "42", 42 },
	{ "0042", 42 },
	{ "100", 100 },
	{ "101", 100 },
	{ "99999999999999999999999", 100 },
	{ NULL, 7 },
	{ "", 7 },
	{ " 1", 7 },
	{ "1 ", 7 },
	{ "+1", 7 },
	{ "-1", 7 },
	{ "0x10", 7 },
	{ "many", 7 },
};

static void
reads_digits_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(number_of(cases[i].text, 7, 100),
				 cases[i].number);
}

static void
reads_the_largest(void **state)
{
	(void)state;
	assert_true(number_of("18446744073709551615", 0, UINT64_MAX) ==
		    UINT64_MAX);
	assert_true(number_of("18446744073709551616", 0, UINT64_MAX) ==
		    UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_digits_alone),
		cmocka_unit_test(reads_the_largest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
