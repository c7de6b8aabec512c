#include "components/offline/suspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const enum suspect_verdict none = SUSPECT_NONE,
				  left_out = SUSPECT_LEFT_OUT,
				  to_blame = SUSPECT_TO_BLAME;

/* One that fails until it is left out. */
static void
fail_often(struct suspect *suspect, int64_t serial)
{
	for (int i = 1; i < SUSPECT_FAILURES; i++)
		assert_int_equal(suspect_take_failure(suspect, serial, true),
				 none);
	assert_false(suspect_is(suspect, serial));
	assert_int_equal(suspect_take_failure(suspect, serial, true),
			 left_out);
	assert_true(suspect_is(suspect, serial));
}

static void
blames_what_fails_where_others_do_not(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	fail_often(&suspect, 7);
	assert_false(suspect_is(&suspect, 8));
	assert_true(suspect_take_success(&suspect));
	assert_false(suspect_is(&suspect, 7));
	assert_int_equal(suspect_take_failure(&suspect, 7, false), to_blame);
	assert_false(suspect_is(&suspect, 7));
	assert_false(suspect_clear(&suspect));
}

/* With a later session, say. */
static void
blames_at_once_what_was_to_blame(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	fail_often(&suspect, 7);
	suspect_take_success(&suspect);
	assert_false(suspect_take_success(&suspect));
	assert_int_equal(suspect_take_failure(&suspect, 7, false), to_blame);
	fail_often(&suspect, 8);
	assert_int_equal(suspect_take_failure(&suspect, 7, false), to_blame);
	assert_true(suspect_clear(&suspect));
	assert_int_equal(suspect_take_failure(&suspect, 7, false), to_blame);
	assert_int_equal(suspect_take_failure(&suspect, 8, false), none);
}

static void
blames_several(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	fail_often(&suspect, 1);
	for (int i = 2; i <= SUSPECT_MAX; i++)
		assert_int_equal(suspect_take_failure(&suspect, i, false),
				 left_out);
	assert_true(suspect_is(&suspect, 1));
	assert_true(suspect_take_success(&suspect));
	for (int i = 1; i <= SUSPECT_MAX; i++)
		assert_int_equal(suspect_take_failure(&suspect, i, false),
				 to_blame);
}

static void
blames_nothing_when_all_others_fail_as_well(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	fail_often(&suspect, 1);
	for (int i = 2; i <= SUSPECT_MAX; i++)
		suspect_take_failure(&suspect, i, false);
	assert_int_equal(suspect_take_failure(&suspect, 99, false), none);
	for (int i = 1; i <= SUSPECT_MAX; i++)
		assert_false(suspect_is(&suspect, i));
	assert_false(suspect_take_success(&suspect));
	fail_often(&suspect, 1);
}

static void
forgets_what_was_to_blame_first(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	for (int i = 1; i <= SUSPECT_MAX + 1; i++) {
		fail_often(&suspect, i);
		assert_true(suspect_take_success(&suspect));
	}
	assert_int_equal(suspect_take_failure(&suspect, 1, false), none);
	for (int i = 2; i <= SUSPECT_MAX + 1; i++)
		assert_int_equal(suspect_take_failure(&suspect, i, false),
				 to_blame);
}

static void
blames_nothing_that_has_no_others(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	fail_often(&suspect, 7);
	assert_true(suspect_clear(&suspect));
	assert_false(suspect_is(&suspect, 7));
	assert_false(suspect_clear(&suspect));
}

static void
begins_to_count_anew_after_a_success(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	for (int i = 1; i < SUSPECT_FAILURES; i++)
		assert_int_equal(suspect_take_failure(&suspect, 7, true),
				 none);
	assert_false(suspect_take_success(&suspect));
	fail_often(&suspect, 7);
}

static void
counts_failures_of_one_message(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	for (int i = 1; i < SUSPECT_FAILURES; i++)
		assert_int_equal(suspect_take_failure(&suspect, 7, true),
				 none);
	fail_often(&suspect, 8);
}

static void
counts_no_failure_that_comes_soon(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	for (int i = 0; i < 2 * SUSPECT_FAILURES; i++)
		assert_int_equal(suspect_take_failure(&suspect, 7, false),
				 none);
	fail_often(&suspect, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blames_what_fails_where_others_do_not),
		cmocka_unit_test(blames_at_once_what_was_to_blame),
		cmocka_unit_test(blames_several),
		cmocka_unit_test(blames_nothing_when_all_others_fail_as_well),
		cmocka_unit_test(forgets_what_was_to_blame_first),
		cmocka_unit_test(blames_nothing_that_has_no_others),
		cmocka_unit_test(begins_to_count_anew_after_a_success),
		cmocka_unit_test(counts_failures_of_one_message),
		cmocka_unit_test(counts_no_failure_that_comes_soon),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_suspect", tests, NULL,
					   NULL);
}
