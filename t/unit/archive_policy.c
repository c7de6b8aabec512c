#include "components/archive/policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/policy/judge.h"
#include "shared/error.h"
#include "shared/log.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const char *const none[] = { NULL };
static const char *const three[] = {
	"https://a.example/", "http://localhost/", "https://c.example/", NULL
};
static const char *const nine[] = {
	"https://1/", "https://2/", "https://3/", "https://4/", "https://5/",
	"https://6/", "https://7/", "https://8/", "https://9/", NULL
};
static const char *const traders[] = { "group traders", NULL };
static const char *const exposed[] = { "http://a.example/", NULL };
static const char *const wrong[] = { "https://a.example/", "b", NULL };

static const struct setting_titled no_rules[] = { { .title = NULL } };
static const struct policy_terms terms = { no_rules, NULL, false };

static struct policy_settings
settings_of(const char *const *servers)
{
	return (struct policy_settings){
		.concern = { none, "both", none },
		.rules = none, .servers = servers, .timeout = 2, .in_flight = 4,
		.on_failure = "open", .notice = "", .probe = "", .ca = "",
		.cert = "",
		.key = "",
	};
}

static int
check(const struct policy_settings *own, struct error *err)
{
	const struct setting_titled titled[] = {
		{ "strict", own }, { .title = NULL },
	};

	return policy_check(titled, &terms, err);
}

static void
assert_refused(const struct policy_settings *own, const char *why)
{
	struct error err = { 0 };

	assert_int_equal(check(own, &err), -1);
	assert_non_null(strstr(err.text, "\"strict\": "));
	assert_non_null(strstr(err.text, why));
}

static void
tells_what_makes_no_sense(void **state)
{
	struct policy_settings own = settings_of(three);
	struct error err = { 0 };

	(void)state;
	assert_int_equal(check(&own, &err), 0);
	own.ca = "/nonexistent";
	assert_refused(&own, "/nonexistent");
	own = settings_of(three);
	own.cert = "/dev/null";
	assert_refused(&own, "key");
	own = settings_of(nine);
	assert_refused(&own, "more than 8");
	own = settings_of(wrong);
	assert_refused(&own, "'b'");
	own = settings_of(exposed);
	assert_refused(&own, "clear text");
	own = settings_of(three);
	own.concern.who = traders;
	assert_refused(&own, "who: \"group traders\": there is no group");
	own = settings_of(three);
	own.concern.kinds = traders;
	assert_refused(&own, "kinds: group traders is none of");
	own = settings_of(none);
	assert_refused(&own, "no servers");
	own.rules = traders;
	assert_refused(&own, "there is no rule \"group traders\"");
	own.rules = none;
	own.log_first = true;
	assert_int_equal(check(&own, &err), 0);
	own = settings_of(three);
	own.probe = "/healthz?a=b";
	assert_int_equal(check(&own, &err), 0);
	own.probe = "healthz";
	assert_refused(&own, "does not begin with /");
	own.probe = "/a b";
	assert_refused(&own, "%20");
}

static struct policy *
make(uv_loop_t *loop, const char *const *servers)
{
	struct policy_settings own = settings_of(servers);
	const struct setting_titled titled = { "strict", &own };

	log_configure("test", LOG_LEVEL_ERROR, false);
	return policy_new(loop, &titled, &terms);
}

static void
leave(uv_loop_t *loop, struct policy **policy)
{
	policy_unref(policy);
	uv_run(loop, UV_RUN_DEFAULT);
}

static void
break_down(struct policy *policy, size_t judge)
{
	for (int i = 0; i < JUDGE_FAILURES_MAX; i++)
		judge_fail(&policy->judges[judge],
			   uv_now(policy->end.loop), "it is broken");
}

static void
asks_those_that_work_in_order(void **state)
{
	struct policy *policy = make(*state, three);
	size_t left;

	assert_ptr_equal(policy_next(policy, 0, &left), &policy->judges[0]);
	assert_int_equal(left, 3);
	assert_ptr_equal(policy_next(policy, 1, &left), &policy->judges[1]);
	assert_int_equal(left, 2);
	break_down(policy, 0);
	assert_ptr_equal(policy_next(policy, 0, &left), &policy->judges[1]);
	assert_int_equal(left, 2);
	assert_null(policy_next(policy, 2 | 4, &left));
	assert_int_equal(left, 0);
	leave(*state, &policy);
}

static void
counts_those_that_work(void **state)
{
	struct policy *policy = make(*state, three);
	struct policy *other = make(*state, none);

	break_down(policy, 0);
	break_down(policy, 1);
	assert_int_equal(policy_well(policy), 1);
	break_down(policy, 2);
	assert_int_equal(policy_well(policy), 0);
	assert_int_equal(policy_well(other), 0);
	policy_unref(&policy);
	leave(*state, &other);
}

static void
probes_no_server_when_it_is_tried(void **state)
{
	static const struct policy_terms tried = { no_rules, NULL, true };
	static const char *const near[] = { "http://127.0.0.1:1/", NULL };
	struct policy_settings own = settings_of(near);
	const struct setting_titled titled = { "strict", &own };
	struct policy *policy;

	own.probe = "/healthz";
	policy = policy_new(*state, &titled, &terms);
	assert_non_null(policy->probe);
	leave(*state, &policy);
	policy = policy_new(*state, &titled, &tried);
	assert_null(policy->probe);
	leave(*state, &policy);
}

static void
lives_as_long_as_it_is_used(void **state)
{
	struct policy *policy = make(*state, three), *used = policy;

	policy_ref(used);
	policy_unref(&policy);
	assert_null(policy);
	uv_run(*state, UV_RUN_NOWAIT);
	assert_string_equal(used->name, "strict");
	assert_string_equal(used->judges[2].url, "https://c.example/");
	leave(*state, &used);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_makes_no_sense),
		BED_LOOP_TEST(asks_those_that_work_in_order),
		BED_LOOP_TEST(counts_those_that_work),
		BED_LOOP_TEST(probes_no_server_when_it_is_tried),
		BED_LOOP_TEST(lives_as_long_as_it_is_used),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_policy", tests, NULL,
					   NULL);
}
