#include "shared/drain_doubt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/str.h"
#include "t/lib/bed.h"

struct calls {
	unsigned paused, closed;
};

static void
on_paused(void *ctx)
{
	struct calls *calls = ctx;

	calls->paused++;
}

static void
on_closed(void *ctx)
{
	struct calls *calls = ctx;

	calls->closed++;
}

static struct drain_doubt
doubt_of(struct calls *calls)
{
	return (struct drain_doubt){ .fn = on_paused, .ctx = calls };
}

static void
end(struct drain_doubt *doubt, uv_loop_t *loop)
{
	struct calls *calls = doubt->ctx;

	drain_doubt_fini(doubt, on_closed);
	assert_int_equal(calls->closed, 0);
	uv_run(loop, UV_RUN_DEFAULT);
	assert_int_equal(calls->closed, 1);
}

static void
tells_when_a_pause_is_over(void **state)
{
	struct calls calls = { 0 };
	struct drain_doubt doubt = doubt_of(&calls);
	uint64_t before;

	drain_doubt_init(&doubt, *state, NULL);
	before = uv_now(*state);
	drain_doubt_pause(&doubt);
	assert_int_equal(calls.paused, 0);
	uv_run(*state, UV_RUN_DEFAULT);
	assert_int_equal(calls.paused, 1);
	assert_true(uv_now(*state) - before >= 1000);
	end(&doubt, *state);
	assert_int_equal(calls.paused, 1);
}

static void
calls_nobody_when_there_is_no_reason_to_wait(void **state)
{
	struct calls calls = { 0 };
	struct drain_doubt doubt = doubt_of(&calls);

	drain_doubt_init(&doubt, *state, NULL);
	drain_doubt_begin(&doubt, 1);
	drain_doubt_pause(&doubt);
	drain_doubt_end(&doubt);
	uv_run(*state, UV_RUN_DEFAULT);
	drain_doubt_pause(&doubt);
	drain_doubt_go_on(&doubt);
	uv_run(*state, UV_RUN_DEFAULT);
	drain_doubt_pause(&doubt);
	end(&doubt, *state);
	assert_int_equal(calls.paused, 0);
}

static void
assert_metric(const struct metrics *metrics, const char *line)
{
	struct str text = { 0 };

	metrics_print(metrics, &text);
	assert_non_null(strstr(text.data, line));
	str_fini(&text);
}

static void
is_seen_in_the_metrics(void **state)
{
	struct metrics *metrics = metrics_new();
	struct calls calls = { 0 };
	struct drain_doubt doubt = doubt_of(&calls);

	drain_doubt_init(&doubt, *state, metrics);
	assert_metric(metrics, "\nannex_journal_refusing 0\n");
	drain_doubt_begin(&doubt, 500);
	assert_metric(metrics, "\nannex_journal_refusing 1\n");
	drain_doubt_end(&doubt);
	assert_metric(metrics, "\nannex_journal_refusing 0\n");
	end(&doubt, *state);
	metrics_free(&metrics);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_LOOP_TEST(tells_when_a_pause_is_over),
		BED_LOOP_TEST(calls_nobody_when_there_is_no_reason_to_wait),
		BED_LOOP_TEST(is_seen_in_the_metrics),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("drain_doubt", tests, NULL, NULL);
}
