#include "shared/dispatch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/component.h"
#include "shared/entity.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/router.h"
#include "shared/str.h"
#include "shared/xml.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Stands in for the router's link: keeps what was sent. */
static struct str sent;
static size_t limit;	/* bytes of a stanza */

int
router_send(struct router *router, const struct xml *el, struct error *err)
{
	size_t before = sent.len;

	assert_non_null(router);
	xml_print(&sent, el, NS_COMPONENT);
	if (sent.len - before <= limit)
		return 0;
	sent.len = before;
	return error_set(err, ERROR_POLICY_VIOLATION, "too large");
}

/* The names of the handlers that were called, and what is to come of it. */
static struct str called;
static struct request *parked;
static int admit_result;
static int answer;

static int
note(struct request *req, const char *name, struct error *err)
{
	str_addf(&called, "%s%s", called.len > 0 ? " " : "", name);
	if (req->payload != NULL)
		str_addf(&called, "(%s)", req->payload->name);
	if (answer == REQUEST_PARKED) {
		parked = req;
		answer = 0;
		return REQUEST_PARKED;
	}
	if (answer < 0)
		error_set(err, ERROR_FORBIDDEN, "no");
	return answer;
}

#define HANDLER(name) \
	static int \
	name(struct request *req, void *ctx, struct error *err) \
	{ \
		assert_string_equal(ctx, "context"); \
		return note(req, #name, err); \
	}

HANDLER(on_subject)
HANDLER(on_groupchat)
HANDLER(on_message)
HANDLER(on_message_error)
HANDLER(on_presence)
HANDLER(on_presence_error)
HANDLER(on_subscription)
HANDLER(on_get)
HANDLER(on_set_host)
HANDLER(on_any_set)
HANDLER(on_result)

static int
on_decline(struct request *req, void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	note(req, "decline", err);
	return HANDLER_DECLINE;
}

static int
on_admit(struct request *req, void *ctx, struct error *err)
{
	assert_string_equal(ctx, "context");
	if (admit_result == REQUEST_PARKED)
		parked = req;
	if (admit_result < 0)
		error_set(err, ERROR_POLICY_VIOLATION, "slow down");
	return admit_result;
}

/* Finishes or resumes before it returns. */
static int
on_hasty(struct request *req, void *ctx, struct error *err)
{
	static bool again;
	struct error why = { 0 };

	(void)ctx;
	note(req, "hasty", err);
	if (req->payload != NULL) {
		error_set(&why, ERROR_CONFLICT, "%s", "");
		request_finish(req, &why);
		return REQUEST_PARKED;
	}
	again = !again;
	if (!again)
		return HANDLER_DECLINE;
	request_resume(req);
	return REQUEST_PARKED;
}

static const struct handler handlers[] = {
	{ MESSAGE_GROUPCHAT, TO_BARE, NS_CLIENT, "subject", on_subject },
	{ MESSAGE_GROUPCHAT, TO_BARE, NULL, NULL, on_groupchat },
	{ MESSAGE, TO_FULL, NULL, NULL, on_message },
	{ MESSAGE, TO_BARE, "urn:h", NULL, on_hasty },
	{ MESSAGE, TO_BARE, NULL, NULL, on_hasty },
	{ MESSAGE, TO_BARE, NULL, NULL, on_message },
	{ MESSAGE_ERROR, TO_FULL, NULL, NULL, on_message_error },
	{ PRESENCE, TO_FULL, "urn:d", "x", on_decline },
	{ PRESENCE, TO_FULL, NULL, NULL, on_presence },
	{ PRESENCE_ERROR, TO_ANY, NULL, NULL, on_presence_error },
	{ PRESENCE_SUBSCRIPTION, TO_HOST, NULL, NULL, on_subscription },
	{ IQ_GET, TO_FULL, "urn:g", "q", on_get },
	{ IQ_GET, TO_HOST, NS_VERSION, "query", on_decline },
	{ IQ_SET, TO_HOST, NULL, NULL, on_set_host },
	{ IQ_SET, TO_ANY, "urn:s", NULL, on_any_set },
	{ IQ_ANSWER, TO_ANY, NULL, NULL, on_result },
	{ 0 }
};

static const char *const nobody[] = { NULL };
static const struct component_settings settings = {
	.title = "Tests & more", .admins = nobody,
};

static const struct component component = {
	.name = "test", .category = "conference",
	.type = "text", .handlers = handlers, .admit = on_admit,
};

struct fixture {
	struct runtime runtime;
	struct entity entity;
	struct dispatch *dispatch;
};

static struct fixture fixture;

static int
setup(void **state)
{
	(void)state;
	fixture.runtime.router = (struct router *)&fixture;
	fixture.runtime.metrics = metrics_new();
	fixture.runtime.domain = "h.example";
	entity_init(&fixture.entity, &component, &settings);
	fixture.dispatch = dispatch_new(&fixture.runtime, &component,
					entity_on_get, &fixture.entity);
	dispatch_open(fixture.dispatch, (void *)"context");
	str_clear(&called);
	str_clear(&sent);
	admit_result = answer = 0;
	limit = SIZE_MAX;
	parked = NULL;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	dispatch_free(&fixture.dispatch);
	assert_null(fixture.dispatch);
	metrics_free(&fixture.runtime.metrics);
	str_fini(&called);
	str_fini(&sent);
	return 0;
}

static void
receive(const char *text)
{
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct xml *el;

	str_clear(&sent);
	str_clear(&called);
	assert_int_equal(parser_document(arena, text, strlen(text),
					 &parser_limits_default, &el, &err),
			 0);
	dispatch_stanza(fixture.dispatch, arena, el);
}

#define FROM_TO(from, to) \
	" xmlns='jabber:component:accept' from='" from "' to='" to "'"
#define ROOM FROM_TO("u@e/r", "room@h.example")
#define NICK FROM_TO("u@e/r", "room@h.example/nick")
#define HOST FROM_TO("u@e/r", "h.example")

static const struct {
	const char *stanza;
	const char *called;
} matches[] = {
	{ "<message type='groupchat'" ROOM "><body/></message>",
	  "on_groupchat" },
	{ "<message type='groupchat'" ROOM "><body/><subject/></message>",
	  "on_subject(subject)" },
	{ "<message type='groupchat'" ROOM "><subject xmlns='x'/></message>",
	  "on_groupchat" },
	{ "<message type='groupchat'" NICK "><body/></message>", "" },
	{ "<message" NICK "><body/></message>", "on_message" },
	{ "<message type='normal'" NICK "/>", "on_message" },
	{ "<message type='chat'" NICK "/>", "on_message" },
	{ "<message type='headline'" NICK "/>", "on_message" },
	{ "<message type='unheard-of'" NICK "/>", "on_message" },
	{ "<message type='error'" NICK "/>", "on_message_error" },
	{ "<message type='error'" ROOM "/>", "" },
	{ "<presence" NICK "/>", "on_presence" },
	{ "<presence type='unavailable'" NICK "/>", "on_presence" },
	{ "<presence" NICK "><x xmlns='urn:d'/></presence>",
	  "decline(x) on_presence" },
	{ "<presence type='error'" NICK "/>", "on_presence_error" },
	{ "<presence type='error'" HOST "/>", "on_presence_error" },
	{ "<presence type='subscribe'" HOST "/>", "on_subscription" },
	{ "<presence type='probe'" HOST "/>", "on_subscription" },
	{ "<presence type='probe'" NICK "/>", "" },
	{ "<presence" ROOM "/>", "" },
	{ "<iq type='get' id='1'" NICK "><q xmlns='urn:g'/></iq>",
	  "on_get(q)" },
	{ "<iq type='get' id='1'" NICK "><r xmlns='urn:g'/></iq>", "" },
	{ "<iq type='get' id='1'" HOST "><q xmlns='urn:g'/></iq>", "" },
	{ "<iq type='set' id='1'" HOST "><q xmlns='urn:g'/></iq>",
	  "on_set_host(q)" },
	{ "<iq type='set' id='1'" NICK "><z xmlns='urn:s'/></iq>",
	  "on_any_set(z)" },
	{ "<iq type='set' id='1'" FROM_TO("u@e/r", "h.example/res")
	  "><z xmlns='urn:s'/></iq>", "on_any_set(z)" },
	{ "<iq type='set' id='1'" FROM_TO("u@e/r", "h.example/res")
	  "><z xmlns='urn:t'/></iq>", "" },
	{ "<iq type='result' id='1'" NICK "/>", "on_result" },
	{ "<iq type='error' id='1'" NICK "/>", "on_result" },
};

static void
finds_the_handler(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(matches); i++) {
		receive(matches[i].stanza);
		assert_string_equal(called.data, matches[i].called);
	}
}

#define UNAVAILABLE(by) \
	"<error type='cancel'" by "><service-unavailable xmlns=" \
	"'urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"

static const struct {
	const char *stanza;
	const char *sent;	/* what it must contain; "" nothing is sent */
} unwanted[] = {
	{ "<message type='groupchat'" NICK "><body/></message>",
	  UNAVAILABLE(" by='room@h.example'") "</message>" },
	{ "<message" HOST "><body/></message>",
	  UNAVAILABLE(" by='h.example'") "</message>" },
	{ "<message type='headline'" HOST "><body/></message>", "" },
	{ "<message type='error'" HOST "><body/></message>", "" },
	{ "<presence" ROOM "/>", "" },
	{ "<presence type='unavailable'" HOST "/>", "" },
	{ "<presence type='subscribe'" ROOM "/>", "" },
	{ "<iq type='get' id='7'" ROOM "><q xmlns='a'/></iq>",
	  "<iq xmlns='jabber:client' from='room@h.example' to='u@e/r' "
	  "type='error' id='7'><q xmlns='a'/>" UNAVAILABLE("") "</iq>" },
	{ "<iq type='set' id='7'" ROOM "><q xmlns='a'/></iq>",
	  UNAVAILABLE("") "</iq>" },
	{ "<iq type='get' id='7'" HOST "><q xmlns='a'/></iq>",
	  UNAVAILABLE("") "</iq>" },
	/* Only the host answers for itself. */
	{ "<iq type='get' id='7'" ROOM "><ping xmlns='urn:xmpp:ping'/></iq>",
	  UNAVAILABLE("") "</iq>" },
};

static void
refuses_what_nobody_wants(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(unwanted); i++) {
		receive(unwanted[i].stanza);
		if (unwanted[i].sent[0] == '\0') {
			assert_int_equal(sent.len, 0);
			continue;
		}
		assert_true(sent.len > 0);
		if (strstr(sent.data, unwanted[i].sent) == NULL)
			assert_string_equal(sent.data, unwanted[i].sent);
	}
}

static const struct {
	const char *stanza;
	const char *to, *from, *condition;	/* to NULL: no answer */
} invalid[] = {
	{ "<iq type='get' id='1'" FROM_TO("u@e/r", "room@h.example") "/>",
	  "u@e/r", "room@h.example", "bad-request" },
	{ "<iq type='get' id='1'" ROOM "><a/><b/></iq>",
	  "u@e/r", "room@h.example", "bad-request" },
	{ "<iq type='take' id='1'" ROOM "><a/></iq>",
	  "u@e/r", "room@h.example", "bad-request" },
	{ "<iq type='get'" ROOM "><a/></iq>",
	  "u@e/r", "room@h.example", "bad-request" },
	{ "<presence type='enter'" ROOM "/>",
	  "u@e/r", "room@h.example", "bad-request" },
	{ "<message" FROM_TO("u@e/r", "a b@h.example") "/>",
	  "u@e/r", "h.example", "jid-malformed" },
	{ "<message type='error'" FROM_TO("u@e/r", "a b@h.example") "/>",
	  NULL, NULL, NULL },
	{ "<iq type='result' id='1'" FROM_TO("u@e/r", "a b@h.example") "/>",
	  NULL, NULL, NULL },
	{ "<message" FROM_TO("a b@e", "h.example") "/>", NULL, NULL, NULL },
	{ "<message xmlns='jabber:component:accept' to='h.example'/>",
	  NULL, NULL, NULL },
	{ "<message xmlns='jabber:component:accept' from='u@e'/>",
	  NULL, NULL, NULL },
	{ "<message xmlns='urn:x' from='u@e' to='h.example'/>",
	  NULL, NULL, NULL },
	{ "<other" HOST "/>", NULL, NULL, NULL },
};

static void
answers_what_is_no_stanza(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(invalid); i++) {
		struct str head = { 0 };

		receive(invalid[i].stanza);
		assert_string_equal(called.data ? called.data : "", "");
		if (invalid[i].to == NULL) {
			assert_int_equal(sent.len, 0);
			continue;
		}
		assert_true(sent.len > 0);
		str_addf(&head, " from='%s' to='%s' type='error'",
			 invalid[i].from, invalid[i].to);
		assert_non_null(strstr(sent.data, head.data));
		str_clear(&head);
		str_addf(&head, "<%s xmlns=", invalid[i].condition);
		assert_non_null(strstr(sent.data, head.data));
		str_fini(&head);
	}
}

static void
a_failure_becomes_an_error(void **state)
{
	(void)state;
	answer = -1;
	receive("<message id='m'" NICK "><body>hi</body></message>");
	assert_string_equal(sent.data,
		"<message xmlns='jabber:client' from='room@h.example/nick' "
		"to='u@e/r' type='error' id='m'><body>hi</body>"
		"<error type='auth' by='room@h.example'><forbidden xmlns="
		"'urn:ietf:params:xml:ns:xmpp-stanzas'/>"
		"<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' "
		"xml:lang='en'>no</text></error></message>");
	receive("<message type='error'" NICK "/>");
	assert_string_equal(called.data, "on_message_error");
	assert_int_equal(sent.len, 0);
}

static void
admit_comes_first(void **state)
{
	(void)state;
	admit_result = -1;
	receive("<message" NICK "/>");
	assert_int_equal(called.len, 0);
	assert_non_null(strstr(sent.data, "<policy-violation "));

	admit_result = HANDLER_DECLINE;
	receive("<message" NICK "/>");
	assert_string_equal(called.data, "on_message");

	admit_result = REQUEST_PARKED;
	receive("<message" NICK "/>");
	assert_int_equal(called.len, 0);
	assert_non_null(parked);
	request_resume(parked);
	assert_string_equal(called.data, "on_message");
}

static void
assert_metric(const char *line)
{
	struct str text = { 0 };

	metrics_print(fixture.runtime.metrics, &text);
	assert_non_null(strstr(text.data, line));
	str_fini(&text);
}

/* Takes messages, and says no to all IQs of type set. */
static int
on_first(struct request *req, void *ctx, struct error *err)
{
	assert_ptr_equal(ctx, &fixture);
	note(req, "first", err);
	if (req->stanza.kind == STANZA_MESSAGE)
		return 0;
	return strcmp(req->stanza.type, "set") == 0 ?
	       error_set(err, ERROR_FORBIDDEN, "no") : HANDLER_DECLINE;
}

static void
one_sees_all_before_the_component(void **state)
{
	(void)state;
	dispatch_put_first(fixture.dispatch, on_first, &fixture);
	admit_result = -1;
	receive("<message" HOST "/>");
	assert_int_equal(sent.len, 0);
	assert_string_equal(called.data, "first");
	receive("<iq type='set' id='1'" HOST "><q xmlns='urn:q'/></iq>");
	assert_non_null(strstr(sent.data, "<forbidden "));
	assert_string_equal(called.data, "first(q)");
	receive("<iq type='get' id='1'" HOST "><q xmlns='urn:q'/></iq>");
	assert_non_null(strstr(sent.data, "<policy-violation "));
	receive("<message" ROOM "/>");
	assert_int_equal(sent.len, 0);
	assert_string_equal(called.data, "first");
}

static void
parked_requests_go_on(void **state)
{
	struct error err = { 0 };

	(void)state;
	answer = REQUEST_PARKED;
	receive("<iq type='get' id='1'" NICK "><q xmlns='urn:g'/></iq>");
	assert_metric("annex_test_requests_parked 1\n");
	assert_int_equal(sent.len, 0);
	answer = -1;
	request_resume(parked);
	assert_string_equal(called.data, "on_get(q) on_get(q)");
	assert_non_null(strstr(sent.data, "<forbidden "));
	assert_metric("annex_test_requests_parked 0\n");

	answer = REQUEST_PARKED;
	receive("<iq type='get' id='2'" NICK "><q xmlns='urn:g'/></iq>");
	error_set(&err, ERROR_GONE, "moved");
	request_finish(parked, &err);
	assert_string_equal(called.data, "on_get(q)");
	assert_non_null(strstr(sent.data, "<gone "));

	answer = REQUEST_PARKED;
	receive("<iq type='get' id='3'" NICK "><q xmlns='urn:g'/></iq>");
	request_finish(parked, NULL);
	assert_int_equal(sent.len, 0);
	assert_metric("annex_test_requests_parked 0\n");
}

static void
hasty_handlers_are_no_harm(void **state)
{
	(void)state;
	receive("<message" ROOM "/>");
	assert_string_equal(called.data, "hasty hasty on_message");
	assert_int_equal(sent.len, 0);

	receive("<message" ROOM "><x xmlns='urn:h'/></message>");
	assert_string_equal(called.data, "hasty(x)");
	assert_non_null(strstr(sent.data, "<conflict "));
	assert_ptr_equal(strstr(sent.data, "<message"), sent.data);
	assert_null(strstr(sent.data + 1, "<message"));
}

/* Those still parked at the end are freed by teardown; a leak would show. */
static void
closing_ends_it(void **state)
{
	(void)state;
	answer = REQUEST_PARKED;
	receive("<message" NICK "/>");
	answer = REQUEST_PARKED;
	receive("<message" NICK "/>");
	dispatch_close(fixture.dispatch);
	receive("<message" NICK "/>");
	assert_int_equal(called.len, 0);
	request_resume(parked);
	assert_int_equal(called.len, 0);
}

static void
everything_is_counted(void **state)
{
	(void)state;
	receive("<message" HOST "/>");
	receive("<presence" NICK "/>");
	receive("<iq type='set' id='1'" ROOM "><x xmlns='a'/></iq>");
	receive("<iq type='set'" ROOM "/>");
	assert_metric("annex_test_stanzas_received_total{kind=\"message\"} "
		      "1\n");
	assert_metric("annex_test_stanzas_received_total{kind=\"presence\"} "
		      "1\n");
	assert_metric("annex_test_stanzas_received_total{kind=\"iq\"} 1\n");
	assert_metric("annex_test_stanzas_invalid_total 1\n");
	assert_metric("annex_test_errors_sent_total{condition="
		      "\"service-unavailable\"} 2\n");
	assert_metric("annex_test_errors_sent_total{condition="
		      "\"bad-request\"} 1\n");
}

/* RFC 6120 section 8.3.1: what was sent may come back with the error. */
static void
errors_shrink_to_what_the_router_takes(void **state)
{
	(void)state;
#define ANSWER \
	"<message xmlns='jabber:client' from='h.example' to='u@e/r' " \
	"type='error'>"
#define WHY \
	"<error type='cancel' by='h.example'><service-unavailable " \
	"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
	limit = strlen(ANSWER "<body>0123456789</body>" WHY);
	receive("<message" HOST "><body>0123456789</body></message>");
	assert_string_equal(sent.data,
			    ANSWER "<body>0123456789</body>" WHY);
	str_clear(&sent);
	receive("<message" HOST "><body>0123456789+</body></message>");
	assert_string_equal(sent.data, ANSWER WHY);
}

static void
sending_may_fail(void **state)
{
	(void)state;
	limit = 0;
	receive("<message" HOST "/>");
	fixture.runtime.router = NULL;
	receive("<message" HOST "/>");
	assert_int_equal(sent.len, 0);
}

#define GET(payload) \
	"<iq type='get' id='1'" HOST ">" payload "</iq>"
#define RESULT \
	"<iq xmlns='jabber:client' from='h.example' to='u@e/r' " \
	"type='result' id='1'"

/* What they are is entity.c's. */
static void
host_gives_the_answers_it_owes(void **state)
{
	(void)state;
	receive(GET("<ping xmlns='urn:xmpp:ping'/>"));
	assert_string_equal(sent.data, RESULT "/>");
	receive(GET("<query xmlns='http://jabber.org/protocol/disco#items'/>"
		    ));
	assert_string_equal(sent.data, RESULT
		"><query xmlns='http://jabber.org/protocol/disco#items'/>"
		"</iq>");
	receive(GET("<query xmlns='http://jabber.org/protocol/disco#info' "
		    "node='n'/>"));
	assert_non_null(strstr(sent.data, "<item-not-found "));

	/* The component's handlers come first. */
	receive(GET("<query xmlns='jabber:iq:version'/>"));
	assert_string_equal(called.data, "decline(query)");
	assert_non_null(strstr(sent.data, "<name>annex-test</name><version>"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(finds_the_handler),
		TEST(refuses_what_nobody_wants),
		TEST(answers_what_is_no_stanza),
		TEST(a_failure_becomes_an_error),
		TEST(admit_comes_first),
		TEST(one_sees_all_before_the_component),
		TEST(parked_requests_go_on),
		TEST(hasty_handlers_are_no_harm),
		TEST(closing_ends_it),
		TEST(everything_is_counted),
		TEST(errors_shrink_to_what_the_router_takes),
		TEST(sending_may_fail),
		TEST(host_gives_the_answers_it_owes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
