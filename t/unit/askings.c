#include "shared/askings.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/bundle.h"
#include "shared/fanout_shim.h"
#include "shared/hook.h"
#include "shared/metric.h"
#include "shared/str.h"
#include "t/lib/hookbed.h"

#define HEAD "<message from='r@comp.example/n'"
#define ONE(tail) "<forwarded xmlns='urn:xmpp:forward:0'>" HEAD \
	" xmlns='jabber:client'" tail "</forwarded>"
#define REQUEST(id, stanzas) \
	"<iq id='" id "' type='set' from='comp.example' to='example'>" \
	"<fanout xmlns='urn:x-annex:0'><to>a@a\nb@b</to>" stanzas \
	"</fanout></iq>\n"
#define X ">x</message>"
#define Y ">y</message>"
#define EACH(tail) HEAD " to='a@a'" tail "\n" HEAD " to='b@b'" tail "\n"
#define DONE(id) "<iq type='result' id='" id "' from='example' " \
	"to='comp.example'/>"
#define REFUSED(id, cond) \
	"<iq type='error' id='" id "' from='example' to='comp.example'>" \
	"<error type='cancel'><" cond " " \
	"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"

/* What a request of the bed may have, and what it needs for itself. */
#define STANZA_BYTES 10000
#define FRAME_BYTES 300

static const struct hook_use use = { .uses = HOOK_FANOUT };
static struct fanout_shim shim;
static struct askings askings;
static struct bundle bundle;

/* Whoever offers it is asked. */
static void
use_shim(void)
{
	fanout_shim_use(&shim, fanout_shim_find(&shim));
	assert_non_null(shim.host);
}

static int
set_up(void **state)
{
	struct hookbed *bed = hookbed_new(&use, NULL);

	hookbed_greet(bed, "hooks='fanout' credit='7'");
	fanout_shim_init(&shim, &bed->runtime);
	use_shim();
	askings_init(&askings, &bed->runtime, &shim);
	askings_set_credit(&askings, 7);
	*state = bed;
	return 0;
}

static int
tear_down(void **state)
{
	struct hookbed *bed = *state;

	fake_router_time_out(bed->runtime.router);
	askings_fini(&askings);
	bundle_fini(&bundle);
	hookbed_free(&bed);
	return 0;
}

static void
add(const char *tail)
{
	const struct router_template stanza = {
		.head = HEAD, .head_len = strlen(HEAD),
		.tail = tail, .tail_len = strlen(tail),
	};

	bundle_add_stanza(&bundle, &stanza);
}

static void
ask(const char *tail)
{
	bundle_add_address(&bundle, "a@a", 3);
	bundle_add_address(&bundle, "b@b", 3);
	add(tail);
	askings_send(&askings, &bundle, false);
}

static unsigned
credit(const struct hookbed *bed)
{
	return fake_router_credit(bed->runtime.router);
}

static void
assert_metric(struct hookbed *bed, const char *name, unsigned value)
{
	struct str text = { 0 }, line = { 0 };

	metrics_print(bed->runtime.metrics, &text);
	str_addf(&line, "\nannex_fanout_%s_total %u\n", name, value);
	if (strstr(text.data, line.data) == NULL)
		fail_msg("no %s in %s", line.data, text.data);
	str_fini(&text);
	str_fini(&line);
}

static void
asks_for_a_bundle(void **state)
{
	ask(X);
	assert_string_equal(hookbed_sent(*state), REQUEST("q1", ONE(X)));
	assert_int_equal(bundle.addresses, 0);
	assert_int_equal(bundle.count, 0);
	ask(Y);
	assert_string_equal(hookbed_sent(*state), REQUEST("q2", ONE(Y)));
	/* In the memory of one that is done. */
	hookbed_receive(*state, DONE("q1"));
	ask("/>");
	assert_int_equal(bundle.addresses, 0);
	ask(X);
	assert_string_equal(hookbed_sent(*state),
			    REQUEST("q3", ONE("/>")) REQUEST("q4", ONE(X)));
	assert_metric(*state, "requests", 4);
	assert_metric(*state, "stanzas", 8);
	assert_metric(*state, "failed", 0);
}

static void
keeps_the_addresses_for_more(void **state)
{
	bundle_add_address(&bundle, "a@a", 3);
	bundle_add_address(&bundle, "b@b", 3);
	add(X);
	add(Y);
	askings_send(&askings, &bundle, true);
	assert_int_equal(bundle.addresses, 2);
	assert_int_equal(bundle.count, 0);
	add("/>");
	askings_send(&askings, &bundle, false);
	assert_int_equal(bundle.addresses, 0);
	assert_string_equal(hookbed_sent(*state),
			    REQUEST("q1", ONE(X) ONE(Y))
			    REQUEST("q2", ONE("/>")));
	assert_metric(*state, "stanzas", 6);
}

static void
measures_the_room(void **state)
{
	size_t room = askings_room(&askings, &bundle);

	(void)state;
	assert_in_range(room, STANZA_BYTES - 2 * FRAME_BYTES,
			STANZA_BYTES - FRAME_BYTES);
	add(X);
	assert_int_equal(askings_room(&askings, &bundle),
			 room - strlen(ONE(X)));
	bundle_add_address(&bundle, "a@a", 3);
	assert_int_equal(askings_room(&askings, &bundle),
			 room - strlen(ONE(X)) - strlen("a@a\n"));
}

/* And little of the limit is lost. */
static void
a_full_one_fits(void **state)
{
	size_t room, len;
	char *address;

	add(X);
	room = askings_room(&askings, &bundle);
	address = arena_alloc(((struct hookbed *)*state)->arena, room);
	memset(address, 'a', room);
	bundle_add_address(&bundle, address, room - 1);
	assert_int_equal(askings_room(&askings, &bundle), 0);
	askings_send(&askings, &bundle, false);
	len = strlen(hookbed_sent(*state)) - 1;
	assert_in_range(len, STANZA_BYTES - FRAME_BYTES, STANZA_BYTES);
	/* Beyond it there is no room either. */
	bundle_add_address(&bundle, address, room - 1);
	bundle_add_address(&bundle, address, room - 1);
	assert_int_equal(askings_room(&askings, &bundle), 0);
}

static void
count_call(void *ctx)
{
	++*(unsigned *)ctx;
}

static void
says_when_all_is_done(void **state)
{
	struct hookbed *bed = *state;
	unsigned calls = 0;

	assert_false(askings_when_done(&askings, count_call, &calls));
	ask(X);
	ask(X);
	assert_true(askings_when_done(&askings, count_call, &calls));
	ask(X);
	hookbed_receive(bed, DONE("q1"));
	assert_int_equal(calls, 0);
	hookbed_receive(bed, DONE("q2"));
	assert_int_equal(calls, 1);
	/* Once. */
	hookbed_receive(bed, DONE("q3"));
	assert_int_equal(calls, 1);
	assert_false(askings_when_done(&askings, count_call, &calls));
	/* Be it in vain. */
	ask(X);
	assert_true(askings_when_done(&askings, count_call, &calls));
	fake_router_time_out(bed->runtime.router);
	assert_int_equal(calls, 2);
}

/* Nothing was sent of it. */
static void
what_is_refused_goes_to_each(void **state)
{
	struct hookbed *bed = *state;

	ask(X);
	ask(Y);
	hookbed_sent(bed);
	assert_string_equal(hookbed_receive(bed, REFUSED("q1", "forbidden")),
			    EACH(X));
	assert_null(shim.host);
	/* What comes now waits for the answer to the other. */
	assert_true(askings_are_careful(&askings));
	assert_int_equal(credit(bed), 0);
	askings_set_credit(&askings, 9);
	assert_int_equal(credit(bed), 0);
	assert_string_equal(hookbed_receive(
		bed, REFUSED("q2", "service-unavailable")), EACH(Y));
	assert_false(askings_are_careful(&askings));
	assert_int_equal(credit(bed), 1);
	assert_metric(bed, "failed", 2);
}

/* The stanzas may hold what they are wrapped in. */
#define NESTED ">" ONE("/>") "</message>"

static void
all_of_it_goes_to_each(void **state)
{
	bundle_add_address(&bundle, "a@a", 3);
	bundle_add_address(&bundle, "b@b", 3);
	add(NESTED);
	add("/>");
	askings_send(&askings, &bundle, true);
	hookbed_sent(*state);
	assert_string_equal(hookbed_receive(*state,
					    REFUSED("q1", "bad-request")),
			    EACH(NESTED) EACH("/>"));
}

/* There is nobody to wait for. */
static void
the_last_one_needs_no_care(void **state)
{
	struct hookbed *bed = *state;

	ask(X);
	ask(Y);
	hookbed_receive(bed, DONE("q1"));
	hookbed_receive(bed, REFUSED("q2", "forbidden"));
	assert_false(askings_are_careful(&askings));
	assert_int_equal(credit(bed), 7);
}

static const char *const in_doubt[] = {
	REFUSED("q1", "internal-server-error"),
	REFUSED("q1", "remote-server-timeout"),
	REFUSED("q1", "undefined-condition"),
	REFUSED("q1", "of-another-day"),
	"<iq type='error' id='q1' from='example' to='comp.example'/>",
};

/* Nobody is told twice. */
static void
what_may_be_done_in_part_is_not_repeated(void **state)
{
	for (size_t i = 0; i < sizeof(in_doubt) / sizeof(*in_doubt); i++) {
		ask(X);
		hookbed_sent(*state);
		assert_string_equal(hookbed_receive(*state, in_doubt[i]), "");
		assert_metric(*state, "failed", 1);
		assert_null(shim.host);
		tear_down(state);
		set_up(state);
	}
}

static void
nobody_waits_for_one_that_hangs(void **state)
{
	struct hookbed *bed = *state;

	ask(X);
	ask(Y);
	hookbed_sent(bed);
	assert_int_equal(credit(bed), 7);
	fake_router_time_out(bed->runtime.router);
	assert_string_equal(hookbed_sent(bed), "");
	assert_int_equal(credit(bed), UINT_MAX);
	assert_metric(bed, "failed", 2);
	assert_null(shim.host);
}

/* Nor is it waited for another time. */
static void
one_refuses_and_one_hangs(void **state)
{
	struct hookbed *bed = *state;

	ask(X);
	ask(X);
	hookbed_receive(bed, REFUSED("q1", "forbidden"));
	assert_int_equal(credit(bed), 0);
	fake_router_time_out(bed->runtime.router);
	assert_int_equal(credit(bed), UINT_MAX);
	assert_false(askings_are_careful(&askings));
}

/* Those that are asked for after a refusal are not waited for. */
static void
care_ends_when_the_others_are_done(void **state)
{
	struct hookbed *bed = *state;

	ask(X);
	ask(X);
	hookbed_receive(bed, REFUSED("q1", "forbidden"));
	hookbed_greet(bed, "hooks='fanout' credit='9'");
	use_shim();
	ask(Y);
	assert_int_equal(credit(bed), 0);
	hookbed_receive(bed, DONE("q2"));
	assert_false(askings_are_careful(&askings));
	assert_int_equal(credit(bed), 9);
}

/* What it was asked before says nothing about it. */
static void
is_not_blamed_for_what_came_before_a_hello(void **state)
{
	struct hookbed *bed = *state;

	ask(X);
	hookbed_greet(bed, "hooks='fanout' credit='7'");
	fake_router_time_out(bed->runtime.router);
	assert_metric(bed, "failed", 1);
	assert_non_null(shim.host);
	assert_int_equal(credit(bed), 7);
	/* Nor the link's loss. */
	ask(X);
	fake_router_cut(bed->runtime.router, true);
	fake_router_time_out(bed->runtime.router);
	assert_metric(bed, "failed", 2);
	assert_non_null(shim.host);
}

/* But not of all, and of none that took much. */
static void
memory_is_used_again(void **state)
{
	struct hookbed *bed = *state;
	char *text = arena_alloc(bed->arena, 40001);

	for (unsigned i = 0; i < 100; i++)
		ask(X);
	assert_int_equal(askings.spares_count, 0);
	for (unsigned i = 1; i <= 100; i++)
		hookbed_receive(bed, arena_printf(
			bed->arena, "<iq type='result' id='q%u' "
			"from='example' to='comp.example'/>", i));
	assert_int_equal(askings.spares_count, 64);
	memset(text, 'y', 40000);
	text[0] = '>';
	ask(arena_printf(bed->arena, "%s</message>", text));
	assert_int_equal(askings.spares_count, 63);
	hookbed_receive(bed, DONE("q101"));
	assert_int_equal(askings.spares_count, 63);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(asks_for_a_bundle),
		TEST(keeps_the_addresses_for_more),
		TEST(measures_the_room),
		TEST(a_full_one_fits),
		TEST(says_when_all_is_done),
		TEST(what_is_refused_goes_to_each),
		TEST(all_of_it_goes_to_each),
		TEST(the_last_one_needs_no_care),
		TEST(what_may_be_done_in_part_is_not_repeated),
		TEST(nobody_waits_for_one_that_hangs),
		TEST(one_refuses_and_one_hangs),
		TEST(care_ends_when_the_others_are_done),
		TEST(is_not_blamed_for_what_came_before_a_hello),
		TEST(memory_is_used_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("askings", tests, NULL, NULL);
}
