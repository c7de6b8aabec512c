#include "components/archive/desk/handout.h"

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
#include "shared/jid.h"
#include "shared/log.h"
#include "t/lib/hookbed.h"

#define SESSION "j@example/b"
#define MANY 120

static const struct hook_use use = { .uses = HOOK_DELIVER };

struct bed {
	struct hookbed *hooks;
	struct hook_host host;
	struct hook_event event;
	struct handout handout;
	unsigned asked;		/* requests that were answered */
	unsigned calls;
	enum error_cond cond;
};

static int
set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	struct error err;

	assert_non_null(bed);
	log_configure("test", LOG_LEVEL_ERROR + 1, false);
	bed->hooks = hookbed_new(&use, NULL);
	hookbed_greet(bed->hooks, "hooks='deliver'");
	bed->host = *hook_find(bed->hooks->runtime.hook, "example");
	bed->host.stanza_bytes = 500000;
	bed->event.host = &bed->host;
	assert_int_equal(jid_parsez(bed->hooks->arena, SESSION,
				    &bed->event.stanza.from, &err), 0);
	handout_init(&bed->handout, &bed->hooks->runtime, &bed->event, MANY);
	*state = bed;
	return 0;
}

static int
tear_down(void **state)
{
	struct bed *bed = *state;

	handout_fini(&bed->handout);
	hookbed_free(&bed->hooks);
	free(bed);
	return 0;
}

static void
on_handed(void *ctx, const struct error *err)
{
	struct bed *bed = ctx;

	bed->calls++;
	bed->cond = err == NULL ? ERROR_NONE : err->cond;
}

static void
add(struct bed *bed, unsigned number, const char *more)
{
	handout_add(&bed->handout, hookbed_xml(
		bed->hooks, arena_printf(
			bed->hooks->arena, "<message xmlns='jabber:client' "
			"from='j@example' to='" SESSION "'><result "
			"xmlns='urn:xmpp:mam:2' id='x%u'><forwarded "
			"xmlns='urn:xmpp:forward:0'><delay "
			"xmlns='urn:xmpp:delay' stamp='2026-11-29T12:00:00Z'/>"
			"<message xmlns='jabber:client' from='a@b'>"
			"<body>no %u</body>%s</message></forwarded></result>"
			"</message>", number, number, more)));
}

static void
add_many(struct bed *bed, unsigned count)
{
	for (unsigned i = 1; i <= count; i++)
		add(bed, i, "");
}

static const char *
answer(struct bed *bed, const char *type, const char *content)
{
	return hookbed_receive(bed->hooks, arena_printf(
		bed->hooks->arena, "<iq type='%s' id='q%u' from='example' "
		"to='comp.example'>%s</iq>", type, ++bed->asked, content));
}

static const char *
done(struct bed *bed)
{
	return answer(bed, "result", "");
}

static const char *
refuse(struct bed *bed, const char *condition)
{
	return answer(bed, "error", arena_printf(
		bed->hooks->arena, "<error type='wait'><%s "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
		condition));
}

static const char *
hand_out(struct bed *bed)
{
	bed->calls = 0;
	handout_send(&bed->handout, on_handed, bed);
	return hookbed_sent(bed->hooks);
}

/* These, and no others, in that order. */
static void
assert_items(const char *sent, unsigned first, unsigned last)
{
	char body[40];

	for (unsigned i = first; i <= last; i++) {
		snprintf(body, sizeof(body), "<body>no %u</body>", i);
		sent = strstr(sent, body);
		if (sent == NULL)
			fail_msg("no %s", body);
	}
	assert_int_equal(hookbed_count(sent, "<body>"), 1);
}

static void
sends_all_in_order_and_some_at_a_time(void **state)
{
	struct bed *bed = *state;
	const char *sent;

	add_many(bed, MANY);
	sent = hand_out(bed);
	assert_non_null(strstr(sent, "<deliver xmlns='urn:x-annex:0' "
			       "jid='" SESSION "'><item><forwarded "
			       "xmlns='urn:xmpp:forward:0'><message "
			       "xmlns='jabber:client' from='j@example' "));
	assert_int_equal(hookbed_count(sent, "<item>"), 50);
	assert_items(sent, 1, 50);
	assert_items(done(bed), 51, 100);
	assert_items(done(bed), 101, 120);
	assert_int_equal(bed->calls, 0);
	assert_string_equal(done(bed), "");
	assert_int_equal(bed->calls, 1);
	assert_int_equal(bed->cond, ERROR_NONE);
}

static char large[3000];

static void
sends_few_large_ones_at_a_time(void **state)
{
	struct bed *bed = *state;

	memset(large, 'x', sizeof(large) - 1);
	for (unsigned i = 1; i <= 30; i++)
		add(bed, i, large);
	assert_items(hand_out(bed), 1, 19);
	bed->host.stanza_bytes = 10000;
	assert_items(done(bed), 20, 20);
	assert_items(done(bed), 21, 21);
}

static void
waits_while_there_is_no_room(void **state)
{
	struct bed *bed = *state;

	add_many(bed, 60);
	hand_out(bed);
	assert_items(done(bed), 51, 60);
	assert_string_equal(refuse(bed, "resource-constraint"), "");
	assert_int_equal(bed->calls, 1);
	assert_int_equal(bed->cond, ERROR_RESOURCE_CONSTRAINT);
	assert_items(hand_out(bed), 51, 60);
	done(bed);
	assert_int_equal(bed->calls, 1);
	assert_int_equal(bed->cond, ERROR_NONE);
}

static void
says_that_the_session_is_gone(void **state)
{
	struct bed *bed = *state;

	add_many(bed, 60);
	hand_out(bed);
	assert_string_equal(refuse(bed, "item-not-found"), "");
	assert_int_equal(bed->calls, 1);
	assert_int_equal(bed->cond, ERROR_ITEM_NOT_FOUND);
}

static void
says_that_nobody_answered(void **state)
{
	struct bed *bed = *state;

	add_many(bed, 60);
	hand_out(bed);
	fake_router_time_out(bed->hooks->runtime.router);
	assert_int_equal(bed->calls, 1);
	assert_int_equal(bed->cond, ERROR_REMOTE_SERVER_TIMEOUT);
}

static void
ends_when_it_is_stopped(void **state)
{
	struct bed *bed = *state;

	add_many(bed, 60);
	hand_out(bed);
	handout_stop(&bed->handout);
	assert_int_equal(bed->calls, 0);
	assert_string_equal(done(bed), "");
	assert_int_equal(bed->calls, 1);
}

static void
tells_how_large_a_result_may_be(void **state)
{
	struct hook_host host = { .stanza_bytes = SIZE_MAX };

	(void)state;
	assert_true(handout_limit(&host) > (size_t)1 << 40);
	host.stanza_bytes = 524288;
	assert_int_equal(handout_limit(&host), 520192);
	host.stanza_bytes = 5000;
	assert_int_equal(handout_limit(&host), 2500);
}

/* As of a session that may have fewer without acknowledging them. */
static void
asks_for_less_when_it_is_too_many(void **state)
{
	struct bed *bed = *state;

	add_many(bed, 60);
	hand_out(bed);
	assert_items(refuse(bed, "not-acceptable"), 1, 25);
	assert_items(refuse(bed, "not-acceptable"), 1, 12);
	assert_items(done(bed), 13, 36);
	assert_items(done(bed), 37, 60);
	done(bed);
	assert_int_equal(bed->calls, 1);
	assert_int_equal(bed->cond, ERROR_NONE);
}

static void
gives_the_refused_one_without_its_message(void **state)
{
	struct bed *bed = *state;
	const char *sent;

	add_many(bed, 3);
	hand_out(bed);
	assert_items(refuse(bed, "bad-request"), 1, 1);
	assert_items(done(bed), 2, 3);
	assert_items(refuse(bed, "bad-request"), 2, 2);
	sent = refuse(bed, "bad-request");
	assert_int_equal(hookbed_count(sent, "<body>"), 0);
	assert_non_null(strstr(sent, "<result xmlns='urn:xmpp:mam:2' "
			       "id='x2'><forwarded "
			       "xmlns='urn:xmpp:forward:0'><delay "));
	assert_items(done(bed), 3, 3);
	done(bed);
	assert_int_equal(bed->calls, 1);
	assert_int_equal(bed->cond, ERROR_NONE);
}

/* Those before it came, and shall not come again and again. */
static void
goes_one_by_one_when_the_shim_failed(void **state)
{
	struct bed *bed = *state;

	add_many(bed, 40);
	hand_out(bed);
	assert_items(refuse(bed, "internal-server-error"), 1, 1);
	assert_items(done(bed), 2, 3);
}

static void
gives_up_when_nothing_is_taken(void **state)
{
	struct bed *bed = *state;

	add_many(bed, 1);
	hand_out(bed);
	refuse(bed, "policy-violation");
	assert_int_equal(bed->calls, 0);
	refuse(bed, "policy-violation");
	assert_int_equal(bed->calls, 1);
	assert_int_equal(bed->cond, ERROR_POLICY_VIOLATION);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sends_all_in_order_and_some_at_a_time),
		TEST(sends_few_large_ones_at_a_time),
		TEST(waits_while_there_is_no_room),
		TEST(says_that_the_session_is_gone),
		TEST(says_that_nobody_answered),
		TEST(ends_when_it_is_stopped),
		cmocka_unit_test(tells_how_large_a_result_may_be),
		TEST(asks_for_less_when_it_is_too_many),
		TEST(gives_the_refused_one_without_its_message),
		TEST(goes_one_by_one_when_the_shim_failed),
		TEST(gives_up_when_nothing_is_taken),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_handout", tests, NULL,
					   NULL);
}
