#include "shared/multicast.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/dispatch.h"
#include "shared/hook.h"
#include "shared/metric.h"
#include "shared/request.h"
#include "shared/str.h"
#include "t/lib/hookbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define ADDRESS_NS "http://jabber.org/protocol/address"
#define ASK(what, id, to) \
	"<iq from='comp.example' to='" to "' type='get' id='" id "'>" \
	"<query xmlns='http://jabber.org/protocol/disco#" what "'/></iq>\n"
#define ANSWER(what, id, from, content) \
	"<iq type='result' id='" id "' from='" from "' to='comp.example'>" \
	"<query xmlns='http://jabber.org/protocol/disco#" what "'>" content \
	"</query></iq>"
#define REFUSE(id, from) \
	"<iq type='error' id='" id "' from='" from "' to='comp.example'/>"
#define FEATURE "<feature var='urn:x'/><feature var='" ADDRESS_NS "'/>"
#define ITEM(jid) "<item jid='" jid "'/>"
#define TRIAL(service, host) \
	"<presence from='comp.example' to='" service "' " \
	"type='unavailable'><addresses xmlns='" ADDRESS_NS "'>" \
	"<address type='bcc' jid='" host "'/></addresses></presence>\n"
#define FENCE(id) \
	"<iq id='" id "' type='get' from='comp.example' to='m.example'>" \
	"<query xmlns='http://jabber.org/protocol/disco#info'/></iq>\n"
#define FORBIDDEN(from) \
	"<message type='error' from='" from "' to='r@comp.example/n'><error " \
	"type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>" \
	"</error></message>"

static const struct hook_use use = { .uses = HOOK_FANOUT };
static struct multicast *multicast;

static struct hookbed *
bed_for(const struct hook_use *hooks, const char *const *hosts)
{
	struct hookbed *bed = hookbed_new(hooks, hosts);

	multicast = multicast_new(&bed->runtime);
	dispatch_put_first(bed->dispatch, multicast_on_request, multicast);
	return bed;
}

static void
end(struct hookbed *bed)
{
	fake_router_time_out(bed->runtime.router);
	multicast_free(&multicast);
	hookbed_free(&bed);
}

static int
set_up(void **state)
{
	*state = bed_for(&use, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	end(*state);
	return 0;
}

/* Asks, up to the host's list. */
static void
begin(struct hookbed *bed)
{
	assert_null(multicast_find(multicast));
	assert_string_equal(hookbed_sent(bed), ASK("info", "q1", "example"));
	assert_string_equal(
		hookbed_receive(bed, ANSWER("info", "q1", "example", "")),
		ASK("items", "q2", "example"));
}

/* m.example is tried. */
static void
try_with(struct hookbed *bed, const char *more)
{
	begin(bed);
	assert_string_equal(
		hookbed_receive(bed, ANSWER("items", "q2", "example",
					    ITEM("m.example"))),
		ASK("info", "q3", "m.example"));
	assert_string_equal(
		hookbed_receive(bed, arena_printf(
			bed->arena, ANSWER("info", "q3", "m.example",
					   FEATURE "%s"), more)),
		TRIAL("m.example", "example") ASK("info", "q4", "m.example"));
	assert_null(multicast_find(multicast));
}

static const struct multicast_service *
find(struct hookbed *bed, const char *more)
{
	try_with(bed, more);
	assert_string_equal(hookbed_receive(bed, ANSWER("info", "q4",
							"m.example", "")),
			    "");
	return multicast_find(multicast);
}

static void
assert_metric(struct hookbed *bed, const char *name, unsigned value)
{
	struct str text = { 0 }, line = { 0 };

	metrics_print(bed->runtime.metrics, &text);
	str_addf(&line, "\nannex_multicast_%s_total %u\n", name, value);
	if (strstr(text.data, line.data) == NULL)
		fail_msg("no %s in %s", line.data, text.data);
	str_fini(&text);
	str_fini(&line);
}

/* Among the services that the host lists, when somebody first asks. */
static void
finds_a_service(void **state)
{
	struct hookbed *bed = *state;
	const struct multicast_service *service;

	assert_null(multicast_known(multicast));
	assert_string_equal(hookbed_sent(bed), "");
	service = find(bed, "");
	assert_non_null(service);
	assert_string_equal(service->address, "m.example");
	assert_string_equal(service->host, "example");
	assert_int_equal(service->messages, 20);
	assert_int_equal(service->presences, 20);
	assert_ptr_equal(multicast_known(multicast), service);
	/* It is not looked for again. */
	assert_string_equal(hookbed_sent(bed), "");
}

static void
a_host_may_be_it_itself(void **state)
{
	struct hookbed *bed = *state;

	multicast_find(multicast);
	hookbed_sent(bed);
	assert_string_equal(
		hookbed_receive(bed, ANSWER("info", "q1", "example",
					    FEATURE)),
		TRIAL("example", "example") ASK("info", "q2", "example"));
	hookbed_receive(bed, ANSWER("info", "q2", "example", ""));
	assert_string_equal(multicast_known(multicast)->address, "example");
}

/* One after the other, and what each lists after all of them. */
static void
looks_at_all_hosts(void **state)
{
	static const char *const hosts[] = { "a.net", "b.net", NULL };
	struct hookbed *bed = bed_for(&use, hosts);

	(void)state;
	multicast_find(multicast);
	assert_string_equal(hookbed_sent(bed), ASK("info", "q1", "a.net"));
	assert_string_equal(hookbed_receive(bed, REFUSE("q1", "a.net")),
			    ASK("items", "q2", "a.net"));
	assert_string_equal(
		hookbed_receive(bed, ANSWER("items", "q2", "a.net",
					    ITEM("x.a.net"))),
		ASK("info", "q3", "b.net"));
	assert_string_equal(hookbed_receive(bed, ANSWER("info", "q3", "b.net",
							"")),
			    ASK("items", "q4", "b.net"));
	assert_string_equal(hookbed_receive(bed, REFUSE("q4", "b.net")),
			    ASK("info", "q5", "x.a.net"));
	/* It is to be used for those of who listed it. */
	assert_string_equal(
		hookbed_receive(bed, ANSWER("info", "q5", "x.a.net",
					    FEATURE)),
		TRIAL("x.a.net", "a.net") ASK("info", "q6", "x.a.net"));
	end(bed);
}

/* What a host lists that is no service of another domain, or has a node. */
static void
leaves_out_what_is_no_service(void **state)
{
	struct hookbed *bed = *state;

	begin(bed);
	assert_string_equal(
		hookbed_receive(bed, ANSWER(
			"items", "q2", "example", ITEM("comp.example")
			ITEM("a@example") ITEM("m.example/x") ITEM("@")
			"<item/><item jid='x.example' node='y'/>")), "");
	assert_null(multicast_find(multicast));
	assert_string_equal(hookbed_sent(bed), "");
}

static void
asks_so_many_and_no_more(void **state)
{
	struct hookbed *bed = *state;
	struct str items = { 0 };
	const char *sent;
	unsigned asked = 0;

	begin(bed);
	for (unsigned i = 0; i < 100; i++)
		str_addf(&items, "<item jid='s%u.example'/>", i);
	sent = hookbed_receive(bed, arena_printf(
		bed->arena, ANSWER("items", "q2", "example", "%s"),
		items.data));
	str_fini(&items);
	/* Nobody answers: each is asked nevertheless. */
	for (; *sent != '\0'; sent = hookbed_sent(bed)) {
		asked += hookbed_count(sent, "disco#info");
		fake_router_time_out(bed->runtime.router);
	}
	assert_int_equal(asked, 63);
	assert_null(multicast_find(multicast));
	assert_string_equal(hookbed_sent(bed), "");
}

#define FORM(type, fields) \
	"<x xmlns='jabber:x:data' type='result'>" \
	"<field var='FORM_TYPE' type='hidden'><value>" type "</value></field>" \
	fields "</x>"
#define FIELD(name, value) \
	"<field var='" name "'><value>" value "</value></field>"

static const struct {
	const char *forms;
	unsigned messages, presences;
} limits[] = {
	{ FORM(ADDRESS_NS, FIELD("message", "50") FIELD("presence", "7")),
	  50, 7 },
	{ FORM(ADDRESS_NS, FIELD("presence", "infinite")), 20, UINT_MAX },
	{ FORM(ADDRESS_NS, FIELD("message", "many")
	  FIELD("presence", "-1")), 20, 20 },
	{ FORM("urn:other", FIELD("message", "50")), 20, 20 },
	{ FORM("urn:other", FIELD("message", "50"))
	  FORM(ADDRESS_NS, FIELD("message", "60")), 60, 20 },
	{ "<x xmlns='jabber:x:data'/>", 20, 20 },
};

static void
reads_limits(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		const struct multicast_service *service =
			find(*state, limits[i].forms);

		assert_non_null(service);
		if (service->messages != limits[i].messages ||
		    service->presences != limits[i].presences)
			fail_msg("%s: %u, %u", limits[i].forms,
				 service->messages, service->presences);
		tear_down(state);
		set_up(state);
	}
}

/* It says so before it answers. */
static void
does_without_one_that_serves_others(void **state)
{
	struct hookbed *bed = *state;

	try_with(bed, "");
	assert_string_equal(hookbed_receive(bed, FORBIDDEN("m.example")), "");
	hookbed_receive(bed, ANSWER("info", "q4", "m.example", ""));
	assert_null(multicast_find(multicast));
	assert_string_equal(hookbed_sent(bed), "");
	assert_metric(bed, "failed", 0);
}

static void
does_without_one_that_hangs_when_tried(void **state)
{
	struct hookbed *bed = *state;

	try_with(bed, "");
	fake_router_time_out(bed->runtime.router);
	assert_null(multicast_find(multicast));
	assert_string_equal(hookbed_sent(bed), "");
}

static void
goes_on_after_a_trial_in_vain(void **state)
{
	struct hookbed *bed = *state;

	begin(bed);
	hookbed_receive(bed, ANSWER("items", "q2", "example",
				    ITEM("m.example") ITEM("n.example")));
	hookbed_receive(bed, ANSWER("info", "q3", "m.example", FEATURE));
	hookbed_receive(bed, FORBIDDEN("m.example"));
	assert_string_equal(
		hookbed_receive(bed, ANSWER("info", "q4", "m.example", "")),
		ASK("info", "q5", "n.example"));
	hookbed_receive(bed, ANSWER("info", "q5", "n.example", FEATURE));
	hookbed_receive(bed, ANSWER("info", "q6", "n.example", ""));
	assert_string_equal(multicast_known(multicast)->address, "n.example");
}

static void
begins_anew_with_a_link(void **state)
{
	struct hookbed *bed = *state;

	assert_non_null(find(bed, ""));
	multicast_link(multicast, false);
	fake_router_cut(bed->runtime.router, true);
	assert_null(multicast_find(multicast));
	assert_string_equal(hookbed_sent(bed), "");
	fake_router_cut(bed->runtime.router, false);
	multicast_link(multicast, true);
	assert_null(multicast_known(multicast));
	assert_null(multicast_find(multicast));
	assert_string_equal(hookbed_sent(bed), ASK("info", "q5", "example"));
}

/* What was asked over the link before is of no use any more. */
static void
takes_no_late_answer(void **state)
{
	struct hookbed *bed = *state;

	try_with(bed, "");
	multicast_link(multicast, false);
	multicast_link(multicast, true);
	assert_string_equal(hookbed_receive(bed, ANSWER("info", "q4",
							"m.example", "")),
			    "");
	assert_null(multicast_known(multicast));
}

static void
looks_for_nothing_without_a_host(void **state)
{
	struct hookbed *bed = bed_for(NULL, NULL);

	(void)state;
	assert_null(multicast_find(multicast));
	assert_string_equal(hookbed_sent(bed), "");
	end(bed);
}

static void
leaves_alone_one_that_refuses(void **state)
{
	struct hookbed *bed = *state;

	assert_non_null(find(bed, ""));
	multicast_count(multicast);
	multicast_count(multicast);
	assert_metric(bed, "stanzas", 2);
	/* Taken: nobody else is to answer it. */
	assert_string_equal(hookbed_receive(bed, FORBIDDEN("m.example")), "");
	assert_metric(bed, "failed", 1);
	assert_null(multicast_find(multicast));
	assert_string_equal(hookbed_sent(bed), "");
	/* There may be several such; and a new link ends the pause. */
	hookbed_receive(bed, FORBIDDEN("m.example"));
	assert_metric(bed, "failed", 2);
	multicast_link(multicast, true);
	assert_null(multicast_find(multicast));
	assert_string_equal(hookbed_sent(bed), ASK("info", "q5", "example"));
	/* What it refused before is no reason to end the search. */
	assert_string_equal(hookbed_receive(bed, FORBIDDEN("m.example")), "");
	assert_metric(bed, "failed", 3);
	assert_string_equal(
		hookbed_receive(bed, ANSWER("info", "q5", "example", "")),
		ASK("items", "q6", "example"));
	assert_null(multicast_find(multicast));
	assert_string_equal(hookbed_sent(bed), "");
}

static const char *const others[] = {
	FORBIDDEN("x.example"),
	FORBIDDEN("m.example/x"),
	"<message from='m.example' to='r@comp.example/n'><body/></message>",
};

static void
declines_what_is_not_its(void **state)
{
	struct hookbed *bed = *state;

	try_with(bed, "");
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		hookbed_receive(bed, others[i]);
	hookbed_receive(bed, ANSWER("info", "q4", "m.example", ""));
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		assert_non_null(multicast_find(multicast));
		hookbed_receive(bed, others[i]);
	}
	assert_non_null(multicast_find(multicast));
	assert_metric(bed, "failed", 0);
}

static void
waits_until_it_has_sent_all(void **state)
{
	struct hookbed *bed = *state;

	assert_non_null(find(bed, ""));
	assert_false(multicast_is_fenced(multicast));
	multicast_fence(multicast);
	assert_string_equal(hookbed_sent(bed), FENCE("q5") FENCE("q6"));
	assert_true(multicast_is_fenced(multicast));
	hookbed_receive(bed, ANSWER("info", "q5", "m.example", ""));
	assert_true(multicast_is_fenced(multicast));
	/* Any answer will do. */
	hookbed_receive(bed, REFUSE("q6", "m.example"));
	assert_false(multicast_is_fenced(multicast));
	assert_non_null(multicast_find(multicast));
}

static void
leaves_alone_one_that_hangs(void **state)
{
	struct hookbed *bed = *state;

	assert_non_null(find(bed, ""));
	multicast_fence(multicast);
	fake_router_time_out(bed->runtime.router);
	assert_false(multicast_is_fenced(multicast));
	assert_null(multicast_find(multicast));
	assert_metric(bed, "failed", 0);
}

/* With the link all answers are lost. */
static void
blames_nobody_for_the_link(void **state)
{
	struct hookbed *bed = *state;

	assert_non_null(find(bed, ""));
	multicast_fence(multicast);
	fake_router_cut(bed->runtime.router, true);
	fake_router_time_out(bed->runtime.router);
	assert_false(multicast_is_fenced(multicast));
	assert_non_null(multicast_known(multicast));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_a_service),
		TEST(a_host_may_be_it_itself),
		cmocka_unit_test(looks_at_all_hosts),
		TEST(leaves_out_what_is_no_service),
		TEST(asks_so_many_and_no_more),
		TEST(reads_limits),
		TEST(does_without_one_that_serves_others),
		TEST(does_without_one_that_hangs_when_tried),
		TEST(goes_on_after_a_trial_in_vain),
		TEST(begins_anew_with_a_link),
		TEST(takes_no_late_answer),
		cmocka_unit_test(looks_for_nothing_without_a_host),
		TEST(leaves_alone_one_that_refuses),
		TEST(declines_what_is_not_its),
		TEST(waits_until_it_has_sent_all),
		TEST(leaves_alone_one_that_hangs),
		TEST(blames_nobody_for_the_link),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("multicast", tests, NULL, NULL);
}
