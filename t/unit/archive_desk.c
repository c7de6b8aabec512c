#include "components/archive/desk/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "t/lib/tapbed.h"
#include "t/lib/tapshim.h"

#define MAM "xmlns='urn:xmpp:mam:2'"
#define HELLO(hooks) \
	"<message from='example' to='comp.example'><hello " \
	"xmlns='urn:x-annex:0' version='1' epoch='e1' hooks='" hooks \
	"'/></message>"

static long long
requests(struct tapbed *bed, const char *outcome)
{
	return tapbed_metric(bed, arena_printf(
		bed->hooks->arena, "annex_archive_requests_total"
		"{outcome=\"%s\"}", outcome));
}

static void
has_requests_come_where_it_can_deliver(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	assert_string_equal(hookbed_receive(bed->hooks, HELLO("tap")), "");
	assert_string_equal(hookbed_receive(bed->hooks,
					    HELLO("tap delegate")), "");
	sent = hookbed_receive(bed->hooks, HELLO("tap delegate deliver"));
	assert_non_null(strstr(sent, "<delegate xmlns='urn:x-annex:0' "
			       "ns='urn:xmpp:mam:2' timeout='120'>"));
	assert_non_null(strstr(sent,
			       "<feature var='urn:xmpp:mam:2#extended'/>"));
}

static void
answers_with_a_form(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	tapshim_ask(bed, "j@example/b", "q", "get", "<query " MAM "/>");
	sent = tapbed_sent(bed);
	assert_non_null(strstr(sent, "<delegated "));
	assert_non_null(strstr(sent, "type='result' id='q'"));
	assert_non_null(strstr(sent, "var='FORM_TYPE'"));
	assert_non_null(strstr(sent, "var='with'"));
	assert_non_null(strstr(sent, "var='before-id'"));
	assert_non_null(strstr(sent, "var='include-groupchat'"));
	assert_non_null(strstr(sent, "var='{urn:xmpp:fulltext:0}fulltext'"));
	assert_int_equal(requests(bed, "answered"), 1);
}

static void
refuses(struct tapbed *bed, const char *type, const char *payload,
	const char *condition)
{
	const char *sent;

	tapshim_ask(bed, "j@example/b", "q", type, payload);
	sent = tapbed_sent(bed);
	if (strstr(sent, "type='error' id='q'") == NULL ||
	    strstr(sent, condition) == NULL)
		fail_msg("%s is not refused with %s: %s", payload, condition,
			 sent);
}

static void
refuses_what_it_does_not_know(void **state)
{
	struct tapbed *bed = *state;

	refuses(bed, "get", "<other " MAM "/>", "feature-not-implemented");
	refuses(bed, "set", "<other " MAM "/>", "feature-not-implemented");
	refuses(bed, "set", "<query " MAM "><x xmlns='jabber:x:data' "
		"type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2"
		"</value></field><field var='withtext'><value>x</value>"
		"</field></x></query>", "feature-not-implemented");
	refuses(bed, "set", "<query " MAM " node='n'/>", "item-not-found");
	assert_int_equal(requests(bed, "refused"), 4);
}

/* Whatever a shim passes on. */
static void
refuses_whom_it_is_not_for(void **state)
{
	struct tapbed *bed = *state;
	static const char *const ends[][2] = {
		{ "r@elsewhere/x", "r@elsewhere" },
		{ "example", "example" },
		{ "j@example/b", "k@example" },
		{ "j@example/b", "example" },
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const char *sent = hookbed_receive(bed->hooks, arena_printf(
			bed->hooks->arena, "<iq type='set' id='d' "
			"from='example' to='comp.example'><delegated "
			"xmlns='urn:x-annex:0'><forwarded "
			"xmlns='urn:xmpp:forward:0'><iq "
			"xmlns='jabber:client' type='get' id='q' from='%s' "
			"to='%s'><query " MAM "/></iq></forwarded>"
			"</delegated></iq>", ends[i][0], ends[i][1]));

		assert_non_null(strstr(sent, "<forbidden "));
		assert_null(strstr(sent, "<field"));
	}
}

static void
refuses_all_once_it_stops(void **state)
{
	struct tapbed *bed = *state;
	static const char *const payloads[] = {
		"<query " MAM "/>", "<metadata " MAM "/>", "<prefs " MAM "/>",
	};

	tapbed_begin_stop(bed);
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++)
		refuses(bed, "get", payloads[i], "service-unavailable");
	refuses(bed, "set", payloads[0], "service-unavailable");
	tapbed_stop(bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TAPBED_TEST(has_requests_come_where_it_can_deliver),
		TAPBED_TEST(answers_with_a_form),
		TAPBED_TEST(refuses_what_it_does_not_know),
		TAPBED_TEST(refuses_whom_it_is_not_for),
		TAPBED_TEST(refuses_all_once_it_stops),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_desk", tests,
					   tapbed_folder, database_teardown);
}
