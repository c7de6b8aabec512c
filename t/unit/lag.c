#include "shared/lag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/log.h"
#include "shared/metric.h"
#include "shared/str.h"

static uv_loop_t loop;
static struct metrics *metrics;
static struct lag lag;

static int
setup(void **state)
{
	(void)state;
	log_configure("annex-test", LOG_LEVEL_ERROR, false);
	metrics = metrics_new();
	assert_int_equal(uv_loop_init(&loop), 0);
	lag_init(&lag, &loop, metrics, "test");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	lag_fini(&lag, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	metrics_free(&metrics);
	return uv_loop_close(&loop);
}

/* The gauge, which is nought again once it was looked at. */
static double
read_max(void)
{
	static const char name[] = "\nannex_test_loop_lag_max_seconds ";
	struct str text = { 0 };
	const char *at;
	double value;

	metrics_print(metrics, &text);
	assert_non_null(at = strstr(text.data, name));
	value = strtod(at + strlen(name), NULL);
	str_fini(&text);
	return value;
}

static void
close_timer(uv_timer_t *timer)
{
	uv_close((uv_handle_t *)timer, NULL);
}

static void
on_slow_timer(uv_timer_t *timer)
{
	usleep(120 * 1000);
	close_timer(timer);
}

static void
on_slow_poll(uv_poll_t *poll, int status, int events)
{
	char c;

	(void)status;
	(void)events;
	assert_int_equal(read(*(int *)poll->data, &c, 1), 1);
	usleep(150 * 1000);
	uv_close((uv_handle_t *)poll, NULL);
}

static void
waiting_is_no_lag(void **state)
{
	uv_timer_t timer;

	(void)state;
	uv_timer_init(&loop, &timer);
	uv_timer_start(&timer, close_timer, 200, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_true(read_max() < 0.1);
	assert_int_equal(lag.slow->value, 0);
}

static void
slow_timers_are_seen(void **state)
{
	uv_timer_t timer, later;

	(void)state;
	uv_timer_init(&loop, &timer);
	uv_timer_start(&timer, on_slow_timer, 10, 0);
	uv_timer_init(&loop, &later);
	uv_timer_start(&later, close_timer, 200, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_true(read_max() >= 0.1);
	assert_true(read_max() < 0.001);
	assert_int_equal(lag.slow->value, 1);
}

static void
slow_descriptors_are_seen(void **state)
{
	uv_timer_t later;
	uv_poll_t poll;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	uv_poll_init(&loop, &poll, fds[0]);
	poll.data = &fds[0];
	uv_poll_start(&poll, UV_READABLE, on_slow_poll);
	uv_timer_init(&loop, &later);
	uv_timer_start(&later, close_timer, 200, 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_true(read_max() >= 0.12);
	assert_int_equal(lag.slow->value, 1);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(waiting_is_no_lag),
		TEST(slow_timers_are_seen),
		TEST(slow_descriptors_are_seen),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
