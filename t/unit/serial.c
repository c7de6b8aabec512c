#include "shared/serial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 1795976662000000	/* 2026-11-29 */

static void
tells_time_and_writer(void **state)
{
	struct serial serial;
	int64_t got;

	(void)state;
	serial_init(&serial, 255, 0);
	got = serial_next(&serial, NOW);
	assert_true(got == NOW * 256 + 255);
	assert_true(serial_time(got) == NOW);
	assert_int_equal(serial_writer(got), 255);
	assert_true(serial_first_of(NOW) <= got);
	assert_true(serial_first_of(NOW + 1) > got);
}

static void
grows_whatever_the_clock_does(void **state)
{
	static const int64_t clock[] = {
		NOW, NOW, NOW, NOW - 3600000000, NOW + 1, NOW + 100, 0,
	};
	static const int64_t given[] = {
		NOW, NOW + 1, NOW + 2, NOW + 3, NOW + 4, NOW + 100, NOW + 101,
	};
	struct serial serial;

	(void)state;
	serial_init(&serial, 3, 0);
	for (size_t i = 0; i < sizeof(clock) / sizeof(clock[0]); i++)
		assert_true(serial_next(&serial, clock[i]) ==
			    given[i] * 256 + 3);
}

/* What is stored may be another's, even of the future. */
static void
goes_on_after_what_is_stored(void **state)
{
	struct serial serial;

	(void)state;
	serial_init(&serial, 0, (NOW + 5) * 256 + 7);
	assert_true(serial_next(&serial, NOW) == (NOW + 6) * 256);
	serial_init(&serial, 9, (NOW + 5) * 256 + 7);
	assert_true(serial_next(&serial, NOW + 5) == (NOW + 5) * 256 + 9);
}

static void
never_meets_that_of_another(void **state)
{
	struct serial one, other;

	(void)state;
	serial_init(&one, 1, 0);
	serial_init(&other, 2, 0);
	for (int i = 0; i < 100; i++)
		assert_true(serial_next(&one, NOW) !=
			    serial_next(&other, NOW));
}

static void
bounds_any_time(void **state)
{
	static const struct {
		int64_t stamp, serial;
	} cases[] = {
		{ INT64_MIN, 0 }, { -1, 0 }, { 0, 0 }, { 1, 256 },
		{ INT64_MAX / 256, INT64_MAX - 255 },
		{ INT64_MAX / 256 + 1, INT64_MAX }, { INT64_MAX, INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(serial_first_of(cases[i].stamp) ==
			    cases[i].serial);
}

static void
stand_in_order(void **state)
{
	(void)state;
	assert_true(serial_later(1, INT64_MAX) == INT64_MAX);
	assert_true(serial_later(0, -1) == 0);
	assert_true(serial_earlier(1, INT64_MAX) == 1);
	assert_true(serial_earlier(0, -1) == -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_time_and_writer),
		cmocka_unit_test(grows_whatever_the_clock_does),
		cmocka_unit_test(goes_on_after_what_is_stored),
		cmocka_unit_test(never_meets_that_of_another),
		cmocka_unit_test(bounds_any_time),
		cmocka_unit_test(stand_in_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("serial", tests, NULL, NULL);
}
