#include "t/bench/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
is_due_so_often(void **state)
{
	struct pace pace;
	double due;

	(void)state;
	pace_begin(&pace, 10, 4, 1);
	assert_true(pace_next(&pace, 10, &due));
	assert_float_equal(due, 10, 1e-9);
	assert_false(pace_next(&pace, 10.2, &due));
	assert_true(pace_next(&pace, 10.3, &due));
	assert_float_equal(due, 10.25, 1e-9);
}

static void
counts_from_when_it_was_due_though_late(void **state)
{
	struct pace pace;
	double due;

	(void)state;
	pace_begin(&pace, 0, 4, 1);
	for (int i = 0; i < 4; i++) {
		assert_false(pace_is_over(&pace));
		assert_true(pace_next(&pace, 100, &due));
		assert_float_equal(due, i * 0.25, 1e-9);
	}
	assert_true(pace_is_over(&pace));
	assert_false(pace_next(&pace, 100, &due));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_due_so_often),
		cmocka_unit_test(counts_from_when_it_was_due_though_late),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
