#include "shared/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "shared/call.h"
#include "shared/calls.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/hook.h"
#include "shared/log.h"
#include "shared/router.h"
#include "shared/store.h"
#include "shared/str.h"

static bool linked, up, lasting;
static const char *missing;

/* Stand in for the link, the database and the shims. */
bool
router_is_up(const struct router *router)
{
	assert_non_null(router);
	return linked;
}

bool
store_is_up(const struct store *store)
{
	assert_non_null(store);
	return up;
}

bool
store_is_lasting(const struct store *store)
{
	assert_non_null(store);
	return lasting;
}

const char *
store_dialect(const struct store *store)
{
	assert_non_null(store);
	return "postgresql";
}

void
store_read(struct store *store, const char *sql,
	   const struct store_value *values, size_t count, store_fn *fn,
	   void *ctx)
{
	(void)store;
	(void)sql;
	(void)values;
	(void)count;
	(void)fn;
	(void)ctx;
	fail();
}

void
hook_add_missing(const struct hook *hook, struct str *out)
{
	assert_non_null(hook);
	str_addz(out, missing);
}

static struct str said;

static void
on_row(void *ctx, const char *const *cells)
{
	(void)ctx;
	str_addf(&said, "%s: %s\n", cells[0], cells[1]);
}

static void
on_end(void *ctx, const struct error *err)
{
	(void)ctx;
	assert_null(err);
	str_addz(&said, "end");
}

static void
on_status(void *ctx, struct call *call)
{
	assert_string_equal(ctx, "component");
	status_add(call, "seats", "%d", 5);
}

static const struct hook_use use;
static const struct component plain = { .name = "shop" };
static const struct component full = {
	.name = "shop", .hooks = &use, .status = on_status,
};

/* All it says, but for uptime and version. */
static const char *
status_of(const struct component *component, bool started)
{
	static char ctx[] = "component";
	static const struct call_output output = {
		.row = on_row, .end = on_end,
	};
	static const struct form none = { .type = "submit" };
	uv_loop_t loop;
	struct runtime runtime = {
		.loop = &loop, .domain = "shop.example",
		.router = (struct router *)&loop,
		.store = (struct store *)&loop, .hook = (struct hook *)&loop,
		.started_ns = uv_hrtime() - UINT64_C(90061000000000),
	};
	const struct call_plan plan = {
		.command = &status_command, .form = &none, .who = "a test",
		.output = &output,
	};
	struct calls *calls;
	struct error err;
	struct call *call;

	log_configure("test", LOG_LEVEL_ERROR, false);
	str_clear(&said);
	uv_loop_init(&loop);
	calls = calls_new(&runtime, component);
	if (started)
		calls_open(calls, ctx);
	assert_int_equal(call_new(calls, &plan, &call, &err), 0);
	call_run(call);
	calls_free(&calls);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	return said.data;
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no %s in %s", part, text);
}

static void
all_is_well(void **state)
{
	const char *text;

	(void)state;
	linked = up = lasting = true;
	text = status_of(&plain, true);
	assert_memory_equal(text, "component: annex-shop\nversion: ", 31);
	assert_has(text, "\ndomain: shop.example\nuptime: 1d 01:01:01\n"
		   "link: up\nstore: postgresql, up\nend");
}

static void
what_is_away_is_said(void **state)
{
	(void)state;
	linked = up = false;
	lasting = true;
	assert_has(status_of(&plain, true),
		   "link: down\nstore: postgresql, away\n");
	lasting = false;
	assert_has(status_of(&plain, true), "store: none\n");
}

static void
a_component_adds_its_own(void **state)
{
	(void)state;
	missing = "";
	assert_has(status_of(&full, true), "shims: as needed\nseats: 5\nend");
	missing = "a.example: no hello\nb.example: no tap\n";
	assert_has(status_of(&full, true), "shims: a.example: no hello\n"
		   "shims: b.example: no tap\nseats: 5\n");
	assert_null(strstr(status_of(&full, false), "seats"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_well),
		cmocka_unit_test(what_is_away_is_said),
		cmocka_unit_test(a_component_adds_its_own),
	};
	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	str_fini(&said);
	return failed;
}
