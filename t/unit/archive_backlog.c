#include "components/archive/policy/backlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LONG_MS 60000

static struct backlog backlog;
static const struct held first = { .uid = "x1", .since = 1 };
static const struct held second = { .uid = "x2", .since = 2 };

static int
set_up(void **state)
{
	(void)state;
	memset(&backlog, 0, sizeof(backlog));
	backlog_place(&backlog, 1, 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	backlog_fini(&backlog);
	return 0;
}

/* Where it goes on, with no other host. */
static int64_t
place(uint64_t now_ms)
{
	return backlog_place(&backlog, 1, now_ms)->since;
}

static void
begins_with_the_oldest(void **state)
{
	(void)state;
	assert_int_equal(place(0), 0);
	assert_false(backlog_is_probing(&backlog));
}

static void
passes_over_what_cannot_go_on(void **state)
{
	(void)state;
	backlog_pass(&backlog, &first);
	assert_int_equal(place(0), 1);
	backlog_end(&backlog, LONG_MS - 1);
	assert_int_equal(place(LONG_MS - 1), 1);
}

static void
knows_a_host_that_fails_for_a_while(void **state)
{
	const struct held of_example = { .uid = "x1", .since = 1,
					 .host = "example" };
	const struct held of_other = { .uid = "x2", .since = 2,
				       .host = "other" };

	(void)state;
	assert_true(backlog_blame(&backlog, &of_example, 0));
	assert_false(backlog_blame(&backlog, &of_other, 0));
	assert_true(backlog_fails(&backlog, "example"));
	assert_false(backlog_fails(&backlog, "other"));
	backlog_end(&backlog, LONG_MS - 1);
	assert_true(backlog_fails(&backlog, "example"));
	backlog_end(&backlog, LONG_MS);
	assert_false(backlog_fails(&backlog, "example"));
}

/* Each host's by itself. */
static void
knows_what_a_host_refuses_again_and_again(void **state)
{
	const struct held of_example = { .uid = "x1", .host = "example" };
	const struct held of_other = { .uid = "x2", .host = "other" };
	const struct held next = { .uid = "x3", .host = "example" };

	(void)state;
	for (int i = 0; i < 4; i++) {
		assert_true(backlog_refuse(&backlog, &of_example));
		assert_true(backlog_refuse(&backlog, &of_other));
	}
	assert_false(backlog_refuse(&backlog, &of_example));
	assert_true(backlog_refuse(&backlog, &of_example));
	assert_true(backlog_refuse(&backlog, &next));
	assert_true(backlog_refuse(&backlog, &next));
	assert_false(backlog_refuse(&backlog, &of_other));
}

static void
looks_at_all_again_when_a_host_has_come(void **state)
{
	(void)state;
	backlog_pass(&backlog, &second);
	assert_false(backlog_is_old(&backlog, 1));
	assert_true(backlog_is_old(&backlog, 2));
	assert_int_equal(backlog_place(&backlog, 2, 0)->since, 0);
	assert_false(backlog_is_old(&backlog, 2));
}

static void
looks_at_all_again_after_a_while(void **state)
{
	(void)state;
	backlog_pass(&backlog, &second);
	backlog_end(&backlog, LONG_MS);
	assert_int_equal(place(LONG_MS), 0);
}

static void
blames_what_servers_fail_with_alone(void **state)
{
	(void)state;
	assert_int_equal(backlog_fail(&backlog, &first), BACKLOG_FIRST);
	assert_true(backlog_is_probing(&backlog));
	assert_int_equal(place(0), 1);
	backlog_probed(&backlog, &second, true);
	assert_false(backlog_is_probing(&backlog));
	assert_int_equal(place(0), 0);
	assert_int_equal(backlog_fail(&backlog, &first), BACKLOG_AGAIN);
	backlog_probed(&backlog, &second, true);
	assert_int_equal(backlog_fail(&backlog, &first), BACKLOG_BLAMED);
	assert_false(backlog_is_probing(&backlog));
}

static void
blames_nothing_while_servers_fail_with_all(void **state)
{
	(void)state;
	assert_int_equal(backlog_fail(&backlog, &first), BACKLOG_FIRST);
	for (int i = 0; i < 10; i++) {
		backlog_probed(&backlog, &second, false);
		assert_int_equal(place(0), 2);
		backlog_end(&backlog, 0);
		assert_int_equal(place(0), 0);
		assert_int_equal(backlog_fail(&backlog, &first),
				 BACKLOG_AGAIN);
	}
}

static void
blames_nothing_that_was_judged_at_last(void **state)
{
	(void)state;
	backlog_fail(&backlog, &first);
	backlog_probed(&backlog, &second, true);
	backlog_succeed(&backlog);
	assert_int_equal(backlog_fail(&backlog, &first), BACKLOG_FIRST);
	backlog_probed(&backlog, &second, true);
	assert_int_equal(backlog_fail(&backlog, &first), BACKLOG_AGAIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(begins_with_the_oldest),
		TEST(passes_over_what_cannot_go_on),
		TEST(knows_a_host_that_fails_for_a_while),
		TEST(knows_what_a_host_refuses_again_and_again),
		TEST(looks_at_all_again_when_a_host_has_come),
		TEST(looks_at_all_again_after_a_while),
		TEST(blames_what_servers_fail_with_alone),
		TEST(blames_nothing_while_servers_fail_with_all),
		TEST(blames_nothing_that_was_judged_at_last),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_backlog", tests, NULL,
					   NULL);
}
