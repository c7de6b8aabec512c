#include "shared/mailing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/dispatch.h"
#include "shared/fanout.h"
#include "shared/hook.h"
#include "shared/multicast.h"
#include "shared/request.h"
#include "t/lib/hookbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define HEAD "<message from='r@comp.example/n'"
#define X ">x</message>"
#define ADDRESS_NS "http://jabber.org/protocol/address"
#define TO(jid) "<address type='bcc' jid='" jid "'/>"
#define LIST(list) "<addresses xmlns='" ADDRESS_NS "'>" list "</addresses>"
#define MAIL(list) HEAD " to='m.example'>" LIST(list) "x</message>\n"
#define INFO(id, to) \
	"<iq id='" id "' type='get' from='comp.example' to='" to "'>" \
	"<query xmlns='http://jabber.org/protocol/disco#info'/></iq>\n"
#define ASK(what, id, to) \
	"<iq from='comp.example' to='" to "' type='get' id='" id "'>" \
	"<query xmlns='http://jabber.org/protocol/disco#" what "'/></iq>\n"
#define ANSWER(what, id, from, content) \
	"<iq type='result' id='" id "' from='" from "' to='comp.example'>" \
	"<query xmlns='http://jabber.org/protocol/disco#" what "'>" content \
	"</query></iq>"
#define FEATURE "<feature var='" ADDRESS_NS "'/>"
#define LIMITS(type, limit) \
	"<x xmlns='jabber:x:data' type='result'>" \
	"<field var='FORM_TYPE' type='hidden'><value>" type "</value></field>" \
	"<field var='message'><value>" limit "</value></field></x>"
#define TRIAL \
	"<presence from='comp.example' to='m.example' type='unavailable'>" \
	LIST(TO("example")) "</presence>\n"
#define REFUSAL(to) \
	"<message type='error' from='m.example' to='" to "'><error " \
	"type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>" \
	"</error></message>"

static const struct hook_use use = { .uses = HOOK_FANOUT };
static struct fanout *fanout;

static int
on_first(struct request *req, void *ctx, struct error *err)
{
	struct runtime *runtime = ctx;
	int ret = hook_on_request(req, runtime->hook, err);

	return ret != HANDLER_DECLINE ? ret :
	       multicast_on_request(req, runtime->multicast, err);
}

static int
set_up(void **state)
{
	struct hookbed *bed = hookbed_new(&use, NULL);

	bed->runtime.multicast = multicast_new(&bed->runtime);
	dispatch_put_first(bed->dispatch, on_first, &bed->runtime);
	fake_router_limit(bed->runtime.router, 10000);
	fanout = fanout_new(&bed->runtime);
	*state = bed;
	return 0;
}

static int
tear_down(void **state)
{
	struct hookbed *bed = *state;

	fake_router_time_out(bed->runtime.router);
	fanout_free(&fanout);
	multicast_free(&bed->runtime.multicast);
	hookbed_free(&bed);
	return 0;
}

static void
send_to(const char *tail, const char *const *to, size_t n)
{
	struct router_template template = {
		.head = HEAD, .head_len = sizeof(HEAD) - 1,
		.tail = tail, .tail_len = strlen(tail),
	};

	fanout_begin(fanout, &template);
	for (size_t i = 0; i < n; i++)
		fanout_add(fanout, to[i], strlen(to[i]));
	fanout_end(fanout);
}

static void
send_many(struct hookbed *bed, size_t n)
{
	const char *to[1000];

	for (size_t i = 0; i < n; i++)
		to[i] = arena_printf(bed->arena, "u%zu@example/x", i);
	send_to(X, to, n);
}

/* Up to the answer to what the service is tried with. */
static void
search(struct hookbed *bed, const char *more)
{
	send_many(bed, 0);
	assert_string_equal(hookbed_sent(bed), ASK("info", "q1", "example"));
	assert_string_equal(
		hookbed_receive(bed, ANSWER("info", "q1", "example", "")),
		ASK("items", "q2", "example"));
	assert_string_equal(
		hookbed_receive(bed, ANSWER(
			"items", "q2", "example", "<item jid='comp.example'/>"
			"<item jid='a@example'/><item jid='x.example' "
			"node='y'/><item/><item jid='x.example'/>"
			"<item jid='m.example'/>")),
		ASK("info", "q3", "x.example"));
	assert_string_equal(
		hookbed_receive(bed, ANSWER("info", "q3", "x.example",
					    "<feature/>")),
		ASK("info", "q4", "m.example"));
	assert_string_equal(
		hookbed_receive(bed, arena_printf(
			bed->arena, ANSWER("info", "q4", "m.example",
					   FEATURE "%s"), more)),
		TRIAL ASK("info", "q5", "m.example"));
}

static void
find(struct hookbed *bed, const char *more)
{
	search(bed, more);
	hookbed_receive(bed, ANSWER("info", "q5", "m.example", FEATURE));
}

static void
finds_the_service(void **state)
{
	static const char *const to[] = { "a@example/x", "b@example", "c@d",
					  "example/d@example" };

	find(*state, "");
	send_to(X, to, ARRAY_LEN(to));
	assert_string_equal(hookbed_sent(*state),
		HEAD " to='c@d'" X "\n"
		MAIL(TO("a@example/x") TO("b@example")
		     TO("example/d@example")));
	assert_int_equal(fake_router_credit(
		((struct hookbed *)*state)->runtime.router), 1);
}

static void
fills_an_empty_stanza(void **state)
{
	static const char *const to[] = { "a@example", "b@example",
					  "c@example" };

	find(*state, "");
	send_to(" id='1'/>", to, ARRAY_LEN(to));
	assert_string_equal(hookbed_sent(*state),
		HEAD " to='m.example' id='1'>"
		LIST(TO("a@example") TO("b@example") TO("c@example"))
		"</message>\n");
}

static const struct {
	const char *form;
	unsigned stanzas;	/* of a hundred addresses */
} limits[] = {
	{ "", 5 },
	{ LIMITS(ADDRESS_NS, "50"), 2 },
	{ LIMITS(ADDRESS_NS, "infinite"), 1 },
	{ LIMITS(ADDRESS_NS, "many"), 5 },
	{ LIMITS("urn:other", "50"), 5 },
	{ LIMITS(ADDRESS_NS, "2"), 100 },	/* it is of no use */
	{ "<x xmlns='jabber:x:data' type='result'/>", 5 },
};

static void
keeps_to_the_limit(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		find(*state, limits[i].form);
		send_many(*state, 100);
		assert_int_equal(hookbed_count(hookbed_sent(*state), HEAD),
				 limits[i].stanzas);
		tear_down(state);
		set_up(state);
	}
}

/* The bed's router takes 10000 bytes. */
static void
stanzas_fit(void **state)
{
	find(*state, LIMITS(ADDRESS_NS, "infinite"));
	send_many(*state, 1000);
	for (const char *at = hookbed_sent(*state); *at != '\0';) {
		size_t len = strcspn(at, "\n");

		assert_true(len <= 10000);
		at += len + 1;
	}
}

static void
send_alone(struct hookbed *bed)
{
	runtime_send(&bed->runtime, hookbed_xml(
		bed, "<message xmlns='jabber:client' from='comp.example' "
		"to='u1@example'>y</message>"));
}

/* Two questions: one more waits for the answer to the first. */
static void
waits_before_anything_else(void **state)
{
	const char *sent, *at;

	find(*state, "");
	send_many(*state, 3);
	send_many(*state, 2);
	assert_int_equal(hookbed_count(hookbed_sent(*state), "<addresses"), 2);
	send_alone(*state);
	send_alone(*state);
	sent = hookbed_sent(*state);
	at = strstr(sent, INFO("q6", "m.example") INFO("q7", "m.example"));
	assert_ptr_equal(at, sent);
	assert_int_equal(hookbed_count(sent, "<iq"), 2);
	/* Nothing is under way: two are as well served by themselves. */
	send_many(*state, 2);
	assert_int_equal(hookbed_count(hookbed_sent(*state), "<addresses"), 0);
}

static void
waits_for_a_service_that_has_much(void **state)
{
	find(*state, "");
	for (int i = 0; i < 64; i++)
		send_many(*state, 3);
	assert_int_equal(hookbed_count(hookbed_sent(*state), "<iq"), 2);
}

static void
leaves_others_addresses_alone(void **state)
{
	static const char *const to[] = { "a@example", "b@example",
					  "c@example" };

	find(*state, "");
	send_to(">" LIST("") "</message>", to, ARRAY_LEN(to));
	assert_int_equal(hookbed_count(hookbed_sent(*state), HEAD), 3);
}

static void
does_without_a_service_that_refuses(void **state)
{
	find(*state, "");
	send_many(*state, 3);
	hookbed_sent(*state);
	/* It is ours, so nobody answers it. */
	assert_string_equal(hookbed_receive(*state,
					    REFUSAL("r@comp.example/n")), "");
	send_many(*state, 3);
	assert_int_equal(hookbed_count(hookbed_sent(*state), "<addresses"), 0);
}

static void
does_without_a_service_that_hangs(void **state)
{
	struct hookbed *bed = *state;

	find(bed, "");
	send_many(bed, 3);
	send_alone(bed);
	fake_router_time_out(bed->runtime.router);
	hookbed_sent(bed);
	send_many(bed, 3);
	assert_int_equal(hookbed_count(hookbed_sent(bed), "<addresses"), 0);
}

static void
does_without_a_service_for_others(void **state)
{
	search(*state, "");
	hookbed_receive(*state, REFUSAL("comp.example"));
	hookbed_receive(*state, ANSWER("info", "q5", "m.example", FEATURE));
	send_many(*state, 3);
	assert_int_equal(hookbed_count(hookbed_sent(*state), HEAD), 3);
}

static void
does_without_where_there_is_none(void **state)
{
	struct hookbed *bed = *state;

	send_many(bed, 3);
	fake_router_time_out(bed->runtime.router);
	hookbed_sent(bed);
	send_many(bed, 3);
	assert_int_equal(hookbed_count(hookbed_sent(bed), HEAD), 3);
	/* With another link there may be. */
	multicast_link(bed->runtime.multicast, true);
	send_many(bed, 3);
	assert_int_equal(hookbed_count(hookbed_sent(bed), "<iq"), 1);
}

static void
is_waited_for_though_nothing_was_gathered(void **state)
{
	struct hookbed *bed = *state;
	struct router_template stanza = {
		.head = HEAD, .head_len = sizeof(HEAD) - 1,
		.tail = X, .tail_len = sizeof(X) - 1,
	};

	find(bed, "");
	send_many(bed, 5);
	fanout_gather(fanout, "u1@example/x", 12);
	fanout_end(fanout);
	fanout_send_to(fanout, &stanza, "u1@example/x", 12);
	assert_int_equal(hookbed_count(hookbed_sent(bed), "disco#info"), 2);
}

static void
says_which_way(void **state)
{
	struct hookbed *bed = *state;

	assert_string_equal(hookbed_way(bed, fanout),
			    "to each, as no shim has fanout");
	/* To be asked looks for nothing. */
	assert_string_equal(hookbed_sent(bed), "");
	find(bed, "");
	assert_string_equal(hookbed_way(bed, fanout),
			    "by m.example to users of example, else to each, "
			    "as no shim has fanout");
}

static void
prefers_a_shim(void **state)
{
	struct hookbed *bed = *state;
	const char *sent;

	find(bed, "");
	send_many(bed, 3);
	hookbed_greet(bed, "hooks='fanout' credit='7'");
	hookbed_sent(bed);
	/* Not before the service is done. */
	send_many(bed, 3);
	sent = hookbed_sent(bed);
	assert_int_equal(hookbed_count(sent, "<fanout"), 0);
	assert_int_equal(hookbed_count(sent, "<addresses"), 0);
	assert_int_equal(hookbed_count(sent, HEAD), 3);
	hookbed_receive(bed, ANSWER("info", "q6", "m.example", ""));
	hookbed_receive(bed, ANSWER("info", "q7", "m.example", ""));
	send_many(bed, 3);
	assert_int_equal(hookbed_count(hookbed_sent(bed), "<fanout"), 1);
	assert_int_equal(fake_router_credit(bed->runtime.router), 7);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_the_service),
		TEST(fills_an_empty_stanza),
		TEST(keeps_to_the_limit),
		TEST(stanzas_fit),
		TEST(waits_before_anything_else),
		TEST(waits_for_a_service_that_has_much),
		TEST(leaves_others_addresses_alone),
		TEST(does_without_a_service_that_refuses),
		TEST(does_without_a_service_that_hangs),
		TEST(does_without_a_service_for_others),
		TEST(does_without_where_there_is_none),
		TEST(is_waited_for_though_nothing_was_gathered),
		TEST(says_which_way),
		TEST(prefers_a_shim),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mailing", tests, NULL, NULL);
}
