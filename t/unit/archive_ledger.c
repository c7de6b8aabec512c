#include "components/archive/policy/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "t/lib/askbed.h"
#include "t/lib/tapbed.h"
#include "t/lib/website.h"

#define MESSAGES "SELECT count(*) FROM archive_message WHERE "
#define NO_STORE "<no-store xmlns='urn:xmpp:hints'/>"

static void
lets_the_journal_have_it_first(void **state)
{
	struct askbed *bed = *state;

	bed->own.log_first = true;
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
	website_answers(bed->sites[0], 200, "{\"verdict\":\"modify\","
			"\"append\":\"b\"}");
	tapbed_lock_journal(bed->taps);
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect_requests(bed, 0, 1);
	askbed_check(bed, "2", "<body>a</body>" NO_STORE);
	tapbed_wait_sent(bed->taps, "id='2'");
	assert_null(strstr(tapbed_sent(bed->taps), "id='1'"));
	tapbed_unlock(bed->taps);
	tapbed_wait_sent(bed->taps, "id='1'");
	tapbed_wait(bed->taps, MESSAGES "uid = 'x1' AND body = 'a\nb' AND "
		    "ways = 1", 1);
	tapbed_tap(bed->taps, 1, "x1", "a\nb");
	tapbed_wait(bed->taps, MESSAGES "uid = 'x1' AND ways = 3", 1);
	tapbed_wait(bed->taps, MESSAGES "true", 1);
}

static void
lets_the_journal_have_first_what_nobody_judges(void **state)
{
	struct askbed *bed = *state;

	bed->own.log_first = true;
	bed->own.on_failure = "open";
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
	website_answers(bed->sites[0], 500, "");
	website_answers(bed->sites[1], 500, "");
	tapbed_lock_journal(bed->taps);
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect_requests(bed, 1, 1);
	askbed_check(bed, "2", "<body>a</body>" NO_STORE);
	tapbed_wait_sent(bed->taps, ASKBED_ALLOW("2"));
	assert_null(strstr(tapbed_sent(bed->taps), ">1<"));
	tapbed_unlock(bed->taps);
	tapbed_wait_sent(bed->taps, ASKBED_ALLOW("1"));
	tapbed_wait(bed->taps, MESSAGES "uid = 'x1'", 1);
	assert_int_equal(askbed_outcomes(bed, "failed_open"), 2);
}

/* Not as it was written, whatever becomes of the journal. */
static void
lets_go_on_what_was_modified_without_the_journal(void **state)
{
	struct askbed *bed = *state;

	bed->own.log_first = true;
	bed->own.on_failure = "open";
	bed->own.timeout = 1;
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
	website_answers(bed->sites[0], 200, "{\"verdict\":\"modify\","
			"\"append\":\"b\"}");
	tapbed_lock_journal(bed->taps);
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect(bed, ASKBED_REPLACED("1", "a\nb"));
	assert_int_equal(askbed_outcomes(bed, "failed_open"), 1);
	tapbed_unlock(bed->taps);
}

/* A server that hangs leaves time for that. */
static void
leaves_time_for_the_journal(void **state)
{
	struct askbed *bed = *state;

	bed->own.log_first = true;
	bed->own.on_failure = "open";
	bed->own.timeout = 4;
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
	website_hush(bed->sites[0], true);
	website_hush(bed->sites[1], true);
	tapbed_lock_journal(bed->taps);
	askbed_check(bed, "1", "<body>a</body>");
	/* Its time for an answer has run out. */
	askbed_check(bed, "2", "<body>a</body>" NO_STORE);
	tapbed_wait_sent(bed->taps, ASKBED_ALLOW("2"));
	assert_null(strstr(tapbed_sent(bed->taps), ">1<"));
	tapbed_unlock(bed->taps);
	tapbed_wait_sent(bed->taps, ASKBED_ALLOW("1"));
	tapbed_wait(bed->taps, MESSAGES "uid = 'x1'", 1);
	assert_int_equal(askbed_outcomes(bed, "failed_open"), 2);
}

#define RETRACT "<retract xmlns='urn:xmpp:message-retract:1' id='1'/>"

/* A check does not say that it came from there, but what is tapped. */
static void
logs_first_what_comes_from_a_gateway(void **state)
{
	struct askbed *bed = *state;

	bed->own.log_first = true;
	bed->own.servers = &bed->servers[2];
	askbed_take_settings(bed);
	askbed_check_received(bed, "1", "x", "<body>a</body>");
	tapbed_wait(bed->taps, MESSAGES "flags = 0", 1);
	askbed_check_received(bed, "2", "y", RETRACT);
	tapbed_wait(bed->taps, MESSAGES "flags = 0", 2);
	assert_int_equal(database_ask(bed->taps->db, MESSAGES "body = 'a'"), 1);
	tapbed_receive(bed->taps, "seq='1' id='x1' dir='in' origin='component'",
		       "<message xmlns='jabber:client' from='g@gate/x' "
		       "to='j@example' type='chat' id='1'><body>a</body>"
		       "</message>");
	tapbed_wait(bed->taps, MESSAGES "uid = 'x1' AND flags = 4", 1);
	askbed_check_received(bed, "3", "x", RETRACT);
	tapbed_wait(bed->taps, MESSAGES "uid = 'x1' AND body IS NULL", 1);
}

/* Nobody will be shown it under that id, and the room has an archive. */
static void
logs_nothing_of_what_goes_into_a_room(void **state)
{
	struct askbed *bed = *state;

	bed->own.log_first = true;
	bed->own.servers = &bed->servers[2];
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
	askbed_check_entering(bed, "1", "r@far/o");
	askbed_expect(bed, ASKBED_ALLOW("1"));
	askbed_check_received(bed, "2", "x", "<body>b</body>");
	tapbed_wait(bed->taps, MESSAGES "body = 'b'", 1);
	assert_int_equal(database_ask(bed->taps->db, MESSAGES "1 = 1"), 1);
}

static void
take_open_log(struct askbed *bed)
{
	bed->own.log_first = true;
	bed->own.on_failure = "open";
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
}

/* The journal has what there is of it, whatever that is worth. */
static void
logs_first_what_is_not_whole(void **state)
{
	struct askbed *bed = *state;

	take_open_log(bed);
	tapbed_lock_journal(bed->taps);
	askbed_check_unclear(bed, "1", "2");
	tapbed_wait_sent(bed->taps, ASKBED_ALLOW("2"));
	assert_null(strstr(tapbed_sent(bed->taps), ">1<"));
	tapbed_unlock(bed->taps);
	tapbed_wait_sent(bed->taps, ASKBED_ALLOW("1"));
	/* 64 is ARCHIVE_REST_LOST. */
	tapbed_wait(bed->taps, MESSAGES "uid = 'x1' AND (flags & 64) = 64 AND "
		    "rest LIKE '<a %'", 1);
	assert_int_equal(askbed_outcomes(bed, "failed_open"), 2);
}

static void
check_long(struct askbed *bed, const char *id)
{
	askbed_take(bed, arena_printf(
		bed->taps->hooks->arena, "<iq xmlns='jabber:component:accept' "
		"type='set' id='%s' from='example' to='comp.example'><check "
		"xmlns='urn:x-annex:0' id='x%0300d' point='send' "
		"profile='strict'><forwarded xmlns='urn:xmpp:forward:0'>"
		"<message xmlns='jabber:client' from='r@example/o' "
		"to='j@example' type='chat'><body>a</body></message>"
		"</forwarded></check></iq>", id, 1));
}

/* A message to nobody that there can be, and one of an endless id. */
static void
refuses_what_cannot_be_logged(void **state)
{
	struct askbed *bed = *state;

	take_open_log(bed);
	askbed_take(bed, "<iq xmlns='jabber:component:accept' type='set' "
		    "id='1' from='example' to='comp.example'><check "
		    "xmlns='urn:x-annex:0' id='x1' point='send' "
		    "profile='strict'><forwarded xmlns='urn:xmpp:forward:0'>"
		    "<message xmlns='jabber:client' from='r@example/o' "
		    "to='@' type='chat'><body>a</body></message></forwarded>"
		    "</check></iq>");
	askbed_expect(bed, ASKBED_UNJUDGED("1"));
	bed->own.servers = &bed->servers[2];
	askbed_take_settings(bed);
	check_long(bed, "2");
	askbed_expect(bed, ASKBED_UNJUDGED("2"));
	assert_int_equal(askbed_outcomes(bed, "failed_closed"), 2);
	bed->own.log_first = false;
	askbed_take_settings(bed);
	check_long(bed, "3");
	askbed_expect(bed, ASKBED_ALLOW("3"));
}

static void
needs_no_server_to_log(void **state)
{
	struct askbed *bed = *state;

	bed->own.log_first = true;
	bed->own.servers = &bed->servers[2];
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect(bed, ASKBED_ALLOW("1"));
	tapbed_wait(bed->taps, MESSAGES "true", 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ASKBED_TEST(lets_the_journal_have_it_first),
		ASKBED_TEST(lets_the_journal_have_first_what_nobody_judges),
		ASKBED_TEST(lets_go_on_what_was_modified_without_the_journal),
		ASKBED_TEST(leaves_time_for_the_journal),
		ASKBED_TEST(logs_first_what_comes_from_a_gateway),
		ASKBED_TEST(logs_nothing_of_what_goes_into_a_room),
		ASKBED_TEST(logs_first_what_is_not_whole),
		ASKBED_TEST(refuses_what_cannot_be_logged),
		ASKBED_TEST(needs_no_server_to_log),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_ledger", tests,
					   tapbed_folder, database_teardown);
}
