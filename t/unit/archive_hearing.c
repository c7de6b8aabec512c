#include "components/archive/policy/hearing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/archivist.h"
#include "components/archive/policy/held.h"
#include "components/archive/policy/policy.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"
#include "t/lib/clausebed.h"
#include "t/lib/tapbed.h"
#include "t/lib/website.h"

#define TURNS 1000		/* of 10 ms */

#define VERDICT(id, verdict) \
	"<iq from='comp.example' to='example' type='result' id='" id "'>" \
	"<verdict xmlns='urn:x-annex:0' " verdict "</iq>\n"
#define ALLOW(id) \
	"<message from='comp.example' to='example'>" \
	"<allow xmlns='urn:x-annex:0'>" id "</allow></message>\n"
#define REFUSED(id) \
	VERDICT(id, "action='deny' condition='resource-constraint'>" \
		"<text>Later.</text></verdict>")

/* Two servers, and what of them the policies are made of. */
static struct website *sites[2];
static struct str urls[2];
static const char *servers[3];
static const char *const nobody[] = { NULL };
static struct policy_settings own;
static struct setting_titled titled[2];

static void
take_settings(struct tapbed *bed)
{
	titled[0] = (struct setting_titled){ "strict", &own };
	bed->settings.policy = titled;
	archivist_reload(bed->archive, &bed->settings);
}

static int
set_up(void **state)
{
	if (tapbed_setup(state) != 0)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		sites[i] = website_new(&(struct website_plan){ NULL, NULL });
		website_answers(sites[i], 200, "{\"verdict\": \"allow\"}");
		str_clear(&urls[i]);
		str_addf(&urls[i], "http://127.0.0.1:%u/",
			 website_port(sites[i]));
		servers[i] = urls[i].data;
	}
	own = (struct policy_settings){
		.concern = { nobody, "both", nobody },
		.rules = nobody, .servers = servers,
		.timeout = 60, .in_flight = 10,
		.on_failure = "closed", .notice = "Later.", .probe = "",
		.ca = "", .cert = "", .key = "",
	};
	take_settings(*state);
	return 0;
}

static int
tear_down(void **state)
{
	int ret = tapbed_teardown(state);

	for (size_t i = 0; i < 2; i++) {
		website_free(&sites[i]);
		str_fini(&urls[i]);
	}
	return ret;
}

static void
check_of(struct tapbed *bed, const char *host, const char *profile,
	 const char *id, const char *children)
{
	struct arena *arena = arena_new();

	hookbed_take(bed->hooks, arena, hookbed_xml(bed->hooks, arena_printf(
		bed->hooks->arena, "<iq xmlns='jabber:component:accept' "
		"type='set' id='%s' from='%s' to='comp.example'><check "
		"xmlns='urn:x-annex:0' id='x%s' point='send' profile='%s'>"
		"<forwarded xmlns='urn:xmpp:forward:0'><message "
		"xmlns='jabber:client' from='r@example/o' to='j@example' "
		"type='chat'>%s</message></forwarded></check></iq>", id, host,
		id, profile, children)));
}

static void
check_by(struct tapbed *bed, const char *profile, const char *id,
	 const char *children)
{
	check_of(bed, "example", profile, id, children);
}

static void
check(struct tapbed *bed, const char *id, const char *children)
{
	check_by(bed, "strict", id, children);
}

/* Runs until something is sent, which is this. */
static void
expect(struct tapbed *bed, const char *wanted)
{
	struct router *router = bed->hooks->runtime.router;

	for (int i = 0; i < TURNS && *fake_router_sent(router) == '\0'; i++)
		tapbed_turn(bed);
	assert_string_equal(tapbed_sent(bed), wanted);
}

static void
expect_requests(struct tapbed *bed, size_t site, unsigned wanted)
{
	for (int i = 0; i < TURNS && website_requests(sites[site]) < wanted;
	     i++)
		tapbed_turn(bed);
	assert_int_equal(website_requests(sites[site]), wanted);
}

static long long
outcomes(struct tapbed *bed, const char *which)
{
	return tapbed_metric(bed, arena_printf(
		bed->hooks->arena, "annex_archive_verdicts_total"
		"{outcome=\"%s\"}", which));
}

static void
tells_what_was_ruled(void **state)
{
	struct tapbed *bed = *state;

	tapbed_sent(bed);
	check(bed, "1", "<body>a</body>");
	expect(bed, ALLOW("1"));
	website_answers(sites[0], 200, "{\"verdict\":\"block\",\"notice\":"
			"\"No.\",\"condition\":\"not-allowed\"}");
	check(bed, "2", "<body>a</body>");
	expect(bed, VERDICT("2", "action='deny' condition='not-allowed'>"
			    "<text>No.</text></verdict>"));
	website_answers(sites[0], 200, "{\"verdict\":\"modify\","
			"\"append\":\"b\"}");
	check(bed, "3", "<body>a</body>");
	expect(bed, VERDICT("3", "action='replace'><forwarded "
		"xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' "
		"from='r@example/o' to='j@example' type='chat'>"
		"<body>a\nb</body></message></forwarded></verdict>"));
	check(bed, "4", "<subject>a</subject>");
	expect(bed, REFUSED("4"));
	check(bed, "5", arena_printf(bed->hooks->arena,
				     "<body>%06000d</body>", 1));
	expect(bed, REFUSED("5"));
	assert_int_equal(outcomes(bed, "allowed"), 1);
	assert_int_equal(outcomes(bed, "blocked"), 1);
	assert_int_equal(outcomes(bed, "modified"), 1);
	assert_int_equal(outcomes(bed, "failed_closed"), 2);
	assert_int_equal(tapbed_metric(bed, "annex_archive_verdict_seconds_"
				       "bucket{le=\"+Inf\"}"), 5);
}

static void
asks_the_next_when_one_fails(void **state)
{
	struct tapbed *bed = *state;

	tapbed_sent(bed);
	website_answers(sites[0], 500, "{\"verdict\": \"block\"}");
	check(bed, "1", "<body>a</body>");
	expect(bed, ALLOW("1"));
	website_answers(sites[0], 200, "{\"verdict\": \"perhaps\"}");
	check(bed, "2", "<body>a</body>");
	expect(bed, ALLOW("2"));
	website_free(&sites[0]);
	check(bed, "3", "<body>a</body>");
	expect(bed, ALLOW("3"));
	website_answers(sites[1], 500, "");
	check(bed, "4", "<body>a</body>");
	expect(bed, REFUSED("4"));
	assert_int_equal(website_requests(sites[1]), 4);
}

static void
lets_go_on_what_nobody_judges(void **state)
{
	struct tapbed *bed = *state;

	own.on_failure = "open";
	take_settings(bed);
	tapbed_sent(bed);
	website_answers(sites[0], 500, "");
	website_answers(sites[1], 500, "");
	check(bed, "1", "<body>a</body>");
	expect(bed, ALLOW("1"));
	assert_int_equal(outcomes(bed, "failed_open"), 1);
}

static void
waits_no_longer_than_it_may(void **state)
{
	struct tapbed *bed = *state;

	own.timeout = 1;
	take_settings(bed);
	tapbed_sent(bed);
	website_hush(sites[0], true);
	website_hush(sites[1], true);
	check(bed, "1", "<body>a</body>");
	expect(bed, REFUSED("1"));
	assert_int_equal(website_requests(sites[1]), 1);
}

static void
has_one_policy_for_all_that_have_none(void **state)
{
	struct tapbed *bed = *state;

	tapbed_sent(bed);
	check_by(bed, "other", "1", "<body>a</body>");
	assert_non_null(strstr(tapbed_sent(bed), "<item-not-found"));
	titled[0].title = "default";
	archivist_reload(bed->archive, &bed->settings);
	check_by(bed, "other", "2", "<body>a</body>");
	expect(bed, ALLOW("2"));
	titled[0].title = NULL;
	archivist_reload(bed->archive, &bed->settings);
	check_by(bed, "other", "3", "<body>a</body>");
	expect(bed, ALLOW("3"));
	assert_int_equal(website_requests(sites[0]), 1);
}

static void
lets_go_on_what_it_does_not_concern(void **state)
{
	static const char *const others[] = { "!user r@example", NULL };
	struct tapbed *bed = *state;

	own.concern.who = others;
	own.concern.direction = "out";
	take_settings(bed);
	tapbed_sent(bed);
	check(bed, "1", "<body>a</body>");
	expect(bed, ALLOW("1"));
	assert_int_equal(website_requests(sites[0]), 0);
	assert_int_equal(outcomes(bed, "allowed"), 0);
	own.concern.direction = "in";
	take_settings(bed);
	check(bed, "2", "<body>a</body>");
	expect(bed, ALLOW("2"));
	assert_int_equal(website_requests(sites[0]), 1);
}

/* Three rules by what is in the text, and a pattern that takes too long. */
static void
take_rules(struct tapbed *bed)
{
	static const char *const names[] = { "no", "later", "sign", "slow",
					     NULL };
	static const char *const secret[] = { "secret", NULL };
	static const char *const later[] = { "later", NULL };
	static const char *const slow[] = { "(aa+)+$", NULL };
	static struct clause_settings rules[4];
	static struct setting_titled sections[5];

	for (size_t i = 0; i < 4; i++) {
		rules[i] = clausebed_settings();
		sections[i] = (struct setting_titled){ names[i], &rules[i] };
	}
	rules[0].words = secret;
	rules[0].notice = "Not that.";
	rules[1].words = later;
	rules[1].verdict = "hold";
	rules[2].verdict = "append";
	rules[2].text = "b";
	rules[3].patterns = slow;
	bed->settings.rule = sections;
	own.rules = names;
	take_settings(bed);
	tapbed_sent(bed);
}

#define REPLACED(id, body) \
	VERDICT(id, "action='replace'><forwarded " \
		"xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' " \
		"from='r@example/o' to='j@example' type='chat'><body>" body \
		"</body></message></forwarded></verdict>")
#define SLOW_TEXT "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"
#define SLOW "<body>" SLOW_TEXT "</body>"

static void
follows_rules_without_a_server(void **state)
{
	static const char *const none[] = { NULL };
	struct tapbed *bed = *state;

	own.servers = none;
	take_rules(bed);
	check(bed, "1", "<body>a secret</body>");
	expect(bed, VERDICT("1", "action='deny' condition='policy-violation'>"
			    "<text>Not that.</text></verdict>"));
	check(bed, "2", "<body>not now, later</body>");
	expect(bed, VERDICT("2", "action='hold'/>"));
	check(bed, "3", "<body>a</body>");
	expect(bed, REPLACED("3", "a\nb"));
	check(bed, "4", "<subject>a</subject>");
	expect(bed, ALLOW("4"));
	check(bed, "5", SLOW);
	expect(bed, REFUSED("5"));
	assert_int_equal(outcomes(bed, "blocked"), 1);
	assert_int_equal(outcomes(bed, "held"), 1);
	assert_int_equal(outcomes(bed, "modified"), 1);
	assert_int_equal(outcomes(bed, "allowed"), 1);
	assert_int_equal(outcomes(bed, "failed_closed"), 1);
}

static void
asks_servers_about_what_rules_leave_open(void **state)
{
	struct tapbed *bed = *state;

	take_rules(bed);
	check(bed, "1", "<body>a secret</body>");
	tapbed_wait_sent(bed, "Not that.");
	tapbed_sent(bed);
	assert_int_equal(website_requests(sites[0]), 0);
	check(bed, "2", "<body>a</body>");
	expect(bed, REPLACED("2", "a\nb"));
	assert_int_equal(website_requests(sites[0]), 1);
	website_answers(sites[0], 200, "{\"verdict\":\"modify\","
			"\"body\":\"c\"}");
	check(bed, "3", "<body>a</body>");
	expect(bed, REPLACED("3", "c\nb"));
	website_answers(sites[0], 200, "{\"verdict\":\"block\"}");
	check(bed, "4", "<body>a</body>");
	tapbed_wait_sent(bed, "action='deny'");
}

static void
appends_to_what_nobody_judges(void **state)
{
	struct tapbed *bed = *state;

	own.on_failure = "open";
	take_rules(bed);
	website_answers(sites[0], 500, "");
	website_answers(sites[1], 500, "");
	check(bed, "1", "<body>a</body>");
	expect(bed, REPLACED("1", "a\nb"));
	check(bed, "2", "<subject>a</subject>");
	expect(bed, ALLOW("2"));
	assert_int_equal(outcomes(bed, "failed_open"), 2);
}

static void
fails_by_rules_as_by_servers(void **state)
{
	struct tapbed *bed = *state;

	own.on_failure = "open";
	take_rules(bed);
	/* What is appended is so by a rule before the slow one. */
	check(bed, "1", SLOW);
	expect(bed, REPLACED("1", SLOW_TEXT "\nb"));
	assert_int_equal(outcomes(bed, "failed_open"), 1);
	own.on_failure = "spool";
	take_rules(bed);
	check(bed, "2", SLOW);
	expect(bed, VERDICT("2", "action='hold'/>"));
	tapbed_wait(bed, "SELECT count(*) FROM archive_held WHERE uid = 'x2' "
		    "AND waits = ''", 1);
	assert_int_equal(website_requests(sites[0]), 0);
}

#define UNJUDGED(id) \
	VERDICT(id, "action='deny' condition='not-acceptable'>" \
		"<text>Later.</text></verdict>")

/* Of the one something is left out, the other is none by RFC 6120. */
static void
check_unclear(struct tapbed *bed, const char *cut, const char *odd)
{
	struct arena *arena = bed->hooks->arena;
	static const char form[] =
		"<iq xmlns='jabber:component:accept' type='set' id='%s' "
		"from='example' to='comp.example'><check "
		"xmlns='urn:x-annex:0' id='x1' point='send' "
		"profile='strict' %s><forwarded xmlns='urn:xmpp:forward:0'>"
		"<%s xmlns='jabber:client' from='r@example/o' "
		"to='j@example/b' type='%s' id='i1'><a xmlns='urn:a'/>"
		"<b xmlns='urn:b'/></%s></forwarded></check></iq>";

	hookbed_take(bed->hooks, arena_new(), hookbed_xml(
		bed->hooks, arena_printf(arena, form, cut, "cut='true'",
					 "message", "chat", "message")));
	hookbed_take(bed->hooks, arena_new(), hookbed_xml(
		bed->hooks, arena_printf(arena, form, odd, "", "iq", "set",
					 "iq")));
}

/* Whatever the shim would do without an answer. */
static void
judges_nothing_that_is_not_whole(void **state)
{
	static const char *const kinds[][2] = { { "iq", NULL },
						{ "file", NULL } };
	struct tapbed *bed = *state;

	tapbed_sent(bed);
	check_unclear(bed, "1", "2");
	expect(bed, UNJUDGED("1") UNJUDGED("2"));
	own.concern.kinds = kinds[0];
	take_settings(bed);
	check_unclear(bed, "3", "4");
	tapbed_wait_sent(bed, ALLOW("3"));
	assert_non_null(strstr(tapbed_sent(bed), UNJUDGED("4")));
	/* What is missing may be one. */
	own.concern.kinds = kinds[1];
	own.on_failure = "spool";
	take_settings(bed);
	check_unclear(bed, "5", "6");
	expect(bed, UNJUDGED("5") UNJUDGED("6"));
	own.on_failure = "open";
	take_settings(bed);
	check_unclear(bed, "7", "8");
	expect(bed, ALLOW("7\n8"));
	assert_int_equal(outcomes(bed, "failed_closed"), 5);
	assert_int_equal(outcomes(bed, "failed_open"), 2);
	assert_int_equal(website_requests(sites[0]), 0);
}

static void
ends_by_the_policy_it_began_with(void **state)
{
	struct tapbed *bed = *state;

	tapbed_sent(bed);
	website_hush(sites[0], true);
	check(bed, "1", "<body>a</body>");
	expect_requests(bed, 0, 1);
	bed->settings.policy = &titled[1];
	archivist_reload(bed->archive, &bed->settings);
	website_answers(sites[0], 200, "{\"verdict\": \"block\"}");
	website_hush(sites[0], false);
	expect(bed, VERDICT("1", "action='deny'><text>Later.</text>"
			    "</verdict>"));
}

static void
judges_nothing_for_a_link_that_was_lost(void **state)
{
	struct tapbed *bed = *state;

	website_hush(sites[0], true);
	check(bed, "1", "<body>a</body>");
	expect_requests(bed, 0, 1);
	tapbed_link(bed, false);
	tapbed_link(bed, true);
	tapbed_greet(bed, "e1");
	tapbed_sent(bed);
	website_hush(sites[0], false);
	check(bed, "2", "<body>a</body>");
	expect(bed, ALLOW("2"));
}

static void
ends_with_the_service(void **state)
{
	struct tapbed *bed = *state;

	website_hush(sites[0], true);
	check(bed, "1", "<body>a</body>");
	expect_requests(bed, 0, 1);
	tapbed_sent(bed);
	tapbed_begin_stop(bed);
	assert_non_null(strstr(tapbed_sent(bed), "<service-unavailable"));
	check(bed, "2", "<body>a</body>");
	assert_non_null(strstr(tapbed_sent(bed), "<service-unavailable"));
	tapbed_stop(bed);
	bed->settings.policy = &titled[1];
	tapbed_start(bed);
}

static void
lets_the_journal_have_it_first(void **state)
{
	struct tapbed *bed = *state;

	own.log_first = true;
	take_settings(bed);
	tapbed_sent(bed);
	website_answers(sites[0], 200, "{\"verdict\":\"modify\","
			"\"append\":\"b\"}");
	tapbed_lock_journal(bed);
	check(bed, "1", "<body>a</body>");
	expect_requests(bed, 0, 1);
	check(bed, "2", "<body>a</body><no-store xmlns='urn:xmpp:hints'/>");
	tapbed_wait_sent(bed, "id='2'");
	assert_null(strstr(tapbed_sent(bed), "id='1'"));
	tapbed_unlock(bed);
	tapbed_wait_sent(bed, "id='1'");
	tapbed_wait(bed, "SELECT count(*) FROM archive_message WHERE uid = "
		    "'x1' AND body = 'a\nb' AND ways = 1", 1);
	tapbed_tap(bed, 1, "x1", "a\nb");
	tapbed_wait(bed, "SELECT count(*) FROM archive_message WHERE uid = "
		    "'x1' AND ways = 3", 1);
	tapbed_wait(bed, "SELECT count(*) FROM archive_message", 1);
}

static void
lets_the_journal_have_first_what_nobody_judges(void **state)
{
	struct tapbed *bed = *state;

	own.log_first = true;
	own.on_failure = "open";
	take_settings(bed);
	tapbed_sent(bed);
	website_answers(sites[0], 500, "");
	website_answers(sites[1], 500, "");
	tapbed_lock_journal(bed);
	check(bed, "1", "<body>a</body>");
	expect_requests(bed, 1, 1);
	check(bed, "2", "<body>a</body><no-store xmlns='urn:xmpp:hints'/>");
	tapbed_wait_sent(bed, ALLOW("2"));
	assert_null(strstr(tapbed_sent(bed), ">1<"));
	tapbed_unlock(bed);
	tapbed_wait_sent(bed, ALLOW("1"));
	tapbed_wait(bed, "SELECT count(*) FROM archive_message WHERE uid = "
		    "'x1'", 1);
	assert_int_equal(outcomes(bed, "failed_open"), 2);
}

/* Not as it was written, whatever becomes of the journal. */
static void
lets_go_on_what_was_modified_without_the_journal(void **state)
{
	struct tapbed *bed = *state;

	own.log_first = true;
	own.on_failure = "open";
	own.timeout = 1;
	take_settings(bed);
	tapbed_sent(bed);
	website_answers(sites[0], 200, "{\"verdict\":\"modify\","
			"\"append\":\"b\"}");
	tapbed_lock_journal(bed);
	check(bed, "1", "<body>a</body>");
	expect(bed, REPLACED("1", "a\nb"));
	assert_int_equal(outcomes(bed, "failed_open"), 1);
	tapbed_unlock(bed);
}

/* A server that hangs leaves time for that. */
static void
leaves_time_for_the_journal(void **state)
{
	struct tapbed *bed = *state;

	own.log_first = true;
	own.on_failure = "open";
	own.timeout = 4;
	take_settings(bed);
	tapbed_sent(bed);
	website_hush(sites[0], true);
	website_hush(sites[1], true);
	tapbed_lock_journal(bed);
	check(bed, "1", "<body>a</body>");
	/* Its time for an answer has run out. */
	check(bed, "2", "<body>a</body><no-store xmlns='urn:xmpp:hints'/>");
	tapbed_wait_sent(bed, ALLOW("2"));
	assert_null(strstr(tapbed_sent(bed), ">1<"));
	tapbed_unlock(bed);
	tapbed_wait_sent(bed, ALLOW("1"));
	tapbed_wait(bed, "SELECT count(*) FROM archive_message WHERE uid = "
		    "'x1'", 1);
	assert_int_equal(outcomes(bed, "failed_open"), 2);
}

static void
check_coming(struct tapbed *bed, const char *id, const char *addresses,
	     const char *children)
{
	struct arena *arena = arena_new();

	hookbed_take(bed->hooks, arena, hookbed_xml(bed->hooks, arena_printf(
		bed->hooks->arena, "<iq xmlns='jabber:component:accept' "
		"type='set' id='%s' from='example' to='comp.example'><check "
		"xmlns='urn:x-annex:0' id='x%s' point='receive' "
		"profile='strict'><forwarded xmlns='urn:xmpp:forward:0'>"
		"<message xmlns='jabber:client' %s id='%s'>%s</message>"
		"</forwarded></check></iq>", id, id, addresses, id,
		children)));
}

/* From a gateway, by that client of it. */
static void
check_received(struct tapbed *bed, const char *id, const char *resource,
	       const char *children)
{
	check_coming(bed, id, arena_printf(
		bed->hooks->arena, "from='g@gate/%s' to='j@example' "
		"type='chat'", resource), children);
}

static void
check_entering(struct tapbed *bed, const char *id, const char *from)
{
	check_coming(bed, id, arena_printf(
		bed->hooks->arena, "from='%s' to='hall@rooms.example' "
		"type='groupchat'", from), "<body>a</body>");
}

#define RETRACT "<retract xmlns='urn:xmpp:message-retract:1' id='1'/>"
#define MESSAGES "SELECT count(*) FROM archive_message WHERE "

/* A check does not say that it came from there, but what is tapped. */
static void
logs_first_what_comes_from_a_gateway(void **state)
{
	struct tapbed *bed = *state;

	own.log_first = true;
	own.servers = &servers[2];
	take_settings(bed);
	check_received(bed, "1", "x", "<body>a</body>");
	tapbed_wait(bed, MESSAGES "flags = 0", 1);
	check_received(bed, "2", "y", RETRACT);
	tapbed_wait(bed, MESSAGES "flags = 0", 2);
	assert_int_equal(database_ask(bed->db, MESSAGES "body = 'a'"), 1);
	tapbed_receive(bed, "seq='1' id='x1' dir='in' origin='component'",
		       "<message xmlns='jabber:client' from='g@gate/x' "
		       "to='j@example' type='chat' id='1'><body>a</body>"
		       "</message>");
	tapbed_wait(bed, MESSAGES "uid = 'x1' AND flags = 4", 1);
	check_received(bed, "3", "x", RETRACT);
	tapbed_wait(bed, MESSAGES "uid = 'x1' AND body IS NULL", 1);
}

/* Nobody will be shown it under that id, and the room has an archive. */
static void
logs_nothing_of_what_goes_into_a_room(void **state)
{
	struct tapbed *bed = *state;

	own.log_first = true;
	own.servers = &servers[2];
	take_settings(bed);
	tapbed_sent(bed);
	check_entering(bed, "1", "r@far/o");
	expect(bed, ALLOW("1"));
	check_received(bed, "2", "x", "<body>b</body>");
	tapbed_wait(bed, MESSAGES "body = 'b'", 1);
	assert_int_equal(database_ask(bed->db, MESSAGES "1 = 1"), 1);
}

/* Whatever room it is, and by whichever of their clients. */
static void
counts_those_elsewhere_as_they_send(void **state)
{
	static const char *const names[] = { "flood", NULL };
	struct clause_settings flood = clausebed_settings();
	struct setting_titled sections[] = { { names[0], &flood }, { 0 } };
	struct tapbed *bed = *state;

	flood.rate = 1;
	own.servers = &servers[2];
	own.rules = names;
	bed->settings.rule = sections;
	take_settings(bed);
	tapbed_sent(bed);
	check_entering(bed, "1", "r@far/o");
	expect(bed, ALLOW("1"));
	check_entering(bed, "2", "j@far/o");
	expect(bed, ALLOW("2"));
	check_entering(bed, "3", "r@far/p");
	expect(bed, VERDICT("3", "action='deny' condition='policy-violation'>"
			    "<text>Later.</text></verdict>"));
}

static void
take_open_log(struct tapbed *bed)
{
	own.log_first = true;
	own.on_failure = "open";
	take_settings(bed);
	tapbed_sent(bed);
}

/* The journal has what there is of it, whatever that is worth. */
static void
logs_first_what_is_not_whole(void **state)
{
	struct tapbed *bed = *state;

	take_open_log(bed);
	tapbed_lock_journal(bed);
	check_unclear(bed, "1", "2");
	tapbed_wait_sent(bed, ALLOW("2"));
	assert_null(strstr(tapbed_sent(bed), ">1<"));
	tapbed_unlock(bed);
	tapbed_wait_sent(bed, ALLOW("1"));
	/* 64 is ARCHIVE_REST_LOST. */
	tapbed_wait(bed, MESSAGES "uid = 'x1' AND (flags & 64) = 64 AND "
		    "rest LIKE '<a %'", 1);
	assert_int_equal(outcomes(bed, "failed_open"), 2);
}

static void
check_long(struct tapbed *bed, const char *id)
{
	struct arena *arena = arena_new();

	hookbed_take(bed->hooks, arena, hookbed_xml(bed->hooks, arena_printf(
		bed->hooks->arena, "<iq xmlns='jabber:component:accept' "
		"type='set' id='%s' from='example' to='comp.example'><check "
		"xmlns='urn:x-annex:0' id='x%0300d' point='send' "
		"profile='strict'><forwarded xmlns='urn:xmpp:forward:0'>"
		"<message xmlns='jabber:client' from='r@example/o' "
		"to='j@example' type='chat'><body>a</body></message>"
		"</forwarded></check></iq>", id, 1)));
}

/* A message to nobody that there can be, and one of an endless id. */
static void
refuses_what_cannot_be_logged(void **state)
{
	struct tapbed *bed = *state;

	take_open_log(bed);
	hookbed_take(bed->hooks, arena_new(), hookbed_xml(bed->hooks,
		"<iq xmlns='jabber:component:accept' type='set' id='1' "
		"from='example' to='comp.example'><check "
		"xmlns='urn:x-annex:0' id='x1' point='send' "
		"profile='strict'><forwarded xmlns='urn:xmpp:forward:0'>"
		"<message xmlns='jabber:client' from='r@example/o' to='@' "
		"type='chat'><body>a</body></message></forwarded></check>"
		"</iq>"));
	expect(bed, UNJUDGED("1"));
	own.servers = &servers[2];
	take_settings(bed);
	check_long(bed, "2");
	expect(bed, UNJUDGED("2"));
	assert_int_equal(outcomes(bed, "failed_closed"), 2);
	own.log_first = false;
	take_settings(bed);
	check_long(bed, "3");
	expect(bed, ALLOW("3"));
}

static void
needs_no_server_to_log(void **state)
{
	struct tapbed *bed = *state;

	own.log_first = true;
	own.servers = &servers[2];
	take_settings(bed);
	tapbed_sent(bed);
	check(bed, "1", "<body>a</body>");
	expect(bed, ALLOW("1"));
	tapbed_wait(bed, "SELECT count(*) FROM archive_message", 1);
}

static void
holds_what_is_durable(void **state)
{
	struct tapbed *bed = *state;

	own.timeout = 2;
	take_settings(bed);
	tapbed_sent(bed);
	website_answers(sites[0], 200, "{\"verdict\":\"hold\"}");
	check(bed, "1", "<body>a</body>");
	expect(bed, VERDICT("1", "action='hold'/>"));
	tapbed_wait(bed, "SELECT count(*) FROM archive_held WHERE uid = 'x1' "
		    "AND host = 'example' AND point = 0 AND profile = "
		    "'strict' AND sender = 'r@example/o' AND recipient = "
		    "'j@example' AND stanza LIKE '<message %<body>a</body>%'",
		    1);
	assert_int_equal(outcomes(bed, "held"), 1);
	/* What is refused is not held as well. */
	tapbed_lock_database(bed);
	check(bed, "2", "<body>a</body>");
	expect(bed, REFUSED("2"));
	tapbed_unlock(bed);
	check(bed, "3", "<body>a</body>");
	expect(bed, VERDICT("3", "action='hold'/>"));
	tapbed_wait(bed, "SELECT count(*) FROM archive_held", 2);
}

/* As when there is no verdict. */
static void
holds_no_more_than_may_be(void **state)
{
	struct tapbed *bed = *state;

	bed->settings.held_max = 1;
	take_settings(bed);
	tapbed_sent(bed);
	website_answers(sites[0], 200, "{\"verdict\":\"hold\"}");
	check(bed, "1", "<body>a</body>");
	expect(bed, VERDICT("1", "action='hold'/>"));
	check(bed, "2", "<body>a</body>");
	expect(bed, REFUSED("2"));
	assert_int_equal(tapbed_metric(bed, "annex_archive_held_refused_total"),
			 1);
	own.on_failure = "open";
	take_settings(bed);
	check(bed, "3", "<body>a</body>");
	expect(bed, ALLOW("3"));
	/* Once it is released or rejected. */
	database_do(bed->db, "DELETE FROM archive_held");
	while (held_is_full(bed->archive))
		tapbed_turn(bed);
	check(bed, "4", "<body>a</body>");
	expect(bed, VERDICT("4", "action='hold'/>"));
	tapbed_wait(bed, "SELECT count(*) FROM archive_held", 1);
}

/* The removal of what is refused has no room behind it. */
static void
takes_out_what_it_refused(void **state)
{
	struct tapbed *bed = *state;
	struct arena *arena = bed->hooks->arena;

	own.timeout = 2;
	bed->settings.policy = titled;
	bed->db->settings.queue_bytes = 5000;
	tapbed_stop(bed);
	tapbed_start(bed);
	/* Behind what the start writes. */
	database_do(bed->db, "DELETE FROM archive_held");
	tapbed_sent(bed);
	website_answers(sites[0], 200, "{\"verdict\":\"hold\"}");
	tapbed_lock_database(bed);
	check(bed, "1", arena_printf(arena, "<body>%06000d</body>", 1));
	expect(bed, REFUSED("1"));
	tapbed_unlock(bed);
	tapbed_wait(bed, "SELECT count(*) FROM archive_held", 1);
	tapbed_wait(bed, "SELECT count(*) FROM archive_held", 0);
	check(bed, "2", "<body>a</body>");
	expect(bed, VERDICT("2", "action='hold'/>"));
}

/* A router may know a message by one id on both. */
static void
holds_for_a_host_what_another_had(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, "INSERT INTO archive_held VALUES ('x1', "
		    "'example', 0, 'strict', 1, 1, 'r@example/o', "
		    "'j@other', '<message/>', '')");
	hookbed_receive(bed->hooks, "<message from='other' "
			"to='comp.example'><hello xmlns='urn:x-annex:0' "
			"version='0' epoch='e1' hooks='check'/></message>");
	website_answers(sites[0], 200, "{\"verdict\":\"hold\"}");
	check_of(bed, "other", "strict", "1", "<body>a</body>");
	tapbed_wait_sent(bed, "action='hold'");
	tapbed_sent(bed);
	held_take_out(bed->archive, "x1", "example");
	check(bed, "2", "<body>a</body>");
	expect(bed, VERDICT("2", "action='hold'/>"));
	tapbed_wait(bed, "SELECT count(*) FROM archive_held", 2);
	tapbed_wait(bed, "SELECT count(*) FROM archive_held WHERE uid = 'x1' "
		    "AND host = 'other' AND since > 1 AND stanza LIKE "
		    "'%<body>a</body>%'", 1);
}

static bool
misses(struct tapbed *bed, const char *what)
{
	struct str text = { 0 };
	bool found;

	str_addz(&text, "");
	archivist_add_missing(bed->archive, &text);
	found = strstr(text.data, what) != NULL;
	str_fini(&text);
	return found;
}

static void
says_what_it_cannot_do_without(void **state)
{
	struct tapbed *bed = *state;
	static const char *const ids[] = { "1", "2", "3" };

	assert_true(misses(bed, "asks for no verdicts"));
	hookbed_greet(bed->hooks, "hooks='tap check'");
	assert_false(misses(bed, "verdicts"));
	website_answers(sites[0], 500, "");
	website_answers(sites[1], 500, "");
	tapbed_sent(bed);
	for (size_t i = 0; i < 3; i++) {
		assert_false(misses(bed, "no server"));
		check(bed, ids[i], "<body>a</body>");
		tapbed_wait_sent(bed, "resource-constraint");
		tapbed_sent(bed);
	}
	assert_true(misses(bed, "no server of the policy \"strict\""));
	bed->settings.policy = &titled[1];
	archivist_reload(bed->archive, &bed->settings);
	assert_false(misses(bed, "no server"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_what_was_ruled),
		TEST(asks_the_next_when_one_fails),
		TEST(lets_go_on_what_nobody_judges),
		TEST(waits_no_longer_than_it_may),
		TEST(has_one_policy_for_all_that_have_none),
		TEST(lets_go_on_what_it_does_not_concern),
		TEST(appends_to_what_nobody_judges),
		TEST(fails_by_rules_as_by_servers),
		TEST(asks_servers_about_what_rules_leave_open),
		TEST(follows_rules_without_a_server),
		TEST(judges_nothing_that_is_not_whole),
		TEST(ends_by_the_policy_it_began_with),
		TEST(judges_nothing_for_a_link_that_was_lost),
		TEST(ends_with_the_service),
		TEST(lets_the_journal_have_it_first),
		TEST(lets_the_journal_have_first_what_nobody_judges),
		TEST(lets_go_on_what_was_modified_without_the_journal),
		TEST(leaves_time_for_the_journal),
		TEST(logs_first_what_comes_from_a_gateway),
		TEST(logs_first_what_is_not_whole),
		TEST(refuses_what_cannot_be_logged),
		TEST(logs_nothing_of_what_goes_into_a_room),
		TEST(counts_those_elsewhere_as_they_send),
		TEST(needs_no_server_to_log),
		TEST(holds_what_is_durable),
		TEST(holds_no_more_than_may_be),
		TEST(takes_out_what_it_refused),
		TEST(holds_for_a_host_what_another_had),
		TEST(says_what_it_cannot_do_without),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_hearing", tests,
					   tapbed_folder, database_teardown);
}
