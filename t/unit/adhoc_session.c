#include "shared/adhoc_session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/call.h"
#include "shared/calls.h"
#include "shared/component.h"
#include "shared/form.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/str.h"

#define MAX_BYTES 500

/* In place of shared/hook.c, which would bring the dispatch along. */
void
hook_add_missing(const struct hook *hook, struct str *out)
{
	(void)hook;
	(void)out;
}

/* In place of libuv's: time passes when the test says so. */
static uint64_t now;
static uv_timer_cb tick;
static uv_timer_t *timer;

uint64_t
uv_now(const uv_loop_t *loop)
{
	(void)loop;
	return now;
}

int
uv_timer_start(uv_timer_t *handle, uv_timer_cb cb, uint64_t timeout,
	       uint64_t repeat)
{
	(void)timeout;
	(void)repeat;
	timer = handle;
	tick = cb;
	return 0;
}

static void
pass(unsigned secs)
{
	now += secs * UINT64_C(1000);
	tick(timer);
}

/* Commands. */

static struct call *parked;

static int
on_park(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	parked = call;
	return CALL_PARKED;
}

static int
on_rows(struct call *call, void *ctx, struct error *err)
{
	static const char *const cells[] = { "a" };

	(void)ctx;
	for (unsigned i = 0; i < call_uint(call, "count"); i++)
		call_row(call, cells);
	call_say(call, "All.");
	return call_uint(call, "count") > 0 ? 0 :
	       error_set(err, ERROR_ITEM_NOT_FOUND, "none");
}

static const struct command_field fields[] = {
	COMMAND_FIELD("count", UINT, "How many", .required = true),
	{ .name = NULL }
};

static const struct command_column columns[] = {
	{ "one", COMMAND_TEXT, "One" }, { .name = NULL }
};

static const struct command commands[] = {
	{ .name = "park", .title = "Park", .help = "Takes long.",
	  .run = on_park },
	{ .name = "rows", .title = "Rows", .help = "Has rows.",
	  .fields = fields, .columns = columns, .run = on_rows },
	{ .name = NULL }
};

static const struct component component = {
	.name = "test", .commands = commands,
};

static uv_loop_t loop;
static struct runtime runtime;
static struct calls *calls;
static struct adhoc_sessions *sessions;
static struct arena *arena;
static struct str told;		/* what requests were answered */

static void
on_answer(struct adhoc_session *session)
{
	assert_non_null(session->req);
	if (session->state == ADHOC_SESSION_RUNNING) {
		str_addf(&told, "running %u/%u;", (unsigned)session->done,
			 (unsigned)session->total);
		adhoc_session_let_go(session);
		return;
	}
	assert_int_equal(session->state, ADHOC_SESSION_DONE);
	str_addf(&told, "%s, %zu%s rows, %s;",
		 session->err.cond == ERROR_NONE ? "done" :
		 error_cond_name(session->err.cond), session->rows,
		 session->cut ? " of the" : "",
		 session->message ? session->message : "silent");
	adhoc_session_free(&session);
}

static int
setup(void **state)
{
	(void)state;
	log_configure("test", LOG_LEVEL_ERROR, false);
	str_clear(&told);
	str_addz(&told, "");
	assert_int_equal(uv_loop_init(&loop), 0);
	runtime = (struct runtime){ .loop = &loop };
	calls = calls_new(&runtime, &component);
	calls_open(calls, NULL);
	sessions = adhoc_sessions_new(&loop, calls, MAX_BYTES, on_answer);
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	adhoc_sessions_free(&sessions);
	calls_free(&calls);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	arena_free(&arena);
	return 0;
}

static struct request *
request_of(const char *from)
{
	struct request *req = arena_alloc(arena, sizeof(*req));
	struct error err;

	req->arena = arena;
	assert_int_equal(jid_parsez(arena, from, &req->from, &err), 0);
	return req;
}

static struct adhoc_session *
begin(const char *from, const char *command)
{
	struct adhoc_session *session;
	struct error err;

	assert_int_equal(adhoc_session_new(sessions,
					   calls_find(calls, command),
					   request_of(from)->from, &session,
					   &err), 0);
	return session;
}

/* count is how many rows are wanted, or NULL. */
static int
run(struct adhoc_session *session, const char *count, struct error *err)
{
	const char *const values[] = { count, NULL };
	const struct form_field field = { .var = "count", .values = values,
					  .count = 1 };
	const struct form form = { .type = "submit", .fields = &field,
				   .count = count != NULL };

	*err = (struct error){ 0 };
	return adhoc_session_run(session, &form, request_of(session->jid),
				 err);
}

static struct adhoc_session *
park(const char *from)
{
	struct adhoc_session *session = begin(from, "park");
	struct error err;

	assert_int_equal(run(session, NULL, &err), 0);
	return session;
}

static void
what_a_command_says_is_kept_for_the_answer(void **state)
{
	static const struct {
		const char *count, *told;
	} cases[] = {
		{ "2", "done, 2 rows, All.;" },
		{ "0", "item-not-found, 0 rows, All.;" },
		{ "100", "done, 5 of the rows, All.;" },
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		str_clear(&told);
		assert_int_equal(run(begin("a@b/c", "rows"), cases[i].count,
				     &err), 0);
		assert_string_equal(told.data, cases[i].told);
	}
}

static void
a_session_that_is_not_run_stays(void **state)
{
	struct adhoc_session *session = begin("a@b/c", "rows");
	struct error err;

	(void)state;
	assert_int_equal(run(session, "x", &err), -1);
	assert_int_equal(err.cond, ERROR_BAD_REQUEST);
	assert_string_equal(told.data, "");
	assert_int_equal(session->state, ADHOC_SESSION_ASKING);
	assert_null(session->req);
	assert_ptr_equal(adhoc_session_find(sessions, session->id), session);
	assert_int_equal(run(session, "1", &err), 0);
	assert_string_equal(told.data, "done, 1 rows, All.;");
}

static void
a_session_is_found_by_its_id(void **state)
{
	struct adhoc_session *session = begin("a@b/c", "park");
	struct adhoc_session *other = begin("a@b/c", "park");
	char id[QUERY_ID_SIZE];

	(void)state;
	memcpy(id, session->id, sizeof(id));
	assert_string_not_equal(id, other->id);
	assert_ptr_equal(adhoc_session_find(sessions, id), session);
	assert_string_equal(session->jid, "a@b/c");
	adhoc_session_free(&session);
	assert_null(session);
	assert_null(adhoc_session_find(sessions, id));
}

static void
requests_wait_only_so_long(void **state)
{
	struct adhoc_session *session = park("a@b/c");

	(void)state;
	call_progress(parked, 3, 7);
	pass(ADHOC_WAIT_SECS - 1);
	assert_string_equal(told.data, "");
	pass(1);
	assert_string_equal(told.data, "running 3/7;");
	assert_null(session->req);
	adhoc_session_wait(session, request_of("a@b/c"));
	call_end(parked, NULL);
	assert_string_equal(told.data, "running 3/7;done, 0 rows, silent;");
}

static void
what_has_ended_waits_for_who_asks(void **state)
{
	struct adhoc_session *session = park("a@b/c");

	(void)state;
	pass(ADHOC_WAIT_SECS);
	str_clear(&told);
	call_say(parked, "At last.");
	call_end(parked, NULL);
	assert_int_equal(session->state, ADHOC_SESSION_DONE);
	adhoc_session_wait(session, request_of("a@b/c"));
	assert_string_equal(told.data, "done, 0 rows, At last.;");
}

static void
sessions_end_when_nothing_happens(void **state)
{
	char form[QUERY_ID_SIZE], running[QUERY_ID_SIZE];

	(void)state;
	memcpy(form, begin("a@b/c", "rows")->id, sizeof(form));
	memcpy(running, park("a@b/c")->id, sizeof(running));
	pass(ADHOC_WAIT_SECS);
	pass(ADHOC_IDLE_SECS - ADHOC_WAIT_SECS - 1);
	assert_non_null(adhoc_session_find(sessions, form));
	pass(1);
	assert_null(adhoc_session_find(sessions, form));
	/* It was asked after later. */
	assert_non_null(adhoc_session_find(sessions, running));
	pass(ADHOC_WAIT_SECS);
	assert_null(adhoc_session_find(sessions, running));
	assert_true(call_is_cancelled(parked));
	call_end(parked, NULL);
}

static void
a_person_has_so_many_sessions(void **state)
{
	struct call *running[ADHOC_PERSON_MAX];
	struct adhoc_session *session;
	char first[QUERY_ID_SIZE];
	struct error err;

	(void)state;
	memcpy(first, begin("a@b/c", "rows")->id, sizeof(first));
	for (unsigned i = 1; i < ADHOC_PERSON_MAX; i++)
		begin("a@b/d", "rows");
	assert_non_null(adhoc_session_find(sessions, first));
	begin("a@b/e", "rows");
	assert_null(adhoc_session_find(sessions, first));
	/* Forms make place, but what is running does not. */
	for (unsigned i = 0; i < ADHOC_PERSON_MAX; i++) {
		park("a@b/c");
		running[i] = parked;
	}
	assert_int_equal(adhoc_session_new(sessions, commands,
					   request_of("a@b/f")->from, &session,
					   &err), -1);
	assert_int_equal(err.cond, ERROR_RESOURCE_CONSTRAINT);
	assert_int_equal(err.type, ERROR_TYPE_WAIT);
	begin("other@b/c", "rows");
	for (unsigned i = 0; i < ADHOC_PERSON_MAX; i++)
		call_end(running[i], NULL);
}

static void
all_have_so_many_sessions(void **state)
{
	struct adhoc_session *session;
	struct error err;
	char from[64];

	(void)state;
	for (unsigned i = 0; i < ADHOC_MAX; i++) {
		snprintf(from, sizeof(from), "u%u@b/c", i);
		begin(from, "rows");
	}
	assert_int_equal(adhoc_session_new(sessions, commands,
					   request_of("a@b/c")->from, &session,
					   &err), -1);
	assert_int_equal(err.cond, ERROR_RESOURCE_CONSTRAINT);
}

static void
freeing_all_cancels_what_is_running(void **state)
{
	(void)state;
	park("a@b/c");
	adhoc_sessions_free(&sessions);
	assert_true(call_is_cancelled(parked));
	call_end(parked, NULL);
	assert_string_equal(told.data, "");
	sessions = adhoc_sessions_new(&loop, calls, MAX_BYTES, on_answer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_command_says_is_kept_for_the_answer),
		TEST(a_session_that_is_not_run_stays),
		TEST(a_session_is_found_by_its_id),
		TEST(requests_wait_only_so_long),
		TEST(what_has_ended_waits_for_who_asks),
		TEST(sessions_end_when_nothing_happens),
		TEST(a_person_has_so_many_sessions),
		TEST(all_have_so_many_sessions),
		TEST(freeing_all_cancels_what_is_running),
	};
	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	str_fini(&told);
	return failed;
}
