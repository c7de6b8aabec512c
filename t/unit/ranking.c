#include "shared/ranking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MANY 5000

static void
takes_the_earliest_first(void **state)
{
	struct ranking ranking = { 0 };
	struct rank last = { -1, 0, 0 }, rank;
	uint64_t number = 1;

	(void)state;
	for (uint64_t i = 0; i < MANY; i++) {
		number = number * 6364136223846793005u + 1442695040888963407u;
		ranking_add(&ranking, &(struct rank){
			(int64_t)(number >> 33) % 700, i, i + 1 });
	}
	for (int i = 0; i < MANY; i++) {
		assert_true(ranking_take(&ranking, &rank));
		assert_true(rank.stamp > last.stamp ||
			    (rank.stamp == last.stamp &&
			     rank.offset > last.offset));
		assert_int_equal(rank.line, rank.offset + 1);
		last = rank;
	}
	assert_false(ranking_take(&ranking, &rank));
	ranking_fini(&ranking);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_earliest_first),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
