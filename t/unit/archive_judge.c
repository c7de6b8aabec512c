#include "components/archive/policy/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/log.h"

#define MINUTE_MS 60000

static struct judge judge;

static int
set_up(void **state)
{
	(void)state;
	log_configure("test", LOG_LEVEL_ERROR, false);
	judge_init(&judge, "https://policy.example/", "strict");
	return 0;
}

static void
fail_at(uint64_t now_ms)
{
	judge_ask(&judge);
	judge_fail(&judge, now_ms, "it is broken");
}

static void
rests_after_several_failures(void **state)
{
	(void)state;
	fail_at(1);
	fail_at(2);
	assert_true(judge_is_well(&judge));
	assert_true(judge_is_fit(&judge, 2));
	fail_at(3);
	assert_false(judge_is_well(&judge));
	assert_false(judge_is_fit(&judge, 4));
}

static void
counts_failures_in_a_row_alone(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		fail_at(1);
		fail_at(2);
		judge_ask(&judge);
		judge_succeed(&judge);
	}
	assert_true(judge_is_fit(&judge, 2));
}

static void
is_tried_by_one_alone(void **state)
{
	(void)state;
	for (int i = 0; i < JUDGE_FAILURES_MAX; i++)
		fail_at(0);
	assert_true(judge_is_fit(&judge, MINUTE_MS));
	judge_ask(&judge);
	assert_false(judge_is_fit(&judge, MINUTE_MS));
	judge_let_go(&judge);
	assert_true(judge_is_fit(&judge, MINUTE_MS));
	judge_ask(&judge);
	judge_fail(&judge, MINUTE_MS, "it is broken");
	assert_false(judge_is_fit(&judge, MINUTE_MS));
	assert_true(judge_is_fit(&judge, 2 * MINUTE_MS));
	judge_ask(&judge);
	judge_succeed(&judge);
	assert_true(judge_is_well(&judge));
	judge_ask(&judge);
	assert_true(judge_is_fit(&judge, MINUTE_MS));
}

/* Many may have been asked before it is known that it fails. */
static void
rests_no_longer_for_many_at_once(void **state)
{
	uint64_t until;

	(void)state;
	for (int i = 0; i < JUDGE_FAILURES_MAX; i++)
		judge_fail(&judge, 0, "it is broken");
	until = judge.rests_until_ms;
	for (int i = 0; i < 100; i++)
		judge_fail(&judge, 1, "it is broken");
	assert_int_equal(judge.rests_until_ms, until);
}

static void
is_left_out_when_probes_fail(void **state)
{
	(void)state;
	judge.probed = true;
	judge_fail_probe(&judge, "it is broken");
	judge_fail_probe(&judge, "it is broken");
	judge_succeed_probe(&judge, 1);
	for (int i = 0; i < JUDGE_FAILURES_MAX; i++) {
		assert_true(judge_is_fit(&judge, 1));
		judge_fail_probe(&judge, "it is broken");
	}
	assert_false(judge_is_well(&judge));
	assert_false(judge_is_fit(&judge, MINUTE_MS));
	judge_succeed_probe(&judge, MINUTE_MS);
	assert_true(judge_is_well(&judge));
	assert_true(judge_is_fit(&judge, MINUTE_MS));
}

static void
is_tried_by_probes_alone(void **state)
{
	(void)state;
	judge.probed = true;
	for (int i = 0; i < JUDGE_FAILURES_MAX; i++)
		fail_at(0);
	assert_false(judge_is_fit(&judge, MINUTE_MS));
	judge_succeed_probe(&judge, 0);
	assert_false(judge_is_fit(&judge, 0));
	judge_succeed_probe(&judge, judge.rests_until_ms);
	assert_true(judge_is_fit(&judge, judge.rests_until_ms));
}

/* It answers probes, and nothing else. */
static void
rests_longer_though_probes_go_well(void **state)
{
	uint64_t now = 0, first;

	(void)state;
	judge.probed = true;
	for (int i = 0; i < JUDGE_FAILURES_MAX; i++)
		fail_at(now);
	first = judge.rests_until_ms;
	for (int i = 0; i < 30; i++) {
		now = judge.rests_until_ms;
		judge_succeed_probe(&judge, now);
		assert_true(judge_is_fit(&judge, now));
		fail_at(now);
		assert_false(judge_is_fit(&judge, now));
	}
	assert_true(judge.rests_until_ms - now > first);
}

static void
rests_longer_each_time(void **state)
{
	uint64_t now = 0;

	(void)state;
	for (int i = 0; i < 30; i++) {
		fail_at(now);
		if (now < judge.rests_until_ms)
			now = judge.rests_until_ms;
	}
	fail_at(now);
	assert_in_range(judge.rests_until_ms - now, MINUTE_MS / 2, MINUTE_MS);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rests_after_several_failures),
		TEST(counts_failures_in_a_row_alone),
		TEST(is_tried_by_one_alone),
		TEST(rests_no_longer_for_many_at_once),
		TEST(is_left_out_when_probes_fail),
		TEST(is_tried_by_probes_alone),
		TEST(rests_longer_though_probes_go_well),
		TEST(rests_longer_each_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_judge", tests, NULL,
					   NULL);
}
