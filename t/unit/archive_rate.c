#include "components/archive/rules/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/clock.h"

#define NOW 1795953600000000	/* 2026-11-29T12:00:00Z */
#define SECS(n) (NOW + (int64_t)(n) * CLOCK_SECOND)

static void
lets_so_many_go_at_once(void **state)
{
	struct rate *rate = rate_new(3, 60);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_false(rate_exceeds(rate, "r@a", NOW));
	assert_true(rate_exceeds(rate, "r@a", NOW));
	assert_true(rate_exceeds(rate, "r@a", SECS(19)));
	assert_false(rate_exceeds(rate, "j@a", SECS(19)));
	assert_false(rate_exceeds(rate, "r@a", SECS(20)));
	assert_true(rate_exceeds(rate, "r@a", SECS(39)));
	for (int i = 0; i < 3; i++)
		assert_false(rate_exceeds(rate, "r@a", SECS(200)));
	assert_true(rate_exceeds(rate, "r@a", SECS(200)));
	rate_free(&rate);
	assert_null(rate);
}

static void
counts_without_a_rest(void **state)
{
	struct rate *rate = rate_new(7, 1);

	(void)state;
	for (int i = 0; i < 7; i++)
		assert_false(rate_exceeds(rate, "r@a", NOW));
	assert_true(rate_exceeds(rate, "r@a", NOW));
	rate_free(&rate);
}

static void
bears_a_clock_that_is_set_back(void **state)
{
	struct rate *rate = rate_new(1, 60);

	(void)state;
	assert_false(rate_exceeds(rate, "r@a", SECS(100000)));
	assert_true(rate_exceeds(rate, "r@a", NOW));
	assert_false(rate_exceeds(rate, "r@a", SECS(60)));
	rate_free(&rate);
}

static void
forgets_who_did_it_the_longest_ago(void **state)
{
	struct rate *rate = rate_new(1, 60);
	char name[20];

	(void)state;
	assert_false(rate_exceeds(rate, "first", NOW));
	assert_false(rate_exceeds(rate, "second", NOW));
	assert_true(rate_exceeds(rate, "first", NOW));
	for (int i = 0; i < RATE_NAMES_MAX - 1; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_false(rate_exceeds(rate, name, NOW));
	}
	assert_true(rate_exceeds(rate, "first", NOW));
	assert_false(rate_exceeds(rate, "second", NOW));
	rate_free(&rate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lets_so_many_go_at_once),
		cmocka_unit_test(counts_without_a_rest),
		cmocka_unit_test(bears_a_clock_that_is_set_back),
		cmocka_unit_test(forgets_who_did_it_the_longest_ago),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_rate", tests, NULL,
					   NULL);
}
