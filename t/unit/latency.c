#include "t/bench/latency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
assert_near(double value, double wanted)
{
	if (value < wanted || value > wanted * 1.03)
		fail_msg("%g is not %g", value, wanted);
}

static void
tells_shares(void **state)
{
	struct latency latency = { 0 };

	(void)state;
	for (unsigned i = 1; i <= 100; i++)
		latency_add(&latency, i / 1e3);
	assert_int_equal(latency.count, 100);
	assert_near(latency_share(&latency, 0.5), 0.050);
	assert_near(latency_share(&latency, 0.99), 0.099);
	assert_near(latency_share(&latency, 1), 0.100);
	assert_near(latency_share(&latency, 0), 0.001);
}

static void
takes_any_value(void **state)
{
	struct latency latency = { 0 };

	(void)state;
	assert_true(latency_share(&latency, 0.5) == 0);
	latency_add(&latency, 0);
	latency_add(&latency, -1);
	assert_near(latency_share(&latency, 1), 1e-6);
	latency_add(&latency, 1e9);
	assert_true(latency_share(&latency, 1) > 4000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_shares),
		cmocka_unit_test(takes_any_value),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
