#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static struct xml *
document(struct arena *arena, const char *text)
{
	struct xml *el = NULL;
	struct error err;

	assert_int_equal(parser_document(arena, text, strlen(text),
					 &parser_limits_default, &el, &err),
			 0);
	return el;
}

/* As it stands within a client's stream. */
static void
assert_prints(const struct xml *el, const char *expected)
{
	struct str out = { 0 };

	assert_non_null(el);
	xml_print(&out, el, NS_CLIENT);
	assert_string_equal(out.data, expected);
	str_fini(&out);
}

/* The stanza that text is, in the component's namespace. */
static struct stanza
parse(struct arena *arena, const char *text)
{
	struct stanza stanza;
	struct error err;

	assert_int_equal(stanza_parse(arena, document(arena, text), &stanza,
				      &err), 0);
	return stanza;
}

#define COMPONENT " xmlns='jabber:component:accept' "

static const struct {
	const char *text;
	enum stanza_kind kind;
	const char *type;	/* NULL: refused with cond */
	enum error_cond cond;
} cases[] = {
	{ "<message" COMPONENT "/>", STANZA_MESSAGE, "", ERROR_NONE },
	{ "<message" COMPONENT "type='chat'/>", STANZA_MESSAGE, "chat",
	  ERROR_NONE },
	{ "<message" COMPONENT "type='error'/>", STANZA_MESSAGE, "error",
	  ERROR_NONE },
	{ "<message" COMPONENT "type='groupchat'/>", STANZA_MESSAGE,
	  "groupchat", ERROR_NONE },
	{ "<message" COMPONENT "type='headline'/>", STANZA_MESSAGE,
	  "headline", ERROR_NONE },
	{ "<message" COMPONENT "type='normal'/>", STANZA_MESSAGE, "normal",
	  ERROR_NONE },
	{ "<message" COMPONENT "type='Chat'/>", STANZA_MESSAGE, "",
	  ERROR_NONE },
	{ "<message" COMPONENT "type=''/>", STANZA_MESSAGE, "", ERROR_NONE },
	{ "<message xmlns='jabber:client'/>", STANZA_MESSAGE, "",
	  ERROR_NONE },
	{ "<presence" COMPONENT "/>", STANZA_PRESENCE, "", ERROR_NONE },
	{ "<presence" COMPONENT "type='error'/>", STANZA_PRESENCE, "error",
	  ERROR_NONE },
	{ "<presence" COMPONENT "type='probe'/>", STANZA_PRESENCE, "probe",
	  ERROR_NONE },
	{ "<presence" COMPONENT "type='subscribe'/>", STANZA_PRESENCE,
	  "subscribe", ERROR_NONE },
	{ "<presence" COMPONENT "type='subscribed'/>", STANZA_PRESENCE,
	  "subscribed", ERROR_NONE },
	{ "<presence" COMPONENT "type='unavailable'/>", STANZA_PRESENCE,
	  "unavailable", ERROR_NONE },
	{ "<presence" COMPONENT "type='unsubscribe'/>", STANZA_PRESENCE,
	  "unsubscribe", ERROR_NONE },
	{ "<presence" COMPONENT "type='unsubscribed'/>", STANZA_PRESENCE,
	  "unsubscribed", ERROR_NONE },
	{ "<presence" COMPONENT "type='available'/>", STANZA_PRESENCE, NULL,
	  ERROR_BAD_REQUEST },
	{ "<presence" COMPONENT "type=''/>", STANZA_PRESENCE, NULL,
	  ERROR_BAD_REQUEST },
	{ "<iq" COMPONENT "type='get' id='1'><q xmlns='x'/></iq>", STANZA_IQ,
	  "get", ERROR_NONE },
	{ "<iq" COMPONENT "type='set' id='1'> <q xmlns='x'/> </iq>",
	  STANZA_IQ, "set", ERROR_NONE },
	{ "<iq" COMPONENT "type='result' id='1'/>", STANZA_IQ, "result",
	  ERROR_NONE },
	{ "<iq" COMPONENT "type='result' id='1'><q xmlns='x'/></iq>",
	  STANZA_IQ, "result", ERROR_NONE },
	{ "<iq" COMPONENT "type='error' id='1'/>", STANZA_IQ, "error",
	  ERROR_NONE },
	{ "<iq" COMPONENT "type='error' id='1'><q xmlns='x'/><error/></iq>",
	  STANZA_IQ, "error", ERROR_NONE },
	{ "<iq" COMPONENT "type='get'><q xmlns='x'/></iq>", STANZA_IQ, NULL,
	  ERROR_BAD_REQUEST },
	{ "<iq" COMPONENT "type='get' id='1'/>", STANZA_IQ, NULL,
	  ERROR_BAD_REQUEST },
	{ "<iq" COMPONENT "type='set' id='1'>text</iq>", STANZA_IQ, NULL,
	  ERROR_BAD_REQUEST },
	{ "<iq" COMPONENT "type='get' id='1'><a xmlns='x'/><b xmlns='x'/>"
	  "</iq>", STANZA_IQ, NULL, ERROR_BAD_REQUEST },
	{ "<iq" COMPONENT "type='result' id='1'><a xmlns='x'/><b xmlns='x'/>"
	  "</iq>", STANZA_IQ, NULL, ERROR_BAD_REQUEST },
	{ "<iq" COMPONENT "id='1'><q xmlns='x'/></iq>", STANZA_IQ, NULL,
	  ERROR_BAD_REQUEST },
	{ "<iq" COMPONENT "type='' id='1'><q xmlns='x'/></iq>", STANZA_IQ,
	  NULL, ERROR_BAD_REQUEST },
	{ "<iq" COMPONENT "type='GET' id='1'><q xmlns='x'/></iq>", STANZA_IQ,
	  NULL, ERROR_BAD_REQUEST },
	{ "<handshake" COMPONENT "/>", STANZA_MESSAGE, NULL,
	  ERROR_BAD_REQUEST },
	{ "<message xmlns='jabber:server'/>", STANZA_MESSAGE, NULL,
	  ERROR_BAD_REQUEST },
	{ "<message" COMPONENT "from=''/>", STANZA_MESSAGE, NULL,
	  ERROR_JID_MALFORMED },
	{ "<message" COMPONENT "to=''/>", STANZA_MESSAGE, NULL,
	  ERROR_JID_MALFORMED },
	{ "<message" COMPONENT "from='a@'/>", STANZA_MESSAGE, NULL,
	  ERROR_JID_MALFORMED },
	{ "<message" COMPONENT "to='a b@c'/>", STANZA_MESSAGE, NULL,
	  ERROR_JID_MALFORMED },
};

static void
understands_or_refuses(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct xml *el = document(*state, cases[i].text);
		struct stanza stanza;
		struct error err = { 0 };
		int ret = stanza_parse(*state, el, &stanza, &err);

		if (ret != (cases[i].type == NULL ? -1 : 0))
			print_message("case: %s\n", cases[i].text);
		if (cases[i].type == NULL) {
			assert_int_equal(ret, -1);
			assert_int_equal(err.cond, cases[i].cond);
			continue;
		}
		assert_int_equal(ret, 0);
		assert_ptr_equal(stanza.el, el);
		assert_int_equal(stanza.kind, cases[i].kind);
		assert_string_equal(stanza.type, cases[i].type);
	}
}

static void
reads_the_attributes(void **state)
{
	struct stanza stanza = parse(*state, "<message" COMPONENT
		"from='A@B/c' to='Muc.example' id='x1' type='weird'/>");

	assert_string_equal(stanza.from->full, "a@b/c");
	assert_string_equal(stanza.to->full, "muc.example");
	assert_string_equal(stanza.id, "x1");
	assert_string_equal(stanza.type, "");
	assert_string_equal(xml_attr(stanza.el, "type"), "weird");
	stanza = parse(*state, "<presence" COMPONENT "/>");
	assert_null(stanza.from);
	assert_null(stanza.to);
	assert_null(stanza.id);
}

static void
moves_into_the_clients_namespace(void **state)
{
	struct stanza stanza = parse(*state, "<message" COMPONENT ">"
		"<body>hi</body>"
		"<thread><deep/>text</thread>"
		"<x xmlns='other'><y/>"
		"<body xmlns='jabber:component:accept'/>"
		"<message xmlns='jabber:client'><body/></message></x>"
		"</message>");

	/* Nothing says xmlns but what was in another namespace. */
	assert_prints(stanza.el, "<message>"
		"<body>hi</body>"
		"<thread><deep/>text</thread>"
		"<x xmlns='other'><y/>"
		"<body xmlns='jabber:component:accept'/>"
		"<message xmlns='jabber:client'><body/></message></x>"
		"</message>");
	assert_non_null(xml_child(stanza.el, NS_CLIENT, "body"));
}

static void
builds_with_what_is_there(void **state)
{
	assert_prints(stanza_new(*state, "presence", "a@b", "c@d/e",
				 "unavailable"),
		      "<presence from='a@b' to='c@d/e' type='unavailable'/>");
	assert_prints(stanza_new(*state, "message", NULL, NULL, NULL),
		      "<message/>");
	assert_prints(stanza_new(*state, "message", "", "a@b", ""),
		      "<message to='a@b'/>");
}

static void
answers_with_a_result(void **state)
{
	struct stanza iq = parse(*state, "<iq" COMPONENT "type='get' id='7' "
		"from='a@b/c' to='muc.example'><q xmlns='x'/></iq>");

	assert_prints(stanza_result(*state, &iq),
		      "<iq from='muc.example' to='a@b/c' type='result' "
		      "id='7'/>");
	iq = parse(*state, "<iq" COMPONENT "type='get' id='7'>"
		   "<q xmlns='x'/></iq>");
	assert_prints(stanza_result(*state, &iq), "<iq type='result' id='7'/>");
}

#define STANZAS_NS "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"

static void
answers_with_an_error(void **state)
{
	struct stanza message = parse(*state, "<message" COMPONENT
		"type='groupchat' id='7' from='a@b/c' to='r@muc'>"
		"<body>hi</body> <x xmlns='other'><y/></x></message>");
	struct stanza iq = parse(*state, "<iq" COMPONENT "type='set' id='8' "
		"from='a@b/c' to='muc'><q xmlns='x'/></iq>");
	struct error err;

	error_set(&err, ERROR_FORBIDDEN, "only <members> speak");
	assert_prints(stanza_error(*state, &message, &err, "r@muc"),
		"<message from='r@muc' to='a@b/c' type='error' id='7'>"
		"<body>hi</body><x xmlns='other'><y/></x>"
		"<error type='auth' by='r@muc'>"
		"<forbidden " STANZAS_NS "/>"
		"<text " STANZAS_NS " xml:lang='en'>"
		"only &lt;members&gt; speak</text></error></message>");
	error_set_type(&err, ERROR_CONFLICT, ERROR_TYPE_WAIT, "%s", "");
	assert_prints(stanza_error(*state, &iq, &err, "muc"),
		"<iq from='muc' to='a@b/c' type='error' id='8'>"
		"<q xmlns='x'/>"
		"<error type='wait'><conflict " STANZAS_NS "/></error></iq>");
	error_add_detail(&err, "urn:x", "odd");
	assert_prints(stanza_error(*state, &iq, &err, "muc"),
		"<iq from='muc' to='a@b/c' type='error' id='8'>"
		"<q xmlns='x'/>"
		"<error type='wait'><conflict " STANZAS_NS "/>"
		"<odd xmlns='urn:x'/></error></iq>");
}

/* What the sender called an error would be read for ours. */
static void
returns_no_error_of_the_sender(void **state)
{
	struct stanza stanza = parse(*state, "<presence" COMPONENT
		"from='a@b/c'><error type='cancel'/><show>xa</show>"
		"</presence>");
	struct error err;

	error_set(&err, ERROR_GONE, "%s", "");
	assert_prints(stanza_error(*state, &stanza, &err, NULL),
		"<presence to='a@b/c' type='error'><show>xa</show>"
		"<error type='cancel'><gone " STANZAS_NS "/></error>"
		"</presence>");
}

static void
leaves_the_original_alone(void **state)
{
	struct stanza stanza = parse(*state, "<message" COMPONENT
		"from='a@b'><body>hi</body></message>");
	struct error err;

	error_set(&err, ERROR_NOT_ALLOWED, "first");
	stanza_error(*state, &stanza, &err, NULL);
	error_set(&err, ERROR_NOT_ALLOWED, "second");
	assert_prints(stanza.el, "<message from='a@b'><body>hi</body>"
		      "</message>");
}

static void
never_answers_an_answer(void **state)
{
	static const char *const texts[] = {
		"<message" COMPONENT "from='a@b' type='error'/>",
		"<presence" COMPONENT "from='a@b' type='error'/>",
		"<iq" COMPONENT "from='a@b' type='error' id='1'/>",
		"<iq" COMPONENT "from='a@b' type='result' id='1'/>",
		"<message" COMPONENT "/>",
	};
	struct error err;

	error_set(&err, ERROR_FORBIDDEN, "no");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct stanza stanza = parse(*state, texts[i]);

		assert_null(stanza_error(*state, &stanza, &err, NULL));
	}
}

/* A stanza that was refused is answered as well as it can be. */
static void
answers_what_was_refused(void **state)
{
	struct stanza stanza;
	struct error err;

	assert_int_equal(stanza_parse(*state, document(*state, "<iq" COMPONENT
		"type='get' id='1' from='a@b' to='muc'/>"), &stanza, &err),
		-1);
	assert_prints(stanza_error(*state, &stanza, &err, NULL),
		"<iq from='muc' to='a@b' type='error' id='1'>"
		"<error type='modify'><bad-request " STANZAS_NS "/>"
		"<text " STANZAS_NS " xml:lang='en'>an IQ without payload"
		"</text></error></iq>");
	assert_int_equal(stanza_parse(*state, document(*state, "<message"
		COMPONENT "from='a@b' to='@' type='error'/>"), &stanza,
		&err), -1);
	assert_null(stanza_error(*state, &stanza, &err, NULL));
	assert_int_equal(stanza_parse(*state, document(*state, "<message"
		COMPONENT "from='@' to='muc'/>"), &stanza, &err), -1);
	assert_null(stanza_error(*state, &stanza, &err, NULL));
	assert_int_equal(stanza_parse(*state, document(*state, "<bogus"
		COMPONENT "from='a@b' to='muc'/>"), &stanza, &err), -1);
	assert_null(stanza_error(*state, &stanza, &err, NULL));
}

#define ERROR_BEGIN "<message xmlns='jabber:client' type='error'>"
#define ERROR_END "</message>"

static const struct {
	const char *text;
	enum error_cond cond;
	enum error_type type;
	const char *said;
} errors[] = {
	{ ERROR_BEGIN "<body/><error type='auth'><forbidden " STANZAS_NS "/>"
	  "<text " STANZAS_NS ">no</text></error>" ERROR_END,
	  ERROR_FORBIDDEN, ERROR_TYPE_AUTH, "no" },
	{ ERROR_BEGIN "<error type='wait'><text " STANZAS_NS ">no</text>"
	  "<conflict " STANZAS_NS "/></error>" ERROR_END,
	  ERROR_CONFLICT, ERROR_TYPE_WAIT, "no" },
	{ ERROR_BEGIN "<error type='cancel'><app xmlns='app'/><gone "
	  STANZAS_NS ">xmpp:x</gone></error>" ERROR_END,
	  ERROR_GONE, ERROR_TYPE_CANCEL, "" },
	{ ERROR_BEGIN "<error type='modify'><jid-malformed " STANZAS_NS
	  "/></error>" ERROR_END, ERROR_JID_MALFORMED, ERROR_TYPE_MODIFY, "" },
	{ ERROR_BEGIN "<error type='continue'><remote-server-timeout "
	  STANZAS_NS "/></error>" ERROR_END,
	  ERROR_REMOTE_SERVER_TIMEOUT, ERROR_TYPE_CONTINUE, "" },
	{ ERROR_BEGIN "<error type='odd'><item-not-found " STANZAS_NS "/>"
	  "</error>" ERROR_END, ERROR_ITEM_NOT_FOUND, ERROR_TYPE_DEFAULT,
	  "" },
	{ ERROR_BEGIN "<error><payment-required " STANZAS_NS "/></error>"
	  ERROR_END, ERROR_UNDEFINED_CONDITION, ERROR_TYPE_DEFAULT, "" },
	{ ERROR_BEGIN "<error type='wait'><text " STANZAS_NS ">hm</text>"
	  "</error>" ERROR_END, ERROR_UNDEFINED_CONDITION, ERROR_TYPE_WAIT,
	  "hm" },
	{ ERROR_BEGIN "<error type='auth'><forbidden xmlns='x'/></error>"
	  ERROR_END, ERROR_UNDEFINED_CONDITION, ERROR_TYPE_AUTH, "" },
	{ ERROR_BEGIN ERROR_END, ERROR_UNDEFINED_CONDITION,
	  ERROR_TYPE_DEFAULT, "" },
};

static void
reads_errors(void **state)
{
	struct error err;

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		memset(&err, 0x55, sizeof(err));
		stanza_read_error(*state, document(*state, errors[i].text),
				  &err);
		assert_int_equal(err.cond, errors[i].cond);
		assert_int_equal(err.type, errors[i].type);
		assert_string_equal(err.text, errors[i].said);
	}
}

/* Whatever we say we read. */
static void
reads_its_own_errors(void **state)
{
	struct stanza stanza = parse(*state, "<message" COMPONENT
				     "from='a@b'/>");
	struct error err, read;

	for (int cond = ERROR_BAD_REQUEST; cond <= ERROR_UNEXPECTED_REQUEST;
	     cond++) {
		error_set(&err, (enum error_cond)cond, "because");
		stanza_read_error(*state, stanza_error(*state, &stanza, &err,
						       NULL), &read);
		assert_int_equal(read.cond, cond);
		assert_string_equal(error_type_name(&read),
				    error_type_name(&err));
		assert_string_equal(read.text, "because");
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(understands_or_refuses),
		BED_ARENA_TEST(reads_the_attributes),
		BED_ARENA_TEST(moves_into_the_clients_namespace),
		BED_ARENA_TEST(builds_with_what_is_there),
		BED_ARENA_TEST(answers_with_a_result),
		BED_ARENA_TEST(answers_with_an_error),
		BED_ARENA_TEST(returns_no_error_of_the_sender),
		BED_ARENA_TEST(leaves_the_original_alone),
		BED_ARENA_TEST(never_answers_an_answer),
		BED_ARENA_TEST(answers_what_was_refused),
		BED_ARENA_TEST(reads_errors),
		BED_ARENA_TEST(reads_its_own_errors),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("stanza", tests, NULL, NULL);
}
