#include "components/archive/policy/review.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/archivist.h"
#include "components/archive/commands.h"
#include "components/archive/policy/policy.h"
#include "shared/arena.h"
#include "shared/calls.h"
#include "shared/error.h"
#include "t/lib/printout.h"
#include "t/lib/tapbed.h"

#define TURNS 1000		/* of 10 ms */
#define TURN_MS 10

#define CELLS 9		/* of a row of held */
#define LEFT "SELECT count(*) FROM archive_held"

static struct component component;
static struct calls *calls;

/* What the reviewer is told. */
static struct printout told;

static int
set_up(void **state)
{
	struct tapbed *bed;

	if (tapbed_setup(state) != 0)
		return -1;
	bed = *state;
	component.name = "archive";
	component.commands = archive_commands;
	calls = calls_new(&bed->hooks->runtime, &component);
	calls_open(calls, bed->archive);
	hookbed_greet(bed->hooks, "hooks='tap check'");
	database_do(bed->db, "INSERT INTO archive_held VALUES ('x1', "
		    "'example', 0, 'strict', 1, 1, 'r@example/o', "
		    "'j@example', '<message xmlns=\"jabber:client\" "
		    "from=\"r@example/o\" to=\"j@example\"><body>a</body>"
		    "</message>', '')");
	return 0;
}

static int
tear_down(void **state)
{
	int ret;

	calls_stop(calls);
	calls_free(&calls);
	ret = tapbed_teardown(state);
	str_fini(&told.text);
	return ret;
}

/* Begins with what a reviewer does with that one. */
static void
begin_with(struct tapbed *bed, const char *name, const char *field)
{
	const char *const fields[] = { field, NULL };
	const struct call_plan plan = {
		.command = calls_find(calls, name), .who = "the operator",
		.form = printout_form(bed->hooks->arena, fields),
		.output = &printout_output, .ctx = &told,
	};
	struct call *call;
	struct error err;

	assert_int_equal(call_new(calls, &plan, &call, &err), 0);
	str_clear(&told.text);
	told.ended = false;
	call_run(call);
}

static void
begin(struct tapbed *bed, const char *name)
{
	begin_with(bed, name, "id=x1");
}

static void
turn(struct tapbed *bed)
{
	database_run(bed->db, TURN_MS);
	uv_run(&bed->hooks->loop, UV_RUN_NOWAIT);
}

static void
expect(struct tapbed *bed, const char *wanted)
{
	for (int i = 0; i < TURNS && !told.ended; i++)
		turn(bed);
	assert_true(told.ended);
	assert_string_equal(told.text.data, wanted);
}

/* The shim is asked to let it go on, and has done it. */
static void
let_go_on(struct tapbed *bed)
{
	struct router *router = bed->hooks->runtime.router;
	const char *id;

	for (int i = 0; i < TURNS &&
	     strstr(fake_router_sent(router), "<release") == NULL; i++)
		turn(bed);
	id = strstr(tapbed_sent(bed), " id='") + strlen(" id='");
	hookbed_receive(bed->hooks, arena_printf(
		bed->hooks->arena, "<iq type='result' from='example' "
		"to='comp.example' id='%.*s'/>", (int)strcspn(id, "'"), id));
}

static void
turn_some(struct tapbed *bed)
{
	for (int i = 0; i < 20; i++)
		turn(bed);
}

static const char *const nobody[] = { NULL };
static struct policy_settings logs = {
	.concern = { nobody, "both", nobody }, .rules = nobody,
	.servers = nobody, .timeout = 60, .in_flight = 10,
	.on_failure = "closed", .notice = "", .probe = "", .ca = "",
	.cert = "", .key = "", .log_first = true,
};
static const struct setting_titled titled[] = {
	{ "default", &logs }, { NULL, NULL }
};

static void
releases_what_the_journal_has(void **state)
{
	struct tapbed *bed = *state;

	bed->settings.policy = titled;
	archivist_reload(bed->archive, &bed->settings);
	tapbed_sent(bed);
	tapbed_lock_journal(bed);
	begin(bed, "release");
	tapbed_wait(bed, "SELECT count(*) FROM audit_entry", 1);
	turn_some(bed);
	assert_null(strstr(tapbed_sent(bed), "<release"));
	tapbed_unlock(bed);
	let_go_on(bed);
	expect(bed, "It is released.\n");
	tapbed_wait(bed, "SELECT count(*) FROM archive_message WHERE uid = "
		    "'x1' AND ways = 1 AND stamp = 1", 1);
}

/* It is for a room. */
static void
address_room(struct tapbed *bed)
{
	database_do(bed->db, "UPDATE archive_held SET recipient = "
		    "'room@rooms', stanza = replace(replace(stanza, "
		    "'j@example', 'room@rooms'), '><body', "
		    "' type=\"groupchat\"><body')");
}

/* Which may not take it any more. */
static void
releases_into_a_room_what_the_journal_has(void **state)
{
	struct tapbed *bed = *state;

	address_room(bed);
	tapbed_sent(bed);
	tapbed_lock_journal(bed);
	begin(bed, "release");
	tapbed_wait(bed, "SELECT count(*) FROM audit_entry", 1);
	turn_some(bed);
	assert_null(strstr(tapbed_sent(bed), "<release"));
	tapbed_unlock(bed);
	let_go_on(bed);
	expect(bed, "It is released.\n");
	tapbed_wait(bed, "SELECT count(*) FROM archive_event WHERE uid = "
		    "'x1 release' AND stamp = 1 AND detail LIKE "
		    "'{\"verdict\":\"release\",\"policy\":\"strict\","
		    "\"of\":\"message\",\"stanza\":\"%<body>a</body>%'", 1);
	tapbed_wait(bed, "SELECT count(*) FROM archive_message", 0);
}

#define REJECTED "SELECT count(*) FROM archive_event WHERE uid = 'x1 reject'"

static void
keeps_of_what_is_rejected_what_a_matter_holds(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, "INSERT INTO archive_hold (matter, whose, since, "
		    "until, who, stamp) VALUES ('m', 'r@example', 1, 2, '', "
		    "1)");
	tapbed_lock_journal(bed);
	begin(bed, "reject");
	tapbed_wait(bed, "SELECT count(*) FROM audit_entry", 1);
	turn_some(bed);
	tapbed_wait(bed, LEFT, 1);
	tapbed_unlock(bed);
	expect(bed, "It is rejected.\n");
	tapbed_wait(bed, LEFT, 0);
	tapbed_wait(bed, REJECTED " AND stamp = 1 AND detail LIKE "
		    "'{\"verdict\":\"reject\",%<body>a</body>%'", 1);
}

static void
keeps_nothing_else_of_what_is_rejected(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, "INSERT INTO archive_hold (matter, whose, since, "
		    "until, who, stamp) VALUES ('m', 'r@example', 2, 3, '', "
		    "1)");
	begin_with(bed, "reject", "id=x1");
	expect(bed, "It is rejected.\n");
	tapbed_wait(bed, LEFT, 0);
	turn_some(bed);
	assert_int_equal(database_ask(bed->db, REJECTED), 0);
}

static void
removes_what_is_no_stanza(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, "UPDATE archive_held SET stanza = '<'");
	begin(bed, "release");
	expect(bed, "error: its stanza was changed in the database, and is "
	       "none\n");
	begin(bed, "reject");
	expect(bed, "It is rejected.\n");
	tapbed_wait(bed, LEFT, 0);
}

static void
releases_nothing_that_the_journal_cannot_have(void **state)
{
	struct tapbed *bed = *state;
	struct arena *arena = bed->hooks->arena;

	bed->settings.policy = titled;
	archivist_reload(bed->archive, &bed->settings);
	database_do(bed->db, arena_printf(arena, "UPDATE archive_held SET "
					  "uid = 'x%0300d'", 1));
	tapbed_sent(bed);
	begin_with(bed, "release", arena_printf(arena, "id=x%0300d", 1));
	expect(bed, "error: its id is none for the archive\n");
	assert_null(strstr(tapbed_sent(bed), "<release"));
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      "archive_held"), 1);
}

static void
tells_the_sender_what_the_policy_says(void **state)
{
	struct tapbed *bed = *state;
	const char *sent, *id;

	logs.notice = "Not now.";
	bed->settings.policy = titled;
	archivist_reload(bed->archive, &bed->settings);
	tapbed_sent(bed);
	begin(bed, "reject");
	tapbed_wait(bed, LEFT, 0);
	for (int i = 0; i < TURNS && *fake_router_sent(
		     bed->hooks->runtime.router) == '\0'; i++)
		turn(bed);
	sent = tapbed_sent(bed);
	assert_non_null(strstr(sent, "<refuse xmlns='urn:x-annex:0' id='x1' "
			       "point='send'><text>Not now.</text>"));
	id = strstr(sent, " id='") + strlen(" id='");
	hookbed_receive(bed->hooks, arena_printf(
		bed->hooks->arena, "<iq type='result' from='example' "
		"to='comp.example' id='%.*s'/>", (int)strcspn(id, "'"), id));
	expect(bed, "Its sender was told, if he is there.\n"
		    "It is rejected.\n");
	logs.notice = "";
}

/* More than are read at once. */
static void
lists_as_many_as_are_wanted(void **state)
{
	static const char more[] =
		"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 "
		"FROM n WHERE i < 250) INSERT INTO archive_held SELECT "
		"'x' || i, host, point, profile, stamp, 1 + i / 2, sender, "
		"recipient, '<message xmlns=\"jabber:client\"><body>no. ' || "
		"i || '</body></message>', waits FROM archive_held, n "
		"WHERE uid = 'x1'";
	struct tapbed *bed = *state;
	const char *text;

	database_do(bed->db, more);
	told.columns = CELLS;
	begin_with(bed, "held", "limit=230");
	for (int i = 0; i < TURNS && !told.ended; i++)
		turn(bed);
	text = told.text.data;
	assert_int_equal(hookbed_count(text, "no. "), 229);
	assert_non_null(strstr(text, "no. 230"));
	assert_null(strstr(text, "no. 232"));
	assert_null(strstr(text, "<body>"));
	/* By since. */
	assert_non_null(strstr(text, "There is more: go on with --after "
			       "116.\n"));
	begin_with(bed, "held", "after=124");
	for (int i = 0; i < TURNS && !told.ended; i++)
		turn(bed);
	text = told.text.data;
	assert_int_equal(hookbed_count(text, "no. "), 3);
	assert_non_null(strstr(text, "no. 248"));
	assert_null(strstr(text, "There is more"));
	begin_with(bed, "held", "after=x");
	expect(bed, "error: after: a place in the list is wanted\n");
	begin_with(bed, "held", "id=x7");
	for (int i = 0; i < TURNS && !told.ended; i++)
		turn(bed);
	assert_non_null(strstr(told.text.data, "<body>no. 7</body>"));
}

/* Not only what one client would show. */
static void
lists_all_that_is_written(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, "UPDATE archive_held SET stanza = '<message "
		    "xmlns=\"jabber:client\"><body xml:lang=\"x\">hello</body>"
		    "<body>secret</body><html xmlns=\"x\">more</html>"
		    "</message>'");
	told.columns = CELLS;
	begin_with(bed, "held", "limit=1");
	for (int i = 0; i < TURNS && !told.ended; i++)
		turn(bed);
	assert_non_null(strstr(told.text.data, "hello\nsecret\nmore"));
	database_do(bed->db, "UPDATE archive_held SET stanza = '<presence "
		    "xmlns=\"jabber:client\"><status>hi</status>"
		    "</presence>'");
	begin_with(bed, "held", "limit=1");
	for (int i = 0; i < TURNS && !told.ended; i++)
		turn(bed);
	assert_non_null(strstr(told.text.data, "presence"));
}

static void
forbid_removals(struct tapbed *bed)
{
	database_do(bed->db, "CREATE TRIGGER forbid BEFORE DELETE ON "
		    "archive_held BEGIN SELECT RAISE(ABORT, 'no'); END");
}

static void
releases_once_whatever_the_database_refuses(void **state)
{
	struct tapbed *bed = *state;

	tapbed_sent(bed);
	forbid_removals(bed);
	begin(bed, "release");
	let_go_on(bed);
	expect(bed, "It is released.\n");
	tapbed_wait(bed, LEFT, 1);
	begin(bed, "release");
	expect(bed, "error: it is being decided about already\n");
	begin(bed, "reject");
	expect(bed, "error: it is being decided about already\n");
	database_do(bed->db, "DROP TRIGGER forbid");
	tapbed_wait(bed, LEFT, 0);
	begin(bed, "release");
	expect(bed, "error: nothing of that id is held\n");
	assert_string_equal(tapbed_sent(bed), "");
}

static void
says_when_it_is_not_rejected(void **state)
{
	struct tapbed *bed = *state;

	forbid_removals(bed);
	begin(bed, "reject");
	expect(bed, "error: the database refused the request\n");
	database_do(bed->db, "DROP TRIGGER forbid");
	begin(bed, "reject");
	expect(bed, "It is rejected.\n");
	tapbed_wait(bed, LEFT, 0);
}

static void
says_when_it_is_too_large(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, arena_printf(
		bed->hooks->arena, "UPDATE archive_held SET stanza = "
		"replace(stanza, '<body>', '<body>%06000d')", 1));
	tapbed_sent(bed);
	begin(bed, "release");
	expect(bed, "error: it is larger than the router takes\n");
	assert_string_equal(tapbed_sent(bed), "");
	tapbed_wait(bed, LEFT, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(releases_what_the_journal_has),
		TEST(releases_nothing_that_the_journal_cannot_have),
		TEST(releases_into_a_room_what_the_journal_has),
		TEST(keeps_of_what_is_rejected_what_a_matter_holds),
		TEST(keeps_nothing_else_of_what_is_rejected),
		TEST(removes_what_is_no_stanza),
		TEST(tells_the_sender_what_the_policy_says),
		TEST(lists_as_many_as_are_wanted),
		TEST(lists_all_that_is_written),
		TEST(releases_once_whatever_the_database_refuses),
		TEST(says_when_it_is_not_rejected),
		TEST(says_when_it_is_too_large),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_review", tests,
					   tapbed_folder, database_teardown);
}
