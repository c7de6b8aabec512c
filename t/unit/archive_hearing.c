#include "components/archive/policy/hearing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/archivist.h"
#include "shared/arena.h"
#include "shared/str.h"
#include "t/lib/askbed.h"
#include "t/lib/clausebed.h"
#include "t/lib/hookbed.h"
#include "t/lib/tapbed.h"
#include "t/lib/website.h"

static void
tells_what_was_ruled(void **state)
{
	struct askbed *bed = *state;

	tapbed_sent(bed->taps);
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect(bed, ASKBED_ALLOW("1"));
	website_answers(bed->sites[0], 200, "{\"verdict\":\"block\",\"notice\":"
			"\"No.\",\"condition\":\"not-allowed\"}");
	askbed_check(bed, "2", "<body>a</body>");
	askbed_expect(bed, ASKBED_VERDICT("2", "action='deny' "
		"condition='not-allowed'><text>No.</text></verdict>"));
	website_answers(bed->sites[0], 200, "{\"verdict\":\"modify\","
			"\"append\":\"b\"}");
	askbed_check(bed, "3", "<body>a</body>");
	askbed_expect(bed, ASKBED_REPLACED("3", "a\nb"));
	askbed_check(bed, "4", "<subject>a</subject>");
	askbed_expect(bed, ASKBED_REFUSED("4"));
	askbed_check(bed, "5", arena_printf(bed->taps->hooks->arena,
					    "<body>%06000d</body>", 1));
	askbed_expect(bed, ASKBED_REFUSED("5"));
	assert_int_equal(askbed_outcomes(bed, "allowed"), 1);
	assert_int_equal(askbed_outcomes(bed, "blocked"), 1);
	assert_int_equal(askbed_outcomes(bed, "modified"), 1);
	assert_int_equal(askbed_outcomes(bed, "failed_closed"), 2);
	assert_int_equal(tapbed_metric(bed->taps, "annex_archive_verdict_"
				       "seconds_bucket{le=\"+Inf\"}"), 5);
}

static void
asks_the_next_when_one_fails(void **state)
{
	struct askbed *bed = *state;

	tapbed_sent(bed->taps);
	website_answers(bed->sites[0], 500, "{\"verdict\": \"block\"}");
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect(bed, ASKBED_ALLOW("1"));
	website_answers(bed->sites[0], 200, "{\"verdict\": \"perhaps\"}");
	askbed_check(bed, "2", "<body>a</body>");
	askbed_expect(bed, ASKBED_ALLOW("2"));
	website_free(&bed->sites[0]);
	askbed_check(bed, "3", "<body>a</body>");
	askbed_expect(bed, ASKBED_ALLOW("3"));
	website_answers(bed->sites[1], 500, "");
	askbed_check(bed, "4", "<body>a</body>");
	askbed_expect(bed, ASKBED_REFUSED("4"));
	assert_int_equal(website_requests(bed->sites[1]), 4);
}

static void
has_one_policy_for_all_that_have_none(void **state)
{
	struct askbed *bed = *state;

	tapbed_sent(bed->taps);
	askbed_check_by(bed, "other", "1", "<body>a</body>");
	assert_non_null(strstr(tapbed_sent(bed->taps), "<item-not-found"));
	bed->titled[0].title = "default";
	archivist_reload(bed->taps->archive, &bed->taps->settings);
	askbed_check_by(bed, "other", "2", "<body>a</body>");
	askbed_expect(bed, ASKBED_ALLOW("2"));
	bed->titled[0].title = NULL;
	archivist_reload(bed->taps->archive, &bed->taps->settings);
	askbed_check_by(bed, "other", "3", "<body>a</body>");
	askbed_expect(bed, ASKBED_ALLOW("3"));
	assert_int_equal(website_requests(bed->sites[0]), 1);
}

static void
lets_go_on_what_it_does_not_concern(void **state)
{
	static const char *const others[] = { "!user r@example", NULL };
	struct askbed *bed = *state;

	bed->own.concern.who = others;
	bed->own.concern.direction = "out";
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect(bed, ASKBED_ALLOW("1"));
	assert_int_equal(website_requests(bed->sites[0]), 0);
	assert_int_equal(askbed_outcomes(bed, "allowed"), 0);
	bed->own.concern.direction = "in";
	askbed_take_settings(bed);
	askbed_check(bed, "2", "<body>a</body>");
	askbed_expect(bed, ASKBED_ALLOW("2"));
	assert_int_equal(website_requests(bed->sites[0]), 1);
}

static void
follows_rules_without_a_server(void **state)
{
	static const char *const none[] = { NULL };
	struct askbed *bed = *state;

	bed->own.servers = none;
	askbed_take_rules(bed);
	askbed_check(bed, "1", "<body>a secret</body>");
	askbed_expect(bed, ASKBED_VERDICT("1", "action='deny' "
		"condition='policy-violation'><text>Not that.</text>"
		"</verdict>"));
	askbed_check(bed, "2", "<body>not now, later</body>");
	askbed_expect(bed, ASKBED_VERDICT("2", "action='hold'/>"));
	askbed_check(bed, "3", "<body>a</body>");
	askbed_expect(bed, ASKBED_REPLACED("3", "a\nb"));
	askbed_check(bed, "4", "<subject>a</subject>");
	askbed_expect(bed, ASKBED_ALLOW("4"));
	askbed_check(bed, "5", ASKBED_SLOW);
	askbed_expect(bed, ASKBED_REFUSED("5"));
	assert_int_equal(askbed_outcomes(bed, "blocked"), 1);
	assert_int_equal(askbed_outcomes(bed, "held"), 1);
	assert_int_equal(askbed_outcomes(bed, "modified"), 1);
	assert_int_equal(askbed_outcomes(bed, "allowed"), 1);
	assert_int_equal(askbed_outcomes(bed, "failed_closed"), 1);
}

/* Whatever room it is, and by whichever of their clients. */
static void
counts_those_elsewhere_as_they_send(void **state)
{
	static const char *const names[] = { "flood", NULL };
	struct clause_settings flood = clausebed_settings();
	struct setting_titled sections[] = { { names[0], &flood }, { 0 } };
	struct askbed *bed = *state;

	flood.rate = 1;
	bed->own.servers = &bed->servers[2];
	bed->own.rules = names;
	bed->taps->settings.rule = sections;
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
	askbed_check_entering(bed, "1", "r@far/o");
	askbed_expect(bed, ASKBED_ALLOW("1"));
	askbed_check_entering(bed, "2", "j@far/o");
	askbed_expect(bed, ASKBED_ALLOW("2"));
	askbed_check_entering(bed, "3", "r@far/p");
	askbed_expect(bed, ASKBED_VERDICT("3", "action='deny' "
		"condition='policy-violation'><text>Later.</text>"
		"</verdict>"));
}

static void
asks_servers_about_what_rules_leave_open(void **state)
{
	struct askbed *bed = *state;

	askbed_take_rules(bed);
	askbed_check(bed, "1", "<body>a secret</body>");
	tapbed_wait_sent(bed->taps, "Not that.");
	tapbed_sent(bed->taps);
	assert_int_equal(website_requests(bed->sites[0]), 0);
	askbed_check(bed, "2", "<body>a</body>");
	askbed_expect(bed, ASKBED_REPLACED("2", "a\nb"));
	assert_int_equal(website_requests(bed->sites[0]), 1);
	website_answers(bed->sites[0], 200, "{\"verdict\":\"modify\","
			"\"body\":\"c\"}");
	askbed_check(bed, "3", "<body>a</body>");
	askbed_expect(bed, ASKBED_REPLACED("3", "c\nb"));
	website_answers(bed->sites[0], 200, "{\"verdict\":\"block\"}");
	askbed_check(bed, "4", "<body>a</body>");
	tapbed_wait_sent(bed->taps, "action='deny'");
}

static void
ends_by_the_policy_it_began_with(void **state)
{
	struct askbed *bed = *state;

	tapbed_sent(bed->taps);
	website_hush(bed->sites[0], true);
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect_requests(bed, 0, 1);
	bed->taps->settings.policy = &bed->titled[1];
	archivist_reload(bed->taps->archive, &bed->taps->settings);
	website_answers(bed->sites[0], 200, "{\"verdict\": \"block\"}");
	website_hush(bed->sites[0], false);
	askbed_expect(bed, ASKBED_VERDICT("1", "action='deny'>"
					  "<text>Later.</text></verdict>"));
}

static void
judges_nothing_for_a_link_that_was_lost(void **state)
{
	struct askbed *bed = *state;

	website_hush(bed->sites[0], true);
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect_requests(bed, 0, 1);
	tapbed_link(bed->taps, false);
	tapbed_link(bed->taps, true);
	tapbed_greet(bed->taps, "e1");
	tapbed_sent(bed->taps);
	website_hush(bed->sites[0], false);
	askbed_check(bed, "2", "<body>a</body>");
	askbed_expect(bed, ASKBED_ALLOW("2"));
}

static void
ends_with_the_service(void **state)
{
	struct askbed *bed = *state;

	website_hush(bed->sites[0], true);
	askbed_check(bed, "1", "<body>a</body>");
	askbed_expect_requests(bed, 0, 1);
	tapbed_sent(bed->taps);
	tapbed_begin_stop(bed->taps);
	assert_non_null(strstr(tapbed_sent(bed->taps), "<service-unavailable"));
	askbed_check(bed, "2", "<body>a</body>");
	assert_non_null(strstr(tapbed_sent(bed->taps), "<service-unavailable"));
	tapbed_stop(bed->taps);
	bed->taps->settings.policy = &bed->titled[1];
	tapbed_start(bed->taps);
}

static bool
misses(struct askbed *bed, const char *what)
{
	struct str text = { 0 };
	bool found;

	str_addz(&text, "");
	archivist_add_missing(bed->taps->archive, &text);
	found = strstr(text.data, what) != NULL;
	str_fini(&text);
	return found;
}

static void
says_what_it_cannot_do_without(void **state)
{
	struct askbed *bed = *state;
	static const char *const ids[] = { "1", "2", "3" };

	assert_true(misses(bed, "asks for no verdicts"));
	hookbed_greet(bed->taps->hooks, "hooks='tap check'");
	assert_false(misses(bed, "verdicts"));
	website_answers(bed->sites[0], 500, "");
	website_answers(bed->sites[1], 500, "");
	tapbed_sent(bed->taps);
	for (size_t i = 0; i < 3; i++) {
		assert_false(misses(bed, "no server"));
		askbed_check(bed, ids[i], "<body>a</body>");
		tapbed_wait_sent(bed->taps, "resource-constraint");
		tapbed_sent(bed->taps);
	}
	assert_true(misses(bed, "no server of the policy \"strict\""));
	bed->taps->settings.policy = &bed->titled[1];
	archivist_reload(bed->taps->archive, &bed->taps->settings);
	assert_false(misses(bed, "no server"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ASKBED_TEST(tells_what_was_ruled),
		ASKBED_TEST(asks_the_next_when_one_fails),
		ASKBED_TEST(has_one_policy_for_all_that_have_none),
		ASKBED_TEST(lets_go_on_what_it_does_not_concern),
		ASKBED_TEST(follows_rules_without_a_server),
		ASKBED_TEST(counts_those_elsewhere_as_they_send),
		ASKBED_TEST(asks_servers_about_what_rules_leave_open),
		ASKBED_TEST(ends_by_the_policy_it_began_with),
		ASKBED_TEST(judges_nothing_for_a_link_that_was_lost),
		ASKBED_TEST(ends_with_the_service),
		ASKBED_TEST(says_what_it_cannot_do_without),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_hearing", tests,
					   tapbed_folder, database_teardown);
}
