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

/* Has those of these serials fail, one after the other. */
static void
fail_all(struct suspect *suspect, int64_t first, int64_t last,
	 enum suspect_verdict verdict)
{
	for (int64_t i = first; i <= last; i++)
		assert_int_equal(suspect_take_failure(suspect, i, false),
				 verdict);
}

static void
blames_several(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	fail_often(&suspect, 1);
	fail_all(&suspect, 2, SUSPECT_MAX, left_out);
	assert_true(suspect_is(&suspect, 1));
	assert_true(suspect_take_success(&suspect));
	fail_all(&suspect, 1, SUSPECT_MAX, to_blame);
}

static void
tries_all_anew_when_they_are_too_many(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	fail_often(&suspect, 1);
	fail_all(&suspect, 2, SUSPECT_MAX, left_out);
	assert_int_equal(suspect_take_failure(&suspect, 99, false), none);
	for (int i = 1; i <= SUSPECT_MAX; i++)
		assert_false(suspect_is(&suspect, i));
	assert_false(suspect_take_success(&suspect));
	fail_often(&suspect, 1);
}

/* None after them waits for ever. */
static void
blames_any_number(void **state)
{
	struct suspect suspect = { 0 };
	int64_t most = SUSPECT_MAX;

	(void)state;
	fail_often(&suspect, 1);
	fail_all(&suspect, 2, most, left_out);
	for (; most < 100000; most *= 2) {
		assert_int_equal(suspect_take_failure(&suspect, most + 1,
						      false), none);
		fail_all(&suspect, 1, 2 * most, left_out);
	}
	assert_true(suspect_take_success(&suspect));
	fail_all(&suspect, 1, most, to_blame);
}

/* As few in a row as at first. */
static void
begins_with_few_once_nothing_could_be_delivered(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	fail_often(&suspect, 1);
	fail_all(&suspect, 2, SUSPECT_MAX, left_out);
	assert_int_equal(suspect_take_failure(&suspect, 9, false), none);
	fail_all(&suspect, 1, 9, left_out);
	assert_true(suspect_clear(&suspect));
	fail_often(&suspect, 1);
	fail_all(&suspect, 2, SUSPECT_MAX, left_out);
	assert_int_equal(suspect_take_failure(&suspect, 9, false), none);
}

static void
remembers_all_that_were_to_blame(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	for (int i = 1; i <= 100; i++) {
		fail_often(&suspect, 2 * i);
		assert_true(suspect_take_success(&suspect));
	}
	for (int i = 1; i <= 100; i++)
		assert_int_equal(suspect_take_failure(&suspect, 2 * i, false),
				 to_blame);
	assert_int_equal(suspect_take_failure(&suspect, 201, false), none);
}

/* Its sessions may all be short. */
static void
goes_on_where_it_was_with_the_next_session(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	assert_false(suspect_rest(&suspect));
	for (int i = 1; i < SUSPECT_FAILURES; i++) {
		assert_int_equal(suspect_take_failure(&suspect, 7, true),
				 none);
		assert_true(suspect_rest(&suspect));
	}
	assert_int_equal(suspect_take_failure(&suspect, 7, true), left_out);
	fail_all(&suspect, 8, 9, left_out);
	assert_true(suspect_rest(&suspect));
	assert_false(suspect_is(&suspect, 7));
	fail_all(&suspect, 7, 9, left_out);
	assert_true(suspect_take_success(&suspect));
	assert_true(suspect_rest(&suspect));
	fail_all(&suspect, 7, 9, to_blame);
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
		cmocka_unit_test(tries_all_anew_when_they_are_too_many),
		cmocka_unit_test(blames_any_number),
		cmocka_unit_test(
			begins_with_few_once_nothing_could_be_delivered),
		cmocka_unit_test(remembers_all_that_were_to_blame),
		cmocka_unit_test(goes_on_where_it_was_with_the_next_session),
		cmocka_unit_test(blames_nothing_that_has_no_others),
		cmocka_unit_test(begins_to_count_anew_after_a_success),
		cmocka_unit_test(counts_failures_of_one_message),
		cmocka_unit_test(counts_no_failure_that_comes_soon),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_suspect", tests, NULL,
					   NULL);
}
