#include "shared/hook_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <uv.h>

#include "shared/hook.h"
#include "shared/xml.h"
#include "t/lib/hookbed.h"

#define NS "xmlns='urn:x-annex:0' "
#define ASK(inner) \
	"<iq type='set' id='1' from='example' to='comp.example'>" inner \
	"</iq>"
#define FORWARDED(inner) \
	"<forwarded xmlns='urn:xmpp:forward:0'>" inner "</forwarded>"
#define MESSAGE "<message xmlns='jabber:client' type='chat'/>"
#define CHECK \
	ASK("<check " NS "id='x8' point='send'>" FORWARDED(MESSAGE) \
	    "</check>")
#define CHECK_OF(id, host) \
	"<iq type='set' id='" id "' from='" host "' to='comp.example'>" \
	"<check " NS "id='x8' point='send'>" FORWARDED(MESSAGE) "</check></iq>"
#define HELLO(host) \
	"<message from='" host "' to='comp.example'><hello " NS \
	"version='1' epoch='e2' hooks='check'/></message>"
#define ALLOW(host, ids) \
	"<message from='comp.example' to='" host "'>" \
	"<allow xmlns='urn:x-annex:0'>" ids \
	"</allow></message>\n"
#define STORE \
	ASK("<store " NS "id='x8' user='j@example'>" FORWARDED(MESSAGE) \
	    "</store>")
#define DELEGATED \
	ASK("<delegated " NS ">" FORWARDED( \
	"<iq xmlns='jabber:client' type='get' id='q1' from='j@example/b' " \
	"to='j@example'><x xmlns='urn:x'/></iq>") "</delegated>")
#define RESULT(inner) \
	"<iq from='comp.example' to='example' type='result' id='1'>" inner \
	"</iq>\n"

static struct hook_verdict verdict;
static struct error refusal;
static bool bounces;

static int
on_event(struct hook_event *event, void *ctx, struct error *err)
{
	struct hookbed *bed = ctx;

	(void)err;
	if (event->kind == HOOK_ON_CHECK)
		hook_judge(event, &verdict);
	else if (event->kind == HOOK_ON_STORE && bounces)
		hook_bounce(event, ERROR_SERVICE_UNAVAILABLE);
	else if (event->kind == HOOK_ON_STORE)
		hook_accept(event);
	else if (refusal.cond != ERROR_NONE)
		hook_refuse(event, &refusal);
	else
		hook_reply(event, xml_new(bed->arena, "urn:y", "y"));
	return 0;
}

static const struct hook_use use = {
	.on = {
		[HOOK_ON_CHECK] = on_event,
		[HOOK_ON_STORE] = on_event,
		[HOOK_ON_DELEGATED] = on_event,
	},
};

static int
set_up(void **state)
{
	struct hookbed *bed = hookbed_new(&use, NULL);

	verdict = (struct hook_verdict){ .action = HOOK_ALLOW };
	refusal.cond = ERROR_NONE;
	bounces = false;
	hookbed_greet(bed, "");
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
judges(void **state)
{
	assert_string_equal(hookbed_receive(*state, CHECK),
			    RESULT("<verdict " NS "action='allow'/>"));
	verdict.action = HOOK_HOLD;
	assert_string_equal(hookbed_receive(*state, CHECK),
			    RESULT("<verdict " NS "action='hold'/>"));
}

/* What is said when the loop's turn ends. */
static const char *
said(struct hookbed *bed)
{
	uv_run(&bed->loop, UV_RUN_NOWAIT);
	return hookbed_sent(bed);
}

static void
allows_together_where_that_is_known(void **state)
{
	struct hookbed *bed = *state;

	hookbed_receive(bed, HELLO("example"));
	assert_string_equal(hookbed_receive(bed, CHECK_OF("1", "example")), "");
	assert_string_equal(hookbed_receive(bed, CHECK_OF("2", "example")), "");
	assert_string_equal(said(bed), ALLOW("example", "1\n2"));
	assert_string_equal(said(bed), "");

	hookbed_receive(bed, CHECK_OF("3", "example"));
	verdict.action = HOOK_HOLD;
	hookbed_receive(bed, CHECK);
	assert_string_equal(said(bed), ALLOW("example", "3"));
}

static void
allows_each_host_its_own(void **state)
{
	static const char *const hosts[] = { "example", "other", NULL };
	struct hookbed *bed = hookbed_new(&use, hosts);

	(void)state;
	verdict = (struct hook_verdict){ .action = HOOK_ALLOW };
	hookbed_receive(bed, HELLO("example"));
	hookbed_receive(bed, HELLO("other"));
	hookbed_receive(bed, CHECK_OF("1", "example"));
	assert_string_equal(hookbed_receive(bed, CHECK_OF("1", "other")),
			    ALLOW("example", "1"));
	assert_string_equal(said(bed), ALLOW("other", "1"));
	hookbed_free(&bed);
}

static void
allows_nothing_over_a_link_that_is_lost(void **state)
{
	struct hookbed *bed = *state;

	hookbed_receive(bed, HELLO("example"));
	hookbed_receive(bed, CHECK_OF("1", "example"));
	hook_link(bed->runtime.hook, false);
	assert_string_equal(said(bed), "");
}

static void
denies(void **state)
{
	verdict.action = HOOK_DENY;
	assert_string_equal(hookbed_receive(*state, CHECK),
			    RESULT("<verdict " NS "action='deny'/>"));
	verdict.condition = ERROR_NOT_ALLOWED;
	verdict.text = "No & no.";
	assert_string_equal(hookbed_receive(*state, CHECK),
			    RESULT("<verdict " NS "action='deny' "
				   "condition='not-allowed'><text>No &amp; "
				   "no.</text></verdict>"));
	verdict = (struct hook_verdict){ .action = HOOK_DENY,
					 .silent = true };
	assert_string_equal(hookbed_receive(*state, CHECK),
			    RESULT("<verdict " NS "action='deny' "
				   "silent='true'/>"));
}

static void
replaces(void **state)
{
	verdict.action = HOOK_REPLACE;
	verdict.stanza = hookbed_xml(*state, MESSAGE);
	assert_string_equal(hookbed_receive(*state, CHECK),
			    RESULT("<verdict " NS "action='replace'>"
				   FORWARDED(MESSAGE) "</verdict>"));
}

static void
accepts_and_bounces(void **state)
{
	assert_string_equal(hookbed_receive(*state, STORE),
			    "<iq from='comp.example' to='example' "
			    "type='result' id='1'/>\n");
	bounces = true;
	assert_string_equal(hookbed_receive(*state, STORE),
			    RESULT("<store " NS
				   "bounce='service-unavailable'/>"));
}

static void
replies_for_the_account(void **state)
{
	assert_string_equal(
		hookbed_receive(*state, DELEGATED),
		RESULT("<delegated xmlns='urn:x-annex:0'>" FORWARDED(
		       "<iq xmlns='jabber:client' from='j@example' "
		       "to='j@example/b' type='result' id='q1'>"
		       "<y xmlns='urn:y'/></iq>") "</delegated>"));
}

static void
refuses_for_the_account(void **state)
{
	error_set(&refusal, ERROR_ITEM_NOT_FOUND, "%s", "");
	assert_string_equal(
		hookbed_receive(*state, DELEGATED),
		RESULT("<delegated xmlns='urn:x-annex:0'>" FORWARDED(
		       "<iq xmlns='jabber:client' from='j@example' "
		       "to='j@example/b' type='error' id='q1'>"
		       "<x xmlns='urn:x'/><error type='cancel'>"
		       "<item-not-found "
		       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
		       "</error></iq>") "</delegated>"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(judges),
		TEST(allows_together_where_that_is_known),
		TEST(allows_each_host_its_own),
		TEST(allows_nothing_over_a_link_that_is_lost),
		TEST(denies),
		TEST(replaces),
		TEST(accepts_and_bounces),
		TEST(replies_for_the_account),
		TEST(refuses_for_the_account),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hook_answer", tests, NULL, NULL);
}
