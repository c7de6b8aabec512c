#include "components/archive/policy/decree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/policy/held.h"
#include "shared/arena.h"
#include "t/lib/askbed.h"
#include "t/lib/hookbed.h"
#include "t/lib/tapbed.h"
#include "t/lib/website.h"

#define HELD "SELECT count(*) FROM archive_held "

static void
lets_go_on_what_nobody_judges(void **state)
{
	struct askbed *bed = *state;

	bed->own.on_failure = "open";
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
	website_answers(bed->sites[0], 500, "");
	website_answers(bed->sites[1], 500, "");
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect(bed, ASKBED_ALLOW("1"));
	assert_int_equal(askbed_outcomes(bed, "failed_open"), 1);
}

static void
waits_no_longer_than_it_may(void **state)
{
	struct askbed *bed = *state;

	bed->own.timeout = 1;
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
	website_hush(bed->sites[0], true);
	website_hush(bed->sites[1], true);
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect(bed, ASKBED_REFUSED("1"));
	assert_int_equal(website_requests(bed->sites[1]), 1);
}

static void
appends_to_what_nobody_judges(void **state)
{
	struct askbed *bed = *state;

	bed->own.on_failure = "open";
	askbed_take_rules(bed);
	website_answers(bed->sites[0], 500, "");
	website_answers(bed->sites[1], 500, "");
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect(bed, ASKBED_REPLACED("1", "a\nb"));
	askbed_check(bed, "2", "<subject>a</subject>");
	askbed_expect(bed, ASKBED_ALLOW("2"));
	assert_int_equal(askbed_outcomes(bed, "failed_open"), 2);
}

static void
fails_by_rules_as_by_servers(void **state)
{
	struct askbed *bed = *state;

	bed->own.on_failure = "open";
	askbed_take_rules(bed);
	/* What is appended is so by a rule before the slow one. */
	askbed_check(bed, "1", ASKBED_SLOW);
	askbed_expect(bed, ASKBED_REPLACED("1", ASKBED_SLOW_TEXT "\nb"));
	assert_int_equal(askbed_outcomes(bed, "failed_open"), 1);
	bed->own.on_failure = "spool";
	askbed_take_rules(bed);
	askbed_check(bed, "2", ASKBED_SLOW);
	askbed_expect(bed, ASKBED_VERDICT("2", "action='hold'/>"));
	tapbed_wait(bed->taps, HELD "WHERE uid = 'x2' AND waits = ''", 1);
	assert_int_equal(website_requests(bed->sites[0]), 0);
}

/* Whatever the shim would do without an answer. */
static void
judges_nothing_that_is_not_whole(void **state)
{
	static const char *const kinds[][2] = { { "iq", NULL },
						{ "file", NULL } };
	struct askbed *bed = *state;

	tapbed_sent(bed->taps);
	askbed_check_unclear(bed, "1", "2");
	askbed_expect(bed, ASKBED_UNJUDGED("1") ASKBED_UNJUDGED("2"));
	bed->own.concern.kinds = kinds[0];
	askbed_take_settings(bed);
	askbed_check_unclear(bed, "3", "4");
	tapbed_wait_sent(bed->taps, ASKBED_ALLOW("3"));
	assert_non_null(strstr(tapbed_sent(bed->taps), ASKBED_UNJUDGED("4")));
	/* What is missing may be one. */
	bed->own.concern.kinds = kinds[1];
	bed->own.on_failure = "spool";
	askbed_take_settings(bed);
	askbed_check_unclear(bed, "5", "6");
	askbed_expect(bed, ASKBED_UNJUDGED("5") ASKBED_UNJUDGED("6"));
	bed->own.on_failure = "open";
	askbed_take_settings(bed);
	askbed_check_unclear(bed, "7", "8");
	askbed_expect(bed, ASKBED_ALLOW("7\n8"));
	assert_int_equal(askbed_outcomes(bed, "failed_closed"), 5);
	assert_int_equal(askbed_outcomes(bed, "failed_open"), 2);
	assert_int_equal(website_requests(bed->sites[0]), 0);
}

static void
holds_what_is_durable(void **state)
{
	struct askbed *bed = *state;

	bed->own.timeout = 2;
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
	website_answers(bed->sites[0], 200, "{\"verdict\":\"hold\"}");
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect(bed, ASKBED_VERDICT("1", "action='hold'/>"));
	tapbed_wait(bed->taps, HELD "WHERE uid = 'x1' "
		    "AND host = 'example' AND point = 0 AND profile = "
		    "'strict' AND sender = 'r@example/o' AND recipient = "
		    "'j@example' AND stanza LIKE '<message %<body>a</body>%'",
		    1);
	assert_int_equal(askbed_outcomes(bed, "held"), 1);
	/* What is refused is not held as well. */
	tapbed_lock_database(bed->taps);
	askbed_check(bed, "2", "<body>a</body>");
	askbed_expect(bed, ASKBED_REFUSED("2"));
	tapbed_unlock(bed->taps);
	askbed_check(bed, "3", "<body>a</body>");
	askbed_expect(bed, ASKBED_VERDICT("3", "action='hold'/>"));
	tapbed_wait(bed->taps, HELD, 2);
}

/* As when there is no verdict. */
static void
holds_no_more_than_may_be(void **state)
{
	struct askbed *bed = *state;

	bed->taps->settings.held_max = 1;
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
	website_answers(bed->sites[0], 200, "{\"verdict\":\"hold\"}");
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect(bed, ASKBED_VERDICT("1", "action='hold'/>"));
	askbed_check(bed, "2", "<body>a</body>");
	askbed_expect(bed, ASKBED_REFUSED("2"));
	assert_int_equal(tapbed_metric(bed->taps,
				       "annex_archive_held_refused_total"), 1);
	bed->own.on_failure = "open";
	askbed_take_settings(bed);
	askbed_check(bed, "3", "<body>a</body>");
	askbed_expect(bed, ASKBED_ALLOW("3"));
	/* Once it is released or rejected. */
	database_do(bed->taps->db, "DELETE FROM archive_held");
	while (held_is_full(bed->taps->archive))
		tapbed_turn(bed->taps);
	askbed_check(bed, "4", "<body>a</body>");
	askbed_expect(bed, ASKBED_VERDICT("4", "action='hold'/>"));
	tapbed_wait(bed->taps, HELD, 1);
}

/* The removal of what is refused has no room behind it. */
static void
takes_out_what_it_refused(void **state)
{
	struct askbed *bed = *state;
	struct arena *arena = bed->taps->hooks->arena;

	bed->own.timeout = 2;
	bed->taps->settings.policy = bed->titled;
	bed->taps->db->settings.queue_bytes = 5000;
	tapbed_stop(bed->taps);
	tapbed_start(bed->taps);
	/* Behind what the start writes. */
	database_do(bed->taps->db, "DELETE FROM archive_held");
	tapbed_sent(bed->taps);
	website_answers(bed->sites[0], 200, "{\"verdict\":\"hold\"}");
	tapbed_lock_database(bed->taps);
	askbed_check(bed, "1", arena_printf(arena, "<body>%06000d</body>", 1));
	askbed_expect(bed, ASKBED_REFUSED("1"));
	tapbed_unlock(bed->taps);
	tapbed_wait(bed->taps, HELD, 1);
	tapbed_wait(bed->taps, HELD, 0);
	askbed_check(bed, "2", "<body>a</body>");
	askbed_expect(bed, ASKBED_VERDICT("2", "action='hold'/>"));
}

/* A router may know a message by one id on both. */
static void
holds_for_a_host_what_another_had(void **state)
{
	struct askbed *bed = *state;

	database_do(bed->taps->db, "INSERT INTO archive_held VALUES ('x1', "
		    "'example', 0, 'strict', 1, 1, 'r@example/o', "
		    "'j@other', '<message/>', '')");
	hookbed_receive(bed->taps->hooks, "<message from='other' "
			"to='comp.example'><hello xmlns='urn:x-annex:0' "
			"version='0' epoch='e1' hooks='check'/></message>");
	website_answers(bed->sites[0], 200, "{\"verdict\":\"hold\"}");
	askbed_check_of(bed, "other", "strict", "1", "<body>a</body>");
	tapbed_wait_sent(bed->taps, "action='hold'");
	tapbed_sent(bed->taps);
	held_take_out(bed->taps->archive, "x1", "example");
	askbed_check(bed, "2", "<body>a</body>");
	askbed_expect(bed, ASKBED_VERDICT("2", "action='hold'/>"));
	tapbed_wait(bed->taps, HELD, 2);
	tapbed_wait(bed->taps, HELD "WHERE uid = 'x1' "
		    "AND host = 'other' AND since > 1 AND stanza LIKE "
		    "'%<body>a</body>%'", 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ASKBED_TEST(lets_go_on_what_nobody_judges),
		ASKBED_TEST(waits_no_longer_than_it_may),
		ASKBED_TEST(appends_to_what_nobody_judges),
		ASKBED_TEST(fails_by_rules_as_by_servers),
		ASKBED_TEST(judges_nothing_that_is_not_whole),
		ASKBED_TEST(holds_what_is_durable),
		ASKBED_TEST(holds_no_more_than_may_be),
		ASKBED_TEST(takes_out_what_it_refused),
		ASKBED_TEST(holds_for_a_host_what_another_had),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_decree", tests,
					   tapbed_folder, database_teardown);
}
