#include "shared/fanout_shim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "shared/hook.h"
#include "shared/log.h"
#include "shared/str.h"
#include "t/lib/capture.h"
#include "t/lib/hookbed.h"

static const struct hook_use use = { .uses = HOOK_FANOUT };
static struct fanout_shim shim;

static int
set_up(void **state)
{
	struct hookbed *bed = hookbed_new(&use, NULL);

	fanout_shim_init(&shim, &bed->runtime);
	*state = bed;
	return 0;
}

static int
set_up_with_shim(void **state)
{
	set_up(state);
	hookbed_greet(*state, "hooks='fanout'");
	fanout_shim_use(&shim, fanout_shim_find(&shim));
	return 0;
}

static int
tear_down(void **state)
{
	struct hookbed *bed = *state;

	hookbed_free(&bed);
	return 0;
}

static void
leave_alone(enum error_cond cond, const char *text)
{
	struct error why;

	error_set(&why, cond, "%s", text);
	fanout_shim_leave_alone(&shim, &why);
}

static void
finds_who_offers_it(void **state)
{
	struct hookbed *bed = *state;

	assert_null(shim.host);
	assert_null(fanout_shim_find(&shim));
	hookbed_greet(bed, "hooks='tap deliver'");
	assert_null(fanout_shim_find(&shim));
	hookbed_greet(bed, "hooks='tap fanout'");
	assert_string_equal(fanout_shim_find(&shim)->domain, "example");
	/* To find is not yet to ask. */
	assert_null(shim.host);
	hook_link(bed->runtime.hook, false);
	assert_null(fanout_shim_find(&shim));
}

static void
finds_nobody_without_hooks(void **state)
{
	struct hookbed *bed = *state;
	struct runtime runtime = bed->runtime;

	hookbed_greet(bed, "hooks='fanout'");
	runtime.hook = NULL;
	fanout_shim_init(&shim, &runtime);
	assert_null(fanout_shim_find(&shim));
}

static void
leaves_alone_who_failed(void **state)
{
	struct hookbed *bed = *state;
	const struct hook_host *host = shim.host;

	assert_non_null(host);
	leave_alone(ERROR_FORBIDDEN, "");
	assert_null(shim.host);
	assert_null(fanout_shim_find(&shim));
	assert_int_equal(shim.until_ms - uv_now(&bed->loop), 60000);
	/* Such time passes. */
	shim.until_ms = uv_now(&bed->loop) + 1;
	assert_null(fanout_shim_find(&shim));
	shim.until_ms--;
	assert_ptr_equal(fanout_shim_find(&shim), host);
}

static void
begins_anew_with_a_hello(void **state)
{
	const struct hook_host *host = shim.host;

	leave_alone(ERROR_FORBIDDEN, "");
	hookbed_greet(*state, "hooks='fanout'");
	assert_ptr_equal(fanout_shim_find(&shim), host);
	/* And may fail anew. */
	fanout_shim_use(&shim, host);
	leave_alone(ERROR_FORBIDDEN, "");
	assert_null(fanout_shim_find(&shim));
}

static void
assert_explained(const char *wanted)
{
	struct str text = { 0 };

	fanout_shim_explain(&shim, &text);
	assert_string_equal(text.data, wanted);
	str_fini(&text);
}

static void
explains(void **state)
{
	struct hookbed *bed = *state;

	assert_explained("no shim has fanout");
	hookbed_greet(bed, "hooks='fanout'");
	fanout_shim_use(&shim, fanout_shim_find(&shim));
	leave_alone(ERROR_FORBIDDEN, "no such hook");
	assert_explained("the shim of example did not do it: forbidden: no "
			 "such hook; it is asked again in 60 s");
	/* What is left of a second is one. */
	shim.until_ms = uv_now(&bed->loop) + 1001;
	assert_explained("the shim of example did not do it: forbidden: no "
			 "such hook; it is asked again in 2 s");
	hook_link(bed->runtime.hook, false);
	assert_explained("no shim has fanout");
}

/* Who is asked is found anew with each stanza: only what changes is said. */
static void
logs_what_changes(void **state)
{
	const struct hook_host *host = shim.host;
	struct capture log;

	(void)state;
	log_configure("test", LOG_LEVEL_INFO, false);
	capture_begin(&log);
	fanout_shim_use(&shim, host);
	leave_alone(ERROR_REMOTE_SERVER_TIMEOUT, "it hangs");
	fanout_shim_use(&shim, NULL);
	fanout_shim_use(&shim, host);
	capture_end(&log);
	assert_int_equal(hookbed_count(log.err, "goes to each\n"), 1);
	assert_int_equal(hookbed_count(log.err,
				       "goes to the shim of example\n"), 1);
	assert_int_equal(hookbed_count(log.err,
				       "the shim of example did not do it: "
				       "remote-server-timeout: it hangs; "
				       "for 60 s "), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_WITH_SHIM(name) \
	cmocka_unit_test_setup_teardown(name, set_up_with_shim, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_who_offers_it),
		TEST(finds_nobody_without_hooks),
		TEST_WITH_SHIM(leaves_alone_who_failed),
		TEST_WITH_SHIM(begins_anew_with_a_hello),
		TEST(explains),
		TEST_WITH_SHIM(logs_what_changes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fanout_shim", tests, NULL, NULL);
}
