#include "components/archive/policy/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/policy/judge.h"
#include "shared/httpclient.h"
#include "shared/log.h"
#include "shared/str.h"
#include "t/lib/website.h"

#define TURNS 1000
#define PAUSE_MS 10

static const struct httpclient_plan client = {
	.ca = "", .cert = "", .key = "", .in_flight = 1,
};

static struct website *sites[2];
static struct str urls[2];
static struct judge judges[2];
static uv_loop_t loop;
static struct probe *probe;

static int
set_up(void **state)
{
	(void)state;
	log_configure("test", LOG_LEVEL_ERROR, false);
	uv_loop_init(&loop);
	for (size_t i = 0; i < 2; i++) {
		sites[i] = website_new(&(struct website_plan){ NULL, NULL });
		website_answers(sites[i], 200, "fine");
		str_clear(&urls[i]);
		str_addf(&urls[i], "http://127.0.0.1:%u/judge?a=b",
			 website_port(sites[i]));
		judge_init(&judges[i], urls[i].data, "strict");
		judges[i].probed = true;
	}
	probe = probe_new(&loop, &(struct probe_plan){
		.path = "/healthz", .pause_ms = PAUSE_MS,
		.timeout_ms = 1000, .client = &client,
		.judges = judges, .count = 2,
	});
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	probe_free(&probe);
	uv_run(&loop, UV_RUN_DEFAULT);
	for (size_t i = 0; i < 2; i++) {
		website_free(&sites[i]);
		str_fini(&urls[i]);
	}
	return uv_loop_close(&loop);
}

/* Runs until that one is known to work, or not to. */
static void
await(size_t i, bool well)
{
	for (int turn = 0; turn < TURNS && judge_is_well(&judges[i]) != well;
	     turn++)
		uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(judge_is_well(&judges[i]), well);
}

static void
await_requests(size_t i, unsigned count)
{
	for (int turn = 0; turn < TURNS && website_requests(sites[i]) < count;
	     turn++)
		uv_run(&loop, UV_RUN_ONCE);
	assert_true(website_requests(sites[i]) >= count);
}

static void
asks_all_again_and_again(void **state)
{
	(void)state;
	await_requests(0, JUDGE_FAILURES_MAX + 1);
	await_requests(1, JUDGE_FAILURES_MAX + 1);
	assert_true(website_heard(sites[0], "request", "GET /healthz"));
	assert_true(judge_is_well(&judges[0]) && judge_is_well(&judges[1]));
}

static void
leaves_out_one_until_it_answers_well(void **state)
{
	(void)state;
	website_answers(sites[1], 503, "busy");
	await(1, false);
	assert_true(judge_is_well(&judges[0]));
	website_answers(sites[1], 204, "");
	await(1, true);
}

static void
leaves_out_one_that_is_away(void **state)
{
	(void)state;
	website_free(&sites[0]);
	await(0, false);
	assert_true(judge_is_well(&judges[1]));
}

/* It has one connection, which must not be waited for for ever. */
static void
goes_on_while_one_hangs(void **state)
{
	unsigned before;

	(void)state;
	website_hush(sites[0], true);
	before = website_requests(sites[1]);
	await_requests(1, before + 1);
	website_hush(sites[0], false);
	await_requests(0, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(asks_all_again_and_again),
		TEST(leaves_out_one_until_it_answers_well),
		TEST(leaves_out_one_that_is_away),
		TEST(goes_on_while_one_hangs),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_probe", tests, NULL,
					   NULL);
}
