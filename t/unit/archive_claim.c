#include "components/archive/policy/claim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
is_of_one_at_a_time(void **state)
{
	struct claim *claims = NULL, first, second, other;

	(void)state;
	assert_true(claim_take(&claims, &first, "x1"));
	assert_false(claim_take(&claims, &second, "x1"));
	assert_true(claim_take(&claims, &other, "x2"));
	claim_drop(&claims, &first);
	assert_true(claim_take(&claims, &second, "x1"));
	assert_false(claim_take(&claims, &first, "x2"));
	claim_drop(&claims, &other);
	claim_drop(&claims, &second);
	assert_null(claims);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_of_one_at_a_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_claim", tests, NULL,
					   NULL);
}
