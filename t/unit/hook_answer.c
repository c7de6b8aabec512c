#include "shared/hook_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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
		TEST(denies),
		TEST(replaces),
		TEST(accepts_and_bounces),
		TEST(replies_for_the_account),
		TEST(refuses_for_the_account),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hook_answer", tests, NULL, NULL);
}
