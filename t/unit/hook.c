#include "shared/hook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook_answer.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"
#include "t/lib/capture.h"
#include "t/lib/hookbed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define HELLO(from, attributes) \
	"<message from='" from "' to='comp.example'>" \
	"<hello xmlns='urn:x-annex:0' " attributes "/></message>"
#define TAP_BY(host, from, to) \
	"<message from='" host "' to='comp.example'><tap " \
	"xmlns='urn:x-annex:0' seq='7' id='x8' dir='in' origin='local'>" \
	"<forwarded xmlns='urn:xmpp:forward:0'>" \
	"<message xmlns='jabber:client' from='" from "' to='" to "'>" \
	"<body>Hi</body></message></forwarded></tap></message>"
#define TAP_OF(from, to) TAP_BY("example", from, to)
#define TAP(host) TAP_BY(host, "romeo@example/o", "juliet@example")
#define STORE \
	"<iq type='set' id='s5' from='example' to='comp.example'>" \
	"<store xmlns='urn:x-annex:0' id='x8' user='juliet@example'>" \
	"<forwarded xmlns='urn:xmpp:forward:0'>" \
	"<message xmlns='jabber:client' from='romeo@example/o' " \
	"to='juliet@example'><body>Hi</body></message></forwarded></store>" \
	"</iq>"
#define DELEGATED \
	"<iq type='set' id='e6' from='example' to='comp.example'>" \
	"<delegated xmlns='urn:x-annex:0'>" \
	"<forwarded xmlns='urn:xmpp:forward:0'>" \
	"<iq xmlns='jabber:client' type='get' id='q1' " \
	"from='juliet@example/b' to='juliet@example'>" \
	"<offline xmlns='http://jabber.org/protocol/offline'/></iq>" \
	"</forwarded></delegated></iq>"

/* What was called, in words. */
static struct str called;
static int answer;

static void
on_host(void *ctx, const struct hook_host *host)
{
	assert_non_null(ctx);
	str_addf(&called, "%s %s%s;", host->domain, host->up ? "up" : "down",
		 host->anew ? " anew" : "");
}

static int
on_event(struct hook_event *event, void *ctx, struct error *err)
{
	assert_non_null(ctx);
	str_addf(&called, "%s%s%s %s;", hook_event_name(event->kind),
		 event->cut ? " cut" : "", event->unclear ? " unclear" : "",
		 event->host->domain);
	if (answer < 0)
		error_set(err, ERROR_RESOURCE_CONSTRAINT, "later");
	else if (event->req->stanza.kind == STANZA_IQ)
		hook_accept(event);
	return answer;
}

static const struct hook_use use = {
	.needs = HOOK_STORE | HOOK_DELIVER,
	.uses = HOOK_TAP,
	.on = {
		[HOOK_ON_TAP] = on_event,
		[HOOK_ON_CHECK] = on_event,
		[HOOK_ON_STORE] = on_event,
		[HOOK_ON_DELEGATED] = on_event,
	},
	.host = on_host,
};

static struct hookbed *
setup(const char *const *hosts)
{
	str_clear(&called);
	str_addz(&called, "");
	answer = 0;
	return hookbed_new(&use, hosts);
}

static int
set_up(void **state)
{
	*state = setup(NULL);
	return 0;
}

static int
tear_down(void **state)
{
	struct hookbed *bed = *state;

	hookbed_free(&bed);
	str_fini(&called);
	return 0;
}

/* What was called since this was asked last. */
static const char *
calls(struct hookbed *bed)
{
	const char *text = arena_strdup(bed->arena, called.data);

	str_clear(&called);
	str_addz(&called, "");
	return text;
}

static const char *
missing(struct hookbed *bed)
{
	struct str text = { 0 };
	const char *copy;

	str_addz(&text, "");
	hook_add_missing(bed->runtime.hook, &text);
	copy = arena_strdup(bed->arena, text.data);
	str_fini(&text);
	return copy;
}

static void
keeps_what_hello_says(void **state)
{
	struct hookbed *bed = *state;
	const struct hook_host *host;

	assert_null(hook_find(bed->runtime.hook, "example"));
	assert_string_equal(hookbed_receive(bed, HELLO(
		"example", "version='0' epoch='5f' router='P 13' "
		"hooks='tap store fanout later' window='1000' credit='64' "
		"stanza-bytes='5000' fail='open' x='y'")), "");
	assert_string_equal(calls(bed), "example up anew;");
	host = hook_find(bed->runtime.hook, "example");
	assert_non_null(host);
	assert_int_equal(host->hooks, HOOK_TAP | HOOK_STORE | HOOK_FANOUT);
	assert_string_equal(host->router, "P 13");
	assert_int_equal(host->window, 1000);
	assert_int_equal(host->credit, 64);
	assert_int_equal(host->stanza_bytes, 5000);
	assert_ptr_equal(hook_offering(bed->runtime.hook, HOOK_TAP), host);
	assert_null(hook_offering(bed->runtime.hook, HOOK_TAP | HOOK_ACT));
}

/* Our own limit is never passed. */
static void
takes_the_smaller_limit(void **state)
{
	struct hookbed *bed = *state;

	hookbed_greet(bed, "hooks='' stanza-bytes='10000000'");
	assert_int_equal(hook_find(bed->runtime.hook, "example")->stanza_bytes,
			 10000);
	hookbed_greet(bed, "hooks=''");
	assert_int_equal(hook_find(bed->runtime.hook, "example")->stanza_bytes,
			 10000);
}

static void
tells_a_new_epoch(void **state)
{
	struct hookbed *bed = *state;

	hookbed_receive(bed, HELLO("example", "epoch='1'"));
	hookbed_receive(bed, HELLO("example", "epoch='1'"));
	hook_link(bed->runtime.hook, false);
	assert_null(hook_find(bed->runtime.hook, "example"));
	hook_link(bed->runtime.hook, true);
	hookbed_receive(bed, HELLO("example", "epoch='1'"));
	hookbed_receive(bed, HELLO("example", "epoch='2'"));
	assert_string_equal(calls(bed), "example up anew;example up;"
			    "example down;example up;example up anew;");
}

/* Anybody's server may send these. */
static void
ignores_strangers(void **state)
{
	static const char *const strangers[] = {
		HELLO("evil.example", ""),
		HELLO("comp.example", ""),
		HELLO("example/resource", ""),
		HELLO("someone@example", ""),
		HELLO("sub.example", ""),
		TAP("evil.example"),
		TAP("someone@example"),
		TAP("example"),		/* before hello */
		"<message from='example' to='comp.example/x'>"
		"<hello xmlns='urn:x-annex:0'/></message>",
		"<message from='example' to='x@comp.example'>"
		"<hello xmlns='urn:x-annex:0'/></message>",
	};
	struct hookbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(strangers); i++) {
		const char *sent = hookbed_receive(bed, strangers[i]);

		assert_non_null(strstr(sent, "<service-unavailable "));
		assert_string_equal(calls(bed), "");
	}
	assert_null(hook_offering(bed->runtime.hook, 0));
}

static void
ignores_strangers_after_hello(void **state)
{
	struct hookbed *bed = *state;

	hookbed_greet(bed, "");
	calls(bed);
	assert_non_null(strstr(hookbed_receive(bed, TAP("evil.example")),
			       "<service-unavailable "));
	assert_string_equal(calls(bed), "");
}

static void
hands_events_on(void **state)
{
	struct hookbed *bed = *state;

	hookbed_greet(bed, "");
	calls(bed);
	assert_string_equal(hookbed_receive(bed, TAP("example")), "");
	assert_string_equal(
		hookbed_receive(bed, STORE),
		"<iq from='comp.example' to='example' type='result' "
		"id='s5'/>\n");
	assert_string_equal(calls(bed), "tap example;store example;");
}

/* Whom a router knows, and jid_parse() does not. */
static void
takes_what_routers_take(void **state)
{
	static const char *const addresses[] = {
		"juliet@example/\xd7\x90\xe1\x9e\xb4\xd7\x90",
		"juliet@example/\xe2\x80\x8b", "bob@xn--i-7iq.ws",
		"bob@a b",
	};
	struct hookbed *bed = *state;

	hookbed_greet(bed, "");
	calls(bed);
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		assert_string_equal(hookbed_receive(bed, arena_printf(
			bed->arena, TAP_OF("%s", "%s"), addresses[i],
			addresses[i])), "");
		assert_string_equal(calls(bed), "tap example;");
	}
}

static void
answers_errors(void **state)
{
	struct hookbed *bed = *state;
	const char *sent;

	hookbed_greet(bed, "");
	answer = -1;
	sent = hookbed_receive(bed, STORE);
	assert_non_null(strstr(sent, "type='error' id='s5'"));
	assert_non_null(strstr(sent, "<resource-constraint "));
}

/* The shim would turn an error of ours into another. */
static void
answers_errors_to_the_user(void **state)
{
	struct hookbed *bed = *state;
	const char *sent;

	hookbed_greet(bed, "");
	answer = -1;
	sent = hookbed_receive(bed, DELEGATED);
	assert_non_null(strstr(sent, "<iq from='comp.example' to='example' "
			       "type='result' id='e6'><delegated "));
	assert_non_null(strstr(sent, "<iq xmlns='jabber:client' "
			       "from='juliet@example' to='juliet@example/b' "
			       "type='error' id='q1'><offline "));
	assert_non_null(strstr(sent, "<resource-constraint "));
}

static void
refuses_what_is_not_wanted(void **state)
{
	struct hookbed *bed = *state;

	hookbed_greet(bed, "");
	assert_non_null(strstr(hookbed_receive(
		bed, "<iq type='set' id='t2' from='example' "
		"to='comp.example'><route xmlns='urn:x-annex:0'/></iq>"),
		"<service-unavailable "));
	assert_string_equal(hookbed_receive(
		bed, "<message from='example' to='comp.example'>"
		"<offline xmlns='urn:x-annex:0' jid='j@example/b'/>"
		"</message>"), "");
}

static void
refuses_what_it_does_not_understand(void **state)
{
	struct hookbed *bed = *state;

	hookbed_greet(bed, "");
	calls(bed);
	assert_non_null(strstr(hookbed_receive(
		bed, "<iq type='set' id='s5' from='example' "
		"to='comp.example'><store xmlns='urn:x-annex:0' id='x8'/>"
		"</iq>"), "<bad-request "));
	assert_string_equal(hookbed_receive(
		bed, "<message from='example' to='comp.example'>"
		"<tap xmlns='urn:x-annex:0' id='x8'/></message>"), "");
	assert_string_equal(calls(bed), "");
}

/* What is left of it when it is refused. */
#define REFUSED(from, payload) \
	"<message from='" from "' to='comp.example'>" payload "</message>"
#define REFUSED_TAP(attributes) \
	"<tap xmlns='urn:x-annex:0' " attributes "/>"

static struct xml *refused;

static bool
wants(struct hookbed *bed, const char *stanza)
{
	struct error err = { 0 };

	error_set(&err, ERROR_POLICY_VIOLATION, "too deep");
	refused = bed_xml(bed->arena, NS_COMPONENT, stanza);
	return hook_wants_refused(bed->runtime.hook, bed->arena, refused,
				  &err);
}

static void
wants_taps_that_are_refused(void **state)
{
	static const char tap[] = REFUSED(
		"example",
		REFUSED_TAP("seq='7' id='x8' dir='in' origin='local'"));
	static const char *const others[] = {
		REFUSED("example", ""),
		REFUSED("example", "<body/>"),
		REFUSED("example", REFUSED_TAP("id='x8'")),
		REFUSED("example", REFUSED_TAP("seq='x'")),
		REFUSED("example",
			"<tap xmlns='urn:x-annex:1' seq='7'/>"),
		REFUSED("example",
			"<hello xmlns='urn:x-annex:0'/>"),
		REFUSED("example",
			"<online xmlns='urn:x-annex:0' jid='j@example/b'/>"),
		REFUSED("evil.example", REFUSED_TAP("seq='7'")),
		REFUSED("romeo@example", REFUSED_TAP("seq='7'")),
		REFUSED("@", REFUSED_TAP("seq='7'")),
		"<presence from='example' to='comp.example'>"
		REFUSED_TAP("seq='7'") "</presence>",
		"<iq type='set' id='s5' from='example' to='comp.example'>"
		REFUSED_TAP("seq='7'") "</iq>",
		"<iq type='set' id='s5' from='example' to='comp.example'>"
		"<store xmlns='urn:x-annex:0' id='x8' "
		"user='juliet@example'/></iq>",
		"<message from='example'>" REFUSED_TAP("seq='7'")
		"</message>",
	};
	struct hookbed *bed = *state;

	assert_false(wants(bed, tap));
	hookbed_greet(bed, "");
	calls(bed);
	assert_true(wants(bed, tap));
	assert_non_null(xml_attr(xml_child(refused, NS_ANNEX, "tap"), "cut"));
	assert_true(wants(bed, REFUSED("example", REFUSED_TAP("seq='8'"))));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_false(wants(bed, others[i]));
	assert_string_equal(calls(bed), "");
	assert_string_equal(hookbed_receive(bed, tap), "");
	assert_string_equal(calls(bed), "tap unclear example;");
	hook_link(bed->runtime.hook, false);
	assert_false(wants(bed, tap));
}

/* Of which somebody must say whether they go on. */
static void
wants_checks_that_are_refused_or_unclear(void **state)
{
	static const char check[] =
		"<iq type='set' id='c5' from='example' to='comp.example'>"
		"<check xmlns='urn:x-annex:0' id='x8' point='send'>"
		"<forwarded xmlns='urn:xmpp:forward:0'><iq type='set' id='i1' "
		"xmlns='jabber:client' from='romeo@example/o' "
		"to='juliet@example/b'><a xmlns='urn:a'/>%s</iq></forwarded>"
		"</check></iq>";
	struct hookbed *bed = *state;

	hookbed_greet(bed, "");
	calls(bed);
	assert_true(wants(bed, arena_printf(bed->arena, check, "")));
	hookbed_take(bed, arena_new(), refused);
	assert_string_equal(calls(bed), "check cut example;");
	assert_non_null(strstr(hookbed_receive(bed, arena_printf(
		bed->arena, check, "<b xmlns='urn:b'/>")), "type='result'"));
	assert_string_equal(calls(bed), "check unclear example;");
	assert_non_null(strstr(hookbed_receive(
		bed, "<iq type='set' id='c6' from='example' "
		"to='comp.example'><check xmlns='urn:x-annex:0'/></iq>"),
		"type='result'"));
	assert_string_equal(calls(bed), "check unclear example;");
}

/* Anybody can send as many as they like. */
static void
says_now_and_then_what_is_not_understood(void **state)
{
	static struct capture said;
	struct hookbed *bed = *state;

	hookbed_greet(bed, "");
	log_configure("test", LOG_LEVEL_INFO, false);
	capture_begin(&said);
	for (int i = 0; i < 3; i++)
		hookbed_receive(bed, REFUSED("example", REFUSED_TAP(
					"seq='7'")));
	capture_end(&said);
	log_configure("test", LOG_LEVEL_ERROR + 1, false);
	assert_int_equal(hookbed_count(said.err, "\n"), 1);
	assert_non_null(strstr(said.err, "hook: not understood from example: "
			       "<tap/> with dir ''\n"));
}

/* The same. */
static void
says_now_and_then_that_taps_are_refused(void **state)
{
	static const char tap[] = REFUSED("example", REFUSED_TAP("seq='7'"));
	static struct capture said;
	struct hookbed *bed = *state;

	hookbed_greet(bed, "");
	log_configure("test", LOG_LEVEL_INFO, false);
	capture_begin(&said);
	for (int i = 0; i < 3; i++) {
		assert_true(wants(bed, tap));
		hookbed_take(bed, arena_new(), refused);
	}
	capture_end(&said);
	log_configure("test", LOG_LEVEL_ERROR + 1, false);
	assert_int_equal(hookbed_count(said.err, "\n"), 1);
	assert_non_null(strstr(said.err, "hook: copy 7 of a message of "
			       "example is not whole: too deep\n"));
}

/* Who takes no taps has them refused like anything else. */
static void
wants_no_refused_taps_without_others(void **state)
{
	static const struct hook_use none = { .needs = HOOK_STORE };
	struct hookbed *bed = hookbed_new(&none, NULL);

	(void)state;
	hookbed_greet(bed, "");
	assert_false(wants(bed, REFUSED("example", REFUSED_TAP("seq='7'"))));
	hookbed_free(&bed);
}

static void
does_without_a_later_namespace(void **state)
{
	struct hookbed *bed = *state;

	assert_string_equal(hookbed_receive(
		bed, "<message from='example' to='comp.example'>"
		"<hello xmlns='urn:x-annex:1' hooks='store deliver'/>"
		"</message>"), "");
	assert_null(hook_find(bed->runtime.hook, "example"));
	assert_string_equal(calls(bed), "");
}

static void
goes_on_without_a_later_shim(void **state)
{
	struct hookbed *bed = *state;

	hookbed_greet(bed, "hooks='store deliver'");
	hookbed_greet(bed, "hooks='store deliver'");
	calls(bed);
	hookbed_receive(bed, "<message from='example' to='comp.example'>"
			"<hello xmlns='urn:x-annex:1'/></message>");
	assert_null(hook_find(bed->runtime.hook, "example"));
	assert_string_equal(calls(bed), "example down;");
}

static void
does_with_a_newer_version(void **state)
{
	struct hookbed *bed = *state;

	hookbed_receive(bed, HELLO("example", "version='9' hooks='tap'"));
	assert_int_equal(hook_find(bed->runtime.hook, "example")->version, 9);
}

static void
says_what_is_missing(void **state)
{
	struct hookbed *bed = *state;

	assert_string_equal(missing(bed), "the router's module mod_annex is "
			    "not loaded for example, or does not name "
			    "comp.example\n");
	hookbed_greet(bed, "hooks='tap deliver'");
	assert_string_equal(missing(bed), "mod_annex of example does not give "
			    "comp.example: store\n");
	hookbed_greet(bed, "hooks='store tap deliver'");
	assert_string_equal(missing(bed), "");
	hook_link(bed->runtime.hook, false);
	assert_string_not_equal(missing(bed), "");
}

static void
listens_to_the_hosts_named(void **state)
{
	static const char *const hosts[] = { "a.net", "b.net", NULL };
	struct hookbed *bed = setup(hosts);

	(void)state;
	hookbed_receive(bed, HELLO("example", "hooks='fanout'"));
	hookbed_receive(bed, HELLO("b.net", "hooks='fanout'"));
	assert_string_equal(calls(bed), "b.net up anew;");
	assert_string_equal(hook_offering(bed->runtime.hook,
					  HOOK_FANOUT)->domain, "b.net");
	assert_null(hook_find(bed->runtime.hook, "a.net"));
	hookbed_free(&bed);
}

static void
has_nothing_to_do_with_shims(void **state)
{
	struct hookbed *bed = hookbed_new(NULL, NULL);

	(void)state;
	assert_non_null(strstr(hookbed_receive(bed, HELLO("example", "")),
			       "<service-unavailable "));
	assert_string_equal(missing(bed), "");
	hookbed_free(&bed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keeps_what_hello_says),
		TEST(takes_the_smaller_limit),
		TEST(tells_a_new_epoch),
		TEST(ignores_strangers),
		TEST(ignores_strangers_after_hello),
		TEST(hands_events_on),
		TEST(takes_what_routers_take),
		TEST(answers_errors),
		TEST(answers_errors_to_the_user),
		TEST(refuses_what_is_not_wanted),
		TEST(refuses_what_it_does_not_understand),
		TEST(wants_taps_that_are_refused),
		TEST(wants_checks_that_are_refused_or_unclear),
		TEST(says_now_and_then_what_is_not_understood),
		TEST(says_now_and_then_that_taps_are_refused),
		cmocka_unit_test(wants_no_refused_taps_without_others),
		TEST(does_without_a_later_namespace),
		TEST(goes_on_without_a_later_shim),
		TEST(does_with_a_newer_version),
		TEST(says_what_is_missing),
		TEST(listens_to_the_hosts_named),
		TEST(has_nothing_to_do_with_shims),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hook", tests, NULL, NULL);
}
