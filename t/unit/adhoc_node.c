#include "shared/adhoc_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/calls.h"
#include "shared/command.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

#define ADMIN "escalus@verona.example/x"
#define OTHER "romeo@verona.example/x"

/* In place of shared/dispatch.c: the answer, as text. */
static struct str answered;

void
request_reply(struct request *req, struct xml *payload)
{
	(void)req;
	xml_print(&answered, payload, NS_CLIENT);
}

/* In place of shared/hook.c, which would bring the dispatch along. */
void
hook_add_missing(const struct hook *hook, struct str *out)
{
	(void)hook;
	(void)out;
}

static bool
allows_all(void *ctx, const struct jid *who)
{
	(void)ctx;
	(void)who;
	return true;
}

static const struct command commands[] = {
	{ .name = "greet", .title = "Greet", .help = "Says hello." },
	{ .name = "read", .title = "Read", .help = "Reads a file.",
	  .local = true },
	{ .name = "peek", .title = "Peek", .help = "Is for all, but local.",
	  .allows = allows_all, .local = true },
	{ .name = "find", .title = "Find", .help = "Is for all.",
	  .allows = allows_all },
	{ .name = NULL }
};

static const struct component component = {
	.name = "test", .commands = commands,
};
static const char *const admins[] = { "escalus@verona.example", NULL };

static uv_loop_t loop;
static struct runtime runtime;
static struct calls *calls;
static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	runtime = (struct runtime){
		.loop = &loop, .admins = admins, .domain = "test.example",
	};
	calls = calls_new(&runtime, &component);
	calls_open(calls, NULL);
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	calls_free(&calls);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	arena_free(&arena);
	return 0;
}

static const struct jid *
jid(const char *text)
{
	const struct jid *jid;
	struct error err;

	assert_int_equal(jid_parsez(arena, text, &jid, &err), 0);
	return jid;
}

/* node may be NULL. */
static int
ask(const char *from, bool items, const char *node, struct error *err)
{
	struct request req = {
		.runtime = &runtime, .arena = arena, .from = jid(from),
		.payload = xml_new(arena, items ? NS_DISCO_ITEMS :
				   NS_DISCO_INFO, "query"),
	};

	str_clear(&answered);
	str_addz(&answered, "");
	*err = (struct error){ 0 };
	if (node != NULL)
		xml_set(arena, req.payload, "node", node);
	return adhoc_node_on_disco(&req, calls, items, err);
}

static void
commands_are_listed_for_whom_they_are(void **state)
{
	static const struct {
		const char *from, *items;
	} cases[] = {
		{ ADMIN, "<item jid='test.example' "
		  "name='Show how the component is' node='status'/>"
		  "<item jid='test.example' name='Greet' node='greet'/>"
		  "<item jid='test.example' name='Find' node='find'/>" },
		{ OTHER,
		  "<item jid='test.example' name='Find' node='find'/>" },
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ask(cases[i].from, true, NS_COMMANDS, &err),
				 0);
		assert_string_equal(answered.data, arena_printf(arena,
			"<query xmlns='" NS_DISCO_ITEMS "' node='" NS_COMMANDS
			"'>%s</query>", cases[i].items));
	}
}

static void
nodes_say_what_they_are(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(ask(ADMIN, false, NS_COMMANDS, &err), 0);
	assert_string_equal(answered.data,
		"<query xmlns='" NS_DISCO_INFO "' node='" NS_COMMANDS "'>"
		"<identity category='automation' type='command-list' "
		"name='Commands'/><feature var='" NS_COMMANDS "'/>"
		"<feature var='" NS_DISCO_INFO "'/>"
		"<feature var='" NS_DISCO_ITEMS "'/></query>");
	assert_int_equal(ask(ADMIN, false, "greet", &err), 0);
	assert_string_equal(answered.data,
		"<query xmlns='" NS_DISCO_INFO "' node='greet'>"
		"<identity category='automation' type='command-node' "
		"name='Greet'/><feature var='" NS_COMMANDS "'/>"
		"<feature var='jabber:x:data'/></query>");
	assert_int_equal(ask(ADMIN, true, "greet", &err), 0);
	assert_string_equal(answered.data, "<query xmlns='" NS_DISCO_ITEMS
			    "' node='greet'/>");
}

static void
nodes_of_others_are_refused_or_declined(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(ask(OTHER, false, "greet", &err), -1);
	assert_int_equal(err.cond, ERROR_FORBIDDEN);
	assert_string_equal(error_type_name(&err), "cancel");
	assert_int_equal(ask(ADMIN, false, "other", &err), HANDLER_DECLINE);
	assert_int_equal(ask(ADMIN, false, "read", &err), HANDLER_DECLINE);
	assert_int_equal(ask(ADMIN, true, "read", &err), HANDLER_DECLINE);
	assert_int_equal(ask(OTHER, false, "peek", &err), HANDLER_DECLINE);
	assert_int_equal(ask(ADMIN, false, NULL, &err), HANDLER_DECLINE);
	assert_string_equal(answered.data, "");
}

static void
commands_are_found_by_whom_they_are_for(void **state)
{
	static const struct {
		const char *who, *node;
		enum error_cond cond;
	} cases[] = {
		{ ADMIN, "greet", ERROR_NONE },
		{ OTHER, "greet", ERROR_FORBIDDEN },
		{ OTHER, "find", ERROR_NONE },
		{ OTHER, "status", ERROR_FORBIDDEN },
		{ ADMIN, "other", ERROR_ITEM_NOT_FOUND },
		{ OTHER, "other", ERROR_ITEM_NOT_FOUND },
		{ ADMIN, "read", ERROR_ITEM_NOT_FOUND },
		{ OTHER, "peek", ERROR_ITEM_NOT_FOUND },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct command *command;
		struct error err = { 0 };
		int ret = adhoc_node_find(calls, cases[i].node,
					  jid(cases[i].who), &command, &err);

		assert_int_equal(err.cond, cases[i].cond);
		assert_int_equal(ret, cases[i].cond == ERROR_NONE ? 0 : -1);
		if (ret == 0)
			assert_string_equal(command->name, cases[i].node);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(commands_are_listed_for_whom_they_are),
		TEST(nodes_say_what_they_are),
		TEST(nodes_of_others_are_refused_or_declined),
		TEST(commands_are_found_by_whom_they_are_for),
	};
	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	str_fini(&answered);
	return failed;
}
