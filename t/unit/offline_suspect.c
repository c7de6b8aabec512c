#include "components/offline/suspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* One that fails until it is left out. */
static void
fail_often(struct suspect *suspect, int64_t serial)
{
	for (int i = 0; i < SUSPECT_FAILURES; i++) {
		assert_false(suspect_is(suspect, serial));
		assert_false(suspect_take_failure(suspect, serial));
	}
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
	assert_true(suspect_take_failure(&suspect, 7));
	assert_false(suspect_is(&suspect, 7));
	assert_false(suspect_clear(&suspect));
}

static void
blames_nothing_when_others_fail_as_well(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	fail_often(&suspect, 7);
	assert_false(suspect_take_failure(&suspect, 8));
	assert_false(suspect_is(&suspect, 7));
	assert_false(suspect_take_success(&suspect));
	fail_often(&suspect, 7);
}

static void
blames_nothing_that_works_in_the_end(void **state)
{
	struct suspect suspect = { 0 };

	(void)state;
	fail_often(&suspect, 7);
	assert_true(suspect_take_success(&suspect));
	assert_false(suspect_take_success(&suspect));
	assert_false(suspect_take_failure(&suspect, 7));
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
		assert_false(suspect_take_failure(&suspect, 7));
	assert_false(suspect_take_success(&suspect));
	fail_often(&suspect, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blames_what_fails_where_others_do_not),
		cmocka_unit_test(blames_nothing_when_others_fail_as_well),
		cmocka_unit_test(blames_nothing_that_works_in_the_end),
		cmocka_unit_test(blames_nothing_that_has_no_others),
		cmocka_unit_test(begins_to_count_anew_after_a_success),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_suspect", tests, NULL,
					   NULL);
}
