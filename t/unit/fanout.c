#include "shared/fanout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/metric.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/hookbed.h"

#define HEAD "<message from='r@comp.example/n'"
#define CLIENT " xmlns='jabber:client'"
#define ONE "<forwarded xmlns='urn:xmpp:forward:0'>" HEAD CLIENT
#define END_ONE "</forwarded>"
#define REQUEST(id, list, stanzas) \
	"<iq id='" id "' type='set' from='comp.example' to='example'>" \
	"<fanout xmlns='urn:x-annex:0'><to>" list "</to>" stanzas \
	"</fanout></iq>\n"
#define X ">x</message>"

static const struct hook_use use = { .uses = HOOK_FANOUT };
static struct fanout *fanout;

static int
set_up(void **state)
{
	struct hookbed *bed = hookbed_new(&use, NULL);

	fanout = fanout_new(&bed->runtime);
	*state = bed;
	return 0;
}

static int
set_up_with_shim(void **state)
{
	set_up(state);
	hookbed_greet(*state, "hooks='fanout' credit='7'");
	return 0;
}

static int
tear_down(void **state)
{
	struct hookbed *bed = *state;

	fake_router_time_out(bed->runtime.router);
	fanout_free(&fanout);
	hookbed_free(&bed);
	return 0;
}

static struct router_template
stanza(const char *tail)
{
	return (struct router_template){
		.head = HEAD, .head_len = sizeof(HEAD) - 1,
		.tail = tail, .tail_len = strlen(tail),
	};
}

/* To as many of a@a, b@b and so on. */
static void
send_many(const char *tail, unsigned count)
{
	struct router_template template = stanza(tail);

	fanout_begin(fanout, &template);
	for (unsigned i = 0; i < count; i++) {
		char to[] = { (char)('a' + i), '@', (char)('a' + i), '\0' };

		fanout_add(fanout, to, 3);
	}
	fanout_end(fanout);
}

static void
send_one(const char *tail, const char *to)
{
	struct router_template template = stanza(tail);

	fanout_send_to(fanout, &template, to, strlen(to));
}

static void
each_gets_one_without_a_shim(void **state)
{
	send_many(X, 3);
	assert_string_equal(hookbed_sent(*state),
			    HEAD " to='a@a'" X "\n"
			    HEAD " to='b@b'" X "\n"
			    HEAD " to='c@c'" X "\n");
	fanout_gather(fanout, "a@a", 3);
	send_one(X, "a@a");
	assert_string_equal(hookbed_sent(*state), HEAD " to='a@a'" X "\n");
	fanout_end(fanout);
	assert_string_equal(hookbed_sent(*state), "");
}

static void
many_get_one(void **state)
{
	struct hookbed *bed = *state;

	send_many(X, 4);
	assert_string_equal(hookbed_sent(bed),
			    REQUEST("q1", "a@a\nb@b\nc@c\nd@d",
				    ONE X END_ONE));
	assert_int_equal(fake_router_credit(bed->runtime.router), 7);
}

static void
few_get_each_their_own(void **state)
{
	send_many(X, 2);
	assert_string_equal(hookbed_sent(*state),
			    HEAD " to='a@a'" X "\n" HEAD " to='b@b'" X "\n");
	send_many(X, 0);
	assert_string_equal(hookbed_sent(*state), "");
}

static void
one_gets_many(void **state)
{
	fanout_gather(fanout, "a@a", 3);
	send_one(X, "a@a");
	send_one(">y</message>", "a@a");
	assert_string_equal(hookbed_sent(*state), "");
	fanout_end(fanout);
	assert_string_equal(hookbed_sent(*state),
			    REQUEST("q1", "a@a", ONE X END_ONE
				    ONE ">y</message>" END_ONE));
	/* It ends with the end. */
	send_one(X, "a@a");
	assert_string_equal(hookbed_sent(*state), HEAD " to='a@a'" X "\n");
}

static void
one_gets_one(void **state)
{
	fanout_gather(fanout, "a@a", 3);
	send_one(X, "a@a");
	fanout_end(fanout);
	assert_string_equal(hookbed_sent(*state), HEAD " to='a@a'" X "\n");
	fanout_gather(fanout, "a@a", 3);
	fanout_end(fanout);
	assert_string_equal(hookbed_sent(*state), "");
}

static void
gather_many(unsigned count)
{
	char to[16];

	for (unsigned i = 0; i < count; i++) {
		int len = snprintf(to, sizeof(to), "u%u@a", i);

		if (i == 0)
			fanout_gather(fanout, to, (size_t)len);
		else
			fanout_gather_too(fanout, to, (size_t)len);
	}
}

static void
send_gathered(const char *tail)
{
	struct router_template template = stanza(tail);

	fanout_send(fanout, &template);
}

static void
many_get_many(void **state)
{
	gather_many(2);
	send_gathered(X);
	send_gathered(">y</message>");
	assert_string_equal(hookbed_sent(*state), "");
	fanout_end(fanout);
	assert_string_equal(hookbed_sent(*state),
			    REQUEST("q1", "u0@a\nu1@a", ONE X END_ONE
				    ONE ">y</message>" END_ONE));
	gather_many(1);
	send_gathered(X);
	fanout_end(fanout);
	assert_string_equal(hookbed_sent(*state), HEAD " to='u0@a'" X "\n");
}

/* Whoever is to get it. */
static void
many_are_gathered_without_a_shim(void **state)
{
	gather_many(2);
	send_gathered(X);
	send_gathered(">y</message>");
	fanout_end(fanout);
	assert_string_equal(hookbed_sent(*state),
			    HEAD " to='u0@a'" X "\n" HEAD " to='u1@a'" X "\n"
			    HEAD " to='u0@a'>y</message>\n"
			    HEAD " to='u1@a'>y</message>\n");
}

/* All else that the router does would wait. */
static void
requests_are_short(void **state)
{
	const char *sent;

	gather_many(900);
	for (int i = 0; i < 5; i++)
		send_gathered(X);
	fanout_end(fanout);
	sent = hookbed_sent(*state);
	assert_int_equal(hookbed_count(sent, "<fanout "), 3);
	assert_int_equal(hookbed_count(sent, "\nu899@a</to>"), 3);
	assert_int_equal(hookbed_count(sent, ONE), 5);
}

static void
count_call(void *ctx)
{
	++*(unsigned *)ctx;
}

#define DONE(id) "<iq type='result' id='" id "' from='example' " \
	"to='comp.example'/>"

static void
says_when_all_is_done(void **state)
{
	struct hookbed *bed = *state;
	unsigned calls = 0;

	assert_false(fanout_when_done(fanout, count_call, &calls));
	send_many(X, 3);
	assert_true(fanout_when_done(fanout, count_call, &calls));
	assert_int_equal(calls, 0);
	hookbed_receive(bed, DONE("q1"));
	assert_int_equal(calls, 1);
	assert_false(fanout_when_done(fanout, count_call, &calls));
}

/* Whatever is sent meanwhile comes in its place. */
static void
nothing_overtakes(void **state)
{
	struct hookbed *bed = *state;
	const char *sent;

	fanout_gather(fanout, "a@a", 3);
	send_one(">1</message>", "a@a");
	send_one(">2</message>", "b@b");
	send_one(">3</message>", "a@a");
	send_one(">4</message>", "a@a");
	runtime_send(&bed->runtime, hookbed_xml(
		bed, "<message xmlns='jabber:client' from='comp.example' "
		"to='a@a'>5</message>"));
	send_one(">6</message>", "a@a");
	send_many(">7</message>", 3);
	send_one(">8</message>", "a@a");
	fanout_end(fanout);
	sent = hookbed_sent(bed);
	for (const char *n = "12345678", *at = sent; *n != '\0'; n++) {
		char what[] = { '>', *n, '<', '\0' };

		at = strstr(at, what);
		assert_non_null(at);
	}
	assert_int_equal(hookbed_count(sent, "<fanout "), 2);
}

/* The bed's router takes 10000 bytes. */
static void
requests_fit(void **state)
{
	struct router_template template = stanza(X);
	char to[100];
	const char *sent, *at, *end;
	unsigned requests = 0;

	fanout_begin(fanout, &template);
	for (unsigned i = 0; i < 1000; i++) {
		memset(to, 'a', sizeof(to));
		fanout_add(fanout, to, sizeof(to));
	}
	fanout_end(fanout);
	sent = hookbed_sent(*state);
	for (at = sent; *at != '\0'; at = end + 1) {
		end = strstr(at, "</iq>\n") + 5;
		assert_true(end - at <= 10000);
		requests++;
	}
	assert_true(requests > 10 && requests < 14);
	assert_int_equal(hookbed_count(sent, "aaaaaaaaaa\n") +
			 hookbed_count(sent, "aaaaaaaaaa</to>"), 1000);
	assert_int_equal(hookbed_count(sent, ONE X END_ONE), requests);
}

static const char *
long_tail(struct hookbed *bed, size_t bytes)
{
	char *text = arena_alloc(bed->arena, bytes + 1);

	memset(text, 'y', bytes);
	return arena_printf(bed->arena, ">%s</message>", text);
}

static void
gathered_ones_fit(void **state)
{
	const char *tail = long_tail(*state, 3000), *sent;

	fanout_gather(fanout, "a@a", 3);
	for (int i = 0; i < 7; i++)
		send_one(tail, "a@a");
	fanout_end(fanout);
	sent = hookbed_sent(*state);
	assert_int_equal(hookbed_count(sent, "<fanout "), 2);
	assert_int_equal(hookbed_count(sent, "<message "), 7);
	/* The last had no company. */
	assert_int_equal(hookbed_count(sent, " to='a@a'"), 1);
}

/* What leaves no room for a list goes to each. */
static void
large_ones_go_to_each(void **state)
{
	const char *tail = long_tail(*state, 6000), *sent;

	send_many(tail, 5);
	sent = hookbed_sent(*state);
	assert_int_equal(hookbed_count(sent, "<fanout "), 0);
	assert_int_equal(hookbed_count(sent, HEAD " to='"), 5);
	fanout_gather(fanout, "a@a", 3);
	send_one(X, "a@a");
	send_one(long_tail(*state, 9800), "a@a");
	send_one(X, "a@a");
	fanout_end(fanout);
	sent = hookbed_sent(*state);
	assert_int_equal(hookbed_count(sent, "<fanout "), 0);
	assert_int_equal(hookbed_count(sent, HEAD " to='"), 3);
}

static void
follows_the_shim(void **state)
{
	struct hookbed *bed = *state;

	send_many(X, 3);
	assert_int_equal(hookbed_count(hookbed_sent(bed), "<fanout "), 1);
	hook_link(bed->runtime.hook, false);
	send_many(X, 3);
	assert_int_equal(hookbed_count(hookbed_sent(bed), "<fanout "), 0);
	hook_link(bed->runtime.hook, true);
	hookbed_greet(bed, "hooks='tap'");
	send_many(X, 3);
	assert_int_equal(hookbed_count(hookbed_sent(bed), "<fanout "), 0);
	hookbed_greet(bed, "hooks='tap fanout' credit='9'");
	send_many(X, 3);
	assert_int_equal(hookbed_count(hookbed_sent(bed), "<fanout "), 1);
	assert_int_equal(fake_router_credit(bed->runtime.router), 9);
}

static void
assert_failed(struct hookbed *bed, unsigned count)
{
	struct str text = { 0 }, line = { 0 };

	metrics_print(bed->runtime.metrics, &text);
	str_addf(&line, "\nannex_fanout_failed_total %u\n", count);
	assert_non_null(strstr(text.data, line.data));
	str_fini(&text);
	str_fini(&line);
}

static void
goes_on_after_a_result(void **state)
{
	struct hookbed *bed = *state;

	send_many(X, 3);
	hookbed_receive(bed, "<iq type='result' id='q1' from='example' "
			"to='comp.example'/>");
	assert_failed(bed, 0);
	send_many(X, 3);
	assert_int_equal(hookbed_count(hookbed_sent(bed), "<fanout "), 1);
}

static void
does_without_a_shim_that_refuses(void **state)
{
	struct hookbed *bed = *state;

	send_many(X, 3);
	send_many(X, 3);
	hookbed_receive(bed, "<iq type='error' id='q1' from='example' "
			"to='comp.example'><error type='auth'><forbidden "
			"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
			"</error></iq>");
	assert_failed(bed, 1);
	send_many(X, 3);
	assert_int_equal(hookbed_count(hookbed_sent(bed), "<fanout "), 0);
}

static void
says_which_way_and_why(void **state)
{
	struct hookbed *bed = *state;

	assert_string_equal(hookbed_way(bed, fanout),
			    "by the shim of example");
	send_many(X, 3);
	hookbed_receive(bed, "<iq type='error' id='q1' from='example' "
			"to='comp.example'><error type='auth'><forbidden "
			"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
			"<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>"
			"no such hook</text></error></iq>");
	assert_string_equal(hookbed_way(bed, fanout),
			    "to each, as the shim of example did not do it: "
			    "forbidden: no such hook; it is asked again in "
			    "60 s");
	hookbed_greet(bed, "hooks='tap'");
	assert_string_equal(hookbed_way(bed, fanout),
			    "to each, as no shim has fanout");
	hookbed_greet(bed, "hooks='fanout'");
	assert_string_equal(hookbed_way(bed, fanout),
			    "by the shim of example");
	hook_link(bed->runtime.hook, false);
	assert_string_equal(hookbed_way(bed, fanout),
			    "to each, as no shim has fanout");
}

static void
does_without_a_shim_that_hangs(void **state)
{
	struct hookbed *bed = *state;

	send_many(X, 3);
	send_many(X, 3);
	hookbed_sent(bed);
	fake_router_time_out(bed->runtime.router);
	assert_failed(bed, 2);
	/* Nobody is told twice. */
	assert_string_equal(hookbed_sent(bed), "");
	send_many(X, 3);
	assert_int_equal(hookbed_count(hookbed_sent(bed), "<fanout "), 0);
}

#define EACH(tail) HEAD " to='a@a'" tail "\n" HEAD " to='b@b'" tail "\n" \
	HEAD " to='c@c'" tail "\n"

/* Returns what was sent. */
static const char *
refuse(struct hookbed *bed, const char *id, const char *cond)
{
	return hookbed_receive(bed, arena_printf(
		bed->arena, "<iq type='error' id='%s' from='example' "
		"to='comp.example'><error type='cancel'><%s "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
		id, cond));
}

/* The credit is as it says from then on, not earlier. */
static void
care_outlasts_a_hello(void **state)
{
	struct hookbed *bed = *state;

	send_many(X, 3);
	send_many(X, 3);
	refuse(bed, "q1", "service-unavailable");
	hookbed_greet(bed, "hooks='fanout' credit='9'");
	send_many(X, 3);
	assert_int_equal(fake_router_credit(bed->runtime.router), 0);
	hookbed_sent(bed);
	assert_string_equal(refuse(bed, "q2", "service-unavailable"),
			    EACH(X));
	assert_int_equal(fake_router_credit(bed->runtime.router), 0);
	hookbed_receive(bed, DONE("q3"));
	assert_int_equal(fake_router_credit(bed->runtime.router), 9);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, set_up_with_shim, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_gets_one_without_a_shim,
						set_up, tear_down),
		TEST(many_get_one),
		TEST(few_get_each_their_own),
		TEST(one_gets_many),
		TEST(one_gets_one),
		TEST(many_get_many),
		cmocka_unit_test_setup_teardown(
			many_are_gathered_without_a_shim, set_up, tear_down),
		TEST(requests_are_short),
		TEST(says_when_all_is_done),
		TEST(nothing_overtakes),
		TEST(requests_fit),
		TEST(gathered_ones_fit),
		TEST(large_ones_go_to_each),
		TEST(follows_the_shim),
		TEST(goes_on_after_a_result),
		TEST(does_without_a_shim_that_refuses),
		TEST(says_which_way_and_why),
		TEST(does_without_a_shim_that_hangs),
		TEST(care_outlasts_a_hello),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fanout", tests, NULL, NULL);
}
