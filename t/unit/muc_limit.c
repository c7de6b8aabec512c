#include "components/muc/limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* How many of 100 that come at once are let through. */
static unsigned
count(struct limit *limit, unsigned per_sec, unsigned burst, uint64_t now_ms)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 100; i++)
		n += limit_take(limit, per_sec, burst, now_ms);
	return n;
}

static const struct {
	unsigned per_sec, burst;
	unsigned at_once, after_1s, after_10s, after_1h;
} cases[] = {
	{ 0, 0, 100, 100, 100, 100 },
	{ 0, 5, 100, 100, 100, 100 },
	{ 1, 1, 1, 1, 1, 1 },
	{ 1, 5, 5, 1, 5, 5 },
	{ 2, 20, 20, 2, 20, 20 },
	{ 10, 50, 50, 10, 50, 50 },
	{ 10, 0, 1, 1, 1, 1 },
	/* Never more than were asked for, though 3 do not divide 1000. */
	{ 3, 10, 10, 2, 10, 10 },
	/* Time is counted in milliseconds. */
	{ 5000, 10, 10, 10, 10, 10 },
};

static void
lets_some_through(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned per_sec = cases[i].per_sec, burst = cases[i].burst;
		struct limit limit = { 0 };

		assert_int_equal(count(&limit, per_sec, burst, 500),
				 cases[i].at_once);
		assert_int_equal(count(&limit, per_sec, burst, 500),
				 per_sec == 0 ? 100 : 0);
		assert_int_equal(count(&limit, per_sec, burst, 1500),
				 cases[i].after_1s);
		assert_int_equal(count(&limit, per_sec, burst, 11500),
				 cases[i].after_10s);
		assert_int_equal(count(&limit, per_sec, burst, 3611500),
				 cases[i].after_1h);
	}
}

/* Ten a second for a minute, asked for every millisecond. */
static void
holds_the_rate(void **state)
{
	struct limit limit = { 0 };
	unsigned n = 0;

	(void)state;
	for (uint64_t now = 0; now < 60000; now++)
		n += limit_take(&limit, 10, 50, now);
	assert_int_equal(n, 50 + 599);
}

/* Six a minute. */
static void
takes_longer_than_a_second(void **state)
{
	struct limit limit = { 0 };
	unsigned n = 0;

	(void)state;
	for (uint64_t now = 0; now <= 120000; now += 500)
		n += limit_take_in(&limit, 6, 60, 20, now);
	assert_int_equal(n, 20 + 12);
	assert_false(limit_is_full(&limit, 120000 + 199999));
	assert_true(limit_is_full(&limit, 120000 + 200000));
}

/* A refusal costs nothing: who goes on trying is not locked out. */
static void
forgives(void **state)
{
	struct limit limit = { 0 };

	(void)state;
	assert_int_equal(count(&limit, 2, 4, 0), 4);
	assert_int_equal(count(&limit, 2, 4, 499), 0);
	assert_true(limit_take(&limit, 2, 4, 500));
	assert_false(limit_take(&limit, 2, 4, 500));
}

/* What was more than there was is missing afterwards. */
static void
goes_into_debt(void **state)
{
	struct limit limit = { 0 };

	(void)state;
	assert_true(limit_take(&limit, 2, 4, 0));
	limit_charge(&limit, 5, 2, 1);
	assert_int_equal(count(&limit, 2, 4, 1499), 0);
	assert_int_equal(count(&limit, 2, 4, 1500), 1);
	limit_charge(&limit, 5, 0, 1);
	assert_int_equal(count(&limit, 2, 4, 3500), 4);
}

/* A reload may change the rate at any time. */
static void
takes_a_new_rate(void **state)
{
	struct limit limit = { 0 };

	(void)state;
	assert_int_equal(count(&limit, 1, 10, 1000), 10);
	assert_false(limit_take(&limit, 100, 10, 1000));
	assert_true(limit_take(&limit, 0, 0, 1000));
	assert_true(limit_take(&limit, 100, 10, 11000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lets_some_through),
		cmocka_unit_test(holds_the_rate),
		cmocka_unit_test(takes_longer_than_a_second),
		cmocka_unit_test(forgives),
		cmocka_unit_test(goes_into_debt),
		cmocka_unit_test(takes_a_new_rate),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_limit", tests, NULL, NULL);
}
