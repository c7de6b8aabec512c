#include "shared/hook_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/hookbed.h"

#define NS "xmlns='urn:x-annex:0'"
#define FORWARDED(inner) \
	"<forwarded xmlns='urn:xmpp:forward:0'>" inner "</forwarded>"
#define DELAY \
	"<delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:01Z'/>"
#define MESSAGE "<message xmlns='jabber:client'><body>x</body></message>"
#define ASKED(id, inner) \
	"<iq from='comp.example' to='example' type='set' id='" id "'>" inner \
	"</iq>\n"
#define DONE(id) \
	"<iq type='result' id='" id "' from='example' to='comp.example'/>"
#define REFUSED(id, cond) \
	"<iq type='error' id='" id "' from='example' to='comp.example'>" \
	"<error type='auth'><" cond " " \
	"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
#define TOLD(inner) \
	"<message from='comp.example' to='example'>" inner "</message>\n"

static struct error last;
static unsigned count;
static char answer[200];

static void
on_done(void *ctx, const struct error *err, const struct stanza *stanza)
{
	struct str text = { 0 };

	assert_ptr_equal(ctx, &last);
	last = err == NULL ? (struct error){ 0 } : *err;
	count++;
	answer[0] = '\0';
	if (stanza != NULL) {
		xml_print(&text, stanza->el, "");
		assert_true(text.len < sizeof(answer));
		memcpy(answer, text.data, text.len + 1);
		str_fini(&text);
	}
}

static const struct hook_done done = { on_done, &last };
static const struct hook_use use = { .uses = HOOK_DELIVER };
static const struct hook_host *host;

static int
set_up(void **state)
{
	struct hookbed *bed = hookbed_new(&use, NULL);

	hookbed_greet(bed, "");
	host = hook_find(bed->runtime.hook, "example");
	count = 0;
	last = (struct error){ 0 };
	*state = bed;
	return 0;
}

static int
tear_down(void **state)
{
	struct hookbed *bed = *state;

	hookbed_free(&bed);
	return 0;
}

static void
acknowledges(void **state)
{
	struct hookbed *bed = *state;

	hook_ack(&bed->runtime, host, UINT64_MAX);
	assert_string_equal(hookbed_sent(bed),
			    TOLD("<ack " NS " seq='18446744073709551615'/>"));
}

static void
delivers(void **state)
{
	struct hookbed *bed = *state;
	const struct hook_item items[] = {
		{ "x8", hookbed_xml(bed, MESSAGE), 1000000 },
		{ "", hookbed_xml(bed, MESSAGE), 0 },
	};
	const struct hook_delivery delivery = { "j@example/b", items, 2 };

	assert_int_equal(hook_deliver(&bed->runtime, host, &delivery, done),
			 2);
	assert_string_equal(
		hookbed_sent(bed),
		ASKED("q1", "<deliver " NS " jid='j@example/b'>"
		      "<item id='x8'>" FORWARDED(DELAY MESSAGE) "</item>"
		      "<item>" FORWARDED(MESSAGE) "</item></deliver>"));
	assert_int_equal(count, 0);
	hookbed_receive(bed, "<iq type='result' id='q1' from='example' "
			"to='comp.example'/>");
	assert_int_equal(count, 1);
	assert_int_equal(last.cond, ERROR_NONE);
}

static void
tells_that_a_session_is_gone(void **state)
{
	struct hookbed *bed = *state;
	const struct hook_item item = { "x8", hookbed_xml(bed, MESSAGE), 0 };
	const struct hook_delivery delivery = { "j@example/b", &item, 1 };

	hook_deliver(&bed->runtime, host, &delivery, done);
	hookbed_receive(bed, "<iq type='error' id='q1' from='example' "
			"to='comp.example'><error type='cancel'>"
			"<item-not-found xmlns="
			"'urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
			"</iq>");
	assert_int_equal(count, 1);
	assert_int_equal(last.cond, ERROR_ITEM_NOT_FOUND);
}

static void
tells_that_nobody_answered(void **state)
{
	struct hookbed *bed = *state;
	const struct hook_item item = { "x8", hookbed_xml(bed, MESSAGE), 0 };
	const struct hook_delivery delivery = { "j@example/b", &item, 1 };

	hook_deliver(&bed->runtime, host, &delivery, done);
	fake_router_time_out(bed->runtime.router);
	assert_int_equal(count, 1);
	assert_int_equal(last.cond, ERROR_REMOTE_SERVER_TIMEOUT);
}

/* The router takes 10000 bytes. */
static void
delivers_what_fits(void **state)
{
	struct hookbed *bed = *state;
	char body[3001], *text;
	struct hook_item items[5];
	struct hook_delivery delivery = { "j@example/b", items, 5 };

	memset(body, 'x', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	text = arena_printf(bed->arena, "<message xmlns='jabber:client'>"
			    "<body>%s</body></message>", body);
	for (size_t i = 0; i < 5; i++)
		items[i] = (struct hook_item){ "x", hookbed_xml(bed, text),
					       0 };
	assert_int_equal(hook_deliver(&bed->runtime, host, &delivery, done),
			 1);
	assert_true(strlen(hookbed_sent(bed)) < 10000);
}

static void
delivers_one_at_least(void **state)
{
	struct hookbed *bed = *state;
	const struct hook_item item = { "x8", hookbed_xml(bed, MESSAGE), 0 };
	const struct hook_delivery delivery = { "j@example/b", &item, 1 };

	hookbed_greet(bed, "stanza-bytes='100'");
	assert_int_equal(hook_deliver(&bed->runtime, host, &delivery, done),
			 1);
}

static void
forgets(void **state)
{
	static const char *const ids[] = { "a", "b" };
	struct hookbed *bed = *state;

	hook_forget(&bed->runtime, host, "j@example", ids, 2);
	assert_string_equal(hookbed_sent(bed),
			    TOLD("<forget " NS " user='j@example'>a\nb"
				 "</forget>"));
}

static void
forgets_many(void **state)
{
	struct hookbed *bed = *state;
	const char *ids[5000], *sent;
	size_t stanzas = 0, commas = 0;

	for (size_t i = 0; i < 5000; i++)
		ids[i] = arena_printf(bed->arena, "id%zu,", i);
	hook_forget(&bed->runtime, host, "j@example", ids, 5000);
	sent = hookbed_sent(bed);
	for (const char *at = sent; (at = strstr(at, "<forget ")); at++)
		stanzas++;
	for (const char *at = sent; (at = strchr(at, ',')); at++)
		commas++;
	assert_int_equal(commas, 5000);
	assert_true(stanzas > 5 && stanzas < 20);
}

static void
overlays(void **state)
{
	struct hookbed *bed = *state;
	struct hook_overlay overlay = {
		.user = "j@example", .key = "calendar", .rank = 20,
		.expires = 1000000, .show = "away", .status = "In <a>",
	};

	hook_overlay(&bed->runtime, host, &overlay, done);
	assert_string_equal(
		hookbed_sent(bed),
		ASKED("q1", "<overlay " NS " user='j@example' "
		      "key='calendar' rank='20' "
		      "expires='1970-01-01T00:00:01Z'><show>away</show>"
		      "<status>In &lt;a&gt;</status></overlay>"));
	overlay = (struct hook_overlay){ .user = "j@example", .key = "k",
					 .replace = true };
	hook_overlay(&bed->runtime, host, &overlay, done);
	assert_string_equal(
		hookbed_sent(bed),
		ASKED("q2", "<overlay " NS " user='j@example' key='k' "
		      "rank='0' mode='replace'/>"));
}

static void
acts(void **state)
{
	struct hookbed *bed = *state;

	hook_act(&bed->runtime, host, "j@example",
		 hookbed_xml(bed, "<iq xmlns='jabber:client' type='get' "
			     "id='1'><q xmlns='urn:q'/></iq>"), done);
	assert_string_equal(
		hookbed_sent(bed),
		ASKED("q1", "<act " NS " user='j@example'>" FORWARDED(
		      "<iq xmlns='jabber:client' type='get' id='1'>"
		      "<q xmlns='urn:q'/></iq>") "</act>"));
	hookbed_receive(bed, "<iq type='result' id='q1' from='example' "
			"to='comp.example'><act " NS ">" FORWARDED(
			"<iq xmlns='jabber:client' type='result' id='1'/>")
			"</act></iq>");
	assert_int_equal(count, 1);
	assert_int_equal(last.cond, ERROR_NONE);
	assert_string_equal(answer, "<iq xmlns='jabber:client' "
			    "type='result' id='1'/>");
}

/* What others answer is no error of the shim's. */
static void
acts_and_is_refused(void **state)
{
	struct hookbed *bed = *state;

	hook_act(&bed->runtime, host, "j@example",
		 hookbed_xml(bed, "<iq xmlns='jabber:client' type='get' "
			     "id='1'><q xmlns='urn:q'/></iq>"), done);
	hookbed_receive(bed, "<iq type='result' id='q1' from='example' "
			"to='comp.example'><act " NS ">" FORWARDED(
			"<iq xmlns='jabber:client' type='error' id='1'/>")
			"</act></iq>");
	assert_int_equal(count, 1);
	assert_int_equal(last.cond, ERROR_NONE);
	assert_string_equal(answer, "<iq xmlns='jabber:client' "
			    "type='error' id='1'/>");
}

static void
acts_by_presence(void **state)
{
	struct hookbed *bed = *state;

	hook_act(&bed->runtime, host, "j@example",
		 hookbed_xml(bed, "<presence xmlns='jabber:client'/>"), done);
	hookbed_receive(bed, DONE("q1"));
	assert_int_equal(count, 1);
	assert_int_equal(last.cond, ERROR_NONE);
	assert_string_equal(answer, "");
}

static void
acts_in_vain(void **state)
{
	struct hookbed *bed = *state;

	hook_act(&bed->runtime, host, "j@example",
		 hookbed_xml(bed, "<presence xmlns='jabber:client'/>"), done);
	hookbed_receive(bed, "<iq type='result' id='q1' from='example' "
			"to='comp.example'><act " NS "/></iq>");
	assert_int_equal(count, 1);
	assert_int_equal(last.cond, ERROR_BAD_REQUEST);
}

static void
delegates(void **state)
{
	struct hookbed *bed = *state;
	const struct hook_delegate by_ns = { .ns = "urn:q", .host = true,
					     .secs = 5 };
	const struct hook_delegate by_node = { .node = "n" };
	const char *const features[] = { "urn:q#more", "urn:<r>", NULL };
	const struct hook_delegate more = { .ns = "urn:q",
					    .features = features };

	hook_delegate(&bed->runtime, host, &by_ns, done);
	hook_delegate(&bed->runtime, host, &by_node, done);
	hook_delegate(&bed->runtime, host, &more, done);
	assert_string_equal(
		hookbed_sent(bed),
		ASKED("q1", "<delegate " NS " ns='urn:q' host='true' "
		      "timeout='5'/>")
		ASKED("q2", "<delegate " NS " node='n'/>")
		ASKED("q3", "<delegate " NS " ns='urn:q'>"
		      "<feature var='urn:q#more'/>"
		      "<feature var='urn:&lt;r&gt;'/></delegate>"));
}

static void
releases(void **state)
{
	struct hookbed *bed = *state;
	const struct hook_release release = {
		.id = "x8", .point = HOOK_POINT_RECEIVE,
		.stanza = hookbed_xml(bed, MESSAGE), .stamp = 1000000,
	};
	const struct hook_release other = {
		.id = "x9", .point = HOOK_POINT_SEND,
		.stanza = release.stanza,
	};

	hook_release(&bed->runtime, host, &release, done);
	hook_release(&bed->runtime, host, &other, (struct hook_done){ 0 });
	assert_string_equal(
		hookbed_sent(bed),
		ASKED("q1", "<release " NS " id='x8' point='receive'>"
		      FORWARDED(DELAY MESSAGE) "</release>")
		ASKED("q2", "<release " NS " id='x9' point='send'>"
		      FORWARDED(MESSAGE) "</release>"));
	hookbed_receive(bed, DONE("q1"));
	assert_int_equal(count, 1);
	assert_int_equal(last.cond, ERROR_NONE);
	/* Nobody wants to know. */
	hookbed_receive(bed, DONE("q2"));
	assert_int_equal(count, 1);
}

static void
denies(void **state)
{
	struct hookbed *bed = *state;
	const struct hook_denial denial = {
		.id = "x8", .point = HOOK_POINT_SEND,
		.stanza = hookbed_xml(bed, MESSAGE),
		.condition = ERROR_NOT_ALLOWED, .text = "No & no.",
	};
	const struct hook_denial plain = {
		.id = "x9", .point = HOOK_POINT_RECEIVE,
		.stanza = denial.stanza,
	};

	hook_deny(&bed->runtime, host, &denial, done);
	hook_deny(&bed->runtime, host, &plain, done);
	assert_string_equal(
		hookbed_sent(bed),
		ASKED("q1", "<refuse " NS " id='x8' point='send' "
		      "condition='not-allowed'><text>No &amp; no.</text>"
		      FORWARDED(MESSAGE) "</refuse>")
		ASKED("q2", "<refuse " NS " id='x9' point='receive'>"
		      FORWARDED(MESSAGE) "</refuse>"));
	hookbed_receive(bed, DONE("q1"));
	assert_int_equal(count, 1);
	assert_int_equal(last.cond, ERROR_NONE);
}

static void
ask_for_overlay(struct hookbed *bed)
{
	const struct hook_overlay overlay = { .user = "j@example",
					      .key = "k" };

	hook_overlay(&bed->runtime, host, &overlay, done);
}

static void
ask_for_release(struct hookbed *bed)
{
	const struct hook_release release = {
		.id = "x8", .stanza = hookbed_xml(bed, MESSAGE),
	};

	hook_release(&bed->runtime, host, &release, done);
}

static void
ask_to_act(struct hookbed *bed)
{
	hook_act(&bed->runtime, host, "j@example",
		 hookbed_xml(bed, "<iq xmlns='jabber:client' type='get' "
			     "id='1'/>"), done);
}

static void
ask_to_delegate(struct hookbed *bed)
{
	const struct hook_delegate delegate = { .ns = "urn:q" };

	hook_delegate(&bed->runtime, host, &delegate, done);
}

static void (*const requests[])(struct hookbed *bed) = {
	ask_for_overlay, ask_for_release, ask_to_act, ask_to_delegate,
};

static void
tells_what_was_not_done(void **state)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		struct hookbed *bed = *state;

		requests[i](bed);
		assert_int_equal(count, 0);
		hookbed_receive(bed, REFUSED("q1", "forbidden"));
		assert_int_equal(count, 1);
		assert_int_equal(last.cond, ERROR_FORBIDDEN);
		assert_string_equal(answer, "");
		requests[i](bed);
		fake_router_time_out(bed->runtime.router);
		assert_int_equal(count, 2);
		assert_int_equal(last.cond, ERROR_REMOTE_SERVER_TIMEOUT);
		tear_down(state);
		set_up(state);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(acknowledges),
		TEST(delivers),
		TEST(tells_that_a_session_is_gone),
		TEST(tells_that_nobody_answered),
		TEST(delivers_what_fits),
		TEST(delivers_one_at_least),
		TEST(forgets),
		TEST(forgets_many),
		TEST(overlays),
		TEST(acts),
		TEST(acts_and_is_refused),
		TEST(acts_by_presence),
		TEST(acts_in_vain),
		TEST(delegates),
		TEST(releases),
		TEST(denies),
		TEST(tells_what_was_not_done),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hook_request", tests, NULL, NULL);
}
