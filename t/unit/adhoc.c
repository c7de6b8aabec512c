#include "shared/adhoc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "shared/adhoc_session.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/calls.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ADMIN "escalus@verona.example/x"
#define COMMAND(attrs, content) \
	"<command xmlns='" NS_COMMANDS "' " attrs ">" content "</command>"
#define FORM(fields) "<x xmlns='" NS_DATA "' type='submit'>" fields "</x>"
#define FIELD(var, value) \
	"<field var='" var "'><value>" value "</value></field>"
#define DISCO(what, node) \
	"<query xmlns='http://jabber.org/protocol/disco#" what "' node='" \
	node "'/>"

/* In place of shared/dispatch.c: the answers, as text, and how many requests
   were let go. */
static struct str answered;
static unsigned finished;

void
request_reply(struct request *req, struct xml *payload)
{
	(void)req;
	xml_print(&answered, payload, NS_CLIENT);
	str_addc(&answered, '\n');
}

void
request_finish(struct request *req, const struct error *err)
{
	(void)req;
	assert_null(err);
	finished++;
}

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
	if (tick != NULL)
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
on_greet(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	if (strcmp(call_text(call, "name"), "nobody") == 0)
		return error_set(err, ERROR_ITEM_NOT_FOUND, "who is that?");
	call_say(call, "Hello, %s, from %s.", call_text(call, "name"),
		 call->by->bare);
	return 0;
}

static int
on_rows(struct call *call, void *ctx, struct error *err)
{
	const char *cells[] = { "a & b", NULL };

	(void)ctx;
	(void)err;
	for (unsigned i = 0; i < 100; i++)
		call_row(call, cells);
	return 0;
}

static int
on_record(struct call *call, void *ctx, struct error *err)
{
	const char *const cells[] = { "x", NULL, "1\n2" };

	(void)ctx;
	(void)err;
	call_row(call, cells);
	return 0;
}

static const struct command_field fields[] = {
	COMMAND_FIELD("name", TEXT, "Whom", .required = true),
	COMMAND_FIELD("times", UINT, "How often", .def = "1"),
	{ .name = NULL }
};

static const struct command_column columns[] = {
	{ "one", COMMAND_TEXT, "One" }, { "two", COMMAND_BOOL, "Two" },
	{ .name = NULL }
};

static const struct command_column record[] = {
	{ "one", COMMAND_TEXT, "One" }, { "two", COMMAND_BOOL, "Two" },
	{ "three", COMMAND_LIST, "Three" }, { .name = NULL }
};

static bool
allows_all(void *ctx, const struct jid *who)
{
	(void)ctx;
	(void)who;
	return true;
}

static const struct command commands[] = {
	{ .name = "greet", .title = "Greet", .help = "Says hello.",
	  .fields = fields, .run = on_greet },
	{ .name = "rows", .title = "Rows", .help = "Has rows.",
	  .columns = columns, .run = on_rows },
	{ .name = "record", .title = "Record", .help = "Has values.",
	  .columns = record, .record = true, .allows = allows_all,
	  .run = on_record },
	{ .name = "park", .title = "Park", .help = "Takes long.",
	  .run = on_park },
	{ .name = NULL }
};

static const struct component component = {
	.name = "test", .commands = commands,
};
static const char *const admins[] = { "escalus@verona.example", NULL };

static uv_loop_t loop;
static struct runtime runtime;
static struct calls *calls;
static struct adhoc *adhoc;
static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	log_configure("test", LOG_LEVEL_ERROR, false);
	finished = 0;
	tick = NULL;
	assert_int_equal(uv_loop_init(&loop), 0);
	runtime = (struct runtime){
		.loop = &loop, .admins = admins, .domain = "test.example",
	};
	calls = calls_new(&runtime, &component);
	calls_open(calls, NULL);
	adhoc = adhoc_new(&loop, calls, 2000);
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	adhoc_free(&adhoc);
	calls_free(&calls);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	arena_free(&arena);
	return 0;
}

static int
take(const char *from, const char *type, const char *payload,
     struct error *err)
{
	struct request *req = arena_alloc(arena, sizeof(*req));

	str_clear(&answered);
	str_addz(&answered, "");
	*err = (struct error){ 0 };
	req->runtime = &runtime;
	req->arena = arena;
	req->stanza.type = type;
	assert_int_equal(jid_parsez(arena, from, &req->from, err), 0);
	assert_int_equal(parser_document(arena, payload, strlen(payload),
					 &parser_limits_default,
					 &req->payload, err), 0);
	return adhoc_on_iq(req, adhoc, err);
}

/* The answer, in which the session's id reads ID. */
static const char *
answer(void)
{
	char *text = arena_strdup(arena, answered.len ? answered.data : "");
	char *at = text;

	while ((at = strstr(at, "sessionid='")) != NULL) {
		at += strlen("sessionid='");
		memcpy(at, "ID", 2);
		memmove(at + 2, at + 24, strlen(at + 24) + 1);
	}
	return text;
}

static const char *
session_id(void)
{
	const char *at = strstr(answered.data, "sessionid='");

	assert_non_null(at);
	return arena_dup(arena, at + strlen("sessionid='"), 24);
}

static const char *
set(const char *payload)
{
	struct error err;

	assert_int_not_equal(take(ADMIN, "set", payload, &err), -1);
	return answer();
}

static void
refused(const char *from, const char *type, const char *payload,
	const char *wanted)
{
	struct error err;

	assert_int_equal(take(from, type, payload, &err), -1);
	assert_string_equal(arena_printf(arena, "%s %s %s",
					 error_type_name(&err),
					 error_cond_name(err.cond),
					 err.detail ? err.detail : "-"),
			    wanted);
}

/* A later stage of a session. */
static const char *
stage(const char *node, const char *id, const char *action,
      const char *content)
{
	return arena_printf(arena, "<command xmlns='" NS_COMMANDS "' node='%s'"
			    " sessionid='%s'%s%s%s>%s</command>", node, id,
			    action ? " action='" : "", action ? action : "",
			    action ? "'" : "", content);
}

/* But for those commands, and for what adhoc_node.h finds. */
static void
other_requests_are_declined(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(take(ADMIN, "set", "<query xmlns='urn:x'/>", &err),
			 HANDLER_DECLINE);
	assert_int_equal(take(ADMIN, "get", "<command xmlns='" NS_COMMANDS
			      "' node='greet'/>", &err), HANDLER_DECLINE);
	assert_int_equal(take(ADMIN, "get", DISCO("info", "other"), &err),
			 HANDLER_DECLINE);
	assert_int_equal(take(ADMIN, "get", DISCO("info", "greet"), &err), 0);
	assert_non_null(strstr(answer(), NS_DISCO_INFO));
	assert_int_equal(take(ADMIN, "get", DISCO("items", "greet"), &err), 0);
	assert_non_null(strstr(answer(), NS_DISCO_ITEMS));
}

static void
a_form_is_asked_for_and_then_run(void **state)
{
	const char *id;

	(void)state;
	assert_string_equal(set(COMMAND("node='greet'", "")),
		"<command xmlns='" NS_COMMANDS "' node='greet' sessionid='ID' "
		"status='executing' xml:lang='en'>"
		"<actions execute='complete'><complete/></actions>"
		"<x xmlns='jabber:x:data' type='form'><title>Greet</title>"
		"<instructions>Says hello.</instructions>"
		"<field type='text-single' var='name' label='Whom'>"
		"<required/></field>"
		"<field type='text-single' var='times' label='How often'>"
		"<value>1</value></field></x></command>\n");
	id = session_id();
	assert_string_equal(set(stage("greet", id, "complete",
				      FORM(FIELD("name", "you")))),
		"<command xmlns='" NS_COMMANDS "' node='greet' sessionid='ID' "
		"status='completed' xml:lang='en'><note type='info'>Hello, "
		"you, from escalus@verona.example.</note></command>\n");
	assert_int_equal(finished, 1);
	refused(ADMIN, "set", stage("greet", id, NULL, ""),
		"cancel not-allowed session-expired");
}

static void
a_form_may_come_at_once(void **state)
{
	(void)state;
	assert_non_null(strstr(set(COMMAND("node='greet' action='execute'",
					   FORM(FIELD("name", "you")))),
			       "status='completed'"));
}

static void
a_bad_form_may_be_corrected(void **state)
{
	const char *id;

	(void)state;
	set(COMMAND("node='greet'", ""));
	id = session_id();
	refused(ADMIN, "set", stage("greet", id, NULL, ""),
		"modify bad-request bad-payload");
	refused(ADMIN, "set", stage("greet", id, NULL,
				    FORM(FIELD("name", "a")
					 FIELD("times", "x"))),
		"modify bad-request bad-payload");
	refused(ADMIN, "set", stage("greet", id, NULL,
				    FORM("<field><value/></field>")),
		"modify bad-request bad-payload");
	assert_non_null(strstr(set(stage("greet", id, NULL,
					 FORM(FIELD("name", "a")))),
			       "Hello, a"));
}

static void
a_failure_is_a_note_of_type_error(void **state)
{
	(void)state;
	assert_non_null(strstr(set(COMMAND("node='greet'",
					   FORM(FIELD("name", "nobody")))),
			       "status='completed' xml:lang='en'>"
			       "<note type='error'>who is that?</note>"));
}

static void
rows_are_cut_where_a_stanza_ends(void **state)
{
	const char *text = set(COMMAND("node='rows'", ""));

	(void)state;
	assert_non_null(strstr(text, "<note type='warn'>There are more: these "
			       "are the first 13.</note>"));
	assert_non_null(strstr(text, "<reported><field type='text-single' "
			       "var='one' label='One'/><field type='boolean' "
			       "var='two' label='Two'/></reported><item>"
			       "<field var='one'><value>a &amp; b</value>"
			       "</field><field var='two'><value/></field>"));
}

static void
a_record_is_a_form_of_values(void **state)
{
	(void)state;
	assert_string_equal(set(COMMAND("node='record'", "")),
		"<command xmlns='" NS_COMMANDS "' node='record' "
		"sessionid='ID' status='completed' xml:lang='en'>"
		"<x xmlns='jabber:x:data' type='result'><title>Record</title>"
		"<field type='text-single' var='one' label='One'>"
		"<value>x</value></field>"
		"<field type='text-multi' var='three' label='Three'>"
		"<value>1</value><value>2</value></field></x></command>\n");
}

static void
wrong_requests_are_refused(void **state)
{
	static const struct {
		const char *payload, *wanted;
	} cases[] = {
		{ COMMAND("", ""), "modify bad-request -" },
		{ COMMAND("node='other'", ""), "cancel item-not-found -" },
		{ COMMAND("node='greet' action='jump'", ""),
		  "modify bad-request malformed-action" },
		{ COMMAND("node='greet' action='cancel'", ""),
		  "modify bad-request bad-action" },
		{ COMMAND("node='greet' action='next'", ""),
		  "modify bad-request bad-action" },
		{ COMMAND("node='greet' sessionid=''", ""),
		  "modify bad-request bad-sessionid" },
		{ COMMAND("node='greet' sessionid='mine'", ""),
		  "modify bad-request bad-sessionid" },
		{ COMMAND("node='greet' sessionid='0123456789abcdef01234567'",
			  ""), "cancel not-allowed session-expired" },
		{ COMMAND("node='greet'", FORM(FIELD("name", "a")
					       FIELD("name", "b"))),
		  "modify bad-request bad-payload" },
	};
	const char *id;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		refused(ADMIN, "set", cases[i].payload, cases[i].wanted);
	refused("romeo@verona.example/x", "set", COMMAND("node='greet'", ""),
		"cancel forbidden -");
	set(COMMAND("node='greet'", ""));
	id = session_id();
	refused(ADMIN, "set", stage("greet", id, "prev", ""),
		"modify bad-request bad-action");
	refused(ADMIN, "set", stage("greet", id, "next", ""),
		"modify bad-request bad-action");
	refused("escalus@verona.example/y", "set",
		stage("greet", id, "complete", ""),
		"modify bad-request bad-sessionid");
	refused(ADMIN, "set", stage("rows", id, "complete", ""),
		"modify bad-request bad-sessionid");
}

static void
a_session_can_be_cancelled(void **state)
{
	const char *id;

	(void)state;
	set(COMMAND("node='greet'", ""));
	id = session_id();
	assert_string_equal(set(stage("greet", id, "cancel", "")),
		"<command xmlns='" NS_COMMANDS "' node='greet' sessionid='ID' "
		"status='canceled' xml:lang='en'/>\n");
	refused(ADMIN, "set", stage("greet", id, "cancel", ""),
		"cancel not-allowed session-expired");
}

static void
long_work_is_asked_after(void **state)
{
	const char *id;

	(void)state;
	assert_string_equal(set(COMMAND("node='park'", "")), "");
	call_progress(parked, 3, 7);
	pass(ADHOC_WAIT_SECS);
	assert_string_equal(answer(),
		"<command xmlns='" NS_COMMANDS "' node='park' sessionid='ID' "
		"status='executing' xml:lang='en'><actions execute='next'>"
		"<next/></actions><note type='info'>Not yet done: 3 of 7."
		"</note></command>\n");
	assert_int_equal(finished, 1);
	id = session_id();
	refused(ADMIN, "set", stage("park", id, "complete", ""),
		"modify bad-request bad-action");
	assert_string_equal(set(stage("park", id, "next", "")), "");
	refused(ADMIN, "set", stage("park", id, "next", ""),
		"modify bad-request bad-action");
	call_end(parked, NULL);
	assert_non_null(strstr(answer(), "<note type='info'>Done.</note>"));
	assert_int_equal(finished, 2);
}

static void
an_answer_waits_for_who_asks(void **state)
{
	const char *id;

	(void)state;
	set(COMMAND("node='park'", ""));
	pass(ADHOC_WAIT_SECS);
	id = session_id();
	call_say(parked, "At last.");
	call_end(parked, NULL);
	assert_non_null(strstr(set(stage("park", id, NULL, "")), "At last."));
}

static void
long_work_can_be_cancelled(void **state)
{
	const char *id;

	(void)state;
	set(COMMAND("node='park'", ""));
	pass(ADHOC_WAIT_SECS);
	id = session_id();
	set(stage("park", id, "next", ""));
	/* Both who cancels and who waits are told. */
	assert_string_equal(set(stage("park", id, "cancel", "")),
		"<command xmlns='" NS_COMMANDS "' node='park' sessionid='ID' "
		"status='canceled' xml:lang='en'/>\n"
		"<command xmlns='" NS_COMMANDS "' node='park' sessionid='ID' "
		"status='canceled' xml:lang='en'/>\n");
	assert_true(call_is_cancelled(parked));
	call_end(parked, NULL);
}

static void
stopping_answers_who_waits(void **state)
{
	(void)state;
	set(COMMAND("node='park'", ""));
	calls_stop(calls);
	assert_non_null(strstr(answered.data, "<note type='error'>the "
			       "component is stopping</note>"));
	call_end(parked, NULL);
	refused(ADMIN, "set", COMMAND("node='park'", ""),
		"cancel service-unavailable -");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(other_requests_are_declined),
		TEST(a_form_is_asked_for_and_then_run),
		TEST(a_form_may_come_at_once),
		TEST(a_bad_form_may_be_corrected),
		TEST(a_failure_is_a_note_of_type_error),
		TEST(rows_are_cut_where_a_stanza_ends),
		TEST(a_record_is_a_form_of_values),
		TEST(wrong_requests_are_refused),
		TEST(a_session_can_be_cancelled),
		TEST(long_work_is_asked_after),
		TEST(an_answer_waits_for_who_asks),
		TEST(long_work_can_be_cancelled),
		TEST(stopping_answers_who_waits),
	};
	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	str_fini(&answered);
	return failed;
}
