#include "shared/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
	unsigned least, most;
} pauses[] = {
	{ 1000, 1000 },
	{ 1000, 2000 },
	{ 2000, 4000 },
	{ 4000, 8000 },
	{ 8000, 16000 },
	{ 15000, 30000 },
	{ 15000, 30000 },
};

static void
grows_to_its_limit(void **state)
{
	struct backoff backoff = { .first_ms = 1000, .last_ms = 30000 };

	(void)state;
	for (int round = 0; round < 100; round++) {
		for (size_t i = 0; i < sizeof(pauses) / sizeof(*pauses); i++)
			assert_in_range(backoff_next_ms(&backoff),
					pauses[i].least, pauses[i].most);
		backoff_reset(&backoff);
	}
}

static void
spreads_out(void **state)
{
	bool low = false, high = false;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct backoff backoff = { .first_ms = 1, .last_ms = 30000,
					   .next_ms = 30000 };
		unsigned pause = backoff_next_ms(&backoff);

		low |= pause < 18000;
		high |= pause > 27000;
	}
	assert_true(low && high);
}

static void
stays_in_range(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(backoff_between(7, 7), 7);
		assert_in_range(backoff_between(1, 3), 1, 3);
		backoff_between(0, UINT32_MAX);
	}
}

static void
may_be_without_pauses(void **state)
{
	struct backoff backoff = { 0 };

	(void)state;
	assert_int_equal(backoff_next_ms(&backoff), 0);
	assert_int_equal(backoff_next_ms(&backoff), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_to_its_limit),
		cmocka_unit_test(spreads_out),
		cmocka_unit_test(stays_in_range),
		cmocka_unit_test(may_be_without_pauses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
