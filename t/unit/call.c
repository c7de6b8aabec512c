#include "shared/call.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "shared/arena.h"
#include "shared/calls.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/store.h"
#include "shared/str.h"
#include "t/lib/capture.h"

/* In place of shared/store.c: keeps what is to be told. */
static store_fn *asked_fn;
static void *asked_ctx;

void
store_read(struct store *store, const char *sql,
	   const struct store_value *values, size_t count, store_fn *fn,
	   void *ctx)
{
	(void)store;
	(void)sql;
	(void)values;
	(void)count;
	asked_fn = fn;
	asked_ctx = ctx;
}

/* Only the status command asks. */
bool
store_is_up(const struct store *store)
{
	return store != NULL;
}

bool
store_is_lasting(const struct store *store)
{
	return store != NULL;
}

const char *
store_dialect(const struct store *store)
{
	return store != NULL ? "sqlite" : NULL;
}

void
hook_add_missing(const struct hook *hook, struct str *out)
{
	(void)hook;
	(void)out;
}

static struct str said;		/* by calls */
static bool full;
static unsigned freed;

static void
on_row(void *ctx, const char *const *cells)
{
	(void)ctx;
	str_addf(&said, "row %s ", cells[0]);
}

static void
on_say(void *ctx, const char *text)
{
	(void)ctx;
	str_addf(&said, "say %s ", text);
}

static void
on_progress(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx;
	str_addf(&said, "%" PRIu64 "/%" PRIu64 " ", done, total);
}

static bool
is_full(void *ctx)
{
	(void)ctx;
	return full;
}

static void
on_end(void *ctx, const struct error *err)
{
	assert_string_equal(ctx, "output");
	str_addf(&said, "end %s", err != NULL ? err->text : "");
}

static const struct call_output output = {
	.row = on_row, .say = on_say, .progress = on_progress,
	.is_full = is_full, .end = on_end,
};

/* Commands. */

static int
on_echo(struct call *call, void *ctx, struct error *err)
{
	const char *const *list = call_list(call, "list");

	assert_string_equal(ctx, "component");
	for (; *list != NULL; list++)
		call_row(call, list);
	call_say(call, "%s %u %d %s", call_text(call, "text"),
		 call_uint(call, "number"), call_bool(call, "flag"),
		 call_jid(call, "who") ? call_jid(call, "who")->bare : "-");
	return call_bool(call, "flag") ?
	       error_set(err, ERROR_CONFLICT, "it fails") : 0;
}

static void
on_freed(struct call *call)
{
	assert_string_equal(call->state, "mine");
	freed++;
}

static void
step(struct call *call)
{
	call_progress(call, 1, 2);
	call_end(call, NULL);
}

static int
on_steps(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	call->state = arena_strdup(call->arena, "mine");
	call->fini = on_freed;
	call_then(call, step);
	return CALL_PARKED;
}

static void
after_read(struct call *call, const struct store_result *result)
{
	assert_non_null(result);
	call_say(call, "read");
	call_end(call, NULL);
}

static int
on_ask(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	call->state = arena_strdup(call->arena, "mine");
	call->fini = on_freed;
	call_read(call, "SELECT 1", NULL, 0, after_read);
	return CALL_PARKED;
}

static void
give_up(struct call *call)
{
	assert_true(call_is_cancelled(call));
	call_then(call, step);
}

/* For something that never comes. */
static int
on_wait(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	call->state = arena_strdup(call->arena, "mine");
	call->fini = on_freed;
	call->cancel = give_up;
	return CALL_PARKED;
}

static bool
allows_romeo(void *ctx, const struct jid *who)
{
	assert_string_equal(ctx, "component");
	return strcmp(who->bare, "romeo@verona.example") == 0;
}

static const struct command_field fields[] = {
	COMMAND_FIELD("text", TEXT, "A text", .required = true),
	COMMAND_FIELD("secret", SECRET, "A secret"),
	COMMAND_FIELD("number", UINT, "A number"),
	COMMAND_FIELD("flag", BOOL, "A flag"),
	COMMAND_FIELD("who", JID, "Somebody"),
	COMMAND_FIELD("list", LIST, "Texts", .quiet = true),
	{ .name = NULL }
};

static const struct command_column columns[] = {
	{ "text", COMMAND_TEXT, "Text" },
	{ .name = NULL }
};

static const struct command commands[] = {
	{ .name = "echo", .title = "Echo", .help = "Echoes.",
	  .fields = fields, .columns = columns, .run = on_echo },
	{ .name = "steps", .title = "Steps", .help = "Steps.",
	  .allows = allows_romeo, .run = on_steps },
	{ .name = "ask", .title = "Ask", .help = "Asks.", .run = on_ask },
	{ .name = "wait", .title = "Wait", .help = "Waits.", .run = on_wait },
	{ .name = NULL }
};

static const struct component component = {
	.name = "test", .commands = commands,
};
static const char *const admins[] = { "escalus@verona.example", NULL };

static char component_ctx[] = "component";
static char output_ctx[] = "output";
static uv_loop_t loop;
static struct runtime runtime;
static struct calls *calls;

static int
setup(void **state)
{
	(void)state;
	str_clear(&said);
	full = false;
	freed = 0;
	log_configure("test", LOG_LEVEL_ERROR, false);
	assert_int_equal(uv_loop_init(&loop), 0);
	runtime = (struct runtime){ .loop = &loop, .admins = admins };
	calls = calls_new(&runtime, &component);
	calls_open(calls, component_ctx);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	calls_free(&calls);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	return 0;
}

/* Makes a call of that command with a text for each var. */
static struct call *
make(const char *name, const struct form *form, struct error *err)
{
	static const struct form none = { .type = "submit" };
	const struct call_plan plan = {
		.command = calls_find(calls, name),
		.form = form != NULL ? form : &none, .who = "a test",
		.output = &output, .ctx = output_ctx,
	};
	struct call *call;

	assert_non_null(plan.command);
	*err = (struct error){ 0 };
	return call_new(calls, &plan, &call, err) == 0 ? call : NULL;
}

static void
a_handler_gets_what_was_given(void **state)
{
	static const char *const text[] = { "hi" }, *const number[] = { "5" };
	static const char *const who[] = { "A@b/c" };
	static const char *const list[] = { "x", "y" };
	const struct form_field given[] = {
		{ "text", NULL, text, 1 }, { "number", NULL, number, 1 },
		{ "who", NULL, who, 1 }, { "list", NULL, list, 2 },
	};
	const struct form form = { "submit", NULL, given, 4 };
	struct error err;
	struct call *call = make("echo", &form, &err);

	(void)state;
	assert_non_null(call);
	call_run(call);
	assert_string_equal(said.data, "row x row y say hi 5 0 a@b end ");
}

static void
a_failure_ends_it(void **state)
{
	static const char *const text[] = { "hi" }, *const yes[] = { "1" };
	const struct form_field given[] = {
		{ "text", NULL, text, 1 }, { "flag", NULL, yes, 1 },
	};
	const struct form form = { "submit", NULL, given, 2 };
	struct error err;

	(void)state;
	call_run(make("echo", &form, &err));
	assert_string_equal(said.data, "say hi 0 1 - end it fails");
}

static void
bad_fields_start_nothing(void **state)
{
	struct error err;

	(void)state;
	assert_null(make("echo", NULL, &err));
	assert_int_equal(err.cond, ERROR_BAD_REQUEST);
	assert_int_equal(said.len, 0);
}

static void
work_goes_on_in_later_turns(void **state)
{
	struct error err;

	(void)state;
	call_run(make("steps", NULL, &err));
	assert_int_equal(said.len, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_string_equal(said.data, "1/2 end ");
	assert_int_equal(freed, 1);
}

static void
work_waits_while_the_output_is_full(void **state)
{
	struct error err;
	struct call *call = make("steps", NULL, &err);

	(void)state;
	full = true;
	call_run(call);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(said.len, 0);
	full = false;
	call_resume(call);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_string_equal(said.data, "1/2 end ");
}

static void
a_cancelled_call_ends_without_a_word(void **state)
{
	struct error err;
	struct call *call = make("steps", NULL, &err);

	(void)state;
	full = true;
	call_run(call);
	call_cancel(call);
	assert_true(call_is_cancelled(call));
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(said.len, 0);
	assert_int_equal(freed, 1);
}

static void
what_the_store_answers_is_handled(void **state)
{
	static const char result;
	struct error err, away = { 0 };

	(void)state;
	call_run(make("ask", NULL, &err));
	asked_fn(asked_ctx, (const void *)&result, NULL);
	assert_string_equal(said.data, "say read end ");

	str_clear(&said);
	error_set(&away, ERROR_RESOURCE_CONSTRAINT, "away");
	call_run(make("ask", NULL, &err));
	asked_fn(asked_ctx, NULL, &away);
	assert_string_equal(said.data, "end away");
	assert_int_equal(freed, 2);
}

static void
an_answer_to_a_cancelled_call_is_not(void **state)
{
	static const char result;
	struct error err;
	struct call *call = make("ask", NULL, &err);

	(void)state;
	call_run(call);
	call_cancel(call);
	asked_fn(asked_ctx, (const void *)&result, NULL);
	assert_int_equal(said.len, 0);
	assert_int_equal(freed, 1);
}

static void
a_cancelled_call_gives_up_what_it_waits_for(void **state)
{
	struct error err;
	struct call *call = make("wait", NULL, &err);

	(void)state;
	call_run(call);
	uv_run(&loop, UV_RUN_NOWAIT);
	call_cancel(call);
	assert_int_equal(freed, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(freed, 1);
	assert_int_equal(said.len, 0);

	call_run(make("wait", NULL, &err));
	calls_stop(calls);
	assert_string_equal(said.data, "end the component is stopping");
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(freed, 2);
}

static void
stopping_ends_all(void **state)
{
	static const char result;
	struct error err;

	(void)state;
	call_run(make("ask", NULL, &err));
	calls_stop(calls);
	assert_string_equal(said.data, "end the component is stopping");
	asked_fn(asked_ctx, (const void *)&result, NULL);
	assert_int_equal(freed, 1);
	assert_string_equal(said.data, "end the component is stopping");
}

static void
nothing_begins_before_and_after(void **state)
{
	static const struct form none = { .type = "submit" };
	const struct call_plan plan = {
		.command = calls_find(calls, "ask"), .form = &none,
		.who = "a test", .output = &output, .ctx = output_ctx,
	};
	struct error err = { 0 };
	struct call *call;

	(void)state;
	calls_stop(calls);
	assert_int_equal(call_new(calls, &plan, &call, &err), -1);
	assert_int_equal(err.cond, ERROR_SERVICE_UNAVAILABLE);
	calls_free(&calls);
	calls = calls_new(&runtime, &component);
	assert_int_equal(call_new(calls, &plan, &call, &err), -1);
	assert_string_equal(err.text, "the component waits for its database");
}

/* Who is asked what is going on must not wait for it. */
static void
the_status_is_told_before(void **state)
{
	struct error err;

	(void)state;
	calls_free(&calls);
	calls = calls_new(&runtime, &component);
	runtime.domain = "test.example";
	call_run(make("status", NULL, &err));
	assert_non_null(strstr(said.data, "row store"));
}

static void
secrets_are_not_logged(void **state)
{
	static const char *const text[] = { "hi" }, *const secret[] = { "abc" };
	static const char *const list[] = { "k=def", "ghi", "a://b:c@d/e" };
	const struct form_field given[] = {
		{ "text", NULL, text, 1 }, { "secret", NULL, secret, 1 },
		{ "list", NULL, list, 3 },
	};
	const struct form form = { "submit", NULL, given, 3 };
	struct capture log = { 0 };
	struct error err;

	(void)state;
	log_configure("test", LOG_LEVEL_INFO, false);
	capture_begin(&log);
	call_run(make("echo", &form, &err));
	capture_end(&log);
	assert_non_null(strstr(log.err, "command: echo text=hi secret=*** "
			       "list=k=*** list=ghi list=a://*** by a "
			       "test"));
}

static void
usual_commands_come_first(void **state)
{
	(void)state;
	assert_string_equal(calls_command(calls, 0)->name, "status");
	assert_string_equal(calls_command(calls, 1)->name, "echo");
	assert_string_equal(calls_command(calls, 3)->name, "ask");
	assert_string_equal(calls_command(calls, 4)->name, "wait");
	assert_null(calls_command(calls, 5));
	assert_ptr_equal(calls_find(calls, "steps"), &commands[1]);
	assert_null(calls_find(calls, "nothing"));
	assert_ptr_equal(calls_component(calls), &component);
}

static void
admins_may_unless_a_command_says_who(void **state)
{
	static const struct {
		const char *who;
		bool echo, steps;
	} cases[] = {
		{ "escalus@verona.example/x", true, false },
		{ "romeo@verona.example/x", false, true },
		{ "verona.example", false, false },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct jid *jid;
		struct error err;

		assert_int_equal(jid_parsez(arena, cases[i].who, &jid, &err),
				 0);
		assert_int_equal(calls_allows(calls, &commands[0], jid),
				 cases[i].echo);
		assert_int_equal(calls_allows(calls, &commands[1], jid),
				 cases[i].steps);
	}
	arena_free(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_handler_gets_what_was_given),
		TEST(a_failure_ends_it),
		TEST(bad_fields_start_nothing),
		TEST(work_goes_on_in_later_turns),
		TEST(work_waits_while_the_output_is_full),
		TEST(a_cancelled_call_ends_without_a_word),
		TEST(what_the_store_answers_is_handled),
		TEST(an_answer_to_a_cancelled_call_is_not),
		TEST(a_cancelled_call_gives_up_what_it_waits_for),
		TEST(stopping_ends_all),
		TEST(nothing_begins_before_and_after),
		TEST(the_status_is_told_before),
		TEST(secrets_are_not_logged),
		TEST(usual_commands_come_first),
		TEST(admins_may_unless_a_command_says_who),
	};

	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	str_fini(&said);
	return failed;
}
