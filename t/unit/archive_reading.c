#include "components/archive/desk/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/desk/readers.h"
#include "shared/arena.h"
#include "shared/hook.h"
#include "t/lib/tapbed.h"
#include "t/lib/tapshim.h"

#define ALL "SELECT count(*) FROM archive_message"
#define RSM "http://jabber.org/protocol/rsm"
#define RESULT "type='result' id='q'"
#define WAIT "<error type='wait'><resource-constraint "
#define PAGE(n) "<set xmlns='" RSM "'><max>" n "</max></set>"

static int
setup(void **state)
{
	if (tapbed_setup(state) < 0)
		return -1;
	tapshim_greet(*state);
	return 0;
}

static void
fill(struct tapbed *bed, unsigned count)
{
	tapshim_fill(bed, count);
	tapbed_wait(bed, ALL, count);
	tapbed_sent(bed);
}

static void
assert_in_order(const char *sent, unsigned first, unsigned last)
{
	char text[40];

	for (unsigned i = first; i <= last; i++) {
		snprintf(text, sizeof(text), "<body>no %u</body>", i);
		sent = strstr(sent, text);
		if (sent == NULL)
			fail_msg("no %s", text);
	}
	assert_int_equal(hookbed_count(sent, "<body>"), 1);
}

static void
gives_a_page_and_then_its_end(void **state)
{
	struct tapbed *bed = *state;
	const char *sent, *last;

	fill(bed, 3);
	tapshim_ask(bed, "j@example/b", "q", "set", "<query "
		    "xmlns='urn:xmpp:mam:2' queryid='f&amp;1'/>");
	sent = tapshim_await(bed, "<deliver ");
	assert_in_order(sent, 1, 3);
	assert_non_null(strstr(sent, "from='j@example' to='j@example/b'>"
			       "<result xmlns='urn:xmpp:mam:2' "
			       "queryid='f&amp;1' id='x1'>"));
	assert_null(strstr(sent, "<fin "));
	tapshim_done(bed, sent);
	last = tapbed_sent(bed);
	assert_non_null(strstr(last, RESULT));
	assert_non_null(strstr(last, "<fin xmlns='urn:xmpp:mam:2' "
			       "complete='true'>"));
	assert_null(strstr(last, "stable"));
	assert_non_null(strstr(last, ">x1</first>"));
	assert_non_null(strstr(last, "<last>x3</last>"));
	assert_int_equal(tapbed_metric(bed, "annex_archive_results_total"), 3);
	assert_int_equal(tapbed_metric(bed, "annex_archive_requests_total"
				       "{outcome=\"answered\"}"), 1);
}

static void
gives_no_more_than_a_page(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	bed->settings.page_max = 60;
	fill(bed, 70);
	tapshim_query(bed, PAGE("1000"));
	sent = tapshim_take(bed, RESULT);
	assert_in_order(sent, 1, 60);
	assert_null(strstr(sent, "complete"));
	tapshim_query(bed, "<set xmlns='" RSM "'><after>x60</after></set>");
	sent = tapshim_take(bed, RESULT);
	assert_in_order(sent, 61, 70);
	assert_non_null(strstr(sent, "complete='true'"));
}

static void
gives_the_end_alone_of_nothing(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	tapshim_query(bed, "");
	sent = tapshim_await(bed, RESULT);
	assert_null(strstr(sent, "<deliver "));
	assert_non_null(strstr(sent, "complete='true'"));
	fill(bed, 2);
	tapshim_query(bed, PAGE("0"));
	sent = tapshim_await(bed, RESULT);
	assert_null(strstr(sent, "<deliver "));
	assert_non_null(strstr(sent, "<count>2</count>"));
}

static void
says_that_an_id_is_not_there(void **state)
{
	struct tapbed *bed = *state;

	fill(bed, 1);
	tapshim_query(bed, "<set xmlns='" RSM "'><after>other</after></set>");
	assert_non_null(strstr(tapshim_await(bed, "type='error' id='q'"),
			       "<item-not-found "));
	assert_int_equal(tapbed_metric(bed, "annex_archive_requests_total"
				       "{outcome=\"refused\"}"), 1);
}

/* They are not in the database yet, which is not even known yet. */
static void
has_what_was_said_just_before(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	tapshim_fill(bed, 30);
	tapshim_query(bed, "");
	sent = tapshim_take(bed, RESULT);
	assert_in_order(sent, 1, 30);
	assert_null(strstr(sent, "stable"));
}

static void
says_that_it_may_lack_something(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	fill(bed, 1);
	database_do(bed->db, "CREATE TRIGGER away BEFORE INSERT ON "
		    "archive_message BEGIN SELECT RAISE(ABORT, 'away'); END");
	tapbed_tap(bed, 2, "x2", "no 2");
	tapshim_query(bed, "");
	sent = tapshim_take(bed, RESULT);
	assert_in_order(sent, 1, 1);
	assert_non_null(strstr(sent, "stable='false'"));
	database_do(bed->db, "DROP TRIGGER away");
	tapbed_wait_drained(bed);
	tapshim_query(bed, "");
	sent = tapshim_take(bed, RESULT);
	assert_in_order(sent, 1, 2);
	assert_null(strstr(sent, "stable"));
}

static void
goes_on_when_there_is_room(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	fill(bed, 60);
	tapshim_query(bed, "");
	tapshim_done(bed, tapshim_await(bed, "<body>no 50</body>"));
	for (int i = 0; i < 3; i++) {
		sent = tapshim_await(bed, "<deliver ");
		assert_in_order(sent, 51, 60);
		tapshim_fail(bed, sent, "resource-constraint");
		assert_string_equal(tapbed_sent(bed), "");
	}
	sent = tapshim_await(bed, "<deliver ");
	assert_in_order(sent, 51, 60);
	tapshim_done(bed, sent);
	assert_non_null(strstr(tapbed_sent(bed), RESULT));
}

/* What says that a message is not there would have it forgotten. */
static void
ends_when_the_session_is_gone(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	fill(bed, 60);
	tapshim_query(bed, "");
	tapshim_fail(bed, tapshim_await(bed, "<deliver "), "item-not-found");
	sent = tapbed_sent(bed);
	assert_non_null(strstr(sent, "type='error' id='q'"));
	assert_non_null(strstr(sent, WAIT));
	assert_null(strstr(sent, "<deliver "));
	assert_int_equal(tapbed_metric(bed, "annex_archive_requests_total"
				       "{outcome=\"failed\"}"), 1);
}

/* Nobody gets results of a request that the router has given up. */
static void
ends_with_the_link(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	fill(bed, 60);
	tapshim_query(bed, "");
	sent = tapshim_await(bed, "<deliver ");
	tapshim_ask(bed, "k@example/b", "other", "set",
		    "<query xmlns='urn:xmpp:mam:2'/>");
	tapbed_link(bed, false);
	tapbed_link(bed, true);
	tapshim_greet(bed);
	tapshim_done(bed, sent);
	database_run(bed->db, 100);
	sent = tapbed_sent(bed);
	assert_null(strstr(sent, "<deliver "));
	assert_null(strstr(sent, "type='result' id='q'"));
	assert_null(bed->archive->readers->readings);
	tapshim_query(bed, PAGE("1"));
	assert_in_order(tapshim_take(bed, RESULT), 1, 1);
}

/* A session that takes nothing does not stop the others of the same user, nor
   those of others; a third of the same user waits. */
static void
takes_turns(void **state)
{
	struct tapbed *bed = *state;
	const char *one, *two, *sent;

	fill(bed, 5);
	tapshim_ask(bed, "j@example/b", "q1", "set",
		    "<query xmlns='urn:xmpp:mam:2'/>");
	one = tapshim_await(bed, "<deliver ");
	tapshim_ask(bed, "j@example/c", "q2", "set",
		    "<query xmlns='urn:xmpp:mam:2'/>");
	two = tapshim_await(bed, "<deliver ");
	tapshim_ask(bed, "j@example/d", "q3", "set",
		    "<query xmlns='urn:xmpp:mam:2'/>");
	tapshim_ask(bed, "r@example/d", "q4", "set",
		    "<query xmlns='urn:xmpp:mam:2'/>");
	sent = tapshim_await(bed, "<deliver ");
	assert_non_null(strstr(sent, "jid='r@example/d'"));
	database_run(bed->db, 100);
	assert_string_equal(tapbed_sent(bed), "");
	tapshim_done(bed, one);
	sent = tapshim_await(bed, "jid='j@example/d'");
	assert_non_null(strstr(sent, "type='result' id='q1'"));
	tapshim_done(bed, sent);
	tapshim_done(bed, two);
	sent = tapshim_await(bed, "type='result' id='q2'");
	assert_non_null(strstr(sent, "type='result' id='q3'"));
}

static void
ends_with_the_service(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	fill(bed, 5);
	for (int i = 0; i < 5; i++)
		tapshim_ask(bed, "j@example/b", "q", "set",
			    "<query xmlns='urn:xmpp:mam:2'/>");
	tapshim_await(bed, "<deliver ");
	tapbed_stop(bed);
	sent = tapbed_sent(bed);
	assert_int_equal(hookbed_count(sent, WAIT), 5);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, tapbed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gives_a_page_and_then_its_end),
		TEST(gives_no_more_than_a_page),
		TEST(gives_the_end_alone_of_nothing),
		TEST(says_that_an_id_is_not_there),
		TEST(has_what_was_said_just_before),
		TEST(says_that_it_may_lack_something),
		TEST(goes_on_when_there_is_room),
		TEST(ends_when_the_session_is_gone),
		TEST(ends_with_the_link),
		TEST(takes_turns),
		TEST(ends_with_the_service),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_reading", tests,
					   tapbed_folder, database_teardown);
}
