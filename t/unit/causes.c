#include "shared/causes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void
counts_each_by_itself(void **state)
{
	struct causes causes = { 0 };

	(void)state;
	causes_add(&causes, "one");
	causes_add(&causes, "two");
	causes_add(&causes, "one");
	assert_int_equal(causes.count, 2);
	assert_string_equal(causes.causes[0].text, "one");
	assert_int_equal(causes.causes[0].times, 2);
	assert_string_equal(causes.causes[1].text, "two");
	assert_int_equal(causes.causes[1].times, 1);
	assert_int_equal(causes.others, 0);
	causes_fini(&causes);
	assert_int_equal(causes.count, 0);
}

static void
counts_together_what_is_beyond_its_limit(void **state)
{
	struct causes causes = { 0 };
	char text[10];

	(void)state;
	for (int i = 0; i < CAUSES_MAX + 5; i++) {
		snprintf(text, sizeof(text), "%d", i);
		causes_add(&causes, text);
	}
	causes_add(&causes, "3");
	assert_int_equal(causes.count, CAUSES_MAX);
	assert_int_equal(causes.causes[3].times, 2);
	assert_int_equal(causes.others, 5);
	causes_fini(&causes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_each_by_itself),
		cmocka_unit_test(counts_together_what_is_beyond_its_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
