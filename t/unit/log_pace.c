#include "shared/log_pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define START 5

static const struct {
	uint64_t at_ms;
	bool says;
	uint64_t unsaid;
} cases[] = {
	{ START, true, 0 },
	{ START, false, 0 },
	{ START + 1, false, 0 },
	{ START + LOG_PACE_MS - 1, false, 0 },
	{ START + LOG_PACE_MS, true, 3 },
	{ START + LOG_PACE_MS, false, 0 },
	{ START + 9 * LOG_PACE_MS, true, 1 },
	{ START + 10 * LOG_PACE_MS, true, 0 },
};

static void
says_it_now_and_then(void **state)
{
	struct log_pace pace = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t unsaid = 0;

		assert_int_equal(log_pace_says(&pace, cases[i].at_ms,
					       &unsaid), cases[i].says);
		assert_int_equal(unsaid, cases[i].unsaid);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_it_now_and_then),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("log_pace", tests, NULL, NULL);
}
