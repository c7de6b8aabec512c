#include "components/archive/policy/retrial.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/archivist.h"
#include "components/archive/policy/court.h"
#include "components/archive/policy/judge.h"
#include "components/archive/policy/policy.h"
#include "shared/arena.h"
#include "shared/str.h"
#include "t/lib/clausebed.h"
#include "t/lib/tapbed.h"
#include "t/lib/website.h"

#define TURNS 1000		/* of 10 ms */
#define TURN_MS 10

#define LEFT "SELECT count(*) FROM archive_held WHERE waits = 'patient'"

static struct website *site;
static struct str url;
static const char *servers[2];
static const char *const nobody[] = { NULL };
static struct policy_settings own;
static struct setting_titled titled[2];

static void
take_settings(struct tapbed *bed)
{
	titled[0] = (struct setting_titled){ "patient", &own };
	bed->settings.policy = titled;
	archivist_reload(bed->archive, &bed->settings);
}

static int
set_up(void **state)
{
	if (tapbed_setup(state) != 0)
		return -1;
	site = website_new(&(struct website_plan){ NULL, NULL });
	website_answers(site, 200, "{\"verdict\": \"allow\"}");
	str_clear(&url);
	str_addf(&url, "http://127.0.0.1:%u/", website_port(site));
	servers[0] = url.data;
	own = (struct policy_settings){
		.concern = { nobody, "both", nobody },
		.rules = nobody, .servers = servers,
		.timeout = 60, .in_flight = 10,
		.on_failure = "spool", .notice = "", .probe = "", .ca = "",
		.cert = "",
		.key = "",
	};
	hookbed_greet(((struct tapbed *)*state)->hooks, "hooks='tap check'");
	return 0;
}

static int
tear_down(void **state)
{
	int ret = tapbed_teardown(state);

	website_free(&site);
	str_fini(&url);
	return ret;
}

static void
keep_of(struct tapbed *bed, const char *host, const char *uid, unsigned since)
{
	database_do(bed->db, arena_printf(
		bed->hooks->arena, "INSERT INTO archive_held VALUES ('%s', "
		"'%s', 0, 'patient', 1, %u, 'r@example/o', 'j@example', "
		"'<message xmlns=\"jabber:client\" from=\"r@example/o\" "
		"to=\"j@example\"><body>%s</body></message>', 'patient')",
		uid, host, since, uid));
}

static void
keep(struct tapbed *bed, const char *uid, unsigned since)
{
	keep_of(bed, "example", uid, since);
}

static void
turn(struct tapbed *bed)
{
	database_run(bed->db, TURN_MS);
	uv_run(&bed->hooks->loop, UV_RUN_NOWAIT);
}

/* Runs until the shim is asked for that about that one, and returns what was
   sent. */
static const char *
await_request(struct tapbed *bed, const char *name, const char *uid)
{
	struct router *router = bed->hooks->runtime.router;
	const char *wanted = arena_printf(
		bed->hooks->arena, "<%s xmlns='urn:x-annex:0' id='%s'", name,
		uid);

	for (int i = 0; i < TURNS &&
	     strstr(fake_router_sent(router), wanted) == NULL; i++)
		turn(bed);
	assert_non_null(strstr(fake_router_sent(router), wanted));
	return tapbed_sent(bed);
}

static const char *
await_release(struct tapbed *bed, const char *uid)
{
	return await_request(bed, "release", uid);
}

static void
await_requests(struct tapbed *bed, unsigned count)
{
	for (int i = 0; i < TURNS && website_requests(site) < count; i++)
		turn(bed);
	assert_in_range(website_requests(site), count, UINT_MAX);
}

/* The shim has let it go on. */
static void
confirm_of(struct tapbed *bed, const char *host, const char *sent)
{
	const char *id = strstr(sent, " id='") + strlen(" id='");

	hookbed_receive(bed->hooks, arena_printf(
		bed->hooks->arena, "<iq type='result' from='%s' "
		"to='comp.example' id='%.*s'/>", host,
		(int)strcspn(id, "'"), id));
}

static void
confirm(struct tapbed *bed, const char *sent)
{
	confirm_of(bed, "example", sent);
}

/* How often the audit log has that of that one. */
static const char *
noted_sql(struct tapbed *bed, const char *action, const char *uid)
{
	return arena_printf(bed->hooks->arena, "SELECT count(*) FROM "
			    "audit_entry WHERE who = 'policy' AND action = "
			    "'%s' AND detail LIKE '{\"id\":\"%s\","
			    "\"policy\":\"patient\"%%}'", action, uid);
}

static void
expect_noted(struct tapbed *bed, const char *action, const char *uid,
	     int64_t count)
{
	assert_int_equal(database_ask(bed->db, noted_sql(bed, action, uid)),
			 count);
}

static void
await_noted(struct tapbed *bed, const char *action, const char *uid)
{
	tapbed_wait(bed, noted_sql(bed, action, uid), 1);
}

static void
lets_go_on_in_order(void **state)
{
	struct tapbed *bed = *state;

	keep(bed, "x2", 2);
	keep(bed, "x1", 1);
	take_settings(bed);
	confirm(bed, await_release(bed, "x1"));
	confirm(bed, await_release(bed, "x2"));
	tapbed_wait(bed, LEFT, 0);
	expect_noted(bed, "released", "x1", 1);
	expect_noted(bed, "released", "x2", 1);
}

static void
writes_down_what_does_not_go_on(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	keep(bed, "x1", 1);
	website_answers(site, 200, "{\"verdict\": \"block\", \"notice\": "
			"\"No.\", \"condition\": \"not-allowed\"}");
	take_settings(bed);
	sent = await_request(bed, "refuse", "x1");
	assert_non_null(strstr(sent, "condition='not-allowed'><text>No.<"));
	confirm(bed, sent);
	tapbed_wait(bed, "SELECT count(*) FROM archive_held", 0);
	expect_noted(bed, "blocked", "x1", 1);
	website_answers(site, 200, "{\"verdict\": \"hold\"}");
	keep(bed, "x2", 2);
	tapbed_wait(bed, LEFT, 0);
	tapbed_wait(bed, "SELECT count(*) FROM archive_held", 1);
	expect_noted(bed, "referred", "x2", 1);
	assert_null(strstr(tapbed_sent(bed), "<release"));
}

/* The shim does not let it go on; once it has said hello again, it is asked
   again. */
static void
fail_release(struct tapbed *bed, const char *sent, const char *condition)
{
	const char *id = strstr(sent, " id='") + strlen(" id='");

	hookbed_receive(bed->hooks, arena_printf(
		bed->hooks->arena, "<iq type='error' from='example' "
		"to='comp.example' id='%.*s'><error type='wait'><%s "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
		(int)strcspn(id, "'"), id, condition));
	hookbed_greet(bed->hooks, "hooks='tap check'");
}

/* Whether it can be told or not, it is done. */
static void
tells_nobody_who_is_not_to_know(void **state)
{
	struct tapbed *bed = *state;

	tapbed_sent(bed);
	website_answers(site, 200,
			"{\"verdict\": \"block\", \"silent\": true}");
	keep(bed, "x1", 1);
	take_settings(bed);
	tapbed_wait(bed, "SELECT count(*) FROM archive_held", 0);
	assert_string_equal(tapbed_sent(bed), "");
	website_answers(site, 200, "{\"verdict\": \"block\"}");
	keep(bed, "x2", 2);
	fail_release(bed, await_request(bed, "refuse", "x2"),
		     "service-unavailable");
	tapbed_wait(bed, "SELECT count(*) FROM archive_held", 0);
	expect_noted(bed, "blocked", "x2", 1);
}

static void
writes_down_once_what_is_tried_again(void **state)
{
	struct tapbed *bed = *state;

	keep(bed, "x1", 1);
	website_answers(site, 200,
			"{\"verdict\": \"modify\", \"append\": \"b\"}");
	take_settings(bed);
	fail_release(bed, await_release(bed, "x1"), "internal-server-error");
	fail_release(bed, await_release(bed, "x1"), "forbidden");
	tapbed_wait(bed, LEFT, 0);
	expect_noted(bed, "modified", "x1", 1);
	expect_noted(bed, "referred", "x1", 1);
}

/* Nothing is done that is not written down. */
static void
lets_nothing_go_on_without_the_audit_log(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, "CREATE TRIGGER forbid BEFORE INSERT ON "
		    "audit_entry BEGIN SELECT RAISE(ABORT, 'no'); END");
	keep(bed, "x1", 1);
	tapbed_sent(bed);
	take_settings(bed);
	await_requests(bed, 2);
	assert_null(strstr(tapbed_sent(bed), "<release"));
	database_do(bed->db, "DROP TRIGGER forbid");
	confirm(bed, await_release(bed, "x1"));
	tapbed_wait(bed, LEFT, 0);
	expect_noted(bed, "released", "x1", 1);
}

/* By the rules as they are by now, and then by the server; a rate does not
   count again. */
static void
judges_by_rules_first(void **state)
{
	static const char *const names[] = { "often", "no", "sign", NULL };
	static const char *const secret[] = { "secret", NULL };
	struct clause_settings rules[3];
	const struct setting_titled sections[] = {
		{ "often", &rules[0] }, { "no", &rules[1] },
		{ "sign", &rules[2] }, { .title = NULL },
	};
	struct tapbed *bed = *state;
	const char *sent;

	for (size_t i = 0; i < 3; i++)
		rules[i] = clausebed_settings();
	rules[0].rate = 1;
	rules[1].words = secret;
	rules[2].verdict = "append";
	rules[2].text = "b";
	bed->settings.rule = sections;
	own.rules = names;
	keep(bed, "secret", 1);
	keep(bed, "x2", 2);
	keep(bed, "x3", 3);
	take_settings(bed);
	confirm(bed, await_request(bed, "refuse", "secret"));
	sent = await_release(bed, "x2");
	assert_non_null(strstr(sent, "<body>x2\nb</body>"));
	assert_null(strstr(sent, "id='secret'"));
	confirm(bed, sent);
	confirm(bed, await_release(bed, "x3"));
	tapbed_wait(bed, LEFT, 0);
	assert_int_equal(website_requests(site), 2);
	own.rules = names + 3;
	bed->settings.rule = sections + 3;
	take_settings(bed);
}

#define LOGGED "SELECT count(*) FROM archive_message WHERE uid = 'x1' AND " \
	"body = 'x1' AND ways = 1 AND rest LIKE '%<delay %stamp=''1970%'"

static void
lets_the_journal_have_it_first(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	own.log_first = true;
	keep(bed, "x1", 1);
	tapbed_lock_journal(bed);
	tapbed_sent(bed);
	take_settings(bed);
	await_noted(bed, "released", "x1");
	for (int i = 0; i < 10; i++)
		turn(bed);
	assert_null(strstr(tapbed_sent(bed), "<release"));
	tapbed_unlock(bed);
	fail_release(bed, await_release(bed, "x1"), "internal-server-error");
	sent = await_release(bed, "x1");
	tapbed_wait(bed, LOGGED, 1);
	confirm(bed, sent);
	tapbed_wait(bed, LEFT, 0);
	assert_int_equal(tapbed_metric(bed, "annex_journal_drained_total"),
			 1);
}

static void
leaves_to_reviewers_what_the_journal_cannot_have(void **state)
{
	struct tapbed *bed = *state;
	const char *uid = arena_printf(bed->hooks->arena, "x%0300d", 1);

	own.log_first = true;
	keep(bed, uid, 1);
	tapbed_sent(bed);
	take_settings(bed);
	await_noted(bed, "referred", uid);
	tapbed_wait(bed, "SELECT count(*) FROM archive_held WHERE waits = ''",
		    1);
	assert_null(strstr(tapbed_sent(bed), "<release"));
}

static void
lets_go_on_once_whatever_is_reloaded(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	keep(bed, "x1", 1);
	take_settings(bed);
	sent = await_release(bed, "x1");
	take_settings(bed);
	confirm(bed, sent);
	tapbed_wait(bed, LEFT, 0);
	assert_string_equal(tapbed_sent(bed), "");
}

/* Nothing can be taken out of the table, until it may again. */
static void
forbid_removals(struct tapbed *bed)
{
	database_do(bed->db, "CREATE TRIGGER forbid BEFORE DELETE ON "
		    "archive_held BEGIN SELECT RAISE(ABORT, 'no'); END");
}

static void
wait_refused(struct tapbed *bed, long long wanted)
{
	for (int i = 0; i < TURNS && database_metric(
		     bed->db, "annex_store_refused_total") < wanted; i++)
		turn(bed);
	assert_int_equal(database_metric(bed->db,
					 "annex_store_refused_total"),
			 wanted);
}

static void
lets_go_on_once_whatever_the_database_refuses(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	keep(bed, "x1", 1);
	take_settings(bed);
	sent = await_release(bed, "x1");
	forbid_removals(bed);
	confirm(bed, sent);
	wait_refused(bed, 2);
	/* Nor by another one, after a reload. */
	take_settings(bed);
	wait_refused(bed, 4);
	database_do(bed->db, "DROP TRIGGER forbid");
	tapbed_wait(bed, LEFT, 0);
	assert_string_equal(tapbed_sent(bed), "");
	assert_int_equal(website_requests(site), 1);
}

static void
judges_what_waits_though_nothing_is_kept_any_more(void **state)
{
	struct tapbed *bed = *state;

	keep(bed, "x1", 1);
	own.on_failure = "closed";
	take_settings(bed);
	confirm(bed, await_release(bed, "x1"));
	tapbed_wait(bed, LEFT, 0);
}

/* Whoever is heard now is not to suffer for what waited. */
static void
fails_without_the_servers_being_left_out(void **state)
{
	struct tapbed *bed = *state;
	struct str missing = { 0 };

	keep(bed, "x1", 1);
	website_answers(site, 500, "");
	take_settings(bed);
	await_requests(bed, JUDGE_FAILURES_MAX + 1);
	court_add_missing(bed->archive->court, &missing);
	assert_int_equal(missing.len, 0);
	website_answers(site, 200, "{\"verdict\": \"allow\"}");
	confirm(bed, await_release(bed, "x1"));
	tapbed_wait(bed, LEFT, 0);
}

static void
passes_over_those_of_a_host_that_is_away(void **state)
{
	struct tapbed *bed = *state;

	keep_of(bed, "other", "x1", 1);
	keep(bed, "x2", 2);
	keep(bed, "x3", 3);
	take_settings(bed);
	confirm(bed, await_release(bed, "x2"));
	confirm(bed, await_release(bed, "x3"));
	tapbed_wait(bed, LEFT, 1);
	assert_int_equal(website_requests(site), 2);
}

static void
greet_of(struct tapbed *bed, const char *host)
{
	hookbed_receive(bed->hooks, arena_printf(
		bed->hooks->arena, "<message from='%s' to='comp.example'>"
		"<hello xmlns='urn:x-annex:0' version='0' epoch='e1' "
		"hooks='tap check'/></message>", host));
}

/* The router has unloaded its module, of which nobody tells. */
static void
passes_over_those_of_a_host_that_fails(void **state)
{
	struct tapbed *bed = *state;
	const char *id;

	keep(bed, "x1", 1);
	keep(bed, "x2", 2);
	keep_of(bed, "other", "x3", 3);
	greet_of(bed, "other");
	take_settings(bed);
	id = strstr(await_release(bed, "x1"), " id='") + strlen(" id='");
	hookbed_receive(bed->hooks, arena_printf(
		bed->hooks->arena, "<iq type='error' from='example' "
		"to='comp.example' id='%.*s'><error type='cancel'>"
		"<service-unavailable "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
		(int)strcspn(id, "'"), id));
	confirm_of(bed, "other", await_release(bed, "x3"));
	tapbed_wait(bed, LEFT, 2);
	greet_of(bed, "example");
	confirm(bed, await_release(bed, "x1"));
	confirm(bed, await_release(bed, "x2"));
	tapbed_wait(bed, LEFT, 0);
	assert_int_equal(website_requests(site), 4);
}

/* It may have gone on, so that is said; what is behind it goes on. */
static void
leaves_to_reviewers_what_a_shim_refuses_alone(void **state)
{
	struct tapbed *bed = *state;

	keep(bed, "x1", 1);
	keep(bed, "x2", 2);
	take_settings(bed);
	for (int i = 0; i < 5; i++)
		fail_release(bed, await_release(bed, "x1"),
			     "internal-server-error");
	confirm(bed, await_release(bed, "x2"));
	tapbed_wait(bed, LEFT, 0);
	tapbed_wait(bed, "SELECT count(*) FROM archive_held WHERE uid = 'x1' "
		    "AND waits = ''", 1);
	expect_noted(bed, "referred", "x1", 1);
}

/* A shim that is full or away, or says nothing at all, may be so to all. */
static void
blames_no_stanza_for_its_host(void **state)
{
	static const char *const conditions[] = {
		"resource-constraint", "service-unavailable",
	};
	struct tapbed *bed = *state;

	keep(bed, "x1", 1);
	take_settings(bed);
	for (int i = 0; i < 8; i++)
		fail_release(bed, await_release(bed, "x1"),
			     conditions[i % 2]);
	for (int i = 0; i < 8; i++) {
		await_release(bed, "x1");
		fake_router_time_out(bed->hooks->runtime.router);
		hookbed_greet(bed->hooks, "hooks='tap check'");
	}
	confirm(bed, await_release(bed, "x1"));
	tapbed_wait(bed, LEFT, 0);
	expect_noted(bed, "referred", "x1", 0);
}

/* It does all else. */
static void
leaves_to_reviewers_what_a_shim_says_nothing_about(void **state)
{
	struct tapbed *bed = *state;

	keep(bed, "x1", 1);
	take_settings(bed);
	for (unsigned i = 1; i <= 5; i++) {
		await_release(bed, "x1");
		tapbed_tap(bed, i, arena_printf(bed->hooks->arena, "t%u", i),
			   "a");
		fake_router_time_out(bed->hooks->runtime.router);
		hookbed_greet(bed->hooks, "hooks='tap check'");
	}
	tapbed_wait(bed, "SELECT count(*) FROM archive_held WHERE uid = 'x1' "
		    "AND waits = ''", 1);
	expect_noted(bed, "referred", "x1", 1);
}

static void
leaves_to_reviewers_what_is_too_large(void **state)
{
	struct tapbed *bed = *state;

	keep(bed, "x1", 1);
	database_do(bed->db, arena_printf(
		bed->hooks->arena, "UPDATE archive_held SET stanza = "
		"replace(stanza, '<body>', '<body>%06000d')", 1));
	keep(bed, "x2", 2);
	take_settings(bed);
	confirm(bed, await_release(bed, "x2"));
	tapbed_wait(bed, LEFT, 0);
	tapbed_wait(bed, "SELECT count(*) FROM archive_held WHERE uid = 'x1' "
		    "AND waits = ''", 1);
}

static void
goes_on_in_order_with_a_host_that_has_come(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	keep_of(bed, "other", "x1", 1);
	keep(bed, "x2", 2);
	keep_of(bed, "other", "x3", 3);
	take_settings(bed);
	sent = await_release(bed, "x2");
	greet_of(bed, "other");
	confirm(bed, sent);
	confirm_of(bed, "other", await_release(bed, "x1"));
	confirm_of(bed, "other", await_release(bed, "x3"));
	tapbed_wait(bed, LEFT, 0);
}

static void
check(struct tapbed *bed, const char *id)
{
	struct arena *arena = arena_new();

	hookbed_take(bed->hooks, arena, hookbed_xml(bed->hooks, arena_printf(
		bed->hooks->arena, "<iq xmlns='jabber:component:accept' "
		"type='set' id='%s' from='example' to='comp.example'><check "
		"xmlns='urn:x-annex:0' id='x%s' point='send' "
		"profile='patient'><forwarded xmlns='urn:xmpp:forward:0'>"
		"<message xmlns='jabber:client' from='r@example/o' "
		"to='j@example'><body>a</body></message></forwarded></check>"
		"</iq>", id, id)));
}

/* The first one's server hangs, and the second one's fails at once. */
static void
lets_nothing_go_on_before_what_came_earlier(void **state)
{
	struct tapbed *bed = *state;
	struct website *other = website_new(&(struct website_plan){ NULL,
								    NULL });
	const char *sent;

	own.timeout = 4;
	website_hush(site, true);
	take_settings(bed);
	check(bed, "1");
	await_requests(bed, 1);
	website_answers(other, 500, "");
	str_clear(&url);
	str_addf(&url, "http://127.0.0.1:%u/", website_port(other));
	servers[0] = url.data;
	take_settings(bed);
	check(bed, "2");
	tapbed_wait(bed, LEFT, 1);
	website_answers(other, 200, "{\"verdict\": \"allow\"}");
	sent = await_release(bed, "x1");
	assert_null(strstr(sent, "<release xmlns='urn:x-annex:0' id='x2'"));
	confirm(bed, strstr(sent, " type='set' id='"));
	confirm(bed, await_release(bed, "x2"));
	tapbed_wait(bed, LEFT, 0);
	website_free(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lets_go_on_in_order),
		TEST(judges_by_rules_first),
		TEST(writes_down_what_does_not_go_on),
		TEST(tells_nobody_who_is_not_to_know),
		TEST(writes_down_once_what_is_tried_again),
		TEST(lets_nothing_go_on_without_the_audit_log),
		TEST(lets_the_journal_have_it_first),
		TEST(leaves_to_reviewers_what_the_journal_cannot_have),
		TEST(lets_go_on_once_whatever_is_reloaded),
		TEST(lets_go_on_once_whatever_the_database_refuses),
		TEST(judges_what_waits_though_nothing_is_kept_any_more),
		TEST(fails_without_the_servers_being_left_out),
		TEST(passes_over_those_of_a_host_that_is_away),
		TEST(passes_over_those_of_a_host_that_fails),
		TEST(leaves_to_reviewers_what_a_shim_refuses_alone),
		TEST(blames_no_stanza_for_its_host),
		TEST(leaves_to_reviewers_what_a_shim_says_nothing_about),
		TEST(leaves_to_reviewers_what_is_too_large),
		TEST(goes_on_in_order_with_a_host_that_has_come),
		TEST(lets_nothing_go_on_before_what_came_earlier),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_retrial", tests,
					   tapbed_folder, database_teardown);
}
