#include "components/archive/intake/removals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/commands.h"
#include "shared/calls.h"
#include "shared/error.h"
#include "t/lib/printout.h"
#include "t/lib/tapbed.h"
#include "t/lib/tapshim.h"

#define ALL "SELECT count(*) FROM archive_message"
#define ACCOUNTS "SELECT count(*) FROM archive_account"
#define RESULT "type='result' id='q'"
#define ERROR "type='error' id='q'"
#define TURNS 6000

static struct component component;
static struct calls *calls;

/* What the operator is told. */
static struct printout told;

static int
setup(void **state)
{
	struct tapbed *bed;

	if (tapbed_setup(state) < 0)
		return -1;
	bed = *state;
	bed->settings.preferences = true;
	tapshim_greet(bed);
	return 0;
}

static int
setup_calls(void **state)
{
	struct tapbed *bed;

	if (setup(state) < 0)
		return -1;
	bed = *state;
	component.name = "archive";
	component.commands = archive_commands;
	calls = calls_new(&bed->hooks->runtime, &component);
	calls_open(calls, bed->archive);
	return 0;
}

static int
teardown_calls(void **state)
{
	calls_stop(calls);
	calls_free(&calls);
	str_fini(&told.text);
	return tapbed_teardown(state);
}

static void
refuse(struct tapbed *bed)
{
	database_do(bed->db, "CREATE TRIGGER away BEFORE INSERT ON "
		    "archive_message BEGIN SELECT RAISE(ABORT, 'away'); END");
}

/* The database takes it, and we know. */
static void
mend(struct tapbed *bed)
{
	database_do(bed->db, "DROP TRIGGER away");
	for (int i = 0; i < TURNS &&
	     removals_has(bed->archive->removals, "j@example"); i++)
		tapbed_turn(bed);
	assert_int_equal(database_ask(bed->db, ACCOUNTS), 1);
}

static const char *
read_all(struct tapbed *bed)
{
	tapshim_query(bed, "");
	return tapshim_take(bed, RESULT);
}

/* Whoever asks right behind it reads nothing of what was before. */
static void
begins_anew(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_receive(bed, "seq='2' id='r1' dir='removed' user='j@example'",
		       "");
	sent = read_all(bed);
	assert_null(strstr(sent, "<body>"));
	assert_non_null(strstr(sent, "complete='true'"));
	assert_null(strstr(sent, "stable"));
	tapbed_tap(bed, 3, "x2", "two");
	sent = read_all(bed);
	assert_null(strstr(sent, "<body>one"));
	assert_non_null(strstr(sent, "<body>two"));
	tapbed_wait(bed, ALL " WHERE ways = 3", 2);
	tapbed_wait(bed, "SELECT count(*) FROM archive_event e JOIN "
		    "archive_address a ON a.id = e.sender "
		    "WHERE e.kind = 13 AND a.jid = 'j@example'", 1);
}

/* The module tells all again that it has had no ack for. */
static void
knows_what_it_was_told_before(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='r1' dir='removed' user='j@example'",
		       "");
	tapbed_tap(bed, 2, "x1", "one");
	tapbed_wait(bed, ALL, 1);
	tapbed_stop(bed);
	tapbed_start(bed);
	tapbed_link(bed, false);
	tapbed_link(bed, true);
	tapshim_greet(bed);
	tapbed_receive(bed, "seq='1' id='r1' dir='removed' user='j@example'",
		       "");
	tapbed_tap(bed, 2, "x1", "one");
	assert_non_null(strstr(read_all(bed), "<body>one"));
	tapbed_wait(bed, ACCOUNTS, 1);
}

static void
forgets_what_the_one_before_has_chosen(void **state)
{
	struct tapbed *bed = *state;

	tapshim_ask(bed, "j@example/b", "q", "set", "<prefs "
		    "xmlns='urn:xmpp:mam:2' default='never'/>");
	tapshim_await(bed, RESULT);
	tapbed_receive(bed, "seq='1' id='r1' dir='removed' user='j@example'",
		       "");
	tapshim_ask(bed, "j@example/b", "q", "get", "<prefs "
		    "xmlns='urn:xmpp:mam:2'/>");
	assert_non_null(strstr(tapshim_await(bed, RESULT),
			       "default='always'"));
	tapbed_tap(bed, 2, "x1", "one");
	tapbed_wait(bed, ALL " WHERE ways = 3", 1);
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      "archive_preference"), 0);
}

/* What the database has may be of the one before. */
static void
shows_nothing_before_the_database_knows(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait(bed, ALL, 1);
	refuse(bed);
	tapbed_tap(bed, 2, "x2", "two");
	tapbed_receive(bed, "seq='3' id='r1' dir='removed' user='j@example'",
		       "");
	tapshim_query(bed, "");
	assert_non_null(strstr(tapshim_await(bed, ERROR),
			       "<resource-constraint "));
	tapshim_ask(bed, "r@example/o", "q", "set", "<query "
		    "xmlns='urn:xmpp:mam:2'/>");
	assert_non_null(strstr(tapshim_take(bed, RESULT), "<body>one"));
	mend(bed);
	assert_null(strstr(read_all(bed), "<body>"));
}

/* Nobody has read what was left in the journal. */
static void
shows_nothing_of_what_was_left_before(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait(bed, ALL, 1);
	refuse(bed);
	tapbed_tap(bed, 2, "x2", "two");
	tapbed_receive(bed, "seq='3' id='r1' dir='removed' user='j@example'",
		       "");
	tapbed_wait_ack(bed, 3);
	tapbed_stop(bed);
	tapbed_start(bed);
	tapshim_greet(bed);
	tapshim_query(bed, "");
	assert_non_null(strstr(tapshim_await(bed, ERROR),
			       "<resource-constraint "));
	mend(bed);
	assert_null(strstr(read_all(bed), "<body>"));
}

static void
close_account(struct tapbed *bed, const char *field)
{
	const char *const fields[] = { field, NULL };
	const struct call_plan plan = {
		.command = calls_find(calls, "close"), .who = "the operator",
		.form = printout_form(bed->hooks->arena, fields),
		.output = &printout_output, .ctx = &told,
	};
	struct call *call;
	struct error err;

	str_clear(&told.text);
	told.ended = false;
	assert_int_equal(call_new(calls, &plan, &call, &err), 0);
	call_run(call);
	for (int i = 0; i < TURNS && !told.ended; i++)
		tapbed_turn(bed);
	assert_true(told.ended);
}

/* Of one whose removal no module has told. */
static void
begins_anew_by_command(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait(bed, ALL, 1);
	close_account(bed, "user=j@example");
	assert_string_equal(told.text.data,
			    "The archive of j@example begins anew.\n");
	assert_null(strstr(read_all(bed), "<body>"));
	close_account(bed, "user=j@example");
	tapbed_tap(bed, 2, "x2", "two");
	assert_non_null(strstr(read_all(bed), "<body>two"));
	tapbed_wait(bed, ACCOUNTS, 2);
	tapbed_wait(bed, "SELECT count(*) FROM audit_entry WHERE "
		    "action = 'close' AND detail LIKE '%j@example%'", 2);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, tapbed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(begins_anew),
		TEST(knows_what_it_was_told_before),
		TEST(forgets_what_the_one_before_has_chosen),
		TEST(shows_nothing_before_the_database_knows),
		TEST(shows_nothing_of_what_was_left_before),
		cmocka_unit_test_setup_teardown(begins_anew_by_command,
						setup_calls, teardown_calls),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_removals", tests,
					   tapbed_folder,
					   database_teardown);
}
